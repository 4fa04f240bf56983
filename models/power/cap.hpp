// What a cap does: how groups of chips under one limit share it out.
//
// A group is what is alike: chips of one kind doing the same, with what stands around each that a clock does not
// change. The answer is a clock and a number of chips switched off for every group. Nothing here knows of time: the
// caller asks again when a load or a limit changes, and what happens between is its control interval.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "models/power/clock.hpp"

namespace alight {

/// The clocks of an A100 are 15 MHz apart (its driver's list of supported clocks), of 1410.
inline constexpr double kClockStep = 15.0 / 1410;

struct CapGroup {
  std::int64_t units = 0;
  /// What one draws at a clock, W, with all that stands around it; never less at a higher one.
  std::function<double(double clock)> unit_w;
  double off_w = 0;                    ///< of a unit switched off
  std::int64_t priority = 0;           ///< higher ones are spared longer
  double highest_clock = 1;            ///< it goes at unless it is clocked down
  double lowest_clock = kLowestClock;  ///< the floor it may be clocked down to; 1: it is left alone
  bool may_switch_off = true;
};

/// Chips, `around_w` beside each, whatever its clock: its part of the server, of switches and losses. A chip never
/// draws more than its TDP.
CapGroup capped_chips(std::int64_t units, const ChipRatings& chip, const ChipActivity& activity, double around_w = 0);

enum class CapPolicy {
  uniform,      ///< one clock for all, no lower than each one's floor
  by_priority,  ///< the lowest priority to its floor first, then the next; one clock within a priority
  switch_off,   ///< whole units off, lowest priority first, groups in the order given; clocks stay
};

struct CappedGroup {
  double clock = 1;
  std::int64_t off = 0;
  double power_w = 0;  ///< of the group
};

struct CapResult {
  std::vector<CappedGroup> groups;
  double power_w = 0;  ///< as the limit counts it
  bool met = true;     ///< power_w is within the limit; if not, this is the least the policy can do
};

/// Units of a group, so many of them off, at a clock.
double group_power_w(const CapGroup& group, double clock, std::int64_t off);

struct Cap {
  double limit_w = 0;
  CapPolicy policy = CapPolicy::uniform;
  /// What the limit is of, by what each group draws: grows with each. None: their sum.
  std::function<double(std::span<const double> group_w)> meter = {};
  /// Clocks are whole steps of this, but for the floor; 0: any.
  double clock_step = 0;
};

/// Where all run within the limit, nothing changes. The result is within the limit and no further below it than a clock
/// of one step (1e-9 where any may be), or one unit, makes.
CapResult apply_cap(std::span<const CapGroup> groups, const Cap& cap);

}  // namespace alight
