#include "platforms/simgrid/import_xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <pugixml.hpp>
#include <tuple>
#include <unordered_map>

#include "platforms/simgrid/plan.hpp"
#include "platforms/simgrid/xml_elements.hpp"

namespace alight {

namespace {

constexpr std::size_t kMostHosts = 4'000'000;
constexpr int kMostDepth = 64;

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

class Reader : private XmlElements {
 public:
  Reader(std::string_view text, const std::string& name, Diagnostics& diagnostics)
      : XmlElements(text, name, diagnostics), text_(text), name_(name), diagnostics_(diagnostics) {}

  std::optional<Site> run() {
    const std::size_t before = diagnostics_.problems().size();
    pugi::xml_document document;
    const auto parsed = document.load_buffer(text_.data(), text_.size());
    if (!parsed) {
      diagnostics_.error(place(parsed.offset), "", fmt::format("not XML: {}", parsed.description()));
      return std::nullopt;
    }
    const auto platform = document.child("platform");
    if (!platform) {
      diagnostics_.error(place(0), "", "not a SimGrid platform: expected an element <platform>");
      return std::nullopt;
    }
    read_platform(platform);
    if (diagnostics_.problems().size() != before) return std::nullopt;
    settle_directions();
    auto site = make_site();
    if (const auto fault = fault_of(plan_)) {
      Location where = place(platform);
      if (fault->zone >= 0) {
        const auto z = static_cast<std::size_t>(fault->zone);
        where = fault->route < 0 ? zone_places_[z] : route_places_[z][static_cast<std::size_t>(fault->route)];
      }
      diagnostics_.error(where, "", fault->what);
      return std::nullopt;
    }
    site.wiring = std::make_shared<const ZonePlan>(std::move(plan_));
    number(site);
    return site;
  }

 private:
  void declare(pugi::xml_node node, std::unordered_map<std::string, Location>& names, const std::string& name) {
    const auto [first, fresh] = names.emplace(name, place(node));
    if (!fresh) error(node, "", fmt::format("\"{}\" is already defined on line {}", name, first->second.line));
  }
  void declare_hosts(pugi::xml_node node, std::size_t count) {
    hosts_ += count;
    if (hosts_ > kMostHosts) error(node, "", fmt::format("more than {} hosts", kMostHosts));
  }

  void read_platform(pugi::xml_node platform) {
    check_attributes(platform, {"version"});
    const std::string version = text(platform, "version");
    if (platform.attribute("version") && version != "4" && version != "4.0" && version != "4.1")
      error(platform, "version", fmt::format("\"{}\" is not supported; expected 4 or 4.1", version));
    for (const auto node : platform.children()) {
      const std::string tag = node.name();
      if (node.type() != pugi::node_element || tag == "config") continue;
      if (tag != "zone" && tag != "AS" && tag != "cluster")
        error(node, "", fmt::format("<{}> is not supported in <platform>; expected one <zone> or <cluster>", tag));
      else if (!plan_.zones.empty())
        error(node, "", "a platform has one outermost zone");
      else
        read_zone(node, -1, 0);
    }
    if (plan_.zones.empty() && diagnostics_.ok()) error(platform, "", "has no <zone> and no <cluster>");
    if (!plan_.zones.empty() && hosts_ == 0 && diagnostics_.ok()) error(platform, "", "has no host");
  }

  std::size_t add_zone(pugi::xml_node node, std::int32_t parent) {
    PlanZone zone;
    zone.name = text(node, "id");
    zone.parent = parent;
    declare(node, points_, zone.name);
    plan_.zones.push_back(std::move(zone));
    zone_places_.push_back(place(node));
    route_places_.emplace_back();
    return plan_.zones.size() - 1;
  }

