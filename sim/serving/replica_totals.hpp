// What a replica has counted of its work.
#pragma once

#include <cstdint>

#include "sim/serving/ticks.hpp"

namespace alight {

/// Times in ticks, all else counted.
struct ReplicaTotals {
  Ticks busy = 0;      ///< in iterations
  Ticks swapping = 0;  ///< of these, moving blocks to and from the host
  std::int64_t iterations = 0;
  std::int64_t prefill_tokens = 0;     ///< computed, recomputed ones included
  double prefill_pairs = 0;            ///< of a computed prompt token and one it attends to
  std::int64_t recomputed_tokens = 0;  ///< computed before and dropped at a preemption
  std::int64_t decode_tokens = 0;      ///< answer tokens beyond the first of each prefill
  std::int64_t decode_context = 0;     ///< sum over iterations of tokens the decoding sequences held
  std::int64_t hit_tokens = 0;         ///< of prompts, that came from the prefix cache
  std::int64_t asked_tokens = 0;       ///< of prompts admitted for the first time
  std::int64_t preemptions = 0;
  std::int64_t steps = 0;  ///< instants the engine was looked at: what a run costs

  ReplicaTotals& operator+=(const ReplicaTotals& other) { return add(other, 1); }
  /// What it has done since it had done `before`.
  ReplicaTotals since(const ReplicaTotals& before) const { return ReplicaTotals(*this).add(before, -1); }

 private:
  ReplicaTotals& add(const ReplicaTotals& other, int times);
};

inline ReplicaTotals& ReplicaTotals::add(const ReplicaTotals& other, int times) {
  busy += times * other.busy;
  swapping += times * other.swapping;
  iterations += times * other.iterations;
  prefill_tokens += times * other.prefill_tokens;
  prefill_pairs += times * other.prefill_pairs;
  recomputed_tokens += times * other.recomputed_tokens;
  decode_tokens += times * other.decode_tokens;
  decode_context += times * other.decode_context;
  hit_tokens += times * other.hit_tokens;
  asked_tokens += times * other.asked_tokens;
  preemptions += times * other.preemptions;
  steps += times * other.steps;
  return *this;
}

}  // namespace alight
