// Faults of the network in a run: lets them happen at their instants, hands what is left of each link to those who
// share links, takes servers that are cut off out of service, and says which jobs stand still, go on, or fail.
//
// All that happens in one instant is taken together: jobs are looked at once, after the last change. A job is cut when
// two of its servers cannot talk (Detours::among), or when it cannot get on without the storage, which one of them
// cannot reach (LinkUsers::cut_from_storage). A replica of a service fails where it cannot be reached, and only there.
// A server is out of service while it is cut off (Detours::cut_off; servers_out.hpp).
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/network/link_faults.hpp"
#include "sim/network/link_users.hpp"
#include "sim/run/breakable_run.hpp"
#include "sim/run/servers_out.hpp"

namespace alight {

class NetworkFaults {
 public:
  /// All outlive this. No job has begun.
  NetworkFaults(const FaultPlan& plan, const Site& site, const Workload& workload, std::uint64_t seed, Engine& engine,
                const Cluster& cluster, ServersOut& out, LinkUsers& links, BreakableRun& run,
                std::vector<Recorder*> recorders);

  /// A job loads, or exchanges data, from now on; it is looked at within this instant.
  void running(JobIndex job);
  /// It stands still from now on until it has read from the storage, or written to it; likewise.
  void waits(JobIndex job);
  /// It is over, or lost its chips.
  void ended(JobIndex job);
  /// Whether jobs stand still.
  bool harmful() const { return !halted_.empty(); }

 private:
  void post_next();
  void happen(std::uint64_t);
  void look_soon();
  void look(std::uint64_t);
  void look_at(JobIndex job);
  void tell_change(const LinkFaults::Change& change);
  std::vector<std::int64_t> servers_of(JobIndex job) const;
  std::vector<std::int64_t> with_reachable(std::vector<std::int64_t> servers) const;
  template <class M, class A>
  void tell(M method, const A& what) {
    for (Recorder* r : recorders_) (r->*method)(what);
  }

  const FaultPlan& plan_;
  const Workload& workload_;
  Engine& engine_;
  const Cluster& cluster_;
  ServersOut& out_;
  LinkUsers& links_;
  Detours& ways_;
  Breakables breakables_;
  LinkFaults faults_;
  BreakableRun& run_;
  std::vector<Recorder*> recorders_;
  std::set<JobIndex> running_;  ///< on several servers, or with traffic to the storage
  std::map<JobIndex, LinkIndex> halted_;
  std::set<JobIndex> fresh_;   ///< to be looked at
  std::set<LinkIndex> moved_;  ///< of this instant, as Breakables::links() knows them
  std::vector<bool> cut_off_;  ///< [server]
  bool other_ways_ = false;    ///< some link died or came back in this instant
  double looking_at_ = -1;
};

}  // namespace alight
