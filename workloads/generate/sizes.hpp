// How many chips jobs ask for: a weighted table, tilted by how the job ends.
//
// Jobs that end in one way are not as large as those that end in another (in Seren 7.5 % of the jobs are cancelled and
// hold 66 % of the GPU time). One exponent per status says so: weight(chips | status) = table(chips) *
// chips^tilt(status), the least change of the table, in relative entropy, that moves the mean of ln(chips).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/describe/description.hpp"

namespace alight {

struct SizeSpec {
  std::map<std::string, double> weights;  ///< by chips per job, written as a whole number
  std::map<std::string, double> tilt;     ///< by status; 0 where not given
  static const Description& description();

  /// The sizes with weight, ascending, and the table's weights.
  std::vector<std::pair<std::int64_t, double>> table() const;
};

}  // namespace alight
