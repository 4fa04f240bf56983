// What holds in every run, whatever the site, the workload, the policy and the placement.
#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/scheduler/placement.hpp"
#include "sim/scheduler/policy.hpp"
#include "tests/support/random_runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

RandomRun random_setting(std::uint64_t seed, std::int64_t jobs = 60) {
  Dice dice(seed);
  RandomRun s = random_jobs_run(dice, jobs, 2);
  s.settings.seed = seed;
  s.settings.ledger_bin_s = static_cast<double>(dice(3, 50));
  if (dice.one_in(2)) s.settings.quota_chips = {{"x", static_cast<double>(dice(1, s.site.chips))}, {"y", 0.5}};
  if (dice.one_in(4)) s.settings.horizon_s = static_cast<double>(dice(1, 200));
  if (dice.one_in(8)) s.settings.jobs_end = false;
  return s;
}

}  // namespace

TEST_CASE("no chip is held twice, no quota exceeded, no chip-second lost, and every job ends once") {
  std::uint64_t seed = 1;
  for (int round = 0; round < 3; ++round)
    for (const std::string& policy : policy_names())
      for (const std::string& placement : placement_names()) {
        RandomRun s = random_setting(seed++);
        s.settings.policy = policy;
        s.settings.placement = placement;
        INFO(policy << ", " << placement << ", seed " << seed - 1);
        const Played p = played<Auditor>(s.site, workload(s.rows), s.settings, s.ground);
        for (const Fate& f : p.jobs)
          if (p.how == Engine::End::finished && s.settings.jobs_end)
            CHECK((f.status != JobStatus::running && f.status != JobStatus::waiting &&
                   f.status != JobStatus::not_submitted));
      }
}

TEST_CASE("the same run twice, in lockstep with SimGrid, and from permuted rows is the same run") {
  std::uint64_t seed = 1000;
  for (const std::string& policy : policy_names())
    for (const char* placement : {"pack", "spread", "random"}) {
      RandomRun s = random_setting(seed++);
      s.settings.policy = policy;
      s.settings.placement = placement;
      INFO(policy << ", " << placement << ", seed " << seed - 1);
      check_same_run(s, seed);
    }
}

TEST_CASE("fcfs: jobs of equal priority start in the order of submission") {
  for (std::uint64_t seed = 2000; seed < 2012; ++seed) {
    RandomRun s = random_setting(seed);
    for (Row& row : s.rows) row.priority = 0;
    s.settings = {.seed = seed, .policy = "fcfs"};
    INFO("seed " << seed);
    double last_s = 0;
    for (const Fate& f : played(s.site, workload(s.rows), s.settings, s.ground).jobs) {
      if (f.pool < 0) continue;
      CHECK(f.start_s >= last_s);
      last_s = f.start_s;
    }
  }
}
