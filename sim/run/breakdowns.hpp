// Chips, servers, racks and software that break in a run, and servers that are serviced.
//
// What happens to one that breaks:
//
//   broken     its server is out of service at once, a rack that leaks with all of its loop; a job on what broke hangs,
//              and nobody knows
//   found      `detection` later: the job loses its chips and waits again (or ends); spares step in
//   drained    `drain` later: other jobs that still hold parts of the server lose theirs
//   repaired   by a crew that is free, from when the server is empty; back after its test
//
// Software takes no server: the job hangs, is found, and starts again. A replica of a service is missed at once. A chip
// that becomes slow hangs nobody: its job goes on at its pace, and its server is out from when it is found, if ever.
// Outages at known times, from a trace of faults or for maintenance, go the same way; maintenance concerns no job until
// it is drained. What breaks while nothing is left that it could befall is not played.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/reliability/repair.hpp"
#include "sim/engine/engine.hpp"
#include "sim/record/recorder.hpp"
#include "sim/run/breakable_run.hpp"
#include "sim/run/breakdown_plan.hpp"
#include "sim/run/failing_devices.hpp"
#include "sim/run/servers_out.hpp"

namespace alight {

class Breakdowns {
 public:
  /// All outlive this. No job has begun.
  Breakdowns(const BreakdownPlan& plan, const Site& site, std::uint64_t seed, Engine& engine, const Cluster& cluster,
             const Scheduler& scheduler, ServersOut& out, BreakableRun& run, std::vector<Recorder*> recorders);

  /// Servers [first, end) are there from now on.
  void delivered(ServerIndex first, ServerIndex end);
  /// Chips of servers that are out were given back.
  void freed();

 private:
  /// One thing that broke, or is serviced, from then until it is back.
  struct Incident {
    ServerIndex first = 0, end = 0;                ///< servers that are out
    ServerIndex struck_first = 0, struck_end = 0;  ///< of these, those that broke; equal: all
    bool takes_servers = true;
    OutFor why = OutFor::failure;
    std::string what;
    double repair_s = 0;
    bool by_crew = false;  ///< else it takes `repair_s` at once
    bool dated = false;    ///< its end is posted already
    std::optional<FailingDevices::Failure> device;
    int chip = -1;               ///< the one of a server; -1: all
    std::optional<double> part;  ///< that is left of the speed of a slow chip
    bool stops = true;           ///< jobs on a slow chip
    bool is_found = false;
    std::vector<std::pair<JobIndex, std::uint32_t>> victims;  ///< with the start it befell
  };

  void post_next();
  void break_next(std::uint64_t);
  void begin_outage(std::uint64_t number);
  void begin(Incident incident, double detection_s);
  void slow_down(std::uint64_t number);
  void begin_slow(Incident incident, const BreakdownPlan::Cause& cause);
  void found_slow(std::uint64_t id);
  void take_out(std::uint64_t id, const Incident& incident);
  void set_speed(const Incident& incident, bool falls);
  void replaced(ServerIndex server, int chip);
  bool in_service(ServerIndex server) const;
  void found(std::uint64_t id);
  void found_late(std::uint64_t id);
  std::int64_t interrupt_victims(const Incident& incident);
  void drained(std::uint64_t id);
  void try_repair(std::uint64_t id);
  void back(std::uint64_t id);
  std::string cause_of(const Incident& incident) const;
  std::vector<JobIndex> holders(ServerIndex first, ServerIndex end, int chip) const;
  void down(ServerIndex server, OutFor why);
  void up(ServerIndex server, OutFor why);
  std::int64_t spares_wanted(PoolIndex pool) const;
  void release_spares(PoolIndex pool);
  void keep_spares(PoolIndex pool);
  void tell(const Incident& incident, Breakdown::What what, std::int64_t jobs);

  const BreakdownPlan& plan_;
  Engine& engine_;
  const Cluster& cluster_;
  const Scheduler& scheduler_;
  ServersOut& out_;
  BreakableRun& run_;
  std::vector<Recorder*> recorders_;
  FailingDevices devices_;
  RepairCrews crews_;
  std::vector<Stream> repairs_;  ///< [cause]
  std::map<std::uint64_t, Incident> incidents_;
  std::map<std::uint64_t, Incident> over_unnoticed_;  ///< of which jobs still hang
  std::uint64_t next_id_ = 0;
  std::set<std::uint64_t> to_be_empty_;  ///< incidents that wait for their servers to be empty
  std::map<std::pair<ServerIndex, OutFor>, int> down_;
  std::map<PoolIndex, std::set<ServerIndex>> spares_;
  double posted_s_ = -1;
};

}  // namespace alight
