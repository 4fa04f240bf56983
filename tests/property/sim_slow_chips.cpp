// What holds of every run with slow chips: every chip-second is accounted for, the same run twice is the same run,
// speeds that are all 1 change nothing, and a job is never faster than its fastest chip lets it.
#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/facility/state_power.hpp"
#include "sim/run/slow_chips.hpp"
#include "tests/support/random_breakdowns.hpp"
#include "tests/support/random_network.hpp"
#include "tests/support/random_runs.hpp"
#include "tests/support/stored.hpp"

using namespace alight;
using namespace alight::test;

namespace {

RandomRun slow_run(std::uint64_t seed) {
  Dice dice(seed);
  RandomRun s = random_checkpointing_run(dice, seed, 40);
  auto plan = std::make_shared<BreakdownPlan>(*random_breakdowns(dice, s.site));
  if (dice.one_in(3)) {
    elastic_some(dice, s);
    more_outages(dice, s.site, *plan);
  }
  for (std::int64_t n = dice(0, 3); n > 0; --n) {
    BreakdownPlan::Cause cause{.stream = "slow " + std::to_string(n),
                               .slows_to = 0.1 * static_cast<double>(dice(1, 9))};
    cause.of.name = cause.stream;
    cause.of.per_year = kSecondsPerYear / static_cast<double>(dice(20, 200)) / static_cast<double>(s.site.chips);
    cause.of.repair = RepairTime{.mean_s = static_cast<double>(dice(2, 40)), .median_s = {}};
    cause.detection_s = dice.one_in(4) ? std::numeric_limits<double>::infinity() : static_cast<double>(dice(0, 30));
    if (dice.one_in(2)) cause.when_found = WhenSlow::wait;
    for (PoolIndex p = 0; p < s.site.pools.size(); ++p)
      if (!dice.one_in(4)) cause.pools.push_back(p);
    if (dice.one_in(2)) {
      const Pool& pool = s.site.pools[static_cast<std::size_t>(dice(0, std::ssize(s.site.pools) - 1))];
      plan->slowings.push_back({.at_s = static_cast<double>(dice(0, 100)),
                                .cause = plan->causes.size(),
                                .server = static_cast<ServerIndex>(pool.first_server + dice(0, pool.servers - 1)),
                                .chip = static_cast<int>(dice(0, pool.server.chips - 1))});
    }
    plan->causes.push_back(std::move(cause));
  }
  s.settings.breakdowns = std::move(plan);
  for (std::size_t p = 0; p < s.site.pools.size() && !dice.one_in(3); ++p) {
    auto& of_pool = s.settings.chip_speeds.emplace_back();
    if (dice.one_in(3)) continue;
    of_pool = ChipSpeeds{.spread = 0.01 * static_cast<double>(dice(0, 10)),
                         .straggler_share = dice.one_in(2) ? 0.1 : 0,
                         .straggler_speed = 0.5};
  }
  return s;
}

/// Some building, without caps or with one that clocks jobs down.
void power_some(Dice& dice, RandomRun& s) {
  auto b = std::make_shared<Building>();
  double rated_w = 0, idle_w = 0;
  for (const Pool& pool : s.site.pools) {
    const double tdp_w = static_cast<double>(dice(100, 1000));
    const ServerFacts facts{.chips = pool.server.chips, .chip_tdp_w = tdp_w};
    b->power.push_back(state_power({kIdleShare * tdp_w, tdp_w}, facts, 0.5));
    b->halls.push_back(
        {.cooling = {}, .rated = {.servers_w = provisioned_w(facts) * static_cast<double>(pool.servers)}});
    rated_w += b->halls.back().rated.servers_w;
    idle_w += b->power.back().watts[static_cast<std::size_t>(ChipState::idle)] * static_cast<double>(pool.chips());
    b->density.push_back({});
    b->carried_per_rack.push_back(pool.servers_per_rack);
  }
  b->conversion = {{.name = "ups", .unit = ups(rated_w, 0.97)}};
  b->outside = {.dry_bulb_c = 20, .relative_humidity = 0.5};
  b->control_interval_s = 1.0173;
  if (!dice.one_in(4)) {
    PowerCap cap{
        .name = "cap", .level = CapLevel::site, .policy = dice.one_in(2) ? AtCap::uniform : AtCap::by_priority};
    cap.domain_of_rack.assign(static_cast<std::size_t>(s.site.racks), 0);
    cap.domains.push_back({.name = "", .rated_w = rated_w});
    cap.limit.always = {.value = idle_w + 0.5 * (rated_w - idle_w)};
    b->caps.push_back(std::move(cap));
  }
  s.settings.building = std::move(b);
}

void check_slow(std::uint64_t seed, int rounds, Sharing sharing) {
  double slowed_s = 0;
  int completed = 0;
  for (int round = 0; round < rounds; ++round) {
    RandomRun s = slow_run(seed + static_cast<std::uint64_t>(round));
    Dice dice(seed + 7);
    if (dice.one_in(2)) power_some(dice, s);
    s.settings.policy = round % 2 == 0 ? "easy" : "fcfs";
    s.settings.sharing = sharing;
    if (sharing == Sharing::exact)
      for (Row& row : s.rows) row.tokens *= 0.1;
    INFO("seed " << seed + static_cast<std::uint64_t>(round));
    for (const Fate& f : played<Auditor>(s.site, workload(s.rows), s.settings, s.ground).jobs) {
      slowed_s += f.slowed_s;
      completed += f.status == JobStatus::completed ? 1 : 0;
      if (f.start_s >= 0) CHECK(f.slowed_s <= f.run_s * (1 + 1e-9));
    }
  }
  CHECK(slowed_s > 10 * rounds);
  CHECK(completed > 4 * rounds);
}

}  // namespace

TEST_CASE("whatever becomes slow, no chip-second is lost and every job ends once") {
  check_slow(61000, 60, Sharing::fluid);
}

TEST_CASE("likewise without sharing, and with every step played") {
  check_slow(62000, 30, Sharing::none);
  check_slow(63000, 30, Sharing::exact);
}

TEST_CASE("the same run with slow chips twice is the same run") {
  for (std::uint64_t seed = 64000; seed < 64010; ++seed) {
    INFO("seed " << seed);
    check_same_run(slow_run(seed), seed);
  }
}

TEST_CASE("speeds that are all 1 change nothing") {
  for (std::uint64_t seed = 65000; seed < 65020; ++seed) {
    INFO("seed " << seed);
    RandomRun s = slow_run(seed);
    auto plan = std::make_shared<BreakdownPlan>(*s.settings.breakdowns);
    std::erase_if(plan->causes, [](const auto& cause) { return cause.slows_to.has_value(); });
    plan->slowings.clear();
    s.settings.breakdowns = plan;
    s.settings.chip_speeds.clear();
    const Played without = played<Auditor>(s.site, workload(s.rows), s.settings, s.ground);
    s.settings.chip_speeds.assign(s.site.pools.size(), ChipSpeeds{});
    CHECK((without == played<Auditor>(s.site, workload(s.rows), s.settings, s.ground)));
  }
}
