#include "sim/scheduler/preemption.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "sim/scheduler/scheduler.hpp"

namespace alight {
namespace {

/// Chips are given back, and taken again, on a copy of the cluster's state.
class Clearing {
 public:
  Clearing(const Scheduler& s, JobIndex job, std::span<const PoolIndex> pools)
      : s_(s), job_(job), pools_(pools), cluster_(s.cluster()) {}

  void free(JobIndex victim) { cluster_.release(s_.request(victim), s_.allocation(victim)); }
  void give_back(JobIndex victim) { cluster_.allocate(s_.request(victim), s_.allocation(victim)); }
  bool fits() const {
    const ChipRequest& want = s_.request(job_);
    if (want.mixed == 0)
      return std::any_of(pools_.begin(), pools_.end(), [&](PoolIndex p) { return cluster_.fits(want, p); });
    const auto parts = s_.parts(job_);
    return std::all_of(parts.begin(), parts.end(),
                       [&](const RequestPart& part) { return cluster_.fits(s_.requests()[part.request], part.pool); });
  }

 private:
  const Scheduler& s_;
  JobIndex job_;
  std::span<const PoolIndex> pools_;
  Cluster cluster_;
};

/// Those that may be preempted, in the order in which they are.
std::vector<JobIndex> candidates(const Scheduler& s, JobIndex job, std::span<const PoolIndex> pools,
                                 const std::function<bool(JobIndex)>& may) {
  std::vector<JobIndex> list;
  for (const PoolIndex p : pools)
    for (const Running& run : s.running(p))
      if (s.job(run.job).preemptible && s.job(run.job).priority < s.job(job).priority && may(run.job))
        list.push_back(run.job);
  std::sort(list.begin(), list.end(), [&](JobIndex a, JobIndex b) {
    return std::make_tuple(s.job(a).priority, -s.started_s(a), b) <
           std::make_tuple(s.job(b).priority, -s.started_s(b), a);
  });
  list.erase(std::unique(list.begin(), list.end()), list.end());  // a mixed job lies in several pools
  return list;
}

/// False where even all of them hold too little of some pool, so that nothing need be tried.
bool enough(const Scheduler& s, const ChipRequest& want, PoolIndex p, std::span<const JobIndex> victims) {
  std::int64_t milli = s.cluster().free_milli(p);
  for (const JobIndex victim : victims)
    for (const Slice& slice : s.allocation(victim))
      if (s.cluster().pool_of(slice.server) == p) milli += slice.milli();
  return milli >= want.chips * want.chip_milli;
}

std::optional<std::vector<JobIndex>> victims_in(const Scheduler& s, JobIndex job, std::span<const PoolIndex> pools,
                                                const std::function<bool(JobIndex)>& may) {
  const std::vector<JobIndex> order = candidates(s, job, pools, may);
  if (order.empty()) return std::nullopt;
  if (s.request(job).mixed == 0 && !enough(s, s.request(job), pools.front(), order)) return std::nullopt;
  for (const RequestPart& part : s.parts(job))
    if (!enough(s, s.requests()[part.request], part.pool, order)) return std::nullopt;
  Clearing clearing(s, job, pools);
  std::size_t taken = 0;
  while (taken < order.size() && !clearing.fits()) clearing.free(order[taken++]);
  if (!clearing.fits()) return std::nullopt;
  std::vector<JobIndex> victims;
  for (std::size_t i = taken; i-- > 0;) {
    clearing.give_back(order[i]);
    if (clearing.fits()) continue;
    clearing.free(order[i]);
    victims.push_back(order[i]);
  }
  return victims;
}

}  // namespace

std::optional<std::vector<JobIndex>> find_victims(const Scheduler& s, JobIndex job, std::span<const PoolIndex> pools,
                                                  const std::function<bool(JobIndex)>& may) {
  if (s.request(job).mixed != 0) return victims_in(s, job, s.pools(job), may);
  std::optional<std::vector<JobIndex>> best;
  const auto cost = [&](const std::vector<JobIndex>& victims) {
    std::int32_t highest = std::numeric_limits<std::int32_t>::min();
    for (const JobIndex victim : victims) highest = std::max<std::int32_t>(highest, s.job(victim).priority);
    return std::make_pair(highest, victims.size());
  };
  for (const PoolIndex p : pools) {
    auto victims = victims_in(s, job, {&p, 1}, may);
    if (victims && (!best || cost(*victims) < cost(*best))) best = std::move(victims);
  }
  return best;
}

}  // namespace alight
