#include "sim/run/redone_work.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

void RedoneWork::date(JobIndex job) {
  PreemptedJobs& preempted = jobs_.preempted();
  if (!preempted.redoes(job)) return;
  const PoolIndex p = scheduler_.cluster().pool_of(scheduler_.allocation(job).front().server);
  const double left = std::max(0.0, preempted.reached(job) - jobs_.done(job, p, engine_.now()));
  const double at_s = engine_.now() + left / jobs_.pace(job, p);
  const std::uint64_t ticket = preempted.date_anew(job);
  if (std::isfinite(at_s)) engine_.at(at_s, Turn::runtime, Action::to<&RedoneWork::over>(this, ticket << 32 | job));
}

void RedoneWork::over(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  if (!jobs_.preempted().dated(job, static_cast<std::uint32_t>(which >> 32))) return;
  held_.see(scheduler_.allocation(job));
  const Split& split = *jobs_.course(job, held_.first_pool(), engine_.now()).split;
  chips_.move(job, held_, split, ChipMoves::In::course, ChipMoves::In::starting);
  jobs_.preempted().is_where_it_was(job, engine_.now());
  chips_.move(job, held_, split, ChipMoves::In::starting, ChipMoves::In::course);
}

}  // namespace alight
