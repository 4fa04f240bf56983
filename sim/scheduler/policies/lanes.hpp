// The waiting jobs of a backfilling policy: lanes of jobs alike in queue, priority and pools, each in order of
// submission, with the least size and least requested time of every block of 64, so that the jobs that cannot be
// started are passed over a block at a time.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <tuple>
#include <vector>

#include "sim/scheduler/scheduler.hpp"

namespace alight {

/// One lane. Positions are stable between calls of add(), which may compact.
class Lane {
 public:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  std::uint16_t queue = 0;
  std::int32_t priority = 0;
  std::uint32_t eligible = 0;

  /// `chips` is what free chips must cover (0 for shares and processor jobs), `time_s` the least its requested time
  /// can be on any pool. A job that waits again takes its old place.
  void add(JobIndex job, std::int64_t chips, double time_s);
  void remove(std::size_t position);
  /// Where a waiting job stands.
  std::size_t position(JobIndex job) const;
  bool empty() const { return live_ == 0; }
  JobIndex job(std::size_t position) const { return jobs_[position]; }

  /// The first waiting job at or after `from` that needs at most `chips` and either ends within `window_s` or needs at
  /// most `spare`; kNone when there is none.
  std::size_t next(std::size_t from, std::int64_t chips, double window_s, std::int64_t spare) const;

 private:
  static constexpr std::size_t kBlock = 64;
  static constexpr std::int32_t kGone = std::numeric_limits<std::int32_t>::max();
  struct Least {
    std::int32_t chips = kGone;
    double time_s = std::numeric_limits<double>::infinity();
  };
  void compact();
  void insert(JobIndex job, std::int64_t chips, double time_s);
  void take(Lane& packed);

  std::vector<JobIndex> jobs_;
  std::vector<std::int32_t> chips_;  ///< kGone where the job has left
  std::vector<double> times_s_;
  std::vector<Least> blocks_;
  std::size_t first_ = 0;  ///< everything before it has left
  std::size_t live_ = 0;
};

/// All lanes of a policy, made on demand.
class Lanes {
 public:
  void add(JobIndex job, const Scheduler& scheduler);
  /// A job that waits.
  void remove(JobIndex job, const Scheduler& scheduler);
  std::vector<Lane>& all() { return lanes_; }

 private:
  using Kind = std::tuple<std::uint16_t, std::int32_t, std::uint32_t>;
  static Kind kind(JobIndex job, const Scheduler& scheduler) {
    const Candidate& c = scheduler.job(job);
    return {c.queue, c.priority, scheduler.request(job).eligible};
  }
  std::map<Kind, std::size_t> index_;
  std::vector<Lane> lanes_;
};

}  // namespace alight
