#include "models/power/clock.hpp"

#include <algorithm>

#include "models/training/accelerator.hpp"

namespace alight {

double time_at_clock(const ChipActivity& activity, double clock) {
  // What computes while it streams ends with the slower of both, computation.
  const double both = std::max(0.0, activity.compute + activity.memory - 1);
  return 1 + (activity.compute + (activity.memory - both) * kMemoryStretch) * (1 / clock - 1);
}

Accelerator at_clock(const Accelerator& chip, double clock) {
  Accelerator slower = chip;
  for (double& peak : slower.peak_flops) peak *= clock;
  slower.memory_bytes_s /= 1 + kMemoryStretch * (1 / clock - 1);
  return slower;
}

ClockedChip clock_for_power(const ChipRatings& chip, const ChipActivity& activity, double limit_w) {
  const double limit = std::min(limit_w, chip.tdp_w);
  const auto at = [&](double clock) {
    const double power_w = chip_power_w(chip, activity, clock);
    // A chip at its very limit must not fail for a rounding.
    return ClockedChip{clock, power_w, time_at_clock(activity, clock), power_w <= limit * (1 + 1e-12)};
  };
  const ClockedChip full = at(1), slowest = at(kLowestClock);
  if (full.met || !slowest.met) return full.met ? full : slowest;
  double low = kLowestClock, high = 1;
  while (high - low > 1e-12) {
    const double middle = (low + high) / 2;
    (at(middle).met ? low : high) = middle;
  }
  return at(low);
}

}  // namespace alight
