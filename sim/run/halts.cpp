#include "sim/run/halts.hpp"

#include <limits>

namespace alight {

void Halts::begin(JobIndex job, double now_s, LinkIndex by) {
  Halt& halt = halts_[job];
  halt.since_s = now_s;
  halt.by = by;
}

void Halts::hang(JobIndex job, double now_s) {
  Halt& halt = halts_[job];
  if (!halt.now()) halt.since_s = now_s;
  halt.hangs_since_s = now_s;
}

void Halts::end(JobIndex job, double now_s) {
  Halt& halt = halts_.at(job);
  halt.before_s += now_s - halt.since_s;
  halt.since_s = -1;
}

void Halts::first_step(JobIndex job, double now_s) {
  const auto at = halts_.find(job);
  if (at == halts_.end()) return;
  Halt& halt = at->second;
  if (halt.now()) {
    halt.before_s += now_s - halt.since_s;
    halt.since_s = now_s;
  }
  halt.startup_s = halt.before_s;
}

bool Halts::halted(JobIndex job) const {
  const auto at = halts_.find(job);
  return at != halts_.end() && at->second.now();
}

bool Halts::hangs(JobIndex job) const {
  const auto at = halts_.find(job);
  return at != halts_.end() && at->second.hangs_since_s >= 0;
}

const Split& Halts::Halt::split() const {
  static const Split waits(ChipState::exposed_comm), lost(ChipState::lost);
  return hangs_since_s >= 0 ? lost : waits;
}

double Halts::halted_s(JobIndex job, double now_s) const {
  const auto at = halts_.find(job);
  if (at == halts_.end()) return 0;
  return at->second.before_s + (at->second.now() ? now_s - at->second.since_s : 0);
}

double Halts::hung_s(JobIndex job, double now_s) const {
  const auto at = halts_.find(job);
  return at == halts_.end() || at->second.hangs_since_s < 0 ? 0 : now_s - at->second.hangs_since_s;
}

double Halts::since_first_step_s(JobIndex job, double now_s) const {
  const auto at = halts_.find(job);
  return at == halts_.end() ? 0 : halted_s(job, now_s) - at->second.startup_s;
}

LinkIndex Halts::by(JobIndex job) const {
  const auto at = halts_.find(job);
  return at == halts_.end() ? kNoLink : at->second.by;
}

Course Halts::delayed(Course course, const Job& of, JobIndex job, bool over_counted) const {
  const auto at = halts_.find(job);
  if (at == halts_.end()) return course;
  const Halt& halt = at->second;
  if (halt.now()) course.split = &halt.split();
  if (course.end == JobStatus::killed) return course;
  // A requested time counts on the chip it was traced on, as the duration does.
  const double scale = of.type == JobType::rigid && of.duration_s > 0 ? course.run_s / of.duration_s : 1;
  if (halt.now())
    course.run_s = std::numeric_limits<double>::infinity();
  else if (!over_counted)
    course.run_s += halt.before_s - halt.startup_s;
  if (of.kill_at_estimate && of.estimate_s * scale < course.run_s) {
    course.run_s = of.estimate_s * scale;
    course.end = JobStatus::killed;
    course.reason = "requested time is over";
  }
  return course;
}

}  // namespace alight
