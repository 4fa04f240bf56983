// From a failure to the server's return: found, drained, mended by a crew that is free, back. And how many spares that
// takes.
//
// What crews and spares do in the long run is the machine repairman's queue (C. Palm 1947; Feller, "An Introduction to
// Probability Theory and Its Applications" I, 3rd ed., section XVII.7): of n servers k are down, failing at
// (n - k) x rate and mended at min(k, crews) / repair time. Exact for exponential times; with a crew for each, the law
// depends on the mean repair time alone.
#pragma once

#include <cstdint>
#include <limits>
#include <queue>
#include <vector>

namespace alight {

/// Crews that mend servers, first come, first served. Every call gives its answer at once: those who come later do not
/// change it.
class RepairCrews {
 public:
  /// `crews` 0: as many as there is need for.
  explicit RepairCrews(std::int64_t crews) : crews_(crews) {}

  struct Visit {
    double begins_s = 0;  ///< a crew takes it up
    double back_s = 0;
  };
  /// A server that is empty and waits from `at_s` on, in order of at_s; the work takes `repair_s`.
  Visit take(double at_s, double repair_s);

 private:
  std::int64_t crews_;
  std::priority_queue<double, std::vector<double>, std::greater<>> busy_until_;
};

/// What precedes the crew's work, and follows it.
struct RepairSteps {
  double detection_s = 0;  ///< until somebody knows
  double drain_s = 0;      ///< until those who still run there are gone
  double repair_s = 0;     ///< of the crew
  double return_s = 0;     ///< tests before it is taken into service again
};
/// When a server that fails at `failed_s` is back.
double back_in_service_s(RepairCrews& crews, const RepairSteps& steps, double failed_s);

/// Servers of one kind in the long run.
struct RepairLoad {
  std::int64_t servers = 0;
  double failures_per_year = 0;  ///< of one server in use
  double repair_s = 0;           ///< mean, of a crew
  std::int64_t crews = 0;        ///< 0: as many as there is need for
};

/// [k]: the share of time in which k servers are down, waiting ones included. Sums to 1.
std::vector<double> down_distribution(const RepairLoad& load);
/// Mean number of servers down.
double mean_down(const RepairLoad& load);
/// Fewest spares so that `needed` servers work for at least `availability` of the time, all servers counting as in use;
/// nothing within `most` is -1.
std::int64_t spares_needed(std::int64_t needed, RepairLoad load, double availability, std::int64_t most = 100000);

}  // namespace alight
