#include "sim/runtime/clocked.hpp"

#include <algorithm>
#include <array>

#include "models/power/clock.hpp"

namespace alight {

Clocked at_clock(const Split& full, double clock, const JobSpeeds& speeds) {
  const ChipActivity work{.compute = full.computing().compute, .memory = full.computing().memory};
  const double computes = full.share(ChipState::useful) + full.share(ChipState::below_peak);
  const double unseen = full.share(ChipState::opaque);
  const double stretch = 1 + computes * (time_at_clock(work, clock) - 1) + unseen * (1 / clock - 1);
  if (speeds.uniform())
    return {.clock = clock, .stretch = stretch, .split = full.clocked(clock, stretch), .changes = clock < 1};
  const double seen_s = computes * time_at_clock(work, clock), unseen_s = unseen / clock;
  const double slow = (seen_s + unseen_s) * (1 / speeds.slowest - 1), own = speeds.own_time - 1;
  std::array<double, kChipStates> time{};
  for (std::size_t s = 0; s < kChipStates; ++s) time[s] = full.share(static_cast<ChipState>(s));
  const auto of = [&](ChipState state) -> double& { return time[static_cast<std::size_t>(state)]; };
  of(ChipState::throttled) += stretch - 1;
  of(ChipState::bucket) += std::max(0.0, slow - (seen_s + unseen_s) * own);
  of(ChipState::opaque) += unseen_s * own;
  of(ChipState::below_peak) += seen_s * own;
  // Chips faster than their kind compute less long: nearer to its peak, and above it at most for what is left.
  if (const double over = -of(ChipState::below_peak); over > 0) {
    of(ChipState::below_peak) = 0;
    of(ChipState::useful) = std::max(0.0, of(ChipState::useful) - over);
  }
  return {.clock = clock,
          .stretch = stretch + slow,
          .split = Split::in_proportion(time, full.computing()).at(clock).drawing(full.unseen_share()),
          .slow = slow,
          .changes = true};
}

Split only_computing(const Split& full) {
  std::array<double, kChipStates> time{};
  for (const ChipState state : {ChipState::useful, ChipState::below_peak, ChipState::opaque})
    time[static_cast<std::size_t>(state)] = full.share(state);
  if (*std::ranges::max_element(time) == 0) return full;
  return Split::in_proportion(time, full.computing()).drawing(full.unseen_share());
}

Split between_checkpoints(const Split& full) {
  if (full.parts(ChipState::lost) == 0 || full.parts(ChipState::lost) == Split::kWhole) return full;
  std::array<double, kChipStates> time{};
  for (std::size_t s = 0; s < kChipStates; ++s) time[s] = full.share(static_cast<ChipState>(s));
  time[static_cast<std::size_t>(ChipState::lost)] = 0;
  return Split::in_proportion(time, full.computing()).at(full.clock()).drawing(full.unseen_share());
}

TrainingRate at_clock(const TrainingRate& full, const Clocked& at) {
  TrainingRate rate = full;
  rate.step.seconds += (at.stretch - 1) * full.step_s();
  rate.slow_s = at.slow * full.step_s();
  rate.split = at.split;
  rate.mfu = at.split.share(ChipState::useful);
  return rate;
}

}  // namespace alight
