#include "platforms/topology/clos.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "models/whole_numbers.hpp"
#include "platforms/topology/parts.hpp"

namespace alight {

namespace {

constexpr double kNicRateWhenNothingIsKnown = 400;  // Gbps; the default of Tier::rate_gbps
constexpr std::int64_t kLargestClos = 100'000'000;  // beyond any site; keeps products within 64 bits

/// Cables that carry `gbps`; a rounding error above a whole number must not cost a cable.
std::int64_t cables_for(double gbps, double rate) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(gbps / rate * (1 - 1e-12))));
}

/// Switches above that take `cables` with `ports` each, when the switches below have `ups` cables each to spread.
std::int64_t switches_above(std::int64_t cables, std::int64_t ports, const std::vector<std::int64_t>& ups) {
  const std::int64_t most = *std::max_element(ups.begin(), ups.end());
  const std::int64_t least = std::min(most, std::max<std::int64_t>(1, ceil_div(cables, ports)));
  for (std::int64_t n = least; n <= most; ++n)
    if (std::all_of(ups.begin(), ups.end(), [n](std::int64_t up) { return up % n == 0; })) return n;
  return least;
}

void add_groups(const Site& site, Clos& clos) {
  const Tier& leaf = site.tiers.front();
  const Tier& above = site.tiers.size() > 1 ? site.tiers[1] : leaf;
  const double oversubscription = leaf.oversubscription * (site.tiers.size() == 2 ? above.oversubscription : 1);
  for (std::size_t p = 0; p < site.pools.size(); ++p) {
    const Pool& pool = site.pools[p];
    const std::int64_t per_group = site.servers_per_leaf(static_cast<std::int64_t>(p));
    const double server = server_gbps(site, static_cast<std::int64_t>(p));
    const double full =
        static_cast<double>(std::min(per_group, pool.servers)) * server / static_cast<double>(pool.rails);
    const double nics = static_cast<double>(std::min(per_group, pool.servers) * pool.nics_per_server) /
                        static_cast<double>(pool.rails);  // on a full leaf
    for (std::int64_t done = 0; done < pool.servers; done += per_group) {
      LeafGroup group;
      group.pool = static_cast<std::int64_t>(p);
      group.first_server = pool.first_server + done;
      group.servers = std::min(per_group, pool.servers - done);
      group.first_leaf = clos.leaves;
      group.leaves = pool.rails;
      group.uplinks = cables_for(full / oversubscription, above.rate_gbps);
      group.up_gbps = static_cast<double>(group.uplinks * group.leaves) * above.rate_gbps;
      group.down_gbps = static_cast<double>(group.servers) * server;
      group.routing = routing_efficiency(site.routing, nics, static_cast<double>(group.uplinks));
      clos.leaves += group.leaves;
      clos.groups.push_back(group);
    }
  }
}

void add_pods(const Site& site, Clos& clos) {
  const std::int64_t room = site.tiers.size() > 2 ? site.tiers[1].down_ports : std::numeric_limits<std::int64_t>::max();
  for (std::size_t g = 0; g < clos.groups.size(); ++g) {
    LeafGroup& group = clos.groups[g];
    if (clos.pods.empty() || clos.pods.back().leaves + group.leaves > room)
      clos.pods.push_back({.first_group = static_cast<std::int64_t>(g)});
    Pod& pod = clos.pods.back();
    ++pod.groups;
    pod.leaves += group.leaves;
    group.pod = static_cast<std::int64_t>(clos.pods.size()) - 1;
  }
}

