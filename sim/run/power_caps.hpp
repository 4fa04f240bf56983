// Power caps in a run: what becomes of those who pass a limit (sim/facility/power_cap.hpp).
//
// The controller looks `control_interval` after something changed that passes a limit, or may give back what a limit
// took, and at once where a limit changes, or the hour of the weather with a cap on the meter; after all else that
// happens in the instant. It looks from racks outwards and acts at once, so that within the interval of any change the
// draw (power_draws.hpp) is at or below every cap that can be kept. A job goes at the lowest clock that anyone asks of
// it (job_clocks.hpp). What a cap spares another cap's jobs may take only at the next look.
//
// What the next iteration of a replica will do nobody knows: at each clock it counts with the most it may draw.
// All parts of a job in several pools go at one clock. Parallel jobs, and whoever starts up or stands still, are not
// clocked down.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/facility/building.hpp"
#include "sim/record/recorder.hpp"
#include "sim/run/draw_curves.hpp"
#include "sim/run/held_parts.hpp"
#include "sim/run/job_clocks.hpp"
#include "sim/run/power_draws.hpp"
#include "sim/run/run.hpp"
#include "sim/run/servers_out.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

/// The run as those see it who hold it back: its power caps, and its heat (run_heat.hpp).
class CappedRun {
 public:
  /// A job loses its chips now: it waits again where it may be preempted, else it has failed. False where it is done at
  /// this very instant.
  virtual bool lose_power(JobIndex job, const std::string& reason) = 0;
  /// Something that waits may start now.
  virtual void power_came() = 0;
  /// Jobs have still to come, run, or wait; or servers to be delivered.
  virtual bool goes_on() const = 0;
  /// None has to come, and none runs.
  virtual bool only_waits() const = 0;
  /// What happens now counts as a part of the run.
  virtual void touch() = 0;
  virtual bool can_be_clocked(JobIndex job) const = 0;
  /// Of one that can be: who draws as it does in one of its pools.
  virtual AlikeDraw alike(JobIndex job, PoolIndex pool) const = 0;
  /// What each of its chips in a pool draws at a clock, between two checkpoints; of a replica, at most.
  virtual double chip_w(JobIndex job, PoolIndex pool, double clock) const = 0;
  /// The same of a chip without the server around it: what warms it.
  virtual double alone_w(JobIndex job, PoolIndex pool, double clock) const = 0;
  /// What each chip of a job draws at most at its full clock while it lies there, by pool.
  virtual std::map<PoolIndex, double> most_w(JobIndex job, const Allocation& on) = 0;
  virtual double started_s(JobIndex job) const = 0;

 protected:
  ~CappedRun() = default;
};

class PowerCaps {
 public:
  /// All outlive this. Servers that are without power are `out` already.
  PowerCaps(const Building& building, const Site& site, const Workload& workload, Engine& engine,
            const Cluster& cluster, ServersOut& out, CappedRun& run, JobClocks& clocks,
            std::vector<Recorder*> recorders);

  /// Servers are there, and up.
  void delivered(ServerIndex first, ServerIndex end);
  /// Others switch a server off, or on again.
  void switched(ServerIndex server, bool on);
  /// Each chip of a job on `on` draws so much from now on, by the parts of `held`.
  void draws(JobIndex job, const HeldParts& held, const Allocation& on, std::span<const double> chip_w);
  /// Its chips are free, or out of service.
  void gone(JobIndex job);
  /// Whether a job may start on chips, once jobs `freed` have given back theirs.
  bool may_start(JobIndex job, const Allocation& on, std::span<const JobIndex> freed) const {
    return draws_.may_start(job, on, freed);
  }

  bool refuses() const { return refuses_; }
  /// A limit is another sooner or later, and was not tried in vain.
  bool awaits_limit() const { return limits_posted_; }
  std::size_t servers_off() const { return off_.size(); }
  /// [cap], by the end of the run.
  std::vector<CapReport> reports(double end_s);

 private:
  using PoolDraws = PowerDraws::PoolDraws;
  /// What a cap holds back in a domain.
  struct Held {
    std::set<JobIndex> clocked;
    std::int64_t off = 0;                ///< servers
    bool held_back = false, met = true;  ///< as told last
    bool any() const { return !clocked.empty() || off > 0; }
  };
  enum class Again : std::uint8_t { anew, only_lower };

  const PowerCap& cap_of(std::size_t domain) const { return draws_.cap_of(domain); }
  void changed(std::size_t domain);
  void look(std::uint64_t);
  void look_now();
  void limits_change(std::uint64_t);
  void post_limits();
  void clock_down(std::size_t domain, Again again);
  void ask(JobIndex job, std::size_t domain, double clock);
  void switch_off(std::size_t domain);
  bool switch_off_unused(std::size_t domain);
  void switch_on(std::size_t domain);
  void note(std::size_t domain);
  void count(std::size_t cap, double now_s);
  void tell_switched(std::size_t domain, std::string_view kind, const std::vector<ServerIndex>& servers);
  void tell(std::size_t domain, std::string_view kind);

  const Building& building_;
  const Workload& workload_;
  Engine& engine_;
  const Cluster& cluster_;
  ServersOut& out_;
  CappedRun& run_;
  JobClocks& clocks_;
  std::vector<Recorder*> recorders_;
  PowerDraws draws_;
  std::vector<Held> held_;                         ///< [domain]
  std::vector<std::vector<ServerIndex>> servers_;  ///< [domain], where it may switch them off
  std::map<ServerIndex, std::size_t> off_;         ///< those switched off, by which domain
  DrawCurves curves_;
  std::set<std::size_t> touched_;  ///< domains to look at
  struct Count {
    std::int64_t held_back = 0, not_met = 0;  ///< domains
    double since_s = 0;
  };
  std::vector<Count> counts_;  ///< [cap]
  std::vector<CapReport> reports_;
  bool refuses_ = false;
  bool looking_ = false;  ///< what changes is of its own making
  bool posted_ = false;
  bool limits_posted_ = false;
  bool tried_in_vain_ = false;  ///< all limits have come round while nothing but waiting was left
  double only_waits_since_s_ = -1;
};

}  // namespace alight
