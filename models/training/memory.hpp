// What a training step needs to keep on one chip.
#pragma once

#include "models/training/architecture.hpp"
#include "models/training/layout.hpp"

namespace alight {

/// Bytes on the fullest chip.
struct TrainingMemory {
  double weights = 0;  ///< in the compute precision, and gathered copies of sharded ones
  double gradients = 0;
  double optimizer = 0;    ///< 32-bit weights and two moments
  double activations = 0;  ///< of the micro-batches in flight
  double buffers = 0;      ///< logits, communication, the framework

  double total() const { return weights + gradients + optimizer + activations + buffers; }
};

/// A stage of a pipeline: what of the model it holds, and how many micro-batches it keeps.
struct StagePlace {
  double layers = 0;
  double in_flight = 1;  ///< micro-batches whose activations wait for their backward pass
  bool embedding = false, head = false;
};
/// The stage that needs most, of stages of even length: the first.
StagePlace fullest_stage(const Architecture& model, const Layout& layout);

/// Parameters one chip holds before data-parallel sharding: the dense part, split over tensor and pipeline ranks, and
/// the routed experts, split over expert and pipeline ranks. Of the fullest stage, or of the one given.
struct LocalParameters {
  double dense = 0;
  double experts = 0;
};
LocalParameters local_parameters(const Architecture& model, const Layout& layout);
LocalParameters local_parameters(const Architecture& model, const Layout& layout, const StagePlace& place);

/// Activations after Korthikanti et al. (arXiv 2205.05198, equations 1 to 4 and table 2): s b h (34 + 5 a s / h) bytes
/// a layer with materialised attention in 16 bits, generalised to grouped heads, gated widths and experts; s b h (34)
/// with selective recomputation or a fused kernel; 2 s b h where all is recomputed. The first stage of a pipeline keeps
/// min(p, m) micro-batches, an interleaved one (1 + (p - 1) / (p v)) times as many (section 4.2.3).
/// States: 2 bytes a weight, 2 or 4 a gradient, 12 for Adam (Rajbhandari et al., ZeRO, arXiv 1910.02054, section 3.1).
TrainingMemory training_memory(const Architecture& model, const Layout& layout);
/// The same of one stage, which may be longer or shorter than the others (layout.pipeline is not read).
TrainingMemory training_memory(const Architecture& model, const Layout& layout, const StagePlace& place);

/// The least a framework can do with on the same chips: states sharded over all replicas, everything recomputed from
/// layer inputs that are offloaded to the host, logits a sequence at a time. Published runs that state more than a chip
/// holds do some of this without saying so.
TrainingMemory least_training_memory(const Architecture& model, const Layout& layout);

/// Bytes a gradient takes when it is accumulated and reduced: 4 in bf16 training, whose frameworks accumulate in 32
/// bits; 2 in fp16, in the vendors' recipes for narrower formats, where PyTorch or XLA shard everything and where
/// states are split inside nodes (InternEvo).
double gradient_bytes(const Layout& layout);

/// Bytes of a parameter: its weight in the compute precision; the 32-bit weight and two moments of Adam, the 32-bit
/// weight and one of SGD (ZeRO, as above).
inline constexpr double kWeightBytes = 2, kAdamBytes = 12, kSgdBytes = 8;
/// Of a parameter's optimiser; 0 with adapters, where weights are frozen.
double optimizer_bytes(const Layout& layout);

/// Ranks that hold the same dense parameters, and the same experts.
double dense_replicas(const Layout& layout);
double expert_replicas(const Layout& layout);

/// Ranks over which optimiser, gradients and weights are split; 1 where they are not.
struct ShardCounts {
  double optimizer = 1, gradients = 1, weights = 1;
};
/// `replicas`: ranks that hold the same parameters.
ShardCounts shard_counts(const Layout& layout, double replicas);

}  // namespace alight
