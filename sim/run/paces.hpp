// Jobs that do not go at their own pace although they keep their chips: those that stand still because what they need
// of the network is gone, or because something of theirs broke and nobody has noticed yet; and those whose chips are
// clocked down, or slower than their kind. How far each is behind itself, because of what, and what that does to its
// course. Of every kind of job; those that use shared links are also counted there (LinkUse).
//
// A job at a clock, on slow chips, takes `stretch` times as long for everything after its start-up
// (sim/runtime/clocked.hpp); one that stands still does not get on at all. Seconds in which it would have got on, and
// did not, are seconds behind; on chips faster than their kind there are fewer than none.
#pragma once

#include <unordered_map>

#include "platforms/topology/routes.hpp"
#include "sim/runtime/clocked.hpp"
#include "sim/runtime/runtime.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

class Paces {
 public:
  // -- Standing still
  void halt(JobIndex job, double now_s, LinkIndex by);
  void resume(JobIndex job, double now_s);
  /// Something of it broke and nobody knows: it will never go on, as long as it keeps its chips. It may stand still
  /// already.
  void hang(JobIndex job, double now_s);
  bool hangs(JobIndex job) const;
  bool halted(JobIndex job) const;
  /// Seconds it has stood still by `now_s`.
  double halted_s(JobIndex job, double now_s) const;
  /// Of these, since it hangs.
  double hung_s(JobIndex job, double now_s) const;
  /// The link that last halted it; kNoLink where none did.
  LinkIndex by(JobIndex job) const;

  // -- At a clock, on chips of some speeds
  /// So from now on, after its start-up.
  void go(JobIndex job, double now_s, const Clocked& at);
  double clock(JobIndex job) const;
  /// Times as long as at the full clock on chips of their kind's speed.
  double stretch(JobIndex job) const;
  /// Seconds behind by `now_s` because of the speeds of its chips.
  double slowed_s(JobIndex job, double now_s) const;

  /// Its first step begins: until now it stood still in its start-up, which is longer by that already.
  void first_step(JobIndex job, double now_s);
  /// It lost its chips: another start of it is another run.
  void forget(JobIndex job) { paces_.erase(job); }

  /// Seconds behind by `now_s`: in all, and since its first step.
  double behind_s(JobIndex job, double now_s) const;
  double behind_since_first_step_s(JobIndex job, double now_s) const;

  /// The course of a job as it is at its pace, at `now_s` of a start at `start_s`: while it stands still without an
  /// end, but killed where its requested time is over before. `counted`: how far it is behind is in the course already.
  /// `slowdown`: of a job known by its duration, on these chips.
  Course paced(Course course, const Job& of, JobIndex job, double slowdown, double start_s, double now_s,
               bool counted) const;

 private:
  struct Pace {
    Clocked at;
    Split standing{ChipState::exposed_comm};  ///< of its time while it stands still: waiting for the network, or lost
    double halted_s = 0, slower_s = 0;        ///< behind by `since_s`: standing still; for its clock and its chips
    double slowed_s = 0;                      ///< of the latter, for its chips
    double startup_s = 0;                     ///< behind, before its first step
    double since_s = 0;
    bool halted = false;
    double hangs_since_s = -1;  ///< below 0: it does not
    LinkIndex by = kNoLink;
    double halted_by(double now_s) const { return halted_s + (halted ? now_s - since_s : 0); }
    double slower_by(double now_s) const { return slower_s + (halted ? 0 : (now_s - since_s) * (1 - 1 / at.stretch)); }
    double slowed_by(double now_s) const {
      return slowed_s + (halted || at.slow == 0 ? 0 : (now_s - since_s) * at.slow / at.stretch);
    }
    void count(double now_s);
  };
  const Pace* find(JobIndex job) const;
  Pace& counted(JobIndex job, double now_s);
  std::unordered_map<JobIndex, Pace> paces_;
};

}  // namespace alight
