// Sites of several networks: their ways are connected, conserve what they carry, are those of the SimGrid platform that
// is built, and equal SimGrid's own torus, dragonfly and fat tree where it has them.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <numeric>

#include "platforms/simgrid/export_xml.hpp"
#include "platforms/simgrid/import_xml.hpp"
#include "platforms/topology/clos.hpp"
#include "platforms/topology/dragonfly.hpp"
#include "platforms/topology/graph.hpp"
#include "platforms/topology/routes.hpp"
#include "tests/support/networks.hpp"
#include "tests/support/routes.hpp"

using namespace alight;

namespace {

constexpr double kBytesPerGbit = 1e9 / 8;

test::Pairs some_pairs(const Site& site) {
  test::Pairs pairs;
  for (std::int64_t a = 0; a < site.servers; a += 1 + site.servers / 15)
    for (std::int64_t b = 0; b < site.servers; b += 1 + site.servers / 40)
      if (a != b) pairs.emplace_back(a, b);
  return pairs;
}

std::string static_ways(const Site& site, const Routes& routes, const test::Pairs& pairs) {
  std::string out;
  for (const auto& [a, b] : pairs) {
    const auto flops = *site.pools[static_cast<std::size_t>(site.pool_of_server(a))].chip.bf16_tflops * 1e12 * 8;
    out += fmt::format("server{} {} x 1 to server{}\n", a, flops, b);
    std::vector<Crossing> crossings;
    routes.static_route(a, b, crossings);
    for (const Crossing& c : crossings) {
      const SharedLink& link = routes.links()[c.link];
      out += test::line_of(link.name, link.gbps * kBytesPerGbit, link.latency_s);
    }
  }
  return out;
}

/// Nodes, where those joined without a link count as one.
class Nodes {
 public:
  explicit Nodes(const Routes& routes) : of_(static_cast<std::size_t>(routes.nodes())) {
    std::iota(of_.begin(), of_.end(), 0);
    for (const auto& [a, b] : routes.joints()) of_[static_cast<std::size_t>(find(a))] = find(b);
  }
  int find(int node) {
    while (of_[static_cast<std::size_t>(node)] != node) node = of_[static_cast<std::size_t>(node)];
    return node;
  }

 private:
  std::vector<int> of_;
};

void require_one_unit(const Routes& routes, Nodes& nodes, std::int64_t a, std::int64_t b) {
  std::vector<Crossing> crossings;
  routes.route(a, b, crossings);
  std::map<int, double> net;
  for (const Crossing& c : crossings) {
    const SharedLink& link = routes.links()[c.link];
    REQUIRE(c.share > 0);
    net[nodes.find(link.from)] += c.share;
    net[nodes.find(link.to)] -= c.share;
  }
  for (const auto& [node, out] : net) {
    CAPTURE(a, b, node);
    REQUIRE(out == Approx(node == nodes.find(static_cast<int>(a))   ? 1
                          : node == nodes.find(static_cast<int>(b)) ? -1
                                                                    : 0)
                       .margin(1e-12));
  }
  crossings.clear();
  routes.static_route(a, b, crossings);
  REQUIRE(!crossings.empty());
  int at = nodes.find(static_cast<int>(a));
  for (const Crossing& c : crossings) {
    REQUIRE(c.share == 1);
    REQUIRE(nodes.find(routes.links()[c.link].from) == at);
    at = nodes.find(routes.links()[c.link].to);
  }
  REQUIRE(at == nodes.find(static_cast<int>(b)));
}

/// Links and latency of SimGrid's own zone of that kind, by `make` under a parent, for hosts named h0, h1 ...
std::optional<std::string> own_zone(
    const test::Pairs& pairs, std::int64_t hosts,
    const std::function<simgrid::s4u::NetZone*(const simgrid::s4u::NetZone*, const simgrid::s4u::ClusterCallbacks&)>&
        make) {
  return test::in_child([&] {
    simgrid_compat::silence();
    simgrid::s4u::Engine engine("test");
    auto* world = simgrid_compat::world(engine);
    make(world, simgrid::s4u::ClusterCallbacks(
                    [](simgrid::s4u::NetZone* zone, const std::vector<unsigned long>&, unsigned long id) {
                      auto* host = simgrid_compat::add_host(zone, "h" + std::to_string(id), 1e9);
                      return std::pair<simgrid::kernel::routing::NetPoint*, simgrid::kernel::routing::NetPoint*>(
                          host->get_netpoint(), nullptr);
                    }))
        ->seal();
    world->seal();
    std::string out;
    std::vector<simgrid::s4u::Host*> all;
    for (std::int64_t h = 0; h < hosts; ++h) all.push_back(engine.host_by_name("h" + std::to_string(h)));
    for (const auto& [a, b] : pairs) {
      std::vector<simgrid::s4u::Link*> links;
      double latency = 0;
      all[static_cast<std::size_t>(a)]->route_to(all[static_cast<std::size_t>(b)], links, &latency);
      out += fmt::format("{} to {}: {:.9g} s\n", a, b, latency);
      for (const auto* link : links) out += "  " + link->get_name() + '\n';
    }
    return out;
  });
}

test::Pairs all_pairs(std::int64_t servers) {
  test::Pairs pairs;
  for (std::int64_t a = 0; a < servers; ++a)
    for (std::int64_t b = 0; b < servers; ++b)
      if (a != b) pairs.emplace_back(a, b);
  return pairs;
}

}  // namespace

