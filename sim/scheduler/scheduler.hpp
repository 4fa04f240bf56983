// The waiting and the running jobs, and the rules that hold for every policy: quotas, the feasibility test, gang
// allocation. A policy (policy.hpp) says which waiting job goes next; a placement (placement.hpp) says where.
//
// A job lies in one of the pools that may run it. One whose request is mixed (request.hpp) lies in all of them, each
// part where the placement puts it: it starts when every part has room at once, or not at all, and frees all at its
// end.
//
// Jobs are known by their place in the workload, which is the order of submission: JobIndex 3 was submitted before 4.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/cluster/request.hpp"
#include "sim/scheduler/placement.hpp"
#include "sim/scheduler/preemption.hpp"

namespace alight {

class Policy;

/// What the scheduler needs to know of a job. Kept small: there is one for every job of the workload.
struct Candidate {
  RequestId request = 0;
  std::uint16_t queue = 0;
  std::int16_t priority = 0;  ///< larger goes first
  double estimate_s = 0;      ///< requested time on the chip it was traced on
  std::uint32_t speed = 0;    ///< row of the speed table, see Scheduler::slowdown()
  bool preemptible = false;
};

/// A virtual cluster's queue: who waits in it shares its quota.
struct Queue {
  std::string name;
  /// Chips its jobs may hold at once, in thousandths; the largest integer where there is no quota.
  std::int64_t quota_milli = std::numeric_limits<std::int64_t>::max();
  std::int64_t used_milli = 0;
  bool limited() const { return quota_milli != std::numeric_limits<std::int64_t>::max(); }
};

/// A running job as backfilling sees it: when its requested time is over and what that frees.
struct Running {
  double estimated_end_s;
  JobIndex job;
  std::int64_t chips;  ///< whole chips it holds; 0 for shares and processor jobs
  bool operator<(const Running& o) const {
    return estimated_end_s != o.estimated_end_s ? estimated_end_s < o.estimated_end_s : job < o.job;
  }
};

class Scheduler {
 public:
  /// The pool is the first where a job lies in several.
  using Started = std::function<void(JobIndex, PoolIndex, const Allocation&)>;
  using TurnedAway = std::function<void(JobIndex)>;

  /// `slowdown[row][pool]`: run time on a pool over run time as traced. `started` hears of every start,
  /// `turned_away` of every job a policy gives up.
  Scheduler(Cluster& cluster, const ChipRequests& requests, std::span<const Candidate> jobs, std::vector<Queue> queues,
            std::vector<std::vector<double>> slowdown, std::unique_ptr<Policy> policy,
            std::unique_ptr<Placement> placement, Started started, TurnedAway turned_away);
  ~Scheduler();
  /// Jobs may be preempted. Called before any is submitted.
  void let_preempt(Preempting preempting);
  /// Whether a job may start on chips that are free once jobs `freed` have given back theirs: for want of something
  /// else than room. Where it may not, it waits as if there were none. Called before any is submitted.
  using MayStart = std::function<bool(JobIndex, const Allocation& on, std::span<const JobIndex> freed)>;
  void let_refuse(MayStart may_start) { may_start_ = std::move(may_start); }

  // -- Told by the run
  void submit(JobIndex job);
  /// A waiting job is needed no longer.
  void withdraw(JobIndex job);
  void finished(JobIndex job);
  /// A running job lost its chips, and is submitted again by and by.
  void lost(JobIndex job) { take_back(job); }
  /// Where in a pool a job could restart(), by its request as it is now: on what is free in `cluster`, which may be
  /// without the `held_milli` that it still runs on. Its queue's quota counts.
  bool find_again(JobIndex job, PoolIndex p, const Cluster& cluster, std::int64_t held_milli, Allocation& out);
  /// Whether a job that gave its chips back may start on these, which are free.
  bool may_start(JobIndex job, const Allocation& on) const { return !may_start_ || may_start_(job, on, {}); }
  /// A job that was told to be finished() starts again on chips that are free, now, before anyone who waits.
  void restart(JobIndex job, const Allocation& on, double now_s);
  /// Asks the policy, once all events of this instant are in; again after each time it preempted some, with those
  /// waiting.
  void decide(double now_s);

  std::size_t waiting() const { return waiting_; }
  /// Waiting jobs that may run on this pool.
  std::int64_t waiting_for(PoolIndex p) const { return waiting_for_[p]; }
  const Allocation& allocation(JobIndex job) const { return allocations_[slot_of_[job]]; }

