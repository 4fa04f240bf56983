// From the catalogue to what models/inference computes with: an engine on a chip, and the chip as serving finds it.
//
// Which entry of `engines` stands for an engine, first that holds, the last of several in the order of the files:
//
//   1. one of its name that names the chip and a version that fits;
//   2. one of its name that names no chips, or no versions, and fits otherwise;
//   3. the entry "Unmeasured engine".
#pragma once

#include <string_view>

#include "models/inference/engine.hpp"
#include "platforms/accelerator.hpp"

namespace alight {

/// The entry that stands for an engine by name or alias. Never null; `known` tells whether there is one of that name.
struct EngineChoice {
  const EngineKind* kind = nullptr;
  bool known = false;
};
EngineChoice engine_kind_of(std::string_view engine, std::string_view version, const Chip& chip,
                            const Catalogue& catalogue);

/// Resolved. Shares of a chip's kernels that experts' products reach are the engine's times the chip's.
EngineProfile engine_profile(const EngineKind& kind, const Chip& chip, const Catalogue& catalogue);

/// The chip as accelerator_of() has it, with what its kernels reach in serving, and its memory as the driver counts it:
/// makers' gigabytes of HBM are 2^30 bytes, of which the driver shows 99.5 % (nvidia-smi: 81,559 MiB of an H100 80GB,
/// 143,771 MiB of an H200 141GB, 183,359 MiB of a B200 180GB). A precision without units of its own multiplies in the
/// next wider one. Where only narrow peaks are known, a wider one is taken for half the next narrower, as on most
/// chips.
Accelerator serving_chip(const Chip& chip, const Catalogue& catalogue);
/// Whether the 16-bit peak of serving_chip() is such a guess.
bool wide_peak_guessed(const Chip& chip, const Catalogue& catalogue);

}  // namespace alight
