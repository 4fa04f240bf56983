// What a run knows of its jobs that have started: since when, at which rate, since when they train, how long they stood
// still; and from that the course each is on, and what is written of it.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "sim/network/link_users.hpp"
#include "sim/record/recorder.hpp"
#include "sim/run/admission.hpp"
#include "sim/run/held_parts.hpp"
#include "sim/run/paces.hpp"
#include "sim/run/preempted_jobs.hpp"
#include "sim/run/services.hpp"
#include "sim/runtime/parallel.hpp"

namespace alight {

class StartedJobs {
 public:
  /// All outlive this. Jobs known by their durations keep what they have done every `checkpoint_s` of it.
  StartedJobs(const Site& site, const Workload& workload, const Admission& admission, TrainingRates& rates,
              double checkpoint_s);
  /// Links that jobs share, jobs that are played over routes, services; each may be null.
  void attach(const LinkUsers* links, const ParallelJobs* parallel, const RunningServices* services);

  // -- Of any job
  bool mixed(JobIndex j) const { return workload_.jobs[j].mix != 0; }
  bool parallel(JobIndex j) const { return workload_.jobs[j].type == JobType::parallel; }
  bool trains(JobIndex j) const { return workload_.jobs[j].type == JobType::training; }
  bool serves(JobIndex j) const { return workload_.jobs[j].type == JobType::service; }

  /// Of the span from idle to the limit, what chips of each job draw where nobody can see into it: by job, or empty
  /// where they draw what the pool says.
  void draw_unseen(std::vector<double> shares) { unseen_share_ = std::move(shares); }
  /// Below 0: what the pool says.
  double unseen_share(JobIndex j) const { return unseen_share_.empty() ? -1 : unseen_share_[j]; }

  // -- Of an elastic one
  /// It starts with so many replicas next; of one that is not elastic, nothing.
  void resize(JobIndex j, std::int64_t replicas);
  std::int64_t replicas(JobIndex j) const;
  /// Whether its owner says how long it takes.
  bool states_estimate(JobIndex j) const { return workload_.jobs[j].estimate_s > 0; }
  /// Chips it computes on.
  std::int64_t chips(JobIndex j) const;
  /// Seconds until its next checkpoint is written, as things stand; infinite where it writes none.
  double to_checkpoint_s(JobIndex j, PoolIndex p, double now_s) const;

  // -- Of a started one, until it has ended
  /// Starts on what `held` saw last.
  void start(JobIndex j, const HeldParts& held, double now_s);
  /// Its start-up is over: it trains, or runs as traced.
  void first_step(JobIndex j, double now_s);
  double start_s(JobIndex j) const { return start_s_[j]; }
  /// Of one that trains; of several pools, all together.
  const TrainingRate& rate(JobIndex j) const { return *rate_of_[j]; }
  const MixedRate& mix(JobIndex j) const { return *mixed_of_[j]; }
  /// Of one in several pools: how the chips of a part spend their time, at their clock and with their speeds.
  const Split& part_split(JobIndex j, std::size_t part) const;
  /// What it has to load before it trains, or serves; null where nothing.
  const TrainingRate* load(JobIndex j) const;
  /// Null where it uses no shared link.
  const LinkUse* link_use(JobIndex j) const { return links_ ? links_->find(j) : nullptr; }
  Paces& paces() { return paces_; }
  const Paces& paces() const { return paces_; }
  /// How its chips spend their time at the full clock, were all of the speed of their kind, while nobody else holds it
  /// up; of a replica, at most. Nothing of one that cannot be clocked down. Its first pool is `p`.
  const Split* at_full_clock(JobIndex j, PoolIndex p) const;
  /// The same of a part of one that is to start on what `held` saw last, or has.
  const Split* at_full_clock_on(JobIndex j, const HeldParts& held, std::size_t part);
  /// Of one that can be clocked down: how chips of its part in a pool would spend their time at a clock, with the
  /// speeds they have.
  Split at_clock_in(JobIndex j, PoolIndex p, double clock) const;
  /// Its chips go at a clock from now on; their speeds are others. Not before its first step begins; not
  /// of a replica.
  void clock(JobIndex j, PoolIndex p, double clock, double now_s) { go(j, p, clock, now_s); }
  void speed(JobIndex j, PoolIndex p, PartSpeeds speeds, double now_s);
  /// Of its chips, by part; empty where all are as their kind.
  const PartSpeeds& speeds(JobIndex j) const;
  /// Chips it computes on in a part.
  std::int64_t chips(JobIndex j, std::size_t part) const;
  /// Of one that trains in one pool, at the clock it goes at, on the chips it has.
  const TrainingRate& rate_now(JobIndex j) const;
  /// It has ended.
  void forget(JobIndex j);
  PreemptedJobs& preempted() { return preempted_; }
  const PreemptedJobs& preempted() const { return preempted_; }
  /// What its chips do while its time is divided so: again, while it does lost work again, and with their own draw.
  Split as_done(JobIndex j, const Split& course) const {
    return (preempted_.redoes(j) ? course.redone() : course).drawing(unseen_share(j));
  }

