#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "models/whole_numbers.hpp"
#include "sim/scenario/resolve.hpp"

namespace alight {
namespace {

using Axes = std::vector<std::int64_t>;

constexpr double kFibreSecondsPerMetre = 4.9e-9;  // SMF OS2; fibre plant, reference/catalog/links.csv
constexpr const char* kMain = "main";

std::int64_t product(const Axes& axes) {
  return std::accumulate(axes.begin(), axes.end(), std::int64_t{1}, std::multiplies<>());
}

std::string by(const Axes& axes) {
  std::string text;
  for (const std::int64_t n : axes) text += (text.empty() ? "" : " x ") + std::to_string(n);
  return text;
}

/// Chips of a server along each axis, where nothing is said; empty where no rule gives one.
Axes usual_server(const Axes& chips, std::int64_t of_server, Grid::Wiring wiring) {
  Axes server(chips.size(), 1);
  if (wiring == Grid::Wiring::full_mesh || chips.size() == 1 || of_server == 1)
    server[0] = of_server;
  else if (of_server == 4)
    server[0] = server[1] = 2;
  else if (of_server == 8)
    server[0] = 2, server[1] = 4;
  else
    return {};
  return server;
}

/// Divisor of `n` of at most 4, a multiple of what a server has; else the server.
std::int64_t usual_block(std::int64_t n, std::int64_t server) {
  for (std::int64_t side = 4; side >= 1; --side)
    if (n % side == 0 && side % server == 0) return side;
  return server;
}

class GridResolver {
 public:
  GridResolver(Prepared& prepared, const std::vector<std::int64_t>& pools, std::string key, Diagnostics& d)
      : site_(prepared.site), pools_(pools), key_(std::move(key)), d_(d) {}

  template <class Spec>
  std::optional<Grid> resolve(const Spec& spec, Grid::Wiring wiring, bool wrap, bool slices) {
    const bool of_chips = !spec.chips.empty();
    const Axes& nodes = of_chips ? spec.chips : spec.servers;
    const Pool& first = site_.pools[at(pools_.front())];
    Axes server(nodes.size(), 1);
    if (of_chips && !chips_of_server(nodes, spec.server, first, wiring, server)) return std::nullopt;
    Grid grid;
    grid.wiring = wiring;
    grid.latency_s = spec.latency_s.value_or(0);
    grid.slices = slices;
    grid.count = spec.count;
    double ports = 0;
    bool several = false;
    for (std::size_t axis = 0; axis < nodes.size(); ++axis) {
      const std::int64_t n = nodes[axis], own = server[axis];
      const bool mesh = wiring == Grid::Wiring::full_mesh;
      grid.dims.push_back(n / own);
      grid.wrap.push_back(!mesh && wrap && n > 2);
      grid.cables.push_back(mesh ? product(server) * own : product(server) / own);
      ports += mesh ? static_cast<double>(n - 1) : n > 2 ? 2 : n > 1 ? 1 : 0;
      std::int64_t block = own;
      if (!spec.block.empty())
        block = spec.block[axis];
      else if (!mesh)
        block = usual_block(n, own);
      else if (!several && n > own)
        block = n;
      several = several || n > own;
      if (block % own != 0)
        return fail(".block", fmt::format("a block of {} chips is no whole servers of {}", block, own));
      grid.block.push_back(block / own);
    }
    for (std::size_t axis = 0; axis < nodes.size(); ++axis) {
      std::optional<double> rate = spec.rates_gbps.empty() ? spec.rate_gbps : spec.rates_gbps[axis];
      if (!rate && first.chip.scale_up_gbs && ports > 0)
        rate = *first.chip.scale_up_gbs / 2 * 8 / ports * static_cast<double>(of_chips ? 1 : first.server.chips);
      if (!rate)
        return fail(".rate",
                    fmt::format("is missing; the catalogue does not know the scale-up rate of {}", first.chip.name));
      grid.gbps.push_back(*rate * static_cast<double>(grid.cables[axis]));
    }
    return grid;
  }

