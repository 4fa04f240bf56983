// How the time of a job's chips is divided over lit states while nothing changes: whole ten-millionths, so that the
// ledger can move them to and fro without a remainder. And what the chips do in the part in which they compute, and at
// which clock, for the power they draw.
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
  explicit Split(ChipState all) : unseen_(all == ChipState::opaque) { parts_[static_cast<std::size_t>(all)] = kWhole; }
  /// In proportion to `weights`: not negative, and not all 0 (std::logic_error). Rounded down, and what is left goes
  /// to the parts that lost most, the first of equals.
  static Split in_proportion(const StateTimes& weights, const Computing& computing = {});
  /// The same work, all of it in `lost` but what is `throttled`: what it was for is gone, and is done again. Its chips
  /// do what they did.
  Split redone() const;
  /// Of that: the work as it was done at first.
  Split first_done() const;
  /// The same work at a clock below the full one, which takes `stretch` times as long: what it takes longer is
  /// `throttled`, the rest keeps its proportions. Of one at the full clock.
  Split clocked(double clock, double stretch) const;
  /// The same division of time, of chips that run at a clock.
  Split at(double clock) const;

  std::int64_t parts(ChipState state) const {
    if (redone_ && state == ChipState::lost) return kWhole - done(ChipState::throttled);
    return redone_ && state != ChipState::throttled ? 0 : done(state);
  }
  double share(ChipState state) const { return static_cast<double>(parts(state)) / static_cast<double>(kWhole); }
  StateTimes shares() const;  ///< of all states
  const Computing& computing() const { return computing_; }
  /// Of the full one.
  double clock() const { return clock_; }
  /// The same of work nobody can see into, whose chips draw a share of the span from idle to the limit of their own.
  Split drawing(double share) const;
  /// That share; below 0: that of the pool.
  double unseen_share() const { return unseen_share_; }
  /// What its chips do while they are in a state: what the state says; compute; or what nobody can see, as in `opaque`.
  /// Throttled, they do what takes longer for it.
  /// Of work done again, what they did at first, on average.
  enum class Doing : std::uint8_t { as_state, computing, unseen, as_at_first };
  Doing doing(ChipState state) const {
    if (redone_) return Doing::as_at_first;
    if (state == ChipState::useful || state == ChipState::below_peak) return Doing::computing;
    if (state == ChipState::opaque) return Doing::unseen;
    if (state != ChipState::throttled) return Doing::as_state;
    return unseen_ ? Doing::unseen : Doing::computing;
  }
  bool operator==(const Split&) const = default;

 private:
  Split() = default;
  std::int64_t done(ChipState state) const { return parts_[static_cast<std::size_t>(state)]; }
  std::array<std::int64_t, kChipStates> parts_{};
  Computing computing_;
  double clock_ = 1;
  double unseen_share_ = -1;
  bool redone_ = false;
  bool unseen_ = false;  ///< it has a part in `opaque`
};

}  // namespace alight
