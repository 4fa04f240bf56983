// The time of one iteration of a serving engine, closed form.
//
// An engine that batches continuously runs one iteration after the other; in each it passes the new prompt tokens it
// admitted and one token of every decoding sequence through the model. With the composition of the batch fixed, only
// the context the decoding sequences hold still grows, by one token each an iteration, and the time is of a form that
// can be summed over a whole stretch of decode at once.
#pragma once

#include <algorithm>

namespace alight {

/// What one iteration of a replica computes, all its chips and data ranks together; work is spread evenly over the
/// ranks.
struct IterationWork {
  double prefill_tokens = 0;     ///< new prompt tokens, over all sequences
  double prefill_sequences = 0;  ///< sequences they belong to
  double prefill_pairs = 0;      ///< pairs of a new token and a token it attends to
  double decodes = 0;            ///< sequences that decode a token
};

/// Seconds of an iteration as the held context of the decoding sequences grows, all else equal:
///
///     rest_s + max(floor_s, base_s + per_token_s context)
///
/// with the tokens held by all decoding sequences of the replica together. What is held by sequences of which only
/// prompt tokens are computed is in rest_s, by prefill_pairs.
struct IterationTime {
  double rest_s = 0, floor_s = 0, base_s = 0, per_token_s = 0;
  double apart_s = 0;  ///< of rest_s, during which the chips compute nothing: exchanges, and what the host does
  double seconds(double context) const { return rest_s + std::max(floor_s, base_s + per_token_s * context); }
  /// On chips the slowest of which has this speed, 1 being that of their kind: what they compute, and stream from
  /// memory, takes 1/speed as long, the rest no longer.
  IterationTime at_speed(double speed) const {
    return {apart_s + (rest_s - apart_s) / speed, floor_s / speed, base_s / speed, per_token_s / speed, apart_s};
  }
};

}  // namespace alight
