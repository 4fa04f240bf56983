#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "platforms/accelerator.hpp"
#include "sim/facility/building.hpp"
#include "sim/record/cabling.hpp"
#include "sim/record/caps.hpp"
#include "sim/record/heat.hpp"
#include "sim/record/slow_chips.hpp"
#include "sim/record/summary.hpp"
#include "sim/record/tables.hpp"
#include "sim/version.hpp"

namespace alight {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json json(const Distribution& d) {
  return {{"count", d.count}, {"mean", d.mean}, {"p50", d.p50}, {"p90", d.p90}, {"p99", d.p99}, {"max", d.max}};
}

Json states(const StateTimes& times) {
  Json out = Json::object();
  for (std::size_t s = 0; s < kChipStates; ++s) out[std::string(kChipStateNames[s])] = times[s];
  return out;
}

double total(const StateTimes& times, bool lit) {
  double sum = 0;
  for (std::size_t s = 0; s < kChipStates; ++s)
    if (is_lit(static_cast<ChipState>(s)) == lit) sum += times[s];
  return sum;
}

// The tree: each level sums to its parent.
Json tree(const StateTimes& times) {
  Json dark = Json::object(), lit = Json::object();
  for (std::size_t s = 0; s < kChipStates; ++s)
    (is_lit(static_cast<ChipState>(s)) ? lit : dark)[std::string(kChipStateNames[s])] = times[s];
  return {{"installed", total(times, false) + total(times, true)},
          {"dark", {{"total", total(times, false)}, {"states", dark}}},
          {"lit", {{"total", total(times, true)}, {"states", lit}}}};
}

Json pools(const Summary& s) {
  Json list = Json::array();
  const auto& pools = s.prepared.site.pools;
  for (std::size_t p = 0; p < pools.size(); ++p)
    list.push_back({{"pool", pools[p].name},
                    {"chip", pools[p].chip.name},
                    {"server", pools[p].server.name},
                    {"stack", pools[p].stack},
                    {"servers", pools[p].servers},
                    {"chips", pools[p].chips()},
                    {"pflops_per_chip",
                     or_null(pools[p].chip.bf16_tflops ? std::optional(pflops_per_chip(pools[p])) : std::nullopt)},
                    {"ledger_chip_s", states(s.end.chip_s[p])}});
  return list;
}

}  // namespace

std::string_view state_of(const RunEnd& end) {
  if (!end.violation.empty()) return "invariant violated";
  return end.how == Engine::End::interrupted ? "interrupted" : "complete";
}