  /// Work done by `now_s` at all its starts, without what was lost: tokens trained, else seconds as traced. Its first
  /// pool is `p`.
  double done(JobIndex j, PoolIndex p, double now_s) const;
  /// More of it in a second, as things stand.
  double pace(JobIndex j, PoolIndex p) const;
  /// Of that work, what is not lost if it loses its chips now.
  double kept(JobIndex j, PoolIndex p, double now_s) const;
  /// It lost its chips, and waits again; `start` says of what became of the start that is over.
  void preempt(JobIndex j, PoolIndex p, const JobRecord& start, PreemptedJobs::By by);
  /// Requested time for its next start, where it states none itself: what is predicted of the rest.
  double predicted_s(JobIndex j, std::span<const PoolIndex> pools);

  /// Tokens trained by `now_s`.
  double trained(JobIndex j, double now_s) const;
  /// From its start to its end as things stand at `now_s`. Its first pool is `p`.
  Course course(JobIndex j, PoolIndex p, double now_s) const;
  /// Of the job that `held` saw last, which holds `allocation`. All outlive the record.
  JobRecord record(JobIndex j, JobStatus status, double finish_s, const HeldParts& held,
                   const Allocation& allocation) const;

 private:
  void go(JobIndex j, PoolIndex p, double clock, double now_s);
  /// Of one in one pool.
  Clocked clocked(JobIndex j, PoolIndex p, double clock, const PartSpeeds& speeds) const;
  /// From its start to its first step: as it was, or as it is expected.
  double begins_s(JobIndex j, double now_s) const;
  double slowdown(JobIndex j, PoolIndex p) const { return admission_.slowdown[admission_.candidates[j].speed][p]; }
  /// Steps between two checkpoints, and seconds one takes beside the steps; 0 steps where none is written.
  struct Checkpointing {
    double in_a_step = 0, behind_s = 0;
  };
  Checkpointing checkpointing(JobIndex j) const;
  TrainingRates::Kind kind_of(JobIndex j);

  const Site& site_;
  const Workload& workload_;
  const Admission& admission_;
  TrainingRates& rates_;
  double checkpoint_s_;
  const LinkUsers* links_ = nullptr;
  const ParallelJobs* parallel_ = nullptr;
  const RunningServices* services_ = nullptr;
  std::vector<double> unseen_share_;          ///< [job], or empty
  std::vector<double> start_s_;               ///< [job]
  std::vector<double> begin_s_;               ///< [job], from its start to its first step; as rate_of_
  std::vector<bool> begun_;                   ///< [job], likewise
  std::vector<const TrainingRate*> rate_of_;  ///< [job], of training ones; empty where no job trains
  /// Of elastic ones that have fewer than all.
  std::unordered_map<JobIndex, std::int64_t> replicas_;
  std::vector<const MixedRate*> mixed_of_;  ///< [job], of those of several pools; empty where there is none
  Paces paces_;
  /// Where links are shared. The rate before stays until those who share links have the new one.
  struct ClockedRate {
    std::unique_ptr<const TrainingRate> now, before;
  };
  std::unordered_map<JobIndex, ClockedRate> clocked_rates_;
  std::unordered_map<JobIndex, const ClockedMix*> clocked_mixes_;
  std::unordered_map<JobIndex, PartSpeeds> speeds_;
  PreemptedJobs preempted_;
};

}  // namespace alight
