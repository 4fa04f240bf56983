// The life of a job: it arrives, waits, starts, runs and ends.
#include "sim/run/play.hpp"

#include <algorithm>

namespace alight {

void Run::Play::delivered(PoolIndex p, ServerIndex first, ServerIndex end) {
  const std::int64_t servers = end - first;
  chips_.delivered(p, servers);
  for (ServerIndex s = first; s < end; ++s) out_.freed(s);
  if (breakdowns_) breakdowns_->delivered(first, end);
  if (heat_) heat_->powered(p, servers * cluster_.chips_per_server(p) * 1000);
  if (caps_) caps_->delivered(first, end);
  last_s_ = engine_.now();
  tell(&Recorder::site_event, SiteEvent{engine_.now(), "delivered", p, servers});
  decide_soon();
}

// -- Arrivals

void Run::Play::post_next_arrival() {
  if (next_ < workload_.jobs.size())
    engine_.at(std::max(0.0, workload_.jobs[next_].submit_s), Turn::arrival, Action::to<&Play::arrive>(this));
}

void Run::Play::arrive(std::uint64_t) {
  for (; next_ < workload_.jobs.size() && std::max(0.0, workload_.jobs[next_].submit_s) <= engine_.now(); ++next_) {
    const auto j = static_cast<JobIndex>(next_);
    if (!jobs_.serves(j)) submit(j);  // replicas of services come when they are needed
  }
  post_next_arrival();
}

void Run::Play::submit(JobIndex j) {
  for (Recorder* r : recorders_) r->job_submitted(workload_.jobs[j], engine_.now());
  if (admission_.turned_away[j])
    return end_unstarted(j, JobStatus::rejected, admission_.reasons[admission_.turned_away[j]]);
  stage_[j] = Stage::waiting;
  enqueue(j);
}

void Run::Play::enqueue(JobIndex j) {
  scheduler_.submit(j);
  decide_soon();
}

// -- Decisions

void Run::Play::decide_soon() {
  if (deciding_at_ == engine_.now()) return;
  deciding_at_ = engine_.now();
  engine_.at(engine_.now(), Turn::decision, Action::to<&Play::decide>(this));
}

void Run::Play::decide(std::uint64_t) {
  deciding_at_ = -1;
  scheduler_.decide(engine_.now());
  chips_.explain(scheduler_);
}

// -- A running job

void Run::Play::started(JobIndex j, PoolIndex p, const Allocation& allocation) {
  stage_[j] = Stage::running;
  ++starts_[j];
  held_.see(allocation);
  jobs_.start(j, held_, engine_.now());
  Course course = course_of(j, p);
  const bool starts_up = course.startup_s > 0;
  if (!starts_up && first_speeds(j)) course = course_of(j, p);
  if (!starts_up) redone_.begin(j);
  move(j, *course.split, In::dark, starts_up ? In::starting : In::course);
  if (starts_up) {
    stage_[j] = Stage::starting;
    // Over links that others use it is not known how long it loads.
    const TrainingRate* load = jobs_.load(j);
    const double first_s = links_ && load ? load->startup_s : course.startup_s;
    if (first_s < course.run_s || !settings_.jobs_end)
      engine_.at(engine_.now() + first_s, Turn::runtime, Action::to<&Play::begin>(this, start_ticket(j)));
  }
  if (settings_.jobs_end && jobs_.parallel(j))
    parallel_->start(j, allocation);
  else if (settings_.jobs_end && course.run_s < kNever)
    engine_.at(engine_.now() + course.run_s, Turn::runtime, Action::to<&Play::finish>(this, dated_anew(j) << 32 | j));
  if (!starts_up) {
    jobs_.first_step(j, engine_.now());
    talk(j, allocation);
  }
  tell(&Recorder::job_started, record(j, JobStatus::running, engine_.now()));
  elastic_.started(j);
}

void Run::Play::begin(std::uint64_t which) {
  const auto j = static_cast<JobIndex>(which);
  if (stage_[j] != Stage::starting || which != start_ticket(j) || jobs_.paces().hangs(j)) return;
  const TrainingRate* load = jobs_.load(j);
  if (!links_ || !load || !links_->load(j, *load, scheduler_.allocation(j))) return loaded(j);
  if (faults_) faults_->running(j);
  date_anew(j, {});
}

void Run::Play::loaded(JobIndex j) {
  if (jobs_.paces().hangs(j)) return;
  const Allocation& held = scheduler_.allocation(j);
  stage_[j] = Stage::running;
  held_.see(held);
  const bool other_speeds = first_speeds(j);
  redone_.begin(j);
  move(j, *course_of(j, held_.first_pool()).split, In::starting, In::course);
  jobs_.first_step(j, engine_.now());
  talk(j, held);
  if (jobs_.trains(j) && (jobs_.load(j) || other_speeds)) date(j);
}

void Run::Play::talk(JobIndex j, const Allocation& held) {
  if (jobs_.serves(j))  // by an event of its own: it may give its chips back at once
    engine_.at(engine_.now(), Turn::runtime, Action::to<&Play::ready>(this, start_ticket(j)));
  else
    share(j, held, workload_.jobs[j].tokens - jobs_.preempted().kept(j));
  if (faults_) faults_->running(j);
  redone_.date(j);
}

void Run::Play::share(JobIndex j, const Allocation& held, double tokens) {
  if (!links_ || !jobs_.trains(j) || jobs_.mixed(j) || !jobs_.rate(j).unfit.empty()) return;
  if (!links_->begin(j, jobs_.rate_now(j), held, tokens)) return;
  if (settings_.sharing == Sharing::exact) date_anew(j, {});
}

void Run::Play::finish(std::uint64_t which) {
  const auto j = static_cast<JobIndex>(which);
  if (dated_anew(j) != which >> 32 || (stage_[j] == Stage::starting && jobs_.paces().hangs(j))) return;
  held_.see(scheduler_.allocation(j));
  const Course course = course_of(j, held_.first_pool());
  end(j, course);
}

void Run::Play::end(JobIndex j, const Course& course) {
  const bool starting = stage_[j] == Stage::starting;
  end_started(j, course.end, course.reason);
  move(j, *course.split, starting ? In::starting : In::course, In::dark);
  chips_.forget(j);
  if (links_) links_->end(j);
  jobs_.forget(j);
  const Allocation held = out_.any() ? scheduler_.allocation(j) : Allocation();
  scheduler_.finished(j);
  gave_back(j, held);
  decide_soon();
}

void Run::Play::dropped(JobIndex j) {
  if (jobs_.preempted().has(j)) return end_unstarted(j, JobStatus::failed, "no room when it was to start again");
  end_unstarted(j, JobStatus::rejected, "no room when it arrived");
}

// -- Replicas of services

void Run::Play::ready(std::uint64_t which) {
  const auto j = static_cast<JobIndex>(which);
  if (stage_[j] == Stage::running && which == start_ticket(j)) services_->ready(j);
}

void Run::Play::give_back(JobIndex j, std::string_view why) {
  if (stage_[j] == Stage::waiting) {
    scheduler_.withdraw(j);
    end_unstarted(j, JobStatus::cancelled, why);
    decide_soon();  // others may have waited behind it
  }
  if (stage_[j] != Stage::starting && stage_[j] != Stage::running) return;
  held_.see(held(j));
  Course course = course_of(j, held_.first_pool());
  course.reason = why;
  end(j, course);
}

// -- Records

JobRecord Run::Play::record(JobIndex j, JobStatus status, double finish_s) const {
  JobRecord r = jobs_.record(j, status, finish_s, held_, scheduler_.allocation(j));
  r.joules = chips_.joules(j, finish_s);
  if (jobs_.serves(j)) r.slowed_s = services_->slowed_s(j);
  return r;
}

void Run::Play::count_chip_seconds(const JobRecord& r) {
  const double chips = static_cast<double>(r.held_milli) * 1e-3;
  job_chip_s_.add(chips * (r.finish_s - r.start_s));
  if (!slow_chips_) return;
  if (r.parts.empty()) slow_chips_->lost(static_cast<PoolIndex>(r.pool - site_.pools.data()), chips * r.slowed_s);
  for (const PoolPart& part : r.parts)
    slow_chips_->lost(static_cast<PoolIndex>(part.pool), static_cast<double>(part.held_milli) * 1e-3 * r.slowed_s);
}

void Run::Play::ended(JobIndex j) {
  stage_[j] = Stage::ended;
  jobs_.preempted().ended(j);
  if (!jobs_.serves(j)) ++ended_;  // a replica may come again
  last_s_ = engine_.now();
}

void Run::Play::end_started(JobIndex j, JobStatus status, std::string_view reason) {
  JobRecord r = record(j, status, engine_.now());
  r.reason = reason;
  count_chip_seconds(r);
  ended(j);
  tell(&Recorder::job_ended, r);
}

void Run::Play::end_unstarted(JobIndex j, JobStatus status, std::string_view reason) {
  ended(j);
  JobRecord r = without_chips(j, status, engine_.now());
  r.reason = reason;
  tell(&Recorder::job_ended, r);
}

JobRecord Run::Play::without_chips(JobIndex j, JobStatus status, double now_s) const {
  return {.job = workload_.jobs[j],
          .status = status,
          .tokens = jobs_.trains(j) ? jobs_.preempted().kept(j) : 0,
          .joules = chips_.joules(j, now_s),
          .before = jobs_.preempted().earlier(j)};
}

}  // namespace alight
