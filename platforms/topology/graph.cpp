#include "platforms/topology/graph.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <optional>
#include <stdexcept>

#include "models/whole_numbers.hpp"
#include "platforms/simgrid/plan.hpp"
#include "platforms/topology/connectivity.hpp"
#include "platforms/topology/joined_graph.hpp"
#include "platforms/topology/max_flow.hpp"
#include "platforms/topology/server_routes.hpp"
#include "platforms/topology/zone_graph.hpp"

namespace alight {

std::string_view name_of(Place place) {
  static constexpr std::array<std::string_view, kPlaces> kNames = {"server", "leaf",  "spine",  "core",
                                                                   "router", "plane", "border", "hub"};
  return kNames[static_cast<std::size_t>(place)];
}

struct Topology::Impl {
  Site site;
  Clos clos;
  std::vector<Vertex> vertices;
  std::vector<Bundle> bundles;
  std::unique_ptr<const Routes> routes;       ///< of a site with several networks
  std::vector<TierSummary> tiers;             ///< of such a site
  std::array<std::int32_t, kPlaces> first{};  ///< vertex of index 0 of each place
  std::array<std::int64_t, kPlaces> count{};
  mutable std::optional<Connectivity> searched;  ///< made when first searched

  explicit Impl(const Site& s) : site(s) {}

  void place_vertices() {
    std::int64_t total = 0;
    for (std::size_t p = 0; p < kPlaces; ++p) {
      first[p] = static_cast<std::int32_t>(total);
      total += count[p];
    }
    if (total > std::numeric_limits<std::int32_t>::max()) throw std::logic_error("Topology: too many vertices");
    vertices.reserve(at(total));
    for (std::size_t p = 0; p < kPlaces; ++p)
      for (std::int64_t i = 0; i < count[p]; ++i) vertices.push_back({static_cast<Place>(p), i});
  }
  std::int32_t vertex(Place place, std::int64_t index) const {
    return first[static_cast<std::size_t>(place)] + static_cast<std::int32_t>(index);
  }
  void join(Place below, std::int64_t i, Place above, std::int64_t j, double cables, double rate, double latency) {
    bundles.push_back({vertex(below, i), vertex(above, j), cables * rate, cables, latency});
  }

  void wire_clos() {
    clos = clos_of(site);
    count = {site.servers, clos.leaves, clos.spines, clos.cores};
    place_vertices();
    const double up_rate =
        site.tiers.size() > 1 ? site.tiers[1].rate_gbps : (site.tiers.empty() ? 0.0 : site.tiers[0].rate_gbps);
    for (const LeafGroup& group : clos.groups) {
      for (std::int64_t s = group.first_server; s < group.first_server + group.servers; ++s) {
        const std::int64_t p = group.pool >= 0 ? group.pool : site.pool_of_server(s);
        const double nics = static_cast<double>(site.pools[at(p)].nics_per_server) / static_cast<double>(group.leaves);
        const double rate = nic_gbps(site, p);
        for (std::int64_t r = 0; r < group.leaves; ++r)
          join(Place::server, s, Place::leaf, group.first_leaf + r, nics, rate, clos.leaf_latency_s);
      }
      const double cables = static_cast<double>(group.uplinks) / static_cast<double>(clos.spines_per_pod);
      for (std::int64_t r = 0; r < group.leaves && clos.spines_per_pod > 0; ++r)
        for (std::int64_t s = 0; s < clos.spines_per_pod; ++s)
          join(Place::leaf, group.first_leaf + r, Place::spine, group.pod * clos.spines_per_pod + s, cables, up_rate,
               clos.spine_latency_s);
    }
    for (std::size_t p = 0; p < clos.pods.size() && clos.cores > 0; ++p) {
      const double cables = static_cast<double>(clos.pods[p].uplinks) / static_cast<double>(clos.cores_per_plane);
      for (std::int64_t s = 0; s < clos.spines_per_pod; ++s)
        for (std::int64_t c = 0; c < clos.cores_per_plane; ++c)
          join(Place::spine, static_cast<std::int64_t>(p) * clos.spines_per_pod + s, Place::core,
               s * clos.cores_per_plane + c, cables, site.tiers[2].rate_gbps, clos.core_latency_s);
    }
  }

