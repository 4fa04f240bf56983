#include "platforms/simgrid/export_xml.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <pugixml.hpp>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace alight {

namespace {

// fmt writes the shortest text that reads back as the same double.
std::string rate(double bytes_per_s) {
  return fmt::format("{}Bps", bytes_per_s);
}
std::string time(double seconds) {
  return fmt::format("{}s", seconds);
}
std::string speed(double flops) {
  return fmt::format("{}f", flops);
}

const char* name_of(LinkSharing sharing) {
  return sharing == LinkSharing::shared ? "SHARED" : sharing == LinkSharing::fatpipe ? "FATPIPE" : "SPLITDUPLEX";
}
const char* name_of(ZoneRouting routing) {
  switch (routing) {
    case ZoneRouting::full:
      return "Full";
    case ZoneRouting::floyd:
      return "Floyd";
    case ZoneRouting::dijkstra:
      return "Dijkstra";
    case ZoneRouting::dijkstra_cache:
      return "DijkstraCache";
    case ZoneRouting::cluster:
      break;
  }
  throw std::logic_error("xml_of: a cluster is no <zone>");
}

/// "0-3,7,9-11"
std::string radical(const std::vector<std::int64_t>& numbers) {
  std::string out;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) ++end;
    if (!out.empty()) out += ',';
    out += end == i ? fmt::format("{}", numbers[i]) : fmt::format("{}-{}", numbers[i], numbers[end]);
    i = end + 1;
  }
  return out;
}

pugi::xml_attribute set(pugi::xml_node node, const char* key, const std::string& value) {
  auto attribute = node.append_attribute(key);
  attribute.set_value(value.c_str());
  return attribute;
}

class Writer {
 public:
  explicit Writer(const ZonePlan& plan) : plan_(plan), children_(plan.zones.size()) {
    for (std::size_t z = 1; z < plan.zones.size(); ++z)
      children_[static_cast<std::size_t>(plan.zones[z].parent)].push_back(z);
  }

  std::string text() {
    auto declaration = document_.append_child(pugi::node_declaration);
    set(declaration, "version", "1.0");
    document_.append_child(pugi::node_doctype).set_value("platform SYSTEM \"https://simgrid.org/simgrid.dtd\"");
    auto platform = document_.append_child("platform");
    set(platform, "version", "4.1");
    add_zone(platform, 0);
    std::ostringstream out;
    document_.save(out, "  ");
    return std::move(out).str();
  }

 private:
  void add_zone(pugi::xml_node parent, std::size_t z) {
    const PlanZone& zone = plan_.zones[z];
    if (zone.cluster) return add_cluster(parent, zone);
    auto node = parent.append_child("zone");
    set(node, "id", zone.name);
    set(node, "routing", name_of(zone.routing));
    add_properties(node, zone);
    for (const PlanHost& host : zone.hosts) {
      auto h = node.append_child("host");
      set(h, "id", host.name);
      set(h, "speed", speed(host.flops));
      if (host.cores != 1) set(h, "core", std::to_string(host.cores));
    }
    for (const std::string& router : zone.routers) set(node.append_child("router"), "id", router);
    for (std::size_t child : children_[z]) add_zone(node, child);
    for (const PlanLink& link : zone.links) {
      auto l = node.append_child("link");
      set(l, "id", link.name);
      set(l, "bandwidth", rate(link.bytes_per_s));
      set(l, "latency", time(link.latency_s));
      set(l, "sharing_policy", name_of(link.sharing));
    }
    for (const PlanRoute& route : zone.routes) add_route(node, route);
  }

  void add_cluster(pugi::xml_node parent, const PlanZone& zone) {
    const PlanCluster& cluster = *zone.cluster;
    auto node = parent.append_child("cluster");
    set(node, "id", zone.name);
    set(node, "prefix", cluster.prefix);
    set(node, "suffix", cluster.suffix);
    set(node, "radical", radical(cluster.numbers));
    set(node, "speed", speed(cluster.flops));
    if (cluster.cores != 1) set(node, "core", std::to_string(cluster.cores));
    set(node, "bw", rate(cluster.bytes_per_s));
    set(node, "lat", time(cluster.latency_s));
    if (cluster.sharing != LinkSharing::split_duplex) set(node, "sharing_policy", name_of(cluster.sharing));
    if (cluster.backbone) {
      set(node, "bb_bw", rate(cluster.backbone->bytes_per_s));
      set(node, "bb_lat", time(cluster.backbone->latency_s));
      if (cluster.backbone->sharing != LinkSharing::shared)
        set(node, "bb_sharing_policy", name_of(cluster.backbone->sharing));
    }
    if (cluster.limiter_bytes_per_s) set(node, "limiter_link", rate(*cluster.limiter_bytes_per_s));
    if (cluster.loopback_bytes_per_s) {
      set(node, "loopback_bw", rate(*cluster.loopback_bytes_per_s));
      set(node, "loopback_lat", time(cluster.loopback_latency_s.value_or(0)));
    }
    set(node, "router_id", zone.routers.front());
    add_properties(node, zone);
  }

  static void add_properties(pugi::xml_node node, const PlanZone& zone) {
    for (const auto& [key, value] : zone.properties) {
      auto property = node.append_child("prop");
      set(property, "id", key);
      set(property, "value", value);
    }
  }

  static void add_route(pugi::xml_node parent, const PlanRoute& route) {
    const bool zones = !route.gateway_from.empty();
    auto node = parent.append_child(zones ? "zoneRoute" : "route");
    set(node, "src", route.from);
    set(node, "dst", route.to);
    if (zones) {
      set(node, "gw_src", route.gateway_from);
      set(node, "gw_dst", route.gateway_to);
    }
    if (!route.symmetrical) set(node, "symmetrical", "NO");
    for (const PlanHop& hop : route.hops) {
      auto link = node.append_child("link_ctn");
      set(link, "id", hop.link);
      if (hop.way != LinkWay::none) set(link, "direction", hop.way == LinkWay::up ? "UP" : "DOWN");
    }
  }

  const ZonePlan& plan_;
  std::vector<std::vector<std::size_t>> children_;
  pugi::xml_document document_;
};

}  // namespace

std::string xml_of(const ZonePlan& plan) {
  if (const auto fault = fault_of(plan)) throw std::logic_error("xml_of: " + fault->what);
  return Writer(plan).text();
}

std::string export_xml(const Site& site, const std::filesystem::path& file) {
  if (!site.networks.empty() && site.servers > kMostTabled)
    return fmt::format(
        "cannot write {}: a site with `networks` is written as one route for every two servers, for at most {} "
        "servers; "
        "this one has {}",
        file.string(), kMostTabled, site.servers);
  const std::string text = xml_of(plan_of(site));
  std::filesystem::path beside = file;
  beside += ".part";
  const auto failed = [&](const std::string& why) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    return fmt::format("cannot write {}: {}", file.string(), why);
  };
  errno = 0;
  std::ofstream out(beside, std::ios::binary | std::ios::trunc);
  if (!out) return fmt::format("cannot write {}: {}", file.string(), std::strerror(errno));
  out << text;
  out.close();
  if (!out) return failed(std::strerror(errno));
  std::error_code error;
  std::filesystem::rename(beside, file, error);
  return error ? failed(error.message()) : std::string();
}

}  // namespace alight
