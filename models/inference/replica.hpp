// One replica of a model in service: what its iterations take, what its memory holds, what of its work is useful.
#pragma once

#include <cstdint>

#include "models/collectives/fabric.hpp"
#include "models/inference/engine.hpp"
#include "models/inference/iteration.hpp"
#include "models/inference/memory.hpp"
#include "models/training/accelerator.hpp"
#include "models/training/architecture.hpp"

namespace alight {

/// Seconds of one iteration by cause; they sum to it.
struct IterationParts {
  double products_s = 0;  ///< matrix products of layers and output projection, weights read in them
  double experts_s = 0;   ///< products of routed experts
  double prompts_s = 0;   ///< attention of new prompt tokens
  double cache_s = 0;     ///< attention of decoding tokens
  double exchange_s = 0;  ///< all-reduces and the routing of tokens
  double launch_s = 0;    ///< kernels too small to count by their work
  double host_s = 0;      ///< scheduler and sampling
  double seconds() const { return products_s + experts_s + prompts_s + cache_s + exchange_s + launch_s + host_s; }
  /// Of these, what the chips themselves compute, and stream from memory: all but the exchanges and the host's part.
  double computing_s() const { return products_s + experts_s + prompts_s + cache_s + launch_s; }
};

/// Made once for a model, a chip, a layout and an engine; then read only, safe from any thread.
class ReplicaModel {
 public:
  ReplicaModel(const Architecture& model, const ServingLayout& layout, const Accelerator& chip, const Fabric& fabric,
               const EngineProfile& engine, const Speculation& speculation = {});

  /// The same with all its chips at a clock of the full one (models/power/clock.hpp). Its peak is that of the clock.
  ReplicaModel at_clock(double clock) const;

  /// Seconds of an iteration; see iteration.hpp. An empty one takes no time. Decodes count sequences, whatever is
  /// speculated; an iteration then gives each tokens_per_iteration() tokens.
  IterationTime iteration_time(const IterationWork& work) const;
  /// The same by cause, at a context held.
  IterationParts iteration_parts(const IterationWork& work, double context) const;
  double tokens_per_iteration() const { return speculation_.kept(); }

  std::int64_t chips() const { return layout_.chips(); }
  const ServingLayout& layout() const { return layout_; }
  const EngineProfile& engine() const { return engine_; }
  const ServingMemory& memory() const { return memory_; }
  /// Tokens of keys and values that fit beside weights and activations, over all ranks; 0: the weights do not fit.
  std::int64_t kv_tokens() const { return memory_.kv_tokens; }
  /// Bytes one token of context takes in the memory of the whole replica, copies on several ranks counted as often.
  double kv_bytes_per_token() const { return memory_.kv_bytes_per_token; }
  /// Bytes that do not grow with the context, of one sequence: states of linear attention, windows that are full.
  double kv_bytes_per_sequence() const { return memory_.kv_bytes_per_sequence; }
  double weight_bytes_per_chip() const { return memory_.weight_bytes_per_chip; }

  /// Model FLOPs of new prompt tokens that attend to `pairs` tokens together; and of decoding `tokens` whose sequences
  /// hold `context` tokens together. What the ledger calls useful is these over peak_flops().
  double prefill_flops(double tokens, double pairs) const;
  double decode_flops(double tokens, double context) const { return prefill_flops(tokens, context); }
  /// Dense FLOP/s of all chips at the precision of the weights.
  double peak_flops() const;
  /// That their matrix kernels reach of it.
  double reached_flops() const { return chip_.reached(layout_.weights) * static_cast<double>(chips()); }

 private:
  struct Parts {
    IterationParts at_rest;  ///< cache_s left out
    double cache_base_s = 0, cache_per_token_s = 0;
  };
  Parts parts_of(const IterationWork& work) const;
  void add_batch(const IterationWork& work, Parts& out) const;
  double quantising(Precision precision) const;
  double product(Precision precision, double m, double n, double k, double count = 1) const;
  double attention_products(double tokens) const;
  void add_layers(double tokens, IterationParts& parts) const;
  void add_experts(double tokens, IterationParts& parts, double& routing_s) const;
  double routing(double elements) const;
  void add_prompts(const IterationWork& work, IterationParts& parts) const;
  void add_cache(const IterationWork& work, Parts& out) const;
  void add_drafts(double decodes, double head_s, IterationParts& parts) const;
  double all_reduce(double bytes) const;

  Architecture model_;
  ServingLayout layout_;
  Accelerator chip_;
  Accelerator dense_chip_;  ///< the same as its products besides those of experts find it
  Fabric fabric_;
  EngineProfile engine_;
  Speculation speculation_;
  ServingMemory memory_;
};

}  // namespace alight
