// Schedules small enough to be worked out by hand. Where nothing else is said the site is one pool of one-chip servers;
// in the comments [a, b) is the time a job runs, and jobs are looked at in the order of the rows.
#include <catch2/catch.hpp>

#include "tests/support/runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

using Times = std::vector<double>;

Played play(const Site& site, const std::string& policy, const std::vector<Row>& rows, RunSettings settings = {}) {
  settings.policy = policy;
  return played(site, workload(rows), settings);
}

Times starts(std::int64_t chips, const std::string& policy, const std::vector<Row>& rows,
             const RunSettings& settings = {}) {
  return play(site_of({chips_pool("p", chips)}), policy, rows, settings).starts();
}

}  // namespace

TEST_CASE("fcfs: the head holds back what is behind it") {
  // A holds 3 of 4 chips in [0, 10). B wants 2 and waits for A. C wants the chip that is free, but stands behind B.
  CHECK(starts(4, "fcfs", {{"A", 0, 10, 3}, {"B", 1, 5, 2}, {"C", 2, 5, 1}}) == Times{0, 10, 10});
  // Three jobs of a whole site each run one after another.
  CHECK(starts(4, "fcfs", {{"A", 0, 10, 4}, {"B", 0, 5, 4}, {"C", 0, 5, 4}}) == Times{0, 10, 15});
}

TEST_CASE("equal submit times go by id as people read it, whatever the order of the rows") {
  CHECK(starts(1, "fcfs", {{"job10", 0, 3}, {"job9", 0, 5}, {"job1", 0, 2}}) == Times{0, 2, 7});
  const Workload w = workload({{"job10", 0, 3}, {"job9", 0, 5}, {"job1", 0, 2}});
  CHECK(w.jobs[1].id == "job9");
}

TEST_CASE("a chip freed in an instant is there for what is submitted in it") {
  CHECK(starts(1, "fcfs", {{"A", 0, 10}, {"B", 10, 5}}) == Times{0, 10});
  CHECK(starts(1, "once", {{"A", 0, 10}, {"B", 10, 5}}) == Times{0, 10});
}

TEST_CASE("a job of no length starts and ends in one instant") {
  const Played p = play(site_of({chips_pool("p", 1)}), "easy", {{"A", 0, 10}, {"B", 1, 0}, {"C", 2, 5}});
  CHECK(p.starts() == Times{0, 10, 10});
  CHECK(p.jobs[1].finish_s == 10);
}

TEST_CASE("easy: what ends by the shadow time, or fits beside the head, goes first") {
  // A holds 3 of 4 in [0, 10); B wants all 4: shadow time 10, spare 0. C would end at 11 and waits; D ends at 10.
  CHECK(starts(4, "easy", {{"A", 0, 10, 3}, {"B", 1, 5, 4}, {"C", 2, 9, 1}, {"D", 2, 8, 1}}) == Times{0, 10, 15, 2});
  // B wants 2 of 4: at the shadow time 10 two are spare, so C may run past it on one of them.
  CHECK(starts(4, "easy", {{"A", 0, 10, 3}, {"B", 1, 5, 2}, {"C", 2, 20, 1}}) == Times{0, 10, 2});
  // Spare chips are spent once: C and D want one each, one is spare (B wants 3 of 4), one chip more is free.
  CHECK(starts(4, "easy", {{"A", 0, 10, 2}, {"B", 1, 5, 3}, {"C", 2, 20, 1}, {"D", 2, 20, 1}}) == Times{0, 10, 2, 15});
}

TEST_CASE("easy: of jobs that end together only as many are counted free as the head needs") {
  // A1 and A2 hold 2 each of 5 and both end at 10; B wants 3 and fits when A1 is gone: spare 1 + 2 - 3 = 0, although 2
  // will be free then. So C (1 chip past the shadow time) waits behind B.
  CHECK(starts(5, "easy", {{"A1", 0, 10, 2}, {"A2", 0, 10, 2}, {"B", 1, 5, 3}, {"C", 2, 20, 1}}) ==
        Times{0, 0, 10, 10});
}

TEST_CASE("easy: a job that outran its requested time counts as ending now") {
  // A asked for 4 s and runs 10. At 5, B wants both chips: shadow time 5 = now, so C (1 s) would end after it, no
  // spare.
  CHECK(starts(2, "easy", {{"A", 0, 10, 1, 4}, {"B", 5, 5, 2}, {"C", 6, 1, 1}}) == Times{0, 10, 15});
  // Asked for 20, done at 10: B starts at once, though it was promised 20.
  CHECK(starts(2, "easy", {{"A", 0, 10, 2, 20}, {"B", 5, 5, 2}}) == Times{0, 10});
}

