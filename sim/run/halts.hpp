// Jobs that stand still: because what they need of the network is gone, until it is back; or because something of
// theirs broke and nobody has noticed yet, until somebody does and they lose their chips. How long each has, because of
// what, and what that does to its course. Of every kind of job; those that use shared links also stop sending
// (LinkUsers::halt).
#pragma once

#include <unordered_map>

#include "platforms/topology/routes.hpp"
#include "sim/runtime/runtime.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

class Halts {
 public:
  void begin(JobIndex job, double now_s, LinkIndex by);
  /// It will never go on, as long as it keeps its chips. It may stand still already.
  void hang(JobIndex job, double now_s);
  void end(JobIndex job, double now_s);
  /// Its first step begins: until now it stood still in its start-up, which is longer by that already.
  void first_step(JobIndex job, double now_s);

  /// It lost its chips: another start of it is another run.
  void forget(JobIndex job) { halts_.erase(job); }

  bool halted(JobIndex job) const;
  bool hangs(JobIndex job) const;
  /// Seconds it has stood still by `now_s`: in all, and since its first step.
  double halted_s(JobIndex job, double now_s) const;
  double since_first_step_s(JobIndex job, double now_s) const;
  /// Of the first, what it hung.
  double hung_s(JobIndex job, double now_s) const;
  /// The link that last halted it; kNoLink where none did.
  LinkIndex by(JobIndex job) const;

  /// The course of a job as it is with its halts: while it stands still without an end, but killed where its requested
  /// time is over before. `over_counted`: of those that are over it knows already.
  Course delayed(Course course, const Job& of, JobIndex job, bool over_counted) const;

 private:
  struct Halt {
    double before_s = 0;   ///< in halts that are over
    double startup_s = 0;  ///< of these, before the first step
    double since_s = -1;   ///< of the halt at hand; below 0: none
    LinkIndex by = kNoLink;
    double hangs_since_s = -1;  ///< below 0: it does not
    bool now() const { return since_s >= 0; }
    /// After its start-up: all its time is waiting for the network, or lost.
    const Split& split() const;
  };
  std::unordered_map<JobIndex, Halt> halts_;
};

}  // namespace alight
