// Every layout in which a number of equal chips can train a model, each with its time and memory: what `alight plan`
// ranks, and what a kind of chip reaches alone in a mixed pool.
//
// The space: tensor, pipeline, context and expert degrees that divide what they split; data parallelism from the rest;
// every micro-batch that divides a data rank's batch; interleaving; GPipe where nothing is interleaved; recomputation;
// sharding of the model's state; sequence parallelism; overlap of gradients and of tensor-parallel collectives on and
// off. Layouts are enumerated in one fixed order, whatever the number of threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "models/training/step.hpp"

namespace alight {

struct SearchRequest {
  std::int64_t chips = 1;
  Layout common;  ///< what is given: global_batch, sequence, precision, optimiser, flash attention
  /// Kinds of recomputation and sharding to look at; all where empty.
  std::vector<Recompute> recompute;
  std::vector<Sharding> sharding;
  bool overlap_choices =
      true;               ///< also without overlap of gradients, and with GPipe: never a recommendation, but asked
  std::size_t keep = 20;  ///< fastest layouts to give back; 0 = all that were looked at, also those that do not fit
  int threads = 1;
};

struct FoundLayout {
  Layout layout;
  double seconds = 0;  ///< 0 where it does not fit: its time is not looked for
  double memory_bytes = 0;
  bool fits = true;
};

struct SearchResult {
  std::vector<FoundLayout> found;  ///< fastest first, equal ones in the order of the space; then what does not fit
  std::int64_t considered = 0;     ///< layouts of which it is known whether they fit
  std::int64_t fitting = 0;        ///< of them; each had its step predicted
  /// Why others are out, with how many: memory counts layouts, divisibility counts combinations of degrees.
  std::map<std::string, std::int64_t> reasons;
  double least_memory_bytes = 0;  ///< of all considered
  bool complete = true;           ///< false where it was stopped
};

/// `progress` is called now and then from the calling thread with the share done; `stop`, where given, ends the search
/// early. The result is the same for every number of threads.
SearchResult search_layouts(const Architecture& model, const SearchRequest& request, const Accelerator& chip,
                            const Fabric& fabric, const std::function<void(double)>& progress = {},
                            const std::atomic<bool>* stop = nullptr);

/// Numbers that divide n, ascending.
std::vector<std::int64_t> divisors(std::int64_t n);

}  // namespace alight
