#include "sim/run/admission.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "models/chip_speed.hpp"
#include "platforms/simgrid/plan.hpp"
#include "sim/run/breakdown_plan.hpp"
#include "workloads/parallel_work.hpp"

namespace alight {
namespace {

// Index into Admission::reasons; those of training jobs follow.
using Reason = std::uint32_t;
enum : Reason { kAdmitted, kKind, kStack, kMemory, kSize, kQuota, kParts };

// What decides which pools may run a job, apart from its size.
struct Constraint {
  Names::Id kinds = 0;
  Names::Id stack = 0;
  double min_chip_memory_gb = 0;
  auto operator<=>(const Constraint&) const = default;
};

// As much as traces may state of a run time.
constexpr double kLongestRunS = 1e10;

// In `kinds`, a pool by its name.
constexpr std::string_view kPoolPrefix = "pool:";

struct Resolved {
  std::vector<PoolIndex> pools;
  Reason missing = kAdmitted;  ///< what no pool offers
};

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(by, at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

class Admitter {
 public:
  Admitter(const Site& site, const Workload& workload, const RunSettings& settings, const SameKind& same_kind,
           const Cluster& cluster, TrainingRates& rates)
      : site_(site), workload_(workload), settings_(settings), same_kind_(same_kind), cluster_(cluster), rates_(rates) {
    out_.reasons = {"",
                    "no pool has a chip of the kinds it asks for",
                    "no pool has its software stack",
                    "no chip it may use has enough memory",
                    "larger than any pool it may use",
                    "larger than its quota",
                    "larger in one pool than the pool"};
    out_.queues.push_back({"", std::numeric_limits<std::int64_t>::max(), 0});
    for (const auto& [vc, chips] : settings.quota_chips) {
      queue_of_vc_[vc] = static_cast<std::uint16_t>(out_.queues.size());
      out_.queues.push_back({vc, std::llround(chips * 1000), 0});
    }
    out_.candidates.resize(workload.jobs.size());
    out_.turned_away.assign(workload.jobs.size(), kAdmitted);
    if (std::any_of(workload.jobs.begin(), workload.jobs.end(),
                    [](const Job& job) { return job.type == JobType::training; }))
      out_.training.assign(workload.jobs.size(), 0);
    speed_row(0);
  }

  Admission run() {
    for (std::size_t j = 0; j < workload_.jobs.size(); ++j) admit(j);
    return std::move(out_);
  }

 private:
  void admit(std::size_t j) {
    const Job& job = workload_.jobs[j];
    Candidate& c = out_.candidates[j];
    c.queue = queue(job.vc);
    c.priority = static_cast<std::int16_t>(std::clamp(job.priority, -32768, 32767));
    c.preemptible = job.preemptible && job.type != JobType::parallel;
    const bool trains = job.type == JobType::training;
    if (trains && job.mix != 0) return admit_mixed(j);
    if (trains) out_.training[j] = rates_.kind_of(job);
    const auto [request, reason] = request_of(job, trains ? out_.training[j] : kRigid);
    c.request = request;
    out_.turned_away[j] = reason;
    c.estimate_s = job.type == JobType::service ? kLongestRunS : job.estimate_s;
    c.speed = job.type == JobType::rigid ? speed_row(job.traced_chip) : 0;
    // A time that was requested holds on any chip; without one the prediction is what policies go by.
    if (trains && reason == kAdmitted && job.estimate_s == 0 && !predict(job, out_.training[j], c))
      out_.turned_away[j] = reason_of("unfit: would take more than 1e10 s");
    if (job.type == JobType::parallel && reason == kAdmitted && job.estimate_s == 0 && !predict_tasks(job, c))
      out_.turned_away[j] = reason_of("unfit: would take more than 1e10 s");
    if (trains && reason == kAdmitted) add_sizes(static_cast<JobIndex>(j), request);
    const Queue& q = out_.queues[c.queue];
    if (reason == kAdmitted &&
        cluster_.most_held_milli(out_.requests[request], out_.requests.pools(request)) > q.quota_milli)
      out_.turned_away[j] = kQuota;
  }

  void add_sizes(JobIndex j, RequestId full) {
    const Job& job = workload_.jobs[j];
    const TrainingWork work = training_work(workload_.names, job.training);
    if (work.elastic.least_replicas == 0) return;
    if (auto sizes = elastic_sizes(work, out_.training[j], full, out_.requests, rates_))
      out_.elastic.emplace(j, std::move(*sizes));
    else
      out_.turned_away[j] = reason_of("unfit: it has fewer replicas than it may go on with");
  }

  // Parts of whole servers, all or nothing; the same time wherever they lie in their pools.
  void admit_mixed(std::size_t j) {
    const Job& job = workload_.jobs[j];
    Candidate& c = out_.candidates[j];
    MixedRates& rates = rates_.mixed();
    const MixedRates::Kind kind = out_.training[j] = rates.kind_of(job);
    const auto [request, reason] = mixed_request_of(kind);
    c.request = request;
    out_.turned_away[j] = reason;
    c.estimate_s = job.estimate_s;
    if (reason != kAdmitted) return;
    const TrainingRate& rate = rates.best(kind).all;
    if (job.estimate_s == 0) c.estimate_s = rate.startup_s + job.tokens / rate.tokens_per_s();
    std::int64_t held_milli = 0;
    for (const RequestPart& part : out_.requests.parts(request))
      held_milli += cluster_.most_held_milli(out_.requests[part.request], {&part.pool, 1});
    if (c.estimate_s > kLongestRunS)
      out_.turned_away[j] = reason_of("unfit: would take more than 1e10 s");
    else if (held_milli > out_.queues[c.queue].quota_milli)
      out_.turned_away[j] = kQuota;
  }

  std::pair<RequestId, Reason> mixed_request_of(MixedRates::Kind kind) {
    const auto [it, fresh] = mixed_requests_.try_emplace(kind);
    if (!fresh) return it->second;
    MixedRates& rates = rates_.mixed();
    std::vector<RequestPart> parts;
    bool room = true;
    for (const MixedRates::Part& part : rates.parts(kind)) {
      const auto p = static_cast<PoolIndex>(part.pool);
      const ChipRequest request{
          .chips = part.chips, .shape = Shape::whole_servers, .eligible = out_.requests.intern_pools({p})};
      room = room && cluster_.could_run(request, p, spares(p));
      parts.push_back({p, out_.requests.intern(request)});
    }
    std::string unfit;
    if (const std::string& why = rates.unreadable(kind); !why.empty())
      unfit = "unfit: " + why;
    else if (room)
      unfit = rates.best(kind).all.unfit;
    const Reason reason = !unfit.empty() ? reason_of(unfit) : room ? kAdmitted : kParts;
    const RequestId request = parts.empty() ? out_.requests.intern({.eligible = out_.requests.intern_pools({})})
                                            : out_.requests.intern_mixed(parts);
    return it->second = {request, reason};
  }

  // False where the run would hardly end.
  bool predict(const Job& job, TrainingRates::Kind kind, Candidate& c) {
    if (kind >= pace_of_.size()) pace_of_.resize(kind + 1);
    std::optional<Pace>& pace = pace_of_[kind];
    if (!pace) {
      pace.emplace();
      const auto pools = out_.requests.pools(c.request);
      for (const PoolIndex p : pools) {
        const TrainingRate& rate = rates_.best(kind, p);
        pace->tokens_per_s = std::max(pace->tokens_per_s, rate.tokens_per_s());
        pace->startup_s = rate.begin_s();
      }
      std::vector<double> row(site_.pools.size(), 1.0);
      for (const PoolIndex p : pools) row[p] = pace->tokens_per_s / rates_.best(kind, p).tokens_per_s();
      const auto known = std::find(out_.slowdown.begin(), out_.slowdown.end(), row);
      pace->speed = static_cast<std::uint32_t>(known - out_.slowdown.begin());
      if (known == out_.slowdown.end()) out_.slowdown.push_back(std::move(row));
    }
    c.estimate_s = pace->startup_s + job.tokens / pace->tokens_per_s;
    c.speed = pace->speed;
    const auto& row = out_.slowdown[pace->speed];
    return c.estimate_s * *std::max_element(row.begin(), row.end()) <= kLongestRunS;
  }

  // By its computing alone: what its communication takes is known where it lies, and by who else is there.
  bool predict_tasks(const Job& job, Candidate& c) {
    const ParallelWork work = parallel_work(workload_.names, job.task);
    const auto pools = out_.requests.pools(c.request);
    std::vector<double> times_s(site_.pools.size(), 0);
    double least_s = std::numeric_limits<double>::infinity(), most_s = 0;
    for (const PoolIndex p : pools) {
      times_s[p] = least_seconds(work, chip_flops(site_.pools[p]));
      least_s = std::min(least_s, times_s[p]);
      most_s = std::max(most_s, times_s[p]);
    }
    c.estimate_s = least_s;
    if (least_s == most_s) return most_s <= kLongestRunS;
    std::vector<double> row(site_.pools.size(), 1.0);
    for (const PoolIndex p : pools) row[p] = times_s[p] / least_s;
    const auto known = std::find(out_.slowdown.begin(), out_.slowdown.end(), row);
    c.speed = static_cast<std::uint32_t>(known - out_.slowdown.begin());
    if (known == out_.slowdown.end()) out_.slowdown.push_back(std::move(row));
    return most_s <= kLongestRunS;
  }

  std::uint16_t queue(Names::Id vc) {
    if (vc >= queue_of_id_.size()) queue_of_id_.resize(workload_.names.size(), -1);
    if (queue_of_id_[vc] < 0) {
      const auto it = queue_of_vc_.find(workload_.names[vc]);
      queue_of_id_[vc] = it == queue_of_vc_.end() ? 0 : it->second;
    }
    return static_cast<std::uint16_t>(queue_of_id_[vc]);
  }

  std::uint32_t speed_row(Names::Id traced_chip) {
    if (traced_chip >= speed_row_of_.size()) speed_row_of_.resize(workload_.names.size(), -1);
    if (speed_row_of_[traced_chip] < 0) {
      speed_row_of_[traced_chip] = static_cast<std::int64_t>(out_.slowdown.size());
      out_.slowdown.push_back(slowdown_row(workload_.names[traced_chip]));
    }
    return static_cast<std::uint32_t>(speed_row_of_[traced_chip]);
  }

  // A chip that is not on the site scales nothing: its figures are not known here.
  std::vector<double> slowdown_row(const std::string& traced) const {
    std::vector<double> row(site_.pools.size(), 1.0);
    if (traced.empty()) return row;
    const Chip* from = nullptr;
    for (const Pool& pool : site_.pools)
      if (!from && same_kind_(traced, pool.chip)) from = &pool.chip;
    for (std::size_t p = 0; p < row.size(); ++p) {
      const Chip& to = site_.pools[p].chip;
      const auto given = settings_.slowdown.find({from ? from->name : traced, to.name});
      if (given != settings_.slowdown.end())
        row[p] = given->second;
      else if (from)
        row[p] = alight::slowdown({from->bf16_tflops, from->memory_gbs}, {to.bf16_tflops, to.memory_gbs});
    }
    return row;
  }

  /// Servers that jobs get only where others are down.
  std::int64_t spares(PoolIndex p) const {
    if (!settings_.breakdowns) return 0;
    const auto kept = settings_.breakdowns->spares.find(p);
    return kept == settings_.breakdowns->spares.end() ? 0 : kept->second;
  }

  const Resolved& resolve(const Constraint& constraint) {
    const auto [it, fresh] = resolved_.try_emplace(constraint);
    if (!fresh) return it->second;
    Resolved& r = it->second;
    const auto kinds = split(workload_.names[constraint.kinds], '|');
    const std::string& stack = workload_.names[constraint.stack];
    bool kind_there = false, stack_there = false;
    for (std::size_t p = 0; p < site_.pools.size(); ++p) {
      const Pool& pool = site_.pools[p];
      if (!kinds.empty() && std::none_of(kinds.begin(), kinds.end(), [&](const auto& k) {
            return k.starts_with(kPoolPrefix) ? k.substr(kPoolPrefix.size()) == pool.name : same_kind_(k, pool.chip);
          }))
        continue;
      kind_there = true;
      if (!stack.empty() && !pool.stack.empty() && pool.stack != stack) continue;
      stack_there = true;
      if (constraint.min_chip_memory_gb > 0 && pool.chip.memory_gb.value_or(0) < constraint.min_chip_memory_gb)
        continue;
      r.pools.push_back(static_cast<PoolIndex>(p));
    }
    if (r.pools.empty()) r.missing = !kind_there ? kKind : !stack_there ? kStack : kMemory;
    return r;
  }

  // Equal jobs are resolved once.
  std::pair<RequestId, Reason> request_of(const Job& job, TrainingRates::Kind kind) {
    const Key key{{job.kinds, job.stack, job.min_chip_memory_gb},
                  job.chips,
                  job.chip_milli,
                  job.cpu_milli,
                  job.host_memory_mib,
                  kind,
                  job.shape};
    const auto [it, fresh] = requests_of_.try_emplace(key);
    if (!fresh) return it->second;
    ChipRequest request{.chips = job.chips,
                        .chip_milli = job.chip_milli,
                        .cpu_milli = job.cpu_milli,
                        .host_memory_mib = job.host_memory_mib,
                        .shape = job.shape};
    if (request.shape == Shape::whole_servers) request.cpu_milli = request.host_memory_mib = 0;  // it gets them all
    const Resolved& r = resolve(key.constraint);
    std::vector<PoolIndex> pools;
    for (const PoolIndex p : r.pools)
      if (cluster_.could_run(request, p, spares(p))) pools.push_back(p);
    std::string unfit;
    if (kind != kRigid && !pools.empty()) unfit = keep_fit(job, kind, pools);
    const Reason reason = !unfit.empty()    ? reason_of(unfit)
                          : r.pools.empty() ? r.missing
                          : pools.empty()   ? kSize
                                            : kAdmitted;
    request.eligible = out_.requests.intern_pools(pools);
    it->second = {out_.requests.intern(request), reason};
    return it->second;
  }

  // Drops the pools that cannot train it; says why, where none is left.
  std::string keep_fit(const Job& job, TrainingRates::Kind kind, std::vector<PoolIndex>& pools) {
    static constexpr std::string_view kUnfit = "unfit: ";
    std::string each, first;
    bool alike = true;
    for (const PoolIndex p : pools) {
      const std::string& unfit = rates_.best(kind, p).unfit;
      if (unfit.empty()) continue;
      if (first.empty()) first = unfit;
      alike = alike && unfit == first;
      each += (each.empty() ? "" : "; ") + site_.pools[p].name + ": " + unfit.substr(kUnfit.size());
    }
    if (each.empty()) return {};
    std::erase_if(pools, [&](PoolIndex p) { return !rates_.best(kind, p).unfit.empty(); });
    if (pools.empty()) return alike ? first : std::string(kUnfit) + each;
    std::string note = workload_.names[job.model] + " on " + std::to_string(job.chips) + " chips is unfit for " + each;
    if (std::find(out_.notes.begin(), out_.notes.end(), note) == out_.notes.end())
      out_.notes.push_back(std::move(note));
    return {};
  }
  Reason reason_of(const std::string& text) {
    const auto known = std::find(out_.reasons.begin(), out_.reasons.end(), text);
    if (known == out_.reasons.end()) {
      out_.reasons.push_back(text);
      return static_cast<Reason>(out_.reasons.size() - 1);
    }
    return static_cast<Reason>(known - out_.reasons.begin());
  }

  static constexpr TrainingRates::Kind kRigid = std::numeric_limits<TrainingRates::Kind>::max();
  struct Pace {
    double tokens_per_s = 0;  ///< on the fastest pool
    double startup_s = 0;
    std::uint32_t speed = 0;
  };
  struct Key {
    Constraint constraint;
    std::int64_t chips;
    std::int32_t chip_milli;
    std::int64_t cpu_milli, host_memory_mib;
    TrainingRates::Kind training;
    Shape shape;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& k) const {
      std::uint64_t h = 0;
      const auto mix = [&](std::uint64_t v) { h = (h ^ v) * 0x9E3779B97F4A7C15ULL + (h >> 29); };
      mix(k.constraint.kinds);
      mix(k.constraint.stack);
      mix(std::hash<double>{}(k.constraint.min_chip_memory_gb));
      mix(static_cast<std::uint64_t>(k.chips));
      mix(static_cast<std::uint64_t>(k.chip_milli));
      mix(static_cast<std::uint64_t>(k.cpu_milli));
      mix(static_cast<std::uint64_t>(k.host_memory_mib));
      mix(k.training);
      mix(static_cast<std::uint64_t>(k.shape));
      return h;
    }
  };

  const Site& site_;
  const Workload& workload_;
  const RunSettings& settings_;
  const SameKind& same_kind_;
  const Cluster& cluster_;
  TrainingRates& rates_;
  Admission out_;
  std::vector<std::optional<Pace>> pace_of_;  ///< [TrainingRates::Kind]
  std::map<std::string, std::uint16_t> queue_of_vc_;
  std::vector<std::int32_t> queue_of_id_;
  std::vector<std::int64_t> speed_row_of_;
  std::map<Constraint, Resolved> resolved_;
  std::unordered_map<Key, std::pair<RequestId, Reason>, KeyHash> requests_of_;
  std::map<MixedRates::Kind, std::pair<RequestId, Reason>> mixed_requests_;
};

}  // namespace

Admission admit(const Site& site, const Workload& workload, const RunSettings& settings, const SameKind& same_kind,
                const Cluster& cluster, TrainingRates& rates) {
  return Admitter(site, workload, settings, same_kind, cluster, rates).run();
}

}  // namespace alight
