// Chips that are slow and not dead: what a job loses that goes at the pace of its slowest one.
//
// Speeds of working chips of one kind spread around their mean (Sinha et al., "Not All GPUs Are Created Equal", SC'22,
// arXiv 2208.11035: 8 % variation on average over five centres, 22 % at most, outliers up to 1.5 times slower than the
// median). The body is taken for normal, cut off at `slowest`; stragglers are a share of chips at a speed of their own.
#pragma once

#include <cstdint>

#include "models/random/streams.hpp"

namespace alight {

/// Relative to the median chip of the body.
struct ChipSpeeds {
  double spread = 0;           ///< standard deviation
  double slowest = 0.5;        ///< nothing of the body is slower
  double straggler_share = 0;  ///< of chips
  double straggler_speed = 1;  ///< of those; not above 1

  /// P(speed <= v).
  double cdf(double v) const;
  double mean() const;
  double draw(Stream& stream) const;
};

/// The standard deviation of a normal law of which `n` draws differ by `range` on average (largest less smallest): how
/// a published variation within a node or a cluster becomes a spread.
double spread_from_range(double range, std::int64_t n);

/// Expected speed of the slowest of n chips: the integral of P(all are faster) = (1 - F(v))^n over v.
double slowest_of(const ChipSpeeds& speeds, std::int64_t n);
/// What a synchronous job of n such chips loses to waiting for the slowest: 1 - slowest / mean.
double lost_to_slowest(const ChipSpeeds& speeds, std::int64_t n);

}  // namespace alight
