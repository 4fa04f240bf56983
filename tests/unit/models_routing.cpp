// What flows leave of the links they are hashed, pinned or sprayed onto, by hand.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "models/collectives/collective.hpp"
#include "models/sharing/routing.hpp"

using namespace alight;

namespace {

double drawn(int balls, int bins, int times, int rounds) {
  std::mt19937 draw(11);
  double sum = 0;
  std::vector<int> load;
  for (int r = 0; r < rounds; ++r) {
    int most = 0;
    for (int t = 0; t < times; ++t) {
      load.assign(static_cast<std::size_t>(bins), 0);
      for (int b = 0; b < balls; ++b) most = std::max(most, ++load[draw() % static_cast<unsigned>(bins)]);
    }
    sum += most;
  }
  return sum / rounds;
}

}  // namespace

TEST_CASE("balls in bins, by counting") {
  // Two balls share one of two bins in two of four ways: 1 x 1/2 + 2 x 1/2.
  CHECK(busiest_of(2, 2) == Approx(1.5));
  // Two balls in eight bins meet once in eight: 7/8 + 2/8.
  CHECK(busiest_of(2, 8) == Approx(1.125));
  // Four balls in four bins: of 256 ways 24 have one in each, 36 + 144 a fullest of two, 48 of three, 4 of four.
  CHECK(busiest_of(4, 4) == Approx((24 + 2 * 180 + 3 * 48 + 4 * 4) / 256.0).epsilon(0.032));
  CHECK(busiest_of(1, 9) == 1);
  CHECK(busiest_of(0.3, 9) == 1);
  CHECK(busiest_of(7, 1) == 7);
  // Two switches of two flows on two links: none has two with 1/4.
  CHECK(busiest_of(2, 2, 2) == Approx(1.75));
}

TEST_CASE("balls in bins, by throwing them") {
  for (const auto& [balls, bins, times] :
       {std::tuple{8, 32, 1}, {16, 32, 1}, {64, 32, 1}, {16, 32, 16}, {256, 32, 8}}) {
    CAPTURE(balls, bins, times);
    CHECK(busiest_of(balls, bins, times) == Approx(drawn(balls, bins, times, 4000)).epsilon(0.03));
  }
}

TEST_CASE("more flows carry no less together") {
  for (const double bins : {4.0, 8.0, 32.0, 512.0}) {
    double before = 0;
    for (double balls = 1; balls < 3000; balls *= 1.1) {
      const double together = balls / busiest_of(balls, bins);
      CHECK(together >= before * (1 - 1e-9));
      before = together;
    }
  }
}

TEST_CASE("what each routing leaves of a leaf's uplinks") {
  const auto left = [](FlowRouting kind, double nics, double cables, double flows = 2) {
    return routing_efficiency({kind, flows}, nics, cables);
  };
  CHECK(left(FlowRouting::even, 5, 3) == 1);
  CHECK(left(FlowRouting::adaptive, 5, 3) == 0.95);
  // A link for each NIC; three NICs on two links wait for the one with two; four links for two NICs: half lie idle.
  CHECK(left(FlowRouting::rails, 32, 32) == 1);
  CHECK(left(FlowRouting::rails, 32, 16) == 1);
  CHECK(left(FlowRouting::rails, 3, 2) == 0.75);
  CHECK(left(FlowRouting::rails, 2, 4) == 0.5);
  // One flow each of two NICs on two links: 2 flows, the fullest link has 1.5 of 1.
  CHECK(left(FlowRouting::ecmp, 2, 2, 1) == Approx(1 / 1.5));
  // Entropy helps: 32 NICs on 32 links with 1, 4, 16 flows each.
  CHECK(left(FlowRouting::ecmp, 32, 32, 1) == Approx(0.283).epsilon(0.02));
  CHECK(left(FlowRouting::ecmp, 32, 32, 4) == Approx(0.462).epsilon(0.02));
  CHECK(left(FlowRouting::ecmp, 32, 32, 16) == Approx(0.645).epsilon(0.02));
}

TEST_CASE("collisions slow what crosses leaves, and only where the links are narrower than the NICs then") {
  // 10 GB/s NICs, one a rank, leaves of four ranks with four cables up of a NIC's rate: 1:1.
  Fabric f;
  f.up.simple = {.base_us = 10, .efficiency = 1};
  f.out = {.gbs = 10, .efficiency = 1, .direct_efficiency = 1, .ll_us = 20, .simple_us = 20};
  f.out.leaf = {.oversubscription = 1, .latency_us = 0, .chips = 4, .cables = 4, .nics = 1};
  const auto us = [&](FlowRouting kind, Collective c, double flows) {
    f.out.leaf.routing = {kind, flows};
    return estimate(c, 80e6, {.ranks = 8, .per_domain = 1, .per_leaf = 4}, f).seconds * 1e6;
  };
  // Ring: 70 MB through a NIC of 10 GB/s in 7000 us, 7 steps of 20, base 10. One flow leaves each leaf: it meets none.
  CHECK(us(FlowRouting::even, Collective::all_gather, 1) == Approx(7150));
  CHECK(us(FlowRouting::ecmp, Collective::all_gather, 1) == Approx(7150));
  // All to all: 4/7 of all traffic crosses. Adaptive links at 0.95 of 7/4 of that are wide enough.
  CHECK(us(FlowRouting::adaptive, Collective::all_to_all, 1) ==
        Approx(us(FlowRouting::even, Collective::all_to_all, 1)));
  // Hashed, 4 x 4/7 flows of 4 NICs are on 4 links; two leaves wait for each other. Through NICs alone 7000 us.
  const double share = 7 / 4.0 * routing_efficiency({FlowRouting::ecmp, 1}, 16 / 7.0, 4, 2);
  REQUIRE(share < 1);
  CHECK(us(FlowRouting::ecmp, Collective::all_to_all, 1) == Approx(20 + 7000 / share));
  // Two NICs of two chips each: a pinned NIC has one of two cables of half its rate.
  f.out.leaf.cables = 8;
  CHECK(us(FlowRouting::rails, Collective::all_to_all, 1) ==
        Approx(20 + 7000 / (7 / 4.0 * routing_efficiency({FlowRouting::rails}, 16 / 7.0, 8))));
}
