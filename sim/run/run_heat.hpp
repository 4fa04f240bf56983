// Heat in a run: what becomes of chips, jobs and servers where their supply gets warm.
//
// Each loop's supply (models/cooling/supply.hpp) is held where its units and the weather of the hour let it be, and
// else follows its lump exactly, fed by what the loop's servers draw. A job whose chips would stand above their limit
// goes at the highest clock that keeps them below, step by step as the supply warms, and back, a kelvin later, as it
// cools. Where the supply reaches the loop's shutdown limit all its servers are switched off, until it is cool again.
//
// Events are posted at the exact instants at which a supply, as it goes, reaches the next temperature that matters:
// where some job needs its next step of the clock, a limit, or where it is held again. They are dated anew when what
// the servers draw changes, once in an instant and only while a supply is not held. That is as often as jobs start, end
// or change their clock, and each costs a logarithm: coarser would be less exact and no faster.
//
// Replicas count with the most they may draw at their clock. Parallel jobs, and whoever starts up or stands still, are
// not clocked down.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "sim/run/failing_units.hpp"
#include "sim/run/job_clocks.hpp"
#include "sim/run/power_caps.hpp"

namespace alight {

class RunHeat {
 public:
  struct Hooks {
    /// A server is switched off, or on again.
    std::function<void(ServerIndex server, bool on)> switched;
    /// What happened until now is to be counted in bins that have ended.
    std::function<void(double now_s)> close_bins;
  };
  /// All outlive this. Servers that are without power are `out` already; no job has started.
  RunHeat(const Building& building, const Site& site, std::uint64_t seed, Engine& engine, const Cluster& cluster,
          ServersOut& out, CappedRun& run, JobClocks& clocks, Hooks hooks, std::vector<Recorder*> recorders);

  /// Thousandths of chips of a pool that nobody holds get power, or (below 0) lose it.
  void powered(PoolIndex pool, std::int64_t milli);
  /// Each chip of a job draws so much from now on, by the parts of `held`: with its part of the server, and alone.
  void draws(JobIndex job, const HeldParts& held, std::span<const double> chip_w, std::span<const double> die_w);
  /// Its chips are free, or out of service.
  void gone(JobIndex job);

  /// A bin of the ledger ends.
  void bin_ends(double end_s);
  /// [pool], by the end of the run.
  std::vector<HeatReport> reports(double end_s);

 private:
  using Nanowatts = PowerDraws::Nanowatts;
  struct Part {
    PoolIndex pool = 0;
    std::int64_t milli = 0;
    Nanowatts now = 0;
    double die_w = 0;
  };
  struct Loop {
    Supply supply;
    std::int64_t running = 0;
    double settled_s = 0;         ///< until when time has passed for `supply`, and is in the reports
    double bin_high_c = -273.15;  ///< of the supply, since the bin began
    double safe_c = 0;            ///< up to there no chip can be too hot
    std::set<JobIndex> jobs;      ///< that hold chips of its pools
    std::set<JobIndex> clocked;
    std::map<PoolIndex, double> hottest_w;  ///< what the chip draws that draws most, alone
    bool off = false, posted = false, told_held = true;
    std::uint64_t ticket = 0;   ///< of the date posted last
    double limit_c = 0;         ///< what is reached then
    std::vector<double> set_c;  ///< [hour of the weather]; one where it is the same at all times
  };
  /// Of a pool, since its loop was looked at last.
  struct Flags {
    bool throttled = false, above = false;
  };

  const CoolingLoop& plan(std::size_t l) const { return building_.heat->loops[l]; }
  const PoolHeat& of(PoolIndex p) const { return building_.pool_heat[p]; }
  double set_now_c(const Loop& loop) const;
  double set_at_c(const Loop& loop, double now_s) const;
  double heat_w(std::size_t l) const;
  bool quiet(std::size_t l) const;

  void changed(std::size_t l);
  void look(std::uint64_t l);
  void reached(std::uint64_t which);
  void hour(std::uint64_t);
  void post_hours();
  void units_changed(std::size_t l, std::int64_t running);

  void settle(std::size_t l, double now_s, std::optional<double> reached_c = {});
  void act(std::size_t l);
  void switch_off(std::size_t l);
  void switch_on(std::size_t l);
  void switch_servers(std::size_t l, bool on, const std::string& subject);
  void clock_jobs(std::size_t l);
  /// The step of its clock that a loop's supply allows a job, by its parts there.
  int step_for(std::size_t l, JobIndex job);
  void date(std::size_t l);
  std::optional<double> next_limit_c(std::size_t l);
  void note(std::size_t l);
  bool above(std::size_t l, JobIndex job, const Part& part);
  void tell(std::size_t pool, std::string_view kind, std::int64_t servers, const std::string& subject);

  /// The supply at which its chips stand at their limit, at a step of the clock.
  double limit_c(JobIndex job, PoolIndex pool, int step);
  /// That a loop asks of a job.
  int asked_step(JobIndex job, std::size_t l) const;

  const Building& building_;
  const Site& site_;
  Engine& engine_;
  const Cluster& cluster_;
  ServersOut& out_;
  CappedRun& run_;
  JobClocks& clocks_;
  Hooks hooks_;
  std::vector<Recorder*> recorders_;
  std::vector<Loop> loops_;
  std::vector<std::size_t> loop_of_;  ///< [pool]
  std::vector<Nanowatts> idle_;       ///< [pool] of a chip's thousandth
  std::vector<Nanowatts> drawn_;      ///< [pool] of all its chips
  std::map<JobIndex, std::vector<Part>> jobs_;
  DrawCurves curves_;                ///< without the server around it
  std::vector<Flags> flags_;         ///< [pool]
  std::vector<HeatReport> reports_;  ///< [pool]
  std::size_t acting_ = kNone;       ///< the loop whose changes are of its own making
  bool varies_ = false;              ///< some supply follows the weather
  bool hours_posted_ = false;
  double only_waits_since_s_ = -1;
  FailingUnits units_;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
};

}  // namespace alight
