// What holds of every run with heat, beside power caps and failures: no chip that can be clocked down is above its
// limit, every chip-second and every joule is accounted for, every job ends once, and the same run twice is the same.
#include <algorithm>
#include <catch2/catch.hpp>

#include "models/power/clock.hpp"
#include "sim/facility/state_power.hpp"
#include "tests/support/random_breakdowns.hpp"
#include "tests/support/random_runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

double share(Dice& dice, double low, double high) {
  return low + (high - low) * static_cast<double>(dice(0, 1000)) * 1e-3;
}

/// One or more pools to a loop; what they are supplied with warms by many kelvin a minute, for runs are short.
Building hot_building(Dice& dice, const Site& site) {
  Building b;
  double rated_w = 0;
  const bool follows_weather = dice.one_in(2);
  HallCooling cooling;
  cooling.plant.water.chillers = !follows_weather;
  b.outside = {.dry_bulb_c = share(dice, 10, 42), .relative_humidity = share(dice, 0.2, 0.9)};
  b.start = {.unix_s = 3600 * 5000 + 3500};
  if (follows_weather && dice.one_in(2)) {
    Weather weather;
    weather.hours = {.start_s = 0, .count = 8760};
    for (int h = 0; h < 8760; ++h)
      weather.air.push_back({.dry_bulb_c = share(dice, 20, 42), .relative_humidity = share(dice, 0.2, 0.9)});
    b.weather = weather;
  }
  HeatPlan plan;
  for (std::size_t p = 0; p < site.pools.size(); ++p) {
    const Pool& pool = site.pools[p];
    const double tdp_w = static_cast<double>(dice(100, 1000));
    const ServerFacts facts{.chips = pool.server.chips, .chip_tdp_w = tdp_w};
    const ChipRatings chip{kIdleShare * tdp_w, tdp_w};
    const double opaque = share(dice, 0.3, 1);
    b.power.push_back(state_power(chip, facts, opaque));
    b.halls.push_back(
        {.cooling = cooling, .rated = {.servers_w = provisioned_w(facts) * static_cast<double>(pool.servers)}});
    rated_w += b.halls.back().rated.servers_w;
    b.density.push_back({});
    b.carried_per_rack.push_back(dice.one_in(5) ? std::max<std::int64_t>(1, pool.servers_per_rack - 1)
                                                : pool.servers_per_rack);
    PoolHeat& heat = b.pool_heat.emplace_back();
    heat.thermals.resistance_k_w = share(dice, 20, 55) / tdp_w;
    heat.tdp_w = tdp_w;
    heat.die = die_power(chip, opaque);
    heat.cooling = cooling;
    if (p == 0 || dice.one_in(2)) plan.loops.push_back({.name = pool.name});
    CoolingLoop& loop = plan.loops.back();
    loop.pools.push_back(p);
    loop.units.rated_w += b.halls.back().rated.servers_w;
  }
  for (CoolingLoop& loop : plan.loops) {
    loop.units.needed = dice(1, 5);
    loop.spare = dice(0, 1);
    loop.units.approach_k = share(dice, 5, 25);
    loop.units.capacity_j_k = loop.units.rated_w / share(dice, 0.05, 2);  // so many K/s
    loop.shutdown_c = share(dice, 45, 60);
    if (dice.one_in(2)) loop.restart_c = share(dice, 35, 44);
    for (std::int64_t n = dice(0, 4); n > 0; --n) {
      const double at_s = static_cast<double>(dice(0, 200));
      loop.lost.push_back({.at_s = at_s,
                           .until_s = at_s + static_cast<double>(dice(1, 150)),
                           .units = dice(1, loop.units.needed + loop.spare)});
    }
    if (dice.one_in(3)) {
      loop.failures_per_year = 365 * 86400.0 / static_cast<double>(dice(50, 500));
      loop.repair = {.mean_s = static_cast<double>(dice(5, 60)), .median_s = {}};
    }
  }
  b.heat = std::move(plan);
  b.conversion = {{.name = "ups", .unit = ups(rated_w, 0.97)}};
  b.control_interval_s = 0.3 + static_cast<double>(dice(0, 4)) + 0.0173;
  if (dice.one_in(2)) {
    PowerCap cap{.name = "site cap", .level = CapLevel::site, .policy = static_cast<AtCap>(dice(0, 2))};
    cap.domain_of_rack.assign(static_cast<std::size_t>(site.racks), 0);
    double full_w = 0;
    for (std::size_t p = 0; p < site.pools.size(); ++p)
      full_w +=
          b.power[p].watts[static_cast<std::size_t>(ChipState::useful)] * static_cast<double>(site.pools[p].chips());
    cap.domains.push_back({.name = "", .rated_w = full_w});
    cap.limit.always = {.value = share(dice, 0.8, 1), .share = true};
    b.caps.push_back(std::move(cap));
  }
  return b;
}

