#include "models/training/memory.hpp"

#include <algorithm>
#include <cmath>

namespace alight {
namespace {

// Bytes kept per token for one layer's backward pass, on one rank.
double kept_per_token(const Architecture& model, const Layout& layout, bool routed) {
  const auto h = static_cast<double>(model.hidden);
  const auto tensor = static_cast<double>(layout.tensor);
  const double split = layout.sequence_parallel ? tensor : 1;
  if (layout.recompute == Recompute::full) return 2 * h / split;
  const double queries = static_cast<double>(model.heads * model.head_dim) / tensor;
  const double keys = model.latent.kv_rank > 0 ? queries
                                               : std::max(static_cast<double>(model.kv_heads) / tensor, 1.0) *
                                                     static_cast<double>(model.head_dim);
  const double operand = layout.precision == Precision::fp16 || layout.precision == Precision::bf16 ? 2 : 1;
  // Inputs of the norms, of the projections, dropout masks where there are any.
  double bytes = (4 + 2 * operand + (model.gated ? 0 : 2)) * h / split;
  // Queries, keys, values for the core; its result, which is the input of the output projection too unless that is
  // narrow.
  bytes += 2 * (queries + 2 * keys) + (operand < 2 ? 2 + operand : 2) * queries;
  if (!layout.flash_attention && layout.recompute == Recompute::none) {
    bytes += 5 * static_cast<double>(model.heads) / tensor * static_cast<double>(layout.sequence);
  }
  const double gate = model.gated ? 2 : 1;
  if (routed) {
    const Experts& experts = model.experts;
    const double load = layout.expert_imbalance * (layout.capacity_factor > 0 ? layout.capacity_factor : 1);
    const double copies = static_cast<double>(experts.active) * load + static_cast<double>(experts.shared);
    bytes += copies * ((2 * gate + operand) * static_cast<double>(experts.ffn) + 2 * operand * h) / tensor;
  } else {
    bytes += (2 * gate + operand) * static_cast<double>(model.ffn) / tensor;
  }
  return bytes;
}

}  // namespace

StagePlace fullest_stage(const Architecture& model, const Layout& layout) {
  const auto pipeline = static_cast<double>(layout.pipeline);
  const auto chunks = static_cast<double>(layout.virtual_stages);
  const auto micro_batches = static_cast<double>(std::max<std::int64_t>(layout.micro_batches(), 1));
  const double slots = static_cast<double>(layout.pipeline_slots > 0 ? layout.pipeline_slots : model.layers);
  StagePlace place;
  place.layers = std::ceil(slots / pipeline);
  place.in_flight = std::min(pipeline, micro_batches);
  if (layout.schedule == Schedule::gpipe) place.in_flight = micro_batches;
  if (chunks > 1) place.in_flight *= 1 + (pipeline - 1) / (pipeline * chunks);
  // With one stage both tables lie on it; with several the first and the last have one each, and the last, which makes
  // the logits, keeps few micro-batches.
  place.embedding = true;
  place.head = layout.pipeline == 1;
  return place;
}

LocalParameters local_parameters(const Architecture& model, const Layout& layout) {
  return local_parameters(model, layout, fullest_stage(model, layout));
}

LocalParameters local_parameters(const Architecture& model, const Layout& layout, const StagePlace& place) {
  const auto h = static_cast<double>(model.hidden);
  const double table = static_cast<double>(model.vocab) * h;
  const double routed = static_cast<double>(expert_layers(model) * model.experts.count) * expert_parameters(model);
  const double body = parameters(model) - table * (model.tied ? 1 : 2) - routed;
  const double share = place.layers / static_cast<double>(model.layers);
  const double tables = (place.embedding ? table : 0) + (place.head && !(model.tied && place.embedding) ? table : 0);
  return {.dense = (body * share + tables) / static_cast<double>(layout.tensor),
          .experts = routed * share / static_cast<double>(layout.expert > 1 ? layout.expert : layout.tensor)};
}

double gradient_bytes(const Layout& layout) {
  const bool sharded = layout.sharding == Sharding::fsdp || layout.sharding == Sharding::hsdp ||
                       layout.sharding == Sharding::zero3 || layout.sharding == Sharding::zero1_node;
  return layout.precision != Precision::bf16 || sharded ? 2 : 4;
}

ShardCounts shard_counts(const Layout& layout, double replicas) {
  const double group = layout.shard_ranks > 0 ? std::min(static_cast<double>(layout.shard_ranks), replicas) : replicas;
  switch (layout.sharding) {
    case Sharding::none:
      return {};
    case Sharding::zero1:
      return {.optimizer = replicas};
    case Sharding::zero1_node:
      return {.optimizer = group};
    case Sharding::zero2:
      return {.optimizer = replicas, .gradients = replicas};
    case Sharding::zero3:
    case Sharding::fsdp:
      return {.optimizer = replicas, .gradients = replicas, .weights = replicas};
    case Sharding::hsdp:
      return {.optimizer = group, .gradients = group, .weights = group};
  }
  return {};
}

TrainingMemory training_memory(const Architecture& model, const Layout& layout) {
  return training_memory(model, layout, fullest_stage(model, layout));
}

TrainingMemory least_training_memory(const Architecture& model, const Layout& layout) {
  Layout least = layout;
  least.sharding = Sharding::fsdp;
  least.recompute = Recompute::full;
  least.sequence_parallel = true;
  StagePlace place = fullest_stage(model, layout);
  const bool head = place.head;
  place.head = false;
  place.in_flight = 0;
  TrainingMemory memory = training_memory(model, least, place);
  if (head) {
    const double tokens = static_cast<double>(layout.sequence) / static_cast<double>(layout.context);
    memory.buffers += 6 * tokens * static_cast<double>(model.vocab) / static_cast<double>(layout.tensor);
  }
  return memory;
}

double optimizer_bytes(const Layout& layout) {
  if (layout.low_rank_adapters) return 0;
  return layout.optimizer == Optimizer::adam ? kAdamBytes : kSgdBytes;
}

double dense_replicas(const Layout& layout) {
  return static_cast<double>(layout.data * layout.context);
}

double expert_replicas(const Layout& layout) {
  const double replicas = dense_replicas(layout);
  if (layout.expert == 1) return replicas;
  return std::max(1.0, replicas * static_cast<double>(layout.tensor) / static_cast<double>(layout.expert));
}

TrainingMemory training_memory(const Architecture& model, const Layout& layout, const StagePlace& place) {
  const LocalParameters local = local_parameters(model, layout, place);
  TrainingMemory memory;
  const auto add_states = [&](double parameters, double ranks) {
    const ShardCounts split = shard_counts(layout, ranks);
    memory.weights += kWeightBytes * parameters / split.weights;
    if (layout.low_rank_adapters) return;
    memory.gradients += gradient_bytes(layout) * parameters / split.gradients;
    memory.optimizer += optimizer_bytes(layout) * parameters / split.optimizer;
  };
  add_states(local.dense, dense_replicas(layout));
  add_states(local.experts, expert_replicas(layout));

  const double routed = static_cast<double>(expert_layers(model)) / static_cast<double>(model.layers);
  const double tokens = static_cast<double>(layout.micro_batch * layout.sequence) / static_cast<double>(layout.context);
  const double layer =
      (1 - routed) * kept_per_token(model, layout, false) + routed * kept_per_token(model, layout, true);
  memory.activations = tokens * layer * place.layers * place.in_flight;
  Layout once = layout;
  once.recompute = Recompute::selective;
  if (layout.recompute == Recompute::full) {  // one layer at a time is there in full
    memory.activations +=
        tokens * ((1 - routed) * kept_per_token(model, once, false) + routed * kept_per_token(model, once, true));
  }
  // Logits in 16 and 32 bits.
  if (place.head) {
    memory.buffers += 6 * tokens * static_cast<double>(model.vocab) / static_cast<double>(layout.tensor);
  }
  // Two layers gathered at once where weights are sharded.
  const double gathered = local.dense / std::max(1.0, place.layers);
  if (shard_counts(layout, dense_replicas(layout)).weights > 1) memory.buffers += 2 * 2 * gathered;
  return memory;
}

}  // namespace alight
