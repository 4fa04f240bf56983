// Constants of the training step's kernels, chip by chip, and of the software that drives them, as the catalogue's
// files hold them. platforms/accelerator.hpp turns them into what models/training computes with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/entries/provenance.hpp"

namespace alight {

/// What the kernels of a chip reach inside a training step; see KernelProfile in models/training/accelerator.hpp.
struct KernelKind {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  std::vector<std::string> chips;    ///< whose own measurements these are
  std::vector<std::string> family;   ///< chips of the same design, not measured, that it stands for
  std::vector<std::string> vendors;  ///< vendors whose other chips it stands for
  /// Entries of `software` that drive such chips where nothing is said: weights sharded over the data ranks, precisions
  /// narrower than 16 bits, the rest. The first two may be empty: as the rest.
  std::string software_sharded, software_narrow, software;
  bool overlaps = false;  ///< that software runs tensor collectives and the gathering of parameters beside computation
  /// Share of the dense peak of each precision. An absent one is as good as the next wider: fp8 and int8 as 16 bits,
  /// mxfp8 as fp8, nvfp4 as mxfp8.
  double gemm_16bit = 0;
  std::optional<double> gemm_fp8, gemm_mxfp8, gemm_nvfp4, gemm_int8;
  double tail_elements = 0, inner_half = 0;
  double grouped = 1;
  double attention_forward = 0, attention_backward = 0, portable_attention = 1;
  double memory = 0, score_memory = 0;
  double kernel_gap_us = 0;
  double host = 1;  ///< time its host needs to issue an operation, over the software's own
  double overlap_slowdown = 0;
  // When it serves (models/inference) rather than trains.
  std::optional<double> serving_memory;        ///< share of the memory bandwidth; default: as memory
  double serving_products = 1;                 ///< rate of matrix products over that in training
  std::optional<double> serving_products_fp4;  ///< the same in nvfp4; default: as serving_products
  double serving_attention = 1;                ///< rate of attention over prompts over that in training
  double serving_experts = 1;  ///< rate of experts' products over what the engine makes of them elsewhere
  double spread = 0;
  double uncertainty = 0;
  Provenance provenance;
  /// An entry that starts from this one stands for chips of its own.
  void forget_own() { chips.clear(), family.clear(), vendors.clear(); }
  static const Description& description();
};

/// A framework; see Software in models/training/accelerator.hpp.
struct SoftwareKind {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  double issue_us = 0;
  double traffic = 1, gate_traffic = 1;
  bool tuned_attention = true;
  double selective_share = 0;
  double prefetch = 1;
  double tensor_hidden = 0;
  Provenance provenance;
  static const Description& description();
};

}  // namespace alight
