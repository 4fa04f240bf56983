// The best way to train on a mixed pool, and the naive one: what of the chips' power a layout recovers that knows the
// kinds apart.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/training/mixed.hpp"

namespace alight {

struct MixedRequest {
  Layout common;  ///< global_batch, sequence, precision, expert, switches; degrees are looked for
  InterKind inter;
};

enum class MixedFamily {
  data,      ///< pipelines of one kind each, with unequal shares of the batch
  pipeline,  ///< stages of different kinds in every pipeline, with unequal shares of the layers
};

struct MixedPlan {
  MixedLayout layout;
  MixedStep step;
  MixedFamily family = MixedFamily::data;
};

struct MixedPlans {
  std::optional<MixedPlan> best;
  /// Equal batches for every pipeline, equal layers for every stage, one tensor degree, micro-batch and recomputation
  /// for all: the best of that sort.
  std::optional<MixedPlan> naive;
  std::int64_t considered = 0;  ///< combinations of degrees looked at, both families
  std::string why_none, why_no_naive;
};

/// Data parallelism across kinds: for a step time T each kind's best own layout says how many sequences it finishes;
/// the least T at which they finish the batch is found by bisection. Pipeline parallelism across kinds: for each order
/// of the kinds, data width, tensor degrees, micro-batch and recomputation, layers go one by one to the stage that
/// stays the fastest and has the memory (for equal layers that makes the slowest stage as fast as can be). Memory
/// decides where recomputation is forced. Candidates are priced in full (predict_mixed), the fastest wins.
MixedPlans plan_mixed(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds);

/// "tp8: 12 x 910B3 ... " one line a pipeline: replicas, stages by kind with layers, micro-batches, recomputation.
std::vector<std::string> describe_mixed(const MixedLayout& layout, const std::vector<ChipKind>& kinds);

}  // namespace alight
