#include "sim/money/money_totals.hpp"

#include <numeric>

namespace alight {

static_assert(ChipState::undelivered == ChipState{0});

double MoneyTotals::delivered_chip_s(std::size_t pool) const {
  const StateTimes& times = chip_s[pool];
  return std::accumulate(times.begin() + 1, times.end(), 0.0);
}
double MoneyTotals::lit_chip_s(std::size_t pool) const {
  double sum = 0;
  for (std::size_t s = 0; s < kChipStates; ++s)
    if (is_lit(static_cast<ChipState>(s))) sum += chip_s[pool][s];
  return sum;
}

}  // namespace alight