  void read_zone(pugi::xml_node node, std::int32_t parent, int depth) {
    if (std::string_view(node.name()) == "cluster") return read_cluster(node, parent);
    if (depth > kMostDepth) return error(node, "", fmt::format("zones nest deeper than {}", kMostDepth));
    check_attributes(node, {"id", "routing"});
    const std::size_t z = add_zone(node, parent);
    plan_.zones[z].routing = routing(node);
    for (const auto child : node.children()) {
      if (child.type() != pugi::node_element) continue;
      const std::string tag = child.name();
      if (tag == "zone" || tag == "AS" || tag == "cluster")
        read_zone(child, static_cast<std::int32_t>(z), depth + 1);
      else if (tag == "prop")
        read_property(child, plan_.zones[z].properties);
      else if (tag == "host")
        read_host(child, z);
      else if (tag == "router")
        read_router(child, z);
      else if (tag == "link")
        read_link(child, z);
      else if (tag == "route" || tag == "zoneRoute" || tag == "ASroute")
        read_route(child, z, tag != "route");
      else
        error(child, "", fmt::format("<{}> is not supported in <zone>", tag));
    }
  }

  ZoneRouting routing(pugi::xml_node node) {
    const std::string written = text(node, "routing");
    if (same_ignoring_case(written, "Full") || same_ignoring_case(written, "None")) return ZoneRouting::full;
    if (same_ignoring_case(written, "Floyd")) return ZoneRouting::floyd;
    if (same_ignoring_case(written, "Dijkstra")) return ZoneRouting::dijkstra;
    if (same_ignoring_case(written, "DijkstraCache")) return ZoneRouting::dijkstra_cache;
    if (node.attribute("routing"))
      error(node, "routing",
            fmt::format("\"{}\" is not supported; expected Full, Floyd, Dijkstra, DijkstraCache or None", written));
    return ZoneRouting::full;
  }

  void read_property(pugi::xml_node node, std::vector<std::pair<std::string, std::string>>& into) {
    check_attributes(node, {"id", "value"});
    into.emplace_back(text(node, "id"), text(node, "value"));
  }
  static bool is_master(const std::vector<std::pair<std::string, std::string>>& properties) {
    return std::find(properties.begin(), properties.end(), std::pair<std::string, std::string>("role", "master")) !=
           properties.end();
  }

  void read_cluster(pugi::xml_node node, std::int32_t parent) {
    check_attributes(
        node,
        {"id", "prefix", "suffix", "radical", "speed", "core", "bw", "lat", "sharing_policy", "topology", "bb_bw",
         "bb_lat", "bb_sharing_policy", "router_id", "limiter_link", "loopback_bw", "loopback_lat"},
        {"topo_parameters"});
    const std::size_t z = add_zone(node, parent);
    const std::string topology = node.attribute("topology").as_string("FLAT");
    if (topology != "FLAT") error(node, "topology", fmt::format("\"{}\" is not supported; expected FLAT", topology));
    PlanCluster cluster;
    cluster.prefix = text(node, "prefix");
    cluster.suffix = text(node, "suffix");
    const std::string radical = text(node, "radical");
    if (auto numbers = parse_radical(radical, kMostHosts))
      cluster.numbers = std::move(*numbers);
    else if (node.attribute("radical"))
      error(node, "radical",
            fmt::format("\"{}\" is not a list such as 0-3,7 of at most {} numbers", radical, kMostHosts));
    cluster.flops = value(node, "speed", XmlUnit::speed, false);
    cluster.cores = cores(node);
    cluster.bytes_per_s = value(node, "bw", XmlUnit::bandwidth, false);
    cluster.latency_s = value(node, "lat", XmlUnit::time, true);
    cluster.sharing = sharing(node, "sharing_policy", LinkSharing::split_duplex);
    const std::string& id = plan_.zones[z].name;
    const auto backbone_rate = optional_value(node, "bb_bw", XmlUnit::bandwidth, false);
    const auto backbone_latency = optional_value(node, "bb_lat", XmlUnit::time, true).value_or(0);
    if (backbone_rate)
      cluster.backbone = {id + "_backbone", *backbone_rate, backbone_latency,
                          sharing(node, "bb_sharing_policy", LinkSharing::shared)};
    else if (backbone_latency > 0)
      error(node, "bb_bw", "is missing, with bb_lat given");
    cluster.limiter_bytes_per_s = optional_value(node, "limiter_link", XmlUnit::bandwidth, false);
    cluster.loopback_bytes_per_s = optional_value(node, "loopback_bw", XmlUnit::bandwidth, false);
    cluster.loopback_latency_s = optional_value(node, "loopback_lat", XmlUnit::time, true);
    if (cluster.loopback_latency_s && !cluster.loopback_bytes_per_s)
      error(node, "loopback_bw", "is missing, with loopback_lat given");
    std::string router = node.attribute("router_id").value();
    if (router.empty()) router = cluster.prefix + id + "_router" + cluster.suffix;
    declare(node, points_, router);
    declare_hosts(node, cluster.numbers.size());
    for (const auto child : node.children("prop")) read_property(child, plan_.zones[z].properties);
    for (const auto child : node.children())
      if (child.type() == pugi::node_element && std::string_view(child.name()) != "prop")
        error(child, "", fmt::format("<{}> is not supported in <cluster>", child.name()));
    if (!is_master(plan_.zones[z].properties))
      for (std::int64_t n : cluster.numbers)
        servers_.push_back({z, cluster.flops, cluster.cores, cluster.bytes_per_s * 8e-9,
                            cluster.prefix + std::to_string(n) + cluster.suffix});
    plan_.zones[z].routing = ZoneRouting::cluster;
    plan_.zones[z].routers = {std::move(router)};
    plan_.zones[z].cluster = std::move(cluster);
  }

