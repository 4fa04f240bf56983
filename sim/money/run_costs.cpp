#include "sim/money/run_costs.hpp"

#include <algorithm>
#include <numeric>

#include "models/economics/calendar.hpp"
#include "models/economics/running_cost.hpp"

namespace alight {
namespace {

constexpr double kSecondsPerYear = kBilledHoursPerYear * 3600;
constexpr double kSecondsPerMonth = kBilledHoursPerMonth * 3600;
constexpr double kJoulesOfKwh = 3.6e6;

bool follows_it_load(Asset kind) {
  return kind == Asset::cooling || kind == Asset::power || kind == Asset::building;
}

/// Each pool's part of what all share: by IT load, or by chips.
std::vector<double> pool_parts(const MoneyPlan& plan, bool by_it_load) {
  std::vector<double> part;
  const bool by_kw = by_it_load && plan.it_kw() > 0;
  for (const PoolPlan& pool : plan.pools) part.push_back(by_kw ? pool.it_kw : pool.chips);
  const double all = std::accumulate(part.begin(), part.end(), 0.0);
  for (double& p : part) p = all > 0 ? p / all : 0;
  return part;
}

/// Of the run, the share in which a pool's chips were there.
double share_there(const MoneyTotals& totals, std::size_t pool) {
  const double all = std::accumulate(totals.chip_s[pool].begin(), totals.chip_s[pool].end(), 0.0);
  return all > 0 ? totals.delivered_chip_s(pool) / all : 0;
}

}  // namespace

double RunCosts::having() const {
  return std::accumulate(pools.begin(), pools.end(), 0.0,
                         [](double sum, const PoolCost& pool) { return sum + pool.having(); });
}

RunCosts run_costs(const MoneyPlan& plan, const MoneyTotals& totals) {
  RunCosts costs;
  costs.pools.resize(plan.pools.size());
  const double years = totals.seconds / kSecondsPerYear;
  const std::vector<double> by_load = pool_parts(plan, true), by_chips = pool_parts(plan, false);
  for (const MoneyLine& line : plan.lines) {
    const AssetTerms& terms = plan.terms.at(line.kind);
    const double capital = years * yearly_capital_cost(line.sum(), line.sum() * terms.loses.residual_share,
                                                       plan.cost_of_capital(), terms.loses.life_years);
    const double maintenance = years * line.sum() * terms.maintenance_share;
    const std::vector<double>& part = follows_it_load(line.kind) ? by_load : by_chips;
    for (std::size_t p = 0; p < costs.pools.size(); ++p) {
      double share = line.pool ? (*line.pool == p ? 1 : 0) : part[p];
      if (line.pool && (line.kind == Asset::chips || line.kind == Asset::servers)) share *= share_there(totals, p);
      costs.pools[p].capital += share * capital;
      costs.pools[p].maintenance += share * maintenance;
    }
  }
  double demand = 0;
  if (plan.demand)
    for (const MoneyMonth& month : totals.months)
      demand += plan.demand->amount * month.peak_kw * (month.to_s - month.from_s) / kSecondsPerMonth;
  const double staff =
      plan.wage
          ? years * running_cost(
                        {.it_mw = plan.it_kw() * 1e-3, .staff_per_mw = plan.staff_per_mw, .wage = plan.wage->amount})
                        .staff
          : 0;
  for (std::size_t p = 0; p < costs.pools.size(); ++p) {
    costs.pools[p].staff = staff * by_load[p];
    costs.pools[p].demand = demand * by_load[p];
  }
  if (plan.electricity) costs.electricity = totals.electricity * plan.electricity->amount;
  if (plan.water) costs.water = totals.water_m3 * plan.water->amount;
  return costs;
}

std::vector<PoolStateCost> costs_by_state(const RunCosts& costs, const MoneyTotals& totals) {
  std::vector<double> pool_j(costs.pools.size());
  for (std::size_t p = 0; p < totals.joules.size(); ++p)
    pool_j[p] = std::accumulate(totals.joules[p].begin(), totals.joules[p].end(), 0.0);
  const double all_j = std::accumulate(pool_j.begin(), pool_j.end(), 0.0);
  std::vector<PoolStateCost> rows;
  for (std::size_t p = 0; p < costs.pools.size(); ++p) {
    PoolUse use{.pool = "", .cost = costs.pools[p].having(), .states = {}};
    std::vector<bool> lit;
    for (std::size_t s = 0; s < kChipStates; ++s) {
      const auto state = static_cast<ChipState>(s);
      if (state == ChipState::undelivered || totals.chip_s[p][s] == 0) continue;
      use.states.push_back({.state = std::string(name_of(state)),
                            .chip_hours = totals.chip_s[p][s] / 3600,
                            .kwh = totals.joules.empty() ? 0 : totals.joules[p][s] / kJoulesOfKwh});
      lit.push_back(is_lit(state));
    }
    // Without any energy drawn the bill is divided as pools are, so that it is somewhere.
    const double energy =
        costs.energy() * (all_j > 0 ? pool_j[p] / all_j : 1 / static_cast<double>(costs.pools.size()));
    const std::vector<StateCost> divided = cost_by_state({use}, energy);
    for (std::size_t i = 0; i < divided.size(); ++i) {
      const StateCost& cost = divided[i];
      rows.push_back({.pool = p,
                      .state = cost.state.empty() ? std::string(name_of(ChipState::undelivered)) : cost.state,
                      .lit = i < lit.size() && lit[i],
                      .chip_hours = cost.chip_hours,
                      .kwh = cost.kwh,
                      .having = cost.having,
                      .energy = cost.energy});
    }
  }
  return rows;
}

HoldingRates holding_rates(const RunCosts& costs, const MoneyTotals& totals) {
  HoldingRates rates;
  for (std::size_t p = 0; p < costs.pools.size(); ++p) {
    const double there_s = totals.delivered_chip_s(p);
    rates.per_chip_s.push_back(there_s > 0 ? costs.pools[p].having() / there_s : 0);
  }
  double joules = 0;
  for (const StateTimes& pool : totals.joules) joules += std::accumulate(pool.begin(), pool.end(), 0.0);
  rates.per_joule = joules > 0 ? costs.energy() / joules : 0;
  return rates;
}

}  // namespace alight
