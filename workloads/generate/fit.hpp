// Finds the parameters of a cluster's generator from its published statistics. Run by a test, which compares with the
// parameters that presets.cpp ships; nothing draws random numbers here, all expectations are exact.
#pragma once

#include "workloads/generate/presets.hpp"

namespace alight {

/// The share of one-chip jobs assumed where only "median 1" is published.
inline constexpr double kAssumedOneChipShare = 0.6;

struct Fit {
  FittedShape shape;
  double residual = 0;  ///< largest relative error over the numbers fitted
  int steps = 0;
};

/// Solves, by Gauss-Newton with Levenberg's damping, for mean size, mean and median duration, and the chip-seconds of
/// each status; and for the one-chip share where the size table is not published. As many equations as parameters.
Fit fit(const ClusterStatistics& cluster);

}  // namespace alight
