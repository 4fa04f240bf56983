// Two jobs on the uplinks of two leaves at 4:1, against what follows by hand.
#include <catch2/catch.hpp>

#include "tests/support/faults.hpp"
#include "tests/support/talkers.hpp"

using namespace alight;

namespace {

/// On 8 servers of each of two leaves of 16, the even or the odd ones. In a step each server sends every other the
/// same: of 15 parts 8 cross, and those of 8 servers together are what the uplink, 400 Gbps, carries in the second.
test::TalkingJob all_to_all(ServerIndex first, double steps) {
  test::TalkingJob job{.exchange = {.groups = {.ranks = 16, .stride = 1, .bases = 16},
                                    .pattern = Pattern::everyone,
                                    .domain_bytes = 400e9 / 8 / 8 * 15 / 8,
                                    .times = 1,
                                    .seconds = 1,
                                    .network_s = 1},
                       .held = {},
                       .steps = steps};
  for (ServerIndex s = first; s < 32; s += 2) job.held.push_back({.server = s, .chips = 1});
  return job;
}

}  // namespace

TEST_CASE("two equal jobs on uplinks at 4:1 go at half the pace until one leaves") {
  const Site site = test::leaf_spine_site(2, 16);
  for (const Sharing sharing : {Sharing::fluid, Sharing::exact}) {
    CHECK(test::ends_of(site, sharing, {all_to_all(0, 10)})[0] == Approx(10).epsilon(1e-12));
    // 4 steps of 2 s each; the other then has 6 left, of 1 s.
    const auto ends = test::ends_of(site, sharing, {all_to_all(0, 10), all_to_all(1, 4)});
    CHECK(ends[1] == Approx(8).epsilon(1e-9));
    CHECK(ends[0] == Approx(14).epsilon(1e-9));
  }
}
