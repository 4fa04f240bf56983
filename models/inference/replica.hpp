// One replica of a model in service: what its iterations take, what its memory holds, what of its work is useful.
#pragma once

#include <cstdint>

#include "models/inference/iteration.hpp"

namespace alight {

/// Made once for a model, a chip, a layout and an engine; then read only, safe from any thread.
class ReplicaModel {
 public:
  /// Seconds of an iteration; see iteration.hpp. An empty one takes no time.
  IterationTime iteration_time(const IterationWork& work) const;

  std::int64_t chips() const;
  /// Tokens of keys and values that fit beside weights and activations, over all ranks; 0: the weights do not fit.
  std::int64_t kv_tokens() const;
  /// Bytes one token of context takes in the memory of the whole replica, copies on several ranks counted as often.
  double kv_bytes_per_token() const;
  /// Bytes that do not grow with the context, of one sequence: states of linear attention, windows that are full.
  double kv_bytes_per_sequence() const;
  double weight_bytes_per_chip() const;

  /// Model FLOPs of new prompt tokens that attend to `pairs` tokens together; and of decoding `tokens` whose sequences
  /// hold `context` tokens together. What the ledger calls useful is these over peak_flops().
  double prefill_flops(double tokens, double pairs) const;
  double decode_flops(double tokens, double context) const;
  /// Dense FLOP/s of all chips at the precision of the weights.
  double peak_flops() const;
};

}  // namespace alight
