#include <algorithm>

#include "models/cooling/plant.hpp"

namespace alight {

namespace {

// Whether outside air can be used, at which temperature it is supplied, and what water it takes.
struct OutsideAirState {
  bool used = false;
  double supply_c = 0;
  double added = 0;  ///< kg of water per kg of outside air
};

// Air of 27 C and a dew point of 15 C: at less enthalpy than that Lei & Masanet use outside air without asking for its
// humidity.
constexpr double kEasy_c = 27, kEasyDew_c = 15;

// Evaporation goes along a line of constant enthalpy, and ends at the highest humidity the air is supplied with.
double evaporated_to_c(const OutsideAir& air, const Air& outside) {
  const double enthalpy = enthalpy_kj_kg(outside);
  double low_c = outside.dry_bulb_c - 60, high_c = outside.dry_bulb_c;
  while (high_c - low_c > 1e-7) {
    const double middle_c = (low_c + high_c) / 2;
    const double ratio =
        humidity_ratio_of(air.highest_humidity * saturation_pressure_pa(middle_c), outside.pressure_pa);
    (enthalpy_kj_kg(middle_c, ratio) > enthalpy ? high_c : low_c) = middle_c;
  }
  return (low_c + high_c) / 2;
}

OutsideAirState outside_air_state(const OutsideAir& air, bool chillers, const Air& outside) {
  OutsideAirState state;
  const double t = outside.dry_bulb_c, w = humidity_ratio(outside), enthalpy = enthalpy_kj_kg(outside);
  state.supply_c = outside_supply_c(air, chillers, outside);
  const auto ratio_at = [&](double humidity) {
    return humidity_ratio_of(humidity * saturation_pressure_pa(state.supply_c), outside.pressure_pa);
  };
  const double easy =
      enthalpy_kj_kg(kEasy_c, humidity_ratio_of(saturation_pressure_pa(kEasyDew_c), outside.pressure_pa));
  const double moist = enthalpy_kj_kg(state.supply_c, ratio_at(air.highest_humidity));
  state.used = !chillers || enthalpy < easy || enthalpy <= moist;
  if (!state.used) return state;
  // Evaporation cools at constant enthalpy: hot air by what brings it down to the supply temperature.
  if (t > state.supply_c)
    state.added = std::max(0.0, (enthalpy - 1.01 * state.supply_c) / (2500 + 1.84 * state.supply_c) - w);
  else
    state.added = std::max(0.0, ratio_at(air.lowest_humidity) - w);
  return state;
}

}  // namespace

double outside_supply_c(const OutsideAir& air, bool chillers, const Air& outside) {
  const double supply_c = std::clamp(outside.dry_bulb_c, air.coldest_c, air.warmest_c);
  if (chillers || outside.dry_bulb_c <= air.warmest_c) return supply_c;
  return std::max(supply_c, evaporated_to_c(air, outside));
}

CoolingPlant outside_air_plant() {
  CoolingPlant plant;
  plant.water.rise_k = 6.91894531;
  plant.water.chilled_pumps = {146519.937, 0.790039062};
  plant.towers.rise_k = 4.28710938;
  plant.towers.approach_k = 6.33818359;
  plant.towers.fans = {203.417969, 0.897802734};
  plant.towers.pumps = {212001.820, 0.716601562};
  return plant;
}

CoolingUse cool_by_outside_air(const CoolingPlant& plant, const OutsideAir& air, double heat_w, double rated_w,
                               const Air& outside) {
  const OutsideAirState state = outside_air_state(air, plant.water.chillers, outside);
  CoolingPlant own = plant;
  own.air = {.supply_c = state.supply_c, .rise_k = air.rise_k, .fans = air.fans};
  own.water.economiser = false;
  own.water.sensible_share = 1;
  if (!state.used) return cool_by_chilled_air(own, heat_w, rated_w, outside);
  CoolingUse use{.heat_w = heat_w, .rejected_w = heat_w, .free_w = heat_w};
  const double most_w = std::max(heat_w, rated_w);
  if (heat_w <= 0) return use;
  const double flow_kg_s = most_w / 1000 / (kAirHeat_kj_kg * air.rise_k);
  use.fans_w = affinity(heat_w / most_w, plant.kept_flow) *
               mover_power_w(air.fans, flow_kg_s, air_density(state.supply_c, outside.pressure_pa));
  // Where it is cold outside, return air is mixed in and only the rest needs water.
  const double return_c = state.supply_c + air.rise_k;
  const double fresh = air.rise_k / std::max(return_c - std::min(outside.dry_bulb_c, state.supply_c), air.rise_k);
  const double added_kg_s = heat_w / most_w * flow_kg_s * fresh * state.added;
  use.humidifier_w = mover_power_w(air.humidifier, added_kg_s, kWaterDensity);
  use.evaporated_kg_s = added_kg_s;
  return use;
}

}  // namespace alight
