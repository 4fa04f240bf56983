// How long a repair takes: a mean, and a median where repairs are known to differ widely.
#pragma once

#include <optional>

#include "models/random/streams.hpp"

namespace alight {

/// Exponential, or, where the median is known, lognormal: sigma^2 = 2 ln(mean / median). Repairs in large systems are
/// lognormal rather than exponential (Schroeder & Gibson, "A large-scale study of failures in high-performance
/// computing systems", DSN 2006).
struct RepairTime {
  double mean_s = 0;
  std::optional<double> median_s;  ///< at most the mean; equal: every repair takes that long

  /// P(a repair takes at most t_s).
  double cdf(double t_s) const;
  /// One draw whatever the law.
  double draw_s(Stream& stream) const;
};

}  // namespace alight
