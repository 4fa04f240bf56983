#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "models/random/streams.hpp"
#include "sim/run/admission.hpp"
#include "sim/runtime/training_ground.hpp"
#include "sim/scenario/resolve.hpp"
#include "workloads/reshape.hpp"
#include "workloads/traces/formats.hpp"

namespace alight {
namespace {

// Submit times this large are calendar seconds, not time since the trace began: they are counted from the first job.
constexpr double kCalendarS = 1e8;

std::uint64_t seed_of(const Prepared& p) {
  return static_cast<std::uint64_t>(p.scenario.seed);
}

// Appends jobs of another workload, whose names have other numbers.
void append(Workload& to, Workload&& from) {
  std::vector<Names::Id> id(from.names.size());
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = to.names.intern(from.names[static_cast<Names::Id>(i)]);
  to.jobs.reserve(to.jobs.size() + from.jobs.size());
  for (Job& job : from.jobs) {
    for (Names::Id* name :
         {&job.user, &job.vc, &job.kinds, &job.stack, &job.traced_chip, &job.model, &job.training, &job.task, &job.mix})
      *name = id[*name];
    to.jobs.push_back(std::move(job));
  }
  to.report.taken += from.report.taken;
  to.report.skipped += from.report.skipped;
  for (auto& reason : from.report.reasons) to.report.reasons.push_back(std::move(reason));
  for (auto& note : from.report.notes) to.report.notes.push_back(std::move(note));
}

std::optional<Workload> read_trace(Prepared& prepared, Diagnostics& d) {
  const WorkloadSpec& spec = prepared.scenario.workload;
  ReadOptions options;
  options.time_pattern = spec.time_pattern;
  for (const auto& [ours, theirs] : spec.columns) {
    const std::string problem = add_column(options, ours + "=" + theirs);
    if (!problem.empty()) d.error_at("workload.columns." + ours, problem);
  }
  if (!d.ok()) return std::nullopt;
  auto trace = read_workload({*spec.file}, spec.format, options);
  if (!trace) {
    const Problem& p = trace.problem();
    const std::string place = p.where.file && p.where.line > 0 ? p.where.text() + ": " : "";
    d.error_at("workload.file", place + p.message + " (" + *spec.file + ")", p.hint);
    return std::nullopt;
  }
  prepared.inputs.push_back(*spec.file);
  if (!trace->jobs.empty() && trace->jobs.front().submit_s >= kCalendarS) {
    const double first = std::floor(trace->jobs.front().submit_s);
    for (Job& job : trace->jobs) job.submit_s -= first;
    trace->report.notes.push_back(fmt::format("submit times are calendar seconds: counted from {:.0f}", first));
  }
  return std::move(*trace);
}

void generate_jobs(Prepared& prepared, Diagnostics& d) {
  const auto& specs = prepared.scenario.workload.generate;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const std::string key = fmt::format("workload.generate[{}]", i);
    GeneratorSpec spec = specs[i];
    if (!spec.chips) spec.chips = prepared.site.chips;
    if (!spec.max_chips) {
      std::int64_t largest = 0;
      for (const Pool& pool : prepared.site.pools) largest = std::max(largest, pool.chips());
      spec.max_chips = largest;
    }
    if (!spec.horizon_s && !spec.jobs && prepared.scenario.horizon_s) spec.horizon_s = prepared.scenario.horizon_s;
    if (const double jobs = expected_jobs(spec); jobs > kMostJobs) {
      d.error_at(key, fmt::format("asks for {:.3g} jobs; at most {:.0e} are made", jobs, kMostJobs));
      continue;
    }
    append(prepared.workload, generate(spec, seed_of(prepared)));
  }
}

// "pool:a|pool:b"; see Job::kinds.
std::string kinds_of(const JobSpec& spec, const std::string& key, const Prepared& prepared, Diagnostics& d) {
  if (spec.pools.empty()) return spec.kinds;
  std::vector<std::string> known;
  for (const Pool& pool : prepared.site.pools) known.push_back(pool.name);
  std::string kinds;
  for (std::size_t i = 0; i < spec.pools.size(); ++i) {
    const std::string& name = spec.pools[i];
    if (std::find(known.begin(), known.end(), name) == known.end())
      d.error_at(fmt::format("{}.pools[{}]", key, i), fmt::format("no pool is named \"{}\"", name),
                 did_you_mean(name, known));
    kinds += (kinds.empty() ? "pool:" : "|pool:") + name;
  }
  return kinds;
}

void set_training(const JobSpec& spec, const std::string& key, const Prepared& prepared, Names& names, Job& job,
                  Diagnostics& d) {
  if (job.type != JobType::training) return;
  const ModelEntry* model = prepared.zoo.find(spec.model);
  if (!model)
    d.error_at(key + ".model", fmt::format("no model named \"{}\" in the zoo", spec.model),
               did_you_mean(spec.model, prepared.zoo.all_names()));
  TrainingWork work = spec.work();
  if (work.storage.any() && !prepared.site.storage)
    d.error_at(key + (work.storage.load != StorageWork::Load::none ? ".load"
                      : work.storage.checkpoints()                 ? ".checkpoint"
                                                                   : ".dataset"),
               "the site has no storage", "describe it as site.storage");
  if (model && model->generic()) {
    const std::string& sample = model->generic_model().sample;
    work.layout.sequence = 1;  // a step is so many samples
    if (spec.tokens)
      d.error_at(key + ".tokens", fmt::format("{} is counted by the {}, not in tokens", model->name, sample),
                 "give `steps`");
    if (spec.layout != "plan")
      d.error_at(key + ".layout", fmt::format("{} is trained with data ranks alone", model->name),
                 "leave `layout` out");
  }
  job.model = names.intern(spec.model);
  job.training = names.intern(text_of(work));
  job.tokens = spec.tokens.value_or(spec.steps.value_or(0) * work.tokens_per_step());
}

void set_mix(const JobSpec& spec, const std::string& key, const Prepared& prepared, Names& names, Job& job,
             Diagnostics& d) {
  if (spec.mix.empty()) return;
  std::vector<std::string> known;
  for (const Pool& pool : prepared.site.pools) known.push_back(pool.name);
  for (const auto& [name, chips] : spec.mix)
    if (std::find(known.begin(), known.end(), name) == known.end())
      d.error_at(join_key(join_key(key, "mix"), name), fmt::format("no pool is named \"{}\"", name),
                 did_you_mean(name, known));
  job.mix = names.intern(text_of(spec.training_mix()));
  job.shape = Shape::whole_servers;
}

// A training job written here that no pool it may use can ever run is a mistake of the scenario, and so is a mix that
// can never start.
void check_fit(const Workload& written, const std::vector<std::string>& keys, const Prepared& prepared,
               Diagnostics& d) {
  if (std::none_of(written.jobs.begin(), written.jobs.end(),
                   [](const Job& job) { return job.type == JobType::training; }))
    return;
  const auto ground =
      std::make_shared<const TrainingGround>(training_ground(prepared.site, written, prepared.catalogue, prepared.zoo));
  TrainingRates rates(prepared.site, written, ground);
  const Admission admission =
      admit(prepared.site, written, prepared.settings, prepared.same_kind(), Cluster(prepared.site), rates);
  for (std::size_t j = 0; j < written.jobs.size(); ++j)
    if (const std::string& why = admission.reasons[admission.turned_away[j]];
        why.starts_with("unfit: ") || (written.jobs[j].mix != 0 && !why.empty()))
      d.error_at(keys[j], why);
}

void written_jobs(Prepared& prepared, Diagnostics& d) {
  Workload written, first_of_each;
  std::vector<std::string> keys;
  std::int64_t number = 0;
  const auto& specs = prepared.scenario.workload.jobs;
  if (std::any_of(specs.begin(), specs.end(), [](const JobSpec& spec) { return spec.type == JobType::training; }))
    prepared.need_zoo(d);
  for (const JobSpec& spec : specs) {
    const std::string key = fmt::format("workload.jobs[{}]", number++);
    const std::string name = spec.id.empty() ? fmt::format("job{}", number) : spec.id;
    Job job;
    job.type = spec.type;
    job.submit_s = spec.submit_s;
    job.duration_s = spec.duration_s.value_or(0);
    job.estimate_s = spec.estimate_s.value_or(job.duration_s);
    job.kill_at_estimate = spec.estimate_s.has_value();
    job.chips = spec.chips_held();
    job.priority = static_cast<std::int32_t>(spec.priority);
    job.preemptible = spec.preemptible;
    job.kinds = written.names.intern(kinds_of(spec, key, prepared, d));
    job.stack = written.names.intern(spec.stack);
    job.vc = written.names.intern(spec.vc);
    job.user = written.names.intern(spec.user);
    if (spec.type == JobType::parallel) job.task = written.names.intern(spec.task);
    set_training(spec, key, prepared, written.names, job, d);
    set_mix(spec, key, prepared, written.names, job, d);
    first_of_each.jobs.push_back(job);
    keys.push_back(key);
    for (std::int64_t i = 1; i <= spec.count; ++i) {
      job.id = spec.count == 1 ? name : fmt::format("{}.{}", name, i);
      written.jobs.push_back(job);
    }
  }
  if (d.ok()) {
    first_of_each.names = written.names;
    check_fit(first_of_each, keys, prepared, d);
  }
  written.report.taken = static_cast<std::int64_t>(written.jobs.size());
  append(prepared.workload, std::move(written));
}

// A ledger of more bins than this would be the run's main work, and no one could read it.
constexpr double kMostBins = 1e7;

void check_bins(const Prepared& prepared, Diagnostics& d) {
  const double span_s = std::min(prepared.settings.horizon_s, prepared.workload.jobs.back().submit_s);
  const double bins = span_s / prepared.settings.ledger_bin_s;
  if (bins > kMostBins)
    d.error_at("output.ledger_bin",
               fmt::format("{:.2g} bins over the run; at most {:.0e} are written", bins, kMostBins));
}

// Of a trace: it may be played on sites with and without.
void note_no_storage(Workload& workload) {
  std::int64_t jobs = 0;
  std::unordered_map<Names::Id, bool> uses;
  for (const Job& job : workload.jobs) {
    if (job.type != JobType::training) continue;
    const auto [it, fresh] = uses.try_emplace(job.training);
    if (fresh) it->second = training_work(workload.names, job.training).storage.any();
    if (it->second) ++jobs;
  }
  if (jobs > 0)
    workload.report.notes.push_back(
        fmt::format("{} jobs load, read data or write checkpoints; without site.storage that takes no time", jobs));
}

void check_ids(const Workload& workload, Diagnostics& d) {
  std::unordered_set<std::string_view> seen;
  seen.reserve(workload.jobs.size());
  for (const Job& job : workload.jobs)
    if (!seen.insert(job.id).second) {
      d.error_at("workload", fmt::format("two jobs are called \"{}\"", job.id),
                 "give generators a `name` and written jobs an `id` of their own");
      return;
    }
}

}  // namespace

