#include <algorithm>

#include "sim/runtime/runtime.hpp"

namespace alight {

Course rigid_course(const Job& job, double slowdown, double kept) {
  static const Split opaque(ChipState::opaque);
  Course course{.split = &opaque};
  const double left_s = std::max(0.0, job.duration_s - kept);
  if (job.kill_at_estimate && left_s > job.estimate_s) {
    course.run_s = job.estimate_s * slowdown;
    course.end = JobStatus::killed;
    course.reason = "requested time is over";
    return course;
  }
  course.run_s = left_s * slowdown;
  if (job.status == TraceStatus::failed) course.end = JobStatus::failed;
  if (job.status == TraceStatus::cancelled) course.end = JobStatus::cancelled;
  if (course.end != JobStatus::completed) course.reason = "as in the trace";
  return course;
}

}  // namespace alight
