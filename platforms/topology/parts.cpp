#include "platforms/topology/parts.hpp"

#include <algorithm>

#include "models/whole_numbers.hpp"

namespace alight {

namespace {

bool names(const Network& network, std::int64_t pool) {
  return std::find(network.pools.begin(), network.pools.end(), pool) != network.pools.end();
}

std::int64_t network_of(const Site& site, std::int64_t pool, bool scale_up) {
  for (std::size_t n = 0; n < site.networks.size(); ++n)
    if (site.networks[n].scale_up() == scale_up && names(site.networks[n], pool)) return static_cast<std::int64_t>(n);
  return -1;
}

Part part_of(const Site& site, std::int64_t network, std::string name, std::vector<Tier> tiers,
             std::vector<std::int64_t> pools) {
  Part part;
  part.network = network;
  part.name = std::move(name);
  part.site.name = site.name;
  part.site.tiers = std::move(tiers);
  part.site.place = network < 0 ? site.place : site.networks[at(network)].place;
  part.site.fabric = network < 0 ? site.fabric : site.networks[at(network)].fabric;
  part.site.routing = network < 0 ? site.routing : site.networks[at(network)].routing;
  part.pools = std::move(pools);
  for (const std::int64_t p : part.pools) {
    const Pool& pool = site.pools[at(p)];
    part.site.pools.push_back(pool);
    for (std::int64_t s = 0; s < pool.servers; ++s) part.server.push_back(pool.first_server + s);
  }
  number(part.site);
  return part;
}

}  // namespace

std::int64_t scale_up_of(const Site& site, std::int64_t pool) {
  return network_of(site, pool, true);
}
std::int64_t scale_out_of(const Site& site, std::int64_t pool) {
  return network_of(site, pool, false);
}

std::vector<Part> parts_of(const Site& site) {
  std::vector<Part> parts;
  std::vector<std::int64_t> own;
  for (std::size_t p = 0; p < site.pools.size(); ++p)
    if (scale_out_of(site, static_cast<std::int64_t>(p)) < 0) own.push_back(static_cast<std::int64_t>(p));
  if (!own.empty()) parts.push_back(part_of(site, -1, "site", site.tiers, std::move(own)));
  for (std::size_t n = 0; n < site.networks.size(); ++n)
    if (const Network& network = site.networks[n]; !network.scale_up())
      parts.push_back(part_of(site, static_cast<std::int64_t>(n), network.name, network.tiers, network.pools));
  return parts;
}

std::vector<std::int64_t> servers_of(const Site& site, const Network& network) {
  std::vector<std::int64_t> servers;
  for (const std::int64_t p : network.pools)
    for (std::int64_t s = 0; s < site.pools[at(p)].servers; ++s) servers.push_back(site.pools[at(p)].first_server + s);
  return servers;
}

std::int64_t leaf_servers_of(const Site& site, std::int64_t pool) {
  if (const std::int64_t n = scale_up_of(site, pool); n >= 0) {
    const Network& network = site.networks[at(n)];
    return network.grid ? network.grid->block_servers() : network.supernode->servers;
  }
  const std::int64_t n = scale_out_of(site, pool);
  if (n < 0) return 0;
  const Network& network = site.networks[at(n)];
  if (network.dragonfly) return network.dragonfly->servers;
  Site alone;
  alone.tiers = network.tiers;
  alone.pools = {site.pools[at(pool)]};
  alone.pools.front().leaf_servers = 0;
  return alone.servers_per_leaf(0);
}

std::int64_t leaves_together(const Site& site, std::int64_t pool) {
  if (scale_up_of(site, pool) >= 0) return 1;
  const std::int64_t n = scale_out_of(site, pool);
  const bool tiers = n < 0 ? !site.tiers.empty() : !site.networks[at(n)].tiers.empty();
  return tiers ? std::max<std::int64_t>(1, site.pools[at(pool)].rails) : 1;
}

}  // namespace alight
