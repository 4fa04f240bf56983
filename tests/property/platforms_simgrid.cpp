// SimGrid's routes against the graph's, and its XML against what is built directly.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "platforms/simgrid/export_xml.hpp"
#include "platforms/simgrid/import_xml.hpp"
#include "platforms/topology/graph.hpp"
#include "tests/support/reference.hpp"
#include "tests/support/routes.hpp"
#include "tests/support/sites.hpp"

using namespace alight;
using test::Pairs;

namespace {

constexpr double kBytesPerGbit = 1e9 / 8;

Pairs some_pairs(const Site& site, std::uint64_t seed, int count = 12) {
  Stream stream = alight::stream(seed, "pairs");
  boost::random::uniform_int_distribution<std::int64_t> any(0, site.servers - 1);
  Pairs pairs;
  for (int i = 0; i < count && site.servers > 1; ++i) {
    const std::int64_t a = any(stream), b = any(stream);
    if (a != b) pairs.emplace_back(a, b);
  }
  return pairs;
}

/// The way the graph says: server up, group and pod up as far as the two are apart, and down again.
std::string expected_routes(const Site& site, const Pairs& pairs) {
  const Topology topology(site);
  const Clos& clos = topology.clos();
  std::string out;
  for (const auto& [a, b] : pairs) {
    const auto ga = clos.group_of_server(a), gb = clos.group_of_server(b);
    const LeafGroup& from = clos.groups[static_cast<std::size_t>(ga)];
    const LeafGroup& to = clos.groups[static_cast<std::size_t>(gb)];
    const auto pool = site.pool_of_server(a), pool_b = site.pool_of_server(b);
    const auto server = [&](std::int64_t g, std::int64_t s, std::int64_t p, const char* way) {
      const std::string name =
          site.tiers.empty() ? "pool" + std::to_string(p) + "_link_" + std::to_string(s) : server_link_name(g, s);
      return test::line_of(name + way, server_gbps(site, p) * kBytesPerGbit, clos.leaf_latency_s);
    };
    out += fmt::format("{} {} x 1 to {}\n", host_name(a),
                       *site.pools[static_cast<std::size_t>(pool)].chip.bf16_tflops * 8e12, host_name(b));
    out += server(ga, a, pool, "_UP");
    const int hops = topology.hops(a, b);
    if (site.tiers.empty() && pool != pool_b) out += test::line_of(kIdealLinkName, 1e18, 0, true);
    if (hops >= 4)
      out += test::line_of(group_link_name(ga) + "_UP", from.usable_gbps() * kBytesPerGbit, clos.spine_latency_s);
    const auto pod = [&](const LeafGroup& group, const char* way) {
      const double gbps = clos.pods[static_cast<std::size_t>(group.pod)].usable_gbps();
      return test::line_of(pod_link_name(group.pod) + way, gbps * kBytesPerGbit, clos.core_latency_s);
    };
    if (hops >= 6) out += pod(from, "_UP") + pod(to, "_DOWN");
    if (hops >= 4)
      out += test::line_of(group_link_name(gb) + "_DOWN", to.usable_gbps() * kBytesPerGbit, clos.spine_latency_s);
    out += server(gb, b, pool_b, "_DOWN");
  }
  return out;
}

std::string temporary(const std::string& name) {
  return (std::filesystem::temp_directory_path() / fmt::format("alight-{}-{}", getpid(), name)).string();
}

Site read(const std::string& file) {
  Diagnostics diagnostics;
  auto site = import_xml(file, diagnostics);
  for (const Problem& problem : diagnostics.problems()) UNSCOPED_INFO(problem.where.text() << ": " << problem.message);
  REQUIRE(site);
  return *site;
}

}  // namespace

TEST_CASE("the routes SimGrid finds are those of the graph, and nothing is printed") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_site(seed);
    const Pairs pairs = some_pairs(site, seed);
    const auto built = test::built_routes(site, pairs);
    REQUIRE(built);
    REQUIRE(*built == expected_routes(site, pairs));
  }
}

TEST_CASE("SimGrid's latency of a route is the graph's") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_site(seed);
    const Topology topology(site);
    const Pairs pairs = some_pairs(site, seed);
    const auto wrong = test::in_child([&] {
      simgrid_compat::silence();
      simgrid::s4u::Engine engine("test");
      const auto hosts = build_platform(site, engine).hosts;
      std::string out;
      for (const auto& [a, b] : pairs) {
        std::vector<simgrid::s4u::Link*> links;
        double latency = 0;
        hosts[static_cast<std::size_t>(a)]->route_to(hosts[static_cast<std::size_t>(b)], links, &latency);
        if (latency != Approx(topology.latency_s(a, b)).margin(1e-15))
          out += fmt::format("{} to {}: {} for {}\n", a, b, latency, topology.latency_s(a, b));
      }
      return out;
    });
    REQUIRE(wrong == std::optional<std::string>(""));
  }
}

TEST_CASE("SimGrid loads the XML of a site with the routes of the built platform; reading it back keeps them") {
  const std::string file = temporary("export.xml");
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    const Site site = test::random_site(seed);
    const Pairs pairs = some_pairs(site, seed);
    REQUIRE(export_xml(site, file).empty());
    const auto built = test::built_routes(site, pairs);
    REQUIRE(built);
    REQUIRE(test::loaded_routes(file, plan_of(site).server_hosts, pairs) == built);
    const Site again = read(file);
    REQUIRE(again.servers == site.servers);
    REQUIRE(plan_of(again).server_hosts == plan_of(site).server_hosts);
    REQUIRE(test::built_routes(again, pairs) == built);
    REQUIRE(xml_of(plan_of(again)) == xml_of(plan_of(site)));
  }
  std::filesystem::remove(file);
}