  // -- Asked by policies
  double now() const { return now_; }
  const Candidate& job(JobIndex j) const { return jobs_[j]; }
  const ChipRequest& request(JobIndex j) const { return requests_[jobs_[j].request]; }
  std::span<const PoolIndex> pools(JobIndex j) const { return requests_.pools(jobs_[j].request); }
  const ChipRequests& requests() const { return requests_; }
  const Cluster& cluster() const { return cluster_; }
  const std::vector<Queue>& queues() const { return queues_; }
  double slowdown(std::uint32_t row, PoolIndex p) const { return slowdown_[row][p]; }
  double estimate_on(JobIndex j, PoolIndex p) const { return jobs_[j].estimate_s * slowdown_[jobs_[j].speed][p]; }
  /// The least any pool scales a run time of this row by.
  double least_slowdown(std::uint32_t row) const { return least_slowdown_[row]; }
  /// What a mixed job asks of each pool; none of others.
  std::span<const RequestPart> parts(JobIndex j) const { return requests_.parts(jobs_[j].request); }
  /// Running jobs of a pool by the end of their requested time, with the chips they hold in it. One that has outrun it
  /// counts as ending now.
  const std::set<Running>& running(PoolIndex p) const { return running_[p]; }
  /// Running jobs of a queue, likewise; kept for queues with a quota only.
  const std::set<Running>& running_of_queue(std::size_t queue) const { return running_of_queue_[queue]; }
  /// Thousandths of chips the job will hold, for quotas.
  std::int64_t milli(JobIndex j) const {
    const ChipRequest& want = request(j);
    return want.mixed == 0 ? cluster_.most_held_milli(want, pools(j)) : milli_of_parts(j);
  }
  std::int64_t milli(const RequestPart& part) const {
    return cluster_.most_held_milli(requests_[part.request], {&part.pool, 1});
  }
  bool within_quota(JobIndex j) const {
    const Queue& q = queues_[jobs_[j].queue];
    return milli(j) <= q.quota_milli - q.used_milli;
  }
  /// Whether there is room now in one of the pools; for all parts of a mixed job, whatever `pools`. A request that
  /// found none is not tried again before a release.
  bool fits(JobIndex j, std::span<const PoolIndex> pools);
  /// Finds chips in one of `pools` as the placement likes; false when there is no room. Nothing is taken yet.
  bool find(JobIndex j, std::span<const PoolIndex> pools, Allocation& out);
  /// Starts a waiting job, now, on chips found by find().
  void start(JobIndex j, const Allocation& allocation);
  /// find() and start() in one.
  bool try_start(JobIndex j, std::span<const PoolIndex> pools);
  /// As try_start(), on all the job's pools, when its quota allows; by preempting others where there is no room.
  bool try_start(JobIndex j) { return within_quota(j) && (try_start(j, pools(j)) || start_by_preempting(j, pools(j))); }

  // -- Preemption (preemption.hpp)
  /// Whether a job is running that this one may take chips from.
  bool outranks(JobIndex j) const { return outranks(jobs_[j].priority); }
  bool outranks(std::int32_t priority) const {
    return !preemptible_running_.empty() && preemptible_running_.begin()->first < priority;
  }
  /// Takes the chips that a waiting job lacks in one of `pools` from jobs of lower priority, and starts it; false, and
  /// nothing happens, where that cannot be, or where there is room as it is. Quotas are not looked at. The policy hears
  /// of those who wait again when it has decided.
  bool start_by_preempting(JobIndex j, std::span<const PoolIndex> pools);
  /// Whether jobs were preempted since the policy was asked. It starts no more until it has heard of them, and is asked
  /// again.
  bool asks_again() const { return !preempted_.empty(); }
  /// When a running job started; kept where jobs may be preempted.
  double started_s(JobIndex j) const { return started_s_[j]; }

  /// Gives up a waiting job for good.
  void turn_away(JobIndex j);

 private:
  std::int64_t milli_of_parts(JobIndex j) const;
  bool fits(RequestId id, PoolIndex p);
  bool place(const ChipRequest& request, std::span<const PoolIndex> pools, const Cluster& cluster, Allocation& out);
  bool find_room(JobIndex j, std::span<const PoolIndex> pools, const Cluster& cluster, Allocation& out);
  /// Whether it may start where it would lie once `victims` are gone: on tried_.
  bool may_start_without(std::span<const JobIndex> victims, JobIndex j, std::span<const PoolIndex> pools);
  bool tried_in_vain(RequestId request, PoolIndex p) const;
  void count_waiting(JobIndex j, int sign);
  void take_back(JobIndex j);

  Cluster& cluster_;
  const ChipRequests& requests_;
  std::span<const Candidate> jobs_;
  std::vector<Queue> queues_;
  std::vector<std::vector<double>> slowdown_;
  std::vector<double> least_slowdown_;
  std::unique_ptr<Policy> policy_;
  std::unique_ptr<Placement> placement_;
  Started started_;
  TurnedAway turned_away_;
  double now_ = 0;
  std::size_t waiting_ = 0;
  std::vector<std::int64_t> waiting_for_;            ///< [pool]
  std::vector<std::set<Running>> running_;           ///< [pool]
  std::vector<std::set<Running>> running_of_queue_;  ///< [queue], only where limited
  std::vector<double> estimated_end_;                ///< [job], of running ones
  std::vector<std::uint32_t> slot_of_;               ///< [job] -> allocations_, of running ones
  std::vector<Allocation> allocations_;
  std::vector<std::uint32_t> free_slots_;
  /// Releases of the pool when a request last found no room there, plus one; 0 = never. [pool][request]
  std::vector<std::vector<std::uint64_t>> in_vain_;
  Allocation found_, part_, tried_;
  Preempting preempting_;
  MayStart may_start_;
  std::vector<double> started_s_;                             ///< [job]; empty where none may be preempted
  std::map<std::int32_t, std::int64_t> preemptible_running_;  ///< how many by priority; likewise
  std::vector<JobIndex> preempted_;                           ///< since the policy was last asked
};

}  // namespace alight
