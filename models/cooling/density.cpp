#include "models/cooling/density.hpp"

#include <fmt/format.h>

namespace alight {

RackDensity rack_density(double rack_kw, const DensityLimits& limits) {
  if (rack_kw <= limits.typical_kw) return {};
  if (rack_kw <= limits.high_kw)
    return {.verdict = DensityVerdict::dense,
            .reason = fmt::format("{:.4g} kW per rack; {} usually carries {:.4g} kW, and {:.4g} kW at most", rack_kw,
                                  limits.technology, limits.typical_kw, limits.high_kw)};
  return {.verdict = DensityVerdict::beyond,
          .over_kw = rack_kw - limits.high_kw,
          .reason = fmt::format("{:.4g} kW per rack; {} carries {:.4g} kW at most", rack_kw, limits.technology,
                                limits.high_kw)};
}

}  // namespace alight
