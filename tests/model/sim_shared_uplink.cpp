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

// Both steps of the two take 2 s. The one is killed in the middle of its third, at 5 s: of the other's third the half
// is left, which it then has the uplink to itself for: 0.5 s, and 7 steps of 1 s. Were what the killed one sends played
// to its end, at 6 s, the other would be done at 13 s.
TEST_CASE("what a job sends when it is killed stops at that instant") {
  const Site site = test::leaf_spine_site(2, 16);
  std::vector<test::TalkingJob> jobs = {all_to_all(0, 10), all_to_all(1, 10)};
  jobs[1].killed_s = 5;
  for (const Sharing sharing : {Sharing::fluid, Sharing::exact}) {
    const auto talked = test::talk(site, sharing, jobs);
    CHECK(talked.ends_s[1] == 5);
    CHECK(talked.ends_s[0] == Approx(12.5).epsilon(1e-9));
    // The uplink, 50 GB/s, is full all the time: ten steps of the one, two and a half of the other.
    const LinkIndex up = test::Faulty(site).index_of("leaf0_up");
    CHECK(talked.bytes[up] == Approx(12.5 * 50e9).epsilon(1e-9));
  }
}

TEST_CASE("links carry what SimGrid carried: bytes, and the time in which they were full") {
  const Site site = test::leaf_spine_site(2, 16);
  const LinkIndex up = test::Faulty(site).index_of("leaf0_up");
  // Alone, 10 steps of 50 GB: full, and so the way back into either leaf.
  const auto alone = test::talk(site, Sharing::exact, {all_to_all(0, 10)});
  for (const LinkIndex l : {up, up + 1, up + 2, up + 3}) {
    CHECK(alone.bytes[l] == Approx(500e9).epsilon(1e-9));
    CHECK(alone.saturated_s[l] == Approx(10).epsilon(1e-9));
  }
  // An exchange of half the bytes in the same second leaves the link half empty.
  auto half = all_to_all(0, 10);
  half.exchange.domain_bytes /= 2;
  const auto thin = test::talk(site, Sharing::exact, {half});
  CHECK(thin.bytes[up] == Approx(250e9).epsilon(1e-9));
  CHECK(thin.saturated_s[up] == 0);
  // Two such fill it together, and take no longer.
  auto other = all_to_all(1, 4);
  other.exchange.domain_bytes /= 2;
  const auto both = test::talk(site, Sharing::exact, {half, other});
  CHECK(both.ends_s[0] == Approx(10).epsilon(1e-9));
  CHECK(both.ends_s[1] == Approx(4).epsilon(1e-9));
  CHECK(both.bytes[up] == Approx(350e9).epsilon(1e-9));
  CHECK(both.saturated_s[up] == Approx(4).epsilon(1e-9));
  // Cut off at 3.25 s, in the middle of a step, what was carried by then is told.
  const auto cut = test::talk(site, Sharing::exact, {all_to_all(0, 10)}, {}, 3.25);
  CHECK(cut.bytes[up] == Approx(3.25 * 50e9).epsilon(1e-9));
  CHECK(cut.saturated_s[up] == Approx(3.25).epsilon(1e-9));
}
