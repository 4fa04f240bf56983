#include "sim/network/talking_jobs.hpp"

#include <algorithm>

namespace alight {
namespace {

constexpr double kBytesPerGbit = 1e9 / 8;

std::vector<double> capacities_of(const Routes& routes) {
  std::vector<double> capacities;
  capacities.reserve(routes.links().size());
  for (const SharedLink& link : routes.links()) capacities.push_back(link.gbps * kBytesPerGbit);
  return capacities;
}

/// What a step was divided into alone, with what it has grown by as waiting for the network.
Split stretched(const Split& alone, double step_alone_s, double step_s) {
  std::array<double, kChipStates> time{};
  for (std::size_t s = 0; s < kChipStates; ++s) time[s] = alone.share(static_cast<ChipState>(s)) * step_alone_s;
  time[static_cast<std::size_t>(ChipState::exposed_comm)] += std::max(0.0, step_s - step_alone_s);
  return Split::in_proportion(time);
}

}  // namespace

TalkingJobs::TalkingJobs(std::unique_ptr<const Routes> routes, std::unique_ptr<FairShares> shares)
    : routes_(std::move(routes)), network_(capacities_of(*routes_), std::move(shares)) {}

bool TalkingJobs::begin(JobIndex job, const TrainingRate& rate, std::span<const Slice> held, double tokens,
                        double now_s) {
  const auto places = places_of_ranks(*routes_, held, rate.layout.chips());
  Footprint footprint = footprint_of(rate.step.seconds, rate.exchanges, places, *routes_);
  if (footprint.empty()) return false;
  Talking& talking = jobs_[job];
  talking = {.rate = &rate,
             .footprint = std::move(footprint),
             .split = rate.split,
             .step_s = rate.step.seconds,
             .since_s = now_s,
             .tokens_left = tokens,
             .worst = kNoLink,
             .lost_s = 0,
             .lost_on_s = {}};
  network_.open(job, talking.footprint);
  fresh_.push_back(job);
  return true;
}

void TalkingJobs::end(JobIndex job, double /*now_s*/) {
  const auto at = jobs_.find(job);
  if (at == jobs_.end()) return;
  network_.close(job);
  std::erase(fresh_, job);
  jobs_.erase(at);
}

void TalkingJobs::count_on(Talking& job, double now_s) const {
  const double lost = lost_s(job, now_s) - job.lost_s;
  job.tokens_left = tokens_left(job, now_s);
  job.lost_s += lost;
  if (lost > 0) job.lost_on_s[job.worst] += lost;
  job.since_s = now_s;
}

void TalkingJobs::settle(double now_s, const Changed& changed) {
  std::vector<JobIndex> moved(fresh_);
  fresh_.clear();
  const auto others = network_.settle();
  moved.insert(moved.end(), others.begin(), others.end());
  std::sort(moved.begin(), moved.end());
  moved.erase(std::unique(moved.begin(), moved.end()), moved.end());
  for (const JobIndex member : moved) {
    Talking& job = jobs_.at(member);
    const double step_s = network_.step_s(member);
    if (step_s == job.step_s) continue;
    count_on(job, now_s);
    const Split before = job.split;
    job.step_s = step_s;
    job.worst = network_.worst_link(member);
    job.split = stretched(job.rate->split, job.rate->step.seconds, step_s);
    changed(member, before, job);
  }
}

Course TalkingJobs::course(const Job& job, const Talking& talking, double start_s) {
  Course course{.startup_s = talking.rate->startup_s, .split = &talking.split, .run_s = talking.end_s() - start_s};
  if (job.kill_at_estimate && job.estimate_s < course.run_s) {
    course.run_s = job.estimate_s;
    course.end = JobStatus::killed;
    course.reason = "requested time is over";
  }
  return course;
}

const TalkingJobs::Talking* TalkingJobs::find(JobIndex job) const {
  const auto at = jobs_.find(job);
  return at == jobs_.end() ? nullptr : &at->second;
}

double TalkingJobs::lost_s(const Talking& job, double now_s) const {
  return job.lost_s + (now_s - job.since_s) * std::max(0.0, 1 - job.rate->step.seconds / job.step_s);
}

double TalkingJobs::tokens_left(const Talking& job, double now_s) const {
  return std::max(0.0, job.tokens_left - (now_s - job.since_s) * job.tokens_per_s());
}

}  // namespace alight
