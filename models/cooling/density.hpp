// What a rack may draw under a way of cooling.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace alight {

/// kW per rack a technology carries, as the catalogue has them: where it is comfortable, usual, and at its end.
struct DensityLimits {
  std::string technology;
  double low_kw = 0;
  double typical_kw = std::numeric_limits<double>::infinity(), high_kw = typical_kw;  ///< unknown: no limit
};

enum class DensityVerdict { carried, dense, beyond };

struct RackDensity {
  DensityVerdict verdict = DensityVerdict::carried;
  double over_kw = 0;  ///< what it draws beyond what is carried
  std::string reason;  ///< empty where carried: "45 kW per rack; air carries 25 kW at most"
};

/// Up to the typical density a rack is carried; up to the high one it takes a dense design and is, with a reason, still
/// carried; beyond it cannot be powered.
RackDensity rack_density(double rack_kw, const DensityLimits& limits);

/// Of so many servers of a rack, how many it can power.
std::int64_t servers_carried(double server_kw, std::int64_t servers, const DensityLimits& limits);

}  // namespace alight
