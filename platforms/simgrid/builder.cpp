#include "platforms/simgrid/builder.hpp"

#include <stdexcept>
#include <unordered_map>

#include "platforms/simgrid/compat.hpp"
#include "platforms/simgrid/routed_zone.hpp"
#include "platforms/topology/clos.hpp"
#include "platforms/topology/routes.hpp"
#include "platforms/topology/server_routes.hpp"

namespace alight {

namespace {

namespace sg = simgrid_compat;
using simgrid::s4u::Link;
using simgrid::s4u::LinkInRoute;

class Builder {
 public:
  Builder(const ZonePlan& plan, simgrid::s4u::Engine& engine) : plan_(plan), engine_(engine) {}

  void run() {
    auto* world = sg::world(engine_);
    const auto parent = [&](std::size_t z) {
      return z == 0 ? world : zones_[static_cast<std::size_t>(plan_.zones[z].parent)];
    };
    zones_.resize(plan_.zones.size());
    for (std::size_t z = 0; z < plan_.zones.size(); ++z) {
      const PlanZone& zone = plan_.zones[z];
      zones_[z] = sg::add_zone(world, parent(z), kind(zone.routing), zone.name);
      named_zones_.emplace(zone.name, zones_[z]);
      for (const auto& [key, value] : zone.properties) zones_[z]->set_property(key, value);
      if (zone.cluster)
        add_cluster(zone, zones_[z]);
      else
        for (const std::string& router : zone.routers) points_.emplace(router, sg::add_router(zones_[z], router));
      for (const PlanHost& host : zone.hosts) add_host(zones_[z], host.name, host.flops, host.cores);
      for (const PlanLink& link : zone.links) add_link(zones_[z], link);
    }
    for (std::size_t z = 1; z < zones_.size(); ++z) sg::attach(zones_[z], parent(z));
    for (std::size_t z = 0; z < zones_.size(); ++z)
      for (const PlanRoute& route : plan_.zones[z].routes) add_route(zones_[z], route);
    for (std::size_t z = zones_.size(); z-- > 1;) zones_[z]->seal();
    sg::attach(zones_[0], world);
    zones_[0]->seal();
    world->seal();
  }

  simgrid::s4u::Host* host(const std::string& name) const { return hosts_.at(name); }
  Link* link(const std::string& name) const { return links_.at(name); }
  BuiltPlatform::Duplex duplex(const std::string& name) const {
    const auto* link = dynamic_cast<const simgrid::s4u::SplitDuplexLink*>(links_.at(name));
    return {link->get_link_up(), link->get_link_down()};
  }

 private:
  static sg::Zone kind(ZoneRouting routing) {
    switch (routing) {
      case ZoneRouting::cluster:
        return sg::Zone::star;
      case ZoneRouting::full:
        return sg::Zone::full;
      case ZoneRouting::floyd:
        return sg::Zone::floyd;
      case ZoneRouting::dijkstra:
        return sg::Zone::dijkstra;
      case ZoneRouting::dijkstra_cache:
        return sg::Zone::dijkstra_cache;
    }
    throw std::logic_error("build_platform: unknown routing");
  }

  simgrid::s4u::Host* add_host(simgrid::s4u::NetZone* zone, const std::string& name, double flops, std::int64_t cores) {
    simgrid::s4u::Host* host = sg::add_host(zone, name, flops);
    if (cores != 1) host->set_core_count(static_cast<int>(cores));
    host->seal();
    hosts_.emplace(name, host);
    points_.emplace(name, host->get_netpoint());
    return host;
  }

  Link* add_link(simgrid::s4u::NetZone* zone, const PlanLink& plan) {
    Link* link = nullptr;
    if (plan.sharing == LinkSharing::split_duplex) {
      auto* duplex = sg::add_duplex_link(zone, plan.name, plan.bytes_per_s);
      link = duplex;
      link->set_latency(plan.latency_s);
      links_.emplace(plan.name + "_UP", duplex->get_link_up());
      links_.emplace(plan.name + "_DOWN", duplex->get_link_down());
    } else {
      link = sg::add_link(zone, plan.name, plan.bytes_per_s);
      link->set_latency(plan.latency_s);
      if (plan.sharing == LinkSharing::fatpipe) link->set_sharing_policy(Link::SharingPolicy::FATPIPE);
    }
    link->seal();
    links_.emplace(plan.name, link);
    return link;
  }

