// When there will be room for the job that waits longest, by the requested times of those that run.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/scheduler/scheduler.hpp"

namespace alight {

inline constexpr double kForever = std::numeric_limits<double>::infinity();
inline constexpr std::int64_t kPlenty = std::numeric_limits<std::int64_t>::max();

/// What the head of a queue is promised. It binds jobs in its pool, and jobs of its queue when the quota is what it
/// waits for.
struct Reservation {
  std::uint16_t queue = 0;
  PoolIndex pool = 0;
  double shadow_s = kForever;
  std::int64_t spare_chips = 0;              ///< of the pool at the shadow time
  std::int64_t spare_quota_milli = kPlenty;  ///< of the queue at the shadow time
  bool plain = true;
  /// Where not plain: units of the request each server of the pool could hold at the shadow time.
  std::vector<std::int64_t> units;
};

/// Running jobs are counted free in the order of their ends until `job`, whose request is plain, fits into `p`, and all
/// that end by `from_s`, before which it cannot start. kForever where it never does.
Reservation when_chips_are_free(const Scheduler& s, JobIndex job, PoolIndex p, double from_s);

/// The same for a request that counting chips does not decide: the running jobs' servers are freed one after another on
/// a copy of the cluster's state, and every server is asked how much of the request it could hold.
Reservation when_it_fits(const Scheduler& s, const ChipRequest& want, PoolIndex p, double from_s);

/// The one of the two that the request calls for, of a job that lies in one pool.
Reservation when_room(const Scheduler& s, JobIndex job, PoolIndex p, double from_s);

/// When the job's queue will have quota for it; -kForever where it has.
double when_quota_is_free(const Scheduler& s, JobIndex job);

using Slices = std::span<const Slice>;

template <class Call>
void for_each_server(Slices slices, const Call& call) {
  for (const Slice& slice : slices)
    for (ServerIndex i = 0; i < slice.servers; ++i) call(slice.server + i);
}

}  // namespace alight
