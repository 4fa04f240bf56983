// How the time of a job's chips is divided over lit states while nothing changes: whole ten-millionths, so that the
// ledger can move them to and fro without a remainder. And what the chips do in the part in which they compute, for the
// power they draw.
#pragma once

#include <array>
#include <cstdint>

#include "sim/ledger/states.hpp"

namespace alight {

/// Of the time in which a chip computes: how much its matrix units are busy, and its memory.
struct Computing {
  double compute = 1, memory = 0;
  bool operator==(const Computing&) const = default;
};

class Split {
 public:
  /// All parts together.
  static constexpr std::int64_t kWhole = 10'000'000;

  /// All time in one state.
  explicit Split(ChipState all) { parts_[static_cast<std::size_t>(all)] = kWhole; }
  /// In proportion to `weights`: not negative, and not all 0 (std::logic_error). Rounded down, and what is left goes
  /// to the parts that lost most, the first of equals.
  static Split in_proportion(const std::array<double, kChipStates>& weights, const Computing& computing = {});
  /// The same work, all of it in `lost`: what it was for is gone, and is done again.
  Split redone() const;

  std::int64_t parts(ChipState state) const { return parts_[static_cast<std::size_t>(state)]; }
  double share(ChipState state) const { return static_cast<double>(parts(state)) / static_cast<double>(kWhole); }
  const Computing& computing() const { return computing_; }
  /// Whether its chips compute while they are in a state.
  bool computes_in(ChipState state) const {
    return state == ChipState::useful || state == ChipState::below_peak || (state == ChipState::lost && redone_);
  }
  bool operator==(const Split&) const = default;

 private:
  Split() = default;
  std::array<std::int64_t, kChipStates> parts_{};
  Computing computing_;
  bool redone_ = false;
};

}  // namespace alight
