// What holds of every run whose servers break: the auditor sees to it that nothing is placed on a server that is out,
// that only failures interrupt, and that every chip-second is accounted for.
#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/network/fault_plan.hpp"
#include "sim/scheduler/policy.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/random_breakdowns.hpp"
#include "tests/support/random_network.hpp"
#include "tests/support/random_runs.hpp"
#include "tests/support/stored.hpp"

using namespace alight;
using namespace alight::test;

namespace {

RandomRun breaking_run(std::uint64_t seed, std::int64_t jobs = 40) {
  Dice dice(seed);
  RandomRun s = random_checkpointing_run(dice, seed, jobs);
  s.settings.breakdowns = random_breakdowns(dice, s.site);
  return s;
}

void check_breaking(std::uint64_t seed, int rounds, Sharing sharing, std::int64_t jobs) {
  double failures = 0, completed = 0;
  for (int round = 0; round < rounds; ++round)
    for (const std::string& policy : requeuing_policies())
      for (const char* placement : {"pack", "spread", "random", "best-fit"}) {
        RandomRun s = breaking_run(seed++, jobs);
        s.settings.policy = policy;
        s.settings.placement = placement;
        s.settings.sharing = sharing;
        if (sharing == Sharing::exact)
          for (Row& row : s.rows) row.tokens *= 0.1;
        INFO(policy << ", " << placement << ", seed " << seed - 1);
        for (const Fate& f : played<Auditor>(s.site, workload(s.rows), s.settings, s.ground).jobs) {
          failures += f.failures;
          completed += f.status == JobStatus::completed ? 1 : 0;
          if (f.failures + f.preemptions == 0) CHECK(f.redone_s == 0);
          if (f.start_s >= 0) CHECK(f.hung_s <= f.run_s * (1 + 1e-9));
        }
      }
  CHECK(failures > 10 * rounds);
  CHECK(completed > 100 * rounds);
}

}  // namespace

TEST_CASE("whatever breaks, no chip-second is lost, no broken server is used, and every job ends once") {
  check_breaking(51000, 3, Sharing::fluid, 40);
}

TEST_CASE("the same without links that are shared") {
  check_breaking(52000, 1, Sharing::none, 40);
}

TEST_CASE("the same with every step played") {
  check_breaking(53000, 1, Sharing::exact, 24);
}

TEST_CASE("what breaks is the same twice, in lockstep, and from permuted rows") {
  std::uint64_t seed = 54000;
  for (const std::string& policy : requeuing_policies())
    for (int round = 0; round < 2; ++round) {
      RandomRun s = breaking_run(seed++);
      s.settings.policy = policy;
      INFO(policy << ", seed " << seed - 1);
      check_same_run(s, seed);
    }
}

TEST_CASE("servers and links break in one run") {
  double failures = 0;
  for (std::uint64_t seed = 55000; seed < 55040; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const Site site = random_network(dice);
    std::vector<Row> rows = random_rows(dice, site, 24);
    train_some(dice, rows);
    RunSettings settings{.seed = seed, .policy = dice.one_in(2) ? "easy" : "fcfs"};
    if (dice.one_in(2)) settings.preemption = JobPreemption::requeue;
    for (Row& row : rows) row.preemptible = dice.one_in(2);
    settings.faults = random_link_faults(dice, site);
    settings.breakdowns = random_breakdowns(dice, site);
    settings.horizon_s = 2000;
    const auto play = [&] { return played<Auditor>(site, workload(rows), settings, small_ground(site)); };
    const Played p = play();
    CHECK((p == play()));
    for (const Fate& f : p.jobs) failures += f.failures;
  }
  CHECK(failures > 20);
}
