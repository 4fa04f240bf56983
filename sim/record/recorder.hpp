// Recorders: they hear what happened and write files; they never steer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platforms/site.hpp"
#include "platforms/topology/routes.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/ledger/ledger.hpp"
#include "workloads/job.hpp"

namespace alight {

struct ServiceEnd;
struct ServiceState;
struct TrainingRate;
struct MixedRate;

/// How a job stands at the end of a run, or ended.
enum class JobStatus : std::uint8_t {
  completed,      ///< ran for its traced duration, which ended well or by unknown means
  failed,         ///< ran for its traced duration, which ended in failure in the trace
  cancelled,      ///< likewise, cancelled by its user
  killed,         ///< ended at its requested time
  rejected,       ///< can never run here; the reason says why
  running,        ///< still running when the run ended
  waiting,        ///< never started
  not_submitted,  ///< its submit time lies beyond the end of the run
};
inline constexpr std::size_t kJobStatuses = 8;
std::string_view name_of(JobStatus status);

/// What a job holds of one pool.
struct PoolPart {
  std::size_t pool = 0;
  std::int64_t held_milli = 0;
};

/// What a job did at its starts before the last one. Each ended in its preemption, or because something broke.
struct EarlierStarts {
  std::int64_t starts = 0;
  std::int64_t failures = 0;    ///< of these, ended because something broke
  std::int64_t growths = 0;     ///< of these, ended for one on more chips
  std::int64_t most_milli = 0;  ///< thousandths of chips it held at most
  double first_start_s = 0;
  double until_s = 0;   ///< when it last lost its chips; it waits since
  double waited_s = 0;  ///< before all of them
  double ran_s = 0;     ///< from each of these starts to its end; as are the sums that follow
  double startup_s = 0, checkpoint_s = 0, network_lost_s = 0, lost_to_faults_s = 0;
  double redone_s = 0, hung_s = 0, slowed_s = 0, reduced_s = 0;

  std::int64_t preemptions() const { return starts - failures - growths; }
};

/// A job that ended, was preempted, or was still there at the end of the run. Valid during the call only.
struct JobRecord {
  const Job& job;
  JobStatus status;
  std::string_view reason = "";    ///< why, in words; may be empty
  double submit_s = job.submit_s;  ///< of a replica, when it was asked for
  double start_s = 0;              ///< meaningful when `pool` is there
  double finish_s = 0;             ///< end, or the end of the run for running jobs
  const Pool* pool = nullptr;      ///< null when it never started; the first where it lies in several
  const Allocation* allocation = nullptr;
  std::int64_t servers = 0;                ///< it lies on
  std::int64_t leaves = 0;                 ///< leaf switches its servers hang on
  std::int64_t held_milli = 0;             ///< thousandths of chips it held
  const TrainingRate* training = nullptr;  ///< of a started training job: its layout, step and rate
  double tokens = 0;                       ///< trained by `finish_s`
  double network_lost_s = 0;               ///< of its run, to others on links it shared and to broken ones
  LinkIndex worst_link = kNoLink;          ///< on which it lost most of that
  double lost_to_faults_s = 0;             ///< of that, standing still or on links that were not whole
  double startup_s = 0;                    ///< of a training job: from its start to its first step, what it loads in it
  double checkpoint_s = 0;                 ///< of its run, waiting for checkpoints
  const MixedRate* mixed = nullptr;        ///< of a started job that lies in several pools
  std::span<const PoolPart> parts = {};    ///< of such a job, by ascending pool
  double tokens_before = 0;                ///< of `tokens`, what its last start went on from
  double redone_s = 0;                     ///< of its run, doing again what an earlier start lost
  double hung_s = 0;                       ///< of its run, standing still after a failure nobody knew of
  double reduced_s = 0;                    ///< of its run, on fewer chips than it asked for
  double slowed_s = 0;                     ///< of its run, behind because of the speeds of its chips
  double joules = 0;                       ///< that its chips drew, and the servers around them, at all its starts
  EarlierStarts before = {};               ///< the other figures are of the last start alone