 private:
  std::nullopt_t fail(const std::string& key, std::string what) {
    d_.error_at(key_ + key, std::move(what));
    return std::nullopt;
  }

  bool chips_of_server(const Axes& chips, const Axes& stated, const Pool& first, Grid::Wiring wiring, Axes& server) {
    for (const std::int64_t p : pools_)
      if (site_.pools[at(p)].server.chips != first.server.chips) {
        fail(".chips",
             fmt::format("servers of \"{}\" have {} chips, those of \"{}\" {}; expected equal servers", first.name,
                         first.server.chips, site_.pools[at(p)].name, site_.pools[at(p)].server.chips));
        return false;
      }
    server = stated.empty() ? usual_server(chips, first.server.chips, wiring) : stated;
    if (server.empty()) {
      fail(".server", fmt::format("is missing: how the {} chips of {} lie along {} axes", first.server.chips,
                                  first.server.name, chips.size()));
      return false;
    }
    if (product(server) != first.server.chips) {
      fail(".server", fmt::format("{} is {} chips; {} has {}", by(server), product(server), first.server.name,
                                  first.server.chips));
      return false;
    }
    for (std::size_t axis = 0; axis < chips.size(); ++axis)
      if (chips[axis] % server[axis] != 0) {
        fail(".chips", fmt::format("{} chips do not divide into servers of {}", by(chips), by(server)));
        return false;
      }
    return true;
  }

