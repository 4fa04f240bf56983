#include "models/cooling/supply.hpp"

#include <algorithm>

namespace alight {
namespace {

// Units that carry just what there is must not fail for a rounding.
constexpr double kRoundingOfHeat = 1e-9;

}  // namespace

double held_supply_c(const HallCooling& cooling, const Air& outside) {
  const CoolingPlant& plant = cooling.plant;
  if (cooling.path == HeatPath::outside_air)
    return outside_supply_c(cooling.outside_air, plant.water.chillers, outside);
  const bool liquid = cooling.path == HeatPath::liquid;
  const double set_c = liquid ? cooling.loop.supply_c : plant.air.supply_c;
  if (plant.water.chillers) return set_c;
  const double towers_c = wet_bulb_c(outside) + plant.towers.approach_k + plant.water.exchanger_approach_k;
  // Coils give air at the water's temperature and what they do not exchange of the rise.
  const double over_water_k =
      liquid ? cooling.loop.approach_k : plant.air.rise_k / plant.water.coil_effectiveness - plant.air.rise_k;
  return std::max(set_c, towers_c + over_water_k);
}

double supply_approach_k(const HallCooling& cooling) {
  switch (cooling.path) {
    case HeatPath::outside_air:
      return cooling.outside_air.rise_k;
    case HeatPath::liquid:
      return cooling.loop.carried_kj_kg / kWaterHeat_kj_kg + cooling.loop.approach_k;
    case HeatPath::chilled_air:
    case HeatPath::chilled_air_with_economiser:
      break;
  }
  return cooling.plant.air.rise_k / cooling.plant.water.coil_effectiveness;
}

Supply::Supply(const CoolingUnits& units, double set_c, std::int64_t running)
    : units_(units), set_c_(set_c), running_(running) {
  lump_.capacity_j_k = units.capacity_j_k;
  lump_.temperature_c = set_c;
  update();
}

double Supply::carried_w() const {
  return units_.rated_w * static_cast<double>(running_) / static_cast<double>(units_.needed);
}

void Supply::update() {
  lump_.sink_c = set_c_ - units_.approach_k;
  lump_.carried_w_k = units_.approach_k > 0 ? carried_w() / units_.approach_k : 0;
  const bool carried = running_ >= units_.needed || lump_.heat_w <= carried_w() * (1 + kRoundingOfHeat);
  held_ = carried && lump_.temperature_c <= held_from_c();
  if (held_) lump_.temperature_c = set_c_;
  lump_.temperature_c = std::max(lump_.temperature_c, set_c_);
}

double Supply::held_from_c() const {
  return set_c_ + kHeldWithin_k;
}

void Supply::set_point(double c) {
  if (held_) lump_.temperature_c = c;
  set_c_ = c;
  update();
}

void Supply::heat(double watts) {
  lump_.heat_w = watts;
  update();
}

void Supply::run(std::int64_t units) {
  running_ = units;
  update();
}

double Supply::after_c(double seconds) const {
  if (held_ || seconds <= 0) return lump_.temperature_c;
  return std::max(set_c_, temperature_after_c(lump_, seconds));
}

void Supply::pass(double seconds) {
  lump_.temperature_c = after_c(seconds);
  update();
}

void Supply::arrive(double limit_c) {
  lump_.temperature_c = limit_c;
  update();
}

std::optional<double> Supply::seconds_until(double limit_c) const {
  if (held_ || limit_c == lump_.temperature_c || limit_c < set_c_) return std::nullopt;
  return alight::seconds_until(lump_, limit_c);
}

}  // namespace alight