std::string summary_json(const Summary& s) {
  const Headline& h = s.headline;
  Json out;
  out["schema"] = "alight.summary/1";
  out["name"] = s.prepared.scenario.name;
  out["state"] = state_of(s.end);
  if (!s.end.violation.empty()) out["violation"] = s.end.violation;
  out["seed"] = s.prepared.scenario.seed;
  out["duration_s"] = s.end.end_s;
  out["chips"] = s.prepared.site.chips;
  out["servers"] = s.prepared.site.servers;
  out["racks"] = s.prepared.site.racks;
  out["peak_pflops"] = h.pflops;
  if (h.chips_of_unknown_rate > 0) out["chips_of_unknown_rate"] = h.chips_of_unknown_rate;
  out["lit_rate"] = or_null(h.lit_rate);
  out["lit_rate_pflops"] = or_null(h.lit_rate_pflops);
  Json chain = Json::object(), definitions = Json::object();
  for (const ChainLink& link : h.chain) {
    chain[link.name] = or_null(link.share);
    definitions[link.name] = link.definition;
  }
  out["chain"] = chain;
  out["installed_chip_s"] = h.installed_chip_s;
  out["ledger_chip_s"] = states(h.chip_s);
  out["ledger_pflop_s"] = states(h.pflop_s);
  out["ledger_tree_chip_s"] = tree(h.chip_s);
  Json jobs = Json::object();
  std::int64_t all = 0;
  for (std::size_t i = 0; i < kJobStatuses; ++i) {
    jobs[std::string(name_of(static_cast<JobStatus>(i)))] = s.jobs_by_status[i];
    all += s.jobs_by_status[i];
  }
  jobs["total"] = all;
  out["jobs"] = jobs;
  if (!s.rejections.empty()) out["rejected_because"] = s.rejections;
  out["wait_s"] = json(s.waits_s);
  out["bounded_slowdown"] = json(s.slowdowns);
  if (s.prepared.settings.preemption != JobPreemption::none) {
    out["preemption"] = {{"preemptions", s.preemptions.preemptions},
                         {"jobs_preempted", s.preemptions.jobs},
                         {"redone_chip_s", s.preemptions.redone_chip_s}};
    definitions["preemption.redone_chip_s"] =
        "chip-seconds in which preempted jobs did again what they had lost: from the first step of a later start until "
        "they were where they had been; in `lost`";
  }
  if (s.training.started > 0) {
    out["training"] = {{"jobs_started", s.training.started}, {"tokens", s.training.tokens}, {"mfu", or_null(h.mfu)}};
    if (const auto& mixed = s.training.mixed) {
      Json out_of = {{"jobs_started", mixed->started},
                     {"chips", mixed->chips},
                     {"eta_bucket", mixed->eta_bucket},
                     {"eta_mix", mixed->eta_mix},
                     {"recovery", mixed->recovery}};
      if (!mixed->shortest.pool.empty())
        out_of["shortest_stave"] = {
            {"pool", mixed->shortest.pool}, {"stave", mixed->shortest.stave}, {"gain_pct", mixed->shortest.gain_pct}};
      out["training"]["mixed"] = std::move(out_of);
      definitions["training.mixed"] =
          "of jobs over several pools, means over their chips: eta_bucket = every chip at the slowest kind's pace / "
          "what "
          "each kind gives alone; eta_mix = tokens per second / what each kind gives alone; recovery = (eta_mix - "
          "eta_bucket) / (1 - eta_bucket); shortest stave of the mix that held most chips";
    }
    definitions["training.mfu"] =
        "model FLOPs at the dense peak of the precision trained in / productive chip-seconds that are not opaque";
  }
  if (s.links.links > 0) {
    Json hottest = Json::array(), losers = Json::array();
    for (const LinkTotals::Link& link : s.links.hottest)
      hottest.push_back(
          {{"link", link.name}, {"gbps", link.gbps}, {"utilisation", link.utilisation}, {"saturated", link.saturated}});
    for (const LinkTotals::Job& job : s.links.losers)
      losers.push_back(
          {{"job", job.id}, {"link", job.worst_link}, {"lost_s", job.lost_s}, {"lost_chip_s", job.lost_chip_s}});
    out["links"] = {{"carrying", s.links.links},
                    {"hottest", hottest},
                    {"lost_chip_s", s.links.lost_chip_s},
                    {"jobs_that_lost", s.links.jobs},
                    {"lost_most", losers}};
    definitions["links.lost_chip_s"] = "chip-seconds by which steps took longer than of the same jobs alone";
    definitions["links.saturated"] =
        "share of the run in which jobs asked more of the link than it carries; with network: exact, in which it was "
        "full";
  }
  if (s.storage.any()) {
    out["storage"] = storage_json(s.storage, s.links);
    definitions["storage"] =
        "loads: from the end of `startup` to the first step, summed over jobs; checkpoint_chip_s: chip-seconds that "
        "waited for checkpoints, of trained_chip_s from first steps on";
  }
  if (s.power.counted) {
    out["energy"] = power_json(s.power, *s.prepared.settings.building, s.prepared.site, s.end);
    if (!s.end.caps.empty()) out["caps"] = caps_json(s.prepared.settings.building->caps, s.end.caps);
    if (!s.end.heat.empty()) {
      out["heat"] = heat_json(s.prepared.site, s.end.heat);
      definitions["heat"] =
          "by pool: supply_not_held_s: time in which its supply was warmer than the plant holds with all units; "
          "throttled_s: in which some of its jobs were clocked down by the temperature of their chips; above_limit_s: "
          "in "
          "which some chip stood above it and could not be clocked down further; off_s: in which its servers were "
          "switched off, and jobs_cut: jobs that lost their chips to that";
    }
    definitions["energy"] =
        "site_kwh at the meter = servers_kwh (chips with the servers around them) + network_kwh (link ends) + "
        "losses_kwh "
        "(UPS and distribution) + cooling_kwh; pue = site_kwh / (servers_kwh + network_kwh); peak_kw: the most that a "
        "bin "
        "of the ledger drew on average; pools: kWh of their servers by state of the chips, which sum to servers_kwh; "
        "chip_w: what chips with power drew by themselves, without the servers around them, over chip-seconds; "
        "at_limit: the share within 2 % of their limit";
  }
  if (s.money) {
    out["money"] = money_json(*s.prepared.money, *s.money, s.money_totals);
    definitions["money"] = money_definition();
  }
  if (!s.services.empty()) {
    out["services"] = services_json(s.services, s.end.end_s);
    definitions["services"] =
        "times of finished requests, quantiles within 0.2 %: ttft_s from arrival to the first token, tpot_s mean time "
        "between later tokens, end_to_end_s from arrival to the last; good: finished within all of the service's "
        "`slo`; "
        "busy, idle and starting chip-seconds of its replicas, as the ledger's; bucket_effect, where replicas of one "
        "role are of several kinds: eta_bucket = every chip at the slowest kind's pace / what each kind serves that "
        "always "
        "has enough to do; eta_mix = what the fleet serves before its first kind is full, as requests were shared out "
        "/ "
        "the same; recovery = (eta_mix - eta_bucket) / (1 - eta_bucket)";
  }
  if (s.prepared.settings.faults) {
    Json cut = Json::array();
    for (const FaultTotals::Job& job : s.faults.named)
      cut.push_back({{"job", job.id}, {"by", job.by}, {"failed", job.failed}, {"chip_s", job.chip_s}});
    out["faults"] = {{"faults", s.faults.faults},
                     {"repairs", s.faults.repairs},
                     {"cable_hours", s.faults.cable_hours},
                     {"lost_chip_s", s.faults.lost_chip_s},
                     {"jobs_stalled", s.faults.stalled},
                     {"jobs_failed", s.faults.failed},
                     {"failed_chip_s", s.faults.failed_chip_s},
                     {"cut_most", cut}};
    definitions["faults.cable_hours"] = "of each link its cables x the part of its rate that is gone x hours";
    definitions["faults.lost_chip_s"] =
        "chip-seconds in which jobs stood still because their servers were cut from each other, or by which steps took "
        "longer while the link that lengthened them most was not whole";
    definitions["faults.failed_chip_s"] = "chip-seconds held by jobs until they failed because of it";
  }
  if (s.prepared.settings.breakdowns) {
    out["failures"] = breakdown_json(s.breakdowns, s.end.end_s);
    definitions["failures.hung_chip_s"] = "chip-seconds of jobs that stood still after a failure until it was found";
    definitions["failures.redone_chip_s"] = "chip-seconds in which jobs did again what earlier starts had lost";
    definitions["failures.ettr"] =
        "effective training time ratio: time in which jobs got on (neither starting, nor at checkpoints, hung, or "
        "doing "
        "work again) over the time from their first start to their end, by chips; services left out";
    if (s.breakdowns.reduced_job_s > 0)
      definitions["failures.elastic"] =
          "of elastic jobs: starts on more chips than before; time and chip-seconds on fewer than asked for";
    definitions["failures.jobs_by_chips"] =
        "jobs of chips_from or more chips, below twice as many; mttf_h = job_hours / interruptions";
  }
  if (!s.end.slow_chips.empty()) {
    out["slow_chips"] = slow_chips_json(s.prepared.site, s.end.slow_chips, s.end.end_s);
    definitions["slow_chips"] =
        "speeds beside that of the kind; became_slow: times, slow_mean: chips that had become slow and were not "
        "mended, "
        "on average; lost_chip_s: chip-seconds by which jobs took longer, and replicas were busy longer, for the "
        "speeds "
        "of their chips, below 0 where these are faster than their kind";
  }
  if (!s.prepared.bill.empty()) {
    out["cabling"] = bill_json(s.prepared.bill, s.prepared.site);
    definitions["cabling"] =
        "links laid by cables: both ends' watts, price in the catalogue's money of its day, expected failures a year";
  }
  out["pools"] = pools(s);
  if (!s.fill.empty()) {
    Json fill = Json::array();
    for (std::size_t k = 0; k < s.fill.size(); ++k)
      if (s.fill[k]) fill.push_back({{"arrived_pct", k}, {"allocated_pct", *s.fill[k]}});
    out["fill"] = fill;
  }
  const ImportReport& report = s.prepared.workload.report;
  Json skipped = Json::array();
  for (const auto& reason : report.reasons)
    skipped.push_back({{"why", reason.why}, {"rows", reason.rows}, {"first", reason.first_place}});
  out["input_rows"] = {
      {"taken", report.taken}, {"skipped", report.skipped}, {"skipped_because", skipped}, {"notes", report.notes}};
  out["rests_on"] = s.rests_on;
  definitions["lit_rate"] = "chip-seconds held by jobs / chip-seconds racked";
  definitions["lit_rate_pflops"] = "the same, chips weighted by dense FP16 PFLOP/s";
  definitions["bounded_slowdown"] = "(wait + run) / max(run, 10 s), at least 1, of jobs that ended";
  definitions["percentiles"] = "value at rank ceil(p n)";
  out["definitions"] = definitions;
  out["fingerprint"] = s.fingerprint;
  return out.dump(2) + "\n";
}

