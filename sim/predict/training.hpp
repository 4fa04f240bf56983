// `alight predict training`: a table of training configurations, each step timed in closed form.
#pragma once

#include <filesystem>

#include "models/describe/diagnostics.hpp"
#include "platforms/catalogue.hpp"
#include "sim/predict/case_ground.hpp"
#include "workloads/zoo.hpp"

namespace alight {

/// Reads cases from a CSV file (columns: training_case.hpp; what is left open: training_setup.hpp; docs/training.md)
/// and writes one row each to `out`, in the same order:
///
///   id, status, step_s, step_low_s, step_high_s, tokens_per_s_per_chip, mfu_pct, mfu_legacy_pct, hfu_pct, memory_gb,
///   compute_s, exposed_tp_s, exposed_pp_s, exposed_dp_s, exposed_ep_s, exposed_cp_s, bubble_s, optimizer_s, other_s,
///   weights_gb, gradients_gb, optimizer_gb, activations_gb, buffers_gb,
///   fits, micro_batch, vpp, recompute, software, kernels, basis
///
/// `status` is `ok`; `out_of_memory`, with the step it would take if it fitted; or `unsupported: why`, the other cells
/// empty. `fits` is `yes`; `tight` where memory_gb is more than the chip has and only what frameworks do unasked (more
/// sharding, recomputation, offloading: least_training_memory) makes it fit; or `no`. The nine parts of the step sum to
/// it, the five of the memory to memory_gb. MFU counts model FLOPs over the dense peak of the row's precision; `legacy`
/// counts the whole attention square of causal models too; HFU adds what was recomputed. The columns after memory say
/// what was filled in and what the constants rest on.
///
/// Mistakes of the table (missing columns, cells that are no numbers) are in `diagnostics`, and nothing is written; a
/// file that cannot be written is one too. The file appears whole or not at all. Returns the number of rows written.
std::size_t predict_training_steps(const std::filesystem::path& cases, const std::filesystem::path& out,
                                   const Catalogue& catalogue, const Zoo& zoo, const CaseGround& ground,
                                   Diagnostics& diagnostics);

}  // namespace alight
