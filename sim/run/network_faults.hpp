// Faults of the network in a run: lets them happen at their instants, hands what is left of each link to those who
// share links, takes servers that are cut off out of service, and says which jobs stand still, go on, or fail.
//
// All that happens in one instant is taken together: jobs are looked at once, after the last change. A job is cut when
// two of its servers cannot talk (Detours::among), or when it cannot get on without the storage, which one of them
// cannot reach (LinkUsers::cut_from_storage). A replica of a service fails where it cannot be reached, and only there.
// A server is out of service while it is cut off (Detours::cut_off): nothing is placed on what of it is free, and that
// is in state `failed`; what jobs hold stays theirs until they end.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/network/link_faults.hpp"
#include "sim/network/link_users.hpp"

namespace alight {

/// The run whose network breaks, as its faults see it. Told in turn `condition`, but for what is only asked.
class BreakableRun {
 public:
  /// A job stands still from now on because of a link; it goes on; it ends.
  virtual void halt(JobIndex job, LinkIndex by) = 0;
  virtual void resume(JobIndex job) = 0;
  virtual void fail(JobIndex job, const std::string& reason) = 0;
  /// Links of its servers broke, or were repaired.
  virtual void own_links_changed(JobIndex job) = 0;
  /// Thousandths of chips of a pool go out of service (or come back: below 0).
  virtual void out_of_service(PoolIndex pool, std::int64_t milli) = 0;
  /// Whether the job is done at this very instant, so that nothing can befall it.
  virtual bool done(JobIndex job) const = 0;
  virtual const Allocation& held(JobIndex job) const = 0;
  /// Something breaks or is repaired. False where nothing is left that it could befall.
  virtual bool concerns_anyone() = 0;

 protected:
  ~BreakableRun() = default;
};

class NetworkFaults {
 public:
  /// All outlive this. No job has begun.
  NetworkFaults(const FaultPlan& plan, const Site& site, const Workload& workload, std::uint64_t seed, Engine& engine,
                Cluster& cluster, LinkUsers& links, BreakableRun& run, std::vector<Recorder*> recorders);

  /// A job loads, or exchanges data, from now on; it is looked at within this instant.
  void running(JobIndex job);
  /// It stands still from now on until it has read from the storage, or written to it; likewise.
  void waits(JobIndex job);
  /// It is over, and gave `held` back.
  void ended(JobIndex job, std::span<const Slice> held);
  /// Chips of a server are free that were not: they are taken out of service where it is cut off.
  void freed(ServerIndex server);
  /// Whether the network reaches a server no more.
  bool cut_off(ServerIndex server) const { return cut_off_[server]; }
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
  bool serves(JobIndex job) const { return workload_.jobs[job].type == JobType::service; }
  std::vector<std::int64_t> with_reachable(std::vector<std::int64_t> servers) const;
  template <class M, class A>
  void tell(M method, const A& what) {
    for (Recorder* r : recorders_) (r->*method)(what);
  }

  /// What of a server is out of service.
  struct Out {
    Allocation slices;       ///< kept from placements while others are held; empty where all of it is out
    std::int64_t milli = 0;  ///< of its chips
  };

  const FaultPlan& plan_;
  const Workload& workload_;
  Engine& engine_;
  Cluster& cluster_;
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
  std::map<ServerIndex, Out> out_;
  bool other_ways_ = false;  ///< some link died or came back in this instant
  double looking_at_ = -1;
};

}  // namespace alight
