#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <map>
#include <set>

#include "platforms/simgrid/builder.hpp"
#include "platforms/topology/single_failures.hpp"
#include "sim/cli/scenario_argument.hpp"
#include "sim/facility/building.hpp"
#include "sim/record/cabling.hpp"
#include "sim/record/money.hpp"
#include "sim/record/summary.hpp"
#include "sim/run/admission.hpp"
#include "sim/serving/service.hpp"

namespace alight::cli {
namespace {

// Lines under labels; a label is said once.
class Lines {
 public:
  void operator()(std::string_view label, const std::string& what) {
    std::cout << fmt::format("  {:<11}{}\n", label == last_ ? "" : label, what);
    last_ = label;
  }

 private:
  std::string last_;
};

std::string rate(double gbps) {
  if (gbps >= 1e6) return fmt::format("{:.4g} Pbps", gbps * 1e-6);
  return gbps >= 1e3 ? fmt::format("{:.4g} Tbps", gbps * 1e-3) : fmt::format("{:.4g} Gbps", gbps);
}

std::string count(std::int64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", with_commas(n), n == 1 ? one : many);
}

void print_site(const Site& site, Lines& line) {
  line("site", fmt::format("{}, {}, {}", count(site.chips, "chip", "chips"), count(site.servers, "server", "servers"),
                           count(site.racks, "rack", "racks")));
  std::size_t widest = 0;
  for (const Pool& pool : site.pools) widest = std::max(widest, pool.name.size());
  for (const Pool& pool : site.pools) {
    std::int64_t later = 0;
    for (const Phase& phase : pool.phases)
      if (phase.from_s > 0) later += phase.racks;
    line("pools", fmt::format("{:<{}}   {} x {}, each {} x {}{}{}{}", pool.name, widest, with_commas(pool.servers),
                              pool.server.name, pool.server.chips, pool.chip.name,
                              pool.chip.bf16_tflops ? fmt::format(" of {:g} TFLOPS", *pool.chip.bf16_tflops) : "",
                              pool.stack.empty() ? "   any stack" : "   stack " + pool.stack,
                              later > 0 ? "   " + count(later, "rack", "racks") + " of " + with_commas(pool.racks()) +
                                              " come later"
                                        : ""));
  }
}

// What the routing leaves of a tier's uplinks.
std::string usable(const TierSummary& tier) {
  if (tier.routing == FlowRouting::even) return {};
  return fmt::format("   {} leaves {:.0f} % when all send up", name_of(tier.routing), tier.usable * 100);
}

// What no single failure should do, in a few lines.
void print_single_failures(const Site& site, const Topology& topology, Lines& line) {
  constexpr std::size_t kMostLines = 8;
  const std::vector<SingleFailures> all = single_failures(site, topology);
  std::int64_t switches = 0, cables = 0;
  for (const SingleFailures& alike : all) (alike.switches ? switches : cables) += std::ssize(alike.which);
  line("network", all.empty() ? "no loss of one switch or link cuts a server off"
                              : fmt::format("the loss of one cuts servers off: {}, {}",
                                            count(switches, "switch", "switches"), count(cables, "link", "links")));
  for (std::size_t i = 0; i < std::min(kMostLines, all.size()); ++i) line("", "  " + text_of(all[i], topology));
  if (all.size() > kMostLines) line("", fmt::format("  and {} more kinds of them", all.size() - kMostLines));
}

void print_network(const Site& site, Lines& line) {
  const Topology topology(site);
  if (site.tiers.empty() && !site.wiring && site.networks.empty()) {
    line("network", "one ideal switch");
    if (!single_failures(site, topology).empty()) print_single_failures(site, topology, line);
    return;
  }
  const std::vector<TierSummary> tiers = topology.tiers();
  std::size_t widest = 7;
  for (const TierSummary& tier : tiers) widest = std::max(widest, tier.name.size());
  for (const TierSummary& tier : tiers) {
    const std::string what = tier.switches > 0
                                 ? count(tier.switches, "switch", "switches")
                                 : count(std::llround(tier.cables_down), "cable", "cables") + " without a switch";
    line("network", fmt::format("{:<{}} {}   {}{}{}", tier.name, widest, what, rate(tier.down_gbps),
                                tier.switches > 0 ? " down" : "",
                                tier.up_gbps > 0 ? fmt::format("   {} up   oversubscription {:.2g}:1{}",
                                                               rate(tier.up_gbps), tier.oversubscription, usable(tier))
                                                 : ""));
  }
  const Bisection bisection = topology.bisection();
  line("network", fmt::format("diameter {} links   bisection {}, without oversubscription {}", topology.diameter(),
                              rate(bisection.gbps), rate(bisection.full_gbps)));
  print_single_failures(site, topology, line);
  for (std::size_t a = 0; a < site.pools.size() && site.pools.size() <= 8; ++a)
    for (std::size_t b = a + 1; b < site.pools.size(); ++b)
      line("network",
           fmt::format("{} to {}: at most {}", site.pools[a].name, site.pools[b].name,
                       rate(topology.min_cut_gbps(static_cast<std::int64_t>(a), static_cast<std::int64_t>(b)))));
}

void print_storage(const Site& site, Lines& line) {
  if (!site.storage) return;
  const Storage& storage = *site.storage;
  line("storage",
       fmt::format("{}   reads {:.4g} GB/s, writes {:.4g} GB/s{}{}", storage.name, storage.read_gbps / 8,
                   storage.write_gbps / 8,
                   storage.over_network() ? "   over the network, at " + storage.place : "   a network of its own",
                   storage.server_gbps > 0 ? ", " + rate(storage.server_gbps) + " to a server" : ""));
}

// What a training job and the storage do to each other; empty where nothing.
std::string storage_text(const StorageRate& storage) {
  std::string text;
  if (storage.load) text += fmt::format("   loads {:.3g} GB in {:.3g} s", storage.load_bytes * 1e-9, storage.load_s);
  if (storage.checkpoints > 0)
    text += fmt::format("   a checkpoint of {:.3g} GB each {:.4g} steps, {:.3g} s of each waited for",
                        storage.checkpoint_bytes * 1e-9, 1 / storage.checkpoints,
                        storage.checkpoint_s / storage.checkpoints);
  if (storage.dataset_bytes > 0) text += fmt::format("   {:.3g} MB of data a step", storage.dataset_bytes * 1e-6);
  return text.empty() ? text : "storage:" + text.substr(2);
}

void print_workload(const Workload& workload, const Site& site, Lines& line) {
  double chip_s = 0, last_s = 0;
  std::int64_t jobs = 0, training = 0, parallel = 0;
  for (const Job& job : workload.jobs) {
    if (job.type == JobType::service) continue;
    ++jobs;
    chip_s += static_cast<double>(job.chips * job.chip_milli) * 1e-3 * job.duration_s;
    last_s = std::max(last_s, job.submit_s);
    if (job.type == JobType::training) ++training;
    if (job.type == JobType::parallel) ++parallel;
  }
  std::string others;
  if (training > 0) others += fmt::format(", {} of training", with_commas(training));
  if (parallel > 0) others += fmt::format(", {} of parallel tasks", with_commas(parallel));
  if (!others.empty()) others += "; the others";
  line("workload",
       fmt::format("{} submitted over {:.3g} days{}, {} chip-hours{}", count(jobs, "job", "jobs"), last_s / 86400,
                   others, with_commas(std::llround(chip_s / 3600)),
                   last_s > 0 && others.empty() ? fmt::format(", {:.3g} times what the site could give in that time",
                                                              chip_s / last_s / static_cast<double>(site.chips))
                                                : ""));
  for (const auto& reason : workload.report.reasons)
    line("skipped",
         fmt::format("{}: {} (first {})", count(reason.rows, "row", "rows"), reason.why, reason.first_place));
  for (const auto& note : workload.report.notes) line("note", note);
}

void print_mixed(const Prepared& prepared, const Job& job, MixedRates& rates, MixedRates::Kind kind, Lines& line) {
  std::string pools;
  for (const MixedRates::Part& part : rates.parts(kind))
    pools += fmt::format("{}{} x {}", pools.empty() ? "" : " + ", part.chips, prepared.site.pools[part.pool].name);
  const TrainingRate& rate = rates.best(kind).all;
  line("training",
       fmt::format("{} on {}: {}   step {:.4g} s   {:.4g} tokens/s   MFU {:.1f} %", prepared.workload.names[job.model],
                   pools, rate.layout_text, rate.step.seconds, rate.tokens_per_s(), rate.mfu * 100));
}

// Training jobs by kind: how the fastest pool runs them. What no pool can run is counted.
void print_training(const Prepared& prepared, Lines& line) {
  const auto ground = prepared.training_ground();
  if (ground->pools.empty()) return;
  constexpr std::size_t kMostKinds = 12;
  TrainingRates rates(prepared.site, prepared.workload, ground);
  const Admission admission =
      admit(prepared.site, prepared.workload, prepared.settings, prepared.same_kind(), Cluster(prepared.site), rates);
  std::set<TrainingRates::Kind> seen;
  std::set<MixedRates::Kind> mixed_seen;
  std::map<std::string, std::int64_t> unfit;
  for (JobIndex j = 0; j < prepared.workload.jobs.size(); ++j) {
    const Job& job = prepared.workload.jobs[j];
    if (job.type != JobType::training) continue;
    if (const auto& why = admission.reasons[admission.turned_away[j]]; !why.empty()) {
      ++unfit[why];
      continue;
    }
    if (job.mix != 0) {
      if (mixed_seen.size() < kMostKinds && mixed_seen.insert(admission.training[j]).second)
        print_mixed(prepared, job, rates.mixed(), admission.training[j], line);
      continue;
    }
    if (seen.size() == kMostKinds || !seen.insert(admission.training[j]).second) continue;
    for (const PoolIndex p : admission.requests.pools(admission.candidates[j].request)) {
      const TrainingRate& rate = rates.best(admission.training[j], p);
      line("training",
           fmt::format("{} on {} x {}: {}   step {:.4g} s   {:.4g} {}/s   MFU {:.1f} %   {:.3g} GB",
                       prepared.workload.names[job.model], job.chips, prepared.site.pools[p].name, rate.layout_text,
                       rate.step.seconds, rate.tokens_per_s(), rate.layout.sequence == 1 ? "samples" : "tokens",
                       rate.mfu * 100, rate.step.memory.total() * 1e-9));
      if (const std::string text = storage_text(rate.storage); !text.empty()) line("training", text);
    }
  }
  for (const auto& [why, jobs] : unfit) line("rejected", fmt::format("{}: {}", count(jobs, "job", "jobs"), why));
  for (const std::string& note : admission.notes) line("note", note);
}

// Of each service, what a replica of each kind holds and how fast a full batch of it goes.
void print_services(const Prepared& prepared, Lines& line) {
  if (!prepared.settings.services) return;
  for (const auto& service : *prepared.settings.services) {
    const auto& requests = service->trace.requests;
    line("service",
         fmt::format("{}: {} of {:.3g} days", service->name,
                     count(static_cast<std::int64_t>(requests.size()), "request", "requests"),
                     requests.empty() ? 0 : (requests.back().arrival_s - requests.front().arrival_s) / 86400));
    for (std::size_t i = 0; i < service->replicas.size(); ++i) {
      const ServiceReplicas& of = service->replicas[i];
      const ReplicaModel& model = *of.model;
      const ServingPool& pool = service->fleet.pools[i];
      const std::string number =
          of.most > of.count ? fmt::format("{} to {}", pool.scale.min, of.most) : fmt::format("{}", of.count);
      line("service", fmt::format("{} x {}, {} each: {:.3g} GB of weights a chip, {} tokens of keys and values; "
                                  "a token of one sequence of 1,024 in {:.3g} ms, {:.3g} tokens/s of a full batch",
                                  number, pool.name, count(model.chips(), "chip", "chips"),
                                  model.weight_bytes_per_chip() * 1e-9, with_commas(model.kv_tokens()),
                                  model.iteration_time({.decodes = 1}).seconds(1024) * 1e3, pool.weight));
      if (of.load.storage.load)
        line("service", fmt::format("loads {:.3g} GB in {:.3g} s, after {:.3g} s", of.load.storage.load_bytes * 1e-9,
                                    of.load.storage.load_s, of.startup_s));
    }
  }
}

}  // namespace

// The hour at which the supply of each pool is warmest, and what its chips then are at full load.
void print_heat(const Prepared& prepared, Lines& line) {
  const Building& building = *prepared.settings.building;
  for (std::size_t p = 0; p < building.pool_heat.size(); ++p) {
    const PoolHeat& heat = building.pool_heat[p];
    double worst_c = held_supply_c(heat.cooling, building.outside);
    std::int64_t hours = 0, hours_above = 0;
    std::string when;
    if (building.weather) {
      worst_c = -273.15;
      const Hours& of = building.weather->hours;
      for (std::size_t h = 0; h < of.count; ++h) {
        const double c = held_supply_c(heat.cooling, building.weather->air[h]);
        if (c > worst_c)
          when = format_date({of.start_s + of.offset_s + 3600 * static_cast<std::int64_t>(h)}).substr(5, 11);
        worst_c = std::max(worst_c, c);
        ++hours;
        if (c > heat.throttles_above_c()) ++hours_above;
      }
    }
    const double chip_c = chip_temperature_c(heat.thermals, worst_c, heat.tdp_w);
    line("heat", fmt::format("{}   supply {:.1f} C at worst{}, chips at full load {:.1f} C of {:g} C; {}",
                             prepared.site.pools[p].name, worst_c, when.empty() ? "" : " (" + when + ")", chip_c,
                             heat.thermals.throttle_c,
                             chip_c > heat.thermals.throttle_c
                                 ? (hours > 0 ? fmt::format("clocked down in {} of {} hours", hours_above, hours)
                                              : "clocked down at all times")
                                 : fmt::format("clocked down above {:.1f} C", heat.throttles_above_c())));
  }
}

void print_building(const Prepared& prepared, Lines& line) {
  const auto& building = prepared.settings.building;
  if (!building) return;
  double provided_kw = building->network_w * 1e-3, full_kw = provided_kw;
  for (std::size_t p = 0; p < building->halls.size(); ++p) {
    const Pool& pool = prepared.site.pools[p];
    const auto drawn_kw = [&](ChipState state) {
      return building->power[p].watts[static_cast<std::size_t>(state)] * static_cast<double>(pool.server.chips) * 1e-3;
    };
    const double server_kw = building->provisioned_w[p] * 1e-3;
    const double rack_kw = server_kw * static_cast<double>(pool.servers_per_rack);
    provided_kw += server_kw * static_cast<double>(pool.servers);
    full_kw += drawn_kw(ChipState::useful) * static_cast<double>(pool.servers);
    const std::string reason = rack_density(rack_kw, building->density[p]).reason;
    line("building",
         fmt::format(
             "{}   {:.4g} kW provided for a server, which draws {:.4g} idle and {:.4g} at full load; {:.4g} kW a "
             "rack, cooled by {}{}",
             pool.name, server_kw, drawn_kw(ChipState::idle), drawn_kw(ChipState::useful), rack_kw,
             building->density[p].technology, reason.empty() ? "" : "   " + reason));
  }
  print_heat(prepared, line);
  const auto meter_kw = [&](double it_kw) { return convert_power(building->conversion, it_kw * 1e3).input_w * 1e-3; };
  line("building",
       fmt::format("{:.4g} kW provided, {:.4g} kW drawn at full load; with conversion {:.4g} and {:.4g} kW, "
                   "cooling apart",
                   provided_kw, full_kw, meter_kw(provided_kw), meter_kw(full_kw)));
}

void print_simgrid(const Site& site, Lines& line) {
  const PlatformSizes sizes = build_and_measure(site);
  line("SimGrid", fmt::format("{}, {} in {}; first to last server over {}, {:.3g} us",
                              count(static_cast<std::int64_t>(sizes.hosts), "host", "hosts"),
                              count(static_cast<std::int64_t>(sizes.links), "link", "links"),
                              count(static_cast<std::int64_t>(sizes.zones), "zone", "zones"),
                              count(static_cast<std::int64_t>(sizes.longest_route_links), "link", "links"),
                              sizes.longest_route_latency_s * 1e6));
}

int check(const ScenarioArguments& arguments) {
  const auto prepared = prepare_or_print(arguments, true);
  if (!prepared) return kBadInput;
  std::cout << prepared->scenario.name << '\n';
  if (!prepared->scenario.question.empty()) std::cout << "  " << prepared->scenario.question << '\n';
  std::cout << '\n';
  Lines line;
  print_site(prepared->site, line);
  print_network(prepared->site, line);
  print_storage(prepared->site, line);
  for (const std::string& cables : bill_lines(prepared->bill, prepared->site)) line("cables", cables);
  print_simgrid(prepared->site, line);
  print_workload(prepared->workload, prepared->site, line);
  print_training(*prepared, line);
  print_services(*prepared, line);
  print_building(*prepared, line);
  if (prepared->money) {
    for (const std::string& text : capital_lines(*prepared->money)) line("money", text);
    for (const std::string& text : bill_of_materials_lines(*prepared->money)) line("bill", text);
  }
  const RunSettings& settings = prepared->settings;
  line("run", fmt::format("policy {}, placement {}, seed {}; about {} events", settings.policy, settings.placement,
                          settings.seed, with_commas(3 * static_cast<std::int64_t>(prepared->workload.jobs.size()))));
  return kDone;
}

}  // namespace alight::cli
