// Grids, dragonflies, supernodes, backbones and WANs small enough to count by hand, and what a site cannot be.
#include <catch2/catch.hpp>
#include <set>

#include "platforms/topology/clos.hpp"
#include "platforms/topology/graph.hpp"
#include "platforms/topology/pool_network.hpp"
#include "platforms/topology/routes.hpp"
#include "tests/support/networks.hpp"

using namespace alight;
using test::joined;
using test::network;
using test::pool;

namespace {

std::vector<std::string> names(const Routes& routes, const std::vector<Crossing>& way) {
  std::vector<std::string> out;
  for (const Crossing& c : way) out.push_back(routes.links()[c.link].name);
  return out;
}
std::vector<std::string> route(const Routes& routes, std::int64_t a, std::int64_t b) {
  std::vector<Crossing> way;
  routes.route(a, b, way);
  return names(routes, way);
}
using Names = std::vector<std::string>;

std::string first_problem(const Site& site) {
  Diagnostics diagnostics;
  check_network(site, "site", diagnostics);
  return diagnostics.ok() ? "" : diagnostics.problems()[0].key + ": " + diagnostics.problems()[0].message;
}

}  // namespace

TEST_CASE("a torus of 4 x 4 x 4: three cables up from each server, six links around at most") {
  const Site site = test::grid_site(test::grid(Grid::Wiring::torus, {4, 4, 4}));
  const Topology topology(site);
  CHECK(topology.tiers()[0].name == "net torus");
  CHECK(topology.tiers()[0].cables_down == 3 * 64);
  CHECK(topology.diameter() == 6);
  CHECK(topology.hops(0, 63) == 3);  // one step back along each axis
  CHECK(topology.hops(0, 42) == 6);  // (2, 2, 2)
  CHECK(topology.latency_s(0, 42) == Approx(6e-6));
  // Between the halves z < 2 and z >= 2: 16 columns cut twice. NICs carry nothing.
  CHECK(topology.bisection().gbps == Approx(16 * 2 * 400));
  CHECK(topology.bisection().full_gbps == Approx(32 * 6 * 400));
  // Two of them meet in the ideal switch.
  Grid twice = test::grid(Grid::Wiring::torus, {4, 4, 4});
  twice.count = 2;
  CHECK(Topology(test::grid_site(twice)).bisection().gbps == Approx(64 * 100));
}

TEST_CASE("the two ways round a torus that are as long carry half each") {
  const auto routes = routes_of(test::grid_site(test::grid(Grid::Wiring::torus, {4, 3})));
  std::vector<Crossing> way;
  routes->way(0, 6, way);  // from (0, 0) to (2, 1)
  CHECK(names(*routes, way) == Names{"net.0x_UP", "net.1x_UP", "net.3x_DOWN", "net.2x_DOWN", "net.2y_UP"});
  REQUIRE(way.size() == 5);
  CHECK(way[0].share == 0.5);
  CHECK(way[4].share == 1);
  CHECK(routes->ends(0, 6) == Ends::none);
}

TEST_CASE("servers of a grid are numbered block by block, and a block is a leaf") {
  const Site site = test::grid_site(test::grid(Grid::Wiring::torus, {4, 4}, {2, 2}));
  CHECK(site.servers_per_leaf(0) == 4);
  CHECK(site.leaf_of_server(3) == 0);
  CHECK(site.leaf_of_server(4) == 1);
  CHECK(site.leaves == 4);
  const auto routes = routes_of(site);
  CHECK(route(*routes, 0, 1) == Names{"net.0x_UP"});      // (0, 0) to (1, 0)
  CHECK(route(*routes, 1, 4) == Names{"net.1x_UP"});      // (1, 0) to (2, 0), the next block
  CHECK(route(*routes, 2, 8) == Names{"net.2y_UP"});      // (0, 1) to (0, 2), the block above
  CHECK(route(*routes, 0, 10) == Names{"net.10y_DOWN"});  // (0, 0) to (0, 3), around the end
}

TEST_CASE("an axis whose ends do not meet, and one of two servers with two links") {
  Grid g = test::grid(Grid::Wiring::torus, {4, 2});
  g.wrap = {false, true};
  const Site site = test::grid_site(g);
  const Topology topology(site);
  CHECK(topology.tiers()[0].cables_down == 2 * 3 + 4 * 2);
  CHECK(topology.hops(0, 3) == 3);
  const auto routes = routes_of(site);
  std::vector<Crossing> way;
  routes->way(0, 4, way);
  CHECK(names(*routes, way) == Names{"net.0y_UP", "net.4y_DOWN"});
  CHECK(way[0].share == 0.5);
}

