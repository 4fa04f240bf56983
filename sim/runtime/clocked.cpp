#include "sim/runtime/clocked.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "models/power/clock.hpp"

namespace alight {

Clocked at_clock(const Split& full, double clock, const JobSpeeds& speeds) {
  const ChipActivity work{.compute = full.computing().compute, .memory = full.computing().memory};
  const double computes = full.share(ChipState::useful) + full.share(ChipState::below_peak);
  StateTimes times = full.shares();
  times[static_cast<std::size_t>(ChipState::throttled)] +=
      computes * (time_at_clock(work, clock) - 1) + full.share(ChipState::opaque) * (1 / clock - 1);
  return clocked(full, clock, times, speeds);
}

Clocked clocked(const Split& full, double clock, const StateTimes& times, const JobSpeeds& speeds) {
  const double stretch = std::accumulate(times.begin(), times.end(), 0.0);
  const auto divided = [&](const StateTimes& time) {
    return Split::in_proportion(time, full.computing()).at(clock).drawing(full.unseen_share());
  };
  if (speeds.uniform()) return {.clock = clock, .stretch = stretch, .split = divided(times), .changes = clock < 1};
  StateTimes time = times;
  const auto of = [&](ChipState state) -> double& { return time[static_cast<std::size_t>(state)]; };
  const double unseen_s = of(ChipState::opaque) / clock;
  const double seen_s =
      of(ChipState::useful) + of(ChipState::below_peak) + of(ChipState::throttled) + of(ChipState::opaque) - unseen_s;
  const double slow = (seen_s + unseen_s) * (1 / speeds.slowest - 1), own = speeds.own_time - 1;
  of(ChipState::bucket) += std::max(0.0, slow - (seen_s + unseen_s) * own);
  of(ChipState::opaque) += unseen_s * own;
  of(ChipState::below_peak) += seen_s * own;
  // Chips faster than their kind compute less long: nearer to its peak, and above it at most for what is left.
  if (const double over = -of(ChipState::below_peak); over > 0) {
    of(ChipState::below_peak) = 0;
    of(ChipState::useful) = std::max(0.0, of(ChipState::useful) - over);
  }
  return {.clock = clock, .stretch = stretch + slow, .split = divided(time), .slow = slow, .changes = true};
}

Split only_computing(const Split& full) {
  StateTimes time{};
  for (const ChipState state : {ChipState::useful, ChipState::below_peak, ChipState::opaque})
    time[static_cast<std::size_t>(state)] = full.share(state);
  if (*std::ranges::max_element(time) == 0) return full;
  return Split::in_proportion(time, full.computing()).drawing(full.unseen_share());
}

Split between_checkpoints(const Split& full) {
  if (full.parts(ChipState::lost) == 0 || full.parts(ChipState::lost) == Split::kWhole) return full;
  StateTimes time = full.shares();
  time[static_cast<std::size_t>(ChipState::lost)] = 0;
  return Split::in_proportion(time, full.computing()).at(full.clock()).drawing(full.unseen_share());
}

TrainingRate at_clock(const TrainingRate& full, const Clocked& at) {
  TrainingRate rate = full;
  if (at.clock < 1 && full.made && full.made->exchanges) {
    const std::vector<Exchange> network = full.made->exchanges(at_clock(full.made->chip, at.clock));
    std::ranges::copy(network, rate.exchanges.begin());  // those with the storage stand behind them
  }
  rate.step.seconds += (at.stretch - 1) * full.step_s();
  rate.slow_s = at.slow * full.step_s();
  rate.split = at.split;
  rate.mfu = at.split.share(ChipState::useful);
  return rate;
}

}  // namespace alight
