// A hall: servers cooled in one way, or in several side by side, and what that costs beside them in power and water.
//
// All that a hall draws becomes heat in it. Of the heat of servers a liquid takes its share; the rest, and the losses
// of conversion and the lights, go through the air. PUE is what the building draws over what servers draw.
#pragma once

#include <optional>
#include <span>

#include "models/cooling/plant.hpp"

namespace alight {

enum class HeatPath { chilled_air, chilled_air_with_economiser, outside_air, liquid };

/// How the heat of some servers leaves the hall.
struct HallCooling {
  HeatPath path = HeatPath::chilled_air;
  double liquid_share = 0;  ///< of the heat of servers; counts for HeatPath::liquid only
  /// Of the air that carries the rest: towers may replace chillers.
  bool air_economiser = true;
  CoolingPlant plant = {};
  OutsideAir outside_air = {};
  LiquidLoop loop = {};
};

/// Watts of a hall; `rated` are those its plant was built for.
struct HallLoad {
  double servers_w = 0;
  double losses_w = 0;  ///< of UPS, distribution and rectifiers outside servers
  double lights_w = 0;
  double heat_w() const { return servers_w + losses_w + lights_w; }
};

CoolingUse cool(const HallCooling& cooling, const HallLoad& load, const HallLoad& rated, const Air& outside);

/// A hall with its way of cooling: a hall of several ways is several of these, each with the load of its own.
struct Hall {
  HallCooling cooling;
  HallLoad rated;
};

/// What a building draws.
struct FacilityUse {
  HallLoad load;
  CoolingUse cooling;
  double total_w() const { return load.heat_w() + cooling.power_w(); }
  /// Nothing where servers draw nothing.
  std::optional<double> pue() const;
  /// Litres per kWh of servers; nothing where these draw nothing.
  std::optional<double> water_l_kwh() const;
};

/// Halls beside each other under one weather; `loads` has one load for each.
FacilityUse facility_use(std::span<const Hall> halls, std::span<const HallLoad> loads, const Air& outside);

}  // namespace alight
