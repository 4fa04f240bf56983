#include "sim/run/paces.hpp"

#include <limits>

namespace alight {

void Paces::Pace::count(double now_s) {
  halted_s = halted_by(now_s);
  slower_s = slower_by(now_s);
  slowed_s = slowed_by(now_s);
  since_s = now_s;
}

const Paces::Pace* Paces::find(JobIndex job) const {
  const auto at = paces_.find(job);
  return at == paces_.end() ? nullptr : &at->second;
}

Paces::Pace& Paces::counted(JobIndex job, double now_s) {
  Pace& pace = paces_[job];
  pace.count(now_s);
  return pace;
}

void Paces::halt(JobIndex job, double now_s, LinkIndex by) {
  Pace& pace = counted(job, now_s);
  pace.halted = true;
  pace.by = by;
}

void Paces::resume(JobIndex job, double now_s) {
  counted(job, now_s).halted = false;
}

void Paces::hang(JobIndex job, double now_s) {
  Pace& pace = counted(job, now_s);
  pace.halted = true;
  pace.hangs_since_s = now_s;
  pace.standing = Split(ChipState::lost).at(pace.at.clock);
}

bool Paces::hangs(JobIndex job) const {
  const Pace* pace = find(job);
  return pace && pace->hangs_since_s >= 0;
}

double Paces::hung_s(JobIndex job, double now_s) const {
  return hangs(job) ? now_s - find(job)->hangs_since_s : 0;
}

void Paces::go(JobIndex job, double now_s, const Clocked& at) {
  Pace& pace = counted(job, now_s);
  pace.at = at;
  pace.standing = pace.standing.at(at.clock);
}

void Paces::first_step(JobIndex job, double now_s) {
  const auto at = paces_.find(job);
  if (at == paces_.end()) return;
  at->second.count(now_s);
  at->second.startup_s = at->second.halted_s;
}

bool Paces::halted(JobIndex job) const {
  const Pace* pace = find(job);
  return pace && pace->halted;
}

double Paces::halted_s(JobIndex job, double now_s) const {
  const Pace* pace = find(job);
  return pace ? pace->halted_by(now_s) : 0;
}

LinkIndex Paces::by(JobIndex job) const {
  const Pace* pace = find(job);
  return pace ? pace->by : kNoLink;
}

double Paces::clock(JobIndex job) const {
  const Pace* pace = find(job);
  return pace ? pace->at.clock : 1;
}

double Paces::stretch(JobIndex job) const {
  const Pace* pace = find(job);
  return pace ? pace->at.stretch : 1;
}

double Paces::slowed_s(JobIndex job, double now_s) const {
  const Pace* pace = find(job);
  return pace ? pace->slowed_by(now_s) : 0;
}

double Paces::behind_s(JobIndex job, double now_s) const {
  const Pace* pace = find(job);
  return pace ? pace->halted_by(now_s) + pace->slower_by(now_s) : 0;
}

double Paces::behind_since_first_step_s(JobIndex job, double now_s) const {
  const Pace* pace = find(job);
  return pace ? behind_s(job, now_s) - pace->startup_s : 0;
}

Course Paces::paced(Course course, const Job& of, JobIndex job, double slowdown, double start_s, double now_s,
                    bool counted) const {
  const Pace* pace = find(job);
  if (!pace) return course;
  if (pace->halted)
    course.split = &pace->standing;
  else if (!counted && pace->at.changes)
    course.split = &pace->at.split;
  if (course.end == JobStatus::killed) return course;
  // A requested time counts on the chip it was traced on, as the duration does.
  const double scale = of.type == JobType::rigid ? slowdown : 1;
  if (pace->halted) {
    course.run_s = std::numeric_limits<double>::infinity();
  } else if (!counted) {
    course.run_s += behind_since_first_step_s(job, now_s);
    course.run_s += (course.run_s - (now_s - start_s)) * (pace->at.stretch - 1);
  }
  if (of.kill_at_estimate && of.estimate_s * scale < course.run_s) {
    course.run_s = of.estimate_s * scale;
    course.end = JobStatus::killed;
    course.reason = "requested time is over";
  }
  return course;
}

}  // namespace alight
