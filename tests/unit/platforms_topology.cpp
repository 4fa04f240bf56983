// The Clos and its graph on sites small enough to count by hand.
#include <catch2/catch.hpp>
#include <limits>
#include <set>
#include <string>

#include "platforms/topology/graph.hpp"
#include "tests/support/sites.hpp"

using namespace alight;
using test::pool;
using test::tier;

TEST_CASE("16 servers, 4 leaves, 2 spines, 2:1") {
  const Topology topology(test::small_clos());
  const Clos& clos = topology.clos();
  // A leaf has 4 x 100 Gbps down and, at 2:1, 2 cables of 100 up; 8 cables fill 2 spines of 4 ports.
  REQUIRE(clos.groups.size() == 4);
  CHECK(clos.groups[0].uplinks == 2);
  CHECK(clos.groups[0].up_gbps == 200);
  CHECK(clos.groups[0].down_gbps == 400);
  CHECK(clos.spines == 2);
  CHECK(clos.cores == 0);
  CHECK(clos.warnings.empty());
  CHECK(topology.vertices().size() == 16 + 4 + 2);
  CHECK(topology.bundles().size() == 16 + 4 * 2);

  SECTION("distances") {
    CHECK(topology.hops(3, 3) == 0);
    CHECK(topology.hops(0, 3) == 2);
    CHECK(topology.hops(3, 4) == 4);
    CHECK(topology.locality(0, 15) == 2);
    CHECK(topology.latency_s(0, 3) == Approx(2e-6));
    CHECK(topology.latency_s(0, 15) == Approx(2e-6 + 4e-6));
    CHECK(topology.diameter() == 4);
  }
  SECTION("bisection: 2 leaves with 200 Gbps each against 8 NICs of 100") {
    CHECK(topology.bisection().gbps == 400);
    CHECK(topology.bisection().full_gbps == 800);
    CHECK(topology.max_flow_gbps({0, 1, 2, 3, 4, 5, 6, 7}, {8, 9, 10, 11, 12, 13, 14, 15}) == Approx(400));
  }
  SECTION("cuts between pools and single servers") {
    CHECK(topology.min_cut_gbps(0, 1) == Approx(400));
    CHECK(topology.max_flow_gbps({0}, {15}) == Approx(100));
    CHECK(topology.max_flow_gbps({0, 1, 2}, {15, 14, 13}) == Approx(200));
    CHECK(topology.max_flow_gbps({0, 1, 2}, {3}) == Approx(100));
  }
  SECTION("single failures: a leaf takes its 4 servers along, a spine nothing, a NIC its server") {
    std::set<std::int32_t> leaves;
    for (std::int64_t l = 0; l < 4; ++l) leaves.insert(topology.vertex_of(Place::leaf, l));
    const auto switches = topology.cut_switches();
    CHECK(std::set<std::int32_t>(switches.begin(), switches.end()) == leaves);
    CHECK(topology.cut_bundles().size() == 16);
    const Loss loss = topology.loss_of_switch(topology.vertex_of(Place::leaf, 1));
    CHECK(loss.cut_off == std::vector<std::int64_t>{4, 5, 6, 7});
    CHECK(topology.loss_of_switch(topology.vertex_of(Place::spine, 0)).servers == 0);
    CHECK(topology.loss_of_bundle(topology.cut_bundles().front()).servers == 1);
  }
  SECTION("tiers") {
    const auto tiers = topology.tiers();
    REQUIRE(tiers.size() == 2);
    CHECK(tiers[0].switches == 4);
    CHECK(tiers[0].down_gbps == 1600);
    CHECK(tiers[0].up_gbps == 800);
    CHECK(tiers[0].oversubscription == 2);
    CHECK(tiers[1].cables_down == 8);
  }
}

TEST_CASE("the top tier's oversubscription is fewer cables into it") {
  const Site leaf = test::site({pool("a", 16)}, {tier("leaf", 100, 4, 2, 0), tier("spine", 100, 4, 1, 0)});
  const Site spine = test::site({pool("a", 16)}, {tier("leaf", 100, 4, 1, 0), tier("spine", 100, 4, 2, 0)});
  CHECK(clos_of(leaf).groups[0].up_gbps == clos_of(spine).groups[0].up_gbps);
}

