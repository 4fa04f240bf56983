// What a cap does: how groups of chips under one limit share it out.
//
// A group is what is alike: chips of one kind doing the same, with what stands around each that a clock does not
// change. The answer is a clock and a number of chips switched off for every group. Nothing here knows of time: the
// caller asks again when a load or a limit changes, and what happens between is its control interval.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/power/clock.hpp"

namespace alight {

struct CapGroup {
  std::int64_t units = 0;
  ChipRatings chip;
  ChipActivity activity;
  double around_w = 0;        ///< beside each chip, whatever its clock: its part of the server, of switches and losses
  double off_w = 0;           ///< of a unit switched off
  std::int64_t priority = 0;  ///< higher ones are spared longer
  double lowest_clock = kLowestClock;  ///< the floor it may be clocked down to; 1: it is left alone
  bool may_switch_off = true;
};

enum class CapPolicy {
  uniform,      ///< one clock for all, no lower than each one's floor
  by_priority,  ///< the lowest priority to its floor first, then the next; one clock within a priority
  switch_off,   ///< whole units off, lowest priority first, groups in the order given; clocks stay
};

struct CappedGroup {
  double clock = 1;
  std::int64_t off = 0;
  double power_w = 0;  ///< of the group
  double time = 1;     ///< of its work over that at full clock, of units that run
};

struct CapResult {
  std::vector<CappedGroup> groups;
  double power_w = 0;
  bool met = true;  ///< power_w is within the limit; if not, this is the least the policy can do
};

/// Units of a group, so many of them off, at a clock.
double group_power_w(const CapGroup& group, double clock, std::int64_t off);

/// Where all run within the limit, nothing changes. A chip never draws more than its TDP. The result is within the
/// limit and no further below it than a clock of 1e-9, or one unit, makes.
CapResult apply_cap(std::span<const CapGroup> groups, double limit_w, CapPolicy policy);

}  // namespace alight
