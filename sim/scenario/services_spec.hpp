// Services of a language model as a scenario states them. Resolved into sim/serving/service.hpp by resolve_services().
//
//   services:
//     - name: chat
//       model: Llama-3.1-70B
//       requests: {file: AzureLLMInferenceTrace_conv.csv.gz}
//       replicas:
//         - {pool: h100, layout: tp4, precision: fp8, count: 8}
//       slo: {ttft: 2 s, tpot: 80 ms}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"
#include "models/inference/engine.hpp"
#include "sim/scenario/requests_spec.hpp"
#include "sim/serving/fleet_config.hpp"

namespace alight {

/// How many replicas there are.
struct AutoscaleSpec {
  ScaleBy by = ScaleBy::queue;
  std::int64_t min = 1, max = 1;
  std::optional<double> target;  ///< of the measure; default: 0.8 of the batch's places, 0.95 of first tokens in time
  double every_s = 15, hold_s = 300, tolerance = 0.1;
  static const Description& description();
};

/// Guessing tokens ahead.
struct SpeculationSpec {
  std::int64_t drafted = 1;
  double acceptance = 0;
  static const Description& description();
};

/// Replicas that are alike.
struct ReplicasSpec {
  std::string pool;
  std::string layout = "tp1";
  Precision precision = Precision::bf16;
  std::optional<double> kv_bits;
  ReplicaRole role = ReplicaRole::aggregated;
  std::int64_t count = 1;
  std::optional<AutoscaleSpec> autoscale;
  std::string engine = "vLLM";
  std::int64_t max_batch = 256;
  std::optional<std::int64_t> batched_tokens, chunk;
  std::optional<double> memory_share;
  std::int64_t block_tokens = 16;
  PrefixCaching prefix_cache = PrefixCaching::off;
  Preemption preemption = Preemption::recompute;
  double swap_gbs = 50;
  std::optional<SpeculationSpec> speculation;
  double startup_s = 60;
  static const Description& description();
};

/// What the service promises.
struct SloSpec {
  std::optional<double> ttft_s, tpot_s, end_to_end_s;
  static const Description& description();
};

struct ServiceSpec {
  std::string name;
  std::string model;
  std::optional<RequestsSpec> requests;
  std::vector<ReplicasSpec> replicas;
  RequestRouting router = RequestRouting::least_work;
  std::int64_t queue_limit = 0;
  std::optional<double> timeout_s;
  std::int64_t retries = 3;
  std::optional<SloSpec> slo;
  std::int64_t priority = 100;
  bool record = false;
  std::string vc;
  static const Description& description();
};

/// How a replica is spread over chips, in words: "tp8", "tp8 dp8 ep64", "pp2 tp8", "tp4 ep4". Data ranks hold
/// sequences of their own; experts not named by `ep` are split by the ranks that share them (`etp`). Returns what is
/// wrong, or empty.
std::string read_serving_layout(const std::string& text, ServingLayout& layout);

}  // namespace alight