void add_spines(const Site& site, Clos& clos) {
  std::vector<std::int64_t> cables(clos.pods.size(), 0);
  std::vector<std::int64_t> ups;
  for (const LeafGroup& group : clos.groups) {
    cables[static_cast<std::size_t>(group.pod)] += group.uplinks * group.leaves;
    if (ups.empty() || ups.back() != group.uplinks) ups.push_back(group.uplinks);
  }
  const Tier& spine = site.tiers[1];
  const std::int64_t most = *std::max_element(cables.begin(), cables.end());
  clos.spines_per_pod = switches_above(most, spine.down_ports, ups);
  clos.spines = clos.spines_per_pod * static_cast<std::int64_t>(clos.pods.size());
  const std::int64_t needed = ceil_div(most, clos.spines_per_pod);
  if (needed > spine.down_ports)
    clos.warnings.push_back(fmt::format("{} switches need {} down ports to reach every leaf, {} given: taken as {}",
                                        spine.name, needed, spine.down_ports, needed));
  if (site.tiers.size() < 3) return;

  const Tier& core = site.tiers[2];
  const double oversubscription = spine.oversubscription * core.oversubscription;
  std::vector<std::int64_t> pod_ups;
  std::int64_t plane_cables = 0;
  for (std::size_t p = 0; p < clos.pods.size(); ++p) {
    const double down = static_cast<double>(cables[p]) / static_cast<double>(clos.spines_per_pod) * spine.rate_gbps;
    Pod& pod = clos.pods[p];
    pod.uplinks = cables_for(down / oversubscription, core.rate_gbps);
    pod.up_gbps = static_cast<double>(pod.uplinks * clos.spines_per_pod) * core.rate_gbps;
    double nics = 0;
    for (std::int64_t g = pod.first_group; g < pod.first_group + pod.groups; ++g) {
      const LeafGroup& group = clos.groups[static_cast<std::size_t>(g)];
      nics += static_cast<double>(group.servers * site.pools[static_cast<std::size_t>(group.pool)].nics_per_server);
    }
    pod.routing = routing_efficiency(site.routing, nics, static_cast<double>(pod.uplinks * clos.spines_per_pod));
    plane_cables += pod.uplinks;
    pod_ups.push_back(pod.uplinks);
  }
  clos.cores_per_plane = switches_above(plane_cables, core.down_ports, pod_ups);
  clos.cores = clos.cores_per_plane * clos.spines_per_pod;
  const std::int64_t core_ports = ceil_div(plane_cables, clos.cores_per_plane);
  if (core_ports > core.down_ports)
    clos.warnings.push_back(fmt::format("{} switches need {} down ports to reach every pod, {} given: taken as {}",
                                        core.name, core_ports, core.down_ports, core_ports));
}

}  // namespace

double nic_gbps(const Site& site, std::int64_t p) {
  const Pool& pool = site.pools[static_cast<std::size_t>(p)];
  const double port = site.tiers.empty() ? std::numeric_limits<double>::infinity() : site.tiers.front().rate_gbps;
  double rate = pool.nic_gbps;
  if (!(rate > 0)) rate = pool.server.nic_gbps.value_or(0);
  if (!(rate > 0))
    rate = pool.chip.scale_out_gbps.value_or(0) * static_cast<double>(pool.server.chips) /
           static_cast<double>(std::max<std::int64_t>(1, pool.nics_per_server));
  if (!(rate > 0)) rate = std::isinf(port) ? kNicRateWhenNothingIsKnown : port;
  return std::min(rate, port);
}

double server_gbps(const Site& site, std::int64_t p) {
  return nic_gbps(site, p) * static_cast<double>(site.pools[static_cast<std::size_t>(p)].nics_per_server);
}

std::int64_t Clos::group_of_server(std::int64_t server) const {
  const auto after = std::upper_bound(groups.begin(), groups.end(), server,
                                      [](std::int64_t s, const LeafGroup& group) { return s < group.first_server; });
  if (after == groups.begin() || server >= groups.back().first_server + groups.back().servers)
    throw std::logic_error("Clos::group_of_server: no such server");
  return static_cast<std::int64_t>(after - groups.begin()) - 1;
}

