#include "models/cooling/air.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

namespace {

// No weather is further from its wet bulb, and none colder.
constexpr double kWidest_k = 90, kColdest_c = -120;

// The root of a rising function between two temperatures, to 1e-7 K.
template <class Rising>
double root_between(double low_c, double high_c, Rising rising) {
  while (high_c - low_c > 1e-7) {
    const double middle = (low_c + high_c) / 2;
    (rising(middle) > 0 ? high_c : low_c) = middle;
  }
  return (low_c + high_c) / 2;
}

double saturated_ratio(double t_c, double pressure_pa) {
  return humidity_ratio_of(saturation_pressure_pa(t_c), pressure_pa);
}

}  // namespace

double saturation_pressure_pa(double t_c) {
  return 611.21 * std::exp((18.678 - t_c / 234.5) * t_c / (257.14 + t_c));
}

double humidity_ratio_of(double vapour_pa, double pressure_pa) {
  // Vapour that fills the whole pressure is steam, which no weather is; far below it the formula must stay finite.
  return 0.62198 * vapour_pa / std::max(pressure_pa - vapour_pa, pressure_pa * 0.01);
}

double humidity_ratio(const Air& air) {
  return humidity_ratio_of(air.relative_humidity * saturation_pressure_pa(air.dry_bulb_c), air.pressure_pa);
}

double enthalpy_kj_kg(double t_c, double humidity_ratio) {
  return 1.01 * t_c + (2500 + 1.84 * t_c) * humidity_ratio;
}

double enthalpy_kj_kg(const Air& air) {
  return enthalpy_kj_kg(air.dry_bulb_c, humidity_ratio(air));
}

double wet_bulb_c(const Air& air) {
  if (air.wet_bulb_c) return *air.wet_bulb_c;
  const double t = air.dry_bulb_c, w = humidity_ratio(air);
  return root_between(std::max(t - kWidest_k, kColdest_c), t, [&](double wet) {
    const double at_wet = saturated_ratio(wet, air.pressure_pa);
    return ((2501 - 2.326 * wet) * at_wet - 1.006 * (t - wet)) / (2501 + 1.86 * t - 4.186 * wet) - w;
  });
}

double saturated_at_c(double enthalpy, double pressure_pa) {
  // Without water the air would be warmest.
  const double dry_c = enthalpy / 1.01;
  return root_between(std::max(dry_c - 2 * kWidest_k, kColdest_c), std::max(dry_c, kColdest_c + 1),
                      [&](double t) { return enthalpy_kj_kg(t, saturated_ratio(t, pressure_pa)) - enthalpy; });
}

double air_density(double t_c, double pressure_pa) {
  return 1.293 * (pressure_pa / 101325) * (273.15 / (273.15 + t_c));
}

double pressure_at_height_pa(double height_m) {
  return 101325 * std::pow(1 - 2.25577e-5 * height_m, 5.2559);
}

}  // namespace alight
