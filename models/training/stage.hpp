// What the chips of one pipeline stage pay for a micro-batch and, once a step, for keeping their model's state in step:
// the parts that a step of one kind of chip (step.hpp) and one of several kinds (mixed.hpp) are put together from.
#pragma once

#include "models/training/layer.hpp"
#include "models/training/memory.hpp"

namespace alight {

/// One micro-batch on one chip: the mean layer, the loss head, the embedding.
struct MicroBatchCost {
  PartCost layer, head, input;
  /// Both directions with what is recomputed, the host where it is slower, and sharded weights that come too late.
  /// head_s holds the multi-token-prediction blocks too.
  double layer_s = 0, head_s = 0, input_s = 0;
  double sharded_exposed_s = 0;  ///< gathering and scattering of sharded weights that stays exposed, per layer
  double hidden_s = 0;           ///< what of it runs beside the backward pass of a layer: nothing else can
  double slowed_s = 0;           ///< what the hidden part of it slows the layer's computation by
  double replicate_s = 0;        ///< per layer, once a step: gradients between groups that share one copy (hsdp)
};

/// The three parts alone, which depend on nothing above the micro-batch: sharding adds nothing yet.
MicroBatchCost micro_batch_parts(const Setting& setting, const Groups& groups);
/// Adds what sharded weights cost and sums up. Fully sharded data parallelism gathers each layer before its forward and
/// its backward pass and scatters its gradients after; the next layer's gathering runs beside this layer's computation.
void add_sharded_weights(const Setting& setting, const Groups& groups, MicroBatchCost& cost);
/// Both.
MicroBatchCost micro_batch_cost(const Setting& setting, const Groups& groups);

/// Sharded weights are counted per layer (add_sharded_weights), the other ways once a step (state_traffic).
bool fully_sharded(const Layout& layout);

/// Reduction of gradients and gathering of parameters of one set of parameters, once a step.
struct StateTraffic {
  double reduce_s = 0;  ///< can run beside the backward pass
  double gather_s = 0;  ///< can run beside the next forward pass
};
StateTraffic state_traffic(const Layout& layout, double parameters, const Group& replicas, const Fabric& fabric);

/// What is left of communication after `room` seconds of computation beside it, and how much it slows that computation.
struct Overlap {
  double exposed, slowed;
};
Overlap lay_over(double communication, double room, const Accelerator& chip);

/// Seconds to update `parameters` of one chip: norm and clipping read the gradients; Adam reads gradient, weight and
/// two moments in 32 bits and writes three of them and the 16-bit weight, 42 bytes each.
double optimizer_seconds(const Accelerator& chip, double parameters);

/// Operations the host issues once a step whatever the layout: data, clipping, scaling, logging. A judgement.
inline constexpr double kStepOperations = 400;

}  // namespace alight
