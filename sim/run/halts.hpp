// Jobs that stand still because the network between their servers is gone, of those that use no shared links: how long
// each has, and what that does to its course. (Those that use shared links: LinkUsers::halt.)
#pragma once

#include <unordered_map>

#include "platforms/topology/routes.hpp"
#include "sim/runtime/runtime.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

class Halts {
 public:
  void begin(JobIndex job, double now_s, LinkIndex by);
  void end(JobIndex job, double now_s);
  bool halted(JobIndex job) const;
  /// Of a job that halts: all its time is waiting for the network.
  static const Split& split();
  /// Seconds it has stood still by `now_s`.
  double halted_s(JobIndex job, double now_s) const;
  /// The link that last halted it; kNoLink where none did.
  LinkIndex by(JobIndex job) const;
  /// The course of a job as it is with its halts: longer by them, and killed where its requested time is over before.
  Course delayed(Course course, const Job& of, JobIndex job) const;

 private:
  struct Halt {
    double before_s = 0;  ///< in halts that are over
    double since_s = -1;  ///< of the halt at hand; below 0: none
    LinkIndex by = kNoLink;
  };
  std::unordered_map<JobIndex, Halt> halts_;
};

}  // namespace alight
