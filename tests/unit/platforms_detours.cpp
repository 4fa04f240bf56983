// Ways around dead links, and who is left without any.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "platforms/topology/breakables.hpp"
#include "platforms/topology/detours.hpp"
#include "tests/support/runs.hpp"

using namespace alight;

namespace {

Site torus_site(std::vector<std::int64_t> dims) {
  Site site;
  Grid grid{.dims = dims, .block = dims, .gbps = {}, .cables = {}, .wrap = {}};
  std::int64_t servers = 1;
  for (const std::int64_t n : dims) {
    servers *= n;
    grid.gbps.push_back(100);
    grid.cables.push_back(1);
    grid.wrap.push_back(true);
  }
  Pool pool = test::chips_pool("p", servers);
  pool.nic_gbps = 100;
  site.pools.push_back(pool);
  site.networks.push_back({.name = "t", .place = "main", .pools = {0}, .tiers = {}, .grid = grid});
  number(site);
  return site;
}

Site dragonfly_site(Dragonfly d) {
  Site site;
  Pool pool = test::chips_pool("p", d.groups * d.routers * d.servers);
  pool.nic_gbps = 100;
  site.pools.push_back(pool);
  site.networks.push_back({.name = "d", .place = "main", .pools = {0}, .tiers = {}, .grid = {}, .dragonfly = d});
  number(site);
  return site;
}

std::vector<std::string> names(const Detours& ways, std::int64_t a, std::int64_t b) {
  std::vector<Crossing> way;
  ways.way(a, b, way);
  std::vector<std::string> out;
  for (const Crossing& c : way) out.push_back(ways.links()[c.link].name);
  return out;
}

/// What leaves the first place comes, whole, to the last, over links that are not dead.
void check_flow(const Detours& ways, std::int64_t a, std::int64_t b) {
  std::vector<Crossing> way;
  ways.way(a, b, way);
  std::map<std::int32_t, double> balance;
  for (const Crossing& c : way) {
    CHECK_FALSE(ways.dead(c.link));
    balance[ways.links()[c.link].from] -= c.share;
    balance[ways.links()[c.link].to] += c.share;
  }
  const std::int32_t first = ways.links()[way.front().link].from, last = ways.links()[way.back().link].to;
  for (const auto& [node, sum] : balance) {
    INFO("node " << node);
    CHECK(sum == Approx(node == first ? -1 : node == last ? 1 : 0).margin(1e-12));
  }
}

}  // namespace

TEST_CASE("a torus goes around a dead cable by the shortest way, and back when it is whole") {
  const Site site = torus_site({4, 4});
  Detours ways(routes_of(site));
  const Breakables breakables(site, ways);
  REQUIRE(names(ways, 0, 1) == std::vector<std::string>{"t.0x_UP"});
  ways.set_dead(*breakables.find_link("t.0x"), true);
  // Three links: up, along, down; of the two such ways the one with the lower links.
  const auto around = names(ways, 0, 1);
  CHECK(around.size() == 3);
  check_flow(ways, 0, 1);
  CHECK(ways.between(0, 1) == kNoLink);
  CHECK(names(ways, 4, 5) == std::vector<std::string>{"t.4x_UP"});
  ways.set_dead(*breakables.find_link("t.0x"), false);
  CHECK(names(ways, 0, 1) == std::vector<std::string>{"t.0x_UP"});
}

TEST_CASE("of two equal ways round a torus the dead one leaves all to the other") {
  const Site site = torus_site({4});
  Detours ways(routes_of(site));
  const Breakables breakables(site, ways);
  REQUIRE(names(ways, 0, 2).size() == 4);
  ways.set_dead(*breakables.find_link("t.1x"), true);
  CHECK(names(ways, 0, 2).size() == 2);
  check_flow(ways, 0, 2);
  ways.set_dead(*breakables.find_link("t.3x"), true);
  // The ring is in two: 0 and 1, 2 and 3.
  CHECK(ways.between(0, 1) == kNoLink);
  CHECK(ways.between(0, 2) != kNoLink);
  CHECK(ways.among({0, 1}) == kNoLink);
  CHECK(ways.among({0, 1, 2}) != kNoLink);
  // Both halves are as large: that of server 0 counts. (They also have NICs, but the ring is what they talk over.)
  CHECK(ways.cut_off() == std::vector<bool>{false, false, true, true});
}

TEST_CASE("a dragonfly spreads over the cables that are left, and goes over a third group when none is") {
  const Site site = dragonfly_site(
      {.groups = 3, .routers = 4, .servers = 1, .pair_cables = 4, .local_gbps = 100, .global_gbps = 100});
  Detours ways(routes_of(site));
  const Breakables breakables(site, ways);
  REQUIRE(names(ways, 0, 4).size() > 4);
  std::vector<LinkIndex> between_groups;
  for (LinkIndex l = 0; l < ways.links().size(); l += 2) {
    std::vector<Crossing> way;
    if (breakables.tier(l) != "d global") continue;
    const auto group = [&](std::int32_t node) { return (node - 12) / 4; };
    if (group(ways.links()[l].from) + group(ways.links()[l].to) == 1) between_groups.push_back(l);
  }
  REQUIRE(between_groups.size() == 4);
  ways.set_dead(between_groups[0], true);
  check_flow(ways, 0, 4);
  for (const LinkIndex l : between_groups) ways.set_dead(l, true);
  check_flow(ways, 0, 4);
  for (std::int64_t a = 0; a < 12; ++a)
    for (std::int64_t b = 0; b < 12; ++b) CHECK(ways.between(a, b) == kNoLink);
  CHECK(ways.cut_off() == std::vector<bool>(12, false));
}

TEST_CASE("a dead router cuts its servers, and nobody else") {
  const Site site = dragonfly_site({.groups = 3, .routers = 4, .servers = 2, .local_gbps = 100, .global_gbps = 100});
  Detours ways(routes_of(site));
  const Breakables breakables(site, ways);
  for (const LinkIndex l : breakables.links_of(*breakables.find_switch("router 5"))) ways.set_dead(l, true);
  for (std::int64_t a = 0; a < 24; ++a)
    for (std::int64_t b = 0; b < 24; ++b) {
      const bool cut = a != b && (a / 2 == 5 || b / 2 == 5);
      CHECK((ways.between(a, b) != kNoLink) == cut);
    }
  const auto cut = ways.cut_off();
  for (std::size_t s = 0; s < 24; ++s) CHECK(cut[s] == (s / 2 == 5));
}

TEST_CASE("names of what breaks") {
  const Site site = torus_site({4});
  const auto routes = routes_of(site);
  const Breakables breakables(site, *routes);
  CHECK(breakables.find_link("t.1x") == breakables.find_link("t.1x_UP"));
  CHECK(breakables.find_link("t.1x") == breakables.find_link("t.1x_DOWN"));
  CHECK_FALSE(breakables.find_link("t.9x"));
  CHECK_FALSE(breakables.find_switch("leaf 0"));  // the ideal switch that its NICs meet in
  CHECK(breakables.switch_ranges().empty());
}
