#include "sim/runtime/clocked.hpp"

#include <array>

#include "models/power/clock.hpp"

namespace alight {

Clocked at_clock(const Split& full, double clock) {
  const ChipActivity work{.compute = full.computing().compute, .memory = full.computing().memory};
  const double computes = full.share(ChipState::useful) + full.share(ChipState::below_peak);
  const double unseen = full.share(ChipState::opaque);
  const double stretch = 1 + computes * (time_at_clock(work, clock) - 1) + unseen * (1 / clock - 1);
  return {.clock = clock, .stretch = stretch, .split = full.clocked(clock, stretch)};
}

Split between_checkpoints(const Split& full) {
  if (full.parts(ChipState::lost) == 0 || full.parts(ChipState::lost) == Split::kWhole) return full;
  std::array<double, kChipStates> time{};
  for (std::size_t s = 0; s < kChipStates; ++s) time[s] = full.share(static_cast<ChipState>(s));
  time[static_cast<std::size_t>(ChipState::lost)] = 0;
  return Split::in_proportion(time, full.computing());
}

TrainingRate at_clock(const TrainingRate& full, const Clocked& at) {
  TrainingRate rate = full;
  rate.step.seconds += (at.stretch - 1) * full.step_s();
  rate.split = at.split;
  rate.mfu = at.split.share(ChipState::useful);
  return rate;
}

}  // namespace alight
