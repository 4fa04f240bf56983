// What users ask for as run time: duration times a factor, then rounded up.
#pragma once

#include <optional>
#include <vector>

#include "models/describe/description.hpp"

namespace alight {

struct EstimateSpec {
  double factor_min = 1;  ///< the factor is uniform from factor_min to factor_max; below 1 the estimate is too short
  double factor_max = 1;
  std::optional<double> round_up_s;  ///< to a multiple of this
  std::vector<double> classes_s;     ///< to the smallest of these that is long enough; above the largest as it is
  bool kill = false;                 ///< jobs are killed at their estimate
  static const Description& description();

  /// The estimate of a job of `duration_s`, given a uniform deviate in [0, 1). `classes_s` must be ascending.
  double estimate(double duration_s, double uniform) const;
};

}  // namespace alight
