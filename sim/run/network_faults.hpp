// Faults of the network in a run: lets them happen at their instants, hands what is left of each link to those who
// share links, takes servers that are cut off out of service, and says which jobs stand still, go on, or fail.
//
// All that happens in one instant is taken together: jobs are looked at once, after the last change. A job is cut when
// two of its servers cannot talk (Detours::among); a job on one server never is. A server is out of service while it is
// cut off (Detours::cut_off): nothing is placed on what of it is free, and that is in state `failed`; what jobs hold
// stays theirs until they end.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/network/link_faults.hpp"
#include "sim/network/link_users.hpp"

namespace alight {

class NetworkFaults {
 public:
  /// What the run does for it; told in turn `condition`.
  struct Hooks {
    std::function<void(JobIndex job, LinkIndex by)> halt;
    std::function<void(JobIndex job)> resume;
    std::function<void(JobIndex job, const std::string& reason)> fail;
    /// Whether the job is done at this very instant, so that nothing can befall it.
    std::function<bool(JobIndex job)> done;
    /// Links of its servers broke, or were repaired.
    std::function<void(JobIndex job)> own_links;
    std::function<std::span<const Slice>(JobIndex job)> held;
    std::function<const Job&(JobIndex job)> job;
    /// Thousandths of chips of a pool go out of service (or come back: below 0).
    std::function<void(PoolIndex pool, std::int64_t milli)> out;
    /// Whether nothing is left that faults could befall.
    std::function<bool()> over;
    std::vector<Recorder*> recorders;
  };

  /// All outlive this. No job has begun.
  NetworkFaults(const FaultPlan& plan, const Site& site, std::uint64_t seed, Engine& engine, Cluster& cluster,
                LinkUsers& links, Hooks hooks);

  /// A job exchanges data from now on; it is looked at within this instant.
  void running(JobIndex job);
  /// It is over, and gave `held` back.
  void ended(JobIndex job, std::span<const Slice> held);
  /// Chips of a server are free that were not: they are taken out of service where it is cut off.
  void freed(ServerIndex server);
  /// Whether servers are out of service, or jobs stand still.
  bool harmful() const { return !out_.empty() || !halted_.empty(); }

 private:
  void post_next();
  void happen(std::uint64_t);
  void look_soon();
  void look(std::uint64_t);
  void look_at(JobIndex job);
  void tell_change(const LinkFaults::Change& change);
  void take_out(ServerIndex server);
  void bring_back(ServerIndex server);
  std::vector<std::int64_t> servers_of(JobIndex job) const;
  template <class M, class A>
  void tell(M method, const A& what) {
    for (Recorder* r : hooks_.recorders) (r->*method)(what);
  }

  /// What of a server is out of service.
  struct Out {
    Allocation slices;       ///< kept from placements while others are held; empty where all of it is out
    std::int64_t milli = 0;  ///< of its chips
  };

  const FaultPlan& plan_;
  Engine& engine_;
  Cluster& cluster_;
  LinkUsers& links_;
  Detours& ways_;
  Breakables breakables_;
  LinkFaults faults_;
  Hooks hooks_;
  std::set<JobIndex> running_;  ///< on several servers
  std::map<JobIndex, LinkIndex> halted_;
  std::set<JobIndex> fresh_;   ///< to be looked at
  std::set<LinkIndex> moved_;  ///< of this instant, "up" directions
  std::vector<bool> cut_off_;  ///< [server]
  std::map<ServerIndex, Out> out_;
  bool other_ways_ = false;  ///< some link died or came back in this instant
  double looking_at_ = -1;
};

}  // namespace alight
