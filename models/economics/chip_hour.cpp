#include "models/economics/chip_hour.hpp"

#include "models/economics/calendar.hpp"

namespace alight {

ChipHourCosts chip_hour_costs(const ChipHourInputs& in) {
  ChipHourCosts costs;
  const double hours = in.chips * kBilledHoursPerYear;
  for (const OwnedAsset& a : in.assets) {
    costs.capital += yearly_capital_cost(a.price, a.price * a.residual_share, in.yearly_rate, a.life_years) / hours;
    costs.maintenance += a.price * a.maintenance_share / hours;
  }
  costs.staff = in.staff_a_year / hours;
  costs.demand = in.kw_lit * in.pue * in.demand_per_kw_month / kBilledHoursPerMonth;
  // Water is counted by IT energy, electricity by the building's.
  const double per_it_kwh = in.pue * in.per_kwh + in.water_l_per_kwh / 1000 * in.water_per_m3;
  costs.energy_lit = in.kw_lit * per_it_kwh;
  costs.energy_dark = in.kw_dark * per_it_kwh;
  return costs;
}

}  // namespace alight
