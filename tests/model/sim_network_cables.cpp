// Cables of grids, dragonflies and supernodes on a floor of round figures, counted and measured by hand.
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "platforms/cabling/bill.hpp"
#include "platforms/cabling/network_runs.hpp"
#include "platforms/topology/breakables.hpp"
#include "sim/scenario/load.hpp"
#include "tests/support/built_in_catalogue.hpp"
#include "tests/support/networks.hpp"

using namespace alight;

namespace {

/// No rounding: racks 1 m wide, `per_row` to a row, rows 3 m apart, racks 2 m high, trays at 3 m, no slack.
Floor round_floor(std::int64_t per_row) {
  Floor f;
  f.racks_per_row = per_row;
  f.rack_pitch_m = 1;
  f.row_pitch_m = 3;
  f.rack_height_m = 2;
  f.tray_height_m = 3;
  f.slack_m = 0;
  f.length_step_m = 0;
  f.switches_per_rack = 2;
  return f;
}

/// Links by length.
using Lengths = std::map<double, std::int64_t>;
std::map<std::int32_t, Lengths> lengths_of(const std::vector<CableRun>& runs, const FloorPlan& plan,
                                           bool built_in = false) {
  std::map<std::int32_t, Lengths> lengths;
  for (const CableRun& run : runs) {
    const double length = run.over ? plan.length_m(run.a, *run.over) + plan.length_m(*run.over, run.b)
                                   : plan.length_m(run.a, run.b, built_in);
    lengths[run.tier][length] += run.links;
  }
  return lengths;
}

/// One server to a rack, so that each is 1 m high, 2 m below the tray.
Site one_to_a_rack(Site site, std::int64_t per_rack = 1) {
  for (Pool& pool : site.pools) pool.servers_per_rack = per_rack;
  number(site);
  return site;
}

/// Cables of each tier as what can break has them.
std::map<std::string, std::int64_t> breakable_cables(const Site& site) {
  const auto routes = routes_of(site);
  const Breakables breakables(site, *routes);
  std::map<std::string, std::int64_t> cables;
  for (LinkIndex l = 0; l < routes->links().size(); l += 2) cables[breakables.tier(l)] += breakables.cables(l);
  return cables;
}

}  // namespace

TEST_CASE("a torus of 4 x 4 servers in four rows") {
  const Site site = one_to_a_rack(test::grid_site(test::grid(Grid::Wiring::torus, {4, 4})));
  const FloorPlan plan(site, round_floor(4), {}, 0);
  std::vector<CableRun> runs;
  add_grid_runs(site, site.networks[0], plan, {.tiers = {0, 1}, .switched = {-1, -1}}, runs);
  auto lengths = lengths_of(runs, plan);
  // Up 2, along, down 2. In a row: three times 1 m, and 3 m around the end. From row to row: three times 3 m, and 9 m.
  CHECK(lengths[0] == Lengths{{5, 12}, {7, 4}});
  CHECK(lengths[1] == Lengths{{7, 12}, {13, 4}});
  CHECK(breakable_cables(site)["net torus x"] == 16);
  CHECK(breakable_cables(site)["net torus y"] == 16);
  for (const CableRun& run : runs) CHECK(run.rate_gbps == 400);

  // Two cables to every bundle; the second axis has none laid.
  Site doubled = site;
  doubled.networks[0].grid->cables = {2, 2};
  runs.clear();
  add_grid_runs(doubled, doubled.networks[0], plan, {.tiers = {0, -1}, .switched = {-1, -1}}, runs);
  CHECK(lengths_of(runs, plan)[0] == Lengths{{5, 24}, {7, 8}});
  CHECK(runs.front().rate_gbps == 200);
}

TEST_CASE("the bill of a torus names the racks that copper does not reach between") {
  const Site site = one_to_a_rack(test::grid_site(test::grid(Grid::Wiring::torus, {4, 4})));
  const FloorPlan plan(site, round_floor(4), {}, 0);
  std::vector<CableRun> runs;
  add_grid_runs(site, site.networks[0], plan, {.tiers = {0, 1}, .switched = {-1, -1}}, runs);
  const std::vector<CableTier> tiers = {{.name = "net torus x", .medium = "auto", .key = "x"},
                                        {.name = "net torus y", .medium = "copper", .key = "y"}};
  Diagnostics d;
  const Bill bill = bill_of(tiers, runs, plan, test::built_in_catalogue(), d);
  // Copper at 400 Gbps reaches 5 m.
  REQUIRE(bill.rows.size() == 2);
  CHECK(bill.rows[0].medium == "AEC 400G");
  CHECK(bill.rows[0].sum.links == 12);
  CHECK(bill.rows[1].medium == "AOC 400G");
  CHECK(bill.rows[1].sum.links == 4);
  CHECK(bill.rows[1].sum.metres == 28);
  REQUIRE(d.problems().size() == 1);
  CHECK(d.problems()[0].key == "y");
  CHECK(d.problems()[0].message.find("16 of 16 net torus y links are longer, up to 13 m from rack 12 of pool p to rack "
                                     "0 of pool p") != std::string::npos);
}

