// The state of everything that can break in a network, as a plan has it over time, and what that leaves of each link.
//
// A link carries the mean of what its cables do, times what is left of itself. A cable does the least of what it, and
// the switches at its ends, do. So of n cables one that is down leaves (n - 1) / n, and a switch takes with it the
// cables that hang on it.
//
// Random failures of a class are a Poisson process: exponential times between them, each at a thing of the class that
// is drawn evenly; one that is down already does not fail again. They are independent of what the run does, and each
// class draws from a stream of its own ("link faults: TIER, MEDIUM").
#pragma once

#include <boost/random/exponential_distribution.hpp>
#include <cstdint>
#include <limits>
#include <map>
#include <queue>
#include <string>
#include <vector>

#include "models/random/streams.hpp"
#include "sim/network/fault_plan.hpp"

namespace alight {

class LinkFaults {
 public:
  /// Plan and breakables outlive this.
  LinkFaults(const FaultPlan& plan, const Breakables& breakables, const Routes& routes, std::uint64_t seed);

  /// When something breaks or is repaired next; infinite: never.
  double next_s() const;

  struct Change {
    FaultTarget target;
    double part = 0;  ///< it does from now on
  };
  /// Lets all happen that is due by `now_s`: what changed, in order. Valid until the next call.
  const std::vector<Change>& advance(double now_s);
  /// Of what the last advance() left another part, as Breakables::links() knows it; ascending.
  const std::vector<LinkIndex>& moved() const { return moved_; }

  /// What is left of a link.
  double part(LinkIndex link) const { return part_[routes_.ways_of(link).first]; }
  /// What last took something from a link: "spine 3", "cable leaf0_up #2".
  std::string blame(LinkIndex link) const;
  std::string name_of(const FaultTarget& target) const;

 private:
  struct Class {
    const FaultClass* of = nullptr;
    Stream stream;
    double next_s = 0;
    std::vector<std::pair<LinkIndex, std::int64_t>> cables;  ///< links, with the cables up to and with each
  };
  struct Repair {
    double time_s = 0;
    std::uint64_t order = 0;
    FaultTarget target;
    bool operator>(const Repair& o) const { return time_s != o.time_s ? time_s > o.time_s : order > o.order; }
  };
  void fail(Class& of);
  void change(const FaultTarget& target, double before);
  void measure(LinkIndex link, const FaultTarget& by);
  /// What it does: the least of what the trace and chance leave.
  double does(const FaultTarget& target) const;
  double switch_does(SwitchIndex index) const {
    return index < 0 ? 1 : does({.kind = FaultTarget::Kind::switch_, .index = static_cast<std::uint32_t>(index)});
  }

  const FaultPlan& plan_;
  const Breakables& breakables_;
  const Routes& routes_;
  std::size_t next_event_ = 0;
  std::vector<Class> classes_;
  std::priority_queue<Repair, std::vector<Repair>, std::greater<>> repairs_;
  std::uint64_t repairs_posted_ = 0;
  std::map<FaultTarget, double> traced_;  ///< by the trace, below 1
  std::map<FaultTarget, bool> chance_;    ///< down by chance
  std::vector<double> part_;              ///< [link] of Breakables::links()
  std::map<LinkIndex, FaultTarget> blame_;
  std::vector<Change> changes_;
  std::vector<LinkIndex> moved_;
};

}  // namespace alight
