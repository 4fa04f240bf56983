// fault_of(): the checks that stand between a plan and SimGrid, which aborts where it is wrong.
#include <fmt/format.h>

#include <cmath>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "platforms/simgrid/plan.hpp"

namespace alight {

namespace {

class FaultChecker {
 public:
  explicit FaultChecker(const ZonePlan& plan) : plan_(plan) {}

  std::optional<PlanFault> run() {
    if (plan_.zones.empty()) return PlanFault{"no zone"};
    points_.emplace("_world_", -1);  // SimGrid's own, above all others
    for (std::size_t z = 0; z < plan_.zones.size() && fault_.empty(); ++z) declare(static_cast<std::int32_t>(z));
    for (const std::string& host : plan_.server_hosts)
      if (!hosts_.count(host)) fail(fmt::format("no host named \"{}\"", host));
    if (fault_.empty()) mark_wanted();
    for (std::size_t z = 0; z < plan_.zones.size() && fault_.empty(); ++z) check_routes(static_cast<std::int32_t>(z));
    if (fault_.empty()) return std::nullopt;
    return PlanFault{fault_, fault_zone_, fault_route_};
  }

 private:
  void fail(std::string why) {
    if (!fault_.empty()) return;
    fault_ = std::move(why);
    fault_zone_ = zone_;
    fault_route_ = route_;
  }
  void declare_point(const std::string& name, std::int32_t zone) {
    if (name.empty()) return fail("a zone, host or router without a name");
    if (!points_.emplace(name, zone).second) fail(fmt::format("two zones, hosts or routers are named \"{}\"", name));
  }
  void declare_host(const std::string& name, double flops, std::int64_t cores, std::int32_t zone) {
    declare_point(name, zone);
    hosts_.insert(name);
    if (!(flops > 0) || !std::isfinite(flops)) fail(fmt::format("host \"{}\" has no speed above 0", name));
    if (cores < 1) fail(fmt::format("host \"{}\" has no core", name));
  }
  void declare_link(const std::string& name, double rate, double latency, LinkSharing sharing) {
    if (name.empty()) return fail("a link without a name");
    if (!(rate > 0) || !std::isfinite(rate)) fail(fmt::format("link \"{}\" has no bandwidth above 0", name));
    if (!(latency >= 0) || !std::isfinite(latency)) fail(fmt::format("link \"{}\" has no latency of 0 or more", name));
    if (!links_.emplace(name, sharing).second) fail(fmt::format("two links are named \"{}\"", name));
    if (sharing == LinkSharing::split_duplex)
      for (const char* way : {"_UP", "_DOWN"})
        if (!links_.emplace(name + way, LinkSharing::shared).second)
          fail(fmt::format("two links are named \"{}{}\"", name, way));
  }

  void declare(std::int32_t z) {
    const PlanZone& zone = plan_.zones[static_cast<std::size_t>(z)];
    zone_ = z;
    if ((z == 0) != (zone.parent < 0) || zone.parent >= z)
      return fail(fmt::format("zone \"{}\" stands before its parent", zone.name));
    declare_point(zone.name, zone.parent);
    if (zone.cluster.has_value() != (zone.routing == ZoneRouting::cluster))
      return fail(fmt::format("zone \"{}\" is half a cluster", zone.name));
    for (const std::string& router : zone.routers) {
      declare_point(router, z);
      routers_.insert(router);
    }
    for (const PlanHost& host : zone.hosts) declare_host(host.name, host.flops, host.cores, z);
    for (const PlanLink& link : zone.links) declare_link(link.name, link.bytes_per_s, link.latency_s, link.sharing);
    if (!zone.cluster) return;
    const PlanCluster& cluster = *zone.cluster;
    if (zone.routers.size() != 1) return fail(fmt::format("cluster \"{}\" has not one router", zone.name));
    for (std::int64_t n : cluster.numbers) {
      declare_host(cluster.prefix + std::to_string(n) + cluster.suffix, cluster.flops, cluster.cores, z);
      const std::string link = zone.name + "_link_" + std::to_string(n);
      declare_link(link, cluster.bytes_per_s, cluster.latency_s, cluster.sharing);
      if (cluster.limiter_bytes_per_s)
        declare_link(link + "_limiter", *cluster.limiter_bytes_per_s, 0, LinkSharing::shared);
      if (cluster.loopback_bytes_per_s)
        declare_link(link + "_loopback", *cluster.loopback_bytes_per_s, cluster.loopback_latency_s.value_or(0),
                     LinkSharing::fatpipe);
    }
    if (cluster.backbone)
      declare_link(cluster.backbone->name, cluster.backbone->bytes_per_s, cluster.backbone->latency_s,
                   cluster.backbone->sharing);
  }

  /// Zones and hosts between which traffic may run: those of servers.
  void mark_wanted() {
    for (const std::string& host : plan_.server_hosts) {
      wanted_.insert(host);
      for (std::int32_t z = points_.at(host); z >= 0; z = plan_.zones[static_cast<std::size_t>(z)].parent)
        if (!wanted_.insert(plan_.zones[static_cast<std::size_t>(z)].name).second) break;
    }
  }

  bool within(const std::string& gateway, const std::string& zone) const {
    const auto point = points_.find(gateway);
    if (point == points_.end()) return false;
    for (std::int32_t z = point->second; z >= 0; z = plan_.zones[static_cast<std::size_t>(z)].parent)
      if (plan_.zones[static_cast<std::size_t>(z)].name == zone) return true;
    return false;
  }

