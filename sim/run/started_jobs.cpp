#include "sim/run/started_jobs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace alight {

StartedJobs::StartedJobs(const Site& site, const Workload& workload, const Admission& admission, TrainingRates& rates,
                         double checkpoint_s)
    : site_(site),
      workload_(workload),
      admission_(admission),
      rates_(rates),
      checkpoint_s_(checkpoint_s),
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
  clocked_rates_.erase(j);
  if (!trains(j)) return;
  begun_[j] = false;
  if (mixed(j)) {
    mixed_of_[j] = &rates_.mixed().at(admission_.training[j], held.lies());
    rate_of_[j] = &mixed_of_[j]->all;
  } else {
    rate_of_[j] = &rates_.at(kind_of(j), held.first_pool(), held.lie());
  }
  begin_s_[j] = rate_of_[j]->begin_s();
}

void StartedJobs::first_step(JobIndex j, double now_s) {
  if (!trains(j)) return;
  begin_s_[j] = now_s - start_s_[j];
  begun_[j] = true;
  paces_.first_step(j, now_s);
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
                                now_s - start_s_[j] - begins_s(j, now_s) - paces_.behind_since_first_step_s(j, now_s),
                                preempted_.kept(j));
}

TrainingRates::Kind StartedJobs::kind_of(JobIndex j) {
  TrainingRates::Kind kind = admission_.training[j];
  if (const auto at = replicas_.find(j); at != replicas_.end()) {
    const ElasticSizes& sizes = admission_.elastic.at(j);
    kind = sizes.kinds[static_cast<std::size_t>(at->second - sizes.least)];
  }
  return preempted_.kept(j) > 0 ? rates_.resumed(kind) : kind;
}

void StartedJobs::resize(JobIndex j, std::int64_t replicas) {
  const auto at = admission_.elastic.find(j);
  if (at == admission_.elastic.end()) return;
  if (replicas * at->second.replica_chips == workload_.jobs[j].chips)
    replicas_.erase(j);
  else
    replicas_[j] = replicas;
}

std::int64_t StartedJobs::replicas(JobIndex j) const {
  if (const auto at = replicas_.find(j); at != replicas_.end()) return at->second;
  return workload_.jobs[j].chips / admission_.elastic.at(j).replica_chips;
}

std::int64_t StartedJobs::chips(JobIndex j) const {
  const auto at = replicas_.find(j);
  return at == replicas_.end() ? workload_.jobs[j].chips : at->second * admission_.elastic.at(j).replica_chips;
}

double StartedJobs::to_checkpoint_s(JobIndex j, PoolIndex p, double now_s) const {
  const Checkpointing written = checkpointing(j);
  if (written.in_a_step <= 0 || !begun_[j]) return std::numeric_limits<double>::infinity();
  // As kept() counts them.
  constexpr double kRounding = 1e-9;
  const double tokens = rate(j).step.tokens, behind = written.behind_s / rate(j).step_s();
  const double steps = (done(j, p, now_s) - preempted_.kept(j)) / tokens - behind;
  const double next = std::floor(std::floor(steps + kRounding) * written.in_a_step + kRounding) + 1;
  const double left = std::ceil(next / written.in_a_step - kRounding) + behind - (steps + behind);
  return std::max(0.0, left) * tokens / pace(j, p);
}

double StartedJobs::done(JobIndex j, PoolIndex p, double now_s) const {
  if (trains(j)) return trained(j, now_s);
  return preempted_.kept(j) + std::max(0.0, now_s - start_s_[j] - paces_.behind_s(j, now_s)) / slowdown(j, p);
}

double StartedJobs::pace(JobIndex j, PoolIndex p) const {
  if (const LinkUse* use = link_use(j)) return use->tokens_per_s();
  if (paces_.halted(j)) return 0;
  return (trains(j) ? rate(j).tokens_per_s() : 1 / slowdown(j, p)) / paces_.stretch(j);
}

// Where nothing is known of a storage, what is written takes no time.
StartedJobs::Checkpointing StartedJobs::checkpointing(JobIndex j) const {
  const TrainingRate& of = rate(j);
  if (const auto& one = of.storage.checkpoint)
    return {.in_a_step = of.storage.checkpoints, .behind_s = one->room_s > 0 ? one->seconds : 0};
  const StorageWork work = training_work(workload_.names, workload_.jobs[j].training).storage;
  if (work.every_s <= 0 && work.every_steps <= 0) return {};
  return {.in_a_step = work.every_s > 0 ? std::min(1.0, of.step.seconds / work.every_s) : 1 / work.every_steps};
}

