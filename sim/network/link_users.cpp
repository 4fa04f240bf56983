#include "sim/network/link_users.hpp"

#include <algorithm>
#include <cmath>

#include "sim/network/exact_users.hpp"
#include "sim/network/fluid_users.hpp"

namespace alight {
namespace {

constexpr double kBytesPerGbit = 1e9 / 8;

/// What a step was divided into alone, with what it has grown by as waiting for the network.
Split stretched(const Split& alone, double step_alone_s, double step_s) {
  if (!(step_s > step_alone_s)) return alone;
  if (std::isinf(step_s)) return Split(ChipState::exposed_comm);
  std::array<double, kChipStates> time{};
  for (std::size_t s = 0; s < kChipStates; ++s) time[s] = alone.share(static_cast<ChipState>(s)) * step_alone_s;
  time[static_cast<std::size_t>(ChipState::exposed_comm)] += step_s - step_alone_s;
  return Split::in_proportion(time);
}

}  // namespace

double LinkUse::tokens_left_at(double now_s) const {
  return std::max(0.0, tokens_left - (now_s - since_s) * tokens_per_s());
}

double LinkUse::lost_at(double now_s) const {
  return lost_s + (now_s - since_s) * std::max(0.0, 1 - alone_s / step_s);
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
  Course course{.startup_s = rate->startup_s, .split = &split, .run_s = end_s() - start_s};
  if (job.kill_at_estimate && job.estimate_s < course.run_s) {
    course.run_s = job.estimate_s;
    course.end = JobStatus::killed;
    course.reason = "requested time is over";
  }
  return course;
}

void LinkUse::go_on(double now_s, double new_step_s, LinkIndex new_worst) {
  const double lost = lost_at(now_s) - lost_s;
  if (lost > 0) lost_on_s[worst] += lost;
  lost_s += lost;
  tokens_left = tokens_left_at(now_s);
  since_s = now_s;
  step_s = new_step_s;
  worst = new_worst;
  split = stretched(rate->split, rate->step.seconds, step_s);
}

LinkUsers::LinkUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks)
    : engine_(engine), routes_(std::move(routes)), callbacks_(std::move(callbacks)) {
  capacities_.reserve(routes_->links().size());
  for (const SharedLink& link : routes_->links()) capacities_.push_back(link.gbps * kBytesPerGbit);
}

bool LinkUsers::begin(JobIndex job, const TrainingRate& rate, std::span<const Slice> held, double tokens) {
  Footprint footprint = footprint_of(rate.step.seconds, rate.exchanges, held, rate.layout.chips(), *routes_);
  if (footprint.empty()) return false;
  LinkUse& use = uses_[job];
  use.rate = &rate;
  use.footprint = std::move(footprint);
  use.alone_s = alone_s(use.footprint, capacities_);
  use.split = rate.split;
  use.step_s = rate.step.seconds;
  use.since_s = engine_.now();
  use.tokens_left = tokens;
  begun(job, use);
  settle_soon();
  return true;
}

void LinkUsers::end(JobIndex job) {
  if (uses_.contains(job)) {
    gone(job);
    uses_.erase(job);
    settle_soon();
  }
}

void LinkUsers::settle_soon() {
  if (settling_at_ == engine_.now()) return;
  settling_at_ = engine_.now();
  engine_.at(engine_.now(), Turn::sharing, Action::to<&LinkUsers::settle_now>(this));
}

void LinkUsers::settle_now(std::uint64_t) {
  settling_at_ = -1;
  settle();
}

const LinkUse* LinkUsers::find(JobIndex job) const {
  const auto at = uses_.find(job);
  return at == uses_.end() ? nullptr : &at->second;
}

std::unique_ptr<LinkUsers> make_link_users(const Site& site, Sharing sharing, Engine& engine,
                                           LinkUsers::Callbacks callbacks) {
  auto routes = routes_of(site);
  if (!routes) return nullptr;
  if (sharing == Sharing::exact) return std::make_unique<ExactUsers>(std::move(routes), engine, std::move(callbacks));
  return std::make_unique<FluidUsers>(std::move(routes), engine, std::move(callbacks));
}

}  // namespace alight