TEST_CASE("networks: ways are connected and carry all of the traffic; those that do not split are the static ones") {
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_joined(seed);
    const auto routes = routes_of(site);
    Nodes nodes(*routes);
    for (const auto& [a, b] : some_pairs(site)) {
      require_one_unit(*routes, nodes, a, b);
      std::vector<Crossing> all, fixed;
      routes->route(a, b, all);
      routes->static_route(a, b, fixed);
      bool split = false;
      for (const Crossing& c : all) split = split || c.share < 1;
      if (!split) REQUIRE(all == fixed);
      for (const Crossing& c : fixed)
        REQUIRE(std::any_of(all.begin(), all.end(), [&c](const Crossing& o) { return o.link == c.link; }));
    }
  }
}

TEST_CASE("networks: static ways are the links on SimGrid's routes, with their rates and latencies") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_joined(seed);
    const auto routes = routes_of(site);
    const test::Pairs pairs = some_pairs(site);
    REQUIRE(test::built_routes(site, pairs) == std::optional(static_ways(site, *routes, pairs)));
  }
}

TEST_CASE(
    "networks: SimGrid loads the XML of a site with the routes of the built platform; reading it back keeps them") {
  const auto file = std::filesystem::temp_directory_path() / fmt::format("alight-{}-networks.xml", getpid());
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_joined(seed);
    if (site.servers > 150) continue;
    const test::Pairs pairs = some_pairs(site);
    REQUIRE(export_xml(site, file).empty());
    const auto built = test::built_routes(site, pairs);
    REQUIRE(built);
    REQUIRE(test::loaded_routes(file.string(), plan_of(site).server_hosts, pairs) == built);
    Diagnostics diagnostics;
    const auto again = import_xml(file, diagnostics);
    REQUIRE(again);
    REQUIRE(test::built_routes(*again, pairs) == built);
  }
  std::filesystem::remove(file);
  const Site large = test::grid_site(test::grid(Grid::Wiring::torus, {8, 8, 9}));
  CHECK(export_xml(large, file).find("for at most 512 servers; this one has 576") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("networks: a site of one Clos among the networks has the ways of the same site of tiers") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const Site plain = test::random_site(seed);
    Site named = plain;
    Network network = test::network("clos", {});
    for (std::size_t p = 0; p < plain.pools.size(); ++p) network.pools.push_back(static_cast<std::int64_t>(p));
    network.tiers = plain.tiers;
    if (network.tiers.empty()) continue;
    named.networks = {network};
    named.tiers.clear();
    number(named);
    CHECK(named.leaves == plain.leaves);
    const auto a = routes_of(plain), b = routes_of(named);
    REQUIRE(a->places() == b->places());
    REQUIRE(a->links().size() == b->links().size());
    for (std::int64_t s = 0; s < plain.servers; ++s) {
      REQUIRE(a->place_of(s) == b->place_of(s));
      REQUIRE(plain.leaf_of_server(s) == named.leaf_of_server(s));
    }
    for (const auto& [from, to] : some_pairs(plain)) {
      std::vector<Crossing> way_a, way_b;
      a->route(from, to, way_a);
      b->route(from, to, way_b);
      REQUIRE(way_a == way_b);
      REQUIRE(a->latency_s(from, to) == b->latency_s(from, to));
    }
  }
}

