// How the chips of a job that lies in several pools spend their time, part by part, and what lower clocks, and chips
// that are slower or faster than their kind, make of it.
//
// Parts wait for each other, so that what a clock or a slow chip costs depends on whose it is: the step is predicted
// anew (models/training/mixed.hpp) with the chips of every part at the clock (models/power/clock.hpp) and its stages
// at the pace of the slowest chip of the part, in the layout it has. What of that is longer computing is `throttled`
// and, on slow chips, as sim/runtime/clocked.hpp has it; what a part that had time to spare waits less is less
// `bucket`.
#pragma once

#include <span>
#include <vector>

#include "sim/runtime/clocked.hpp"
#include "sim/runtime/mixed_training.hpp"

namespace alight {

/// At the full clock. `rate` is fit, and knows all but this.
std::vector<Split> part_splits(const MixedRate& rate);
/// Over all chips, `held` of each part.
Split mean_split(std::span<const Split> splits, std::span<const std::int64_t> held);

ClockedMix at_clock(const MixedRate& rate, double clock, const PartSpeeds& speeds);

}  // namespace alight
