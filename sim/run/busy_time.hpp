// How the time that a replica's engine was busy is divided, by the mean iteration of that time.
//
// An iteration is longer at a lower clock, and longer again on slow chips, for a replica is synchronous over them: what
// they compute at their clock takes 1/slowest as long, what they exchange, and what the host does, no longer. As of
// jobs (sim/runtime/clocked.hpp), of an iteration in which they compute for c at their clock c (1/slowest - mean 1/v)
// is waited for the slowest of them, and c (mean 1/v - 1) more is computed.
#pragma once

#include "models/inference/replica.hpp"
#include "sim/runtime/clocked.hpp"

namespace alight {

/// Seconds; they sum to the time that is divided, but for `slowed_s`.
struct BusyTime {
  double useful_s = 0;      ///< its FLOPs at the peak of its chips
  double exchange_s = 0;    ///< collectives between its chips
  double below_peak_s = 0;  ///< the rest of its work
  double throttled_s = 0;   ///< longer for the clock
  double bucket_s = 0;      ///< waited for slower chips
  double slowed_s = 0;      ///< longer for the speeds of its chips, in below_peak_s and bucket_s; below 0: shorter
};

/// `flops_s`: model FLOPs of that time over the peak. `mean`: its mean iteration at the full clock, `at_clock` at that
/// of its chips. An empty iteration, of which nothing has ended yet, is exchange.
BusyTime divide_busy_time(double busy_s, double flops_s, const IterationParts& mean, const IterationParts& at_clock,
                          const JobSpeeds& speeds);

}  // namespace alight
