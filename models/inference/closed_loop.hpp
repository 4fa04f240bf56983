// A benchmark of an inference service, as serving tools run it: so many requests under way at all times, each finished
// one replaced at once, until all have been sent (vLLM's benchmark_serving with max-concurrency; InferenceX). Played
// request by request: between two changes of a batch a whole stretch of decode is one step.
//
// Deterministic: lengths are spread evenly over their range, by multiples of irrational numbers.
#pragma once

#include <cstdint>

#include "models/inference/replica.hpp"

namespace alight {

struct ClosedLoop {
  std::int64_t concurrency = 1;
  std::int64_t requests = 10;  ///< sent altogether
  double input = 1024;         ///< longest prompt, tokens
  double output = 1024;        ///< longest answer
  double shortest = 1;         ///< of both, over the longest; lengths are uniform between
  double cached = 0;           ///< share of a prompt whose keys and values are there already
  bool settled = false;        ///< requests begin spread over the time of one, and those first ones do not count
  std::int64_t slots = 0;      ///< sequences a worker may decode at once; 0: as many as fit
};

struct LoopResult {
  double ttft_s = 0, tpot_s = 0;  ///< means over requests: until the first token; between later ones
  double tokens_per_s = 0;        ///< given out, over the whole run
  double prompt_tokens_per_s = 0;
  double seconds = 0;       ///< of the run
  double mean_batch = 0;    ///< sequences that decode, over the iterations of a decoding worker
  double mean_context = 0;  ///< tokens they hold together
};

/// Of one replica that does everything.
LoopResult run_closed_loop(const ClosedLoop& loop, const ReplicaModel& replica);

/// Of workers for prompts and workers for decoding. A prompt goes to the worker with the shortest queue, then its cache
/// to the decoding worker with the fewest sequences, which takes `handover_s` and its bytes over `handover_bytes_s`.
struct SplitPools {
  const ReplicaModel* prefill = nullptr;
  const ReplicaModel* decode = nullptr;
  std::int64_t prefill_workers = 1, decode_workers = 1;
  std::int64_t prefill_batch = 0;  ///< prompts a worker takes together; 0: as many tokens as an iteration holds
  double handover_s = 0;
  double handover_bytes_s = 0;  ///< 0: no time
};
LoopResult run_closed_loop(const ClosedLoop& loop, const SplitPools& pools);

}  // namespace alight
