#include <algorithm>

#include "sim/runtime/runtime.hpp"

namespace alight {

Course rigid_course(const Job& job, double slowdown) {
  static const Split opaque(ChipState::opaque);
  Course course{.split = &opaque};
  if (job.kill_at_estimate && job.duration_s > job.estimate_s) {
    course.run_s = job.estimate_s * slowdown;
    course.end = JobStatus::killed;
    course.reason = "requested time is over";
    return course;
  }
  course.run_s = job.duration_s * slowdown;
  if (job.status == TraceStatus::failed) course.end = JobStatus::failed;
  if (job.status == TraceStatus::cancelled) course.end = JobStatus::cancelled;
  if (course.end != JobStatus::completed) course.reason = "as in the trace";
  return course;
}

}  // namespace alight
