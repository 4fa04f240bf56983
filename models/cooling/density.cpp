#include "models/cooling/density.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

std::int64_t servers_carried(double server_kw, std::int64_t servers, const DensityLimits& limits) {
  if (!(server_kw > 0) || !std::isfinite(limits.high_kw)) return servers;
  constexpr double kRoundingOfRack = 1e-9;
  const double most = std::floor(limits.high_kw / server_kw * (1 + kRoundingOfRack));
  return static_cast<std::int64_t>(std::min(most, static_cast<double>(servers)));
}

}  // namespace alight
