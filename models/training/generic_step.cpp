#include "models/training/generic_step.hpp"

#include <algorithm>
#include <cmath>

#include "models/training/stage.hpp"

namespace alight {

namespace {

// Standard deviation of exposed communication as a share of it. A judgement.
constexpr double kGenericCommunication = 0.35;

double samples_s(const GenericModel& model, const GenericLayout& layout, const Accelerator& chip) {
  const auto p = static_cast<std::size_t>(layout.precision);
  const double products = model.flops_per_sample / (chip.peak_flops[p] * chip.kernels.gemm_efficiency[p]);
  return products + stream_seconds(chip, model.bytes_per_sample, 0);
}

// Seconds of the backward pass beside which gradients are reduced.
double room_s(double compute_s, const Accelerator& chip) {
  return chip.software.prefetch * compute_s * 2 / 3;
}

CollectiveEstimate reduction(const GenericModel& model, const GenericLayout& layout, const Fabric& fabric) {
  const Group all{.ranks = layout.chips, .per_domain = std::min(layout.chips, fabric.up.domain)};
  return estimate(Collective::all_reduce, 2 * model.dense_parameters, all, fabric);
}

}  // namespace

std::string why_impossible(const GenericLayout& layout, const Accelerator& chip) {
  if (chip.peak(layout.precision) <= 0) return "the chip does not compute in this precision";
  if (layout.global_batch < layout.chips)
    return "a batch of " + std::to_string(layout.global_batch) + " over " + std::to_string(layout.chips) + " chips";
  return {};
}

TrainingStep predict_generic_step(const GenericModel& model, const GenericLayout& layout, const Accelerator& chip,
                                  const Fabric& fabric) {
  const auto chips = static_cast<double>(layout.chips);
  const double samples = static_cast<double>(layout.global_batch) / chips;

  TrainingStep step;
  StepBreakdown& b = step.breakdown;
  const double per_sample = samples_s(model, layout, chip);
  b.compute_s = samples * per_sample;
  b.bubble_s = (std::ceil(samples) - samples) * per_sample;  // chips with one sample fewer wait

  const Overlap laid = lay_over(reduction(model, layout, fabric).seconds, room_s(b.compute_s, chip), chip);
  b.data_s = laid.exposed;
  b.compute_s += laid.slowed;
  b.optimizer_s = optimizer_seconds(chip, model.dense_parameters);
  b.other_s = kStepOperations * chip.software.issue_s;
  b.other_s += b.total() * (slowest_of(layout.chips, chip.kernels.spread) - 1);

  step.seconds = b.total();
  // No figure of a sample says how well its kernels do: twice the uncertainty of those of a language model.
  const double spread =
      kEightOfTen * std::hypot(2 * chip.kernels.uncertainty, kGenericCommunication * b.data_s / step.seconds);
  step.low_s = step.seconds / (1 + spread);
  step.high_s = step.seconds * (1 + spread);
  step.memory.weights = 2 * model.parameters;
  step.memory.gradients = 2 * model.dense_parameters;
  step.memory.optimizer = 12 * model.dense_parameters;
  step.fits = step.could_fit = step.memory.total() <= chip.memory_bytes;
  step.tokens = static_cast<double>(layout.global_batch);
  step.model_flops = step.model_flops_legacy = step.hardware_flops = step.tokens * model.flops_per_sample;
  return step;
}

std::vector<Exchange> exchanges_of(const GenericModel& model, const GenericLayout& layout, const Accelerator& chip,
                                   const Fabric& fabric) {
  const CollectiveEstimate reduce = reduction(model, layout, fabric);
  if (reduce.domain_bytes <= 0) return {};
  const double compute_s =
      static_cast<double>(layout.global_batch) / static_cast<double>(layout.chips) * samples_s(model, layout, chip);
  return {{.kind = ExchangeKind::gradients,
           .groups = {layout.chips, 1, layout.chips},
           .per_domain = std::min(layout.chips, fabric.up.domain),
           .pattern = Pattern::ring,
           .domain_bytes = reduce.domain_bytes,
           .times = 1,
           .seconds = reduce.seconds,
           .network_s = reduce.network_s,
           .room_s = room_s(compute_s, chip)}};
}

}  // namespace alight
