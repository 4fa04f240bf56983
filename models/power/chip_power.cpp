#include "models/power/chip_power.hpp"

#include <algorithm>
#include <cmath>

#include "models/power/clock.hpp"

namespace alight {

double chip_power_w(const ChipRatings& chip, const ChipActivity& activity, double clock) {
  const double switching = std::pow(clock, kClockExponent);
  const double time = time_at_clock(activity, clock);
  const double busy = std::min(1.0, activity.compute + activity.memory + activity.communicating + activity.waiting);
  const double streamed = activity.memory + kCommunicatingMemory * activity.communicating;
  // Shares of the span, each times the part of the full-clock time it lasts: work that is stretched lasts longer.
  const double waited = kWaitingShare * switching * (busy + time - 1);
  const double computed = (1 - kWaitingShare) * switching * activity.compute / clock;
  const double moved = (kMemoryShare - kWaitingShare) * streamed;
  const double started = kStartingShare * activity.starting;
  return chip.idle_w + (chip.tdp_w - chip.idle_w) * (waited + computed + moved + started) / time;
}

}  // namespace alight
