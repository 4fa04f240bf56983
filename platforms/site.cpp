#include "platforms/site.hpp"

#include <algorithm>
#include <stdexcept>

#include "models/whole_numbers.hpp"
#include "platforms/topology/parts.hpp"

namespace alight {

void number(Site& site) {
  site.servers = site.chips = site.racks = site.leaves = 0;
  for (const Pool& pool : site.pools) site.servers += pool.servers;
  std::int64_t first_server = 0;
  for (std::size_t p = 0; p < site.pools.size(); ++p) {
    Pool& pool = site.pools[p];
    pool.first_server = first_server;
    pool.first_rack = site.racks;
    pool.first_leaf = site.leaves;
    first_server += pool.servers;
    site.chips += pool.chips();
    site.racks += pool.racks();
    pool.leaf_servers = leaf_servers_of(site, static_cast<std::int64_t>(p));
    if (!site.networks.empty()) {
      const std::int64_t groups = ceil_div(pool.servers, site.servers_per_leaf(static_cast<std::int64_t>(p)));
      site.leaves += groups * leaves_together(site, static_cast<std::int64_t>(p));
    } else if (!site.tiers.empty()) {
      const std::int64_t groups = ceil_div(pool.servers, site.servers_per_leaf(static_cast<std::int64_t>(p)));
      site.leaves += groups * std::max<std::int64_t>(1, pool.rails);
    } else if (site.wiring) {
      ++site.leaves;
    }
  }
  if (site.tiers.empty() && !site.wiring && site.networks.empty() && site.servers > 0) site.leaves = 1;
}

std::int64_t Site::pool_of_server(std::int64_t server) const {
  if (server < 0 || server >= servers) throw std::logic_error("Site::pool_of_server: no such server");
  // The last pool that starts at or before the server: an empty pool shares its start with the next one and loses.
  const auto after = std::upper_bound(pools.begin(), pools.end(), server,
                                      [](std::int64_t s, const Pool& pool) { return s < pool.first_server; });
  return static_cast<std::int64_t>(after - pools.begin()) - 1;
}

std::int64_t Site::rack_of_server(std::int64_t server) const {
  const Pool& pool = pools[static_cast<std::size_t>(pool_of_server(server))];
  return pool.first_rack + (server - pool.first_server) / pool.servers_per_rack;
}

std::int64_t Site::leaf_of_server(std::int64_t server) const {
  const std::int64_t p = pool_of_server(server);
  const Pool& pool = pools[static_cast<std::size_t>(p)];
  if (!networks.empty())
    return pool.first_leaf + (server - pool.first_server) / servers_per_leaf(p) * leaves_together(*this, p);
  if (tiers.empty()) return wiring ? pool.first_leaf : 0;
  return pool.first_leaf + (server - pool.first_server) / servers_per_leaf(p) * std::max<std::int64_t>(1, pool.rails);
}

std::int64_t Site::servers_per_leaf(std::int64_t p) const {
  const Pool& pool = pools[static_cast<std::size_t>(p)];
  if (pool.leaf_servers > 0) return pool.leaf_servers;
  if (tiers.empty()) return std::max<std::int64_t>(1, wiring ? pool.servers : servers);
  const std::int64_t rails = std::max<std::int64_t>(1, pool.rails);
  const std::int64_t ports = ceil_div(std::max<std::int64_t>(1, pool.nics_per_server), rails);
  return std::max<std::int64_t>(1, tiers.front().down_ports / ports);
}

}  // namespace alight
