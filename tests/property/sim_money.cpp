// What must hold of the money of every run: states and pools sum to the total, jobs to what lit chips cost, whatever
// comes late, is preempted or lies in several pools.
#include <catch2/catch.hpp>
#include <filesystem>
#include <numeric>

#include "sim/facility/building.hpp"
#include "sim/record/money.hpp"
#include "sim/scheduler/policy.hpp"
#include "tests/support/random_breakdowns.hpp"
#include "tests/support/random_runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

RandomRun random_setting(Dice& dice, std::uint64_t seed) {
  RandomRun s;
  s.site = random_pools(dice);
  s.rows = random_rows(dice, s.site, 50);
  if (dice.one_in(2)) {
    train_some(dice, s.rows);
    if (dice.one_in(2)) mix_some(dice, s.site, s.rows);
  }
  s.ground = small_ground(s.site);
  s.settings.seed = seed;
  s.settings.ledger_bin_s = static_cast<double>(dice(3, 50));
  if (dice.one_in(4)) s.settings.horizon_s = static_cast<double>(dice(1, 200));
  if (dice.one_in(2)) {
    s.settings.preemption = JobPreemption::requeue;
    for (Row& row : s.rows) {
      row.preemptible = !dice.one_in(4);
      if (dice.one_in(4)) row.priority = static_cast<std::int32_t>(dice(1, 4));
    }
  }
  if (dice.one_in(3)) {
    s.settings.breakdowns = random_breakdowns(dice, s.site);
    s.settings.horizon_s = std::min(s.settings.horizon_s, 2000.0);
  }
  return s;
}

/// Chips that draw something made up in each state, in a hall at 20 C.
std::shared_ptr<Building> random_building(Dice& dice, const Site& site) {
  auto building = std::make_shared<Building>();
  building->outside = {.dry_bulb_c = 20, .relative_humidity = 0.5};
  for (const Pool& pool : site.pools) {
    StatePower& power = building->power.emplace_back();
    for (std::size_t s = 1; s < kChipStates; ++s) power.watts[s] = static_cast<double>(dice(1, 900));
    const double lit = static_cast<double>(dice(200, 900));
    power.with_server_w = [](double chip_w, bool) { return chip_w; };
    power.chip_computing_w = [lit](const Computing& work, double) {
      return lit * (0.3 + 0.7 * std::min(1.0, work.compute));
    };
    building->density.emplace_back();
    building->carried_per_rack.push_back(pool.servers_per_rack);
    building->halls.push_back({.cooling = {}, .rated = {.servers_w = 1000.0 * static_cast<double>(pool.chips())}});
  }
  building->price = PerKwh{.always = 0.01 * static_cast<double>(dice(1, 30)), .series = {}};
  return building;
}

PlanPrice cost(std::string name, double amount) {
  PlanPrice price{.name = std::move(name), .stated = {amount, Currency::usd}};
  price.amount = amount;
  return price;
}

MoneyPlan random_plan(Dice& dice, const Site& site) {
  MoneyPlan plan;
  for (const auto& [name, kind] : assets()) {
    plan.terms[kind] = {.loses = {.life_years = static_cast<double>(dice(1, 20))}, .maintenance_share = 0.03};
    const bool borne = dice.one_in(2);
    plan.lines.push_back(
        {.what = name,
         .kind = kind,
         .count = static_cast<double>(dice(0, 50)),
         .price = cost(name, static_cast<double>(dice(1, 100000))),
         .pool = borne ? std::optional(static_cast<std::size_t>(dice(1, std::ssize(site.pools)) - 1)) : std::nullopt});
  }
  plan.loan_share = 0.5;
  plan.loan_rate = 0.1;
  plan.owner_return = 0.05;
  plan.staff_per_mw = 2;
  plan.wage = cost("wage", 70000);
  plan.water = cost("water", 2);
  plan.demand = cost("demand charge", 9);
  plan.electricity = cost("electricity", 1);
  for (const Pool& pool : site.pools) {
    PoolPlan& of = plan.pools.emplace_back();
    of.name = pool.name;
    of.chips = static_cast<double>(pool.chips());
    of.pflops_per_chip = 0.3;
    of.it_kw = dice.one_in(3) ? 0 : static_cast<double>(dice(1, 500));
    if (dice.one_in(2)) of.rent = PoolRent{.rent = {.price = DatedSeries::always("rent", 2)}};
  }
  return plan;
}

/// In a process of its own: what states, jobs, lit chips and the centre cost.
std::vector<double> play_money(const RandomRun& s, const MoneyPlan& plan) {
  return in_child([&] {
    const Workload w = workload(s.rows);
    const auto file = std::filesystem::temp_directory_path() / ("alight-money-" + std::to_string(::getpid()));
    PowerRecord power(file, s.settings.building.get(), s.site);
    MoneyRecord record(true, s.site, power);
    Run run(s.site, w, s.settings, same_name, {&power, &record}, s.ground);
    const std::atomic<bool> interrupt{false};
    const RunEnd end = run.play(interrupt);
    power.close();
    std::filesystem::remove(file);
    if (!end.violation.empty()) throw std::runtime_error(end.violation);
    const MoneyTotals totals = record.totals(end, {});
    const MoneyResult money = money_of(plan, totals);
    const std::vector<double> jobs = job_costs(record.holdings(), money.rates);
    if (const std::string wrong = unlike(money, jobs); !wrong.empty()) throw std::runtime_error(wrong);
    std::vector<double> bins(s.site.pools.size());
    for (const MoneyMonth& month : totals.months)
      for (std::size_t p = 0; p < bins.size(); ++p)
        bins[p] += std::accumulate(month.chip_s[p].begin(), month.chip_s[p].end(), 0.0);
    for (std::size_t p = 0; p < bins.size(); ++p)
      if (std::abs(bins[p] - static_cast<double>(s.site.pools[p].chips()) * end.end_s) > 1e-6 * (1 + bins[p]))
        throw std::runtime_error("months have other chip-seconds than the run");
    return std::vector<double>{money.costs.total(), money.lit_cost, money.dark_cost,
                               std::accumulate(jobs.begin(), jobs.end(), 0.0), static_cast<double>(jobs.size())};
  });
}

}  // namespace

TEST_CASE("money is conserved over pools, states and jobs") {
  std::uint64_t seed = 7000;
  for (int round = 0; round < 8; ++round)
    for (std::string policy : policy_names()) {
      Dice dice(seed);
      RandomRun s = random_setting(dice, seed);
      if (policy == "once" && s.settings.preemption != JobPreemption::none) policy = "easy";
      s.settings.policy = policy;
      s.settings.building = random_building(dice, s.site);
      const MoneyPlan plan = random_plan(dice, s.site);
      INFO(policy << ", seed " << seed++);
      const std::vector<double> money = play_money(s, plan);
      CHECK(money.at(1) + money.at(2) == Approx(money.at(0)).epsilon(1e-9).margin(1e-12));
      CHECK(money.at(3) == Approx(money.at(1)).epsilon(1e-9).margin(1e-12));
      CHECK(money.at(4) == static_cast<double>(s.rows.size()));
    }
}
