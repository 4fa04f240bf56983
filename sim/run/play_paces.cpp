// How fast jobs go on, and when they end.
#include <algorithm>
#include <cmath>

#include "sim/run/play.hpp"

namespace alight {

template <class Change>
void Run::Play::turn(JobIndex j, const Change& change) {
  if (stage_[j] == Stage::starting) return change();
  held_.see(held(j));
  move(j, *course_of(j, held_.first_pool()).split, In::course, In::starting);
  change();
  move(j, *course_of(j, held_.first_pool()).split, In::starting, In::course);
  date(j);
  redone_.date(j);
}

void Run::Play::halt(JobIndex j, LinkIndex by) {
  if (jobs_.paces().hangs(j)) return;
  turn(j, [&] {
    jobs_.paces().halt(j, engine_.now(), by);
    links_->halt(j);
  });
}

void Run::Play::resume(JobIndex j) {
  if (jobs_.paces().hangs(j)) return;
  turn(j, [&] {
    jobs_.paces().resume(j, engine_.now());
    links_->resume(j);
  });
  if (!jobs_.link_use(j)) own_links_changed(j);
}

void Run::Play::hang(JobIndex j) {
  if (jobs_.paces().hangs(j)) return;
  turn(j, [&] {
    if (links_ && !jobs_.paces().halted(j)) links_->halt(j);
    jobs_.paces().hang(j, engine_.now());
    jobs_.preempted().hangs(j, engine_.now());
  });
}

template <class Change>
void Run::Play::repace(JobIndex j, const Change& to) {
  const auto change = [&] {
    to(cluster_.pool_of(held(j).front().server));
    if (jobs_.link_use(j)) links_->clock(j, jobs_.rate_now(j), held(j));
  };
  // Of users of links that do not stand still LinkUsers says what changes.
  if (jobs_.link_use(j) && !jobs_.paces().halted(j))
    change();
  else
    turn(j, change);
}

bool Run::Play::clock(JobIndex j, double clock) {
  if (stage_[j] != Stage::running || done(j)) return false;
  if (jobs_.serves(j)) {
    services_->clock(j, clock);
    if (!running(j)) return false;
    held_.see(held(j));
    if (caps_ || heat_) tell_draw(j, held_, {}, {});
    return true;
  }
  repace(j, [&](PoolIndex p) { jobs_.clock(j, p, clock, engine_.now()); });
  return true;
}

void Run::Play::speeds_changed(JobIndex j) {
  if (stage_[j] != Stage::running) return;
  if (jobs_.serves(j)) return services_->speed(j, slow_chips_->of(held(j), jobs_.chips(j)));
  if (!jobs_.at_full_clock(j, cluster_.pool_of(held(j).front().server)) || done(j)) return;
  PartSpeeds speeds = speeds_of(j);
  if (speeds == jobs_.speeds(j)) return;
  repace(j, [&](PoolIndex p) { jobs_.speed(j, p, std::move(speeds), engine_.now()); });
}

bool Run::Play::first_speeds(JobIndex j) {
  const PoolIndex p = held_.first_pool();
  if (!slow_chips_ || !jobs_.at_full_clock(j, p)) return false;
  if (jobs_.serves(j)) {
    services_->speed(j, slow_chips_->of(held(j), jobs_.chips(j)));
    return false;  // its course is the same
  }
  PartSpeeds speeds = speeds_of(j);
  if (speeds.empty()) return false;
  jobs_.speed(j, p, std::move(speeds), engine_.now());
  return true;
}

PartSpeeds Run::Play::speeds_of(JobIndex j) const {
  PartSpeeds speeds;
  for_each_pool(cluster_, held(j), [&](PoolIndex, std::span<const Slice> slices) {
    speeds.push_back(slow_chips_->of(slices, jobs_.chips(j, speeds.size())));
  });
  if (std::ranges::all_of(speeds, &JobSpeeds::uniform)) speeds.clear();
  return speeds;
}

void Run::Play::own_links_changed(JobIndex j) {
  if (links_->loading(j) || jobs_.link_use(j)) return links_->lay_anew(j);
  if (stage_[j] == Stage::running && jobs_.trains(j) && !jobs_.paces().halted(j))
    share(j, held(j), workload_.jobs[j].tokens - jobs_.trained(j, engine_.now()));
}

void Run::Play::go_on(JobIndex j, const Split& before, const LinkUse& now, std::optional<double> end_s) {
  held_.see(scheduler_.allocation(j));
  move(j, before, In::course, In::starting);
  move(j, now.split, In::starting, In::course);
  if (end_s) date_anew(j, end_s);
  redone_.date(j);
}

bool Run::Play::done(JobIndex j) const {
  if (!settings_.jobs_end) return false;
  if (const LinkUse* use = jobs_.link_use(j))
    return settings_.sharing == Sharing::fluid && use->end_s() <= engine_.now();
  return jobs_.start_s(j) + course_of(j, cluster_.pool_of(held(j).front().server)).run_s <= engine_.now();
}

// -- When a job ends

void Run::Play::date(JobIndex j) {
  const LinkUse* use = jobs_.link_use(j);
  if (!use) return post_end(j, jobs_.start_s(j) + course_of(j, held_.first_pool()).run_s);
  date_anew(j, settings_.sharing == Sharing::exact ? std::nullopt : std::optional(use->end_s()));
}

void Run::Play::date_anew(JobIndex j, std::optional<double> end_s) {
  if (!settings_.jobs_end) return;
  const Job& job = workload_.jobs[j];
  double at = end_s.value_or(kNever);
  if (job.kill_at_estimate) at = std::min(at, jobs_.start_s(j) + job.estimate_s);
  post_end(j, at);
}

void Run::Play::post_end(JobIndex j, double at) {
  if (!settings_.jobs_end) return;
  const std::uint64_t ticket = ++dated_anew_[j] << 32 | j;
  if (at < kNever) engine_.at(std::max(at, engine_.now()), Turn::runtime, Action::to<&Play::finish>(this, ticket));
}

std::uint64_t Run::Play::dated_anew(JobIndex j) const {
  const auto at = dated_anew_.find(j);
  return at == dated_anew_.end() ? 0 : at->second;
}

}  // namespace alight