  void check_routes(std::int32_t z) {
    const PlanZone& zone = plan_.zones[static_cast<std::size_t>(z)];
    zone_ = z;
    route_ = -1;
    if (zone.cluster && !zone.routes.empty()) return fail(fmt::format("cluster \"{}\" has routes", zone.name));
    std::unordered_map<std::string, std::vector<std::string>> next, previous;
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (const PlanRoute& route : zone.routes) {
      ++route_;
      const std::string what = fmt::format("route from \"{}\" to \"{}\"", route.from, route.to);
      for (const std::string& end : {route.from, route.to}) {
        const auto point = points_.find(end);
        if (point == points_.end() || point->second != z)
          return fail(fmt::format("{}: \"{}\" is not in zone \"{}\"", what, end, zone.name));
      }
      // A way from a host to itself: its loopback.
      if (route.from == route.to && (zone.routing != ZoneRouting::full || !route.gateway_from.empty()))
        return fail(what + ": both ends are the same");
      const bool zones = !route.gateway_from.empty() || !route.gateway_to.empty();
      for (const std::string& end : {route.from, route.to})
        if (zones == is_host_or_router(end))
          return fail(fmt::format("{}: a zone needs a gateway, a host or router has none", what));
      if (zones && (!gateway_ok(route.gateway_from, route.from) || !gateway_ok(route.gateway_to, route.to)))
        return fail(fmt::format("{}: a gateway is not a host or router of its zone", what));
      if (route.hops.empty()) return fail(what + ": has no link");
      for (const PlanHop& hop : route.hops) {
        const auto link = links_.find(hop.link);
        if (link == links_.end()) return fail(fmt::format("{}: no link named \"{}\"", what, hop.link));
        if ((hop.way != LinkWay::none) != (link->second == LinkSharing::split_duplex))
          return fail(
              fmt::format("{}: link \"{}\" needs a direction if and only if it is split duplex", what, hop.link));
      }
      if (!seen.emplace(route.from, route.to).second ||
          (route.symmetrical && route.from != route.to && !seen.emplace(route.to, route.from).second))
        return fail(what + ": given twice");
      next[route.from].push_back(route.to);
      previous[route.to].push_back(route.from);
      if (route.symmetrical) next[route.to].push_back(route.from), previous[route.from].push_back(route.to);
    }
    route_ = -1;
    check_complete(zone, z, seen, next, previous);
  }

  bool is_host_or_router(const std::string& name) const { return hosts_.count(name) > 0 || routers_.count(name) > 0; }
  bool gateway_ok(const std::string& gateway, const std::string& zone) const {
    return within(gateway, zone) && is_host_or_router(gateway);
  }

  void check_complete(const PlanZone& zone, std::int32_t z,
                      const std::set<std::pair<std::string_view, std::string_view>>& seen,
                      const std::unordered_map<std::string, std::vector<std::string>>& next,
                      const std::unordered_map<std::string, std::vector<std::string>>& previous) {
    if (zone.cluster) return;
    std::vector<std::string> members;
    for (const PlanHost& host : zone.hosts)
      if (wanted_.count(host.name)) members.push_back(host.name);
    for (const std::int32_t child : children(z))
      if (const std::string& name = plan_.zones[static_cast<std::size_t>(child)].name; wanted_.count(name))
        members.push_back(name);
    if (zone.routing == ZoneRouting::full) {
      for (const std::string& a : members)
        for (const std::string& b : members)
          if (a != b && !seen.count({a, b}))
            return fail(fmt::format("zone \"{}\" has no route from \"{}\" to \"{}\"", zone.name, a, b));
      return;
    }
    for (const auto* ways : {&next, &previous}) {
      if (members.size() < 2) return;
      std::unordered_set<std::string> reached = {members.front()};
      std::vector<std::string> open = {members.front()};
      while (!open.empty()) {
        const std::string at = std::move(open.back());
        open.pop_back();
        if (const auto ends = ways->find(at); ends != ways->end())
          for (const std::string& end : ends->second)
            if (reached.insert(end).second) open.push_back(end);
      }
      for (const std::string& member : members)
        if (!reached.count(member))
          return fail(
              fmt::format("zone \"{}\" has no route between \"{}\" and \"{}\"", zone.name, members.front(), member));
    }
  }

  const std::vector<std::int32_t>& children(std::int32_t z) {
    if (children_.empty()) {
      children_.resize(plan_.zones.size());
      for (std::size_t c = 1; c < plan_.zones.size(); ++c)
        children_[static_cast<std::size_t>(plan_.zones[c].parent)].push_back(static_cast<std::int32_t>(c));
    }
    return children_[static_cast<std::size_t>(z)];
  }

  const ZonePlan& plan_;
  std::string fault_;
  std::int32_t zone_ = -1, route_ = -1;  ///< looked at now
  std::int32_t fault_zone_ = -1, fault_route_ = -1;
  std::unordered_map<std::string, std::int32_t> points_;  ///< zone, host or router: the zone it stands in
  std::unordered_set<std::string> hosts_, routers_, wanted_;
  std::unordered_map<std::string, LinkSharing> links_;
  std::vector<std::vector<std::int32_t>> children_;
};

}  // namespace

std::optional<PlanFault> fault_of(const ZonePlan& plan) {
  return FaultChecker(plan).run();
}

}  // namespace alight