double StartedJobs::kept(JobIndex j, PoolIndex p, double now_s) const {
  const double before = preempted_.kept(j);
  if (workload_.jobs[j].type == JobType::rigid && std::isfinite(checkpoint_s_))
    return std::max(before, std::floor(done(j, p, now_s) / checkpoint_s_ + 1e-9) * checkpoint_s_);
  if (!trains(j) || !begun_[j] || !rate(j).unfit.empty()) return before;
  if (const LinkUse* use = link_use(j); use && !use->checkpoint.empty()) {
    const auto left = links_->left_at_checkpoint(j);
    return left ? std::max(before, workload_.jobs[j].tokens - *left) : before;
  }
  const Checkpointing written = checkpointing(j);
  if (written.in_a_step <= 0) return before;
  // Each is taken after a whole step; its waiting is spread over the steps.
  constexpr double kRounding = 1e-9;
  const double tokens = rate(j).step.tokens;
  const double steps = (done(j, p, now_s) - before) / tokens - written.behind_s / rate(j).step_s();
  const double number = std::floor(std::floor(steps + kRounding) * written.in_a_step + kRounding);
  return number > 0 ? before + std::ceil(number / written.in_a_step - kRounding) * tokens : before;
}

void StartedJobs::preempt(JobIndex j, PoolIndex p, const JobRecord& start, PreemptedJobs::By by) {
  preempted_.add(j, start, done(j, p, start.finish_s), kept(j, p, start.finish_s), by);
  paces_.forget(j);
  clocked_mixes_.erase(j);
  speeds_.erase(j);
}

double StartedJobs::predicted_s(JobIndex j, std::span<const PoolIndex> pools) {
  const double left = workload_.jobs[j].tokens - preempted_.kept(j);
  if (mixed(j)) {
    const TrainingRate& all = rates_.mixed().best(admission_.training[j]).all;
    return all.startup_s + left / all.tokens_per_s();
  }
  double best_s = std::numeric_limits<double>::infinity();
  for (const PoolIndex p : pools) {
    const TrainingRate& of = rates_.best(kind_of(j), p);
    best_s = std::min(best_s, of.begin_s() + left / of.tokens_per_s());
  }
  return best_s;
}

Course StartedJobs::course(JobIndex j, PoolIndex p, double now_s) const {
  const Job& job = workload_.jobs[j];
  if (parallel(j)) return parallel_->course(j);
  if (serves(j)) return services_->course(j);
  if (const LinkUse* use = link_use(j))
    return paces_.paced(use->course(job, start_s_[j]), job, j, 1, start_s_[j], now_s, true);
  return paces_.paced(trains(j) ? TrainingRates::course(job, rate(j), begins_s(j, now_s), preempted_.kept(j))
                                : rigid_course(job, slowdown(j, p), preempted_.kept(j)),
                      job, j, trains(j) ? 1 : slowdown(j, p), start_s_[j], now_s, false);
}

const Split* StartedJobs::at_full_clock(JobIndex j, PoolIndex p) const {
  static const Split computes(ChipState::useful);
  if (serves(j)) return &computes;
  if (parallel(j)) return nullptr;
  if (!trains(j)) return rigid_course(workload_.jobs[j], slowdown(j, p)).split;
  return rate(j).unfit.empty() ? &rate(j).split : nullptr;
}

const Split* StartedJobs::at_full_clock_on(JobIndex j, const HeldParts& held, std::size_t part) {
  if (!trains(j)) return at_full_clock(j, held.first_pool());
  if (mixed(j)) {
    const MixedRate& rate = rates_.mixed().at(admission_.training[j], held.lies());
    return rate.all.unfit.empty() ? &rate.splits[part] : nullptr;
  }
  const TrainingRate& rate = rates_.at(kind_of(j), held.first_pool(), held.lie());
  return rate.unfit.empty() ? &rate.split : nullptr;
}

const PartSpeeds& StartedJobs::speeds(JobIndex j) const {
  static const PartSpeeds alike;
  const auto at = speeds_.find(j);
  return at == speeds_.end() ? alike : at->second;
}

std::int64_t StartedJobs::chips(JobIndex j, std::size_t part) const {
  return mixed(j) ? rates_.mixed().parts(admission_.training[j])[part].chips : chips(j);
}

Split StartedJobs::at_clock_in(JobIndex j, PoolIndex p, double clock) const {
  const PartSpeeds& speeds = this->speeds(j);
  if (mixed(j)) {
    const auto part = static_cast<std::size_t>(std::ranges::find(mix(j).pools, p) - mix(j).pools.begin());
    return clock < 1 || !speeds.empty() ? rates_.mixed().at_clock(mix(j), clock, speeds).splits[part]
                                        : mix(j).splits[part];
  }
  return clock < 1 || !speeds.empty() ? clocked(j, p, clock, speeds).split : *at_full_clock(j, p);
}