  double first_start_s() const { return before.starts > 0 ? before.first_start_s : start_s; }
  /// Until its last start.
  double wait_s() const {
    return before.starts > 0 ? before.waited_s + (start_s - before.until_s) : start_s - submit_s;
  }
  /// At all starts.
  double run_s() const { return before.ran_s + (finish_s - start_s); }
  /// Of that, in which it got on: neither starting, nor at checkpoints, nor hung, nor doing again what was lost.
  double kept_s() const {
    const double works_s = run_s() - (before.startup_s + startup_s) - (before.hung_s + hung_s);
    if (!(works_s > 0)) return 0;
    // Checkpoints are written while it does work again too.
    return (works_s - before.redone_s - redone_s) * (1 - (before.checkpoint_s + checkpoint_s) / works_s);
  }
};

/// Servers, or something in them, broke, were found so, or are back.
struct Breakdown {
  enum class What : std::uint8_t { broken, found, back };
  double time_s = 0;
  What what = What::broken;
  std::string_view name;  ///< the cause
  std::size_t pool = 0;
  std::int64_t first_server = 0;
  std::int64_t servers = 0;  ///< that are out because of it; 0 where it takes none
  bool maintenance = false;
  bool slow = false;      ///< a chip became slow: its server is out only from when it is found
  std::int64_t jobs = 0;  ///< it befell; `found`: that lost their chips
};

/// Something that happened to the site.
struct SiteEvent {
  double time_s;
  std::string_view kind;          ///< "delivered", "down", "up", "degraded to 50 %", "cut off", "capped"
  std::size_t pool;               ///< kNoPool where it is of none
  std::int64_t servers;           ///< of the pool; else 0
  std::string_view subject = "";  ///< the link, cable, switch or power cap, where it is of one
  bool fault = false;             ///< of the network: something of it broke, or was repaired
  static constexpr std::size_t kNoPool = static_cast<std::size_t>(-1);
};

/// What a broken network did to a job whose servers it cuts from each other.
struct JobCut {
  enum class How : std::uint8_t { stalled, resumed, failed };
  double time_s;
  const Job& job;
  How how;
  std::string_view by = "";  ///< what broke: "spine 3"; empty where it goes on
};

/// What is left of a shared link from now on, both directions.
struct LinkPart {
  double time_s;
  LinkIndex link;
  std::int64_t cables;
  double part;
};

/// What a shared link carries from a time on: never before that of another such state.
struct LinkState {
  double time_s;
  LinkIndex link;
  double bytes_per_s;
  double saturated;  ///< share of time in which more is asked of it than it carries; in the exact mode, it is full
};

/// (wait + run) / run with runs below 10 s counted as 10 s, and never below 1 (D. Feitelson et al., "Theory and
/// practice in parallel job scheduling", JSSPP 1997).
double bounded_slowdown(double wait_s, double run_s);

class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void job_submitted(const Job&, double /*now_s*/) {}
  /// A job started; the record's finish is not known yet.
  virtual void job_started(const JobRecord&) {}
  /// A running job lost its chips, now, and waits again.
  virtual void job_preempted(const JobRecord&) {}
  /// The same, because something broke or is serviced: the record's reason says what.
  virtual void job_interrupted(const JobRecord& record) { job_preempted(record); }
  /// The same, of an elastic job that starts again now on more chips.
  virtual void job_grew(const JobRecord& record) { job_preempted(record); }
  virtual void job_ended(const JobRecord&) {}
  virtual void site_event(const SiteEvent&) {}
  virtual void job_cut(const JobCut&) {}
  virtual void link_broke(const LinkPart&) {}
  virtual void broke(const Breakdown&) {}
  /// The highest that the supply of a pool got in the bin that is closed next (sim/run/run_heat.hpp).
  virtual void supply_in_bin(std::size_t /*pool*/, double /*highest_c*/) {}
  virtual void bin_closed(const LedgerBin&) {}
  /// The links that jobs can share, once, before any of them changes.
  virtual void links_there(const std::vector<SharedLink>&) {}
  virtual void link_changed(const LinkState&) {}
  virtual void service_bin(const ServiceState&) {}
  virtual void service_ended(const ServiceEnd&) {}
};

}  // namespace alight
