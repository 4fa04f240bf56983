// How fast each chip of a run is, 1 being the speed of its kind: drawn for each where a pool says how its chips differ,
// and lower while one has become slow. Nobody who places jobs knows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "models/reliability/slow_chips.hpp"
#include "platforms/site.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/runtime/clocked.hpp"

namespace alight {

/// What the chips of a pool came to in a run.
struct SlowChipsReport {
  double slowest = 1, mean = 1;  ///< at the start
  std::int64_t became_slow = 0;  ///< times
  std::int64_t slow_at_end = 0;  ///< chips that had become slow and were not mended
  double slow_chip_s = 0;        ///< during which chips were so
  double lost_chip_s = 0;        ///< by which jobs took longer, and replicas were busy longer, for their chips' speeds
};

class SlowChips {
 public:
  /// Both outlive this. `drawn`: [pool]; empty: every chip is as its kind. The stream of a pool is "speeds: NAME".
  SlowChips(const Site& site, const Cluster& cluster, const std::vector<std::optional<ChipSpeeds>>& drawn,
            std::uint64_t seed);

  /// A chip goes at `part` of its own speed from now on, as often as it is said; and no longer.
  void fall(ServerIndex server, int chip, double part, double now_s);
  void mend(ServerIndex server, int chip, double part, double now_s);

  /// Of the first `chips` of what a job holds in a pool: those it computes on.
  JobSpeeds of(std::span<const Slice> held, std::int64_t chips) const;
  double speed(ServerIndex server, int chip) const;

  /// A job that held chips of a pool took `chip_s` longer for their speeds, or was busy longer.
  void lost(PoolIndex pool, double chip_s) { lost_chip_s_[pool] += chip_s; }
  /// [pool], by the end of the run.
  std::vector<SlowChipsReport> reports(double end_s) const;

 private:
  void count(PoolIndex pool, double now_s);

  const Cluster& cluster_;
  std::vector<std::vector<double>> own_;  ///< [pool][chip of it]; empty where all are alike
  std::map<std::pair<ServerIndex, int>, std::multiset<double>> fallen_;
  struct Count {
    double slowest = 1, mean = 1;
    std::int64_t became = 0, now = 0;
    double chip_s = 0, since_s = 0;
  };
  std::vector<Count> counts_;  ///< [pool]
  std::vector<double> lost_chip_s_;
};

}  // namespace alight