  // The same order of links as SimGrid's own <cluster>: limiter, own link, backbone.
  void add_cluster(const PlanZone& plan, simgrid::s4u::NetZone* zone) {
    const PlanCluster& cluster = *plan.cluster;
    const Link* backbone = cluster.backbone ? add_link(zone, *cluster.backbone) : nullptr;
    for (std::int64_t n : cluster.numbers) {
      const std::string number = std::to_string(n);
      const std::string name = plan.name + "_link_" + number;
      auto* point =
          add_host(zone, cluster.prefix + number + cluster.suffix, cluster.flops, cluster.cores)->get_netpoint();
      if (cluster.loopback_bytes_per_s) {
        const Link* loopback = add_link(zone, {name + "_loopback", *cluster.loopback_bytes_per_s,
                                               cluster.loopback_latency_s.value_or(0), LinkSharing::fatpipe});
        sg::add_route(zone, point, point, {LinkInRoute(loopback)}, true);
      }
      sg::LinksInRoute links;
      if (cluster.limiter_bytes_per_s)
        links.emplace_back(add_link(zone, {name + "_limiter", *cluster.limiter_bytes_per_s, 0, LinkSharing::shared}));
      const Link* own = add_link(zone, {name, cluster.bytes_per_s, cluster.latency_s, cluster.sharing});
      if (cluster.sharing == LinkSharing::split_duplex)
        links.emplace_back(own, LinkInRoute::Direction::UP);
      else
        links.emplace_back(own);
      if (backbone) links.emplace_back(backbone);
      sg::add_route(zone, point, nullptr, links, true);
    }
    auto* router = sg::add_router(zone, plan.routers.front());
    points_.emplace(plan.routers.front(), router);
    sg::add_route(zone, router, nullptr, {}, true);  // without it a star's router is no gateway
  }

  void add_route(simgrid::s4u::NetZone* zone, const PlanRoute& route) {
    sg::LinksInRoute links;
    for (const PlanHop& hop : route.hops) {
      const Link* link = links_.at(hop.link);
      if (hop.way == LinkWay::none)
        links.emplace_back(link);
      else
        links.emplace_back(link, hop.way == LinkWay::up ? LinkInRoute::Direction::UP : LinkInRoute::Direction::DOWN);
    }
    if (route.gateway_from.empty())
      sg::add_route(zone, points_.at(route.from), points_.at(route.to), links,
                    route.symmetrical && route.from != route.to);
    else
      sg::add_zone_route(zone, named_zones_.at(route.from), points_.at(route.gateway_from), named_zones_.at(route.to),
                         points_.at(route.gateway_to), links, route.symmetrical);
  }

  const ZonePlan& plan_;
  simgrid::s4u::Engine& engine_;
  std::vector<simgrid::s4u::NetZone*> zones_;
  std::unordered_map<std::string, simgrid::s4u::NetZone*> named_zones_;
  std::unordered_map<std::string, sg::NetPoint*> points_;
  std::unordered_map<std::string, simgrid::s4u::Host*> hosts_;
  std::unordered_map<std::string, Link*> links_;
};

}  // namespace

BuiltPlatform build_platform(const Site& site, simgrid::s4u::Engine& engine) {
  if (!site.networks.empty()) return build_routed(site, server_routes(site), engine);
  const ZonePlan plan = plan_of(site);
  if (const auto fault = fault_of(plan)) throw std::logic_error("build_platform: " + fault->what);
  Builder builder(plan, engine);
  builder.run();
  BuiltPlatform built;
  built.hosts.reserve(plan.server_hosts.size());
  for (const std::string& name : plan.server_hosts) built.hosts.push_back(builder.host(name));
  if (site.wiring || site.servers == 0) return built;
  const auto routes = server_routes(site);
  for (const SharedLink& link : routes->links()) built.links.push_back(builder.link(link.name));
  built.servers.resize(static_cast<std::size_t>(site.servers));
  if (site.tiers.empty()) {
    for (std::int64_t s = 0; s < site.servers; ++s)
      built.servers[static_cast<std::size_t>(s)] = builder.duplex(pool_link_name(site.pool_of_server(s), s));
    built.groups.resize(1);
    built.pods.resize(1);
    return built;
  }
  const Clos clos = clos_of(site);
  for (std::size_t g = 0; g < clos.groups.size(); ++g) {
    const auto group = static_cast<std::int64_t>(g);
    for (std::int64_t s = clos.groups[g].first_server; s < clos.groups[g].first_server + clos.groups[g].servers; ++s)
      built.servers[static_cast<std::size_t>(s)] = builder.duplex(server_link_name(group, s));
    built.groups.push_back(builder.duplex(group_link_name(group)));
  }
  built.pods.resize(clos.pods.size());
  for (std::size_t p = 0; p < clos.pods.size() && clos.cores > 0; ++p)
    built.pods[p] = builder.duplex(pod_link_name(static_cast<std::int64_t>(p)));
  return built;
}

PlatformSizes build_and_measure(const Site& site) {
  sg::silence();
  char name[] = "alight";
  char* arguments[] = {name, nullptr};
  char** argv = arguments;
  int argc = 1;
  simgrid::s4u::Engine engine(&argc, argv);
  const BuiltPlatform built = build_platform(site, engine);
  PlatformSizes sizes{.zones = site.networks.empty() ? plan_of(site).zones.size() : 1,
                      .hosts = built.hosts.size(),
                      .links = engine.get_link_count()};
  if (built.hosts.size() > 1) {
    std::vector<simgrid::s4u::Link*> route;
    built.hosts.front()->route_to(built.hosts.back(), route, &sizes.longest_route_latency_s);
    sizes.longest_route_links = route.size();
  }
  return sizes;
}

}  // namespace alight