TEST_CASE("an nD full mesh: one link along each axis where the ends differ") {
  const Site site = test::grid_site(test::grid(Grid::Wiring::full_mesh, {4, 3}));
  const Topology topology(site);
  CHECK(topology.tiers()[0].cables_down == 3 * 6 + 4 * 3);  // three rows of six pairs, four columns of three
  CHECK(topology.diameter() == 2);
  const auto routes = routes_of(site);
  CHECK(route(*routes, 0, 11) == Names{"net.0x3_UP", "net.3y11_UP"});
  CHECK(route(*routes, 11, 0) == Names{"net.8x11_DOWN", "net.0y8_DOWN"});
}

TEST_CASE("a slice of whole blocks has a torus of its own, wherever its blocks are") {
  // 4 x 4 x 4 blocks of 2 x 2 x 2 servers.
  Grid g = test::grid(Grid::Wiring::torus, {8, 8, 8}, {2, 2, 2});
  g.slices = true;
  const auto routes = routes_of(test::grid_site(g));
  const auto blocks = [](const std::vector<std::int64_t>& of) {
    std::vector<std::int64_t> servers;
    for (const std::int64_t b : of)
      for (std::int64_t s = 0; s < 8; ++s) servers.push_back(b * 8 + s);
    return servers;
  };
  const auto slice = routes->slice(blocks({0, 37}));
  REQUIRE(slice);
  CHECK(slice->dims() == std::vector<std::int64_t>{2, 2, 4});
  // From the first block's (0, 0, 1) up to the second one's (0, 0, 0), and from its (0, 0, 1) around to the first.
  std::vector<Crossing> way;
  slice->way(4, 37 * 8, way);
  CHECK(names(*routes, way) == Names{"net.4z_UP"});
  way.clear();
  slice->way(37 * 8 + 4, 0, way);
  CHECK(names(*routes, way) == Names{"net.300z_UP"});
  CHECK_THROWS_AS(slice->way(8, 0, way), std::logic_error);

  const auto links = [&](const SliceWays& of, const std::vector<std::int64_t>& servers) {
    std::set<LinkIndex> seen;
    std::vector<Crossing> all;
    for (const std::int64_t a : servers)
      for (const std::int64_t b : servers) of.way(a, b, all);
    for (const Crossing& c : all) seen.insert(c.link);
    return seen;
  };
  const auto other = routes->slice(blocks({1, 36, 38, 39}));
  REQUIRE(other);
  CHECK(other->dims() == std::vector<std::int64_t>{2, 4, 4});
  const auto a = links(*slice, blocks({0, 37})), b = links(*other, blocks({1, 36, 38, 39}));
  for (const LinkIndex link : a) CHECK(b.count(link) == 0);
  CHECK(a.size() == 16 * 6);  // every server's three links up, both ways
  CHECK_FALSE(routes->slice({0, 1, 2}));
  CHECK_FALSE(routes->slice({}));
  CHECK_FALSE(routes_of(test::grid_site(test::grid(Grid::Wiring::torus, {4, 4})))->slice({0, 1}));
}

TEST_CASE("a dragonfly: a link in the group, a cable between groups, a link in the group") {
  // 3 groups of 4 routers of 2 servers; 2 cables to a pair: of group 0, cables 0, 1 go to group 1, 2, 3 to group 2.
  const Site site = test::dragonfly_site(test::dragonfly(3, 4, 2, 2));
  CHECK(site.servers_per_leaf(0) == 2);
  const Topology topology(site);
  const auto tiers = topology.tiers();
  CHECK(tiers[0].switches == 12);
  CHECK(tiers[1].cables_down == 3 * 6);
  CHECK(tiers[2].cables_down == 3 * 2);
  CHECK(topology.diameter() == 5);
  const auto routes = routes_of(site);
  CHECK(route(*routes, 0, 1) == Names{"server0_UP", "server1_DOWN"});
  CHECK(route(*routes, 0, 7) == Names{"server0_UP", "net.router0_router3_UP", "server7_DOWN"});
  std::vector<Crossing> way;
  routes->way(0, 4, way);  // router 0 of group 0 to router 0 of group 1: over cable 0 at once, or by router 1
  CHECK(names(*routes, way) == Names{"net.router0_router4_UP", "net.router0_router1_UP", "net.router1_router5_UP",
                                     "net.router4_router5_DOWN"});
  CHECK(way[1].share == 0.5);
  CHECK(topology.hops(0, 8) == 3);
  CHECK(topology.latency_s(0, 8) == Approx(1e-6 + 5e-6 + 1e-6));
}

