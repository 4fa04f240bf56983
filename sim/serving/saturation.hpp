// What a replica serves when it always has enough to do: requests a second of a full batch, in closed form, from what a
// request asks for on average.
//
// In a steady state as many requests are let in as end. With B sequences that each need d decode iterations after the
// one that ends their prompt, B / (d + 1) requests end in an iteration, their like come in, and the prompts of those
// are computed beside the others' decodes. B is what the engine allows: its largest batch, the keys and values that
// fit, and the new tokens of an iteration.
#pragma once

#include "sim/serving/iteration_lines.hpp"
#include "sim/serving/replica_config.hpp"
#include "workloads/requests/request.hpp"

namespace alight {

/// What requests ask for on average.
struct MeanRequest {
  double prompt_tokens = 0;  ///< to be computed
  double prompt_pairs = 0;   ///< of a new token of it and one it attends to
  double output_tokens = 1;
  double context = 0;  ///< tokens held while one is decoded, mean over time
};
/// Of a trace that is not empty, without prefix caches.
MeanRequest mean_request(const RequestTrace& trace);

/// Requests a second of one replica; of a prefill replica prompts, of a decode replica answers. 0 where none fits.
double saturated_requests_s(const IterationTimes& times, const ReplicaConfig& config, const MeanRequest& request);

}  // namespace alight
