#include "models/cooling/hall.hpp"

#include <algorithm>

namespace alight {

CoolingUse cool(const HallCooling& cooling, const HallLoad& load, const HallLoad& rated, const Air& outside) {
  if (cooling.path == HeatPath::outside_air)
    return cool_by_outside_air(cooling.plant, cooling.outside_air, load.heat_w(), rated.heat_w(), outside);
  const double share = cooling.path == HeatPath::liquid ? std::clamp(cooling.liquid_share, 0.0, 1.0) : 0.0;
  CoolingPlant air = cooling.plant;
  air.water.economiser = cooling.path == HeatPath::chilled_air_with_economiser ||
                         (cooling.path == HeatPath::liquid && cooling.air_economiser);
  CoolingUse use = cool_by_chilled_air(air, load.heat_w() - share * load.servers_w,
                                       rated.heat_w() - share * rated.servers_w, outside);
  if (share > 0)
    use += cool_by_liquid(cooling.plant, cooling.loop, share * load.servers_w, share * rated.servers_w, outside);
  return use;
}

std::optional<double> FacilityUse::pue() const {
  if (load.servers_w <= 0) return std::nullopt;
  return total_w() / load.servers_w;
}

std::optional<double> FacilityUse::water_l_kwh() const {
  if (load.servers_w <= 0) return std::nullopt;
  return cooling.water_kg_s() * 3600 / (load.servers_w / 1000);
}

FacilityUse facility_use(std::span<const Hall> halls, std::span<const HallLoad> loads, const Air& outside) {
  FacilityUse use;
  for (std::size_t i = 0; i < std::min(halls.size(), loads.size()); ++i) {
    use.load.servers_w += loads[i].servers_w;
    use.load.losses_w += loads[i].losses_w;
    use.load.lights_w += loads[i].lights_w;
    use.cooling += cool(halls[i].cooling, loads[i], halls[i].rated, outside);
  }
  return use;
}

}  // namespace alight
