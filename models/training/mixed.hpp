// One training step on several kinds of chip: who waits for whom, and for how long.
//
// A job is a set of pipelines that work on shares of one batch. The stages of a pipeline may be of different kinds,
// with layers split unevenly (pipeline parallelism across kinds); pipelines may be of different kinds, with unequal
// shares of the batch (data parallelism across kinds); a tensor-parallel group is always of one kind. What one kind
// pays for a stage comes from the same parts as a step of one kind (stage.hpp), so equal kinds give that step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/training/step.hpp"

namespace alight {

/// Seconds as profiled on the chip itself for the very model, one micro-batch of a tensor-parallel rank, its
/// collectives included. They stand in for the kernels' model in layouts that have this tensor degree and micro-batch.
struct MeasuredPart {
  double forward_s = 0, backward_s = 0;
};
struct MeasuredLayers {
  std::int64_t tensor = 1, micro_batch = 1;
  MeasuredPart input, layer, head;
};

/// Chips of one kind in the job's reach, and what drives them.
struct ChipKind {
  std::string name;
  std::int64_t chips = 0;
  Accelerator chip;
  Fabric fabric;
  std::optional<Precision> precision;  ///< its own; otherwise the layout's
  std::optional<Recompute> recompute;  ///< the only one its software offers; otherwise the planner chooses
  double price = 0;                    ///< of one chip; 0 = unknown
  std::vector<MeasuredLayers> measured;
};

/// The path between chips of different kinds. Each end is also bound by its own network (Fabric::out).
struct InterKind {
  double gbs = 0;  ///< of one chip, one direction; 0 = what both ends' networks carry
  double latency_us = 0;
  /// Copied to the host, sent by it, copied to the chip, one after the other: where the kinds' libraries cannot address
  /// each other's memory (FlagScale's host relay; H2's "CPU-mediated communication", arXiv 2505.17548 section 3).
  bool staged = false;
  double host_gbs = 0;  ///< of one such copy, per chip; 0 = 12 GB/s, a PCIe 4.0 x16 link shared by two
};

/// One stage of a pipeline: `tensor` chips (times Layout::context) of a kind, and the layers they hold.
struct MixedStage {
  std::size_t kind = 0;
  std::int64_t tensor = 1;
  std::int64_t layers = 0;
  Recompute recompute = Recompute::none;
  double slow = 1;  ///< how much longer its chips compute than healthy ones of their kind
  bool operator==(const MixedStage&) const = default;
};

/// Pipelines that are alike.
struct MixedPipeline {
  std::vector<MixedStage> stages = {};
  std::int64_t replicas = 1;
  std::int64_t micro_batch = 1;
  std::int64_t sequences =
      0;  ///< of a step, over all replicas; the busiest takes the rounded-up number of micro-batches
  std::int64_t virtual_stages = 1;        ///< model chunks a stage holds; they divide its layers
  std::optional<Sharding> sharding = {};  ///< how its replicas keep their state; otherwise the common one

  std::int64_t micro_batches() const { return (sequences + replicas * micro_batch - 1) / (replicas * micro_batch); }
};

struct MixedLayout {
  /// What all share: sequence, batch, precision, sharding (among the replicas of a kind; between kinds gradients are
  /// all-reduced), context, expert, switches. Degrees and micro-batches are those of the pipelines.
  Layout common;
  std::vector<MixedPipeline> pipelines;
  double activation_bytes = 2;  ///< of one element sent from stage to stage; 4 in 32-bit training

  std::int64_t chips_of(std::size_t kind) const;
  /// Model FLOPs of a step that chips of the kind compute: by sequences and layers, taken as all alike; the output
  /// projection, and the MTP blocks with it, are the last stage's. The kinds' sum is the step's.
  double model_flops_of(std::size_t kind, const Architecture& model) const;
};

/// Where the seconds of a step go for the chips of one kind, on average.
struct KindStep {
  std::int64_t chips = 0;  ///< that the layout uses
  StepBreakdown breakdown;
  double bucket_s = 0;    ///< waiting for slower chips; breakdown.total() + bucket_s is the step
  double spread_s = 0;    ///< of breakdown.other_s: what its work waits for the slowest chip of its own kind
  TrainingMemory memory;  ///< of its fullest chip
  bool fits = true;
};

struct MixedStep {
  double seconds = 0;
  StepBreakdown breakdown;  ///< averaged over all chips of the layout
  double bucket_s = 0;
  std::vector<KindStep> kinds;  ///< as the kinds were given
  std::size_t pace = 0;         ///< the kind that sets it
  bool fits = true;
  double tokens = 0, model_flops = 0;

  double tokens_per_s() const { return tokens / seconds; }
};

/// Why the layout cannot be run on these kinds; empty where it can.
std::string why_impossible(const Architecture& model, const MixedLayout& layout, const std::vector<ChipKind>& kinds);

/// The step of a layout for which why_impossible() is empty.
///
/// A pipeline of stages with t_i seconds a micro-batch (both directions and the exchange with neighbours) takes
/// m max t + (sum t - max t) for m micro-batches: exact for 1F1B, whose stage i keeps p - i micro-batches in flight and
/// so never runs dry before the slowest (Narayanan et al., arXiv 2104.04473 section 2.2, for equal stages). All
/// pipelines wait for the slowest, then for gradients: reduced inside a kind, then in a ring between kinds, each chip
/// with the part it holds.
MixedStep predict_mixed(const Architecture& model, const MixedLayout& layout, const std::vector<ChipKind>& kinds,
                        const InterKind& inter);

/// The layout as one of a single kind, where it is one: stages even, pipelines alike, kinds equal in all but name and
/// the path between them not narrower than their own network.
std::optional<Layout> as_one_kind(const Architecture& model, const MixedLayout& layout,
                                  const std::vector<ChipKind>& kinds, const InterKind& inter);

/// True where a chip of one kind is as good as one of the other in everything a step depends on.
bool interchangeable(const ChipKind& one, const ChipKind& other);

}  // namespace alight
