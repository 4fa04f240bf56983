#include "platforms/topology/pool_network.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "models/whole_numbers.hpp"
#include "platforms/topology/clos.hpp"
#include "platforms/topology/hubs.hpp"
#include "platforms/topology/parts.hpp"

namespace alight {

namespace {

/// All links of a server of a grid together, Gbps each direction.
double ports_gbps(const Grid& grid) {
  double sum = 0;
  for (std::size_t axis = 0; axis < grid.dims.size(); ++axis) {
    const std::int64_t n = grid.dims[axis];
    if (n < 2) continue;
    const double links = grid.wiring == Grid::Wiring::full_mesh ? static_cast<double>(n - 1)
                         : n > 2 || grid.wrap[axis]             ? 2
                                                                : 1;
    sum += links * grid.gbps[axis];
  }
  return sum;
}

/// Below one spine tier, the leaves' own figures; below a core tier, the pods'.
void under_tiers(const Part& part, const Clos& clos, std::int64_t p, PoolNetwork& out) {
  const Pool& pool = part.site.pools[at(p)];
  out.server_gbps = server_gbps(part.site, p);
  if (part.site.tiers.empty() || pool.servers == 0) return;
  const LeafGroup& group = clos.groups[at(clos.group_of_server(pool.first_server))];
  if (group.up_gbps > 0) out.leaf_oversubscription = std::max(1.0, group.down_gbps / group.up_gbps);
  out.routing = part.site.routing;
  out.leaf_cables = static_cast<double>(group.uplinks);
  out.server_nics = static_cast<double>(pool.nics_per_server);
  out.rails = static_cast<double>(pool.rails);
  const Pod& pod = clos.pods[at(group.pod)];
  out.pod_cables = static_cast<double>(pod.uplinks * clos.spines_per_pod);
  if (pod.up_gbps > 0) {
    double in_gbps = 0;
    for (std::int64_t g = pod.first_group; g < pod.first_group + pod.groups; ++g) in_gbps += clos.groups[at(g)].up_gbps;
    out.pod_oversubscription = std::max(1.0, in_gbps / pod.up_gbps);
  }
  out.leaf_latency_s = clos.spine_latency_s;
  out.pod_latency_s = clos.core_latency_s;
  if (clos.pods.size() < 2) return;
  for (std::int64_t s = 0; s < pool.servers; s += out.leaf_servers)
    out.pods.push_back(clos.groups[at(clos.group_of_server(pool.first_server + s))].pod);
}

void under_routers(const Part& part, const Dragonfly& d, std::int64_t p, PoolNetwork& out) {
  const Pool& pool = part.site.pools[at(p)];
  out.server_gbps = server_gbps(part.site, p);
  const auto n = [](std::int64_t i) { return static_cast<double>(i); };
  const double global = n((d.groups - 1) * d.pair_cables) * d.global_gbps;  // of a group
  const double down = n(d.servers) * out.server_gbps, local = n(d.routers - 1) * d.local_gbps;
  if (const double up = local + global / n(d.routers); up > 0) out.leaf_oversubscription = std::max(1.0, down / up);
  const double offered = n(d.routers) * down / out.leaf_oversubscription;  // by a group's routers
  if (global > 0) out.pod_oversubscription = std::max(1.0, offered / global);
  out.leaf_latency_s = d.local_latency_s;
  out.pod_latency_s = d.global_latency_s;
  if (d.groups < 2) return;
  for (std::int64_t s = 0; s < pool.servers; s += out.leaf_servers)
    out.pods.push_back((pool.first_server + s) / (d.servers * d.routers));
}

}  // namespace

std::vector<PoolNetwork> pool_networks(const Site& site, const std::vector<bool>& domains) {
  std::vector<PoolNetwork> out(site.pools.size());
  const auto parts = parts_of(site);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Clos clos = parts[i].site.tiers.empty() ? Clos{} : clos_of(parts[i].site);
    for (std::size_t p = 0; p < parts[i].pools.size(); ++p) {
      const std::int64_t pool = parts[i].pools[p];
      PoolNetwork& of = out[at(pool)];
      of.network = static_cast<std::int64_t>(i);
      of.leaf_servers = site.servers_per_leaf(pool);
      of.fabric = parts[i].site.fabric;
      const Network* network = parts[i].network < 0 ? nullptr : &site.networks[at(parts[i].network)];
      if (network && network->dragonfly)
        under_routers(parts[i], *network->dragonfly, static_cast<std::int64_t>(p), of);
      else
        under_tiers(parts[i], clos, static_cast<std::int64_t>(p), of);
      if (parts[i].site.tiers.empty() && !(network && network->dragonfly) && scale_up_of(site, pool) < 0)
        of.leaf_servers = 0;
    }
  }
  for (std::size_t p = 0; p < site.pools.size(); ++p) {
    const std::int64_t n = scale_up_of(site, static_cast<std::int64_t>(p));
    if (n < 0) continue;
    const Network& network = site.networks[at(n)];
    const std::int64_t chips = site.pools[p].server.chips;
    PoolNetwork& of = out[p];
    if (network.supernode) {
      of.domain = network.supernode->servers * chips;
      of.scale_up_gbps = network.supernode->gbps / static_cast<double>(chips);
    } else if (domains[p]) {
      of.domain = network.grid->servers() * chips;
    } else if (site.pools[p].servers <= network.grid->servers()) {
      // All of the pool is in one grid, so its servers never meet over their NICs.
      of.server_gbps = ports_gbps(*network.grid);
      of.leaf_oversubscription = of.pod_oversubscription = 1;
      of.routing = {};
      of.leaf_latency_s = network.grid->latency_s;
      of.leaf_servers = network.grid->block_servers();
      of.pods.clear();
    }
  }
  return out;
}

std::optional<Between> between(const Site& site, std::int64_t pool_a, std::int64_t pool_b) {
  const auto parts = parts_of(site);
  const auto part_of = [&parts](std::int64_t pool) {
    return std::find_if(parts.begin(), parts.end(),
                        [pool](const Part& part) {
                          return std::find(part.pools.begin(), part.pools.end(), pool) != part.pools.end();
                        }) -
           parts.begin();
  };
  const auto a = part_of(pool_a), b = part_of(pool_b);
  if (a == b) return std::nullopt;
  Between out{.gbps = std::numeric_limits<double>::infinity()};
  if (site.backbone) out = {site.backbone->gbps, 2 * site.backbone->latency_s};
  const Hubs hubs = hubs_of(site, parts);
  for (const Hubs::Hop& hop : hubs.way(hubs.place_of_part[at(a)], hubs.place_of_part[at(b)])) {
    out.gbps = std::min(out.gbps, site.wan[hop.wan].gbps);
    out.latency_s += site.wan[hop.wan].latency_s;
  }
  return out;
}

}  // namespace alight
