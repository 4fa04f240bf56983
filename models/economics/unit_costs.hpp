// What one of something cost, and how much must be lit to pay for it all.
#pragma once

#include <optional>

namespace alight {

/// Of a centre over some time. Money of one currency.
struct CentreTotals {
  double cost = 0;
  double chip_hours = 0;           ///< installed
  double lit_chip_hours = 0;       ///< allocated to jobs
  double nominal_pflop_hours = 0;  ///< dense 16-bit peak of what is installed, by the hour
  double useful_pflop_hours = 0;   ///< model FLOPs at peak: the ledger's `useful`
  double tokens = 0;               ///< served
};
/// Absent where there was none of it.
struct UnitCosts {
  std::optional<double> per_chip_hour, per_lit_chip_hour, per_nominal_pflop_hour, per_useful_pflop_hour,
      per_million_tokens;
};
UnitCosts unit_costs(const CentreTotals& totals);

/// Costs and earnings of one chip-hour.
struct LitRateInputs {
  double having = 0;       ///< of every installed chip-hour, lit or dark: capital, staff, maintenance
  double energy_dark = 0;  ///< of a dark one
  double energy_lit = 0;   ///< of a lit one
  double rent = 0;         ///< of a lit one
};
/// The lit rate at which earnings pay for everything: (having + dark) / (rent - lit + dark). Above 1: not even when all
/// is lit. Nothing where a lit chip earns no more than what it draws on top of a dark one.
std::optional<double> break_even_lit_rate(const LitRateInputs& inputs);
/// The rent at which that lit rate pays for everything.
double break_even_rent(const LitRateInputs& inputs, double lit_rate);

}  // namespace alight
