#include "platforms/cabling/domains.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/whole_numbers.hpp"
#include "platforms/topology/parts.hpp"

namespace alight {

namespace {

std::int64_t switch_racks_of(const Pool& pool) {
  const auto& assembly = pool.server.assembly;
  return std::max<std::int64_t>(1, assembly ? assembly->switch_racks.value_or(1) : 1);
}

}  // namespace

ScaleUpDomains::ScaleUpDomains(const Site& site) : of_server_(static_cast<std::size_t>(site.servers), -1) {
  for (std::size_t p = 0; p < site.pools.size(); ++p)
    if (scale_up_of(site, static_cast<std::int64_t>(p)) < 0) add_wired(site, site.pools[p]);
  for (const Network& network : site.networks)
    if (network.supernode) add_supernodes(site, network);
}

void ScaleUpDomains::add(ScaleUpDomain domain) {
  before_[domain.before_rack].push_back(domains_.size());
  domains_.push_back(std::move(domain));
}

void ScaleUpDomains::add_wired(const Site& site, const Pool& pool) {
  if (!pool.server.scale_up_wiring || pool.server.chips < 1) return;
  const std::int64_t chips = pool.server.scale_up_domain.value_or(pool.chip.scale_up_domain.value_or(1));
  const std::int64_t servers = ceil_div(chips, pool.server.chips);
  if (servers <= pool.servers_per_rack) return;
  const std::int64_t racks = ceil_div(servers, pool.servers_per_rack);
  const auto first_domain = static_cast<std::int64_t>(domains_.size());
  for (std::int64_t first = 0; first < pool.racks(); first += racks)
    add({.name = fmt::format("domain {} of pool {}", first / racks, pool.name),
         .before_rack = pool.first_rack + (first + std::min(first + racks, pool.racks())) / 2,
         .switch_racks = switch_racks_of(pool)});
  for (std::int64_t s = pool.first_server; s < pool.first_server + pool.servers; ++s)
    of_server_[static_cast<std::size_t>(s)] =
        static_cast<std::int32_t>(first_domain + (site.rack_of_server(s) - pool.first_rack) / racks);
}

void ScaleUpDomains::add_supernodes(const Site& site, const Network& network) {
  const std::vector<std::int64_t> servers = servers_of(site, network);
  const std::int64_t of_one = network.supernode->servers;
  for (std::int64_t first = 0; first + of_one <= std::ssize(servers); first += of_one) {
    const auto begin = servers.begin() + first;
    const auto rack = [&site](std::int64_t s) { return site.rack_of_server(s); };
    if (std::all_of(begin, begin + of_one, [&](std::int64_t s) { return rack(s) == rack(*begin); })) continue;
    const auto number = static_cast<std::int32_t>(domains_.size());
    std::for_each(begin, begin + of_one, [&](std::int64_t s) { of_server_[static_cast<std::size_t>(s)] = number; });
    const std::int64_t middle = begin[of_one / 2];
    add({.name = fmt::format("supernode {} of {}", first / of_one, network.name),
         .before_rack = rack(middle),
         .switch_racks = switch_racks_of(site.pools[static_cast<std::size_t>(site.pool_of_server(middle))])});
  }
}

const std::vector<std::size_t>& ScaleUpDomains::before_rack(std::int64_t rack) const {
  static const std::vector<std::size_t> none;
  const auto found = before_.find(rack);
  return found == before_.end() ? none : found->second;
}

}  // namespace alight