TEST_CASE("blocks joined by optical circuit switches: 4 x 2 servers in blocks of 2 x 2") {
  Grid grid = test::grid(Grid::Wiring::torus, {4, 2}, {2, 2});
  grid.wrap = {true, false};
  grid.slices = true;
  const Site site = one_to_a_rack(test::grid_site(grid));
  // Along x a block is left by two links on either side: two switches, of which both blocks have two ports each.
  const CircuitSwitches switches = circuit_switches(grid, 136);
  CHECK(switches.count == 2);
  CHECK(switches.used_ports == 8);
  CHECK(circuit_switches(grid, 4).count == 2);
  CHECK(circuit_switches(grid, 2).count == 4);
  grid.slices = false;
  CHECK(circuit_switches(grid, 136).count == 0);

  const FloorPlan plan(site, round_floor(4), {}, switches.count);
  // A row of the first block, the rack of the switches amid it at x = 2 m, a row of the second block.
  CHECK(plan.depth_m() == 6);
  CHECK(plan.network_switch(0).x_m == 2);
  CHECK(plan.network_switch(0).z_m == 0.5);
  std::vector<CableRun> runs;
  add_grid_runs(site, site.networks[0], plan, {.tiers = {0, 1}, .switched = {2, -1}, .switches = switches}, runs);
  auto lengths = lengths_of(runs, plan);
  // Inside blocks, numbered (0,0) (1,0) (0,1) (1,1) from left to right: x joins neighbours, y the next but one.
  CHECK(lengths[0] == Lengths{{5, 4}});
  CHECK(lengths[1] == Lengths{{6, 4}});
  // y = 0, over the lower switch. The first block's second rack, at 1.5 m: up 2, along 0.5 + 3, down 2.5: 8. The other
  // block's first, at 0.5 m: 2.5 + 1.5 + 3 + 2 = 9. The link around the end likewise. y = 1, over the upper: from 3.5 m
  // 2 + 1.5 + 3 + 1.5 = 8, to 2.5 m 1.5 + 0.5 + 3 + 2 = 7; and around the end.
  CHECK(lengths[2] == Lengths{{17, 2}, {15, 2}});
  const auto cables = breakable_cables(site);
  CHECK(cables.at("net torus x") == 4);
  CHECK(cables.at("net torus x optical") == 4);
  CHECK(cables.at("net torus y") == 4);
}

TEST_CASE("a full mesh of 3 x 2 servers, two cables to a link") {
  Grid grid = test::grid(Grid::Wiring::full_mesh, {3, 2}, {3, 1});
  grid.cables = {2, 2};
  const Site site = one_to_a_rack(test::grid_site(grid));
  const FloorPlan plan(site, round_floor(4), {}, 0);
  std::vector<CableRun> runs;
  add_grid_runs(site, site.networks[0], plan, {.tiers = {0, 1}, .switched = {-1, -1}}, runs);
  auto lengths = lengths_of(runs, plan);
  // Four racks in the first row, at 0.5 to 3.5 m, two in the second. Up and down make 4 m; along:
  //   x of y = 0: 1, 2, 1; of y = 1, whose first server ends the first row: 3 + 3, 2 + 3, 1
  //   y: 3, 1 + 3, 1 + 3
  CHECK(lengths[0] == Lengths{{5, 6}, {6, 2}, {9, 2}, {10, 2}});
  CHECK(lengths[1] == Lengths{{7, 2}, {8, 4}});
  CHECK(breakable_cables(site)["net mesh x"] == 12);
  CHECK(breakable_cables(site)["net mesh y"] == 6);
}

