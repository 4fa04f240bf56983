// What moves air and water and what makes cold: the machines of a cooling plant, each a short equation. Power in W,
// flows in kg/s, pressures in Pa, temperatures in C.
#pragma once

namespace alight {

/// A fan or a pump at its rated flow: the pressure it works against and the share of its power that becomes flow.
struct Mover {
  double pressure_pa = 0;
  double efficiency = 0.7;
};

/// flow / density x pressure / efficiency (Lei & Masanet, Energy 2020, 117556).
double mover_power_w(const Mover& mover, double flow_kg_s, double density_kg_m3);

/// What a fan or pump draws at a share of its rated flow over what it draws at the rated one: the cube (the affinity
/// laws), the flow never below `kept`: drives keep 0.3 to 0.4 of the speed (row `affinity` of the reference's
/// cooling.csv).
double affinity(double flow_share, double kept);
inline constexpr double kKeptFlow = 0.35;

/// Heat over power of a water-cooled chiller, by its load from 0 to 1 and the water that cools its condenser,
///
///     COP = 16.798751 + 0.008840 t2 - 8.528931 L2 + 9.885294 L - 0.760621 t + 0.084615 L t
///
/// (the regression of Lei & Masanet). It is used where it falls with t: above (0.760621 - 0.084615 L) / 0.01768, near
/// 42 C, it would rise again and is held; below 10 C, colder than condensers are let run, likewise.
double chiller_cop(double load, double condenser_c);

/// kJ to boil off a kg of water at t: -0.0013 t2 - 2.3097 t + 2500.5 (Lei & Masanet).
double vaporisation_kj_kg(double t_c);

/// kJ to warm a kg of water by 1 K, and its density, as Lei & Masanet have them.
inline constexpr double kWaterHeat_kj_kg = 4.2, kWaterDensity = 1000, kAirHeat_kj_kg = 1.01;

}  // namespace alight
