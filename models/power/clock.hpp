// What a lower clock saves and costs.
//
// The power of switching goes with f V2, and voltage about with f: with the cube of the clock (the classical law of
// CMOS; A. Chandrakasan et al., IEEE JSSC 27(4), 1992). Idle power and the memory's own do not follow the core's clock.
// Computation takes 1/f longer; streaming memory hardly longer; communication, waiting and starting no longer.
#pragma once

#include "models/power/chip_power.hpp"

namespace alight {

struct Accelerator;

/// The exponent of power over clock: f V2 with V in proportion to f.
inline constexpr double kClockExponent = 3;
/// Lowest clock of the full one: 210 of 1410 MHz on an A100 (its data sheet).
inline constexpr double kLowestClock = 0.149;
/// By how much streaming takes longer for each 1/f more: decoding at 180 instead of 2842 MHz took 1 to 6 % longer (P.
/// J. Maliakel et al., arXiv 2501.08219); 6 % over 2842/180 - 1.
inline constexpr double kMemoryStretch = 0.004;

/// Time of the work at a clock over its time at the full one; at least 1.
double time_at_clock(const ChipActivity& activity, double clock);

/// The chip as models of steps and iterations see it, at a clock: its matrix units slower by it, its memory by
/// kMemoryStretch.
Accelerator at_clock(const Accelerator& chip, double clock);

struct ClockedChip {
  double clock = 1;
  double power_w = 0;
  double time = 1;  ///< of the work, over its time at the full clock
  bool met = true;  ///< power_w is within the limit
};

/// The highest clock at which the chip, averaged over its work, draws no more than `limit_w` and its TDP; the lowest
/// clock, not `met`, where none does. Power rises with the clock, so it is found by bisection.
ClockedChip clock_for_power(const ChipRatings& chip, const ChipActivity& activity, double limit_w);

}  // namespace alight
