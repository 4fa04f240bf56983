// The time of one training step: closed form, from the model, the layout, the chip and the fabric.
//
// A step is m micro-batches through p stages, then the reduction of gradients and the optimiser. Per micro-batch a
// stage costs what its layers cost (layer.hpp). What each kind of communication can hide under is subtracted where it
// arises; the rest is exposed and named.
#pragma once

#include <optional>
#include <string>

#include "models/training/layer.hpp"
#include "models/training/memory.hpp"
#include "models/training/stage.hpp"

namespace alight {

/// Where the seconds of a step go, averaged over the chips. The parts sum to the step.
struct StepBreakdown {
  double compute_s = 0;
  double tensor_s = 0;    ///< exposed tensor-parallel communication
  double pipeline_s = 0;  ///< exposed exchange between stages
  double data_s = 0;      ///< exposed reduction of gradients and gathering of parameters
  double expert_s = 0;
  double context_s = 0;
  double bubble_s = 0;  ///< filling and draining the pipeline, and waiting for the slowest stage
  double optimizer_s = 0;
  double other_s = 0;  ///< the host where it is slower than the chip, and what every step pays once

  double total() const {
    return compute_s + tensor_s + pipeline_s + data_s + expert_s + context_s + bubble_s + optimizer_s + other_s;
  }
};

/// Standard deviations to each side that hold four draws in five of a normal distribution.
inline constexpr double kEightOfTen = 1.2816;

struct TrainingStep {
  double seconds = 0;
  double low_s = 0, high_s = 0;  ///< the measured step lies between them four times in five
  StepBreakdown breakdown;
  TrainingMemory memory;
  bool fits = true;               ///< memory.total() is within the chip's
  bool could_fit = true;          ///< least_training_memory() is
  double tokens = 0;              ///< trained in the step
  double model_flops = 0;         ///< of the step, all chips, causal
  double model_flops_legacy = 0;  ///< with the whole attention square
  double hardware_flops = 0;      ///< with what is recomputed

  double tokens_per_s_per_chip(std::int64_t chips) const { return tokens / seconds / static_cast<double>(chips); }
};

/// Why a layout cannot be run: divisibility of heads, layers, experts and batches, a precision the chip lacks. Empty
/// where it can.
std::string why_impossible(const Architecture& model, const Layout& layout, const Accelerator& chip);

/// The step of a layout for which why_impossible() is empty. chips = layout.chips().
TrainingStep predict_step(const Architecture& model, const Layout& layout, const Accelerator& chip,
                          const Fabric& fabric);
/// The same from parts priced before: layouts that differ in data or pipeline degree, sharding or schedule share them
/// (micro_batch_parts in stage.hpp; they must agree in whether there is more than one micro-batch).
TrainingStep predict_step(const Setting& setting, const Groups& groups, MicroBatchCost parts);

}  // namespace alight
