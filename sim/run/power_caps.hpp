// Power caps in a run: what each rack, row, hall, the site and its meter draw now, and what becomes of those who pass a
// limit (sim/facility/power_cap.hpp).
//
// The controller looks `control_interval` after something changed that passes a limit, or may give back what a limit
// took, and at once where a limit changes, or the hour of the weather with a cap on the meter; after all else that
// happens in the instant. It looks from racks outwards and acts at once, so that within the interval of any change the
// draw is at or below every cap that can be kept. A job goes at the lowest clock that one of its caps asks of it. What
// a cap spares another cap's jobs may take only at the next look.
//
// A job draws what it draws by its course; a replica of a service, and a parallel job, count as computing at their
// limit. These, mixed jobs, and jobs that start up or stand still, are not clocked down.
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
#include "sim/run/held_parts.hpp"
#include "sim/run/run.hpp"
#include "sim/run/servers_out.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

/// The run as its caps see it.
class CappedRun {
 public:
  /// Chips of a job run at a clock from now on. False where that cannot be.
  virtual bool clock(JobIndex job, double clock) = 0;
  /// A job loses its chips now: it waits again where it may be preempted, else it has failed. False where it is done at
  /// this very instant.
  virtual bool lose_power(JobIndex job, const std::string& reason) = 0;
  /// Something that waits may start now.
  virtual void power_came() = 0;
  /// Jobs have still to come, run, or wait.
  virtual bool goes_on() const = 0;
  /// None has to come, and none runs.
  virtual bool only_waits() const = 0;
  /// What happens now counts as a part of the run.
  virtual void touch() = 0;
  /// How the time of a job's chips is divided at the full clock; null where it cannot be clocked down now.
  virtual const Split* at_full_clock(JobIndex job) const = 0;
  virtual bool redoes(JobIndex job) const = 0;
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
            const Cluster& cluster, ServersOut& out, CappedRun& run, std::vector<Recorder*> recorders);

  /// Servers are there, and up.
  void delivered(PoolIndex pool, ServerIndex first, ServerIndex end);
  /// Each chip of a job on `on` draws so much from now on, by the parts of `held`.
  void draws(JobIndex job, const HeldParts& held, const Allocation& on, std::span<const double> chip_w);
  /// Its chips are free, or out of service.
  void gone(JobIndex job);
  /// Whether a job may start on chips, once jobs `freed` have given back theirs.
  bool may_start(JobIndex job, const Allocation& on, std::span<const JobIndex> freed) const;

  bool refuses() const { return refuses_; }
  /// [cap], by the end of the run.
  std::vector<CapReport> reports(double end_s);

 private:
  using Nanowatts = std::int64_t;  ///< of a thousandth of a chip, and of sums over these: exact, whatever the order
  using PoolDraws = std::vector<Nanowatts>;  ///< [pool]
  struct Domain {
    std::size_t cap = 0;
    std::size_t number = 0;                 ///< among those of the cap
    PoolDraws draw, promised, unused;       ///< now; with all jobs at the most they will draw; of servers nobody uses
    std::map<JobIndex, std::int64_t> jobs;  ///< with thousandths of chips
    std::set<JobIndex> clocked;             ///< of these, that it holds at a clock
    std::int64_t off = 0;                   ///< servers it switched off
    PoolDraws kept;                         ///< at the meter: within the limit of this hour
    bool held_back = false, met = true;     ///< as told last
  };
  struct Share {
    std::size_t domain = 0;
    PoolIndex pool = 0;
    std::int64_t milli = 0;
  };
  struct PartDraw {
    PoolIndex pool = 0;
    Nanowatts now = 0, most = 0;
  };
  struct Drawing {
    std::vector<Share> shares;
    std::vector<PartDraw> parts;
    std::vector<std::pair<ServerIndex, std::int64_t>> servers;  ///< with thousandths of chips
    double clock = 1;
    std::map<std::size_t, double> bounds;  ///< by domain: the clock it asks for
  };
  /// What a chip draws at each clock step while its time is divided in a way; filled where it is asked for.
  using Curve = std::vector<double>;
  enum class Again : std::uint8_t { anew, only_lower };

  const PowerCap& cap_of(const Domain& domain) const { return building_.caps[domain.cap]; }
  template <class Call>
  void for_domains(ServerIndex server, const Call& call) const;
  void power(ServerIndex server, bool on);
  Drawing& add(JobIndex job, const Allocation& on);
  void use(ServerIndex server, std::int64_t milli);
  double metered_w(const Domain& domain, std::span<const double> pool_w) const;
  double metered_w(const Domain& domain, const PoolDraws& draw) const;
  double limit_w(const Domain& domain) const;
  bool within(const Domain& domain) const;
  bool holds_back(const Domain& domain) const { return !domain.clocked.empty() || domain.off > 0; }
  bool surely_within(Domain& domain);
  void changed(std::size_t domain);
  void look(std::uint64_t);
  void look_now();
  void limits_change(std::uint64_t);
  void clock_down(std::size_t domain, Again again);
  Curve& curve(JobIndex job, PoolIndex pool);
  double curve_w(Curve& curve, JobIndex job, PoolIndex pool, double clock) const;
  void bound(JobIndex job, std::size_t domain, double clock);
  void switch_off(std::size_t domain);
  bool switch_off_unused(std::size_t domain);
  bool may_switch_on(std::span<const ServerIndex> servers) const;
  void tell_switched(const Domain& domain, std::string_view kind, const std::vector<ServerIndex>& servers);
  void switch_on(std::size_t domain);
  void note(std::size_t domain);
  void count(std::size_t cap, double now_s);
  void tell(const Domain& domain, std::string_view kind);

  const Building& building_;
  const Site& site_;
  const Workload& workload_;
  Engine& engine_;
  const Cluster& cluster_;
  ServersOut& out_;
  CappedRun& run_;
  std::vector<Recorder*> recorders_;
  std::vector<Domain> domains_;
  std::vector<std::size_t> first_domain_;          ///< [cap]
  std::vector<std::int32_t> domain_of_;            ///< [cap x server] below 0: none
  PoolDraws idle_;                                 ///< [pool]
  std::vector<bool> powered_;                      ///< [server]
  std::vector<std::int64_t> used_;                 ///< [server] thousandths of chips that jobs hold
  std::vector<std::vector<ServerIndex>> servers_;  ///< [domain], where it may switch them off
  std::map<ServerIndex, std::size_t> off_;         ///< those switched off, by which domain
  std::map<JobIndex, Drawing> drawing_;
  std::map<std::tuple<PoolIndex, const Split*, bool>, Curve> curves_;
  std::set<std::size_t> touched_;  ///< domains to look at
  struct Count {
    std::int64_t held_back = 0, not_met = 0;  ///< domains
    double since_s = 0;
  };
  std::vector<Count> counts_;  ///< [cap]
  std::vector<CapReport> reports_;
  Air outside_;  ///< of this hour
  struct Metered {
    PoolDraws draw;
    double watts = 0;
  };
  mutable Metered metered_;  ///< at the meter, last
  bool refuses_ = false;
  bool looking_ = false;  ///< what changes is of its own making
  bool posted_ = false;
  bool limits_posted_ = true;
  double only_waits_since_s_ = -1;
};

}  // namespace alight