  void read_host(pugi::xml_node node, std::size_t z) {
    check_attributes(node, {"id", "speed", "core", "coordinates"},
                     {"speed_file", "availability_file", "state_file", "pstate"});
    PlanHost host{text(node, "id"), value(node, "speed", XmlUnit::speed, false), cores(node)};
    declare(node, points_, host.name);
    declare_hosts(node, 1);
    std::vector<std::pair<std::string, std::string>> properties;
    for (const auto child : node.children())
      if (std::string_view(child.name()) == "prop")
        read_property(child, properties);
      else if (child.type() == pugi::node_element)
        error(child, "", fmt::format("<{}> is not supported in <host>", child.name()));
    if (!is_master(properties)) servers_.push_back({z, host.flops, host.cores, 0, host.name});
    plan_.zones[z].hosts.push_back(std::move(host));
  }

  void read_router(pugi::xml_node node, std::size_t z) {
    check_attributes(node, {"id", "coordinates"});
    plan_.zones[z].routers.push_back(text(node, "id"));
    declare(node, points_, plan_.zones[z].routers.back());
  }

  void read_link(pugi::xml_node node, std::size_t z) {
    check_attributes(node, {"id", "bandwidth", "latency", "sharing_policy"},
                     {"bandwidth_file", "latency_file", "state_file"});
    PlanLink link{text(node, "id"), value(node, "bandwidth", XmlUnit::bandwidth, false),
                  optional_value(node, "latency", XmlUnit::time, true).value_or(0),
                  sharing(node, "sharing_policy", LinkSharing::shared)};
    declare(node, link_names_, link.name);
    if (link.sharing == LinkSharing::split_duplex) duplex_.emplace(link.name, true);
    plan_.zones[z].links.push_back(std::move(link));
  }

  void read_route(pugi::xml_node node, std::size_t z, bool zones) {
    std::vector<std::string> known = {"src", "dst", "symmetrical"};
    if (zones) known.insert(known.end(), {"gw_src", "gw_dst"});
    check_attributes(node, known);
    PlanRoute route;
    route.from = text(node, "src");
    route.to = text(node, "dst");
    if (zones) {
      route.gateway_from = text(node, "gw_src");
      route.gateway_to = text(node, "gw_dst");
    }
    const std::string symmetrical = node.attribute("symmetrical").as_string("YES");
    route.symmetrical = same_ignoring_case(symmetrical, "YES");
    if (!route.symmetrical && !same_ignoring_case(symmetrical, "NO"))
      error(node, "symmetrical", fmt::format("\"{}\" is neither YES nor NO", symmetrical));
    for (const auto child : node.children()) {
      if (child.type() != pugi::node_element) continue;
      if (std::string_view(child.name()) != "link_ctn") {
        error(child, "", fmt::format("<{}> is not supported in <{}>", child.name(), node.name()));
        continue;
      }
      check_attributes(child, {"id", "direction"});
      const std::string direction = child.attribute("direction").as_string("NONE");
      if (direction != "UP" && direction != "DOWN" && direction != "NONE")
        error(child, "direction", fmt::format("\"{}\" is not UP, DOWN or NONE", direction));
      route.hops.push_back({text(child, "id"), direction == "UP"     ? LinkWay::up
                                               : direction == "DOWN" ? LinkWay::down
                                                                     : LinkWay::none});
    }
    plan_.zones[z].routes.push_back(std::move(route));
    route_places_[z].push_back(place(node));
  }