std::string manifest_json(const Prepared& prepared, std::string_view state,
                          const std::vector<std::pair<std::string, std::string>>& outputs) {
  Json inputs = Json::array();
  for (const auto& file : prepared.inputs)
    inputs.push_back({{"file", file.filename().string()}, {"sha256", sha256_of(file)}});
  Json out;
  out["schema"] = "alight.manifest/1";
  out["alight"] = kVersion;
  out["simgrid"] = simgrid_version();
  out["state"] = state;
  out["name"] = prepared.scenario.name;
  out["seed"] = prepared.scenario.seed;
  out["engine"] = {{"policy", prepared.settings.policy},
                   {"placement", prepared.settings.placement},
                   {"jobs_end", prepared.settings.jobs_end}};
  if (prepared.settings.preemption != JobPreemption::none) out["engine"]["preemption"] = "requeue";
  const auto& jobs = prepared.workload.jobs;
  if (std::any_of(jobs.begin(), jobs.end(), [](const Job& job) { return job.type == JobType::parallel; }))
    out["engine"]["simgrid"] = {{"host/model", "ptask_L07"}, {"host/solver", "fairbottleneck"}};
  out["inputs"] = inputs;
  Json files = Json::object();
  for (const auto& [name, hash] : outputs) files[name] = {{"sha256", hash}};
  out["outputs"] = files;
  return out.dump(2) + "\n";
}

