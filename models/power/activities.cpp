#include "models/power/activities.hpp"

#include <algorithm>

#include "models/inference/replica.hpp"
#include "models/training/step.hpp"

namespace alight {

ChipActivity training_activity(const TrainingStep& step, double reached_flops) {
  const StepBreakdown& parts = step.breakdown;
  const double all_s = parts.total();
  if (all_s <= 0) return {};
  const double computing_s = std::min(parts.compute_s, step.hardware_flops / reached_flops);
  return {
      .compute = computing_s / all_s,
      .memory = (parts.compute_s - computing_s + parts.optimizer_s) / all_s,
      .communicating = (parts.tensor_s + parts.pipeline_s + parts.data_s + parts.expert_s + parts.context_s) / all_s,
      .waiting = (parts.bubble_s + parts.other_s) / all_s};
}

ChipActivity serving_activity(const IterationParts& parts, double flops, double reached_flops) {
  const double all_s = parts.seconds();
  if (all_s <= 0) return {};
  const double kernels_s = parts.products_s + parts.experts_s + parts.prompts_s;
  const double computing_s = std::min(kernels_s, flops / reached_flops);
  return {.compute = computing_s / all_s,
          .memory = (kernels_s - computing_s + parts.cache_s) / all_s,
          .communicating = parts.exchange_s / all_s,
          .waiting = (parts.launch_s + parts.host_s) / all_s};
}

}  // namespace alight
