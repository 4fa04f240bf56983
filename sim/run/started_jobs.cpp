#include "sim/run/started_jobs.hpp"

#include <algorithm>

namespace alight {

StartedJobs::StartedJobs(const Site& site, const Workload& workload, const Admission& admission, TrainingRates& rates)
    : site_(site),
      workload_(workload),
      admission_(admission),
      rates_(rates),
      start_s_(workload.jobs.size(), 0),
      begin_s_(admission.training.size(), 0),
      begun_(admission.training.size(), false),
      rate_of_(admission.training.size(), nullptr) {
  if (std::any_of(workload.jobs.begin(), workload.jobs.end(), [](const Job& job) { return job.mix != 0; }))
    mixed_of_.assign(workload.jobs.size(), nullptr);
}

void StartedJobs::attach(const LinkUsers* links, const ParallelJobs* parallel, const RunningServices* services) {
  links_ = links;
  parallel_ = parallel;
  services_ = services;
}

void StartedJobs::start(JobIndex j, const HeldParts& held, double now_s) {
  start_s_[j] = now_s;
  if (!trains(j)) return;
  if (mixed(j)) {
    mixed_of_[j] = &rates_.mixed().at(admission_.training[j], held.lies());
    rate_of_[j] = &mixed_of_[j]->all;
  } else {
    rate_of_[j] = &rates_.at(admission_.training[j], held.first_pool(), held.lie());
  }
  begin_s_[j] = rate_of_[j]->begin_s();
}

void StartedJobs::first_step(JobIndex j, double now_s) {
  if (!trains(j)) return;
  begin_s_[j] = now_s - start_s_[j];
  begun_[j] = true;
  halts_.first_step(j, now_s);
}

const TrainingRate* StartedJobs::load(JobIndex j) const {
  if (serves(j)) return services_->load(j);
  return trains(j) && rate(j).unfit.empty() && rate(j).storage.load ? &rate(j) : nullptr;
}

double StartedJobs::begins_s(JobIndex j, double now_s) const {
  return begun_[j] ? begin_s_[j] : std::max(begin_s_[j], now_s - start_s_[j]);
}

double StartedJobs::trained(JobIndex j, double now_s) const {
  const Job& job = workload_.jobs[j];
  if (const LinkUse* use = link_use(j)) return job.tokens - use->tokens_left_at(now_s);
  return TrainingRates::trained(job, rate(j),
                                now_s - start_s_[j] - begins_s(j, now_s) - halts_.since_first_step_s(j, now_s));
}

Course StartedJobs::course(JobIndex j, PoolIndex p, double now_s) const {
  const Job& job = workload_.jobs[j];
  if (parallel(j)) return parallel_->course(j);
  if (serves(j)) return services_->course(j);
  if (const LinkUse* use = link_use(j)) return halts_.delayed(use->course(job, start_s_[j]), job, j, true);
  return halts_.delayed(trains(j) ? TrainingRates::course(job, rate(j), begins_s(j, now_s))
                                  : rigid_course(job, admission_.slowdown[admission_.candidates[j].speed][p]),
                        job, j, false);
}

JobRecord StartedJobs::record(JobIndex j, JobStatus status, double finish_s, const HeldParts& held,
                              const Allocation& allocation) const {
  const TrainingRate* rate = trains(j) ? rate_of_[j] : nullptr;
  const LinkUse* use = link_use(j);
  const double run_s = finish_s - start_s_[j];
  const double halted_s = halts_.halted_s(j, finish_s), lost_s = use ? use->lost_at(finish_s) : 0;
  return {.job = workload_.jobs[j],
          .status = status,
          .reason = "",
          .start_s = start_s_[j],
          .finish_s = finish_s,
          .pool = &site_.pools[held.first_pool()],
          .allocation = &allocation,
          .servers = held.servers(),
          .leaves = held.leaves(),
          .held_milli = held.milli(),
          .training = rate,
          .tokens = !rate                            ? 0
                    : status == JobStatus::completed ? workload_.jobs[j].tokens
                                                     : trained(j, finish_s),
          .network_lost_s = halted_s + lost_s,
          .worst_link = halted_s > lost_s ? halts_.by(j)
                        : use             ? use->most_lost_on(finish_s)
                                          : kNoLink,
          .lost_to_faults_s = halted_s + (use ? use->lost_to_faults_at(finish_s) : 0),
          .startup_s = rate ? std::min(begins_s(j, finish_s), run_s) : 0,
          .checkpoint_s =
              use    ? use->written_at(finish_s)
              : rate ? rate->storage.checkpoint_s / rate->step_s() * std::max(0.0, run_s - begins_s(j, finish_s))
                     : 0,
          .mixed = mixed(j) ? mixed_of_[j] : nullptr,
          .parts = mixed(j) ? std::span<const PoolPart>(held.parts()) : std::span<const PoolPart>()};
}

}  // namespace alight
