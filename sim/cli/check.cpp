#include <fmt/format.h>

#include <iostream>

#include "platforms/topology/graph.hpp"
#include "sim/cli/scenario_argument.hpp"
#include "sim/record/tables.hpp"

namespace alight::cli {
namespace {

void print_site(const Site& site) {
  std::cout << fmt::format("  site       {} chips, {} servers, {} racks\n", site.chips, site.servers, site.racks);
  for (const Pool& pool : site.pools) {
    std::int64_t later = 0;
    for (const Phase& phase : pool.phases)
      if (phase.from_s > 0) later += phase.racks;
    std::cout << fmt::format("  pool       {:<12} {} x {} ({} x {}{}){}{}\n", pool.name, pool.servers, pool.server.name,
                             pool.server.chips, pool.chip.name,
                             pool.chip.bf16_tflops ? fmt::format(", {:g} TFLOPS", *pool.chip.bf16_tflops) : "",
                             pool.stack.empty() ? "" : "  stack " + pool.stack,
                             later > 0 ? fmt::format("  {} racks delivered later", later) : "");
  }
}

void print_network(const Site& site) {
  if (site.tiers.empty() && !site.wiring) {
    std::cout << "  network    one ideal switch\n";
    return;
  }
  const Topology topology(site);
  for (const TierSummary& tier : topology.tiers())
    std::cout << fmt::format("  network    {:<8} {} switches   {:.4g} Tbps down{}\n", tier.name, tier.switches,
                             tier.down_gbps * 1e-3,
                             tier.up_gbps > 0 ? fmt::format("   {:.4g} Tbps up   oversubscription {:.3g}:1",
                                                            tier.up_gbps * 1e-3, tier.oversubscription)
                                              : "");
  const Bisection bisection = topology.bisection();
  std::cout << fmt::format("  network    diameter {} links   bisection {:.4g} Tbps of {:.4g} without oversubscription\n",
                           topology.diameter(), bisection.gbps * 1e-3, bisection.full_gbps * 1e-3);
  const auto cut_switches = topology.cut_switches();
  const auto cut_bundles = topology.cut_bundles();
  std::cout << fmt::format("  network    {} switches and {} links whose single loss cuts servers off\n",
                           cut_switches.size(), cut_bundles.size());
  for (std::size_t a = 0; a < site.pools.size() && site.pools.size() <= 8; ++a)
    for (std::size_t b = a + 1; b < site.pools.size(); ++b)
      std::cout << fmt::format("  network    {} to {}: at most {:.4g} Tbps\n", site.pools[a].name, site.pools[b].name,
                               topology.min_cut_gbps(static_cast<std::int64_t>(a), static_cast<std::int64_t>(b)) * 1e-3);
}

void print_workload(const Workload& workload, const Site& site) {
  double chip_s = 0, last_s = 0;
  for (const Job& job : workload.jobs) {
    chip_s += static_cast<double>(job.chips * job.chip_milli) * 1e-3 * job.duration_s;
    last_s = std::max(last_s, job.submit_s);
  }
  std::cout << fmt::format("  workload   {} jobs over {:.4g} days, {:.4g} chip-hours{}\n", workload.jobs.size(),
                           last_s / 86400, chip_s / 3600,
                           last_s > 0 ? fmt::format("   offered load {:.3g}", chip_s / last_s / static_cast<double>(site.chips)) : "");
  for (const auto& reason : workload.report.reasons)
    std::cout << fmt::format("  skipped    {} rows: {} (first {})\n", reason.rows, reason.why, reason.first_place);
  for (const auto& note : workload.report.notes) std::cout << "  note       " << note << '\n';
}

}  // namespace

int check(const ScenarioArguments& arguments) {
  const auto prepared = prepare_or_print(arguments, true);
  if (!prepared) return kBadInput;
  std::cout << prepared->scenario.name << '\n';
  if (!prepared->scenario.question.empty()) std::cout << "  " << prepared->scenario.question << '\n';
  print_site(prepared->site);
  print_network(prepared->site);
  print_workload(prepared->workload, prepared->site);
  std::cout << fmt::format("  run        policy {}, placement {}, seed {}, {} events at most\n", prepared->settings.policy,
                           prepared->settings.placement, prepared->settings.seed, 3 * prepared->workload.jobs.size());
  return kDone;
}

}  // namespace alight::cli
