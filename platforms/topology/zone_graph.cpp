#include "platforms/topology/zone_graph.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace alight {

namespace {

struct Figures {
  double gbps = kUnlimitedGbps, latency_s = 0;
};

Figures figures(const PlanRoute& route, const std::unordered_map<std::string, const PlanLink*>& links) {
  Figures out;
  for (const PlanHop& hop : route.hops) {
    const auto link = links.find(hop.link);
    if (link == links.end()) continue;  // a cluster's own link: its host's edge has it
    out.gbps = std::min(out.gbps, link->second->bytes_per_s * 8e-9);
    out.latency_s += link->second->latency_s;
  }
  return out;
}

}  // namespace

ZoneGraph zone_graph(const ZonePlan& plan, const Site& site) {
  struct Home {
    std::int64_t zone = 0;
    Figures figures;
  };
  ZoneGraph out;
  out.zones.resize(plan.zones.size());
  std::unordered_map<std::string, const PlanLink*> links;
  std::unordered_map<std::string, Home> home;  // of hosts and routers
  for (std::size_t z = 0; z < plan.zones.size(); ++z) {
    const PlanZone& zone = plan.zones[z];
    for (const PlanLink& link : zone.links) links.emplace(link.name, &link);
    for (const std::string& router : zone.routers) home.emplace(router, Home{static_cast<std::int64_t>(z), {}});
    for (const PlanHost& host : zone.hosts) home.emplace(host.name, Home{static_cast<std::int64_t>(z), {0, 0}});
    if (!zone.cluster) continue;
    const Figures own{zone.cluster->bytes_per_s * 8e-9, zone.cluster->latency_s};
    for (std::int64_t n : zone.cluster->numbers)
      home.emplace(zone.cluster->prefix + std::to_string(n) + zone.cluster->suffix,
                   Home{static_cast<std::int64_t>(z), own});
  }
  std::set<std::pair<std::int64_t, std::int64_t>> joined;
  for (const PlanZone& zone : plan.zones)
    for (const PlanRoute& route : zone.routes) {
      const Figures f = figures(route, links);
      if (route.gateway_from.empty()) {
        for (const std::string& end : {route.from, route.to})
          if (const auto host = home.find(end); host != home.end() && f.gbps > host->second.figures.gbps)
            host->second.figures = {f.gbps, f.latency_s / 2};
        continue;
      }
      const auto from = home.find(route.gateway_from), to = home.find(route.gateway_to);
      if (from == home.end() || to == home.end()) continue;
      const auto [a, b] = std::minmax(from->second.zone, to->second.zone);
      if (a == b || !joined.emplace(a, b).second) continue;
      out.zones[static_cast<std::size_t>(a)].used = out.zones[static_cast<std::size_t>(b)].used = true;
      out.edges.push_back({false, a, b, f.gbps, f.latency_s});
    }
  for (std::int64_t s = 0; s < site.servers; ++s) {
    const Home& h = home.at(plan.server_hosts[static_cast<std::size_t>(s)]);
    ZoneGraph::Zone& zone = out.zones[static_cast<std::size_t>(h.zone)];
    zone.used = zone.leaf = true;
    out.edges.push_back({true, s, h.zone, h.figures.gbps, h.figures.latency_s});
  }
  for (ZoneGraph::Zone& zone : out.zones)
    if (zone.used) zone.index = zone.leaf ? out.leaves++ : out.others++;
  return out;
}

double way_latency_s(std::size_t vertices, const std::vector<Bundle>& bundles, std::int32_t from, std::int32_t to) {
  std::vector<std::vector<std::pair<std::int32_t, double>>> next(vertices);
  for (const Bundle& b : bundles) {
    next[static_cast<std::size_t>(b.below)].emplace_back(b.above, b.latency_s);
    next[static_cast<std::size_t>(b.above)].emplace_back(b.below, b.latency_s);
  }
  std::vector<double> latency(vertices, -1);
  latency[static_cast<std::size_t>(from)] = 0;
  std::deque<std::int32_t> open = {from};
  while (!open.empty()) {
    const std::int32_t v = open.front();
    open.pop_front();
    if (v == to) return latency[static_cast<std::size_t>(v)];
    for (const auto& [w, cost] : next[static_cast<std::size_t>(v)]) {
      if (latency[static_cast<std::size_t>(w)] >= 0) continue;
      latency[static_cast<std::size_t>(w)] = latency[static_cast<std::size_t>(v)] + cost;
      open.push_back(w);
    }
  }
  return 0;
}

}  // namespace alight
