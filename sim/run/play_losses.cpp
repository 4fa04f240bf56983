// How jobs lose their chips before they end: to other jobs, to failures, to power caps and to heat.
#include <fmt/format.h>

#include <algorithm>

#include "sim/run/play.hpp"

namespace alight {

// Chips that it would give back of a server that is out of service would be of no use.
bool Run::Play::may_preempt(JobIndex j) const {
  const Allocation& all = scheduler_.allocation(j);
  return !out_.any() || std::none_of(all.begin(), all.end(), [this](const Slice& slice) {
    for (ServerIndex i = 0; i < slice.servers; ++i)
      if (out_.out(slice.server + i)) return true;
    return false;
  });
}

void Run::Play::preempted(JobIndex j, const Allocation& held) {
  lost_chips(j, held, PreemptedJobs::By::preemption, "");
}

void Run::Play::interrupt(JobIndex j, const std::string& reason) {
  if (jobs_.serves(j) || settings_.breakdowns->on_failure == OnFailure::fail) return fail(j, reason);
  if (jobs_.preempted().starts_in_vain(j) >= BreakdownPlan::kMostStartsInVain)
    return fail(j, fmt::format("{} starts in a row kept nothing; the last ended by {}",
                               BreakdownPlan::kMostStartsInVain, reason));
  const Allocation held = scheduler_.allocation(j);
  scheduler_.finished(j);
  lost_chips(j, held, PreemptedJobs::By::failure, reason);
  if (elastic_.goes_on(j, held)) return decide_soon();
  enqueue(j);
}

void Run::Play::give_back_to_grow(JobIndex j) {
  const Allocation held = scheduler_.allocation(j);
  scheduler_.finished(j);
  lost_chips(j, held, PreemptedJobs::By::growth, "");
  decide_soon();
}

bool Run::Play::lose_power(JobIndex j, const std::string& reason) {
  if (done(j)) return false;
  if (!workload_.jobs[j].preemptible || jobs_.serves(j)) {
    fail(j, reason);
    return true;
  }
  const Allocation held = scheduler_.allocation(j);
  scheduler_.lost(j);
  preempted(j, held);
  enqueue(j);
  return true;
}

void Run::Play::fail(JobIndex j, const std::string& reason) {
  ++dated_anew_[j];
  if (jobs_.serves(j)) {
    services_->count(j);
    if (!running(j)) return;  // counting played its last request, and it gave its chips back
  }
  held_.see(held(j));
  Course course = course_of(j, held_.first_pool());
  course.end = JobStatus::failed;
  course.reason = reason;
  end(j, course);
  if (jobs_.serves(j)) services_->lose(j);
}

void Run::Play::lost_chips(JobIndex j, const Allocation& held, PreemptedJobs::By by, std::string_view reason) {
  held_.see(held);
  const PoolIndex p = held_.first_pool();
  JobRecord r = jobs_.record(j, JobStatus::waiting, engine_.now(), held_, held);
  r.reason = reason;
  count_chip_seconds(r);
  move(j, *course_of(j, p).split, stage_[j] == Stage::starting ? In::starting : In::course, In::dark);
  tell(by == PreemptedJobs::By::failure  ? &Recorder::job_interrupted
       : by == PreemptedJobs::By::growth ? &Recorder::job_grew
                                         : &Recorder::job_preempted,
       r);
  jobs_.preempt(j, p, r, by);
  elastic_.all_again(j);
  if (jobs_.trains(j) && workload_.jobs[j].estimate_s == 0 && jobs_.preempted().kept(j) > 0)
    admission_.candidates[j].estimate_s = jobs_.predicted_s(j, scheduler_.pools(j));
  stage_[j] = Stage::waiting;
  ++dated_anew_[j];
  if (links_) links_->end(j);
  gave_back(j, held);
}

void Run::Play::gave_back(JobIndex j, const Allocation& held) {
  if (faults_) faults_->ended(j);
  if (!out_.any()) return;
  for (const Slice& slice : held)
    for (ServerIndex s = slice.server; s < slice.server + slice.servers; ++s) out_.freed(s);
  if (breakdowns_) breakdowns_->freed();
}

}  // namespace alight