TEST_CASE("a platform file becomes a site with the file's own routes") {
  const std::string file = temporary("import.xml");
  const auto check = [&](const std::string& text, std::int64_t servers) {
    std::ofstream(file) << text;
    const Site site = read(file);
    REQUIRE(site.servers == servers);
    Pairs pairs;
    for (std::int64_t a = 0; a < servers; ++a)
      for (std::int64_t b = 0; b < servers; ++b)
        if (a != b) pairs.emplace_back(a, b);
    const auto loaded = test::loaded_routes(file, plan_of(site).server_hosts, pairs);
    REQUIRE(loaded);
    REQUIRE(test::built_routes(site, pairs) == loaded);
    const Topology topology(site);
    REQUIRE(topology.bisection().gbps > 0);
    // And once more through our own writer.
    std::ofstream(file) << xml_of(plan_of(site));
    REQUIRE(test::loaded_routes(file, plan_of(site).server_hosts, pairs) == loaded);
    std::filesystem::remove(file);
    return site;
  };
  SECTION("a flat cluster with holes in its numbers, a backbone and a limiter") {
    const Site site = check(R"(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <cluster id="c" prefix="n-" suffix=".x" radical="0-3,7,10-11" speed="2Gf" core="4" bw="1.25GBps" lat="20us"
           bb_bw="16GBps" bb_lat="5us" bb_sharing_policy="FATPIPE" limiter_link="10Gbps"/>
</platform>)",
                            7);
    CHECK(site.pools[0].nic_gbps == Approx(10));
    CHECK(*site.pools[0].chip.bf16_tflops == Approx(8e-3));
    CHECK(site.pools[0].server.chips == 1);
    CHECK(site.wiring->server_hosts[4] == "n-7.x");
  }
  SECTION("nested zones, hosts of two speeds, duplex links, a master left out") {
    const Site site = check(R"(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
<zone id="world" routing="Full">
  <zone id="left" routing="Floyd">
    <prop id="pool" value="mixed"/>
    <host id="h1" speed="1Gf"/><host id="h2" speed="3Gf"/><host id="h3" speed="1Gf"/>
    <host id="boss" speed="1Gf"><prop id="role" value="master"/></host>
    <router id="r"/>
    <link id="l1" bandwidth="1GBps" latency="1us"/><link id="l2" bandwidth="2GBps" latency="2us"/>
    <link id="l3" bandwidth="100Mbps" latency="1ms" sharing_policy="FATPIPE"/>
    <route src="h1" dst="r"><link_ctn id="l1"/></route>
    <route src="h2" dst="r"><link_ctn id="l2"/></route>
    <route src="h3" dst="r"><link_ctn id="l3"/></route>
    <route src="boss" dst="r"><link_ctn id="l3"/></route>
  </zone>
  <zone id="right" routing="Dijkstra">
    <cluster id="c1" prefix="a" suffix="" radical="0-1" speed="1Gf" bw="1GBps" lat="1us"/>
    <cluster id="c2" prefix="b" suffix="" radical="0-1" speed="1Gf" bw="1GBps" lat="1us" sharing_policy="SHARED"/>
    <link id="trunk" bandwidth="4GBps" latency="3us" sharing_policy="SPLITDUPLEX"/>
    <zoneRoute src="c1" dst="c2" gw_src="ac1_router" gw_dst="bc2_router">
      <link_ctn id="trunk" direction="UP"/></zoneRoute>
  </zone>
  <link id="wan" bandwidth="500MBps" latency="10ms"/>
  <zoneRoute src="left" dst="right" gw_src="r" gw_dst="ac1_router"><link_ctn id="wan"/></zoneRoute>
</zone>
</platform>)",
                            7);
    REQUIRE(site.pools.size() == 4);
    CHECK(site.pools[0].name == "mixed");
    CHECK(site.pools[0].servers == 2);
    CHECK(site.pools[1].name == "mixed-2");
    CHECK(site.leaves == 4);
    const Topology topology(site);
    CHECK(topology.hops(0, 2) == 2);
    CHECK(topology.hops(0, 3) == 3);
    CHECK(topology.min_cut_gbps(0, 2) == Approx(4));  // h1 8 Gbps and h3 0.1 Gbps through the 4 Gbps of wan
  }
}

TEST_CASE("the reference platforms read as sites with SimGrid's own routes") {
  for (const auto& [name, servers] : {std::pair("cluster_128.xml", 128), std::pair("cluster_1024_zerolat.xml", 1024)}) {
    ALIGHT_REFERENCE_OR_SKIP(file, std::string("peers/") + name);
    const Site site = read(file.string());
    CHECK(site.servers == servers);
    CHECK(site.chips == servers);
    CHECK(site.pools.size() == 1);
    const Pairs pairs = some_pairs(site, 1, 100);
    const auto loaded = test::loaded_routes(file.string(), plan_of(site).server_hosts, pairs);
    REQUIRE(loaded);
    REQUIRE(test::built_routes(site, pairs) == loaded);
  }
}
