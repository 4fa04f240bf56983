// When jobs come: a renewal process run on a clock that follows the day and the week.
//
// The process lives in "operational time" u, in which its mean rate is constant; the weekly shape bends u into calendar
// time by the exact inverse of its integral (time change of a point process: Cinlar 1975, Introduction to Stochastic
// Processes, 4.7). No thinning: every draw is an arrival, so the cost is one draw a job.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/describe/description.hpp"
#include "models/random/streams.hpp"

namespace alight {

struct ArrivalSpec {
  enum class Process {
    poisson,  ///< independent arrivals
    gamma,    ///< gaps between arrivals are gamma distributed with coefficient of variation `cv`: bursts where above 1
    batches,  ///< groups at one instant, geometric with mean `batch` jobs, the groups Poisson
  };
  Process process = Process::poisson;
  double cv = 1;
  double batch = 1;
  std::vector<double> hours;   ///< 24 relative weights, midnight first; empty = flat
  std::vector<double> days;    ///< 7 relative weights, Monday first; empty = flat
  std::int64_t first_day = 0;  ///< day of the week of the workload's epoch, 0 = Monday; the epoch is a midnight
  static const Description& description();
};

/// The weekly shape as a clock: operational seconds since the epoch against calendar seconds; both agree at each full
/// week from the epoch.
class WeeklyClock {
 public:
  explicit WeeklyClock(const ArrivalSpec& spec);
  /// Operational time at calendar time `t_s` >= 0.
  double operational(double t_s) const;
  /// Calendar time at operational time `u_s` >= 0: the inverse.
  double calendar(double u_s) const;

 private:
  std::vector<double> rate_;  ///< of each hour of the week from the epoch, mean 1
  std::vector<double> mass_;  ///< operational seconds at the start of each hour; one more for the end of the week
};

/// Exactly `count` arrivals in [0, horizon_s), in order: the process given that it made that many. Uses count + 1 gaps.
std::vector<double> arrivals_over(const ArrivalSpec& spec, std::int64_t count, double horizon_s, Stream& stream);

/// Arrivals in order at a mean rate (per second, over a whole week), ending after `count` jobs or before `horizon_s`,
/// whichever comes first; at least one of the two must be given.
std::vector<double> arrivals_at(const ArrivalSpec& spec, double rate_per_s, std::optional<std::int64_t> count,
                                std::optional<double> horizon_s, Stream& stream);

}  // namespace alight
