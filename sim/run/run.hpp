// One run: plays a workload on a site under a policy, keeps the ledger, tells the recorders.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/reliability/slow_chips.hpp"
#include "platforms/site.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/engine/engine.hpp"
#include "sim/ledger/ledger.hpp"
#include "sim/network/sharing.hpp"
#include "sim/record/recorder.hpp"
#include "sim/run/slow_chips.hpp"
#include "sim/scheduler/scheduler.hpp"
#include "workloads/job.hpp"

namespace alight {

struct Building;
struct BreakdownPlan;
struct FaultPlan;
struct Service;

/// What a run is told beside site and workload.
struct RunSettings {
  std::uint64_t seed = 0;
  std::string policy = "easy";
  std::string placement = "pack";
  JobPreemption preemption = JobPreemption::none;
  /// Quotas in chips by VC name; a VC not named here waits in the common queue, without quota.
  std::map<std::string, double> quota_chips;
  double horizon_s = std::numeric_limits<double>::infinity();  ///< infinite: until the last job has ended
  double ledger_bin_s = 3600;
  bool jobs_end = true;  ///< false: started jobs hold their chips for ever (fill the site by arrivals only)
  /// Seconds as traced after which jobs known by their durations keep what they have done; infinite: they start anew.
  double checkpoint_s = std::numeric_limits<double>::infinity();
  Sharing sharing = Sharing::fluid;
  std::shared_ptr<const FaultPlan> faults = nullptr;          ///< of the network, which is shared then; null: none
  std::shared_ptr<const BreakdownPlan> breakdowns = nullptr;  ///< of servers and chips; null: none
  /// [pool] how speeds of its chips differ, drawn for each; empty: not at all.
  std::vector<std::optional<ChipSpeeds>> chip_speeds = {};
  /// Whether some chips are, or become, slower or faster than their kind.
  bool slow_chips() const;
  /// Their replicas hold chips as jobs of the workload, of type service. Null: none.
  std::shared_ptr<const std::vector<std::unique_ptr<const Service>>> services = nullptr;
  /// Power is counted where there is one. Null: none.
  std::shared_ptr<const Building> building = nullptr;
  bool lockstep = false;  ///< SimGrid's clock is moved to every instant
  /// Run time on a chip over run time on the chip it was traced on, by (traced chip, chip); pairs not named here follow
  /// the default rule (models/chip_speed.hpp).
  std::map<std::pair<std::string, std::string>, double> slowdown;
};

struct TrainingGround;

/// What came of a power cap.
struct CapReport {
  double capped_s = 0;   ///< in which it held jobs, or servers, back in some of its domains
  double not_met_s = 0;  ///< in which some drew more, with nothing left to be done
  double lowest_clock = 1;
  std::int64_t jobs_cut = 0;     ///< that lost their chips
  std::int64_t servers_off = 0;  ///< at most, at one time
};

/// What came of the heat of a pool.
struct HeatReport {
  double highest_supply_c = 0, highest_chip_c = 0;
  double throttled_s = 0;  ///< in which some of its jobs were clocked down for it
  double above_s = 0;      ///< in which some chip stood above its limit, and could not be clocked down further
  double off_s = 0;        ///< in which its servers were switched off
  double short_s = 0;      ///< in which its supply was not held
  double lowest_clock = 1;
  std::int64_t jobs_cut = 0;  ///< that lost their chips
};

/// How a run ended.
struct RunEnd {
  Engine::End how = Engine::End::finished;
  double end_s = 0;
  std::uint64_t events = 0;
  std::string violation;  ///< a broken invariant in words, or empty
  double installed_chip_s = 0;
  std::vector<StateTimes> chip_s;           ///< [pool][state]
  std::vector<StateTimes> joules;           ///< likewise; empty where power is not counted
  std::vector<ChipPower> chip_power;        ///< [pool]; likewise
  std::vector<CapReport> caps;              ///< [cap of the building]
  std::vector<SlowChipsReport> slow_chips;  ///< [pool]; empty where all chips are and stay alike
  std::vector<HeatReport> heat;             ///< [pool]; empty where it does not count
};

/// Says whether two chip names mean the same kind ("V100M16" and "V100 SXM2 16GB").
using SameKind = std::function<bool(const std::string& wanted, const Chip& chip)>;

class Run {
 public:
  /// `site` and `workload` outlive the run; recorders hear in the order given. Without `ground` no job can train.
  Run(const Site& site, const Workload& workload, const RunSettings& settings, const SameKind& same_kind,
      std::vector<Recorder*> recorders, std::shared_ptr<const TrainingGround> ground = nullptr);
  ~Run();
  RunEnd play(const std::atomic<bool>& interrupt, std::function<void(double now_s, std::size_t ended)> progress = {});

 private:
  class Play;
  std::unique_ptr<Play> play_;
};

}  // namespace alight
