// How the time of a job's chips is divided over lit states while nothing changes: whole ten-millionths, so that the
// ledger can move them to and fro without a remainder.
#pragma once

#include <array>
#include <cstdint>

#include "sim/ledger/states.hpp"

namespace alight {

class Split {
 public:
  /// All parts together.
  static constexpr std::int64_t kWhole = 10'000'000;

  /// All time in one state.
  explicit Split(ChipState all) { parts_[static_cast<std::size_t>(all)] = kWhole; }
  /// In proportion to `weights`: not negative, and not all 0 (std::logic_error). Rounded down, and what is left goes
  /// to the parts that lost most, the first of equals.
  static Split in_proportion(const std::array<double, kChipStates>& weights);

  std::int64_t parts(ChipState state) const { return parts_[static_cast<std::size_t>(state)]; }
  double share(ChipState state) const { return static_cast<double>(parts(state)) / static_cast<double>(kWhole); }
  bool operator==(const Split&) const = default;

 private:
  Split() = default;
  std::array<std::int64_t, kChipStates> parts_{};
};

}  // namespace alight
