#include "sim/scenario/network_spec.hpp"

#include "sim/scenario/scenario.hpp"

namespace alight {
namespace {

constexpr Range kRate{.min = 0, .above_min = true};
constexpr Range kLatency{.min = 0, .max = 1};
constexpr Range kAlong{.min = 1, .max = 1e6};

// What a torus and a full mesh say alike.
template <class Spec>
Describe<Spec> describe_grid(const std::string& name, const std::string& doc) {
  auto d = describe<Spec>(name, doc);
  d.list("servers", &Spec::servers, "Servers along each axis, [x, y] or [x, y, z] ...; or give `chips`.", "", kAlong)
      .list(
          "chips", &Spec::chips,
          "Chips along each axis, where links begin at the chip. The cables between the chips of two servers are taken "
          "together.",
          "", kAlong)
      .list("server", &Spec::server,
            "With `chips`: those of one server along each axis. Default: [2, 2, 1] of 4 chips, [2, 4, 1] of 8 in a "
            "torus; "
            "all along the first axis in a full mesh.",
            "", kAlong)
      .quantity("rate", &Spec::rate_gbps, "Gbps",
                "Of one link, each direction. Default: the scale-up rate of the chip over its links.", kRate)
      .list("rates", &Spec::rates_gbps, "The same for each axis, where they differ.", "Gbps", kRate)
      .list("media", &Spec::media,
            "What the links along each axis are made of (docs/media.md). Default: `medium` of the network.")
      .quantity("latency", &Spec::latency_s, "s",
                "Of one link and what it ends at. Default: what the `medium` that the network names adds; else 0.",
                kLatency)
      .integer("count", &Spec::count, "How many of these, over the pools one after the other.", kAlong);
  return d;
}

template <class Spec>
void check_grid(const Spec& spec, const std::string& path, Diagnostics& out) {
  if (spec.servers.empty() == spec.chips.empty())
    return out.error_at(path, spec.chips.empty() ? "needs `servers` or `chips` along each axis"
                                                 : "either `servers` or `chips`, not both");
  const std::size_t axes = spec.chips.empty() ? spec.servers.size() : spec.chips.size();
  const auto fits = [&](const char* key, std::size_t size) {
    if (size != 0 && size != axes)
      out.error_at(join_key(path, key), std::to_string(size) + " numbers for " + std::to_string(axes) + " axes");
  };
  fits("server", spec.server.size());
  fits("block", spec.block.size());
  fits("rates", spec.rates_gbps.size());
  fits("media", spec.media.size());
  if (!spec.server.empty() && spec.chips.empty())
    out.error_at(join_key(path, "server"), "belongs to `chips`; the axes count servers here");
  if (!spec.rates_gbps.empty() && spec.rate_gbps)
    out.error_at(join_key(path, "rates"), "either `rate` or `rates`, not both");
}

void check_network_kind(const SiteNetworkSpec& n, const std::string& path, Diagnostics& out) {
  const int kinds =
      (n.leaf ? 1 : 0) + (n.torus ? 1 : 0) + (n.full_mesh ? 1 : 0) + (n.dragonfly ? 1 : 0) + (n.supernode ? 1 : 0);
  if (n.spine && !n.leaf) out.error_at(join_key(path, "spine"), "needs a `leaf` tier below it");
  if (n.core && !n.spine) out.error_at(join_key(path, "core"), "needs a `spine` tier below it");
  if (kinds != 1)
    out.error_at(path,
                 kinds == 0 ? "needs a kind: leaf, torus, full_mesh, dragonfly or supernode"
                            : "has several kinds; expected one of leaf, torus, full_mesh, dragonfly, supernode",
                 kinds > 1 ? "a pool may be named in a scale-up and in a scale-out network" : "");
  if (!n.fabric.empty() && (n.torus || n.full_mesh || n.supernode))
    out.error_at(join_key(path, "fabric"), "is of a network that NICs are plugged in to");
  check_routing(n.routing, n.flows_per_nic, n.leaf.has_value(), path, out);
  if (n.place && (n.torus || n.full_mesh || n.supernode))
    out.error_at(join_key(path, "place"), "a scale-up network stands where the network of its pools' NICs does");
}

}  // namespace

std::vector<std::pair<std::string, FlowRouting>> routings() {
  std::vector<std::pair<std::string, FlowRouting>> names;
  for (const FlowRouting r : {FlowRouting::even, FlowRouting::ecmp, FlowRouting::rails, FlowRouting::adaptive})
    names.emplace_back(name_of(r), r);
  return names;
}

void check_routing(const std::optional<FlowRouting>& routing, const std::optional<std::int64_t>& flows_per_nic,
                   bool leaf, const std::string& path, Diagnostics& out) {
  if (routing && !leaf) out.error_at(join_key(path, "routing"), "is of tiers of switches; needs a `leaf` tier");
  if (flows_per_nic && routing != FlowRouting::ecmp)
    out.error_at(join_key(path, "flows_per_nic"),
                 "belongs to `routing: ecmp`; with other routing nothing depends on it");
}

RoutingRule routing_rule(const std::optional<FlowRouting>& routing, const std::optional<std::int64_t>& flows_per_nic) {
  RoutingRule rule{.kind = routing.value_or(FlowRouting::even)};
  if (flows_per_nic) rule.flows_per_nic = static_cast<double>(*flows_per_nic);
  return rule;
}

const Description& TorusSpec::description() {
  static const auto d =
      describe_grid<TorusSpec>("torus", "Servers, or chips, each cabled to the next along every axis.")
          .list(
              "block", &TorusSpec::block,
              "What counts as one leaf for placements, and what optical circuit switches join; in what the axes count. "
              "Default: the largest divisor up to 4 along each axis.",
              "", kAlong)
          .flag("wrap", &TorusSpec::wrap, "The ends of each axis of three or more meet. false: a grid.")
          .flag(
              "slices", &TorusSpec::slices,
              "Optical circuit switches join the faces of the blocks: a job on whole blocks, wherever they are, has a "
              "torus of its own.")
          .text("optical_switch", &TorusSpec::optical_switch,
                "With `slices`: catalogue name of the optical circuit switches, whose ports say how many there are.")
          .shorthand("servers")
          .check(check_grid<TorusSpec>)
          .check([](const TorusSpec& torus, const std::string& path, Diagnostics& out) {
            if (torus.slices && !torus.wrap)
              out.error_at(join_key(path, "wrap"), "with `slices` the ends of the axes meet in the optical switches");
          })
          .done();
  return d;
}

const Description& FullMeshSpec::description() {
  static const auto d =
      describe_grid<FullMeshSpec>("full mesh",
                                  "Servers, or chips, each cabled to all others along every axis (nD full mesh).")
          .list(
              "block", &FullMeshSpec::block,
              "What counts as one leaf for placements; in what the axes count. Default: all along the first axis that "
              "has several servers.",
              "", kAlong)
          .shorthand("servers")
          .check(check_grid<FullMeshSpec>)
          .done();
  return d;
}

const Description& DragonflySpec::description() {
  static const auto d =
      describe<DragonflySpec>("dragonfly",
                              "Groups of routers: all routers of a group are joined, and all groups. Minimal routing.")
          .integer("groups", &DragonflySpec::groups, "Groups.", kAlong)
          .required()
          .integer("routers", &DragonflySpec::routers, "Routers of a group.", kAlong)
          .required()
          .integer("servers", &DragonflySpec::servers, "Servers of a router.", kAlong)
          .required()
          .quantity("local", &DragonflySpec::local_gbps, "Gbps",
                    "Between two routers of a group, all their cables, each direction.", kRate)
          .quantity("global", &DragonflySpec::global_gbps, "Gbps", "Of one cable between groups, each direction.",
                    kRate)
          .integer(
              "global_links", &DragonflySpec::global_links,
              "Cables of one router to other groups. Every two groups get as many as come out even. Default: as few "
              "as join all groups.",
              kAlong)
          .integer("local_cables", &DragonflySpec::local_cables, "Cables between two routers of a group.",
                   {.min = 1, .max = 1024})
          .quantity("latency", &DragonflySpec::latency_s, "s",
                    "Of the link from a server to its router. Default: what the `medium` that the network names adds; "
                    "else 0.",
                    kLatency)
          .quantity("local_latency", &DragonflySpec::local_latency_s, "s", "Of a link inside a group; likewise.",
                    kLatency)
          .quantity("global_latency", &DragonflySpec::global_latency_s, "s", "Of a link between groups; likewise.",
                    kLatency)
          .text("server_medium", &DragonflySpec::server_medium,
                "What the links to servers are made of (docs/media.md). Default: `medium` of the network.")
          .text("local_medium", &DragonflySpec::local_medium, "Of the links in a group; likewise.")
          .text("global_medium", &DragonflySpec::global_medium, "Of the links between groups; likewise.")
          .done();
  return d;
}

const Description& SupernodeSpec::description() {
  static const auto d =
      describe<SupernodeSpec>("supernode", "Servers of one scale-up domain under switches that all of them reach.")
          .integer("servers", &SupernodeSpec::servers, "Servers of one.", kAlong)
          .required()
          .integer("ports", &SupernodeSpec::ports, "Ports of one chip into the switches.", {.min = 1, .max = 1024})
          .integer("planes", &SupernodeSpec::planes,
                   "Switches side by side in one supernode; a server's ports spread evenly over them.",
                   {.min = 1, .max = 4096})
          .quantity("rate", &SupernodeSpec::rate_gbps, "Gbps",
                    "Of one port, each direction. Default: the scale-up rate of the chip over its ports.", kRate)
          .quantity("latency", &SupernodeSpec::latency_s, "s",
                    "From a server to the switches. Default: what the `medium` that the network names adds; else 0.",
                    kLatency)
          .shorthand("servers")
          .done();
  return d;
}

const Description& BackboneSpec::description() {
  static const auto d =
      describe<BackboneSpec>("backbone", "What joins the networks of one place.")
          .quantity("rate", &BackboneSpec::rate_gbps, "Gbps", "Of each network's link to it, each direction.", kRate)
          .required()
          .quantity("latency", &BackboneSpec::latency_s, "s", "Of that link.", kLatency)
          .shorthand("rate")
          .done();
  return d;
}

const Description& WanSpec::description() {
  static const auto d =
      describe<WanSpec>("wan", "A link between two places.")
          .list("between", &WanSpec::between, "The two places.")
          .required()
          .quantity("rate", &WanSpec::rate_gbps, "Gbps", "Each direction.", kRate)
          .required()
          .quantity("length", &WanSpec::length_m, "m", "Of the fibre, at 4.9 ns/m.", {.min = 0, .max = 4e7})
          .quantity("latency", &WanSpec::latency_s, "s", "One way; or give `length`.", {.min = 0, .max = 10})
          .check([](const WanSpec& w, const std::string& path, Diagnostics& out) {
            if (w.between.size() != 2)
              out.error_at(join_key(path, "between"),
                           "names " + std::to_string(w.between.size()) + " places; expected two");
            if (w.length_m.has_value() == w.latency_s.has_value())
              out.error_at(join_key(path, "latency"), w.latency_s ? "either `length` or `latency`, not both"
                                                                  : "is missing; a WAN needs `length` or `latency`");
          })
          .done();
  return d;
}

const Description& SiteNetworkSpec::description() {
  static const auto d =
      describe<SiteNetworkSpec>("site network",
                                "A network of some of the pools, of one kind. leaf (with spine, core) and dragonfly "
                                "are scale-out: what NICs are "
                                "plugged in to. torus, full_mesh and supernode are scale-up: servers of one talk over "
                                "it, and over their NICs to "
                                "others. A pool may be in one of each.")
          .text("name", &SiteNetworkSpec::name, "What it is called in outputs.")
          .required()
          .list("pools", &SiteNetworkSpec::pools, "Pools whose servers are in it, by name, in this order.")
          .required()
          .text("place", &SiteNetworkSpec::place,
                "Of a scale-out network: where it stands. Default: main, where site.network is.")
          .object("leaf", &SiteNetworkSpec::leaf, "Switches that servers plug in to.")
          .object("spine", &SiteNetworkSpec::spine, "Switches above the leaves.")
          .object("core", &SiteNetworkSpec::core, "Switches above the spines of each pod.")
          .choice("routing", &SiteNetworkSpec::routing, routings(), kRoutingDoc)
          .integer("flows_per_nic", &SiteNetworkSpec::flows_per_nic, kFlowsPerNicDoc, kFlowsPerNic)
          .text("fabric", &SiteNetworkSpec::fabric, kFabricDoc)
          .text("medium", &SiteNetworkSpec::medium,
                "What its links are made of, where they do not say themselves: a catalogue name, a class, copper or "
                "auto (docs/media.md). Default: network.medium of a scale-out network, network.scale_up_medium of a "
                "scale-up one.")
          .object("torus", &SiteNetworkSpec::torus, "Servers or chips in a 1D to 6D torus.")
          .object("full_mesh", &SiteNetworkSpec::full_mesh, "Servers or chips in an nD full mesh.")
          .object("dragonfly", &SiteNetworkSpec::dragonfly, "Groups of routers, all joined.")
          .object("supernode", &SiteNetworkSpec::supernode, "Servers under the switches of a scale-up domain.")
          .check(check_network_kind)
          .done();
  return d;
}

}  // namespace alight