  /// SimGrid overlooks a direction given for a link that has none.
  void settle_directions() {
    for (const PlanZone& zone : plan_.zones)
      if (zone.cluster && zone.cluster->sharing == LinkSharing::split_duplex)
        for (std::int64_t n : zone.cluster->numbers) duplex_.emplace(zone.name + "_link_" + std::to_string(n), true);
    for (PlanZone& zone : plan_.zones)
      for (PlanRoute& route : zone.routes)
        for (PlanHop& hop : route.hops)
          if (!duplex_.count(hop.link)) hop.way = LinkWay::none;
  }

  Site make_site() {
    Site site;
    site.name = name_;
    std::map<std::tuple<std::size_t, double, std::int64_t>, std::size_t> pools;
    std::vector<std::vector<std::string>> hosts;
    for (Found& found : servers_) {
      const auto [pool, fresh] = pools.emplace(std::tuple(found.zone, found.flops, found.cores), site.pools.size());
      if (fresh) {
        site.pools.push_back(make_pool(found));
        hosts.emplace_back();
      }
      ++site.pools[pool->second].servers;
      hosts[pool->second].push_back(std::move(found.host));
    }
    std::unordered_map<std::string, int> named;
    for (std::size_t p = 0; p < site.pools.size(); ++p) {
      Pool& pool = site.pools[p];
      pool.servers_per_rack = pool.servers;
      if (const int again = named[pool.name]++; again > 0) pool.name += fmt::format("-{}", again + 1);
      std::move(hosts[p].begin(), hosts[p].end(), std::back_inserter(plan_.server_hosts));
    }
    return site;
  }

  struct Found {
    std::size_t zone = 0;
    double flops = 0;
    std::int64_t cores = 1;
    double nic_gbps = 0;
    std::string host;
  };

  Pool make_pool(const Found& found) const {
    const PlanZone& zone = plan_.zones[found.zone];
    Pool pool;
    pool.name = zone.name;
    for (const auto& [key, value] : zone.properties)
      if (key == "pool") pool.name = value;
    pool.hall = zone.name;
    const double flops = found.flops * static_cast<double>(found.cores);
    pool.chip.name = fmt::format("host of {} GFLOP/s", flops / 1e9);
    pool.chip.bf16_tflops = flops / 1e12;
    pool.chip.provenance.source = name_;
    pool.chip.provenance.confidence = "low";
    pool.chip.provenance.note = "the host's speed, at whatever precision the file meant";
    pool.server.name = pool.server.chip = pool.chip.name;
    pool.server.chips = 1;
    pool.server.cpu_cores = found.cores;
    pool.server.provenance = pool.chip.provenance;
    pool.nic_gbps = found.nic_gbps;
    return pool;
  }

  std::string_view text_;
  const std::string& name_;
  Diagnostics& diagnostics_;
  ZonePlan plan_;
  std::vector<Location> zone_places_;
  std::vector<std::vector<Location>> route_places_;
  std::unordered_map<std::string, Location> points_, link_names_;
  std::unordered_map<std::string, bool> duplex_;
  std::vector<Found> servers_;
  std::size_t hosts_ = 0;
};

}  // namespace

std::optional<Site> import_xml_text(std::string_view text, const std::string& name, Diagnostics& diagnostics) {
  return Reader(text, name, diagnostics).run();
}

std::optional<Site> import_xml(const std::filesystem::path& file, Diagnostics& diagnostics) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string text;
  if (in) text.assign(std::istreambuf_iterator<char>(in), {});
  if (!in || in.bad()) {
    diagnostics.error({std::make_shared<const std::string>(file.string()), 0, 0}, "",
                      fmt::format("cannot read: {}", std::strerror(errno)));
    return std::nullopt;
  }
  return import_xml_text(text, file.string(), diagnostics);
}

}  // namespace alight