TEST_CASE("servers of a supernode talk through its switches, others over their NICs") {
  Network n = network("nvl", {0});
  Supernode node;
  node.servers = 3;
  node.planes = 2;
  node.cables = 8;
  node.gbps = 3200;
  node.latency_s = 2e-7;
  n.supernode = node;
  const Site site =
      joined({pool("a", 12)}, {n}, {test::tier("leaf", 100, 6, 2, 1e-6), test::tier("spine", 100, 4, 1, 2e-6)});
  CHECK(site.servers_per_leaf(0) == 3);
  const auto routes = routes_of(site);
  CHECK(routes->places() == 4);
  CHECK(routes->ends(0, 0) == Ends::ports);
  CHECK(routes->ends(0, 1) == Ends::nics);
  CHECK(route(*routes, 0, 2) == Names{"nvl.0_UP", "nvl.2_DOWN"});
  CHECK(route(*routes, 0, 3) == Names{"server0_UP", "server3_DOWN"});  // one leaf of six
  CHECK(route(*routes, 0, 6) == Names{"server0_UP", "site.leaf0_up_UP", "site.leaf1_up_DOWN", "server6_DOWN"});
  const Topology topology(site);
  CHECK(topology.vertices().size() ==
        12 + 2 + 3 + 8);  // servers, leaves, spines, two planes of each of four supernodes
  CHECK(topology.tiers().back().cables_down == 12 * 8);
  CHECK(topology.diameter() == 4);
  const auto found = pool_networks(site, {true});
  CHECK(found[0].domain == 24);
  CHECK(found[0].scale_up_gbps == 400);
  CHECK(found[0].leaf_oversubscription == 2);
}

TEST_CASE("the cables of an NVL72 and of a CloudMatrix384 follow from their ports") {
  const auto cables = [](const Site& site) {
    double all = 0;
    for (const TierSummary& tier : Topology(site).tiers()) all += tier.cables_down;
    return all;
  };
  // 72 chips of 18 NVLinks; each link is four copper pairs out and back, 5,184 in all (the catalogue's entry).
  Network nvl = network("nvl", {0});
  nvl.supernode = Supernode{.servers = 18, .planes = 18, .cables = 4 * 18, .gbps = 4 * 18 * 400, .latency_s = 0};
  CHECK(cables(joined({pool("tray", 18, 4, 4, 400)}, {nvl})) * 4 == 5184);
  // 384 chips of 7 links of 400 Gbps; 384 NICs over 8 rails of leaves, as many cables above. Two modules to a cable:
  // 6,912 (the catalogue's entry).
  Network ub = network("ub", {0});
  ub.supernode = Supernode{.servers = 48, .planes = 7, .cables = 8 * 7, .gbps = 8 * 7 * 400, .latency_s = 0};
  const Site supernode = joined({pool("node", 96, 8, 8, 400, 8)}, {ub},
                                {test::tier("leaf", 400, 48, 1, 0), test::tier("spine", 400, 96, 1, 0)});
  CHECK(cables(supernode) * 2 == 2 * 6912);
}

TEST_CASE("networks of one place meet over the backbone, places over the WAN") {
  Network a = network("a", {0}, "east"), b = network("b", {1}, "east"), c = network("c", {2}, "west");
  a.tiers = b.tiers = {test::tier("leaf", 100, 4, 1, 1e-6)};
  c.dragonfly = test::dragonfly(1, 2, 2, 1);
  Site site = joined({pool("a", 8), pool("b", 4), pool("c", 4)}, {a, b, c});
  CHECK(first_problem(site) == "site.networks: networks \"a\" and \"b\" stand at one place and are not joined");
  site.backbone = Backbone{200, 3e-6};
  CHECK(first_problem(site) ==
        "site.networks: networks \"a\" and \"c\" are not joined: no `wan` leads from \"east\" to \"west\"");
  site.wan = {{"east", "west", 50, 1e-3}};
  CHECK(first_problem(site).empty());
  const auto routes = routes_of(site);
  CHECK(route(*routes, 0, 8) ==
        Names{"server0_UP", "a.leaf0_up_UP", "a.backbone_UP", "b.backbone_DOWN", "b.leaf0_up_DOWN", "server8_DOWN"});
  CHECK(route(*routes, 0, 12) ==
        Names{"server0_UP", "a.leaf0_up_UP", "a.backbone_UP", "wan0.east-west_UP", "c.backbone_DOWN", "server12_DOWN"});
  CHECK(route(*routes, 12, 0) == Names{"server12_UP", "c.backbone_UP", "wan0.east-west_DOWN", "a.backbone_DOWN",
                                       "a.leaf0_up_DOWN", "server0_DOWN"});
  CHECK(routes->latency_s(0, 12) == Approx(2e-6 + 6e-6 + 1e-3 + 1e-6));
  const Topology topology(site);
  CHECK(topology.min_cut_gbps(0, 1) == 200);
  CHECK(topology.min_cut_gbps(0, 2) == 50);
  CHECK(topology.diameter() == 6);
  CHECK(between(site, 0, 1)->gbps == 200);
  CHECK(between(site, 0, 2)->latency_s == Approx(6e-6 + 1e-3));
  CHECK_FALSE(between(site, 0, 0));
  // Of single cables, the loss of the first network's to the backbone cuts most off: its servers from as many others.
  std::int64_t lost = 0;
  for (const std::int32_t bundle : topology.cut_bundles())
    lost = std::max(lost, topology.loss_of_bundle(bundle).servers);
  CHECK(lost == 8);
}

