// Moist air: what weather is to a cooling plant. Temperatures in C, pressures in Pa, humidity ratios in kg of water per
// kg of dry air, enthalpies in kJ per kg of dry air.
#pragma once

#include <optional>

namespace alight {

struct Air {
  double dry_bulb_c = 20;
  double relative_humidity = 0.5;  ///< from 0 to 1
  double pressure_pa = 101325;
  std::optional<double> wet_bulb_c = {};  ///< where it is known already: finding it takes time
};

/// Over liquid water: 611.21 exp((18.678 - t/234.5) t / (257.14 + t)), A. L. Buck, J. Appl. Meteorol. 20 (1981), with
/// the coefficients of 1996.
double saturation_pressure_pa(double t_c);
/// 0.62198 p / (P - p) of a vapour pressure p (ASHRAE Handbook, Fundamentals 2021, chapter 1, equation 20).
double humidity_ratio_of(double vapour_pa, double pressure_pa);
double humidity_ratio(const Air& air);
/// 1.01 t + (2500 + 1.84 t) w (Lei & Masanet, Energy 2020, 117556; ASHRAE, equation 30, with constants rounded).
double enthalpy_kj_kg(double t_c, double humidity_ratio);
double enthalpy_kj_kg(const Air& air);
/// The thermodynamic wet bulb: the t* at which w = ((2501 - 2.326 t*) ws(t*) - 1.006 (t - t*)) / (2501 + 1.86 t -
/// 4.186 t*) (ASHRAE, equation 33), to 1e-6 K. No higher than the dry bulb.
double wet_bulb_c(const Air& air);
/// The temperature of saturated air of that enthalpy, to 1e-6 K.
double saturated_at_c(double enthalpy_kj_kg, double pressure_pa);
/// kg/m3: 1.293 (P / 101325) (273.15 / (273.15 + t)) (Lei & Masanet).
double air_density(double t_c, double pressure_pa);
/// Pa at a height above the sea in m: 101325 (1 - 2.25577e-5 z)^5.2559 (ASHRAE, equation 3).
double pressure_at_height_pa(double height_m);

}  // namespace alight
