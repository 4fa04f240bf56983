#include "sim/runtime/clocked.hpp"

#include "models/power/clock.hpp"

namespace alight {

Clocked at_clock(const Split& full, double clock) {
  const ChipActivity work{.compute = full.computing().compute, .memory = full.computing().memory};
  const double computes = full.share(ChipState::useful) + full.share(ChipState::below_peak);
  const double unseen = full.share(ChipState::opaque);
  const double stretch = 1 + computes * (time_at_clock(work, clock) - 1) + unseen * (1 / clock - 1);
  return {.clock = clock, .stretch = stretch, .split = full.clocked(clock, stretch)};
}

TrainingRate at_clock(const TrainingRate& full, const Clocked& at) {
  TrainingRate rate = full;
  rate.step.seconds += (at.stretch - 1) * full.step_s();
  rate.split = at.split;
  rate.mfu = at.split.share(ChipState::useful);
  return rate;
}

}  // namespace alight
