#include "models/power/server_power.hpp"

#include <algorithm>

#include "models/cooling/machines.hpp"
#include "models/whole_numbers.hpp"

namespace alight {

namespace {

constexpr double kProcessor_w = 280, kProcessorIdle_w = 90, kChipsPerProcessor = 4;
constexpr double kFanShare = 0.15, kSupplyLoss = 0.05;
constexpr double kNameplateAir = 1.82, kNameplateLiquid = 1.39;
/// A server of processors alone whose nameplate is unknown draws this over them, their memory and its NICs.
constexpr double kNameplateHost = 1.3;
/// Where the memory of a server is unknown: 1024 GiB of Seren's eight chips, as collected (NSDI 2024, unverified).
constexpr double kMemoryPerChip_gb = 128 * 1.073741824;

double processors_w(const ServerFacts& facts) {
  return kProcessor_w * std::max(facts.chips > 0 ? 1.0 : 2.0, whole(facts.chips) / kChipsPerProcessor);
}

double memory_w(const ServerFacts& facts) {
  const double gb = facts.memory_gb > 0 ? facts.memory_gb : kMemoryPerChip_gb * whole(facts.chips);
  return gb * memory_w_per_gb(facts.memory);
}

double nics_w(const ServerFacts& facts) {
  return whole(facts.nics) * facts.nic_w;
}

/// All that is provided: what is left to nobody is `other`.
ServerParts nameplate_parts(const ServerFacts& facts) {
  const double all_w = nameplate_w(facts);
  const double rated_for = facts.nameplate_liquid_share.value_or(facts.liquid_share);
  ServerParts parts{.chips_w = whole(facts.chips) * facts.chip_tdp_w,
                    .processors_w = processors_w(facts),
                    .memory_w = memory_w(facts),
                    .nics_w = nics_w(facts),
                    .fans_w = kFanShare * all_w * (1 - rated_for),
                    .supplies_w = kSupplyLoss * all_w};
  // A nameplate below its own chips' TDP says that these are clocked down in it.
  parts.chips_w = std::min(parts.chips_w, all_w);
  const double left_w = all_w - parts.chips_w;
  const double known_w = parts.processors_w + parts.memory_w + parts.nics_w + parts.fans_w + parts.supplies_w;
  if (known_w > left_w) {
    const double scale = left_w / known_w;
    for (double* part : {&parts.processors_w, &parts.memory_w, &parts.nics_w, &parts.fans_w, &parts.supplies_w})
      *part *= scale;
  }
  parts.other_w = std::max(0.0, left_w - known_w);
  parts.rated_heat_w = parts.total_w() - parts.fans_w - parts.supplies_w;
  parts.supply_loss = parts.supplies_w / (parts.rated_heat_w + parts.fans_w);
  if (facts.liquid_share > rated_for) {
    parts.fans_w *= (1 - facts.liquid_share) / (1 - rated_for);
    parts.supplies_w = (parts.rated_heat_w + parts.fans_w) * parts.supply_loss;
  }
  parts.rated_fans_w = parts.fans_w;
  return parts;
}

}  // namespace

double memory_w_per_gb(HostMemory kind) {
  if (kind == HostMemory::ddr4) return 0.145;
  return kind == HostMemory::ddr5 ? 0.15 : 0.05;
}

double nameplate_w(const ServerFacts& facts) {
  if (facts.nameplate_w) return *facts.nameplate_w;
  const double chips_w = whole(facts.chips) * facts.chip_tdp_w;
  if (chips_w <= 0) return kNameplateHost * (processors_w(facts) + memory_w(facts) + nics_w(facts));
  return chips_w * (facts.liquid_share < 0.5 ? kNameplateAir : kNameplateLiquid);
}

ServerParts server_parts(const ServerFacts& facts) {
  ServerParts parts = nameplate_parts(facts);
  if (facts.chips > 0) parts.other_w = std::min(parts.other_w, kOther_w * whole(facts.chips));
  return server_power(parts, parts.chips_w, 1);
}

double provisioned_w(const ServerFacts& facts) {
  return nameplate_parts(facts).total_w();
}

ServerParts server_power(const ServerParts& full, double chips_w, double processors_busy) {
  ServerParts now = full;
  now.chips_w = chips_w;
  const double idle = kProcessorIdle_w / kProcessor_w;
  now.processors_w = full.processors_w * (idle + (1 - idle) * std::clamp(processors_busy, 0.0, 1.0));
  now.fans_w = now.supplies_w = 0;
  const double heat_w = now.total_w();
  if (full.rated_heat_w > 0) now.fans_w = full.rated_fans_w * affinity(heat_w / full.rated_heat_w, kKeptFlow);
  now.supplies_w = now.total_w() * full.supply_loss;
  return now;
}

}  // namespace alight
