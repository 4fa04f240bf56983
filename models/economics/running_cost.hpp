// What a centre costs to run beside its electricity, and what each state of its chips costs: what darkness costs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/economics/capital.hpp"

namespace alight {

/// All of one currency; a year's worth where not said otherwise.
struct RunningCostInputs {
  double it_mw = 0;           ///< of IT load the centre is built for
  double staff_per_mw = 1.5;  ///< people for each MW of it (1 to 2: the catalogue's "staff and maintenance share")
  double wage = 0;            ///< of one, a year, all costs included
  double it_kwh = 0;
  double water_l_per_kwh = 0;                 ///< of IT energy (water usage effectiveness, WUE, The Green Grid 2011)
  double water_price = 0;                     ///< per m3
  std::map<Asset, double> capital;            ///< by kind
  std::map<Asset, double> maintenance_share;  ///< of it, a year
};
struct RunningCost {
  double staff = 0, water = 0, maintenance = 0;
  double total() const { return staff + water + maintenance; }
};
RunningCost running_cost(const RunningCostInputs& inputs);

/// Chips of one pool in one state.
struct StateUse {
  std::string state;
  double chip_hours = 0;
  double kwh = 0;  ///< of these chips, as the ledger attributes energy
};
struct PoolUse {
  std::string pool;
  double cost = 0;  ///< of having it for that time: capital, staff, maintenance; whatever does not follow energy
  std::vector<StateUse> states;
};
/// What one state cost.
struct StateCost {
  std::string state;
  double chip_hours = 0, kwh = 0;
  double having = 0;  ///< its share, by chip-hours, of what its pool costs
  double energy = 0;  ///< its share, by kWh, of the energy bill
  double total() const { return having + energy; }
};
/// Divides what pools and energy cost over states, by first appearance. The energy bill is of the whole site: what the
/// building draws beyond its chips follows theirs. Every unit of money lands somewhere: of a pool without chip-hours,
/// or a bill without energy, in a last entry without a state.
std::vector<StateCost> cost_by_state(const std::vector<PoolUse>& pools, double energy_bill);

}  // namespace alight
