#include "sim/network/link_use.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace alight {
namespace {

/// What a step was divided into alone, with what it has grown by as waiting for the network.
Split stretched(const Split& alone, double step_alone_s, double step_s) {
  if (!(step_s > step_alone_s)) return alone;
  if (std::isinf(step_s)) return Split(ChipState::exposed_comm).at(alone.clock());
  StateTimes time = alone.shares();
  for (double& t : time) t *= step_alone_s;
  time[static_cast<std::size_t>(ChipState::exposed_comm)] += step_s - step_alone_s;
  return Split::in_proportion(time, alone.computing()).at(alone.clock());
}

}  // namespace

double LinkUse::end_s() const {
  if (fetching) return std::numeric_limits<double>::infinity();
  return tokens_left > 0 ? since_s + tokens_left / tokens_per_s() + to_stand_s : since_s;
}

double LinkUse::tokens_left_at(double now_s) const {
  return std::max(0.0, tokens_left - (now_s - since_s) * tokens_per_s());
}

LinkIndex LinkUse::most_lost_on(double now_s) const {
  LinkIndex most = kNoLink;
  double lost = 0;
  for (const auto& [link, s] : lost_on_s) {
    const double all = s + (link == worst ? lost_at(now_s) - lost_s : 0);
    if (all > lost) {
      lost = all;
      most = link;
    }
  }
  return most == kNoLink && lost_at(now_s) > 0 ? worst : most;
}

Course LinkUse::course(const Job& job, double start_s) const {
  Course course{.startup_s = 0, .split = &split, .run_s = end_s() - start_s};
  if (job.kill_at_estimate && job.estimate_s < course.run_s) {
    course.run_s = job.estimate_s;
    course.end = JobStatus::killed;
    course.reason = "requested time is over";
  }
  return course;
}

void LinkUse::count(double now_s) {
  const double lost = lost_at(now_s) - lost_s;
  lost_to_faults_s = lost_to_faults_at(now_s);
  slowed_s = slowed_at(now_s);
  if (lost > 0) lost_on_s[worst] += lost;
  lost_s += lost;
  written_s = written_at(now_s);
  tokens_left = tokens_left_at(now_s);
  since_s = now_s;
}

void LinkUse::go_on(double now_s, double new_step_s, LinkIndex new_worst, bool new_worst_whole) {
  count(now_s);
  step_s = new_step_s;
  losing = std::max(0.0, 1 - alone_s / step_s);
  worst = new_worst;
  worst_whole = new_worst_whole;
  split = stretched(training, footprint.step_s, step_s);
  writing = 0;
}

void LinkUse::played(double now_s, double played_s) {
  step_s = played_s;
  losing = std::max(0.0, 1 - alone_s / step_s);
  writing = 0;
  worst = kNoLink;
  count(now_s);
  worst_whole = true;
  split = stretched(training, footprint.step_s, step_s);
}

void LinkUse::stand_still(double now_s, double new_losing, LinkIndex new_worst, bool new_worst_whole) {
  count(now_s);
  step_s = std::numeric_limits<double>::infinity();
  losing = new_losing;
  worst = new_worst;
  worst_whole = new_worst_whole;
  writing = 1;
  split = Split(ChipState::lost).at(training.clock());
}

void LinkUse::divide_anew() {
  split = writing > 0 ? Split(ChipState::lost).at(training.clock()) : stretched(training, footprint.step_s, step_s);
}

void LinkUse::stop(double now_s) {
  count(now_s);
  step_s = std::numeric_limits<double>::infinity();
  losing = writing = 0;
}

}  // namespace alight
