#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "platforms/reliability.hpp"
#include "sim/scenario/fault_trace.hpp"
#include "sim/scenario/resolve.hpp"

namespace alight {
namespace {

void add_cables(const RandomFaultsSpec& spec, const Breakables& breakables, const Bill& bill, RandomFaults& random,
                Diagnostics& d) {
  std::map<std::string, std::int64_t> cables;
  for (const LinkIndex l : breakables.links())
    if (breakables.cables(l) > 0) cables[breakables.tier(l)] += breakables.cables(l);
  if (spec.failures_per_year) {
    for (const auto& [tier, count] : cables)
      random.classes.push_back({tier, "", *spec.failures_per_year * static_cast<double>(count)});
    return;
  }
  std::vector<std::string> media;
  for (const BillRow& row : bill.rows)
    if (cables.contains(row.tier) && row.sum.failures_per_year > 0) media.push_back(row.medium);
  for (std::size_t i = 0; i < spec.media.size(); ++i)
    if (std::find(media.begin(), media.end(), spec.media[i]) == media.end())
      d.error_at(fmt::format("faults.random.media[{}]", i),
                 fmt::format("no link of the site is made of {}, or the catalogue does not know its failures",
                             in_quotes(spec.media[i])),
                 did_you_mean(spec.media[i], media));
  for (const BillRow& row : bill.rows)
    if (cables.contains(row.tier) && row.sum.failures_per_year > 0 &&
        (spec.media.empty() || std::find(spec.media.begin(), spec.media.end(), row.medium) != spec.media.end()))
      random.classes.push_back({row.tier, row.medium, row.sum.failures_per_year});
  if (media.empty())
    d.error_at("faults.random", "no tier has a medium whose failures the catalogue knows",
               "name a `medium` of the network's tiers, or state `failures` of a cable");
}

void resolve_random(const Prepared& prepared, const Breakables& breakables, FaultPlan& plan, bool lasting,
                    Diagnostics& d) {
  const RandomFaultsSpec& spec = *prepared.scenario.faults->random;
  RandomFaults random{.classes = {},
                      .repair_s = spec.repair_s,
                      .switch_repair_s = spec.switch_repair_s.value_or(spec.repair_s),
                      .flap_share = spec.flap_share,
                      .flap_s = spec.flap_s.value_or(0)};
  if (spec.cables) add_cables(spec, breakables, prepared.bill, random, d);
  if (spec.switches) {
    const auto each =
        spec.switch_failures_per_year ? spec.switch_failures_per_year : switch_failures_per_year(prepared.catalogue);
    if (breakables.switches() == 0) d.error_at("faults.random.switches", "the site has no switch that could fail");
    if (!each) d.error_at("faults.random.switch_failures", "is missing, and the catalogue does not know it");
    random.classes.push_back({"", "", each.value_or(0) * breakables.switches()});
  }
  if (!prepared.scenario.horizon_s && (lasting || !prepared.scenario.workload.jobs_end))
    d.error_at("faults.random",
               lasting ? "needs a `horizon`: something of the trace is never repaired, so that jobs may wait for ever"
                       : "needs a `horizon`: jobs do not end (workload.jobs_end)");
  plan.random = std::move(random);
}

}  // namespace

void resolve_faults(Prepared& prepared, Diagnostics& d) {
  if (!prepared.scenario.faults) return;
  const FaultsSpec& spec = *prepared.scenario.faults;
  if (!spec.of_network() && spec.servers) return;
  if (prepared.scenario.network == Sharing::none)
    d.error_at("faults", "with `network: none` no link is looked at; faults need fluid or exact");
  if (prepared.site.wiring)
    return d.error_at("faults",
                      "the network of a `platform` file cannot break; describe the site by pools and networks");
  const auto routes = routes_of(prepared.site);
  const Breakables breakables(prepared.site, *routes);
  auto plan = std::make_shared<FaultPlan>();
  plan->on_cut = spec.on_cut;
  FaultTrace trace(breakables, *routes, d);
  for (std::size_t i = 0; i < spec.events.size(); ++i) trace.add(spec.events[i], fmt::format("faults.events[{}]", i));
  if (spec.file) {
    prepared.inputs.push_back(*spec.file);
    trace.read(*spec.file);
  }
  plan->events = trace.take();
  if (spec.random) resolve_random(prepared, breakables, *plan, trace.lasting(), d);
  prepared.settings.faults = std::move(plan);
}

void check_faults(const Prepared& prepared, Diagnostics& d) {
  if (!prepared.scenario.faults) return;
  const auto& jobs = prepared.workload.jobs;
  const auto parallel =
      std::find_if(jobs.begin(), jobs.end(), [](const Job& j) { return j.type == JobType::parallel; });
  if (parallel != jobs.end())
    d.error_at("faults",
               fmt::format("job {} is of type parallel: those are played over SimGrid's own routes, which know "
                           "of no faults",
                           in_quotes(parallel->id)));
}

}  // namespace alight
