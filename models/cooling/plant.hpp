// A cooling plant: what it draws, and what water it drinks, to carry the heat of a hall into the weather.
//
// Component by component after N. Lei, E. Masanet, "Statistical analysis for predicting location-specific data center
// PUE and its improvement potential", Energy 2020, 117556. Defaults are the example set of parameters published with
// it (github.com/nuoaleon/Data-center-PUE-prediction-tool@11663ab), to the digits given there. A plant is rated for a
// heat; below it fans and pumps slow down by the affinity laws to a flow they keep, the chiller draws in proportion.
#pragma once

#include "models/cooling/air.hpp"
#include "models/cooling/machines.hpp"

namespace alight {

/// Fans that blow air through servers.
struct AirHandling {
  double supply_c = 27.3671875;
  double rise_k = 18.8856337;  ///< from supply to return
  Mover fans{416.992188, 0.713720703};
};

/// Towers: water trickles against outside air and evaporates.
struct CoolingTowers {
  double rise_k = 4.13867188;      ///< of the water
  double approach_k = 6.50576172;  ///< water out over the outside wet bulb
  Mover pumps{210534.680, 0.709960938};
  Mover fans{148.339844, 0.745947266};
  double liquid_to_gas = 1.11914062;  ///< kg of water to kg of air
  /// Cycles of concentration: minerals stay behind, so a part in (cycles - 1) of what evaporates is drained (US DOE
  /// FEMP, Best Management Practice 10: 2 to 6). Drift is what the fans carry off, of the water in circulation.
  double cycles = 4, drift = 2e-5;
};

/// Water between hall and towers, and the chillers that cool it where the towers cannot.
struct WaterSide {
  bool economiser = true;  ///< towers may cool it without the chillers
  bool chillers = true;    ///< without, towers do it alone, and it is as warm as they leave it (supply.hpp)
  double rise_k = 7.50488281;
  double exchanger_approach_k = 2.29404297;  ///< of the economiser's heat exchanger
  double coil_effectiveness = 0.816601563;   ///< HTE: of the coils between air and water
  double sensible_share = 0.986289063;       ///< SHR: the rest of the coils' work condenses water
  Mover economiser_pumps{156284.191, 0.668945312};
  Mover chilled_pumps{171884.552, 0.745117188};
  double chiller_load = 0.224023438;
  double chiller_gain = 0.105488281;  ///< pCOP: its COP over the regression's, less 1
  Mover humidifier{6.50097656e6, 0.674023438};
};

/// Outside air straight to the servers, cooled by evaporation where it is hot and dry, by chillers where that does not
/// do. Air handling is its own: larger filters, a smaller rise.
struct OutsideAir {
  double coldest_c = 10.3671875, warmest_c = 34.1953125;  ///< air the servers take
  double lowest_humidity = 0.2;                           ///< of the air supplied; below it water is added
  double highest_humidity = 0.8;                          ///< above it the chillers take over
  double rise_k = 14.7840712;
  Mover fans{685.058594, 0.829931641};
  Mover humidifier{7.31582031e6, 0.704492187};
};

/// A liquid that servers or doors give their heat to, in a loop of its own between them and the water of the towers.
struct LiquidLoop {
  double supply_c = 35;            ///< to servers or doors
  double approach_k = 2.29404297;  ///< to the towers' water: as an economiser's exchanger
  /// kJ a kg carries: water at 1.5 L/min per kW, of the 1.2 to 2 of row `coolant` of the reference's cooling.csv. A
  /// fluid that boils carries more.
  double carried_kj_kg = 40;
  double density = 1000;
  double fans_share = 0;                 ///< of the heat, at full flow: fans of doors
  Mover pumps{156284.191, 0.668945312};  ///< as the economiser's
};

struct CoolingPlant {
  AirHandling air;
  WaterSide water;
  CoolingTowers towers;
  double kept_flow = kKeptFlow;
};

/// Where the power of cooling goes, W; the parts sum to it. Water in kg/s.
struct CoolingUse {
  double fans_w = 0, loop_pumps_w = 0, water_pumps_w = 0, humidifier_w = 0, chiller_w = 0, tower_pumps_w = 0,
         tower_fans_w = 0;
  double evaporated_kg_s = 0;  ///< by towers, and into the air of the hall
  double drained_kg_s = 0;     ///< and drift
  double heat_w = 0;           ///< taken from the hall
  double rejected_w = 0;       ///< given to the weather: heat and the power of what warms the heat's own path
  double free_w = 0;           ///< of the heat, what no chiller saw

  double power_w() const {
    return fans_w + loop_pumps_w + water_pumps_w + humidifier_w + chiller_w + tower_pumps_w + tower_fans_w;
  }
  double water_kg_s() const { return evaporated_kg_s + drained_kg_s; }
  CoolingUse& operator+=(const CoolingUse& other);
};

/// Chilled air: CRAHs, and behind them chillers and towers; with `water.economiser` the towers alone where they can.
/// Heats in W; a plant that carries more than it is rated for counts as rated for that.
CoolingUse cool_by_chilled_air(const CoolingPlant& plant, double heat_w, double rated_w, const Air& outside);

/// Outside air and evaporation; where the air is too moist or hot, chillers take all of it (Lei & Masanet's airside
/// economiser with adiabatic cooling). Water and towers as in `plant`.
CoolingUse cool_by_outside_air(const CoolingPlant& plant, const OutsideAir& air, double heat_w, double rated_w,
                               const Air& outside);

/// C of what it supplies: the weather's, from the coldest to the warmest that servers take. Without chillers, which
/// take over where hot air is too moist, that is as cold as evaporation makes it at the highest humidity.
double outside_supply_c(const OutsideAir& air, bool chillers, const Air& outside);

/// A liquid loop, cooled by towers, with `water.economiser`, where its supply temperature allows, else by chillers.
CoolingUse cool_by_liquid(const CoolingPlant& plant, const LiquidLoop& loop, double heat_w, double rated_w,
                          const Air& outside);

/// The water, towers and chiller of Lei & Masanet's example with outside air.
CoolingPlant outside_air_plant();

}  // namespace alight
