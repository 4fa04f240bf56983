// Why chips are dark, integrated by hand.
#include <catch2/catch.hpp>

#include "tests/support/runs.hpp"

using namespace alight;
using namespace alight::test;

TEST_CASE("every chip-second of a small mixed site has the cause worked out by hand") {
  // Pool a: 4 chips, cuda. Pool b: 2 chips, cann, one of them delivered at 20. 40 s, first come first served.
  //   J1 cuda 3 chips, submitted  0: runs [0, 10)
  //   J2 cuda 4 chips, submitted  5: waits for J1, runs [10, 20)
  //   J3 cann 2 chips, submitted 12: waits for the delivery, runs [20, 25)
  //   J4 cuda 1 chip,  submitted 22: runs [22, 25)
  Pool a = chips_pool("a", 4, 1, "cuda"), b = chips_pool("b", 2, 1, "cann");
  b.phases = {{20, 1}};
  RunSettings settings;
  settings.policy = "fcfs";
  settings.horizon_s = 40;
  settings.ledger_bin_s = 7;  // does not divide anything here
  const Played p = played(site_of({a, b}),
                          workload({{.id = "J1", .submit_s = 0, .duration_s = 10, .chips = 3, .stack = "cuda"},
                                    {.id = "J2", .submit_s = 5, .duration_s = 10, .chips = 4, .stack = "cuda"},
                                    {.id = "J3", .submit_s = 12, .duration_s = 5, .chips = 2, .stack = "cann"},
                                    {.id = "J4", .submit_s = 22, .duration_s = 3, .chips = 1, .stack = "cuda"}}),
                          settings);
  CHECK(p.starts() == std::vector<double>{0, 10, 20, 22});
  // Pool a. Lit: 3 x 10 + 4 x 10 + 1 x 3. One chip is free in [0, 10): idle until J2 waits for it, then fragmented.
  // Idle besides: 4 in [20, 22), 3 in [22, 25), 4 in [25, 40).
  CHECK(p.chip_seconds(0, ChipState::opaque) == 73);
  CHECK(p.chip_seconds(0, ChipState::fragmented) == 5);
  CHECK(p.chip_seconds(0, ChipState::idle) == 5 + 8 + 9 + 60);
  CHECK(p.chip_seconds(0, ChipState::mismatched) == 0);
  CHECK(p.chip_seconds(0, ChipState::undelivered) == 0);
  // Pool b. Its first chip is idle in [0, 5), mismatched while only J2 waits [5, 10), idle [10, 12), fragmented while
  // J3 waits for a second one [12, 20). Both are lit [20, 25) and idle [25, 40).
  CHECK(p.chip_seconds(1, ChipState::undelivered) == 20);
  CHECK(p.chip_seconds(1, ChipState::idle) == 5 + 2 + 30);
  CHECK(p.chip_seconds(1, ChipState::mismatched) == 5);
  CHECK(p.chip_seconds(1, ChipState::fragmented) == 8);
  CHECK(p.chip_seconds(1, ChipState::opaque) == 10);
}

TEST_CASE("waiting for a full pool leaves the others' chips mismatched; fragmented wins where both wait") {
  // Pool a (1 chip) runs A in [0, 10). B waits for a in [2, 10). C, of kind b, wants 2 chips of pool b (2 chips), where
  // D holds one in [0, 6): it waits in [4, 6).
  const Played p = played(site_of({chips_pool("a", 1), chips_pool("b", 2)}),
                          workload({{.id = "A", .duration_s = 10, .kinds = "a chip"},
                                    {.id = "D", .duration_s = 6, .kinds = "b chip"},
                                    {.id = "B", .submit_s = 2, .duration_s = 1, .kinds = "a chip"},
                                    {.id = "C", .submit_s = 4, .duration_s = 5, .chips = 2, .kinds = "b chip"}}),
                          {.policy = "easy"});
  CHECK(p.end_s == 11);
  // b: one chip free in [0, 2) idle, [2, 4) mismatched, [4, 6) fragmented; both lit [6, 11).
  CHECK(p.chip_seconds(1, ChipState::idle) == 2);
  CHECK(p.chip_seconds(1, ChipState::mismatched) == 2);
  CHECK(p.chip_seconds(1, ChipState::fragmented) == 2);
  CHECK(p.chip_seconds(1, ChipState::opaque) == 6 + 10);
  CHECK(p.chip_seconds(0, ChipState::opaque) == 11);
}

TEST_CASE("the free share of a shared chip has a cause too") {
  // 0.3 of the one chip is held in [0, 10); from 2 on a job waits for all of it, and gets it at 10 for 5 s.
  const Played p =
      played(site_of({chips_pool("a", 1)}),
             workload({{.id = "A", .duration_s = 10, .chip_milli = 300}, {.id = "B", .submit_s = 2, .duration_s = 5}}),
             {.policy = "fcfs"});
  CHECK(p.chip_seconds(0, ChipState::opaque) == Approx(3 + 5).epsilon(1e-12));
  CHECK(p.chip_seconds(0, ChipState::idle) == Approx(0.7 * 2).epsilon(1e-12));
  CHECK(p.chip_seconds(0, ChipState::fragmented) == Approx(0.7 * 8).epsilon(1e-12));
}

TEST_CASE("a quota keeps chips fragmented, not idle") {
  // x may hold 1 of 2 chips: x2 waits [1, 10) beside a free chip.
  RunSettings settings;
  settings.policy = "easy";
  settings.quota_chips = {{"x", 1}};
  const Played p = played(
      site_of({chips_pool("a", 2)}),
      workload({{.id = "x1", .duration_s = 10, .vc = "x"}, {.id = "x2", .submit_s = 1, .duration_s = 5, .vc = "x"}}),
      settings);
  CHECK(p.chip_seconds(0, ChipState::idle) == 1 + 5);
  CHECK(p.chip_seconds(0, ChipState::fragmented) == 9);
}