TEST_CASE("a torus has the routes of SimGrid's torus") {
  using Dims = std::vector<std::int64_t>;
  for (const Dims& dims : {Dims{3}, Dims{4}, Dims{8}, Dims{5, 3}, Dims{4, 4}, Dims{2, 3}, Dims{6, 2, 3}, Dims{4, 3, 5},
                           Dims{3, 2, 2, 3}}) {
    CAPTURE(dims);
    const Site site = test::grid_site(test::grid(Grid::Wiring::torus, dims));
    const auto routes = routes_of(site);
    const test::Pairs pairs = all_pairs(site.servers);
    std::string expected;
    for (const auto& [a, b] : pairs) {
      expected += fmt::format("{} to {}: {:.9g} s\n", a, b, routes->latency_s(a, b));
      std::vector<Crossing> way;
      routes->static_route(a, b, way);
      for (const Crossing& c : way) {
        const SharedLink& up = routes->links()[c.link - c.link % 2];  // duplex links begin at even numbers
        expected += fmt::format("  torus_link_from_{}_to_{}_{}\n", up.from, up.to, c.link % 2 == 0 ? "UP" : "DOWN");
      }
    }
    const std::vector<unsigned long> sides(dims.begin(), dims.end());
    const auto own = own_zone(pairs, site.servers, [&](const auto* parent, const auto& callbacks) {
      return simgrid::s4u::create_torus_zone("torus", parent, sides, callbacks, 400e9 / 8, 1e-6,
                                             simgrid::s4u::Link::SharingPolicy::SPLITDUPLEX);
    });
    REQUIRE(own == std::optional(expected));
  }
}

TEST_CASE("a dragonfly with one cable to a pair of groups has the routes of SimGrid's") {
  for (const auto& [groups, routers, servers] :
       {std::array<std::int64_t, 3>{3, 4, 2}, {5, 5, 1}, {2, 3, 3}, {4, 7, 1}, {1, 4, 2}}) {
    CAPTURE(groups, routers, servers);
    Dragonfly d = test::dragonfly(groups, routers, servers, 1);
    d.latency_s = d.local_latency_s = d.global_latency_s = 1e-6;
    const Site site = test::dragonfly_site(d);
    const auto routes = routes_of(site);
    // SimGrid hangs the link to group j on router j; here the own group is left out. So routers answer each other so:
    const auto theirs = [&, groups = groups, routers = routers](std::int64_t router) {
      const std::int64_t group = router / routers, r = router % routers;
      const std::int64_t there = r >= groups ? r : r == groups - 1 ? group : r < group ? r : r + 1;
      return group * routers + there;
    };
    const auto host = [&, servers = servers](std::int64_t server) {
      return theirs(server / servers) * servers + server % servers;
    };
    const test::Pairs pairs = all_pairs(site.servers);
    test::Pairs renamed;
    for (const auto& [a, b] : pairs) renamed.emplace_back(host(a), host(b));
    const auto own =
        own_zone(renamed, site.servers,
                 [&, groups = groups, routers = routers, servers = servers](const auto* parent, const auto& callbacks) {
                   const auto n = [](std::int64_t i) { return static_cast<unsigned int>(i); };
                   return simgrid::s4u::create_dragonfly_zone(
                       "fly", parent, {{n(groups), 1}, {1, 1}, {n(routers), 1}, n(servers)}, callbacks, 100e9 / 8, 1e-6,
                       simgrid::s4u::Link::SharingPolicy::SPLITDUPLEX);
                 });
    REQUIRE(own);
    // Both as the routers on the way.
    std::string expected, seen;
    for (const auto& [a, b] : pairs) {
      expected += fmt::format("{} to {}: {:.9g} s\n", host(a), host(b), routes->latency_s(a, b));
      std::vector<Crossing> way;
      routes->static_route(a, b, way);
      for (std::size_t i = 0; i + 1 < way.size(); ++i)
        expected += fmt::format("  {}\n", theirs(routes->links()[way[i].link].to - site.servers));
    }
    std::istringstream lines(*own);
    std::int64_t at = -1;
    for (std::string line; std::getline(lines, line);) {
      long long x = 0, y = 0;
      int chassis = 0;
      if (line.front() != ' ') {
        seen += line + '\n';
        at = -1;
      } else if (std::sscanf(line.c_str(), "  local_link_from_router_%lld", &x) == 1) {
        if (at < 0) seen += fmt::format("  {}\n", at = x);
      } else {
        if (std::sscanf(line.c_str(), "  green_link_in_chassis_%d_between_routers_%lld_and_%lld", &chassis, &x, &y) ==
            3)
          x += at - at % routers, y += at - at % routers;
        else
          REQUIRE(std::sscanf(line.c_str(), "  blue_link_between_group_%*d_and_%*d_routers_%lld_and_%lld", &x, &y) ==
                  2);
        at = at == x ? y : x;
        seen += fmt::format("  {}\n", at);
      }
    }
    REQUIRE(seen == expected);
  }
}

