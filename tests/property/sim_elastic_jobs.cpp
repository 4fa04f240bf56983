// What holds of every run with elastic jobs whose servers break: the auditor sees to it that they start on whole
// replicas of servers in service and never below their least, that chip-seconds add up, and that every job ends once.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/random_breakdowns.hpp"
#include "tests/support/random_runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

RandomRun elastic_run(std::uint64_t seed) {
  Dice dice(seed);
  RandomRun s = random_checkpointing_run(dice, seed, 25);
  elastic_some(dice, s);
  if (dice.one_in(3)) s.settings.quota_chips["x"] = static_cast<double>(dice(2, 20));
  auto plan = std::make_shared<BreakdownPlan>(*random_breakdowns(dice, s.site));
  plan->on_failure = OnFailure::requeue;
  more_outages(dice, s.site, *plan);
  if (dice.one_in(3)) s.settings.chip_speeds.assign(s.site.pools.size(), ChipSpeeds{.spread = 0.05});
  s.settings.breakdowns = std::move(plan);
  return s;
}

void check_elastic(std::uint64_t seed, int rounds, Sharing sharing) {
  double failures = 0;
  int completed = 0;
  for (int round = 0; round < rounds; ++round)
    for (const std::string& policy : requeuing_policies()) {
      RandomRun s = elastic_run(seed++);
      s.settings.policy = policy;
      s.settings.sharing = sharing;
      if (sharing == Sharing::exact)
        for (Row& row : s.rows) row.tokens *= 0.1;
      INFO(policy << ", seed " << seed - 1);
      for (const Fate& f : played<Auditor>(s.site, workload(s.rows), s.settings, s.ground).jobs) {
        failures += f.failures;
        completed += f.status == JobStatus::completed ? 1 : 0;
      }
    }
  CHECK(failures > 10 * rounds);
  CHECK(completed > 20 * rounds);
}

}  // namespace

TEST_CASE("whatever breaks, elastic jobs lose no chip-second and use no broken server") {
  check_elastic(71000, 12, Sharing::fluid);
}

TEST_CASE("likewise without sharing, and with every step played") {
  check_elastic(72000, 6, Sharing::none);
  check_elastic(73000, 6, Sharing::exact);
}

TEST_CASE("the same run with elastic jobs twice is the same run") {
  for (std::uint64_t seed = 74000; seed < 74012; ++seed) {
    INFO("seed " << seed);
    check_same_run(elastic_run(seed), seed);
  }
}