TEST_CASE("a dragonfly of 3 groups of 2 routers of 2 servers, a row to a group") {
  Dragonfly d = test::dragonfly(3, 2, 2, 2);
  d.local_cables = 4;
  const Site site = one_to_a_rack(test::dragonfly_site(d));
  REQUIRE(site.servers == 12);
  const Part part = parts_of(site).at(0);
  const auto racks = router_racks(site, part, d);
  CHECK(racks == std::vector<std::int64_t>{1, 3, 5, 7, 9, 11});
  const FloorPlan plan(site, round_floor(4), racks, 0);
  std::vector<CableRun> runs;
  add_dragonfly_runs(part, d, plan, 0, {0, 1, 2}, runs);
  auto lengths = lengths_of(runs, plan);
  // Routers on top of every second rack. From the server below: 1; from the one beside it: up 2, along 1, down 1.
  CHECK(lengths[0] == Lengths{{1, 6}, {4, 6}});
  // The two of a group, 2 m apart: up 1, along 2, down 1; four cables of 50 Gbps each.
  CHECK(lengths[1] == Lengths{{4, 12}});
  // Every two groups by a cable from either router to the one across: one row, or two, apart.
  CHECK(lengths[2] == Lengths{{5, 4}, {8, 2}});
  for (const CableRun& run : runs) {
    if (run.tier == 1) CHECK(run.rate_gbps == 50);
    if (run.tier == 2) CHECK(run.rate_gbps == 100);
  }
  const auto cables = breakable_cables(site);
  CHECK(cables.at("net server") == 12);
  CHECK(cables.at("net local") == 12);
  CHECK(cables.at("net global") == 6);
}

TEST_CASE("supernodes of 4 servers over two racks, 9 cables of each to 3 planes") {
  Network network = test::network("s", {0});
  network.supernode = Supernode{.servers = 4, .planes = 3, .cables = 9, .gbps = 900};
  Site site = one_to_a_rack(test::joined({test::pool("p", 8)}, {network}), 2);
  const auto lengths = [&](const Floor& floor) {
    const FloorPlan plan(site, floor, {}, 0);
    std::vector<CableRun> runs;
    add_supernode_runs(site, site.networks[0], 0, plan, 0, runs);
    for (const CableRun& run : runs) CHECK(run.rate_gbps == 100);
    return lengths_of(runs, plan)[0];
  };
  CHECK_FALSE(supernodes_in_racks(site, site.networks[0]));
  // A rack of switches between the two: from the lower server, 0.5 m high, up 2.5, along 1, down 2; from the upper, at
  // 1.5 m, 1.5 + 1 + 2.
  CHECK(lengths(round_floor(6)) == Lengths{{4.5, 36}, {5.5, 36}});
  const FloorPlan plan(site, round_floor(6), {}, 0);
  CHECK(plan.racks() == 6);
  CHECK(plan.name_of(plan.scale_up_switches(5)[0].rack) == "switch rack 0 of supernode 1 of s");
  CHECK(breakable_cables(site)["scale-up p"] == 72);

  // Two racks of switches: planes 0 and 1, three cables of a server each, in the first, plane 2 in the other.
  // Of the servers of the rack before them the first is 1 m away and the second 2; of the rack behind them 2 and 1.
  site.pools[0].server.assembly.emplace();
  site.pools[0].server.assembly->switch_racks = 2;
  CHECK(lengths(round_floor(8)) == Lengths{{4.5, 2 * (6 + 3)}, {5.5, 2 * (6 + 3) + 2 * (3 + 6)}, {6.5, 2 * (3 + 6)}});

  // Within a rack each: to its middle, from 0.5 and 1.5 m.
  site.networks[0].supernode->servers = 2;
  number(site);
  CHECK(supernodes_in_racks(site, site.networks[0]));
  const FloorPlan inside(site, round_floor(6), {}, 0);
  CHECK(inside.racks() == 4);
  std::vector<CableRun> runs;
  add_supernode_runs(site, site.networks[0], 0, inside, 0, runs);
  CHECK(lengths_of(runs, inside, true)[0] == Lengths{{0.5, 72}});
}

TEST_CASE("the bills of examples have the cables that can break, tier by tier") {
  for (const char* name : {"tpu-pod", "dragonfly", "supernodes"}) {
    INFO(name);
    Diagnostics d;
    const auto prepared = prepare(
        std::filesystem::path(ALIGHT_SOURCE_DIR) / "docs/examples" / (std::string(name) + ".yaml"), {}, d, false);
    REQUIRE(prepared);
    std::map<std::string, std::int64_t> links;
    for (const BillRow& row : prepared->bill.rows) links[row.tier] += row.sum.links;
    CHECK(links.size() >= 3);
    const auto cables = breakable_cables(prepared->site);
    for (const auto& [tier, count] : links) {
      INFO(tier);
      CHECK(cables.at(tier) == count);
    }
  }
}
