// The stages of a mixed layout priced one by one, and what they pay together once a step. mixed.cpp puts a step
// together from them.
#pragma once

#include <vector>

#include "models/training/mixed.hpp"
#include "models/training/stage.hpp"

namespace alight {

/// A stage with everything it costs. Times are seconds of one chip.
struct PricedStage {
  const MixedStage* stage;
  const ChipKind* kind;
  std::size_t pool;  ///< of kinds that are interchangeable, the first
  Layout layout;
  Groups groups;
  MicroBatchCost cost;
  Pass pass;            ///< one micro-batch through all its layers, both directions
  double exchange = 0;  ///< with its neighbours, per micro-batch
  double seconds = 0;   ///< of a micro-batch, all in
  double tail = 0;      ///< once a step
  StepBreakdown once;   ///< what the tail is made of
  TrainingMemory memory;
  double chips = 0;
};

struct PricedPipeline {
  const MixedPipeline* pipeline;
  std::vector<PricedStage> stages;
  std::int64_t twins = 1;  ///< replicas of all pipelines with the same kinds and layers
  double all = 0, slowest = 0, seconds = 0;
  double end = 0;  ///< with what its stages do once a step
  std::size_t last_pool = 0;
};

/// Of each kind, the first kind it is interchangeable with. Kinds joined by a path of their own are all different.
std::vector<std::size_t> pools_of(const std::vector<ChipKind>& kinds, const InterKind& inter);

/// The layout one kind sees of a stage, as if the `twins` replicas of its pipeline and of those alike were of that
/// kind.
Layout layout_of(const MixedLayout& mixed, const MixedPipeline& pipeline, const MixedStage& stage, const ChipKind& kind,
                 std::int64_t twins);

/// The stages of one pipeline, exchange included; `twins` replicas have the same kinds and layers.
PricedPipeline price_pipeline(const Architecture& model, const MixedLayout& mixed, const MixedPipeline& pipeline,
                              const std::vector<ChipKind>& kinds, const std::vector<std::size_t>& pools,
                              std::int64_t twins, const InterKind& inter);

/// Pipelines whose gradients are reduced inside each stage's kind: the same kinds with the same layers.
bool are_twins(const MixedPipeline& a, const MixedPipeline& b, const std::vector<std::size_t>& pools);

/// Seconds to add up the gradients of `groups` sets of pipelines, each chip with the part it holds after its own set
/// has reduced: a ring, as fast as its slowest member.
double between_kinds_seconds(const std::vector<PricedPipeline>& pipelines, std::int64_t groups, const InterKind& inter);

/// Reduction of gradients, gathering of parameters, optimiser of one stage: once a step, as in step.cpp. Fills `once`
/// and `tail`; returns what reducing between kinds (`between` seconds of it) adds.
double price_tail(const Architecture& model, PricedStage& stage, const PricedPipeline& pipeline, double between);

}  // namespace alight
