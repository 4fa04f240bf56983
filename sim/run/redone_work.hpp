// Jobs that do again what a preemption, or a failure, lost: from the first step of such a start until they are where
// they were, the time of their chips is `lost` (preempted_jobs.hpp).
#pragma once

#include <cstdint>

#include "sim/engine/engine.hpp"
#include "sim/run/chip_moves.hpp"
#include "sim/run/held_parts.hpp"
#include "sim/run/started_jobs.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

class RedoneWork {
 public:
  /// All outlive this. `held` is free for it to use at any event of its own.
  RedoneWork(Engine& engine, const Scheduler& scheduler, StartedJobs& jobs, ChipMoves& chips, HeldParts& held)
      : engine_(engine), scheduler_(scheduler), jobs_(jobs), chips_(chips), held_(held) {}

  /// A job's work begins, now; before its chips go on their course.
  void begin(JobIndex job) { jobs_.preempted().begin(job, engine_.now()); }
  /// Its pace may be another from now on. Nothing for a job that has nothing to do again.
  void date(JobIndex job);

 private:
  void over(std::uint64_t which);

  Engine& engine_;
  const Scheduler& scheduler_;
  StartedJobs& jobs_;
  ChipMoves& chips_;
  HeldParts& held_;
};

}  // namespace alight
