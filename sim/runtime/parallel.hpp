// Jobs of type parallel on their chips: task after task, each at the pace of what it computes and of the links it
// shares with others. What a task shares with nobody ends at a time known when it begins; the others are SimGrid's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/engine/engine.hpp"
#include "sim/engine/shared_tasks.hpp"
#include "sim/runtime/runtime.hpp"
#include "workloads/parallel_work.hpp"

namespace alight {

/// The works of a workload's parallel jobs, each read once.
class ParallelWorks {
 public:
  explicit ParallelWorks(const Workload& workload) : names_(workload.names), by_id_(names_.size()) {}
  const ParallelWork& of(const Job& job);

 private:
  const Names& names_;
  std::vector<std::unique_ptr<ParallelWork>> by_id_;
};

bool has_parallel(const Workload& workload);

class ParallelJobs {
 public:
  /// Called in turn `runtime` when the job's last task is done, or its requested time is over.
  using Ended = std::function<void(JobIndex)>;

  /// All outlive this; `routes` are of the platform in the engine's SimGrid.
  ParallelJobs(Engine& engine, TaskRoutes& routes, const Workload& workload, const Cluster& cluster, Ended ended);

  /// What runs longer than traces may state has no end worth waiting for: it fails then.
  static constexpr double kLongestS = 1e10;

  /// A job begins, now. Its ranks are its chips by ascending number of their server.
  void start(JobIndex job, const Allocation& held);
  /// How a started job spends its time, and why it ended once that was told.
  Course course(JobIndex job) const;

 private:
  struct Running {
    const ParallelWork* work = nullptr;
    std::vector<TaskRank> ranks;
    TaskDemand demand;  ///< of the task at hand
    std::size_t stage = 0;
    std::int64_t round = 0;
    double deadline_s = 0;
  };
  void begin(JobIndex job, Running& run);
  void moves(std::uint64_t job);
  void stage_done(std::uint64_t job);
  void expire(std::uint64_t job);
  void task_ended(JobIndex job, SharedTasks::Outcome outcome);
  void post_end(JobIndex job, const Running& run, double end_s);
  Running& running(std::uint64_t job) { return running_[slot_of_[job]]; }

  Engine& engine_;
  TaskRoutes& routes_;
  const Workload& workload_;
  const Cluster& cluster_;
  Ended ended_;
  ParallelWorks works_;
  SharedTasks tasks_;
  std::vector<Running> running_;  ///< slots, used again
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> slot_of_;  ///< [job]
  enum class End : std::uint8_t { done, killed, too_long };
  std::vector<End> end_;  ///< [job]
};

}  // namespace alight
