// How warm a chip gets, and what that costs it.
//
// The die stands over the air or liquid supplied to it by its power times the thermal resistance of what carries the
// heat away: T = T_supply + R P. Warmth costs twice. A hotter die leaks more, so at the same power it clocks lower; and
// beyond a limit it slows down hard. Numbers: rows of section `throttling` in the reference's cooling.csv, whose
// sources are a guide of practice (github.com/stas00/ml-engineering@744d01e) and vendors' pages; they are design values
// to calibrate, not measurements of one chip.
#pragma once

#include "models/power/clock.hpp"

namespace alight {

struct ChipThermals {
  double resistance_k_w = 0.075;  ///< rows `inlet`: air at full fan 0.075, cold plate 0.035 to 0.045
  double throttle_c = 87;         ///< row `start`: 84 to 90
  double memory_throttle_c = 95;  ///< row `hbm`: 85 to 105
  /// Row `tax`: rate lost per K over 70 C, 0.3 to 0.5 % (10 % at 85 C against 70 C is its dearest reading).
  double lost_per_k = 0.004, lost_from_c = 70;
  double throttled_rate = 0.575;         ///< row `tax`: 50 to 65 % at the slowdown
  double memory_throttled_rate = 0.742;  ///< row `hbm`: 3.1 to 2.3 TB/s
};

double chip_temperature_c(const ChipThermals& thermals, double supply_c, double power_w);

/// Rate of computation over that of a cool die: 1 up to lost_from_c, then falling by lost_per_k, throttled_rate at
/// throttle_c and beyond.
double rate_at(const ChipThermals& thermals, double chip_c);
/// Rate of the memory over that of a cool one: 1 below its limit, memory_throttled_rate from there on.
double memory_rate_at(const ChipThermals& thermals, double memory_c);

/// The power at which a chip stands at its throttle limit; not negative.
double power_at_throttle_w(const ChipThermals& thermals, double supply_c);

/// The clock that keeps a chip below its limit of temperature, and what the work then takes; `met` is false where no
/// clock does.
ClockedChip clock_for_temperature(const ChipRatings& chip, const ChipActivity& activity, const ChipThermals& thermals,
                                  double supply_c);

}  // namespace alight
