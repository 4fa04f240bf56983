#include "sim/scenario/scenario.hpp"

#include "models/training/accelerator.hpp"
#include "models/training/layout_text.hpp"
#include "sim/plan/pool.hpp"
#include "sim/scenario/own_catalogue.hpp"
#include "sim/scheduler/placement.hpp"
#include "sim/scheduler/policy.hpp"
#include "workloads/parallel_work.hpp"
#include "workloads/traces/formats.hpp"
#include "workloads/zoo.hpp"

namespace alight {
namespace {

std::vector<std::string> auto_or_formats() {
  std::vector<std::string> names = {"auto"};
  for (const auto& name : format_names()) names.push_back(name);
  return names;
}

constexpr Range kPositive{.min = 1e-12};
// Some 317 years, as much as traces may state: a ledger of more bins than that would never end.
constexpr double kLongestS = 1e10;
constexpr Range kTime{.min = 0, .max = kLongestS};
constexpr Range kPositiveTime{.min = 1e-12, .max = kLongestS};

ValueType own_catalogue_type() {
  ValueType type{.kind = ValueType::Kind::object};
  type.object = [] { return &OwnCatalogue::description(); };
  return type;
}

ValueType own_models_type() {
  ValueType entry{.kind = ValueType::Kind::object};
  entry.object = [] { return &ModelEntry::description(); };
  return {.kind = ValueType::Kind::table, .element = std::make_shared<const ValueType>(std::move(entry))};
}

// As many kinds of chip as alight plan looks at.
constexpr std::size_t kMostParts = 4;

// Kept as written: the catalogue or the zoo reads it (see own_catalogue.hpp).
bool keep_entries(const Node& node, Node& kept, const std::string& key, Diagnostics& d) {
  if (!detail::expect_mapping(node, key, d)) return false;
  kept = node;
  return true;
}

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
  if (elastic) {
    work.least_replicas = elastic->replicas;
    work.grow_s = elastic->grow_s;
  }
  return work;
}

const Description& RackSpec::description() {
  static const auto d =
      describe<RackSpec>("rack", "One rack of a pool.")
          .integer("servers", &RackSpec::servers, "Servers in one rack. Default: what the catalogue says, else 4.",
                   {.min = 1, .max = 1024})
          .shorthand("servers")
          .done();
  return d;
}

const Description& PhaseSpec::description() {
  static const auto d =
      describe<PhaseSpec>("phase", "Racks of a pool that are there from a later moment on.")
          .date("from", &PhaseSpec::from, "The day they are delivered; needs `start` of the scenario.")
          .quantity("after", &PhaseSpec::after_s, "s", "The same as time after the start of the run.", kTime)
          .integer("racks", &PhaseSpec::racks, "How many racks.", {.min = 1, .max = 1e7})
          .required()
          .check([](const PhaseSpec& p, const std::string& path, Diagnostics& out) {
            if (p.from.has_value() == p.after_s.has_value())
              out.error_at(path, "needs either `from` (a date) or `after` (a time)");
          })
          .done();
  return d;
}

const Description& PoolSpec::description() {
  static const auto d =
      describe<PoolSpec>("pool", "Equal servers under one software stack.")
          .text("name", &PoolSpec::name, "What the pool is called in outputs.")
          .required()
          .text("server", &PoolSpec::server, "Catalogue name of the server (alight catalog list servers).")
          .required()
          .integer("count", &PoolSpec::count, "Number of servers.", {.min = 1, .max = 1e7})
          .required()
          .object("rack", &PoolSpec::rack, "Servers per rack.")
          .text("stack", &PoolSpec::stack,
                "Software stack (cuda, rocm, cann, musa ...). Jobs that name one run only on pools of that stack; an "
                "empty stack runs anything.")
          .text("hall", &PoolSpec::hall, "Hall its racks stand in; a label.")
          .text("row", &PoolSpec::row, "Row its racks stand in; a label.")
          .text("cooling", &PoolSpec::cooling, "How its servers are cooled. Default: as site.facility says.")
          .date("from", &PoolSpec::from, "The whole pool is delivered on that day; needs `start` of the scenario.")
          .list("phases", &PoolSpec::phases, "Racks delivered later, in the order of their numbers.")
          .integer("rails", &PoolSpec::rails, "Leaf switches a server's NICs are spread over; 1 = all on one leaf.",
                   {.min = 1, .max = 64})
          .object("speeds", &PoolSpec::speeds, "How its chips differ in speed. Default: all are as their kind.")
          .check([](const PoolSpec& p, const std::string& path, Diagnostics& out) {
            if (p.from && !p.phases.empty())
              out.error_at(join_key(path, "from"), "either `from` or `phases`, not both");
          })
          .done();
  return d;
}

const Description& TierSpec::description() {
  static const auto d =
      describe<TierSpec>("tier", "One tier of switches.")
          .quantity("rate", &TierSpec::rate_gbps, "Gbps", "Rate of one port, each direction.", kPositive)
          .integer("down_ports", &TierSpec::down_ports, "Ports of one switch towards servers or the tier below.",
                   {.min = 1, .max = 4096})
          .quantity("oversubscription", &TierSpec::oversubscription, "1",
                    "Capacity in from below over capacity out to above. 2:1 halves the bandwidth that servers under "
                    "different switches of this tier share.",
                    {.min = 1e-3, .max = 1e3})
          .quantity(
              "latency", &TierSpec::latency_s, "s",
              "Through one switch and its link. Default: what `switch` and the medium add at the mean length of the "
              "tier's links; 0 where neither is named.",
              {.min = 0, .max = 1})
          .text("switch", &TierSpec::switch_name, "Catalogue name of its switches, for their latency.")
          .text("medium", &TierSpec::medium,
                "What its links towards servers are made of: a catalogue name (alight catalog list links), a class, "
                "copper or auto (docs/media.md). Default: the network's `medium`.")
          .done();
  return d;
}

const Description& NetworkSpec::description() {
  static const auto d =
      describe<NetworkSpec>("network", "Tiers of switches. None: one ideal switch for all servers.")
          .object("leaf", &NetworkSpec::leaf, "Switches that servers plug in to.")
          .object("spine", &NetworkSpec::spine, "Switches above the leaves.")
          .object("core", &NetworkSpec::core, "Switches above the spines of each pod.")
          .choice("routing", &NetworkSpec::routing, routings(), kRoutingDoc)
          .integer("flows_per_nic", &NetworkSpec::flows_per_nic, kFlowsPerNicDoc, kFlowsPerNic)
          .text("fabric", &NetworkSpec::fabric, kFabricDoc)
          .text("place", &NetworkSpec::place, "Where it stands, for `wan`. Default: main.")
          .text("medium", &NetworkSpec::medium,
                "Medium of the tiers that name none: a catalogue name, passive copper (DAC), ACC, "
                "AEC, AOC, optical, LPO, CPO, backplane, copper (any), or auto, the cheapest that "
                "reaches. None: no cables are laid.")
          .text("scale_up_medium", &NetworkSpec::scale_up_medium,
                "Medium of scale-up links: of tori, meshes and supernodes that name none, and of those "
                "that the servers' entries have as cables (NVL72). Default: the server's own.")
          .check([](const NetworkSpec& n, const std::string& path, Diagnostics& out) {
            if (n.spine && !n.leaf) out.error_at(join_key(path, "spine"), "needs a `leaf` tier below it");
            if (n.core && !n.spine) out.error_at(join_key(path, "core"), "needs a `spine` tier below it");
            check_routing(n.routing, n.flows_per_nic, n.leaf.has_value(), path, out);
          })
          .done();
  return d;
}

const Description& SiteSpec::description() {
  static const auto d =
      describe<SiteSpec>("site", "The centre: pools of servers and the network between them.")
          .list("pools", &SiteSpec::pools, "Pools of equal servers.")
          .text(
              "platform", &SiteSpec::platform,
              "A SimGrid XML platform file to take the servers and the network from, instead of `pools` and `network`.")
          .object("network", &SiteSpec::network, "Tiers of switches.")
          .list("networks", &SiteSpec::networks,
                "Networks of other kinds, or several (docs/platform.md). The NICs of pools that no leaf or dragonfly "
                "there "
                "names are plugged in to `network`.")
          .object("backbone", &SiteSpec::backbone, "What joins the networks of one place.")
          .list("wan", &SiteSpec::wan, "Links between places.")
          .object("floor", &SiteSpec::floor, "Where racks and switches stand, for the lengths of cables.")
          .object("storage", &SiteSpec::storage, "The storage system that training jobs read and write.")
          .object("facility", &SiteSpec::facility, "The building: power, cooling, weather, the price of electricity.")
          .done();
  return d;
}

const Description& JobSpec::description() {
  static const auto d =
      describe<JobSpec>("job", "A job, or `count` equal ones.")
          .text("id", &JobSpec::id, "Its name in outputs. Default: job1, job2 ...; several: id.1, id.2 ...")
          .quantity("submit", &JobSpec::submit_s, "s", "When it is submitted, after the start of the run.", kTime)
          .choice(
              "type", &JobSpec::type,
              {{"rigid", JobType::rigid}, {"training", JobType::training}, {"parallel", JobType::parallel}},
              "rigid runs for its `duration`; training trains `tokens` or `steps` of a `model`, as fast as its chips "
              "do (docs/training-jobs.md); parallel computes and communicates as its `task` says, at the pace of the "
              "site's chips and links (docs/parallel-tasks.md).")
          .quantity("duration", &JobSpec::duration_s, "s", "How long a rigid job runs.", kTime)
          .quantity("estimate", &JobSpec::estimate_s, "s",
                    "Requested time: the scheduler's estimate, and when the job is killed. Default: the duration, or "
                    "what is predicted for training, or the computing of a parallel job.",
                    kPositiveTime)
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

const Description& SlowdownSpec::description() {
  static const auto d =
      describe<SlowdownSpec>("slowdown", "How much longer jobs traced on one chip take on another.")
          .text("traced", &SlowdownSpec::traced, "Chip the durations were measured on.")
          .required()
          .text("on", &SlowdownSpec::on, "Chip they run on.")
          .required()
          .number("ratio", &SlowdownSpec::ratio, "Run time there over run time as traced.", {.min = 1e-6, .max = 1e6})
          .required()
          .done();
  return d;
}

const Description& WorkloadSpec::description() {
  static const auto d =
      describe<WorkloadSpec>("workload", "What runs: a trace, generated jobs, jobs written here, or all of them.")
          .text("file", &WorkloadSpec::file, "A trace, plain or compressed (.gz, .xz, .zst).")
          .choice("format", &WorkloadSpec::format, auto_or_formats,
                  "Format of the trace (docs/formats/traces.md); auto tells it by content and name.")
          .table("columns", &WorkloadSpec::columns,
                 "For format generic: our column = theirs, with a unit or factor behind a colon (submit_s: "
                 "\"Submitted:ms\").")
          .text("time_pattern", &WorkloadSpec::time_pattern,
                "For format generic: how times are written (strptime). Default: numbers or ISO stamps.")
          .list("generate", &WorkloadSpec::generate, "Generators of jobs (docs/generators.md).")
          .list("jobs", &WorkloadSpec::jobs, "Jobs written here.")
          .list("services", &WorkloadSpec::services, "Language models that answer requests (docs/services.md).")
          .text("traced_chip", &WorkloadSpec::traced_chip,
                "Chip the durations were measured on, for jobs that do not say. Default: they take as long anywhere.")
          .flag("shuffle", &WorkloadSpec::shuffle, "Puts the jobs in random order (stream \"shuffle\").")
          .quantity("inflate", &WorkloadSpec::inflate, "1",
                    "Copies random jobs, or drops some, until the chips asked for in all are this ratio of the site's "
                    "(stream \"inflate\").",
                    {.min = 1e-6, .max = 1000})
          .flag("one_by_one", &WorkloadSpec::one_by_one,
                "Submits the jobs one a second in their order, whatever their submit times.")
          .quantity(
              "checkpoint", &WorkloadSpec::checkpoint_s, "s",
              "How often a job known by its duration keeps what it has done, at no cost: preempted, or stopped by "
              "a failure, it goes on from there. Counted as its duration is. Default: never; it starts anew.",
              {.min = 0, .max = 1e10, .above_min = true})
          .flag("jobs_end", &WorkloadSpec::jobs_end, "false: a started job holds its chips for ever (arrivals only).")
          .list("slowdown", &WorkloadSpec::slowdown,
                "Run time ratios between chips where the default rule does not hold (docs/models.md).")
          .done();
  return d;
}

const Description& QueueSpec::description() {
  static const auto d = describe<QueueSpec>("queue", "A virtual cluster's own queue.")
                            .quantity("quota", &QueueSpec::quota, "1",
                                      "Share of the site's chips that its jobs may hold at once.", {.min = 0, .max = 1})
                            .shorthand("quota")
                            .done();
  return d;
}

const Description& SchedulerSpec::description() {
  static const auto d =
      describe<SchedulerSpec>("scheduler", "Which waiting job goes next, and where.")
          .choice("policy", &SchedulerSpec::policy, policy_names, "Which waiting job goes next (docs/scheduling.md).")
          .choice("placement", &SchedulerSpec::placement, placement_names, "Which chips it gets (docs/scheduling.md).")
          .choice(
              "preemption", &SchedulerSpec::preemption,
              {{"none", JobPreemption::none}, {"requeue", JobPreemption::requeue}},
              "What becomes of running `preemptible` jobs when one of higher priority finds no room. requeue: as few "
              "of them as make the room lose their chips, of the lowest priority first, then the youngest, and wait "
              "again (docs/preemption.md).")
          .table("queues", &SchedulerSpec::queues,
                 "A queue of its own, with a quota, per virtual cluster; jobs of others share the common queue.")
          .check([](const SchedulerSpec& s, const std::string& path, Diagnostics& out) {
            if (s.preemption != JobPreemption::none && s.policy == "once")
              out.error_at(join_key(path, "preemption"), "policy once tries every job once: none can wait again");
          })
          .done();
  return d;
}

const Description& OutputSpec::description() {
  static const auto d =
      describe<OutputSpec>("output", "What is written.")
          .quantity("ledger_bin", &OutputSpec::ledger_bin_s, "s", "Length of a time bin of ledger.csv.", {.min = 1})
          .done();
  return d;
}

const Description& Scenario::description() {
  static const auto d =
      describe<Scenario>("scenario", "One run of alight.")
          .text("name", &Scenario::name, "What the run is called; part of the default output folder.")
          .text("question", &Scenario::question, "The question it answers, for people.")
          .integer("seed", &Scenario::seed, "Seed of all random streams.", {.min = 0, .max = 9e15})
          .date("start", &Scenario::start, "Calendar date of the run's first second, for dated deliveries and prices.")
          .quantity("horizon", &Scenario::horizon_s, "s",
                    "How long the run lasts. Default: until the last job has ended.", kPositiveTime)
          .object("site", &Scenario::site, "The centre.")
          .object("workload", &Scenario::workload, "What runs.")
          .object("scheduler", &Scenario::scheduler, "Who goes next, and where.")
          .object("output", &Scenario::output, "What is written.")
          .choice("network", &Scenario::network,
                  {{"fluid", Sharing::fluid}, {"exact", Sharing::exact}, {"none", Sharing::none}},
                  "How training jobs share links (docs/sharing.md). fluid: as rates, worked out anew where something "
                  "changes; exact: every step phase by phase, for small studies; none: each job as if alone.")
          .object("faults", &Scenario::faults, "What breaks in the network, and when.")
          .object("money", &Scenario::money, "What the centre costs and earns.")
          .custom("catalogue", &Scenario::catalogue, "Chips, servers, links ... of your own, beside the built-in ones.",
                  own_catalogue_type(), keep_entries, [](const Node& kept) { return kept; })
          .custom("models", &Scenario::models,
                  "Models of your own by name, beside those of the zoo (alight model list; docs/models-zoo.md).",
                  own_models_type(), keep_entries, [](const Node& kept) { return kept; })
          .done();
  return d;
}

}  // namespace alight