TEST_CASE("conservative: nobody who waits is delayed, where easy protects the head alone") {
  // A holds 3 of 4 in [0, 10). B wants 2: [10, 20). C wants 4: [20, 25). D wants 1 for 30 s. Easy lets D run at 3, for
  // 2 are spare beside B; C then waits for D until 33. Conservative keeps C's promise: D runs from 25.
  const std::vector<Row> rows = {{"A", 0, 10, 3}, {"B", 1, 10, 2}, {"C", 2, 5, 4}, {"D", 3, 30, 1}};
  CHECK(starts(4, "easy", rows) == Times{0, 10, 33, 3});
  CHECK(starts(4, "conservative", rows) == Times{0, 10, 20, 25});
}

TEST_CASE("conservative: an early end makes all plans anew, in order") {
  // A asked for 20 and ends at 10. B (4 chips) was promised 20, C (1 chip, 15 s) 25. At 10, B starts and C gets 15.
  CHECK(starts(4, "conservative", {{"A", 0, 10, 4, 20}, {"B", 1, 5, 4}, {"C", 2, 15, 1}}) == Times{0, 10, 15});
  // B needs all from 10: C (9 s) would be in its way and gets 15; D (7 s) fits into the hole beside A, [3, 10).
  CHECK(starts(4, "conservative", {{"A", 0, 10, 3}, {"B", 1, 5, 4}, {"C", 2, 9, 1}, {"D", 3, 7, 1}}) ==
        Times{0, 10, 15, 3});
}

TEST_CASE("sjf: the shortest request first, in strict order") {
  CHECK(starts(1, "sjf", {{"A", 0, 10}, {"B", 1, 5}, {"C", 2, 3}}) == Times{0, 13, 10});
  // B is shortest and wants both chips: C waits behind it.
  CHECK(starts(2, "sjf", {{"A", 0, 10, 1}, {"B", 1, 3, 2}, {"C", 2, 5, 1}}) == Times{0, 10, 13});
  // It is the requested time that counts, not the run time.
  CHECK(starts(1, "sjf", {{"A", 0, 10}, {"B", 1, 1, 1, 9}, {"C", 2, 4, 1, 4}}) == Times{0, 14, 10});
}

TEST_CASE("once: no second try") {
  const Played p = play(site_of({chips_pool("p", 2)}), "once", {{"A", 0, 10, 2}, {"B", 1, 1, 1}, {"C", 12, 1, 1}});
  CHECK(p.starts() == Times{0, -1, 12});
  CHECK(p.jobs[1].status == JobStatus::rejected);
}

TEST_CASE("a larger priority goes first under every policy that keeps a queue") {
  for (const char* policy : {"fcfs", "easy", "conservative", "sjf"}) {
    INFO(policy);
    CHECK(starts(1, policy,
                 {{"A", 0, 10},
                  {.id = "B", .submit_s = 1, .duration_s = 5},
                  {.id = "C", .submit_s = 2, .duration_s = 7, .priority = 3}}) == Times{0, 17, 10});
  }
}

TEST_CASE("a queue with a quota waits for itself and holds nobody else back") {
  // 4 chips; x may hold 2. x2 waits for x1 to end; y, of no queue with a quota, starts beside it.
  RunSettings settings;
  settings.quota_chips = {{"x", 2}};
  const std::vector<Row> rows = {{.id = "x1", .submit_s = 0, .duration_s = 10, .chips = 2, .vc = "x"},
                                 {.id = "x2", .submit_s = 1, .duration_s = 10, .chips = 1, .vc = "x"},
                                 {.id = "y", .submit_s = 2, .duration_s = 50, .chips = 2, .vc = "other"},
                                 {.id = "x3", .submit_s = 3, .duration_s = 1, .chips = 3, .vc = "x"}};
  for (const char* policy : {"fcfs", "easy", "conservative", "sjf"}) {
    INFO(policy);
    const Played p = play(site_of({chips_pool("p", 4)}), policy, rows, settings);
    CHECK(p.starts() == Times{0, 10, 2, -1});
    CHECK(p.jobs[3].status == JobStatus::rejected);  // 3 chips never fit into a quota of 2
  }
}

