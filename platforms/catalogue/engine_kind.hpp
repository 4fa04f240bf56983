// Constants of serving engines, as the catalogue's files hold them. platforms/engine.hpp turns them into what
// models/inference computes with.
#pragma once

#include <string>
#include <vector>

#include "models/entries/provenance.hpp"

namespace alight {

/// A serving engine; see EngineProfile in models/inference/engine.hpp. Several entries may be of one engine: those that
/// name chips or versions stand for these only.
struct EngineKind {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  std::string engine;                 ///< the engine this is of; empty: the entry's own name
  std::vector<std::string> chips;     ///< it holds for these only; empty: all
  std::vector<std::string> versions;  ///< it holds for versions that begin so only; empty: all
  bool prefill_first = false;
  bool narrow_cache = true;  ///< it keeps the cache in 8 bits where weights are that narrow
  double batched_tokens = 8192;
  double memory_share = 0.95;
  double reserve = 1;
  double iteration_us = 0, sequence_us = 0;
  double layer_us = 0, expert_layer_us = 0, latent_layer_us = 0, mixer_layer_us = 0;
  double prompt_layer_us = 0, prompt_expert_layer_us = 0;
  double quantise_fp4_us = 0, quantise_fp8_us = 0;
  double fp8_products = 1;
  double reduce_us = 0;
  double expert_products = 1, expert_reads = 1, cache = 0.8;
  double request_ms = 0, prompt_token_us = 0, intake_ms = 0;
  bool all_experts = false;  ///< it reads every expert, whichever the batch chose
  double poll = 0, poll_many = 0, gather = 0, stream = 1;
  double lost_slots = 0;
  double acceptance = 0;  ///< of drafted tokens, where nothing is said
  double spread =
      0;  ///< of requests' lengths where a benchmark gives all the same: what keeps them from running in step
  double uncertainty = 0;
  Provenance provenance;
  /// An entry that starts from this one holds for chips and versions of its own.
  void forget_own() { chips.clear(), versions.clear(), engine.clear(); }
  static const Description& description();
};

}  // namespace alight