Clos clos_of(const Site& site) {
  Diagnostics diagnostics;
  check_network(site, "site", diagnostics);
  if (!diagnostics.ok())
    throw std::logic_error("clos_of: " + diagnostics.problems().front().key + ": " +
                           diagnostics.problems().front().message);
  Clos clos;
  if (site.servers == 0) return clos;
  if (site.tiers.empty()) {
    LeafGroup all;
    all.pool = -1;
    all.servers = site.servers;
    for (std::size_t p = 0; p < site.pools.size(); ++p)
      all.down_gbps += static_cast<double>(site.pools[p].servers) * server_gbps(site, static_cast<std::int64_t>(p));
    clos.groups.push_back(all);
    clos.leaves = 1;
    clos.pods.push_back({.first_group = 0, .groups = 1, .leaves = 1});
    return clos;
  }
  clos.leaf_latency_s = site.tiers[0].latency_s;
  if (site.tiers.size() > 1) clos.spine_latency_s = site.tiers[1].latency_s;
  if (site.tiers.size() > 2) clos.core_latency_s = site.tiers[2].latency_s;
  add_groups(site, clos);
  if (clos.leaves != site.leaves) throw std::logic_error("clos_of: leaves disagree with the site's numbering");
  add_pods(site, clos);
  if (site.tiers.size() > 1) {
    add_spines(site, clos);
  } else {
    clos.ideal_spine = true;
    clos.spines_per_pod = clos.spines = 1;
    clos.spine_latency_s = site.tiers[0].latency_s;
  }
  return clos;
}

void check_network(const Site& site, const std::string& path, Diagnostics& diagnostics) {
  const auto whole = [&](const std::string& key, std::int64_t value, std::int64_t least) {
    if (value < least || value > kLargestClos)
      diagnostics.error_at(key, fmt::format("{} is out of range; expected {} to {}", value, least, kLargestClos));
  };
  const auto above_zero = [&](const std::string& key, double value) {
    if (!(value > 0) || !std::isfinite(value))
      diagnostics.error_at(key, fmt::format("{} is out of range; expected a finite value above 0", value));
  };
  double chips = 0;
  for (std::size_t p = 0; p < site.pools.size(); ++p) {
    const Pool& pool = site.pools[p];
    const std::string at = fmt::format("{}.pools[{}]", path, p);
    const std::size_t before = diagnostics.problems().size();
    whole(at + ".count", pool.servers, 0);
    whole(at + ".rack.servers", pool.servers_per_rack, 1);
    whole(at + ".rails", pool.rails, 1);
    whole(at + ".nics_per_server", pool.nics_per_server, 1);
    whole(at + ".server.chips", pool.server.chips, 0);
    if (!std::isfinite(pool.nic_gbps) || pool.nic_gbps < 0)
      diagnostics.error_at(at + ".nic", fmt::format("{} Gbps is not a rate", pool.nic_gbps));
    if (diagnostics.problems().size() != before) continue;
    chips += static_cast<double>(pool.servers) * static_cast<double>(pool.server.chips);
    if (pool.nics_per_server % pool.rails != 0)
      diagnostics.error_at(at + ".rails", fmt::format("{} NICs per server do not divide evenly over {} rails",
                                                      pool.nics_per_server, pool.rails));
    else if (!site.tiers.empty() && scale_out_of(site, static_cast<std::int64_t>(p)) < 0 &&
             site.tiers[0].down_ports < pool.nics_per_server / pool.rails)
      diagnostics.error_at(at, fmt::format("a server takes {} ports of one leaf, which has {}",
                                           pool.nics_per_server / pool.rails, site.tiers[0].down_ports));
  }
  if (chips > static_cast<double>(kLargestClos))
    diagnostics.error_at(path + ".pools", fmt::format("{} chips in all; at most {}", chips, kLargestClos));
  if (site.tiers.size() > 3)
    diagnostics.error_at(path + ".network", fmt::format("{} tiers; at most 3 (leaf, spine, core)", site.tiers.size()));
  for (const Tier& tier : site.tiers) {
    const std::string at = path + ".network." + tier.name;
    above_zero(at + ".rate", tier.rate_gbps);
    above_zero(at + ".oversubscription", tier.oversubscription);
    whole(at + ".down_ports", tier.down_ports, 1);
    if (!(tier.latency_s >= 0) || !std::isfinite(tier.latency_s))
      diagnostics.error_at(at + ".latency", fmt::format("{} s is not a latency", tier.latency_s));
  }
  if (!site.networks.empty()) check_networks(site, path, diagnostics);
}

}  // namespace alight
