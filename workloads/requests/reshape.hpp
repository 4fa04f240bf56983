// Making another trace of one: a window of it, another mean rate, more requests than it has.
//
// Two ways to another rate are offered, and neither adds or drops arrivals at random. Leaving out requests by lot
// brings any process nearer to Poisson, and laying copies of a trace over each other does the same (Daley and
// Vere-Jones 2003, An Introduction to the Theory of Point Processes, 11.2 and 11.3): both would lose the bursts a trace
// is replayed for. What is scaled instead is time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "workloads/requests/request.hpp"

namespace alight {

/// Keeps the requests of [from_s, to_s), moved so that from_s becomes 0.
void cut_window(RequestTrace& trace, double from_s, double to_s);

/// Keeps the requests of the given kinds (names in RequestTrace::kinds).
void keep_kinds(RequestTrace& trace, const std::vector<std::string>& kinds);

/// Mean rate from the first to the last arrival; nothing where there is none: fewer than two instants.
std::optional<double> mean_rate_per_s(const RequestTrace& trace);

/// Multiplies all times so that the mean rate is `rate_per_s`. Every gap keeps its share of the mean gap: the
/// coefficient of variation of gaps, their order and the index of dispersion (in windows of as many mean gaps) stay
/// exactly; a day of the trace becomes shorter or longer than a day. The trace has a mean rate.
void stretch_to_rate(RequestTrace& trace, double rate_per_s);

/// What a copy of a trace holds of its blocks.
enum class CopiedBlocks {
  fresh,  ///< blocks of its own: nobody asks the same again
  same,   ///< the same: every request of a copy finds its prompt in an infinite cache
};

/// Brings the mean rate to `rate_per_s` and keeps the span of the trace and the shape of its hours: in operational
/// time, where each hour of the trace lasts as long as it has requests, arrivals come at a steady rate in their own
/// bursts; these gaps are scaled as by stretch_to_rate and the hours laid back over them. A higher rate goes through
/// the trace more than once, a lower one uses its beginning. The trace has a mean rate.
void refill_to_rate(RequestTrace& trace, double rate_per_s, CopiedBlocks blocks);

/// Appends copies of the whole trace, one every `period_s`, until there are `requests` of them or the next would come
/// at or after `until_s`. Sessions of a copy are its own.
void repeat(RequestTrace& trace, double period_s, std::uint64_t requests, double until_s, CopiedBlocks blocks);

/// How long a trace lasts when it is gone through again and again: from its first to its last arrival and one mean gap
/// on, so that the rate stays what it is.
double period_of(const RequestTrace& trace);

/// Drops all requests but the first `requests` of those before `until_s`.
void cut(RequestTrace& trace, std::uint64_t requests, double until_s);

/// Names the blocks still in use 0, 1, 2 ... in the order of their names, and drops from the pool's ends what no
/// request holds.
void compact_blocks(RequestTrace& trace);

}  // namespace alight
