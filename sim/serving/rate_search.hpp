// How many requests a second a service can take and still keep its promises: goodput against rate (DistServe, Zhong et
// al., OSDI 2024, arXiv 2401.09670), found by playing one rate after the other.
#pragma once

#include <functional>
#include <optional>
#include <vector>

namespace alight {

/// What a service did at one rate.
struct RatePoint {
  double rate_per_s = 0;  ///< asked for
  double good_share = 0;  ///< of the requests that came, those within every target
};

struct RateSearch {
  double least = 0.9;      ///< share that must be good
  double within = 0.02;    ///< the answer's rate and one that fails lie no further apart, as a share
  int most_doublings = 8;  ///< beyond the rates asked for, up or down
};

/// Where a service stops keeping its promises. The lowest rate that fails counts: what is kept again above it is
/// chance.
struct RateLimits {
  std::optional<double> kept;    ///< highest rate below `failed` at which they are kept; none: at no rate looked at
  std::optional<double> failed;  ///< lowest rate at which they are not; none: at no rate looked at
};
RateLimits limits_of(const std::vector<RatePoint>& points, double least);

/// Plays `rates`, then doubles or halves until one rate is kept and one is not, then goes between the two by geometric
/// means. All that was played, by ascending rate. `play` may return nothing, which ends the search.
std::vector<RatePoint> search_rates(const std::vector<double>& rates, const RateSearch& search,
                                    const std::function<std::optional<RatePoint>(double rate_per_s)>& play);

}  // namespace alight
