#include <fmt/format.h>

#include "sim/scenario/resolve.hpp"

namespace alight {
namespace {

// The catalogue's name of a chip a user wrote; a problem where there is none.
std::string chip_name(const std::string& written, const std::string& key, const Catalogue& catalogue, Diagnostics& d) {
  if (const Chip* chip = catalogue.find_chip(written)) return chip->name;
  d.error_at(key, fmt::format("no chip named \"{}\" in the catalogue", written),
             did_you_mean(written, catalogue.chips().all_names()) + " (alight catalog list chips)");
  return written;
}

}  // namespace

void resolve_settings(Prepared& prepared, Diagnostics& d) {
  const Scenario& scenario = prepared.scenario;
  RunSettings& settings = prepared.settings;
  settings.seed = static_cast<std::uint64_t>(scenario.seed);
  settings.policy = scenario.scheduler.policy;
  settings.placement = scenario.scheduler.placement;
  settings.preemption = scenario.scheduler.preemption;
  for (const auto& [vc, queue] : scenario.scheduler.queues)
    settings.quota_chips[vc] = queue.quota * static_cast<double>(prepared.site.chips);
  if (scenario.horizon_s) settings.horizon_s = *scenario.horizon_s;
  settings.ledger_bin_s = scenario.output.ledger_bin_s;
  settings.sharing = scenario.network;
  settings.jobs_end = scenario.workload.jobs_end;
  if (scenario.workload.checkpoint_s) settings.checkpoint_s = *scenario.workload.checkpoint_s;
  if (!scenario.workload.traced_chip.empty())
    chip_name(scenario.workload.traced_chip, "workload.traced_chip", prepared.catalogue, d);
  for (std::size_t i = 0; i < scenario.workload.slowdown.size(); ++i) {
    const SlowdownSpec& spec = scenario.workload.slowdown[i];
    const std::string key = fmt::format("workload.slowdown[{}]", i);
    settings.slowdown[{chip_name(spec.traced, key + ".traced", prepared.catalogue, d),
                       chip_name(spec.on, key + ".on", prepared.catalogue, d)}] = spec.ratio;
  }
}

}  // namespace alight
