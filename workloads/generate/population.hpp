// Who submits: weighted lists of users or of virtual clusters, named or by Zipf's law.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/describe/description.hpp"

namespace alight {

/// Either `weights` or `count`; with `count` the k-th of them (numbered from 1) has the weight k^-exponent.
struct PopulationSpec {
  std::map<std::string, double> weights;
  std::optional<std::int64_t> count;
  double exponent = 1;
  static const Description& description();

  /// Names and weights; numbered ones are called `prefix` and the number. Empty when neither is given.
  std::vector<std::pair<std::string, double>> members(const std::string& prefix) const;
};

}  // namespace alight
