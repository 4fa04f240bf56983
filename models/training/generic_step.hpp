// The time of one data-parallel training step of a model that is known only by the figures of a sample: image models,
// recommenders, whatever has no layers to price one by one.
#pragma once

#include <cstdint>

#include "models/collectives/collective.hpp"
#include "models/training/accelerator.hpp"
#include "models/training/exchanges.hpp"
#include "models/training/generic.hpp"
#include "models/training/step.hpp"

namespace alight {

/// How such a step is spread: every chip has the whole model and takes its share of the batch.
struct GenericLayout {
  std::int64_t chips = 1;
  std::int64_t global_batch = 1;  ///< samples of a step; the fullest chip takes the rounded-up share
  Precision precision = Precision::fp16;
};

/// Empty where the step can run, else why not: fewer samples than chips, a precision the chip lacks.
std::string why_impossible(const GenericLayout& layout, const Accelerator& chip);

/// Per sample, products and memory-bound kernels follow each other,
///
///     t = flops / (P eta) + traffic bytes / (B eta_B),
///
/// where `bytes` is unknown the first term alone (the roofline of Williams et al., CACM 52(4), 2009, without the
/// overlap a fused kernel would give). Gradients of the dense parameters are all-reduced in 16 bits beside the backward
/// pass, two thirds of the computation; the optimiser reads and writes all parameters once. `tokens` of the result are
/// samples. Memory is weights, gradients and optimiser states: what a sample keeps is not known, so `fits` can only say
/// no.
TrainingStep predict_generic_step(const GenericModel& model, const GenericLayout& layout, const Accelerator& chip,
                                  const Fabric& fabric);

/// What it sends between scale-up domains, as exchanges_of() of a language model (exchanges.hpp).
std::vector<Exchange> exchanges_of(const GenericModel& model, const GenericLayout& layout, const Accelerator& chip,
                                   const Fabric& fabric);

}  // namespace alight