  void wire_zones() {
    const ZoneGraph zones = zone_graph(*site.wiring, site);
    count = {site.servers, zones.leaves, zones.others, 0};
    place_vertices();
    for (const ZoneGraph::Edge& edge : zones.edges)
      bundles.push_back({edge.server ? vertex(Place::server, edge.a) : zone_vertex(zones, edge.a),
                         zone_vertex(zones, edge.b), edge.gbps, 1, edge.latency_s});
  }
  void wire_networks() {
    routes = server_routes(site);
    JoinedGraph joined = joined_graph(site);
    count = joined.count;
    tiers = std::move(joined.tiers);
    place_vertices();
    for (const JoinedGraph::Edge& e : joined.edges)
      bundles.push_back(
          {vertex(e.below.place, e.below.index), vertex(e.above.place, e.above.index), e.gbps, e.cables, e.latency_s});
  }
  std::int32_t zone_vertex(const ZoneGraph& zones, std::int64_t zone) const {
    const ZoneGraph::Zone& z = zones.zones[at(zone)];
    return vertex(z.leaf ? Place::leaf : Place::spine, z.index);
  }

  const Connectivity& connectivity() const {
    if (!searched) searched.emplace(vertices, bundles);
    return *searched;
  }

  /// Capacity of a group's servers of pool `a` and of pool `b`, then the tree's arcs up to pods and root.
  double tree_flow(const std::vector<double>& from, const std::vector<double>& to) const {
    const std::int32_t groups = static_cast<std::int32_t>(clos.groups.size());
    const std::int32_t pods = static_cast<std::int32_t>(clos.pods.size());
    const std::int32_t root = groups + pods, source = root + 1, sink = root + 2;
    std::vector<FlowArc> arcs;
    for (std::int32_t g = 0; g < groups; ++g) {
      const LeafGroup& group = clos.groups[at(g)];
      if (from[at(g)] > 0) arcs.push_back({source, g, from[at(g)], 0});
      if (to[at(g)] > 0) arcs.push_back({g, sink, to[at(g)], 0});
      arcs.push_back({g, groups + static_cast<std::int32_t>(group.pod), group.up_gbps, group.up_gbps});
    }
    for (std::int32_t p = 0; p < pods; ++p)
      arcs.push_back({groups + p, root, clos.pods[at(p)].up_gbps, clos.pods[at(p)].up_gbps});
    return max_flow(root + 3, arcs, source, sink);
  }
};

Topology::Topology(const Site& site) : impl_(std::make_unique<Impl>(site)) {
  if (site.wiring)
    impl_->wire_zones();
  else if (!site.networks.empty())
    impl_->wire_networks();
  else
    impl_->wire_clos();
}
Topology::~Topology() = default;
Topology::Topology(Topology&&) noexcept = default;
Topology& Topology::operator=(Topology&&) noexcept = default;

const Clos& Topology::clos() const {
  return impl_->clos;
}
const std::vector<Vertex>& Topology::vertices() const {
  return impl_->vertices;
}
const std::vector<Bundle>& Topology::bundles() const {
  return impl_->bundles;
}

std::int32_t Topology::vertex_of(Place place, std::int64_t index) const {
  if (index < 0 || index >= impl_->count[static_cast<std::size_t>(place)])
    throw std::logic_error("Topology::vertex_of: no such " + std::string(name_of(place)));
  return impl_->vertex(place, index);
}

int Topology::hops(std::int64_t a, std::int64_t b) const {
  if (a == b) return 0;
  if (impl_->routes) {
    std::vector<Crossing> way;
    impl_->routes->static_route(a, b, way);
    return static_cast<int>(way.size());
  }
  if (impl_->site.wiring) return hops_from(vertex_of(Place::server, a))[at(vertex_of(Place::server, b))];
  const Clos& clos = impl_->clos;
  const std::int64_t ga = clos.group_of_server(a), gb = clos.group_of_server(b);
  if (ga == gb) return 2;
  return clos.groups[at(ga)].pod == clos.groups[at(gb)].pod ? 4 : 6;
}

double Topology::latency_s(std::int64_t a, std::int64_t b) const {
  if (impl_->routes) return impl_->routes->latency_s(a, b);
  const Clos& clos = impl_->clos;
  if (impl_->site.wiring)
    return way_latency_s(impl_->vertices.size(), impl_->bundles, vertex_of(Place::server, a),
                         vertex_of(Place::server, b));
  const int links = hops(a, b);
  return (links >= 2 ? 2 * clos.leaf_latency_s : 0) + (links >= 4 ? 2 * clos.spine_latency_s : 0) +
         (links >= 6 ? 2 * clos.core_latency_s : 0);
}

int Topology::diameter() const {
  if (impl_->routes) return impl_->routes->diameter();
  const Clos& clos = impl_->clos;
  if (impl_->site.wiring) {
    // Servers of one leaf are equally far from all others, so one server of each leaf is enough.
    std::vector<bool> seen(at(impl_->count[1]), false);
    int most = 0;
    for (const Bundle& bundle : impl_->bundles) {
      if (impl_->vertices[at(bundle.below)].place != Place::server) continue;
      const auto leaf = impl_->vertices[at(bundle.above)].index;
      const auto hops = seen[at(leaf)] ? std::vector<int>{} : hops_from(bundle.below);
      seen[at(leaf)] = true;
      for (std::int64_t s = 0; s < std::min<std::int64_t>(impl_->site.servers, std::ssize(hops)); ++s)
        most = std::max(most, hops[at(s)]);
    }
    return most;
  }
  if (impl_->site.servers < 2) return 0;
  if (clos.groups.size() == 1) return 2;
  return clos.pods.size() == 1 ? 4 : 6;
}

std::vector<TierSummary> Topology::tiers() const {
  if (impl_->routes) return impl_->tiers;
  const Clos& clos = impl_->clos;
  std::vector<TierSummary> out;
  const auto name = [&](std::size_t t, const char* otherwise) {
    return t < impl_->site.tiers.size() ? impl_->site.tiers[t].name : std::string(otherwise);
  };
  if (clos.groups.empty()) return out;
  TierSummary leaf{.name = name(0, "ideal switch"), .switches = clos.leaves};
  TierSummary spine{.name = name(1, "ideal spine"), .switches = clos.spines};
  TierSummary core{.name = name(2, "core"), .switches = clos.cores};
  double usable_leaf = 0, usable_spine = 0;
  for (const LeafGroup& group : clos.groups) {
    leaf.down_gbps += group.down_gbps;
    leaf.up_gbps += group.up_gbps;
    usable_leaf += group.usable_gbps();
    spine.cables_down += static_cast<double>(group.uplinks * group.leaves);
  }
  for (const Pool& pool : impl_->site.pools)
    leaf.cables_down += static_cast<double>(pool.servers) * static_cast<double>(pool.nics_per_server);
  for (const Pod& pod : clos.pods) {
    spine.up_gbps += pod.up_gbps;
    usable_spine += pod.usable_gbps();
    core.cables_down += static_cast<double>(pod.uplinks * clos.spines_per_pod);
  }
  spine.down_gbps = leaf.up_gbps;
  core.down_gbps = spine.up_gbps;
  if (leaf.up_gbps > 0) leaf.usable = usable_leaf / leaf.up_gbps;
  if (spine.up_gbps > 0) spine.usable = usable_spine / spine.up_gbps;
  for (TierSummary* tier : {&leaf, &spine, &core}) {
    tier->routing = impl_->site.routing.kind;
    if (tier->up_gbps > 0) tier->oversubscription = tier->down_gbps / tier->up_gbps;
    if (tier->switches > 0) out.push_back(*tier);
  }
  return out;
}

Bisection Topology::bisection() const {
  const Site& site = impl_->site;
  if (impl_->routes) return joined_bisection(site, *impl_->routes);
  const std::int64_t half = site.servers / 2;
  Bisection out;
  if (half == 0) return out;
  std::vector<std::int64_t> lower, upper;
  if (site.wiring) {
    for (std::int64_t s = 0; s < site.servers; ++s) (s < half ? lower : upper).push_back(s);
    out.gbps = max_flow_gbps(lower, upper);
    double a = 0, b = 0;
    for (const Bundle& bundle : impl_->bundles)
      if (impl_->vertices[at(bundle.below)].place == Place::server) (bundle.below < half ? a : b) += bundle.gbps;
    out.full_gbps = std::min(a, b);
    return out;
  }
  // Costs of putting a subtree's top on the sending or on the receiving side of the cut.
  struct Cost {
    double sending = 0, receiving = 0;
    void hang(Cost below, double up) {
      sending += std::min(below.sending, below.receiving + up);
      receiving += std::min(below.receiving, below.sending + up);
    }
  };
  double sends = 0, receives = 0;
  Cost root;
  for (const Pod& pod : impl_->clos.pods) {
    Cost spines;
    for (std::int64_t g = pod.first_group; g < pod.first_group + pod.groups; ++g) {
      const LeafGroup& group = impl_->clos.groups[at(g)];
      Cost leaf;
      for (std::int64_t s = group.first_server; s < group.first_server + group.servers;) {
        const std::int64_t p = site.pool_of_server(s);
        const std::int64_t end =
            std::min(group.first_server + group.servers, site.pools[at(p)].first_server + site.pools[at(p)].servers);
        const std::int64_t low = std::clamp(half, s, end) - s;
        leaf.receiving += static_cast<double>(low) * server_gbps(site, p);
        leaf.sending += static_cast<double>(end - s - low) * server_gbps(site, p);
        s = end;
      }
      sends += leaf.receiving;
      receives += leaf.sending;
      spines.hang(leaf, group.up_gbps);
    }
    root.hang(spines, pod.up_gbps);
  }
  out.gbps = std::min(root.sending, root.receiving);
  out.full_gbps = std::min(sends, receives);
  return out;
}

double Topology::min_cut_gbps(std::int64_t pool_a, std::int64_t pool_b) const {
  const Site& site = impl_->site;
  if (pool_a == pool_b) throw std::logic_error("Topology::min_cut_gbps: one pool has no cut with itself");
  const Pool& a = site.pools.at(at(pool_a));
  const Pool& b = site.pools.at(at(pool_b));
  if (impl_->routes) return joined_cut_gbps(site, *impl_->routes, pool_a, pool_b);
  if (site.wiring) {
    std::vector<std::int64_t> from, to;
    for (std::int64_t s = 0; s < a.servers; ++s) from.push_back(a.first_server + s);
    for (std::int64_t s = 0; s < b.servers; ++s) to.push_back(b.first_server + s);
    return max_flow_gbps(from, to);
  }
  const auto& groups = impl_->clos.groups;
  std::vector<double> from(groups.size(), 0), to(groups.size(), 0);
  const auto share = [&](const LeafGroup& group, const Pool& pool, std::int64_t p) {
    const std::int64_t low = std::max(group.first_server, pool.first_server);
    const std::int64_t high = std::min(group.first_server + group.servers, pool.first_server + pool.servers);
    return high > low ? static_cast<double>(high - low) * server_gbps(site, p) : 0.0;
  };
  for (std::size_t g = 0; g < groups.size(); ++g) {
    from[g] = share(groups[g], a, pool_a);
    to[g] = share(groups[g], b, pool_b);
  }
  return impl_->tree_flow(from, to);
}

double Topology::max_flow_gbps(const std::vector<std::int64_t>& from, const std::vector<std::int64_t>& to) const {
  const auto total = static_cast<std::int32_t>(impl_->vertices.size());
  std::vector<FlowArc> arcs;
  arcs.reserve(impl_->bundles.size() + from.size() + to.size());
  for (const Bundle& bundle : impl_->bundles) arcs.push_back({bundle.below, bundle.above, bundle.gbps, bundle.gbps});
  // More than a server can send: its own links bound it.
  double unbounded = 1;
  for (const Bundle& bundle : impl_->bundles) unbounded += bundle.gbps;
  for (std::int64_t s : from) arcs.push_back({total, vertex_of(Place::server, s), unbounded, 0});
  for (std::int64_t s : to) arcs.push_back({vertex_of(Place::server, s), total + 1, unbounded, 0});
  return max_flow(total + 2, arcs, total, total + 1);
}

std::vector<int> Topology::hops_from(std::int32_t vertex) const {
  return impl_->connectivity().hops_from(vertex);
}
std::vector<std::int32_t> Topology::cut_bundles() const {
  return impl_->connectivity().cut_bundles();
}
std::vector<std::int32_t> Topology::cut_switches() const {
  return impl_->connectivity().cut_switches();
}
Loss Topology::loss_of_bundle(std::int32_t bundle) const {
  return impl_->connectivity().loss_without(-1, bundle);
}
Loss Topology::loss_of_switch(std::int32_t vertex) const {
  return impl_->connectivity().loss_without(vertex, -1);
}

}  // namespace alight
