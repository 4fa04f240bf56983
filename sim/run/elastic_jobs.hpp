// Training jobs that go on with fewer chips when some of their own break, and grow back.
//
// One that loses chips because of a failure starts again at once, from its last checkpoint, on as many data-parallel
// replicas as there is room for: all of them where free chips, or spares, stand in; else those whose servers are still
// in service. It goes before whoever waits: the chips are its own, and its claim to others is as old as it is. Below
// its least number it waits for all its chips, as any job does. The global batch is kept (TrainingRates::resized()).
//
// On fewer than all it looks every so often for free chips of its pool that nobody waits for. Where there are enough
// for a replica more, it goes on to its next checkpoint and starts anew from that, on as many as there is room for
// then.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>

#include "sim/engine/engine.hpp"
#include "sim/run/admission.hpp"
#include "sim/run/servers_out.hpp"
#include "sim/run/started_jobs.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

class ElasticJobs {
 public:
  struct Hooks {
    /// How often it has started; 0 where it does not run.
    std::function<std::uint32_t(JobIndex)> start;
    /// It trains, and is not done at this instant.
    std::function<bool(JobIndex)> can_grow;
    /// It gives all its chips back, for restart().
    std::function<void(JobIndex)> give_back;
  };
  /// All outlive this.
  ElasticJobs(Engine& engine, const Cluster& cluster, Scheduler& scheduler, Admission& admission, TrainingRates& rates,
              StartedJobs& jobs, const ServersOut& out, Hooks hooks)
      : engine_(engine),
        cluster_(cluster),
        scheduler_(scheduler),
        admission_(admission),
        rates_(rates),
        jobs_(jobs),
        out_(out),
        hooks_(std::move(hooks)) {}

  /// A job gave `held` back because of a failure. True where it has started again; else it asks for all its chips.
  bool goes_on(JobIndex job, const Allocation& held);
  /// A job lost its chips: it asks for all of them, until goes_on() says otherwise. Nothing for one that is not
  /// elastic.
  void all_again(JobIndex job);
  /// It has started.
  void started(JobIndex job);

 private:
  const ElasticSizes* find(JobIndex job) const;
  RequestId request(const ElasticSizes& of, std::int64_t replicas) const {
    return of.requests[static_cast<std::size_t>(replicas - of.least)];
  }
  std::int64_t all(const ElasticSizes& of) const { return of.least + std::ssize(of.requests) - 1; }
  bool fit(const ElasticSizes& of, std::int64_t replicas, PoolIndex pool);
  void ask_for(JobIndex job, const ElasticSizes& of, std::int64_t replicas);
  /// The most replicas above `more_than` that there is room for, on room_; a running job's own chips count as free.
  std::int64_t most(JobIndex job, const ElasticSizes& of, std::int64_t more_than, PoolIndex pool, bool runs);
  /// Of servers that are in service.
  Allocation whole_of(const Allocation& held) const;
  /// The first of them, for so many replicas.
  Allocation first_of(const Allocation& held, const ElasticSizes& of, std::int64_t replicas) const;
  void restart(JobIndex job, const ElasticSizes& of, std::int64_t replicas, const Allocation& on);
  void look_later(JobIndex job);
  void look(std::uint64_t which);
  void grow(std::uint64_t which);
  bool may_grow(JobIndex job, const Allocation& held, PoolIndex pool) const;
  bool is_this(std::uint64_t which) const { return hooks_.start(static_cast<JobIndex>(which)) == which >> 32; }

  Engine& engine_;
  const Cluster& cluster_;
  Scheduler& scheduler_;
  Admission& admission_;
  TrainingRates& rates_;
  StartedJobs& jobs_;
  const ServersOut& out_;
  Hooks hooks_;
  Allocation room_;
  struct Waits {
    double kept = 0;  ///< work kept when it was to wait for its next checkpoint
    int looks = 0;    ///< for that checkpoint
  };
  std::unordered_map<JobIndex, Waits> waits_;
};

/// Whether some job of the workload is elastic.
bool any_elastic(const Workload& workload);

}  // namespace alight