void resolve_workload(Prepared& prepared, Diagnostics& d) {
  const WorkloadSpec& spec = prepared.scenario.workload;
  if (!spec.file && spec.generate.empty() && spec.jobs.empty() && spec.services.empty()) {
    d.error_at("workload", "nothing to run: give a trace (`file`), a generator (`generate`), `jobs` or `services`");
    return;
  }
  if (spec.file) {
    auto trace = read_trace(prepared, d);
    if (!trace) return;
    prepared.workload = std::move(*trace);
    const auto& jobs = prepared.workload.jobs;
    if (std::any_of(jobs.begin(), jobs.end(), [](const Job& job) { return job.type == JobType::training; }))
      prepared.need_zoo(d);
  }
  const bool several = (spec.file ? 1 : 0) + spec.generate.size() + spec.jobs.size() + spec.services.size() > 1;
  generate_jobs(prepared, d);
  if (!spec.jobs.empty()) written_jobs(prepared, d);
  resolve_services(prepared, d);
  if (!d.ok()) return;
  Workload& workload = prepared.workload;
  if (several) check_ids(workload, d);
  if (!spec.traced_chip.empty()) {
    const Names::Id chip = workload.names.intern(spec.traced_chip);
    for (Job& job : workload.jobs)
      if (job.traced_chip == 0) job.traced_chip = chip;
  }
  workload.sort();
  if (spec.shuffle) shuffle(workload, stream(seed_of(prepared), "shuffle"));
  if (spec.inflate) inflate(workload, *spec.inflate, prepared.site.chips * 1000, stream(seed_of(prepared), "inflate"));
  if (spec.one_by_one) one_by_one(workload);
  if (workload.jobs.empty()) {
    d.error_at("workload", "no job to run: every row was skipped");
    return;
  }
  if (!prepared.site.storage) note_no_storage(workload);
  check_bins(prepared, d);
}

}  // namespace alight
