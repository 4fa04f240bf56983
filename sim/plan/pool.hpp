// The chips of a plan as people write them, turned into what the models compute with.
//
//   1024 x A100 SXM4 80GB
//   512 x Ascend 910B3 + 512 x H20 [fp8, full]     kinds joined by +; in brackets what its software does differently:
//                                                  a precision, none|selective|full recomputation, a software entry
//   25 GB/s staged host 12 GB/s 20 us              the path between kinds: rate of one chip, through the hosts or
//                                                  direct, rate of the copies to and from the host, latency
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/describe/diagnostics.hpp"
#include "models/training/mixed.hpp"
#include "platforms/catalogue.hpp"

namespace alight {

struct PlanKind {
  ChipKind kind;
  const Chip* chip = nullptr;
  std::string kernels;             ///< whose constants stand for the chip, and by which rule
  bool scale_out_assumed = false;  ///< the catalogue knows no network of the chip: kAssumedScaleOutGbps
};

struct PlanPool {
  std::vector<PlanKind> kinds;  ///< each kind once, in the order first named

  std::vector<ChipKind> chip_kinds() const;
  std::int64_t chips() const;
  /// "512 x Ascend 910B3 + 512 x H20 96GB".
  std::string text() const;
};

/// Reads `text`; mistakes are problems of `--chips`, all of them. The catalogue must outlive the pool.
PlanPool read_pool(std::string_view text, const Catalogue& catalogue, Precision precision, Diagnostics& diagnostics);

/// Reads the path between kinds; mistakes are problems of `--inter`.
InterKind read_inter(std::string_view text, Diagnostics& diagnostics);

}  // namespace alight
