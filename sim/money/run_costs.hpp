// What a run cost: what each pool costs to have for that time, what energy cost, and both divided over pools and states
// of the ledger, and over jobs. Money of the plan's currency.
//
// Having: capital spread evenly over its life at what capital costs (yearly_capital_cost()), maintenance, staff, demand
// charge. A line that names a pool is borne by it; what cools, powers and houses is shared by pools as their IT load,
// all else as their chips. Chips not delivered yet cost nothing; what is shared is there from the start.
#pragma once

#include <string>
#include <vector>

#include "sim/money/money_plan.hpp"
#include "sim/money/money_totals.hpp"

namespace alight {

struct PoolCost {
  double capital = 0, maintenance = 0, staff = 0, demand = 0;
  double having() const { return capital + maintenance + staff + demand; }
};

struct RunCosts {
  std::vector<PoolCost> pools;
  double electricity = 0, water = 0;

  double having() const;
  double energy() const { return electricity + water; }
  double total() const { return having() + energy(); }
};
RunCosts run_costs(const MoneyPlan& plan, const MoneyTotals& totals);

/// What one state of one pool cost.
struct PoolStateCost {
  std::size_t pool = 0;
  std::string state;
  bool lit = false;
  double chip_hours = 0, kwh = 0;
  double having = 0, energy = 0;
  double total() const { return having + energy; }
};
/// Pool by pool, states as in the ledger, those that held anything (models/economics/running_cost.hpp). What a pool
/// costs of which nothing was there in the run is borne by its state undelivered.
std::vector<PoolStateCost> costs_by_state(const RunCosts& costs, const MoneyTotals& totals);

/// What chips cost whoever holds them: the pool's cost of having by the chip-second, and the bill for energy, the whole
/// building's, by what chips draw.
struct HoldingRates {
  std::vector<double> per_chip_s;  ///< [pool]
  double per_joule = 0;
};
HoldingRates holding_rates(const RunCosts& costs, const MoneyTotals& totals);

}  // namespace alight
