// A job as a trace or a generator states it, before any site is known.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/describe/date.hpp"

namespace alight {

/// Strings that repeat over many jobs, kept once. Id 0 is the empty string: "not stated".
class Names {
 public:
  using Id = std::uint32_t;
  Names();
  Id intern(std::string_view text);
  const std::string& operator[](Id id) const { return texts_[id]; }
  std::size_t size() const { return texts_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  std::vector<std::string> texts_;
  std::unordered_map<std::string, Id, Hash, std::equal_to<>> ids_;
};

/// How a job's chips must lie.
enum class Shape : std::uint8_t {
  gang,           ///< any free chips of one pool, all at once
  one_server,     ///< all chips in one server (a pod)
  whole_servers,  ///< whole servers, nobody else on them
};

/// How the job ended in the trace; what it does in a run is decided there.
enum class TraceStatus : std::uint8_t { unknown, completed, failed, cancelled, killed };
std::string_view name_of(TraceStatus status);

/// What a job is, which says how it spends its time once it runs.
enum class JobType : std::uint8_t {
  rigid,     ///< runs for the time its trace states
  training,  ///< trains `tokens` of `model` at the rate its chips give (training_work.hpp)
  service,   ///< a replica of a service: holds its chips until it is told to give them back
  parallel,  ///< computes and communicates as its `task` states, at the pace of the site (parallel_work.hpp)
};
std::string_view name_of(JobType type);

/// One job. Times in seconds from the workload's epoch.
struct Job {
  std::string id;
  double submit_s = 0;
  /// Run time in the trace, on `traced_chip` where that is stated; 0 for other than rigid jobs.
  double duration_s = 0;
  /// Requested time, the scheduler's estimate; where the trace has none it equals duration_s, and is predicted for
  /// others. A job that would run longer is killed at it when `kill_at_estimate`.
  double estimate_s = 0;
  double tokens = 0;                 ///< to train; 0 for other jobs
  std::int64_t chips = 1;            ///< whole chips; 0 for a job of the host's processor alone
  std::int32_t chip_milli = 1000;    ///< of each chip, in thousandths; below 1000 only with chips == 1
  std::int32_t priority = 0;         ///< larger goes first
  std::int64_t cpu_milli = 0;        ///< host processor for the whole job, thousandths of a core; 0 = not counted
  std::int64_t host_memory_mib = 0;  ///< host memory for the whole job; 0 = not counted
  double min_chip_memory_gb = 0;     ///< chips with less memory cannot run it
  Names::Id user = 0;
  Names::Id vc = 0;           ///< virtual cluster, partition or queue: what quotas speak of
  Names::Id kinds = 0;        ///< chip kinds it may run on, joined by '|'; 0 = any
  Names::Id stack = 0;        ///< software stack it is written for (cuda, cann ...); 0 = any
  Names::Id traced_chip = 0;  ///< chip the duration was measured on
  Names::Id model = 0;        ///< what it trains or serves; a name of the model zoo where it is of type training
  Names::Id training = 0;     ///< a training job's TrainingWork as text
  Names::Id task = 0;         ///< a parallel job's ParallelWork as text
  Names::Id mix = 0;          ///< its TrainingMix as text, where it lies in several pools at once; else 0
  Shape shape = Shape::gang;
  JobType type = JobType::rigid;
  TraceStatus status = TraceStatus::unknown;
  bool kill_at_estimate = false;
  bool preemptible = false;  ///< it may lose its chips to a job of higher priority, and then waits again
};

/// Why rows of a trace were not taken, counted.
struct ImportReport {
  std::int64_t taken = 0;
  std::int64_t skipped = 0;
  struct Reason {
    std::string why;  ///< "negative run time"
    std::int64_t rows = 0;
    std::string first_place;  ///< "philly.csv:17", the first such row
  };
  std::vector<Reason> reasons;
  std::vector<std::string> notes;  ///< what a reader assumed ("no requested time: estimate = run time")

  void skip(std::string_view why, std::string_view place);
};

/// Jobs and the names they share. Jobs are ordered by (submit_s, id): see sort().
struct Workload {
  std::vector<Job> jobs;
  Names names;
  ImportReport report;
  std::optional<Date> epoch;  ///< the moment submit_s counts from, where the trace states one

  /// Orders jobs by submit time, then by id read as people read it ("9" before "10"), so that the order of equal-time
  /// rows in a file never matters.
  void sort();
};

/// "9" before "10", "job2" before "job10"; a total order.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace alight
