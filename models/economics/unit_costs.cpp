#include "models/economics/unit_costs.hpp"

namespace alight {

UnitCosts unit_costs(const CentreTotals& t) {
  const auto per = [&](double amount) { return amount > 0 ? std::optional(t.cost / amount) : std::nullopt; };
  return {per(t.chip_hours), per(t.lit_chip_hours), per(t.nominal_pflop_hours), per(t.useful_pflop_hours),
          per(t.tokens / 1e6)};
}

std::optional<double> break_even_lit_rate(const LitRateInputs& in) {
  const double margin = in.rent - (in.energy_lit - in.energy_dark);
  if (margin <= 0) return std::nullopt;
  return (in.having + in.energy_dark) / margin;
}

double break_even_rent(const LitRateInputs& in, double lit_rate) {
  return (in.having + in.energy_dark) / lit_rate + in.energy_lit - in.energy_dark;
}

}  // namespace alight
