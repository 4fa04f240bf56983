// Where things stand and how long cables are, by hand.
#include <catch2/catch.hpp>

#include "platforms/cabling/runs.hpp"
#include "platforms/topology/parts.hpp"
#include "tests/support/sites.hpp"

using namespace alight;
using test::pool;
using test::tier;

namespace {

/// Round figures, no rounding: racks 1 m wide, rows 3 m apart, racks 2 m high, trays at 3 m, no slack.
Floor round_floor() {
  Floor f;
  f.racks_per_row = 4;
  f.rack_pitch_m = 1;
  f.row_pitch_m = 3;
  f.rack_height_m = 2;
  f.tray_height_m = 3;
  f.slack_m = 0;
  f.length_step_m = 0;
  f.switches_per_rack = 2;
  return f;
}

/// Servers of one NIC, two to a rack, four to a leaf.
Site two_to_a_rack(std::int64_t servers, std::int64_t spines_ports = 64) {
  Pool p = pool("a", servers);
  p.servers_per_rack = 2;
  return test::site({p}, {tier("leaf", 100, 4, 1, 0), tier("spine", 100, spines_ports, 1, 0)});
}

}  // namespace

TEST_CASE("racks stand in rows in their order, what is in them evenly over their height") {
  const Site site = two_to_a_rack(12);  // 6 racks: a row of 4, a row of 2
  const FloorPlan plan(site, round_floor(), {}, 0);
  CHECK(plan.racks() == 6);
  CHECK(plan.width_m() == 4);
  CHECK(plan.depth_m() == 3);
  const CableEnd first = plan.server(0), second = plan.server(1), fifth = plan.server(9);
  CHECK(first.x_m == 0.5);
  CHECK(first.y_m == 0);
  CHECK(first.z_m == 0.5);   // (0 + 1/2) / 2 of 2 m
  CHECK(second.z_m == 1.5);  // (1 + 1/2) / 2 of 2 m
  CHECK(fifth.x_m == 0.5);   // rack 4 begins the second row
  CHECK(fifth.y_m == 3);
  CHECK(plan.name_of(fifth.rack) == "rack 4 of pool a");
}

TEST_CASE("a cable goes up to the tray, along at right angles, and down; within a rack straight") {
  const Site site = two_to_a_rack(12);
  Floor floor = round_floor();
  const FloorPlan plan(site, floor, {}, 0);
  CHECK(plan.length_m(plan.server(0), plan.server(1)) == 1);  // 1.5 - 0.5
  // Up 3 - 0.5, along 1, down 3 - 0.5.
  CHECK(plan.length_m(plan.server(0), plan.server(2)) == 6);
  // Up 3 - 0.5, from rack 0 to rack 4 straight across 3 m, down 3 - 1.5.
  CHECK(plan.length_m(plan.server(0), plan.server(9)) == 7);
  CHECK(plan.length_m(plan.server(9), plan.server(0)) == 7);
  floor.slack_m = 0.2;
  floor.length_step_m = 0.5;
  const FloorPlan sold(site, floor, {}, 0);
  CHECK(sold.length_m(sold.server(0), sold.server(2)) == 6.5);  // 6.4 rounded up
  CHECK(sold.length_m(sold.server(0), sold.server(1)) == 1.5);  // 1.4
  CHECK(sold.length_m(sold.server(0), sold.server(1), true) == 1);
  floor.slack_m = 0.25;
  const FloorPlan even(site, floor, {}, 0);
  CHECK(even.length_m(even.server(0), even.server(2)) == 6.5);  // 6.5 is sold
}

TEST_CASE("leaves stand where the floor says") {
  const Site site = two_to_a_rack(16);  // 8 racks in two rows; a leaf to two racks
  const Clos clos = clos_of(site);
  REQUIRE(clos.leaves == 4);
  REQUIRE(clos.spines == 1);
  const auto racks = leaf_racks(site, {site, clos});
  CHECK(racks == std::vector<std::int64_t>{1, 3, 5, 7});
  Floor floor = round_floor();
  const FloorPlan top(site, floor, racks, network_switches(clos));
  CHECK(top.leaf(0).x_m == 1.5);
  CHECK(top.leaf(0).z_m == 2);
  CHECK(top.length_m(top.server(2), top.leaf(0)) == 1.5);  // its own rack: 2 - 0.5
  // Racks: 4 + 4 in two rows and one for the spine in a row between them, so the rows lie 6 m apart.
  CHECK(top.racks() == 9);
  CHECK(top.depth_m() == 6);
  CHECK(top.network_switch(0).x_m == 2);  // the middle of 4 m
  CHECK(top.network_switch(0).y_m == 3);
  CHECK(top.network_switch(0).z_m == 1);
  // Down from 2 m on rack 1: up 1, along 0.5 and 3, down to 1 m from 3.
  CHECK(top.length_m(top.leaf(0), top.network_switch(0)) == 6.5);

  floor.leaf = LeafPlace::middle_of_row;
  const FloorPlan middle(site, floor, racks, network_switches(clos));
  CHECK(middle.racks() == 11);
  CHECK(middle.width_m() == 5);
  CHECK(middle.leaf(0).x_m == 2.5);  // after two racks
  CHECK(middle.leaf(1).x_m == 2.5);  // two switches to a rack
  CHECK(middle.leaf(0).z_m == 0.5);
  CHECK(middle.leaf(1).z_m == 1.5);
  CHECK(middle.server(4).x_m == 3.5);  // the third rack moved on
  CHECK(middle.name_of(middle.leaf(2).rack) == "leaf rack 0 of row 1");

  floor.leaf = LeafPlace::end_of_row;
  const FloorPlan end(site, floor, racks, network_switches(clos));
  CHECK(end.leaf(0).x_m == 4.5);
  CHECK(end.server(4).x_m == 2.5);

  floor.leaf = LeafPlace::network_row;
  const FloorPlan row(site, floor, racks, network_switches(clos));
  CHECK(row.racks() == 11);  // four leaves and a spine: three racks of two
  CHECK(row.leaf(0).y_m == 3);
  CHECK(row.leaf(0).x_m == 1);  // three racks about the middle of 4 m: 1, 2, 3
  CHECK(row.leaf(3).x_m == 2);
  CHECK(row.network_switch(0).x_m == 3);
  CHECK(row.name_of(row.network_switch(0).rack) == "network rack 2");
}

