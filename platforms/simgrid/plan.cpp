#include "platforms/simgrid/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/describe/units.hpp"
#include "platforms/topology/clos.hpp"
#include "platforms/topology/routes.hpp"
#include "platforms/topology/server_routes.hpp"

namespace alight {

namespace {

constexpr double kFlopsWhenUnknown = 1e9;
constexpr double kIdealBytesPerS = 1e18;

std::string router_of(const std::string& zone) {
  return zone + "_router";
}

/// A star of the servers [first, first + count), all of one pool.
PlanZone star(const Site& site, std::string name, std::int32_t parent, std::int64_t pool, std::int64_t first,
              std::int64_t count, double latency_s) {
  const Pool& p = site.pools[static_cast<std::size_t>(pool)];
  PlanZone zone;
  zone.name = std::move(name);
  zone.routing = ZoneRouting::cluster;
  zone.parent = parent;
  zone.routers = {router_of(zone.name)};
  zone.cluster.emplace();
  zone.cluster->prefix = "server";
  for (std::int64_t s = first; s < first + count; ++s) zone.cluster->numbers.push_back(s);
  zone.cluster->flops = server_flops(p);
  zone.cluster->bytes_per_s = server_gbps(site, pool) * kBytesPerGbit;
  zone.cluster->latency_s = latency_s;
  zone.properties.emplace_back("pool", p.name);
  zone.properties.emplace_back("chips_per_server", fmt::to_string(p.server.chips));
  return zone;
}

PlanZone switch_zone(std::string name, std::int32_t parent) {
  PlanZone zone;
  zone.name = std::move(name);
  zone.parent = parent;
  zone.routers = {router_of(zone.name)};
  return zone;
}

/// Joins two zones under `parent` by a split-duplex link, up from `from` to `to`.
void join(PlanZone& parent, const std::string& from, const std::string& to, std::string link, double gbps,
          double latency_s) {
  parent.routes.push_back({from, to, router_of(from), router_of(to), {{link, LinkWay::up}}, true});
  parent.links.push_back({std::move(link), gbps * kBytesPerGbit, latency_s, LinkSharing::split_duplex});
}

std::string group_zone(std::int64_t group) {
  return "leaf" + std::to_string(group);
}
std::string pod_zone(std::int64_t pod) {
  return "pod" + std::to_string(pod);
}
std::string spine_zone(std::int64_t pod) {
  return pod_zone(pod) + "_spines";
}

/// One ideal switch: a star per pool, every two joined by one link that never binds (SimGrid refuses empty routes).
void plan_without_tiers(const Site& site, ZonePlan& plan) {
  std::vector<std::string> names;
  for (std::size_t p = 0; p < site.pools.size(); ++p) {
    const Pool& pool = site.pools[p];
    if (pool.servers == 0) continue;
    names.push_back("pool" + std::to_string(p));
    plan.zones.push_back(star(site, names.back(), 0, static_cast<std::int64_t>(p), pool.first_server, pool.servers, 0));
  }
  if (names.size() < 2) return;
  PlanZone& root = plan.zones.front();
  root.routing = ZoneRouting::full;
  root.links.push_back({kIdealLinkName, kIdealBytesPerS, 0, LinkSharing::fatpipe});
  for (std::size_t a = 0; a < names.size(); ++a)
    for (std::size_t b = a + 1; b < names.size(); ++b)
      root.routes.push_back(
          {names[a], names[b], router_of(names[a]), router_of(names[b]), {{kIdealLinkName, LinkWay::none}}, true});
}

/// Every two servers, both ways: a tie in a torus is not broken alike in both.
void plan_table(const Site& site, ZonePlan& plan) {
  if (site.servers > kMostTabled)
    throw std::logic_error(fmt::format("plan_of: {} servers are too many for a table of routes", site.servers));
  const auto routes = server_routes(site);
  PlanZone& zone = plan.zones.front();
  zone.routing = ZoneRouting::full;
  for (const SharedLink& link : routes->links())
    zone.links.push_back({link.name, link.gbps * kBytesPerGbit, link.latency_s, LinkSharing::shared});
  std::vector<Crossing> crossings;
  for (std::int64_t a = 0; a < site.servers; ++a) {
    zone.hosts.push_back({host_name(a), server_flops(site.pools[static_cast<std::size_t>(site.pool_of_server(a))]), 1});
    for (std::int64_t b = 0; b < site.servers; ++b) {
      if (a == b) continue;
      crossings.clear();
      routes->static_route(a, b, crossings);
      PlanRoute route{.from = host_name(a), .to = host_name(b), .symmetrical = false};
      for (const Crossing& c : crossings) route.hops.push_back({routes->links()[c.link].name, LinkWay::none});
      zone.routes.push_back(std::move(route));
    }
  }
}

/// With cores every pod is a zone of its own, so that finding a way, and SimGrid's checks of a route, look at one pod's
/// leaves and at the pods, never at all leaves.
void plan_tiers(const Site& site, ZonePlan& plan) {
  const Clos clos = clos_of(site);
  plan.zones.reserve(2 + clos.groups.size() + 2 * clos.pods.size());
  for (std::size_t p = 0; p < clos.pods.size(); ++p) {
    const auto pod = static_cast<std::int64_t>(p);
    std::int32_t home = 0;
    if (clos.cores > 0) {
      join(plan.zones.front(), pod_zone(pod), "core", pod_link_name(pod), clos.pods[p].usable_gbps(),
           clos.core_latency_s);
      plan.zones.front().routes.back().gateway_from = router_of(spine_zone(pod));
      home = static_cast<std::int32_t>(plan.zones.size());
      plan.zones.push_back({.name = pod_zone(pod), .routing = ZoneRouting::dijkstra_cache, .parent = 0});
    }
    const auto above = static_cast<std::size_t>(home);
    plan.zones.push_back(switch_zone(spine_zone(pod), home));
    for (std::int64_t g = clos.pods[p].first_group; g < clos.pods[p].first_group + clos.pods[p].groups; ++g) {
      const LeafGroup& group = clos.groups[static_cast<std::size_t>(g)];
      plan.zones.push_back(
          star(site, group_zone(g), home, group.pool, group.first_server, group.servers, clos.leaf_latency_s));
      join(plan.zones[above], group_zone(g), spine_zone(pod), group_link_name(g), group.usable_gbps(),
           clos.spine_latency_s);
    }
  }
  if (clos.cores > 0) plan.zones.push_back(switch_zone("core", 0));
}

}  // namespace

double server_flops(const Pool& pool) {
  const Chip& chip = pool.chip;
  const double tflops = chip.bf16_tflops.value_or(chip.fp32_tflops.value_or(chip.fp64_tflops.value_or(0)));
  const double flops = tflops * 1e12 * static_cast<double>(pool.server.chips);
  return flops > 0 ? flops : kFlopsWhenUnknown;
}

double chip_flops(const Pool& pool) {
  return server_flops(pool) / static_cast<double>(pool.server.chips);
}

std::string host_name(std::int64_t server) {
  return "server" + std::to_string(server);
}
std::string server_link_name(std::int64_t group, std::int64_t server) {
  return group_zone(group) + "_link_" + std::to_string(server);
}
std::string pool_link_name(std::int64_t pool, std::int64_t server) {
  return "pool" + std::to_string(pool) + "_link_" + std::to_string(server);
}
std::string group_link_name(std::int64_t group) {
  return group_zone(group) + "_up";
}
std::string pod_link_name(std::int64_t pod) {
  return pod_zone(pod) + "_up";
}

ZonePlan plan_of(const Site& site) {
  if (site.wiring) return *site.wiring;
  ZonePlan plan;
  PlanZone root;
  root.name = "site";
  root.routing = ZoneRouting::dijkstra_cache;
  if (!site.name.empty()) root.properties.emplace_back("site", site.name);
  plan.zones.push_back(std::move(root));
  if (!site.networks.empty())
    plan_table(site, plan);
  else if (site.tiers.empty())
    plan_without_tiers(site, plan);
  else
    plan_tiers(site, plan);
  plan.server_hosts.reserve(static_cast<std::size_t>(site.servers));
  for (std::int64_t s = 0; s < site.servers; ++s) plan.server_hosts.push_back(host_name(s));
  return plan;
}

}  // namespace alight