TEST_CASE("easy: a job of a queue that waits for its quota may not take that quota from the head") {
  // x may hold 2 of 8. x1 holds 1 in [0, 10); x2 wants 2 and waits: shadow time 10, no quota spare. x3 (1 chip) is
  // short enough at 2 (ends 9), x4 is not.
  RunSettings settings;
  settings.quota_chips = {{"x", 2}};
  const std::vector<Row> rows = {{.id = "x1", .submit_s = 0, .duration_s = 10, .chips = 1, .vc = "x"},
                                 {.id = "x2", .submit_s = 1, .duration_s = 10, .chips = 2, .vc = "x"},
                                 {.id = "x3", .submit_s = 2, .duration_s = 7, .chips = 1, .vc = "x"},
                                 {.id = "x4", .submit_s = 9, .duration_s = 5, .chips = 1, .vc = "x"}};
  CHECK(starts(8, "easy", rows, settings) == Times{0, 10, 2, 20});
}

TEST_CASE("shapes: gangs take what is left over, the others wait for a server") {
  // Two servers of 4 chips: A leaves 1 chip free on one, B 1 on the other. `one_server` (2 chips) waits for A's server
  // at 10; `whole_servers` (4 chips) likewise; a gang of 2 takes the two leftovers.
  const Site site = site_of({chips_pool("p", 2, 4)});
  const std::vector<Row> base = {{"A", 0, 10, 3}, {"B", 0, 20, 3}};
  const auto with = [&](Shape shape, std::int64_t chips) {
    std::vector<Row> rows = base;
    rows.push_back({.id = "C", .submit_s = 1, .duration_s = 5, .chips = chips, .shape = shape});
    return rows;
  };
  for (const char* policy : {"fcfs", "easy", "conservative", "sjf"}) {
    INFO(policy);
    CHECK(play(site, policy, with(Shape::gang, 2)).starts() == Times{0, 0, 1});
    CHECK(play(site, policy, with(Shape::one_server, 2)).starts() == Times{0, 0, 10});
    CHECK(play(site, policy, with(Shape::whole_servers, 4)).starts() == Times{0, 0, 10});
    CHECK(play(site, policy, with(Shape::whole_servers, 8)).starts() == Times{0, 0, 20});
    CHECK(play(site, policy, with(Shape::one_server, 5)).jobs[2].status == JobStatus::rejected);
  }
}

TEST_CASE("shapes: a job on whole servers holds the chips it does not ask for as well") {
  // 3 chips on whole servers of 2 are 2 servers, 4 chips, for 10 s.
  const Played p = play(site_of({chips_pool("p", 3, 2)}), "fcfs",
                        {{.id = "A", .duration_s = 10, .chips = 3, .shape = Shape::whole_servers}});
  CHECK(p.chip_seconds(0, ChipState::opaque) == 40);
}

TEST_CASE("easy: behind a head that waits for a shape, nothing takes the server it will get") {
  // Two servers of 2 chips. A holds server one in [0, 10), B one chip of server two in [0, 30). C wants a whole server:
  // shadow time 10, on A's. D (1 chip, 50 s) fits on B's server, which C does not need.
  const Site site = site_of({chips_pool("p", 2, 2)});
  CHECK(play(site, "easy",
             {{"A", 0, 10, 2},
              {"B", 0, 30, 1},
              {.id = "C", .submit_s = 1, .duration_s = 5, .chips = 2, .shape = Shape::whole_servers},
              {"D", 2, 50, 1}})
            .starts() == Times{0, 0, 10, 2});
  // Now the free chip is on the server that C waits for: E may use it until 10 only.
  const std::vector<Row> rows = {{"A", 0, 10, 1},
                                 {"B", 0, 30, 2},
                                 {.id = "C", .submit_s = 1, .duration_s = 5, .chips = 2, .shape = Shape::whole_servers},
                                 {"D", 2, 50, 1},
                                 {"E", 3, 7, 1}};
  CHECK(play(site, "easy", rows).starts() == Times{0, 0, 10, 15, 3});
}