TEST_CASE("leaves of all rails are spread over the racks of their servers") {
  Pool p = pool("a", 8, 8, 4, 400, 4);
  p.servers_per_rack = 1;
  const Site site = test::site({p}, {tier("leaf", 400, 8, 1, 0)});
  CHECK(leaf_racks(site, {site, clos_of(site)}) == std::vector<std::int64_t>{1, 3, 5, 7});
}

TEST_CASE("halls lie apart, rows of other names begin anew") {
  Pool a = pool("a", 2), b = pool("b", 2), c = pool("c", 2);
  a.servers_per_rack = b.servers_per_rack = c.servers_per_rack = 1;
  a.hall = b.hall = "A";
  b.row = "2";
  c.hall = "B";
  const Site site = test::site({a, b, c}, {});
  Floor floor = round_floor();
  floor.hall_gap_m = 10;
  const FloorPlan plan(site, floor, {}, 0);
  CHECK(plan.server(2).x_m == 0.5);
  CHECK(plan.server(2).y_m == 3);
  CHECK(plan.server(4).y_m == 16);  // 3 + 3 + 10
}

TEST_CASE("switch racks of a scale-up domain stand amid its racks") {
  Pool p = pool("cm", 8, 8);
  p.servers_per_rack = 1;
  p.server.scale_up_domain = 32;  // four racks
  p.server.scale_up_wiring = ScaleUpWiring{.links = 3, .rate_gbps = 400, .medium = "any"};
  p.server.assembly.emplace();
  p.server.assembly->switch_racks = 2;
  const Site site = test::site({p}, {});
  Floor floor = round_floor();
  floor.racks_per_row = 6;
  const FloorPlan plan(site, floor, {}, 0);
  CHECK(plan.racks() == 12);
  CHECK_FALSE(scale_up_in_rack(site.pools[0]));
  CHECK(plan.server(1).x_m == 1.5);
  CHECK(plan.server(2).x_m == 4.5);  // two switch racks came between
  const auto switches = plan.scale_up_switches(5);
  REQUIRE(switches.size() == 2);
  CHECK(switches[0].x_m == 2.5);
  CHECK(switches[0].y_m == 3);
  CHECK(switches[0].z_m == 1);
  // 8 chips x 3 links, half to each rack of switches.
  std::vector<CableRun> runs;
  add_scale_up_runs(site, 0, plan, 0, runs);
  std::int64_t links = 0;
  for (const CableRun& run : runs) {
    CHECK(run.links == 12);
    links += run.links;
  }
  CHECK(links == 8 * 8 * 3);
}

TEST_CASE("two networks of tiers on one floor have their cables to themselves") {
  Pool a = pool("a", 4, 8, 1, 100), b = pool("b", 4, 8, 1, 100);
  a.servers_per_rack = b.servers_per_rack = 2;
  Site site = test::site({a, b}, {tier("leaf", 100, 4, 1, 0), tier("spine", 100, 8, 1, 0)});
  Network second;
  second.name = "second";
  second.pools = {1};
  second.tiers = {tier("leaf", 100, 2, 1, 0)};
  site.networks = {second};
  number(site);
  std::vector<std::int64_t> racks;
  std::vector<StandingClos> all;
  std::int64_t switches = 0;
  for (const Part& part : parts_of(site)) {
    StandingClos one{part.site, clos_of(part.site), part.server, std::ssize(racks), switches};
    for (const std::int64_t rack : leaf_racks(site, one)) racks.push_back(rack);
    switches += network_switches(one.clos);
    all.push_back(one);
  }
  CHECK(racks == std::vector<std::int64_t>{1, 2, 3});  // a leaf of the first, two of the second
  CHECK(switches == 1);
  const FloorPlan plan(site, round_floor(), racks, switches);
  std::vector<CableRun> runs;
  add_clos_runs(all[1], plan, 0, 0, runs);
  REQUIRE(runs.size() == 4);
  CHECK(plan.name_of(runs[3].a.rack) == "rack 1 of pool b");
  CHECK(runs[3].b.rack == runs[3].a.rack);
}
