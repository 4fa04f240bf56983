#include "models/cooling/plant.hpp"

#include <algorithm>

namespace alight {

namespace {

// What is drawn at the rated heat is scaled to the heat there is: movers by the affinity laws, the rest in proportion.
struct PlantLoad {
  double heat_w, rated_w, movers, share;

  PlantLoad(const CoolingPlant& plant, double heat, double rated)
      : heat_w(heat),
        rated_w(std::max(heat, rated)),
        movers(heat > 0 ? affinity(heat / rated_w, plant.kept_flow) : 0),
        share(heat > 0 ? heat / rated_w : 0) {}
};

// Water the towers lose to the air that takes up `heat_w`: the air leaves saturated (the assumption of Merkel's
// theory) with the heat in its enthalpy.
double evaporated_kg_s(const CoolingTowers& towers, double heat_w, double water_kg_s, const Air& outside) {
  const double air_kg_s = water_kg_s / towers.liquid_to_gas;
  if (air_kg_s <= 0) return 0;
  const double leaving_kj_kg = enthalpy_kj_kg(outside) + heat_w / 1000 / air_kg_s;
  const double leaving_c = saturated_at_c(leaving_kj_kg, outside.pressure_pa);
  const double leaving = humidity_ratio_of(saturation_pressure_pa(leaving_c), outside.pressure_pa);
  return std::max(0.0, air_kg_s * (leaving - humidity_ratio(outside)));
}

// Carries heat in water that must come back at `supply_c` to the weather: towers alone for the share they can cool,
// chillers for the rest. Rated heats; `load` scales them.
void reject(const CoolingPlant& plant, const PlantLoad& load, double rated_heat_w, double supply_c, bool economiser,
            const Air& outside, CoolingUse& use) {
  const WaterSide& water = plant.water;
  const CoolingTowers& towers = plant.towers;
  const double wet_c = wet_bulb_c(outside);
  const double from_towers_c = wet_c + towers.approach_k + water.exchanger_approach_k;
  double free = economiser ? std::clamp((supply_c + water.rise_k - from_towers_c) / water.rise_k, 0.0, 1.0) : 0.0;
  if (!water.chillers) free = 1;
  const double flow_kg_s = rated_heat_w / 1000 / (kWaterHeat_kj_kg * water.rise_k);
  const double cop = chiller_cop(water.chiller_load, wet_c + towers.approach_k) * (1 + water.chiller_gain);
  const double chiller_w = rated_heat_w * (1 - free) / cop;
  const double tower_heat_w = rated_heat_w + chiller_w;
  const double tower_kg_s = tower_heat_w / 1000 / (kWaterHeat_kj_kg * towers.rise_k);

  use.water_pumps_w += load.movers * (mover_power_w(water.economiser_pumps, flow_kg_s * free, kWaterDensity) +
                                      mover_power_w(water.chilled_pumps, flow_kg_s * (1 - free), kWaterDensity));
  use.chiller_w += load.share * chiller_w;
  use.tower_pumps_w += load.movers * mover_power_w(towers.pumps, tower_kg_s, kWaterDensity);
  use.tower_fans_w += load.movers * mover_power_w(towers.fans, tower_kg_s / towers.liquid_to_gas,
                                                  air_density(outside.dry_bulb_c, outside.pressure_pa));
  const double evaporated = load.share * evaporated_kg_s(towers, tower_heat_w, tower_kg_s, outside);
  use.evaporated_kg_s += evaporated;
  use.drained_kg_s += evaporated / (towers.cycles - 1) + load.share * tower_kg_s * towers.drift;
  use.rejected_w += load.share * tower_heat_w;
  use.free_w += load.heat_w * free;
}

}  // namespace

CoolingUse& CoolingUse::operator+=(const CoolingUse& other) {
  fans_w += other.fans_w;
  loop_pumps_w += other.loop_pumps_w;
  water_pumps_w += other.water_pumps_w;
  humidifier_w += other.humidifier_w;
  chiller_w += other.chiller_w;
  tower_pumps_w += other.tower_pumps_w;
  tower_fans_w += other.tower_fans_w;
  evaporated_kg_s += other.evaporated_kg_s;
  drained_kg_s += other.drained_kg_s;
  heat_w += other.heat_w;
  rejected_w += other.rejected_w;
  free_w += other.free_w;
  return *this;
}

CoolingUse cool_by_chilled_air(const CoolingPlant& plant, double heat_w, double rated_w, const Air& outside) {
  CoolingUse use{.heat_w = heat_w};
  const PlantLoad load(plant, heat_w, rated_w);
  const AirHandling& air = plant.air;
  const WaterSide& water = plant.water;
  const double flow_kg_s = load.rated_w / 1000 / (kAirHeat_kj_kg * air.rise_k);
  use.fans_w = load.movers * mover_power_w(air.fans, flow_kg_s, air_density(air.supply_c, outside.pressure_pa));
  // What the coils condense out of the air is sprayed back into it.
  const double latent_w = load.rated_w / water.sensible_share - load.rated_w;
  const double supply_c = air.supply_c + air.rise_k - air.rise_k / water.coil_effectiveness;
  const double sprayed_kg_s = latent_w / 1000 / vaporisation_kj_kg(supply_c + water.rise_k / 2);
  use.humidifier_w = load.share * mover_power_w(water.humidifier, sprayed_kg_s, kWaterDensity);
  reject(plant, load, load.rated_w + latent_w, supply_c, water.economiser, outside, use);
  return use;
}

CoolingUse cool_by_liquid(const CoolingPlant& plant, const LiquidLoop& loop, double heat_w, double rated_w,
                          const Air& outside) {
  CoolingUse use{.heat_w = heat_w};
  const PlantLoad load(plant, heat_w, rated_w);
  use.fans_w = load.movers * load.rated_w * loop.fans_share;
  use.loop_pumps_w = load.movers * mover_power_w(loop.pumps, load.rated_w / 1000 / loop.carried_kj_kg, loop.density);
  reject(plant, load, load.rated_w, loop.supply_c - loop.approach_k, plant.water.economiser, outside, use);
  return use;
}

}  // namespace alight
