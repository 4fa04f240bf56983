// Small workloads written by hand, the run they make, and what became of every job. Each run is played in a child
// process: SimGrid allows one engine per process.
#pragma once

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/run/run.hpp"
#include "tests/support/in_child.hpp"
#include "workloads/job.hpp"
#include "workloads/training_mix.hpp"

namespace alight::test {

/// A job as tests write it; names are text, an estimate of 0 stands for the duration.
struct Row {
  std::string id;
  double submit_s = 0;
  double duration_s = 0;
  std::int64_t chips = 1;
  double estimate_s = 0;
  bool kill = false;
  std::int32_t priority = 0;
  std::string vc, kinds, stack, traced_chip;
  Shape shape = Shape::gang;
  std::int32_t chip_milli = 1000;
  std::int64_t cpu_milli = 0;
  std::int64_t host_memory_mib = 0;
  double min_chip_memory_gb = 0;
  TraceStatus status = TraceStatus::unknown;
  // A training job where there are tokens.
  std::string model, training;  ///< training: as read_training_work() reads it
  double tokens = 0;
  TrainingMix mix = {};   ///< where it lies in several pools; its chips are those of all then
  std::string task = {};  ///< of a parallel job, as read_parallel_work() reads it
  bool preemptible = false;
};

/// The rows as a workload, in its order (submit time, then id).
inline Workload workload(const std::vector<Row>& rows) {
  Workload w;
  for (const Row& row : rows) {
    Job& job = w.jobs.emplace_back();
    job.id = row.id;
    job.submit_s = row.submit_s;
    job.duration_s = row.duration_s;
    job.estimate_s = row.estimate_s > 0 ? row.estimate_s : row.duration_s;
    job.kill_at_estimate = row.kill;
    job.preemptible = row.preemptible;
    job.chips = row.chips;
    job.chip_milli = row.chip_milli;
    job.priority = row.priority;
    job.cpu_milli = row.cpu_milli;
    job.host_memory_mib = row.host_memory_mib;
    job.min_chip_memory_gb = row.min_chip_memory_gb;
    job.vc = w.names.intern(row.vc);
    job.kinds = w.names.intern(row.kinds);
    job.stack = w.names.intern(row.stack);
    job.traced_chip = w.names.intern(row.traced_chip);
    job.shape = row.shape;
    job.status = row.status;
    if (!row.task.empty()) {
      job.type = JobType::parallel;
      job.task = w.names.intern(row.task);
      job.duration_s = 0;
      job.estimate_s = row.estimate_s;
    }
    if (row.tokens == 0) continue;
    job.type = JobType::training;
    job.model = w.names.intern(row.model);
    job.training = w.names.intern(row.training);
    job.tokens = row.tokens;
    if (row.mix.parts.empty()) continue;
    job.mix = w.names.intern(text_of(row.mix));
    job.chips = row.mix.chips();
    job.shape = Shape::whole_servers;
  }
  w.sort();
  return w;
}

/// A pool of `servers` servers with `chips` chips "NAME chip" each, one server to a rack.
inline Pool chips_pool(std::string name, std::int64_t servers, std::int64_t chips = 1, std::string stack = {}) {
  Pool p;
  p.name = std::move(name);
  p.chip.name = p.name + " chip";
  p.server.chip = p.chip.name;
  p.server.chips = chips;
  p.servers = servers;
  p.servers_per_rack = 1;
  p.stack = std::move(stack);
  return p;
}

inline Site site_of(std::vector<Pool> pools) {
  Site s;
  s.pools = std::move(pools);
  number(s);
  return s;
}

inline bool same_name(const std::string& wanted, const Chip& chip) {
  return wanted == chip.name;
}

/// What became of a job. Times are -1 where it never started; start_s is of the first.
struct Fate {
  double start_s = -1;
  double finish_s = -1;
  JobStatus status = JobStatus::waiting;
  int pool = -1;
  double preemptions = 0, wait_s = 0, run_s = 0, redone_s = 0, tokens = 0, failures = 0, hung_s = 0, slowed_s = 0;
  bool operator==(const Fate&) const = default;
};

/// What became of a run.
struct Played {
  std::vector<Fate> jobs;  ///< in the order of the workload
  Engine::End how = Engine::End::finished;
  double end_s = 0;
  double events = 0;
  std::vector<StateTimes> chip_s;  ///< [pool][state]
  bool operator==(const Played&) const = default;

