#include "sim/cluster/locality.hpp"

#include <algorithm>

#include "models/whole_numbers.hpp"
#include "platforms/topology/clos.hpp"
#include "platforms/topology/parts.hpp"
#include "platforms/topology/pool_network.hpp"

namespace alight {
namespace {

/// From numbers of the whole site, ascending with the leaves, to the pool's own.
void count_pods(const std::vector<std::int64_t>& pods, PoolLocality& out) {
  if (pods.empty() || pods.front() == pods.back()) return;
  out.pods = 0;
  for (std::size_t leaf = 0; leaf < pods.size(); ++leaf) {
    if (leaf > 0 && pods[leaf] != pods[leaf - 1]) ++out.pods;
    out.pod_of_leaf.push_back(out.pods);
  }
  ++out.pods;
}

std::vector<std::int64_t> pods_of(const Site& site, std::int64_t p, const Clos& clos) {
  const Pool& pool = site.pools[at(p)];
  std::vector<std::int64_t> pods;
  for (std::int64_t s = 0; s < pool.servers; s += site.servers_per_leaf(p))
    pods.push_back(clos.groups[at(clos.group_of_server(pool.first_server + s))].pod);
  return pods;
}

GridLie grid_of(const Site& site, const Network& network, std::int64_t p) {
  GridLie lie{*network.grid, std::make_shared<const GridShape>(*network.grid), 0};
  for (const std::int64_t other : network.pools) {
    if (other == p) break;
    lie.first += site.pools[at(other)].servers;
  }
  return lie;
}

}  // namespace

std::vector<PoolLocality> localities(const Site& site) {
  std::vector<PoolLocality> out(site.pools.size());
  for (std::size_t p = 0; p < out.size(); ++p) out[p].rails = std::max<std::int64_t>(1, site.pools[p].rails);
  if (site.wiring) return out;
  if (site.networks.empty()) {
    if (site.tiers.empty()) return out;
    const Clos clos = clos_of(site);
    if (clos.pods.size() > 1)
      for (std::size_t p = 0; p < out.size(); ++p)
        count_pods(pods_of(site, static_cast<std::int64_t>(p), clos), out[p]);
    return out;
  }
  const std::vector<PoolNetwork> networks = pool_networks(site, std::vector<bool>(site.pools.size(), true));
  for (std::size_t p = 0; p < out.size(); ++p) {
    count_pods(networks[p].pods, out[p]);
    const std::int64_t n = scale_up_of(site, static_cast<std::int64_t>(p));
    if (n < 0) continue;
    const Network& network = site.networks[at(n)];
    out[p].supernodes = network.supernode.has_value();
    if (network.grid) out[p].grid = grid_of(site, network, static_cast<std::int64_t>(p));
  }
  return out;
}

}  // namespace alight