TEST_CASE("a Clos has the lengths and latencies of SimGrid's fat tree, and its cables where they are bundled") {
  // 5 leaves of 4 servers under 2 spines; SimGrid sends all of a pair through one spine.
  const Site site =
      test::site({test::pool("p", 20)}, {test::tier("leaf", 100, 4, 2, 1e-6), test::tier("spine", 100, 5, 1, 1e-6)});
  REQUIRE(clos_of(site).spines == 2);
  const auto routes = routes_of(site);
  const test::Pairs pairs = all_pairs(site.servers);
  std::string expected;
  for (const auto& [a, b] : pairs) {
    expected += fmt::format("{} to {}: {:.9g} s\n", a, b, routes->latency_s(a, b));
    std::vector<Crossing> way;
    routes->route(a, b, way);
    for (std::size_t i = 0; i < way.size(); ++i) expected += "  link\n";
  }
  const auto own = own_zone(pairs, site.servers, [&](const auto* parent, const auto& callbacks) {
    return simgrid::s4u::create_fatTree_zone("tree", parent, {2, {4, 5}, {1, 2}, {1, 1}}, callbacks, 100e9 / 8, 1e-6,
                                             simgrid::s4u::Link::SharingPolicy::SPLITDUPLEX);
  });
  REQUIRE(own);
  std::string seen;
  std::istringstream lines(*own);
  for (std::string line; std::getline(lines, line);) seen += line.front() == ' ' ? "  link\n" : line + '\n';
  REQUIRE(seen == expected);
}

TEST_CASE("networks: the graph has the capacities of the links, and its cuts are maximum flows over single switches") {
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_joined(seed);
    const auto routes = routes_of(site);
    const Topology topology(site);
    std::vector<double> of_links(static_cast<std::size_t>(site.servers), 0), of_bundles = of_links;
    for (const SharedLink& link : routes->links())
      if (link.from < site.servers) of_links[static_cast<std::size_t>(link.from)] += link.gbps;
    for (const Bundle& bundle : topology.bundles())
      for (const std::int32_t end : {bundle.below, bundle.above})
        if (end < site.servers) of_bundles[static_cast<std::size_t>(end)] += bundle.gbps;
    bool nics = false;
    for (std::int64_t p = 0; p < routes->places(); ++p) nics = nics || routes->ends(0, p) == Ends::nics;
    for (std::size_t s = 0; s < of_links.size(); ++s)
      REQUIRE(of_bundles[s] ==
              Approx(of_links[s] - (nics ? 0 : routes->links()[routes->nic_up(static_cast<std::int64_t>(s))].gbps)));
    std::vector<std::int64_t> lower, upper;
    for (std::int64_t s = 0; s < site.servers; ++s) (s < site.servers / 2 ? lower : upper).push_back(s);
    if (!lower.empty())
      REQUIRE(topology.bisection().gbps == Approx(topology.max_flow_gbps(lower, upper)).epsilon(1e-9));
    REQUIRE(topology.bisection().gbps <= topology.bisection().full_gbps * (1 + 1e-12));
    const auto servers = [&site](std::size_t pool) {
      std::vector<std::int64_t> out;
      for (std::int64_t s = 0; s < site.pools[pool].servers; ++s) out.push_back(site.pools[pool].first_server + s);
      return out;
    };
    for (std::size_t b = 1; b < site.pools.size(); ++b)
      REQUIRE(topology.min_cut_gbps(0, static_cast<std::int64_t>(b)) ==
              Approx(topology.max_flow_gbps(servers(0), servers(b))).epsilon(1e-9));
    for (const auto& [a, b] : some_pairs(site)) REQUIRE(topology.hops(a, b) <= topology.diameter());
  }
}
