#include "sim/run/busy_time.hpp"

#include <algorithm>

namespace alight {

BusyTime divide_busy_time(double busy_s, double flops_s, const IterationParts& mean, const IterationParts& at_clock,
                          const JobSpeeds& speeds) {
  const double mean_s = mean.seconds();
  if (!(mean_s > 0)) return {.exchange_s = busy_s};
  // Over the mean iteration at the full clock on chips of their kind's speed.
  const double stretch = at_clock.seconds() / mean_s, computes = at_clock.computing_s() / mean_s;
  const double slow = computes * (1 / speeds.slowest - 1);
  const double full_s = busy_s / (stretch + slow);
  const double own_s = full_s * computes * (speeds.own_time - 1);
  BusyTime time{.useful_s = std::min(full_s, flops_s), .slowed_s = full_s * slow};
  time.exchange_s = std::min(full_s - time.useful_s, full_s * mean.exchange_s / mean_s);
  time.below_peak_s = full_s - time.useful_s - time.exchange_s + own_s;
  time.throttled_s = stretch == 1 ? 0 : busy_s - full_s - time.slowed_s;
  time.bucket_s = std::max(0.0, time.slowed_s - own_s);
  // Chips faster than their kind compute less long: nearer to its peak, and above it at most for what is left.
  if (time.below_peak_s < 0) {
    time.useful_s = std::max(0.0, time.useful_s + time.below_peak_s);
    time.below_peak_s = 0;
  }
  return time;
}

}  // namespace alight
