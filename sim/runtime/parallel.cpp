#include "sim/runtime/parallel.hpp"

#include <algorithm>
#include <bit>

namespace alight {

const ParallelWork& ParallelWorks::of(const Job& job) {
  std::unique_ptr<ParallelWork>& work = by_id_[job.task];
  if (!work) work = std::make_unique<ParallelWork>(parallel_work(names_, job.task));
  return *work;
}

bool has_parallel(const Workload& workload) {
  return std::any_of(workload.jobs.begin(), workload.jobs.end(),
                     [](const Job& job) { return job.type == JobType::parallel; });
}

ParallelJobs::ParallelJobs(Engine& engine, TaskRoutes& routes, const Workload& workload, const Cluster& cluster,
                           Ended ended)
    : engine_(engine),
      routes_(routes),
      workload_(workload),
      cluster_(cluster),
      ended_(std::move(ended)),
      works_(workload),
      tasks_(
          engine, "parallel",
          [this](std::uint64_t id, SharedTasks::Outcome outcome) { task_ended(static_cast<JobIndex>(id), outcome); }),
      slot_of_(workload.jobs.size(), 0),
      end_(workload.jobs.size(), End::done) {}

void ParallelJobs::start(JobIndex job, const Allocation& held) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(running_.size()));
    running_.emplace_back();
  }
  slot_of_[job] = free_.back();
  free_.pop_back();
  const Job& of = workload_.jobs[job];
  Running& run = running(job);
  run = {.work = &works_.of(of),
         .deadline_s = engine_.now() + (of.kill_at_estimate ? std::min(of.estimate_s, kLongestS) : kLongestS)};
  for (const Slice& slice : held)
    for (ServerIndex s = slice.server; s < slice.server + slice.servers; ++s) {
      const auto chips = std::popcount(slice.chips);
      const TaskRank rank{s, chips == cluster_.chips_per_server(cluster_.pool_of(s))};
      run.ranks.insert(run.ranks.end(), static_cast<std::size_t>(chips), rank);
    }
  std::stable_sort(run.ranks.begin(), run.ranks.end(),
                   [](const TaskRank& a, const TaskRank& b) { return a.server < b.server; });
  begin(job, run);
}

Course ParallelJobs::course(JobIndex job) const {
  static const Split opaque(ChipState::opaque);
  Course course{.split = &opaque};
  if (end_[job] == End::killed) {
    course.end = JobStatus::killed;
    course.reason = "requested time is over";
  } else if (end_[job] == End::too_long) {
    course.end = JobStatus::failed;
    course.reason = "unfit: takes more than 1e10 s";
  }
  return course;
}

void ParallelJobs::begin(JobIndex job, Running& run) {
  const ParallelWork::Stage& stage = run.work->stages[run.stage];
  if (stage.is_delay) return post_end(job, run, engine_.now() + stage.delay_s);
  if (run.round == 0 || run.work->stages.size() > 1) run.demand = routes_.demand(stage.task, run.ranks);
  const double moves_s = engine_.now() + run.demand.latency_s;
  if (run.demand.loads.empty()) return post_end(job, run, moves_s + run.demand.alone_s);
  if (moves_s >= run.deadline_s) return post_end(job, run, run.deadline_s);
  engine_.at(moves_s, Turn::runtime, Action::to<&ParallelJobs::moves>(this, job));
}

// An end known beforehand; a job done at the very end of its requested time is done.
void ParallelJobs::post_end(JobIndex job, const Running& run, double end_s) {
  if (end_s <= run.deadline_s)
    engine_.at(end_s, Turn::runtime, Action::to<&ParallelJobs::stage_done>(this, job));
  else
    engine_.at(run.deadline_s, Turn::runtime, Action::to<&ParallelJobs::expire>(this, job));
}

void ParallelJobs::moves(std::uint64_t job) {
  const Running& run = running(job);
  tasks_.open(job, run.demand, run.deadline_s);
}

void ParallelJobs::task_ended(JobIndex job, SharedTasks::Outcome outcome) {
  if (outcome == SharedTasks::Outcome::expired) return expire(job);
  stage_done(job);
}

void ParallelJobs::stage_done(std::uint64_t job) {
  Running& run = running(job);
  if (++run.stage == run.work->stages.size()) {
    run.stage = 0;
    if (++run.round == run.work->repeat) {
      free_.push_back(slot_of_[job]);
      return ended_(static_cast<JobIndex>(job));
    }
  }
  begin(static_cast<JobIndex>(job), run);
}

void ParallelJobs::expire(std::uint64_t job) {
  end_[job] = workload_.jobs[job].kill_at_estimate ? End::killed : End::too_long;
  free_.push_back(slot_of_[job]);
  ended_(static_cast<JobIndex>(job));
}

}  // namespace alight