  const Site& site_;
  const std::vector<std::int64_t>& pools_;
  std::string key_;
  Diagnostics& d_;
};

std::optional<Dragonfly> resolve_dragonfly(const DragonflySpec& spec, const std::string& key, Diagnostics& d) {
  Dragonfly fly;
  fly.groups = spec.groups;
  fly.routers = spec.routers;
  fly.servers = spec.servers;
  fly.local_gbps = spec.local_gbps;
  fly.global_gbps = spec.global_gbps;
  fly.local_cables = spec.local_cables;
  fly.latency_s = spec.latency_s.value_or(0);
  fly.local_latency_s = spec.local_latency_s.value_or(0);
  fly.global_latency_s = spec.global_latency_s.value_or(0);
  if (spec.groups == 1) return fly;
  const std::int64_t others = spec.groups - 1;
  const std::int64_t links = spec.global_links.value_or((others + spec.routers - 1) / spec.routers);
  fly.pair_cables = links * spec.routers / others;
  if (fly.pair_cables > 0) return fly;
  d.error_at(key + ".global_links",
             fmt::format("{} of each of {} routers do not reach the {} other groups", links, spec.routers, others));
  return std::nullopt;
}

std::optional<Supernode> resolve_supernode(const SupernodeSpec& spec, const Prepared& prepared,
                                           const std::vector<std::int64_t>& pools, const std::string& key,
                                           Diagnostics& d) {
  const Pool& first = prepared.site.pools[at(pools.front())];
  Supernode node;
  node.servers = spec.servers;
  node.planes = spec.planes;
  node.cables = spec.ports * first.server.chips;
  node.latency_s = spec.latency_s.value_or(0);
  for (const std::int64_t p : pools)
    if (prepared.site.pools[at(p)].server.chips != first.server.chips) {
      d.error_at(key, fmt::format("servers of \"{}\" and \"{}\" have different numbers of chips", first.name,
                                  prepared.site.pools[at(p)].name));
      return std::nullopt;
    }
  if (spec.rate_gbps) {
    node.gbps = *spec.rate_gbps * static_cast<double>(node.cables);
  } else if (first.chip.scale_up_gbs) {
    node.gbps = *first.chip.scale_up_gbs / 2 * 8 * static_cast<double>(first.server.chips);
  } else {
    d.error_at(key + ".rate",
               fmt::format("is missing; the catalogue does not know the scale-up rate of {}", first.chip.name));
    return std::nullopt;
  }
  return node;
}

std::string fabric_named(const std::string& name, const Prepared& prepared, const std::string& key, Diagnostics& d) {
  if (name.empty()) return {};
  const auto& fabrics = prepared.catalogue.fabrics();
  const FabricKind* kind = fabrics.find(name);
  if (kind && kind->out) return kind->name;
  std::vector<std::string> networks;
  for (const FabricKind& each : fabrics.entries())
    if (each.out) networks.push_back(each.name);
  d.error_at(key,
             kind ? fmt::format("\"{}\" is a fabric inside servers; expected one of a network", name)
                  : fmt::format("no fabric named \"{}\" in the catalogue", name),
             did_you_mean(name, networks) + " (alight catalog list fabrics)");
  return {};
}

std::vector<std::int64_t> pools_of(const SiteNetworkSpec& spec, const Prepared& prepared, const std::string& path,
                                   Diagnostics& d) {
  std::vector<std::string> names;
  for (const Pool& pool : prepared.site.pools) names.push_back(pool.name);
  std::vector<std::int64_t> pools;
  for (std::size_t i = 0; i < spec.pools.size(); ++i) {
    const auto found = std::find(names.begin(), names.end(), spec.pools[i]);
    if (found == names.end())
      d.error_at(fmt::format("{}.pools[{}]", path, i), fmt::format("no pool is named \"{}\"", spec.pools[i]),
                 did_you_mean(spec.pools[i], names));
    else
      pools.push_back(found - names.begin());
  }
  return pools;
}

}  // namespace

void resolve_networks(Prepared& prepared, Diagnostics& d) {
  const SiteSpec& spec = prepared.scenario.site;
  Site& site = prepared.site;
  site.place = spec.network.place.value_or(kMain);
  site.fabric = fabric_named(spec.network.fabric, prepared, "site.network.fabric", d);
  site.routing = routing_rule(spec.network.routing, spec.network.flows_per_nic);
  for (std::size_t i = 0; i < spec.networks.size(); ++i) {
    const SiteNetworkSpec& own = spec.networks[i];
    const std::string path = fmt::format("site.networks[{}]", i);
    Network network;
    network.name = own.name;
    network.place = own.place.value_or(kMain);
    network.fabric = fabric_named(own.fabric, prepared, path + ".fabric", d);
    network.routing = routing_rule(own.routing, own.flows_per_nic);
    network.pools = pools_of(own, prepared, path, d);
    if (network.pools.empty()) {
      if (own.pools.empty()) d.error_at(path + ".pools", "a network needs at least one pool");
      continue;
    }
    const std::string& medium = own.medium.empty() ? spec.network.medium : own.medium;
    add_tier(own.leaf, "leaf", medium, network.tiers);
    add_tier(own.spine, "spine", medium, network.tiers);
    add_tier(own.core, "core", medium, network.tiers);
    if (own.torus)
      network.grid = GridResolver(prepared, network.pools, path + ".torus", d)
                         .resolve(*own.torus, Grid::Wiring::torus, own.torus->wrap, own.torus->slices);
    if (own.full_mesh)
      network.grid = GridResolver(prepared, network.pools, path + ".full_mesh", d)
                         .resolve(*own.full_mesh, Grid::Wiring::full_mesh, false, false);
    if (own.dragonfly) network.dragonfly = resolve_dragonfly(*own.dragonfly, path + ".dragonfly", d);
    if (own.supernode)
      network.supernode = resolve_supernode(*own.supernode, prepared, network.pools, path + ".supernode", d);
    site.networks.push_back(std::move(network));
  }
  if (spec.backbone) site.backbone = Backbone{spec.backbone->rate_gbps, spec.backbone->latency_s};
  for (const WanSpec& wan : spec.wan)
    site.wan.push_back({wan.between[0], wan.between[1], wan.rate_gbps,
                        wan.length_m ? *wan.length_m * kFibreSecondsPerMetre : *wan.latency_s});
  if (!spec.networks.empty()) return;
  if (spec.backbone) d.error_at("site.backbone", "there is one network; a backbone joins several `networks`");
  if (!spec.wan.empty()) d.error_at("site.wan", "there is one network; a WAN joins several `networks`");
}

}  // namespace alight
