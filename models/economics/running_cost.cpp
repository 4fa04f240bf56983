#include "models/economics/running_cost.hpp"

#include <algorithm>

namespace alight {

RunningCost running_cost(const RunningCostInputs& in) {
  RunningCost cost;
  cost.staff = in.it_mw * in.staff_per_mw * in.wage;
  cost.water = in.it_kwh * in.water_l_per_kwh / 1000 * in.water_price;
  for (const auto& [kind, share] : in.maintenance_share)
    if (const auto found = in.capital.find(kind); found != in.capital.end()) cost.maintenance += found->second * share;
  return cost;
}

std::vector<StateCost> cost_by_state(const std::vector<PoolUse>& pools, double energy_bill) {
  std::vector<StateCost> costs;
  const auto of = [&](const std::string& state) -> StateCost& {
    const auto found = std::find_if(costs.begin(), costs.end(), [&](const StateCost& c) { return c.state == state; });
    if (found != costs.end()) return *found;
    StateCost& fresh = costs.emplace_back();
    fresh.state = state;
    return fresh;
  };
  double kwh = 0, nowhere = 0;
  for (const PoolUse& pool : pools) {
    double hours = 0;
    for (const StateUse& use : pool.states) hours += use.chip_hours, kwh += use.kwh;
    if (hours <= 0) nowhere += pool.cost;
    for (const StateUse& use : pool.states) {
      StateCost& cost = of(use.state);
      cost.chip_hours += use.chip_hours;
      cost.kwh += use.kwh;
      if (hours > 0) cost.having += pool.cost * (use.chip_hours / hours);
    }
  }
  for (StateCost& cost : costs)
    if (kwh > 0) cost.energy = energy_bill * (cost.kwh / kwh);
  const double no_energy = kwh > 0 ? 0 : energy_bill;
  if (nowhere != 0 || no_energy != 0) {
    StateCost& last = costs.emplace_back();
    last.having = nowhere;
    last.energy = no_energy;
  }
  return costs;
}

}  // namespace alight