  std::vector<double> starts() const {
    std::vector<double> out;
    for (const Fate& f : jobs) out.push_back(f.start_s);
    return out;
  }
  double chip_seconds(std::size_t pool, ChipState state) const {
    return chip_s.at(pool)[static_cast<std::size_t>(state)];
  }
};

/// Writes down every job's fate; a job that is told ended twice is an error.
class Fates : public Recorder {
 public:
  Fates(const Site& site, const Workload& w) : site_(site), w_(w), fates_(w.jobs.size()), ended_(w.jobs.size()) {}
  void job_ended(const JobRecord& r) override {
    const auto j = static_cast<std::size_t>(&r.job - w_.jobs.data());
    if (ended_[j]) throw std::runtime_error("job " + r.job.id + " ended twice");
    ended_[j] = true;
    Fate& fate = fates_[j];
    fate.status = r.status;
    fate.preemptions = static_cast<double>(r.before.preemptions());
    fate.redone_s = r.before.redone_s + r.redone_s;
    fate.failures = static_cast<double>(r.before.failures);
    fate.hung_s = r.before.hung_s + r.hung_s;
    fate.slowed_s = r.before.slowed_s + r.slowed_s;
    fate.tokens = r.tokens;
    if (!r.pool) return;
    fate.start_s = r.first_start_s();
    fate.finish_s = r.finish_s;
    fate.pool = static_cast<int>(r.pool - site_.pools.data());
    fate.wait_s = r.wait_s();
    fate.run_s = r.run_s();
  }
  const std::vector<Fate>& all() const {
    for (std::size_t j = 0; j < ended_.size(); ++j)
      if (!ended_[j]) throw std::runtime_error("nobody said what became of job " + w_.jobs[j].id);
    return fates_;
  }

 private:
  const Site& site_;
  const Workload& w_;
  std::vector<Fate> fates_;
  std::vector<bool> ended_;
};

/// Plays the run; throws when it breaks an invariant. A Watcher is a further recorder, made from site, workload and
/// settings, whose check(RunEnd) says its word when the run has ended.
template <class Watcher = Recorder>
Played played(const Site& site, const Workload& w, const RunSettings& settings,
              std::shared_ptr<const TrainingGround> ground = nullptr) {
  const std::vector<double> numbers = in_child([&] {
    Fates fates(site, w);
    std::vector<Recorder*> recorders = {&fates};
    std::unique_ptr<Recorder> watcher;
    if constexpr (!std::is_same_v<Watcher, Recorder>) watcher = std::make_unique<Watcher>(site, w, settings);
    if (watcher) recorders.push_back(watcher.get());
    Run run(site, w, settings, same_name, recorders, ground);
    const std::atomic<bool> interrupt{false};
    const RunEnd end = run.play(interrupt);
    if (!end.violation.empty()) throw std::runtime_error(end.violation);
    if constexpr (!std::is_same_v<Watcher, Recorder>) static_cast<Watcher&>(*watcher).check(end);
    std::vector<double> out = {static_cast<double>(end.how), end.end_s, static_cast<double>(end.events)};
    for (const Fate& f : fates.all())
      out.insert(out.end(), {f.start_s, f.finish_s, static_cast<double>(f.status), static_cast<double>(f.pool),
                             f.preemptions, f.wait_s, f.run_s, f.redone_s, f.tokens, f.failures, f.hung_s, f.slowed_s});
    for (const StateTimes& times : end.chip_s) out.insert(out.end(), times.begin(), times.end());
    return out;
  });
  Played out;
  auto at = numbers.begin();
  const auto next = [&] {
    if (at == numbers.end()) throw std::logic_error("played: too few numbers came back");
    return *at++;
  };
  out.how = static_cast<Engine::End>(static_cast<int>(next()));
  out.end_s = next();
  out.events = next();
  for (std::size_t j = 0; j < w.jobs.size(); ++j) {
    Fate& f = out.jobs.emplace_back();
    f.start_s = next();
    f.finish_s = next();
    f.status = static_cast<JobStatus>(static_cast<int>(next()));
    f.pool = static_cast<int>(next());
    for (double* figure :
         {&f.preemptions, &f.wait_s, &f.run_s, &f.redone_s, &f.tokens, &f.failures, &f.hung_s, &f.slowed_s})
      *figure = next();
  }
  for (std::size_t p = 0; p < site.pools.size(); ++p)
    for (double& t : out.chip_s.emplace_back()) t = next();
  return out;
}

}  // namespace alight::test
