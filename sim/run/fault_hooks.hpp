// What a run does when its network breaks: the part of Run::Play that NetworkFaults calls. For run.cpp only; a template
// so that it can stand in a file of its own.
#pragma once

#include <cmath>

#include "sim/run/halts.hpp"
#include "sim/run/network_faults.hpp"
#include "sim/runtime/training.hpp"

namespace alight {

/// A friend of Play, which outlives it.
template <class Play>
class FaultHooks {
 public:
  explicit FaultHooks(Play& play) : play_(play) {}

  std::unique_ptr<NetworkFaults> break_links() {
    return std::make_unique<NetworkFaults>(
        *play_.settings_.faults, play_.site_, play_.settings_.seed, play_.engine_, play_.cluster_, *play_.links_,
        NetworkFaults::Hooks{.halt = [this](JobIndex j, LinkIndex by) { halt(j, by); },
                             .resume = [this](JobIndex j) { resume(j); },
                             .fail = [this](JobIndex j, const std::string& why) { fail(j, why); },
                             .done = [this](JobIndex j) { return play_.settings_.jobs_end && due(j); },
                             .own_links = [this](JobIndex j) { own_links(j); },
                             .held = [this](JobIndex j) { return std::span<const Slice>(held(j)); },
                             .job = [this](JobIndex j) -> const Job& { return play_.workload_.jobs[j]; },
                             .out = [this](PoolIndex p, std::int64_t milli) { out(p, milli); },
                             .over =
                                 [this] {
                                   if (!over()) play_.last_s_ = now_s();
                                   return over();
                                 },
                             .recorders = play_.recorders_});
  }

  /// Nothing is left that faults could befall, or hold up: all jobs ended, or the rest can never start.
  bool over() const {
    if (std::isfinite(play_.settings_.horizon_s)) return false;
    if (play_.ended_ == play_.workload_.jobs.size()) return true;
    if (play_.next_ < play_.workload_.jobs.size() || play_.faults_->harmful()) return false;
    for (PoolIndex p = 0; p < play_.cluster_.pools(); ++p)
      if (!play_.scheduler_.running(p).empty() || play_.ledger_.milli(p, ChipState::undelivered) > 0) return false;
    return true;
  }
  /// By `now_s`, by a job that uses no shared link.
  double trained(JobIndex j, double now_s) const {
    return TrainingRates::trained(
        play_.workload_.jobs[j], *play_.rate_of_[j],
        now_s - play_.start_s_[j] - play_.begins_s(j, now_s) - play_.halts_.halted_s(j, now_s));
  }

 private:
  const Allocation& held(JobIndex j) const { return play_.scheduler_.allocation(j); }
  double now_s() const { return play_.engine_.now(); }

  void halt(JobIndex j, LinkIndex by) {
    if (play_.link_use(j)) return play_.links_->halt(j, by);
    turn(j, [&] { play_.halts_.begin(j, now_s(), by); });
  }
  void resume(JobIndex j) {
    if (play_.link_use(j)) return play_.links_->resume(j);
    turn(j, [&] { play_.halts_.end(j, now_s()); });
    own_links(j);
  }
  /// Its chips spend their time otherwise once it is changed, and it ends at another time.
  template <class Change>
  void turn(JobIndex j, const Change& change) {
    using In = typename Play::In;
    play_.held_.see(held(j));
    const PoolIndex p = play_.held_.first_pool();
    play_.move(j, *play_.course_of(j, p).split, In::course, In::starting);
    change();
    const Course course = play_.course_of(j, p);
    play_.move(j, *course.split, In::starting, In::course);
    play_.post_end(j, play_.start_s_[j] + course.run_s);
  }
  void fail(JobIndex j, const std::string& why) {
    ++play_.dated_anew_[j];
    play_.held_.see(held(j));
    Course course = play_.course_of(j, play_.held_.first_pool());
    course.end = JobStatus::failed;
    course.reason = why;
    play_.end(j, course);
  }
  /// A job that used no shared link does once one of its own is not whole.
  void own_links(JobIndex j) {
    if (play_.link_use(j)) return play_.links_->lay_anew(j);
    if (play_.trains(j) && !play_.halts_.halted(j))
      play_.share(j, held(j), play_.workload_.jobs[j].tokens - trained(j, now_s()));
  }
  bool due(JobIndex j) const {
    if (const LinkUse* use = play_.link_use(j))
      return play_.settings_.sharing == Sharing::fluid && use->end_s() <= now_s();
    return play_.start_s_[j] + play_.course_of(j, play_.cluster_.pool_of(held(j).front().server)).run_s <= now_s();
  }
  void out(PoolIndex p, std::int64_t milli) {
    const ChipState dark = play_.dark_[p];
    play_.ledger_.move(p, milli > 0 ? dark : ChipState::failed, milli > 0 ? ChipState::failed : dark, std::abs(milli),
                       now_s());
    play_.decide_soon();
  }

  Play& play_;
};

}  // namespace alight
