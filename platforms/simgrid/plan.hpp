// The zones, hosts, links and routes that SimGrid is to have, as plain data: derived from a site's tiers, or read from
// a SimGrid XML file. The builder and the XML writer both work from it, so what they make is the same.
//
// Shape for a site with tiers: one star zone per leaf group with its servers as hosts, beside a zone for the pod's
// spines that holds only a router. Where there is a core tier, each pod's are in a zone of their own, beside one for
// the cores. These outer zones route by Dijkstra's algorithm (cached). The links are the bundles of topology/clos.hpp:
// every server's NICs, every group's cables up, every pod's cables up, all split duplex. So a route is server up [,
// group up [, pod up, pod down], group down], server down. Single spines and cables are not in it: static routing would
// send all of a pair's traffic through one of them, while the fabric spreads it. (SimGrid 3.32 loses links across three
// nested star zones; stars under Dijkstra zones it routes right: tested.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "platforms/site.hpp"

namespace alight {

enum class LinkSharing : std::uint8_t { shared, split_duplex, fatpipe };
enum class LinkWay : std::uint8_t { none, up, down };

struct PlanLink {
  std::string name;
  double bytes_per_s = 0;
  double latency_s = 0;
  LinkSharing sharing = LinkSharing::shared;
};

struct PlanHost {
  std::string name;
  double flops = 0;  ///< per core
  std::int64_t cores = 1;
};

/// Hosts named prefix + number + suffix around one router, each with a link of its own named
/// zone + "_link_" + number; SimGrid's flat <cluster>.
struct PlanCluster {
  std::string prefix, suffix;
  std::vector<std::int64_t> numbers;
  double flops = 0;
  std::int64_t cores = 1;
  double bytes_per_s = 0;
  double latency_s = 0;
  LinkSharing sharing = LinkSharing::split_duplex;
  std::optional<PlanLink> backbone;  ///< crossed by all traffic of the zone, named zone + "_backbone"
  std::optional<double> loopback_bytes_per_s, loopback_latency_s;
  std::optional<double> limiter_bytes_per_s;
};

struct PlanHop {
  std::string link;
  LinkWay way = LinkWay::none;
};

/// Between two hosts or routers (no gateways), or between two child zones.
struct PlanRoute {
  std::string from, to;
  std::string gateway_from, gateway_to;
  std::vector<PlanHop> hops;
  bool symmetrical = true;
};

enum class ZoneRouting : std::uint8_t { cluster, full, floyd, dijkstra, dijkstra_cache };

struct PlanZone {
  std::string name;
  ZoneRouting routing = ZoneRouting::full;
  std::int32_t parent = -1;          ///< parents come before their children
  std::vector<std::string> routers;  ///< a cluster has exactly one
  std::optional<PlanCluster> cluster;
  std::vector<PlanHost> hosts;
  std::vector<PlanLink> links;
  std::vector<PlanRoute> routes;
  std::vector<std::pair<std::string, std::string>> properties;
};

struct ZonePlan {
  std::vector<PlanZone> zones;            ///< the root first
  std::vector<std::string> server_hosts;  ///< host of each server of the site, by number
};

/// The plan of a site: its own where it was read from a platform file, else derived from its tiers. A host is a server;
/// its speed is chips x the chip's dense bf16 rate (fp32, else fp64, else 1 GFLOP/s where unknown).
/// Throws std::logic_error for a site that check_network() would refuse.
///
/// With Site::networks the plan is a table: one full zone of all servers with a route for every two, both ways. So only
/// a site of at most kMostTabled servers has one (std::logic_error otherwise); build_platform() does without
/// (routed_zone.hpp).
ZonePlan plan_of(const Site& site);
inline constexpr std::int64_t kMostTabled = 512;
/// Speed of the host of one server of a pool.
double server_flops(const Pool& pool);

/// Operations/s of one chip in that plan.
double chip_flops(const Pool& pool);

/// Names in a derived plan.
std::string host_name(std::int64_t server);
/// Between the pools of a site without tiers: a link that never binds, without latency.
inline constexpr const char* kIdealLinkName = "ideal";
std::string server_link_name(std::int64_t group, std::int64_t server);
/// The same in a site without tiers, where the zones are pools.
std::string pool_link_name(std::int64_t pool, std::int64_t server);
std::string group_link_name(std::int64_t group);
std::string pod_link_name(std::int64_t pod);

struct PlanFault {
  std::string what;
  std::int32_t zone = -1, route = -1;  ///< where, if it is about one; a route of that zone
};

/// What SimGrid would abort on: the first fault found. Names are unique (zones, hosts and routers together; links) and
/// not empty, figures finite and above zero (latency: at least zero), routes between members of their zone over known
/// links, gateways hosts or routers within their zone, all servers' hosts joined (in a full zone: every pair).
std::optional<PlanFault> fault_of(const ZonePlan& plan);

}  // namespace alight
