#include "sim/scenario/scenario.hpp"

#include "sim/scenario/own_catalogue.hpp"
#include "sim/scheduler/placement.hpp"
#include "sim/scheduler/policy.hpp"
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

// Kept as written: the catalogue or the zoo reads it (see own_catalogue.hpp).
bool keep_entries(const Node& node, Node& kept, const std::string& key, Diagnostics& d) {
  if (!detail::expect_mapping(node, key, d)) return false;
  kept = node;
  return true;
}

}  // namespace

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
