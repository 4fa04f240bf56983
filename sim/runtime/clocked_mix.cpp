#include "sim/runtime/clocked_mix.hpp"

#include <algorithm>

#include "models/power/clock.hpp"
#include "models/whole_numbers.hpp"
#include "sim/runtime/training.hpp"

namespace alight {
namespace {

double& of(StateTimes& times, ChipState state) {
  return times[static_cast<std::size_t>(state)];
}

/// Seconds of a step in which a chip that the layout uses computes, but for waiting for the slowest of its kind.
double computing_s(const KindStep& step) {
  const StepBreakdown& b = step.breakdown;
  return std::max(0.0, b.compute_s + b.optimizer_s + b.other_s - step.spread_s);
}

/// One chip alone would compute the model FLOPs of the part at peak in so many seconds.
double at_peak_s(const MixedRate& rate, std::size_t part) {
  const MixedCase& made = *rate.made;
  return made.plans.best->layout.model_flops_of(part, *made.model) /
         made.kinds[part].chip.peak(made.request.common.precision);
}

/// The seconds of a step for a chip held.
StateTimes times_of(const MixedRate& rate, std::size_t part, const KindStep& step, double seconds) {
  const StepBreakdown& b = step.breakdown;
  const double used = whole(step.chips) / whole(rate.held[part]), computing = computing_s(step) * used;
  StateTimes times{};
  of(times, ChipState::useful) = std::min(at_peak_s(rate, part) / whole(rate.held[part]), computing);
  of(times, ChipState::below_peak) = computing - of(times, ChipState::useful) + seconds * (1 - used);
  of(times, ChipState::exposed_comm) = (b.tensor_s + b.pipeline_s + b.data_s + b.expert_s + b.context_s) * used;
  of(times, ChipState::bubble) = b.bubble_s * used;
  of(times, ChipState::bucket) = (step.bucket_s + step.spread_s) * used;
  for (double& t : times) t = std::max(0.0, t);
  return times;
}

Computing work_of(const MixedRate& rate, std::size_t part) {
  const MixedCase& made = *rate.made;
  const KindStep& step = made.plans.best->step.kinds[part];
  const Precision precision = made.request.common.precision;
  TrainingStep alone;
  alone.breakdown = step.breakdown;
  alone.hardware_flops = at_peak_s(rate, part) * made.kinds[part].chip.peak(precision);
  return computing_of(alone, whole(step.chips) * made.kinds[part].chip.reached(precision));
}

MixedStep step_at(const MixedRate& rate, double clock, const PartSpeeds& speeds) {
  const MixedCase& made = *rate.made;
  std::vector<ChipKind> kinds = made.kinds;
  if (clock < 1)
    for (ChipKind& kind : kinds) kind.chip = at_clock(kind.chip, clock);
  MixedLayout layout = made.plans.best->layout;
  if (!speeds.empty())
    for (MixedPipeline& pipeline : layout.pipelines)
      for (MixedStage& stage : pipeline.stages) stage.slow /= speeds[stage.kind].slowest;
  return predict_mixed(*made.model, layout, kinds, made.request.inter);
}

}  // namespace

std::vector<Split> part_splits(const MixedRate& rate) {
  const MixedStep& step = rate.made->plans.best->step;
  std::vector<Split> splits;
  for (std::size_t i = 0; i < rate.held.size(); ++i)
    splits.push_back(Split::in_proportion(times_of(rate, i, step.kinds[i], step.seconds), work_of(rate, i)));
  return splits;
}

Split mean_split(std::span<const Split> splits, std::span<const std::int64_t> held) {
  StateTimes times{};
  for (std::size_t i = 0; i < splits.size(); ++i)
    for (std::size_t s = 0; s < kChipStates; ++s)
      times[s] += whole(held[i]) * splits[i].share(static_cast<ChipState>(s));
  return Split::in_proportion(times);
}

ClockedMix at_clock(const MixedRate& rate, double clock, const PartSpeeds& speeds) {
  const MixedStep& full = rate.made->plans.best->step;
  const MixedStep alike = clock < 1 ? step_at(rate, clock, {}) : full;
  const MixedStep now = speeds.empty() ? alike : step_at(rate, clock, speeds);
  ClockedMix mix{.all = {.clock = clock,
                         .stretch = now.seconds / full.seconds,
                         .slow = (now.seconds - alike.seconds) / full.seconds,
                         .changes = true},
                 .splits = {}};
  for (std::size_t i = 0; i < rate.held.size(); ++i) {
    const double used = whole(now.kinds[i].chips) / whole(rate.held[i]);
    const double clocked_s = computing_s(alike.kinds[i]) * used;
    StateTimes times = times_of(rate, i, now.kinds[i], now.seconds);
    double& below_peak = of(times, ChipState::below_peak);
    const auto goes = [&](double seconds, ChipState to) {
      seconds = std::clamp(seconds, 0.0, below_peak);
      below_peak -= seconds;
      of(times, to) += seconds;
    };
    goes(clocked_s - computing_s(full.kinds[i]) * used, ChipState::throttled);
    // Those of them that are faster wait for the slowest.
    if (!speeds.empty()) goes(computing_s(now.kinds[i]) * used - clocked_s * speeds[i].own_time, ChipState::bucket);
    mix.splits.push_back(Split::in_proportion(times, work_of(rate, i)).at(clock));
  }
  mix.all.split = mean_split(mix.splits, rate.held).at(clock);
  return mix;
}

}  // namespace alight