/// Bins in which a supply is warmer than where chips are clocked down or servers switched off.
class Thermometer : public Auditor {
 public:
  Thermometer(const Site& site, const Workload& w, const RunSettings& settings)
      : Auditor(site, w, settings), building_(*settings.building) {}
  void supply_in_bin(std::size_t pool, double c) override {
    for (const CoolingLoop& loop : building_.heat->loops)
      if (std::ranges::find(loop.pools, pool) != loop.pools.end() && !building_.weather &&
          c > std::max(loop.shutdown_c, held_supply_c(building_.pool_heat[pool].cooling, building_.outside)) + 1e-6 &&
          building_.pool_heat[pool].cooling.plant.water.chillers)
        throw std::runtime_error(loop.name + " supplies " + std::to_string(c) + " C");
  }

 private:
  const Building& building_;
};

RandomRun random_heated(std::uint64_t seed, std::int64_t jobs = 40) {
  Dice dice(seed);
  RandomRun s = random_jobs_run(dice, jobs, 3);
  for (Row& row : s.rows) row.preemptible = dice.one_in(2);
  s.settings.building = std::make_shared<Building>(hot_building(dice, s.site));
  s.settings.seed = seed;
  if (dice.one_in(2)) s.settings.preemption = JobPreemption::requeue;
  s.settings.ledger_bin_s = static_cast<double>(dice(1, 40));
  const bool by_chance = std::ranges::any_of(s.settings.building->heat->loops,
                                             [](const CoolingLoop& loop) { return loop.failures_per_year > 0; });
  const bool fails = dice.one_in(3);
  if (fails) {
    auto plan = std::make_shared<BreakdownPlan>(*random_breakdowns(dice, s.site));
    if (dice.one_in(2)) {
      elastic_some(dice, s);
      more_outages(dice, s.site, *plan);
    }
    s.settings.breakdowns = std::move(plan);
  }
  if (by_chance || fails || s.settings.building->weather || dice.one_in(2))
    s.settings.horizon_s = static_cast<double>(dice(50, 2000));
  return s;
}

void check_heated(std::uint64_t seed, int rounds, Sharing sharing, std::int64_t jobs) {
  const HeldBack held = play_policies<Thermometer>(random_heated, seed, rounds, sharing, jobs);
  CHECK(held.throttled_chip_s > 0);
  CHECK(held.unpowered_chip_s > 0);
}

}  // namespace

TEST_CASE("whatever gets warm, nothing is lost but time") {
  check_heated(61000, 30, Sharing::fluid, 40);
}

TEST_CASE("with heat, without shared links") {
  check_heated(62000, 10, Sharing::none, 40);
}

TEST_CASE("with heat, step by step") {
  check_heated(63000, 5, Sharing::exact, 25);
}

TEST_CASE("with heat the same run twice, in lockstep, and from permuted rows is the same run") {
  std::uint64_t seed = 64000;
  for (const std::string& policy : requeuing_policies())
    for (int round = 0; round < 2; ++round) {
      RandomRun s = random_heated(seed++);
      s.settings.policy = policy;
      INFO(policy << ", seed " << seed - 1);
      check_same_run(s, seed);
    }
}