TEST_CASE("shares of a chip and the host's processor are held like chips") {
  Pool pool = chips_pool("p", 1, 1);
  pool.server.cpu_cores = 4;
  const Site site = site_of({pool});
  // 0.6 + 0.4 of a chip fit, 0.5 waits for 0.6; cores: 3 of 4 are held by A until 10, B needs 2.
  const std::vector<Row> shares = {{.id = "A", .duration_s = 10, .chip_milli = 600},
                                   {.id = "B", .submit_s = 1, .duration_s = 30, .chip_milli = 400},
                                   {.id = "C", .submit_s = 2, .duration_s = 5, .chip_milli = 500}};
  const std::vector<Row> cores = {{.id = "A", .duration_s = 10, .chips = 0, .cpu_milli = 3000},
                                  {.id = "B", .submit_s = 1, .duration_s = 5, .chips = 1, .cpu_milli = 2000}};
  for (const char* policy : {"fcfs", "easy", "conservative", "sjf"}) {
    INFO(policy);
    const Played p = play(site, policy, shares);
    CHECK(p.starts() == Times{0, 1, 10});
    // 0.6 x 10 + 0.4 x 30 + 0.5 x 5 chip-seconds.
    CHECK(p.chip_seconds(0, ChipState::opaque) == Approx(20.5).epsilon(1e-12));
    CHECK(play(site, policy, cores).starts() == Times{0, 10});
  }
}

TEST_CASE("a job waits for the racks it needs to be delivered") {
  Pool pool = chips_pool("p", 4);
  pool.phases = {{5, 2}, {30, 1}};
  const Site site = site_of({pool});
  for (const char* policy : {"fcfs", "easy", "conservative", "sjf"}) {
    INFO(policy);
    // One rack is there from the start, two more at 5, the last at 30.
    const Played p = play(site, policy, {{"A", 0, 2, 1}, {"B", 1, 10, 3}, {"C", 2, 15, 4}});
    CHECK(p.starts() == Times{0, 5, 30});
    CHECK(p.chip_seconds(0, ChipState::undelivered) == 2 * 5 + 1 * 30);
  }
}

TEST_CASE("a job that would run longer than it asked for is killed then, where the trace says so") {
  const Played p =
      play(site_of({chips_pool("p", 1)}), "fcfs",
           {{.id = "A", .duration_s = 10, .estimate_s = 4, .kill = true},
            {.id = "B", .submit_s = 1, .duration_s = 10, .estimate_s = 4},
            {.id = "C", .submit_s = 2, .duration_s = 4, .estimate_s = 4, .kill = true, .status = TraceStatus::failed},
            {.id = "D", .submit_s = 3, .duration_s = 1, .status = TraceStatus::cancelled}});
  CHECK(p.starts() == Times{0, 4, 14, 18});
  CHECK(p.jobs[0].status == JobStatus::killed);
  CHECK(p.jobs[1].status == JobStatus::completed);
  CHECK(p.jobs[2].status == JobStatus::failed);
  CHECK(p.jobs[3].status == JobStatus::cancelled);
}

TEST_CASE("run times and requested times grow on a slower chip") {
  Pool fast = chips_pool("fast", 1), slow = chips_pool("slow", 1), other = chips_pool("other", 1);
  fast.chip.bf16_tflops = 100;
  slow.chip.bf16_tflops = 50;
  const Site site = site_of({fast, slow, other});
  RunSettings settings;
  settings.slowdown[{"fast chip", "other chip"}] = 3;
  const auto on = [](std::string id, std::string kind) {
    return Row{.id = std::move(id),
               .duration_s = 10,
               .estimate_s = 8,
               .kill = true,
               .kinds = std::move(kind),
               .traced_chip = "fast chip"};
  };
  const Played p = play(site, "easy", {on("A", "fast chip"), on("B", "slow chip"), on("C", "other chip")}, settings);
  CHECK(p.jobs[0].finish_s == 8);
  CHECK(p.jobs[1].finish_s == 16);  // twice as long by the default rule: half the FLOPs
  CHECK(p.jobs[2].finish_s == 24);  // by the table
}

TEST_CASE("the horizon cuts what runs, waits and is yet to come") {
  RunSettings settings;
  settings.horizon_s = 12;
  const Played p = play(site_of({chips_pool("p", 1)}), "fcfs",
                        {{"A", 0, 5}, {"B", 1, 100}, {"C", 2, 5}, {"D", 12, 1}, {"E", 12.5, 1}}, settings);
  CHECK(p.how == Engine::End::horizon);
  CHECK(p.end_s == 12);
  const auto status = [&](std::size_t j) { return p.jobs[j].status; };
  CHECK(status(0) == JobStatus::completed);
  CHECK(status(1) == JobStatus::running);
  CHECK(status(2) == JobStatus::waiting);
  CHECK(status(3) == JobStatus::waiting);  // submitted at the horizon itself
  CHECK(status(4) == JobStatus::not_submitted);
  CHECK(p.jobs[1].finish_s == 12);
  CHECK(p.chip_seconds(0, ChipState::opaque) == 12);
}
