// `alight predict serving`: a table of configurations of inference services, each benchmark played request by request.
#pragma once

#include <filesystem>

#include "models/describe/diagnostics.hpp"
#include "platforms/catalogue.hpp"
#include "sim/predict/case_ground.hpp"
#include "sim/predict/serving_setup.hpp"
#include "workloads/zoo.hpp"

namespace alight {

/// What one case gives. Times are means over requests, as benchmarks print them.
struct ServingPrediction {
  bool fits = true;
  double ttft_s = 0, ttft_low_s = 0, ttft_high_s = 0;
  double tpot_s = 0, tpot_low_s = 0, tpot_high_s = 0;
  double tokens_per_s = 0;  ///< of answers, all chips
  double requests_per_s = 0;
  std::int64_t chips = 0, prefill_workers = 0, decode_workers = 1;
  double batch = 0, context = 0;  ///< of a decoding worker, in the mean
  ServingMemory memory;           ///< of the worker that decodes
  double cache_bytes_per_chip = 0;
  IterationParts parts;  ///< of the time between tokens: what a decode iteration alone takes, of each token kept
  double waiting_s = 0;  ///< the rest of it: prompts of others, and requests that wait for the slowest
};

/// Plays the benchmark of a resolved case.
ServingPrediction predict_serving(const ServingSetup& setup);

/// Reads cases from a CSV file (columns: serving_case.hpp; what is left open: serving_layout.hpp, serving_setup.hpp;
/// docs/serving-model.md) and writes one row each to `out`, in the same order:
///
///   id, status, ttft_ms, ttft_low_ms, ttft_high_ms, tpot_ms, tpot_low_ms, tpot_high_ms, tokens_per_s_per_chip,
///   requests_per_s, memory_gb, weights_gb, cache_gb, activations_gb, products_ms, experts_ms, cache_ms, exchange_ms,
///   launch_ms, host_ms, waiting_ms, chips, prefill_workers, decode_workers, concurrency, batch, context, draft_tokens,
///   engine, kernels, basis
///
/// `status` is `ok`; `out_of_memory`, with the times it would take if it fitted; or `unsupported: why`, the other cells
/// empty. The seven parts sum to tpot_ms, the three of memory to memory_gb (of a chip that decodes). low and high lie
/// one standard deviation away; where a row leaves open whether it speculates, they are the two answers, and the mean
/// is their geometric one.
///
/// Mistakes of the table (missing columns, cells that are no numbers) are in `diagnostics`, and nothing is written; a
/// file that cannot be written is one too. The file appears whole or not at all. Returns the number of rows written.
std::size_t predict_serving_cases(const std::filesystem::path& cases, const std::filesystem::path& out,
                                  const Catalogue& catalogue, const Zoo& zoo, const CaseGround& ground,
                                  Diagnostics& diagnostics);

}  // namespace alight
