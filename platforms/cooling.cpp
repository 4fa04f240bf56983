#include "platforms/cooling.hpp"

#include <algorithm>

#include "models/whole_numbers.hpp"

namespace alight {

namespace {

HeatPath path_of(const std::string& name) {
  if (name == "chilled air with economiser") return HeatPath::chilled_air_with_economiser;
  if (name == "outside air") return HeatPath::outside_air;
  return name == "liquid" || name == "rear door" ? HeatPath::liquid : HeatPath::chilled_air;
}

HostMemory memory_of(const std::string& name) {
  if (name == "DDR4") return HostMemory::ddr4;
  return name == "LPDDR5X" ? HostMemory::lpddr5x : HostMemory::ddr5;
}

// Of the heat. In freezing weather no chiller runs and all that is drawn is pumps' and fans'.
double door_fans(const CoolingTechnology& technology, const HallCooling& cooling) {
  const double others = cool_by_liquid(cooling.plant, cooling.loop, 1, 1, {.dry_bulb_c = -10}).power_w();
  return std::max(0.0, typical(technology.power_share, 0) - others);
}

constexpr double kBytesPerGib = 1024.0 * 1024.0 * 1024.0;

}  // namespace

double typical(const std::vector<double>& range, double otherwise) {
  return range.size() == 3 ? range[1] : otherwise;
}

HallCooling hall_cooling(const CoolingTechnology& technology) {
  HallCooling cooling;
  cooling.path = path_of(technology.heat_path);
  if (cooling.path == HeatPath::liquid) {
    cooling.liquid_share = typical(technology.liquid_share, 1);
    cooling.loop.supply_c = typical(technology.supply_c, cooling.loop.supply_c);
    if (technology.heat_path == "rear door") cooling.loop.fans_share = door_fans(technology, cooling);
  } else if (cooling.path == HeatPath::outside_air) {
    cooling.plant = outside_air_plant();
    if (technology.supply_c.size() == 3) {
      cooling.outside_air.coldest_c = technology.supply_c.front();
      cooling.outside_air.warmest_c = technology.supply_c.back();
    }
  } else {
    cooling.plant.air.supply_c = typical(technology.supply_c, cooling.plant.air.supply_c);
  }
  return cooling;
}

ChipThermals chip_thermals(const CoolingTechnology& technology) {
  ChipThermals thermals;
  thermals.resistance_k_w = typical(technology.thermal_resistance, thermals.resistance_k_w);
  return thermals;
}

DensityLimits density_limits(const CoolingTechnology& technology) {
  const auto& range = technology.density_kw_rack;
  if (range.size() != 3) return {.technology = technology.name};
  return {technology.name, range[0], range[1], range[2]};
}

Leaks leaks(const CoolingTechnology& technology) {
  return {.per_rack_year = typical(technology.leaks_per_year, 0)};
}

std::optional<CoolingLost> cooling_lost(const CoolingTechnology& technology, double heat_w, double chip_w) {
  const ChipThermals thermals = chip_thermals(technology);
  const double now_c = chip_temperature_c(thermals, typical(technology.supply_c, 25), chip_w);
  const double margin_k = thermals.throttle_c - now_c;
  const double seconds = typical(technology.throttle_after_s, 0), warming = typical(technology.warming_k_min, 0);
  if (margin_k <= 0 || heat_w <= 0 || (seconds <= 0 && warming <= 0)) return std::nullopt;
  CoolingLost lost{.lump = {.heat_w = heat_w, .temperature_c = now_c}, .seconds_to_throttle = seconds};
  lost.lump.capacity_j_k =
      seconds > 0 ? capacity_from_margin_j_k(heat_w, margin_k, seconds) : capacity_from_warming_j_k(heat_w, warming);
  if (seconds <= 0) lost.seconds_to_throttle = margin_k / warming * 60;
  return lost;
}

std::optional<ChipRatings> chip_ratings(const Chip& chip) {
  if (!chip.tdp_w) return std::nullopt;
  return ChipRatings{.idle_w = chip.idle_w.value_or(kIdleShare * *chip.tdp_w), .tdp_w = *chip.tdp_w};
}

std::optional<ServerFacts> server_facts(const Server& server, const Chip* chip, const CoolingTechnology* cooling) {
  if (server.chips > 0 && (!chip || !chip->tdp_w)) return std::nullopt;
  ServerFacts facts{.chips = server.chips, .nics = server.nics.value_or(0)};
  if (chip) facts.chip_tdp_w = chip->tdp_w.value_or(0);
  facts.nameplate_w = server.power_w;
  if (!facts.nameplate_w && server.rack_power_w && server.per_rack.value_or(0) > 0)
    facts.nameplate_w = *server.rack_power_w / whole(*server.per_rack);
  facts.memory_gb = server.host_memory_gib.value_or(0) * kBytesPerGib / 1e9;
  facts.memory = memory_of(server.host_memory_type);
  if (cooling && cooling->heat_path == "liquid") facts.liquid_share = typical(cooling->liquid_share, 1);
  if (facts.nameplate_w && server.cooling.starts_with("air")) facts.nameplate_liquid_share = 0;
  return facts;
}

}  // namespace alight
