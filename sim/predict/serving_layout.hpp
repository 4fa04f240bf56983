// How a row of serving cases uses its chips. Tables of measured runs say it in several ways; these are the rules they
// are read by.
#pragma once

#include <string>

#include "models/inference/engine.hpp"
#include "models/training/architecture.hpp"
#include "sim/predict/serving_case.hpp"

namespace alight {

/// Of one worker, where the row says it.
///
/// - Expert parallelism counted inside the tensor group: published InferenceX rows list tp x ep for tp of a run whose
///   ep ranks are its tp ranks. Where moe_tp = moe_ep = e > 1 and tp x dp = e^2, and where tp = dp > 1 and moe_ep =
///   tp x dp, the run had e (or tp) chips, all of them expert ranks.
/// - A model without experts has none of moe_tp and moe_ep; one with experts and neither slices every expert.
/// - Experts over more chips than attention: attention has as many (tensor ranks).
ServingLayout layout_of(const StatedLayout& stated, const Architecture& model);

/// True where the row gives the chips of a whole deployment in place of a layout: tensor ranks that do not divide the
/// heads, every expert sliced over more than 16 chips, or a worker of one chip that cannot hold the weights.
bool whole_deployment(const StatedLayout& stated, const Architecture& model, double weight_bytes, double chip_bytes);

/// Workers of a split deployment.
struct SplitLayout {
  ServingLayout prefill, decode;
  std::int64_t prefill_workers = 0, decode_workers = 1;  ///< 0: as many as keep up
  /// How the chips are shared out is not said, and it is of an engine whose published recipes let the prompts keep up:
  /// fewer decode where they could not.
  bool shares_open = false;
};

/// What a split row says, with what it leaves open as the published recipes have it (the rows that state all of it, of
/// DeepSeek-V3 in silicon_open.csv):
///
/// - decoding below 512 requests: several workers with tensor ranks, of 8 chips (4 with SGLang in a large scale-up
///   domain): 4 of them, 5 on servers of 8 with nvfp4 (2 of SGLang with fp8), 3 where a worker spans servers, and with
///   TensorRT-LLM on H200 9 for short prompts and 6 for long;
/// - from 512 on: a worker with a data rank on each chip, of 768 sequences at most, 256 where requests are longer than
///   4,096 tokens; another where that is full; of a whole deployment of more than 36 chips for any load; with
///   TensorRT-LLM in fp8 on servers of 8, prompts of 1,024 tokens and fewer than 4,096 requests 5 of them, 7 on H200;
/// - in a worker of more chips than a server holds, attention is data parallel too if its domain holds them all.
SplitLayout split_layout_of(const ServingCase& row, const Architecture& model, std::int64_t domain,
                            std::int64_t concurrency, double weight_bytes, double chip_bytes, bool narrow);

}  // namespace alight