TEST_CASE("three tiers: pods of what a spine reaches, cores in planes") {
  // Leaves of 2 servers at 1:1 with 2 cables up; spines of 2 ports reach 2 leaves: 4 pods of 2 leaves and 2 spines.
  // A spine takes in 2 cables and at 2:1 sends 1 up; its plane has 4 such cables, one core of 4 ports each.
  const Site site = test::site(
      {pool("a", 16)}, {tier("leaf", 100, 2, 1, 1e-6), tier("spine", 100, 2, 2, 2e-6), tier("core", 100, 4, 1, 3e-6)});
  const Topology topology(site);
  const Clos& clos = topology.clos();
  CHECK(clos.pods.size() == 4);
  CHECK(clos.spines_per_pod == 2);
  CHECK(clos.spines == 8);
  CHECK(clos.cores == 2);
  CHECK(clos.pods[0].up_gbps == 200);
  CHECK(topology.hops(0, 1) == 2);
  CHECK(topology.hops(0, 2) == 4);
  CHECK(topology.hops(0, 4) == 6);
  CHECK(topology.latency_s(0, 4) == Approx(12e-6));
  CHECK(topology.diameter() == 6);
  CHECK(topology.bisection().gbps == 400);
}

TEST_CASE("rails: the loss of one leaf cuts off nobody") {
  const Site site =
      test::site({pool("a", 8, 8, 4, 100, 4)}, {tier("leaf", 100, 4, 1, 0), tier("spine", 100, 16, 1, 0)});
  const Topology topology(site);
  CHECK(topology.clos().groups.size() == 2);
  CHECK(topology.clos().leaves == 8);
  CHECK(topology.cut_switches().empty());
  for (std::int64_t l = 0; l < 8; ++l) CHECK(topology.loss_of_switch(topology.vertex_of(Place::leaf, l)).servers == 0);
  CHECK(topology.bisection().gbps == 1600);
}

TEST_CASE("one tier alone meets in one ideal switch") {
  const Topology topology(test::site({pool("a", 8)}, {tier("leaf", 100, 4, 2, 1e-6)}));
  CHECK(topology.clos().ideal_spine);
  CHECK(topology.bisection().gbps == 200);
  CHECK(topology.diameter() == 4);
}

TEST_CASE("no tier: servers are bound by their NICs alone") {
  const Topology topology(test::site({pool("a", 8), pool("b", 4, 8, 2, 200)}, {}));
  CHECK(topology.diameter() == 2);
  CHECK(topology.min_cut_gbps(0, 1) == Approx(800));
  CHECK(topology.latency_s(0, 11) == 0);
}

TEST_CASE("a radix too small for the site is said and exceeded") {
  const Clos clos = clos_of(test::site({pool("a", 64)}, {tier("leaf", 100, 4, 2, 0), tier("spine", 100, 4, 1, 0)}));
  REQUIRE(clos.warnings.size() == 1);
  CHECK(clos.warnings[0] == "spine switches need 16 down ports to reach every leaf, 4 given: taken as 16");
}

TEST_CASE("a NIC of unknown rate takes the server's, the chip's or the port's") {
  Site site = test::site({pool("a", 4, 8, 2, 0)}, {tier("leaf", 400, 8, 1, 0)});
  CHECK(nic_gbps(site, 0) == 400);
  site.pools[0].chip.scale_out_gbps = 50;
  CHECK(nic_gbps(site, 0) == 200);
  site.pools[0].server.nic_gbps = 100;
  CHECK(nic_gbps(site, 0) == 100);
  site.pools[0].nic_gbps = 800;
  CHECK(nic_gbps(site, 0) == 400);
}

TEST_CASE("networks that cannot be are reported with their keys") {
  Site site = test::site({pool("a", 4, 8, 3, 100)}, {tier("leaf", 400, 8, 1, 0), tier("spine", 400, 8, 1, 0)});
  const auto problem = [&site]() -> std::string {
    Diagnostics diagnostics;
    check_network(site, "site", diagnostics);
    return diagnostics.ok() ? "" : diagnostics.problems().front().key;
  };
  CHECK(problem().empty());
  SECTION("rails") {
    site.pools[0].rails = 2;
    CHECK(problem() == "site.pools[0].rails");
  }
  SECTION("no rails") {
    site.pools[0].rails = 0;
    CHECK(problem() == "site.pools[0].rails");
  }
  SECTION("too few ports") {
    site.tiers[0].down_ports = 2;
    CHECK(problem() == "site.pools[0]");
  }
  SECTION("count") {
    site.pools[0].servers = -1;
    CHECK(problem() == "site.pools[0].count");
  }
  SECTION("rate") {
    site.tiers[1].rate_gbps = 0;
    CHECK(problem() == "site.network.spine.rate");
  }
  SECTION("nan") {
    site.tiers[0].oversubscription = std::numeric_limits<double>::quiet_NaN();
    CHECK(problem() == "site.network.leaf.oversubscription");
  }
  SECTION("latency") {
    site.tiers[0].latency_s = -1;
    CHECK(problem() == "site.network.leaf.latency");
  }
  SECTION("tiers") {
    site.tiers.resize(4);
    CHECK(problem() == "site.network");
  }
}
