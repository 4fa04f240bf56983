// What chips do in a predicted training step or serving iteration, as chip_power.hpp counts it.
//
// The predictions say where the time goes, not which part of a chip is busy. Matrix units are busy for as long as the
// work's FLOPs take at the rate kernels reach; what else kernels take is memory-bound. Exposed communication is
// communicating, and what is neither is waiting.
#pragma once

#include "models/power/chip_power.hpp"

namespace alight {

struct TrainingStep;
struct IterationParts;

/// Of one chip, averaged over those of the step. `reached_flops` is what all of them reach together, FLOP/s: peak times
/// the efficiency of their matrix kernels. The optimiser is memory-bound.
ChipActivity training_activity(const TrainingStep& step, double reached_flops);

/// Of one chip of a replica, in an iteration of `flops` model FLOPs; `reached_flops` as above. Products and experts
/// beyond their FLOPs stream weights, attention of decoding tokens streams the cache.
ChipActivity serving_activity(const IterationParts& parts, double flops, double reached_flops);

}  // namespace alight
