// How a training step is spread over chips: degrees of parallelism, batches, sharding, recomputation.
#pragma once

#include <cstdint>

namespace alight {

/// How the data-parallel ranks keep the model's state.
enum class Sharding : std::uint8_t {
  none,        ///< every rank has it all; gradients are all-reduced
  zero1,       ///< optimiser states are split: reduce-scatter of gradients, all-gather of parameters
  zero1_node,  ///< the same inside a node; gradients are all-reduced between nodes
  zero2,       ///< gradients are split too
  zero3,       ///< parameters are split too and gathered layer by layer (DeepSpeed)
  fsdp,        ///< the same as PyTorch and XLA do it
  hsdp,        ///< fsdp inside groups of shard_ranks, all-reduce between them
};

/// What the forward pass throws away and the backward pass computes again (Korthikanti et al., arXiv 2205.05198).
enum class Recompute : std::uint8_t {
  none,
  selective,  ///< the attention core
  full,       ///< all but the input of each layer
};

enum class Precision : std::uint8_t { fp16, bf16, fp8, mxfp8, nvfp4, int8 };

enum class Schedule : std::uint8_t {
  gpipe,        ///< all forwards, then all backwards
  one_f_one_b,  ///< PipeDream-flush; interleaved where virtual_stages > 1
  dualpipe,     ///< bidirectional, with expert traffic hidden (arXiv 2412.19437 section 3.2.1)
};

enum class Optimizer : std::uint8_t { adam, sgd };

/// A layout of a training step. chips = tensor * pipeline * context * data; experts live inside tensor * data (*
/// context).
struct Layout {
  std::int64_t tensor = 1;
  bool sequence_parallel = false;  ///< norms and dropouts split over the tensor ranks
  std::int64_t pipeline = 1;
  std::int64_t virtual_stages = 1;  ///< model chunks a pipeline rank holds (interleaving)
  std::int64_t context = 1;
  std::int64_t expert = 1;
  std::int64_t data = 1;
  Sharding sharding = Sharding::none;
  std::int64_t shard_ranks = 0;   ///< ranks that share one copy: zero1_node and hsdp; 0 = those of a node
  std::int64_t micro_batch = 1;   ///< sequences a data-parallel rank takes at a time
  std::int64_t global_batch = 1;  ///< sequences of a step
  std::int64_t sequence = 2048;   ///< tokens of a sequence
  Precision precision = Precision::bf16;
  Recompute recompute = Recompute::none;
  Schedule schedule = Schedule::one_f_one_b;
  Optimizer optimizer = Optimizer::adam;
  bool flash_attention = true;      ///< off: the whole score matrix is computed and stored, also when causal
  bool overlap_gradients = true;    ///< gradient reduction runs beside the backward pass
  bool overlap_parameters = true;   ///< gathering of updated parameters runs beside the next forward pass
  bool overlap_tensor = false;      ///< tensor-parallel collectives run in pieces beside the products they feed
  std::int64_t pipeline_slots = 0;  ///< layer slots over the stages when embedding and head take one each; 0 = layers
  bool uneven_stages = false;       ///< stages may differ by one layer
  double expert_imbalance = 1;      ///< load of the busiest expert rank over the mean
  std::int64_t expert_domains = 0;  ///< domains (nodes) a token may be sent to; 0 = any (node-limited routing)
  double capacity_factor = 0;  ///< tokens an expert takes over the mean, the rest are dropped or padded; 0 = no limit
  bool low_rank_adapters = false;  ///< the base weights are frozen (LoRA): no weight gradients

  std::int64_t chips() const { return tensor * pipeline * context * data; }
  /// Micro-batches a data-parallel rank takes in a step.
  std::int64_t micro_batches() const { return global_batch / (data * micro_batch); }
};

}  // namespace alight
