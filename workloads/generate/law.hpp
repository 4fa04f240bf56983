// The joint law of status, size and duration of a generator, tabulated: what both the draws and the exact expectations
// are computed from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workloads/generate/generator.hpp"

namespace alight {

struct JobLaw {
  struct Cell {
    double share;  ///< of the status' jobs
    double up_to;  ///< cumulative share, 1 for the last
    std::int64_t chips;
    DurationLaw duration;
  };
  struct Status {
    std::string name;
    TraceStatus status;
    double share;  ///< of all jobs
    double up_to;
    std::vector<Cell> sizes;  ///< ascending
  };
  std::vector<Status> statuses;  ///< by name

  /// `spec` is resolved.
  explicit JobLaw(const GeneratorSpec& spec);
};

/// What the law says of a job, without drawing one. Exact up to rounding to the resolution, which it leaves out.
struct Expectation {
  double chips = 0;       ///< mean
  double duration_s = 0;  ///< mean
  double median_s = 0;    ///< median duration
  double median_chips = 0;
  double chip_s = 0;    ///< mean chip-seconds
  double one_chip = 0;  ///< share of jobs of one chip
  struct Part {
    std::string status;
    double share = 0;         ///< of the jobs
    double chip_s_share = 0;  ///< of the chip-seconds
  };
  std::vector<Part> statuses;  ///< by name
};

Expectation expectation(const GeneratorSpec& spec);
/// P(duration <= t_s) over all jobs.
double duration_cdf(const JobLaw& law, double t_s);

}  // namespace alight