std::vector<std::string> low_confidence_inputs(const Prepared& prepared) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& what) {
    if (std::find(out.begin(), out.end(), what) == out.end()) out.push_back(what);
  };
  // Memory bandwidth counts only where run times are scaled from one chip to another.
  const bool scaled = std::any_of(prepared.workload.jobs.begin(), prepared.workload.jobs.end(),
                                  [](const Job& job) { return job.traced_chip != 0; });
  const bool trained = std::any_of(prepared.workload.jobs.begin(), prepared.workload.jobs.end(),
                                   [](const Job& job) { return job.type == JobType::training; });
  for (const Pool& pool : prepared.site.pools) {
    const Chip& chip = pool.chip;
    if (chip.provenance.basis == "abstract") continue;  // a unit of counting has no figures to doubt
    const auto keys = low_confidence(chip);
    const auto doubtful = [&](const char* key) { return std::find(keys.begin(), keys.end(), key) != keys.end(); };
    if (doubtful("bf16")) add(chip.name + ": dense FP16 rate (low confidence)");
    if (!chip.bf16_tflops && !chip.name.empty()) add(chip.name + ": dense FP16 rate unknown, counted as 0 PFLOPS");
    if ((scaled || trained) && doubtful("memory_bandwidth")) add(chip.name + ": memory bandwidth (low confidence)");
    if (!trained || !chip.bf16_tflops) continue;
    if (doubtful("memory")) add(chip.name + ": memory (low confidence)");
    if (doubtful("scale_up_bandwidth")) add(chip.name + ": scale-up rate (low confidence)");
    const KernelChoice kernels = kernels_of(chip, prepared.catalogue);
    if (kernels.basis != KernelBasis::measured)
      add(fmt::format("{}: kernel efficiencies carried over from {} ({})", chip.name, kernels.kind->name,
                      name_of(kernels.basis)));
  }
  for (const std::string& medium : low_confidence_media(prepared.bill)) add(medium);
  if (prepared.money)
    for (const MoneyLine& line : prepared.money->lines)
      if (line.price.confidence == "low") add(line.price.name + ": price (low confidence)");
  return out;
}

}  // namespace alight
