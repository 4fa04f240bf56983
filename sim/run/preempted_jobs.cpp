#include "sim/run/preempted_jobs.hpp"

#include <algorithm>

namespace alight {
namespace {

/// Work below this part of what is to be done again is rounding.
constexpr double kNoWork = 1e-12;

}  // namespace

const PreemptedJobs::Preempted* PreemptedJobs::find(JobIndex job) const {
  const auto at = jobs_.find(job);
  return at == jobs_.end() ? nullptr : &at->second;
}

void PreemptedJobs::add(JobIndex job, const JobRecord& start, double done, double kept, By by) {
  Preempted& p = jobs_[job];
  EarlierStarts& earlier = p.earlier;
  if (by == By::failure) ++earlier.failures;
  if (by == By::growth) ++earlier.growths;
  if (earlier.starts++ == 0) {
    earlier.first_start_s = start.start_s;
    earlier.waited_s = start.start_s - start.job.submit_s;
  } else {
    earlier.waited_s += start.start_s - earlier.until_s;
  }
  earlier.until_s = start.finish_s;
  earlier.ran_s += start.finish_s - start.start_s;
  earlier.startup_s += start.startup_s;
  earlier.checkpoint_s += start.checkpoint_s;
  earlier.network_lost_s += start.network_lost_s;
  earlier.lost_to_faults_s += start.lost_to_faults_s;
  earlier.redone_s += start.redone_s;
  earlier.hung_s += start.hung_s;
  earlier.slowed_s += start.slowed_s;
  earlier.reduced_s += start.reduced_s;
  earlier.most_milli = std::max(earlier.most_milli, start.held_milli);
  p.in_vain = by == By::failure && kept <= p.kept ? p.in_vain + 1 : 0;
  p.reached = std::max(p.reached, done);
  p.kept = std::max(p.kept, kept);
  p.redoes_since_s = -1;
  p.redone_s = 0;
  ++p.dated;
}

const EarlierStarts& PreemptedJobs::earlier(JobIndex job) const {
  static const EarlierStarts none;
  const Preempted* p = find(job);
  return p ? p->earlier : none;
}

double PreemptedJobs::kept(JobIndex job) const {
  const Preempted* p = find(job);
  return p ? p->kept : 0;
}

std::int64_t PreemptedJobs::starts_in_vain(JobIndex job) const {
  const Preempted* p = find(job);
  return p ? p->in_vain : 0;
}

bool PreemptedJobs::begin(JobIndex job, double now_s) {
  const auto at = jobs_.find(job);
  if (at == jobs_.end() || at->second.reached - at->second.kept <= kNoWork * at->second.reached) return false;
  at->second.redoes_since_s = now_s;
  return true;
}

bool PreemptedJobs::redoes(JobIndex job) const {
  const Preempted* p = find(job);
  return p && p->redoes_since_s >= 0;
}

void PreemptedJobs::is_where_it_was(JobIndex job, double now_s) {
  Preempted& p = jobs_.at(job);
  p.redone_s += now_s - p.redoes_since_s;
  p.redoes_since_s = -1;
}

double PreemptedJobs::redone_s(JobIndex job, double now_s) const {
  const Preempted* p = find(job);
  if (!p) return 0;
  return p->redone_s + (p->redoes_since_s >= 0 ? now_s - p->redoes_since_s : 0);
}

bool PreemptedJobs::dated(JobIndex job, std::uint32_t ticket) const {
  const Preempted* p = find(job);
  return p && p->redoes_since_s >= 0 && p->dated == ticket;
}

}  // namespace alight