Clocked StartedJobs::clocked(JobIndex j, PoolIndex p, double clock, const PartSpeeds& speeds) const {
  const Split& full = *at_full_clock(j, p);
  const JobSpeeds of = speeds.empty() ? JobSpeeds() : speeds.front();
  if (!trains(j) || clock == 1) return at_clock(full, clock, of);
  return alight::clocked(full, clock, rates_.times_at_clock(rate(j), clock), of);
}

const Split& StartedJobs::part_split(JobIndex j, std::size_t part) const {
  const auto at = clocked_mixes_.find(j);
  return at == clocked_mixes_.end() ? mix(j).splits[part] : at->second->splits[part];
}

void StartedJobs::speed(JobIndex j, PoolIndex p, PartSpeeds speeds, double now_s) {
  if (speeds.empty())
    speeds_.erase(j);
  else
    speeds_[j] = std::move(speeds);
  go(j, p, paces_.clock(j), now_s);
}

void StartedJobs::go(JobIndex j, PoolIndex p, double clock, double now_s) {
  const PartSpeeds& speeds = this->speeds(j);
  const bool changes = clock < 1 || !speeds.empty();
  clocked_mixes_.erase(j);
  if (mixed(j)) {
    if (!changes) return paces_.go(j, now_s, {.split = rate(j).split});
    const ClockedMix& mix = rates_.mixed().at_clock(this->mix(j), clock, speeds);
    clocked_mixes_[j] = &mix;
    return paces_.go(j, now_s, mix.all);
  }
  const Clocked at = changes ? clocked(j, p, clock, speeds) : Clocked{.split = *at_full_clock(j, p)};
  paces_.go(j, now_s, at);
  if (!links_ || !trains(j)) return;
  ClockedRate& rates = clocked_rates_[j];
  rates.before = std::move(rates.now);
  if (changes) rates.now = std::make_unique<const TrainingRate>(at_clock(rate(j), at));
}

const TrainingRate& StartedJobs::rate_now(JobIndex j) const {
  const auto at = clocked_rates_.find(j);
  return at == clocked_rates_.end() || !at->second.now ? rate(j) : *at->second.now;
}

void StartedJobs::forget(JobIndex j) {
  paces_.forget(j);
  clocked_rates_.erase(j);
  clocked_mixes_.erase(j);
  speeds_.erase(j);
}

JobRecord StartedJobs::record(JobIndex j, JobStatus status, double finish_s, const HeldParts& held,
                              const Allocation& allocation) const {
  const TrainingRate* rate = trains(j) ? rate_of_[j] : nullptr;
  const LinkUse* use = link_use(j);
  const double run_s = finish_s - start_s_[j];
  const double hung_s = paces_.hung_s(j, finish_s), halted_s = paces_.halted_s(j, finish_s) - hung_s;
  const double lost_s = use ? use->lost_at(finish_s) : 0;
  return {.job = workload_.jobs[j],
          .status = status,
          .reason = "",
          .submit_s = serves(j) ? services_->asked_s(j) : workload_.jobs[j].submit_s,
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
          .worst_link = halted_s > lost_s ? paces_.by(j)
                        : use             ? use->most_lost_on(finish_s)
                                          : kNoLink,
          .lost_to_faults_s = halted_s + (use ? use->lost_to_faults_at(finish_s) : 0),
          .startup_s = rate ? std::min(begins_s(j, finish_s), run_s) : 0,
          .checkpoint_s =
              use    ? use->written_at(finish_s)
              : rate ? rate->storage.checkpoint_s / rate->step_s() *
                           std::max(0.0, run_s - begins_s(j, finish_s) - paces_.behind_since_first_step_s(j, finish_s))
                     : 0,
          .mixed = mixed(j) ? mixed_of_[j] : nullptr,
          .parts = mixed(j) ? std::span<const PoolPart>(held.parts()) : std::span<const PoolPart>(),
          .tokens_before = rate ? preempted_.kept(j) : 0,
          .redone_s = preempted_.redone_s(j, finish_s),
          .hung_s = rate && !begun_[j] ? 0 : hung_s,  // in its start-up that is counted already
          .reduced_s = replicas_.contains(j) ? run_s : 0,
          .slowed_s = use ? use->slowed_at(finish_s) : paces_.slowed_s(j, finish_s),
          .before = preempted_.earlier(j)};
}

}  // namespace alight