TEST_CASE("the way of least latency between places is taken") {
  Network a = network("a", {0}, "a"), b = network("b", {1}, "b"), c = network("c", {2}, "c");
  a.tiers = b.tiers = c.tiers = {test::tier("leaf", 100, 4, 1, 0)};
  Site site = joined({pool("a", 2), pool("b", 2), pool("c", 2)}, {a, b, c});
  site.wan = {{"a", "b", 10, 5e-3}, {"b", "c", 10, 1e-3}, {"c", "a", 10, 1e-3}};
  const auto routes = routes_of(site);
  CHECK(routes->latency_s(0, 2) == Approx(2e-3));
  CHECK(route(*routes, 0, 2) ==
        Names{"server0_UP", "a.leaf0_up_UP", "wan2.c-a_DOWN", "wan1.b-c_DOWN", "b.leaf0_up_DOWN", "server2_DOWN"});
}

TEST_CASE("what networks cannot be is said with its key") {
  Grid g = test::grid(Grid::Wiring::torus, {4, 4}, {2, 2});
  Site site = test::grid_site(g);
  const auto with = [&](auto&& change) {
    Site other = site;
    change(other);
    return first_problem(other);
  };
  CHECK(with([](Site&) {}).empty());
  CHECK(with([](Site& s) { s.pools[0].servers = 12; }) ==
        "site.networks[0].torus: 4 x 4 is 16 servers, but the pools have 12");
  CHECK(with([](Site& s) {
          s.networks[0].grid->block = {3, 1};
        }) == "site.networks[0].torus.block: blocks of 3 servers do not divide 4");
  CHECK(with([](Site& s) {
          s.networks[0].grid->dims = {0, 4};
        }) == "site.networks[0].torus: 0 is out of range; expected 1 to 1000000");
  CHECK(with([](Site& s) { s.networks[0].grid->gbps[1] = 0; }) ==
        "site.networks[0].torus.rate: 0 is out of range; expected a finite value above 0");
  CHECK(with([](Site& s) { s.networks.push_back(s.networks[0]); }) ==
        "site.networks[1].name: \"net\" names another network too");
  CHECK(with([](Site& s) {
          s.networks.push_back(s.networks[0]);
          s.networks[1].name = "b";
        }) ==
        "site.networks[1].pools: pool \"p\" is in another scale-up (torus, full_mesh, supernode) network already");
  CHECK(with([](Site& s) {
          s.pools[0].servers = 2000 * 2000;
          s.networks[0].grid = test::grid(Grid::Wiring::full_mesh, {2000, 2000});
        }).find("site.networks: 1.6e+10 links") == 0);
  CHECK(with([](Site& s) {
          s.wan = {{"here", "there", 1, 0}};
        }) == "site.wan[0].between: no network stands at \"there\"");
  Dragonfly d = test::dragonfly(2, 2, 2, 1);
  Site fly = test::dragonfly_site(d);
  fly.networks[0].dragonfly->routers = 3;
  CHECK(first_problem(fly) ==
        "site.networks[0].dragonfly: 2 groups of 3 routers of 2 servers is 12 servers, but the pools have 8");
  CHECK_THROWS_AS(routes_of(fly), std::logic_error);
  Network nvl = network("nvl", {0});
  nvl.supernode = Supernode{.servers = 18, .planes = 1, .cables = 72, .gbps = 1, .latency_s = 0};
  CHECK(first_problem(joined({pool("p", 20)}, {nvl})) ==
        "site.networks[0].pools: pool \"p\" has 20 servers, which do not fill supernodes of 18");
}
