#include "sim/scenario/jobs_spec.hpp"

#include "models/training/accelerator.hpp"
#include "models/training/layout_text.hpp"
#include "sim/plan/pool.hpp"
#include "sim/scenario/storage_spec.hpp"
#include "workloads/parallel_work.hpp"

namespace alight {
namespace {

// As long as traces may state.
constexpr Range kJobTime{.min = 0, .max = 1e10};
constexpr Range kJobSpan{.min = 1e-12, .max = 1e10};

// As many kinds of chip as alight plan looks at.
constexpr std::size_t kMostParts = 4;

std::vector<std::pair<std::string, Precision>> precisions() {
  std::vector<std::pair<std::string, Precision>> names;
  for (std::size_t i = 0; i < kPrecisions; ++i)
    names.emplace_back(name_of(static_cast<Precision>(i)), static_cast<Precision>(i));
  return names;
}

void check_mix(const JobSpec& job, const std::string& path, Diagnostics& out) {
  const auto key = [&](const char* name) { return join_key(path, name); };
  if (job.mix.empty()) {
    if (!job.path.empty()) out.error_at(key("path"), "only a job with a `mix` has it");
    return;
  }
  if (job.type != JobType::training) out.error_at(key("mix"), "only a job of `type: training` has it");
  if (job.mix.size() == 1) out.error_at(key("mix"), "names one pool; a job of one pool has `chips` and `pools`");
  if (job.mix.size() > kMostParts)
    out.error_at(key("mix"), "names " + std::to_string(job.mix.size()) + " pools; at most " +
                                 std::to_string(kMostParts) + " are planned for together");
  for (const auto& [name, stated] :
       {std::pair{"pools", !job.pools.empty()}, {"kinds", !job.kinds.empty()}, {"stack", !job.stack.empty()}})
    if (stated) out.error_at(key(name), "a job with a `mix` lies in the pools it names there");
  if (job.layout != "plan") out.error_at(key("layout"), "the layout of a `mix` is planned; expected plan");
  if (job.chips && *job.chips != job.training_mix().chips())
    out.error_at(key("chips"), "the pools of the `mix` have " + std::to_string(job.training_mix().chips()) +
                                   " chips, the job has " + std::to_string(*job.chips));
  Diagnostics of_path;
  read_inter(job.path, of_path);
  for (const Problem& problem : of_path.problems()) out.error_at(key("path"), problem.message, problem.hint);
}

// What only training jobs state.
void check_not_training(const JobSpec& job, const std::string& path, Diagnostics& out) {
  for (const auto& [name, stated] : {std::pair{"tokens", job.tokens.has_value()}, {"steps", job.steps.has_value()}})
    if (stated) out.error_at(join_key(path, name), "only a job of `type: training` has it");
}

void check_task(const JobSpec& job, const std::string& path, Diagnostics& out) {
  const std::string key = join_key(path, "task");
  if (job.type != JobType::parallel) {
    if (!job.task.empty()) out.error_at(key, "only a job of `type: parallel` has it");
    return;
  }
  if (job.duration_s)
    out.error_at(join_key(path, "duration"), "a parallel job's run time follows from its task and the site");
  if (job.task.empty()) return out.error_at(key, "is missing; expected e.g. \"each 1e15 2e9\"");
  ParallelWork work;
  std::string problem = read_parallel_work(job.task, work);
  if (problem.empty()) problem = why_unfit(work, job.chips_held());
  if (!problem.empty()) out.error_at(key, problem);
}

void check_elastic(const JobSpec& job, const std::string& path, Diagnostics& out) {
  if (!job.elastic) return;
  const std::string key = join_key(path, "elastic");
  if (job.type != JobType::training) return out.error_at(key, "only a job of `type: training` has it");
  if (!job.mix.empty()) return out.error_at(key, "a job with a `mix` keeps its chips or loses them all");
  if (!job.checkpoint)
    out.error_at(join_key(path, "checkpoint"), "is missing: an elastic job goes on from its last one");
  Layout layout;
  if (job.layout == "plan")
    return out.error_at(join_key(path, "layout"), "is planned; an elastic job states what a replica is",
                        "words like tp8 pp4 mb1 zero1 full");
  if (!read_layout(job.layout, layout).empty()) return;
  const std::int64_t replica = layout.tensor * layout.pipeline * layout.context;
  const std::int64_t all = job.chips_held() / replica;
  if (job.elastic->replicas > all)
    out.error_at(join_key(key, "replicas"),
                 "is more than the job has: " + std::to_string(all) + " of " + std::to_string(replica) + " chips");
}

void check_job(const JobSpec& job, const std::string& path, Diagnostics& out) {
  const auto key = [&](const char* name) { return join_key(path, name); };
  check_elastic(job, path, out);
  if (!job.pools.empty() && !job.kinds.empty()) out.error_at(key("pools"), "either `pools` or `kinds`, not both");
  check_mix(job, path, out);
  check_task(job, path, out);
  check_storage(job, path, out);
  if (job.type != JobType::training) check_not_training(job, path, out);
  if (job.type == JobType::rigid) {
    if (!job.duration_s) out.error_at(key("duration"), "is missing; expected a time, e.g. 90 min");
    return;
  }
  if (job.type == JobType::parallel && job.preemptible)
    out.error_at(key("preemptible"), "a parallel job cannot be preempted");
  if (job.type == JobType::parallel) return;
  if (job.duration_s) out.error_at(key("duration"), "a training job's run time follows from its tokens");
  if (job.model.empty()) out.error_at(key("model"), "is missing; training needs a name of the model zoo");
  if (job.tokens.has_value() == job.steps.has_value())
    out.error_at(key("tokens"), job.tokens ? "either `tokens` or `steps`, not both"
                                           : "is missing; training needs `tokens` or `steps`");
  Layout layout;
  if (job.layout == "plan" || !job.mix.empty()) return;
  const std::string problem = read_layout(job.layout, layout);
  if (!problem.empty())
    out.error_at(key("layout"), problem, "words like tp8 pp4 dp8 mb1 zero1 full, or plan");
  else if (layout.data > 0 && layout.chips() != job.chips_held())
    out.error_at(key("layout"),
                 "takes " + std::to_string(layout.chips()) + " chips, the job has " + std::to_string(job.chips_held()));
}

}  // namespace

std::int64_t JobSpec::chips_held() const {
  return mix.empty() ? chips.value_or(1) : training_mix().chips();
}

TrainingMix JobSpec::training_mix() const {
  TrainingMix all{.parts = {}, .path = path};
  for (const auto& [pool, of_pool] : mix) all.parts.push_back({pool, of_pool});
  return all;
}

TrainingWork JobSpec::work() const {
  TrainingWork work;
  work.planned = layout == "plan";
  if (!work.planned) read_layout(layout, work.layout);
  work.layout.global_batch = global_batch;
  work.layout.sequence = sequence;
  work.layout.precision = precision;
  work.startup_s = startup_s;
  read_storage_work(load, checkpoint, dataset_bytes, work.storage);
  if (elastic) work.elastic = {.least_replicas = elastic->replicas, .grow_s = elastic->grow_s};
  return work;
}

const Description& JobSpec::description() {
  static const auto d =
      describe<JobSpec>("job", "A job, or `count` equal ones.")
          .text("id", &JobSpec::id, "Its name in outputs. Default: job1, job2 ...; several: id.1, id.2 ...")
          .quantity("submit", &JobSpec::submit_s, "s", "When it is submitted, after the start of the run.", kJobTime)
          .choice(
              "type", &JobSpec::type,
              {{"rigid", JobType::rigid}, {"training", JobType::training}, {"parallel", JobType::parallel}},
              "rigid runs for its `duration`; training trains `tokens` or `steps` of a `model`, as fast as its chips "
              "do (docs/training-jobs.md); parallel computes and communicates as its `task` says, at the pace of the "
              "site's chips and links (docs/parallel-tasks.md).")
          .quantity("duration", &JobSpec::duration_s, "s", "How long a rigid job runs.", kJobTime)
          .quantity("estimate", &JobSpec::estimate_s, "s",
                    "Requested time: the scheduler's estimate, and when the job is killed. Default: the duration, or "
                    "what is predicted for training, or the computing of a parallel job.",
                    kJobSpan)
          .integer("chips", &JobSpec::chips, "Chips it holds, all at once. Default: 1, or those of `mix`.",
                   {.min = 1, .max = 1e9})
          .text("kinds", &JobSpec::kinds, "Chip kinds it may run on, joined by '|'. Default: any.")
          .text("stack", &JobSpec::stack, "Software stack it is written for. Default: any.")
          .text("vc", &JobSpec::vc, "Virtual cluster it belongs to; see scheduler.queues.")
          .text("user", &JobSpec::user, "Who submits it.")
          .integer("priority", &JobSpec::priority, "Larger goes first.", {.min = -32768, .max = 32767})
          .flag("preemptible", &JobSpec::preemptible,
                "It may lose its chips to a job of higher priority, and waits again then (scheduler.preemption).")
          .integer("count", &JobSpec::count, "How many of it.", {.min = 1, .max = 1e7})
          .list("pools", &JobSpec::pools, "Pools it may run in, by name. Default: any that `kinds` and `stack` allow.")
          .text("task", &JobSpec::task,
                "What a parallel job does: \"each FLOPS BYTES\", operations of each chip and bytes from each to each "
                "other (docs/parallel-tasks.md).")
          .text("model", &JobSpec::model, "What a training job trains: a name of the model zoo, or of `models`.")
          .number("tokens", &JobSpec::tokens, "Tokens a training job trains; or give `steps`.", {.min = 1, .max = 1e18})
          .number("steps", &JobSpec::steps, "Steps a training job trains, each of global_batch x sequence tokens.",
                  {.min = 1e-6, .max = 1e12})
          .integer("global_batch", &JobSpec::global_batch, "Sequences in a training step.", {.min = 1, .max = 1e7})
          .integer("sequence", &JobSpec::sequence, "Tokens of a training sequence.", {.min = 1, .max = 1e7})
          .choice("precision", &JobSpec::precision, precisions(), "What matrix products of training are computed in.")
          .text("layout", &JobSpec::layout,
                "How a training step is spread over the chips, in words: \"tp8 pp4 dp8 mb1 zero1 full\" "
                "(docs/training-jobs.md). plan: the fastest that fits is looked for, on the chips the job gets.")
          .quantity("startup", &JobSpec::startup_s, "s",
                    "From the start of a training job to its first step: image, checkpoint, compilation.",
                    {.min = 0, .max = 1e7})
          .text("load", &JobSpec::load,
                "What a training job reads from site.storage before its first step: none, weights (each rank those it "
                "holds), checkpoint (and its optimiser states) or bytes in all, e.g. 120 GB. `startup` comes on top.")
          .object("checkpoint", &JobSpec::checkpoint, "How often a training job writes its state to site.storage.")
          .object("elastic", &JobSpec::elastic,
                  "It goes on with fewer chips when some of its own break (docs/failures.md). Needs a stated `layout` "
                  "and a `checkpoint`.")
          .quantity("dataset", &JobSpec::dataset_bytes, "B",
                    "Read from site.storage for each token a training job trains, or sample where its model counts "
                    "samples.",
                    {.min = 0, .max = 1e12})
          .table(
              "mix", &JobSpec::mix,
              "A training job over several pools at once: chips of each, by the pool's name. It takes whole servers, "
              "all or none, and runs the best layout that knows the kinds apart (docs/mixed.md).",
              "", {.min = 1, .max = 1e9})
          .text(
              "path", &JobSpec::path,
              "Between the pools of a mix: rate of one chip, direct or staged through the hosts, latency; as \"25 GB/s "
              "staged 20 us\". Default: the site's network, staged where the pools' stacks differ.")
          .check(check_job)
          .done();
  return d;
}

const Description& ElasticSpec::description() {
  static const auto d =
      describe<ElasticSpec>("elastic",
                            "When some of its chips break, the job starts again at once on the rest of them, from its "
                            "last checkpoint, with fewer data-parallel replicas and the same global batch.")
          .integer("replicas", &ElasticSpec::replicas, "The fewest; with fewer it waits for all its chips.",
                   {.min = 1, .max = 1e9})
          .required()
          .quantity("grow", &ElasticSpec::grow_s, "s",
                    "How often it looks for chips that nobody waits for; where there are some, it starts anew on more "
                    "chips at its next checkpoint.",
                    {.min = 1, .max = 1e7})
          .shorthand("replicas")
          .done();
  return d;
}

}  // namespace alight
