// Moist air against published figures.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/cooling/air.hpp"

using namespace alight;

TEST_CASE("saturation pressure and humidity ratio are those of the tables") {
  // ASHRAE Handbook, Fundamentals, chapter 1, tables 2 and 3: 2.3392 kPa at 20 C, 7.3838 at 40 C; saturated air at 20 C
  // holds 0.014758 kg/kg.
  CHECK(saturation_pressure_pa(20) == Approx(2339.2).epsilon(0.001));
  CHECK(saturation_pressure_pa(40) == Approx(7383.8).epsilon(0.001));
  // The tables count that vapour in air is no perfect gas: 0.4 %.
  CHECK(humidity_ratio({20, 1, 101325}) == Approx(0.014758).epsilon(0.006));
  CHECK(humidity_ratio({20, 0, 101325}) == 0);
}

TEST_CASE("the wet bulb is that of Stull's formula where that holds, and the dry bulb in saturated air") {
  // R. Stull, J. Appl. Meteorol. Climatol. 50 (2011), equation 1: at sea level, within 0.65 K from -20 to 50 C.
  const auto stull = [](double t, double rh) {
    return t * std::atan(0.151977 * std::sqrt(rh + 8.313659)) + std::atan(t + rh) - std::atan(rh - 1.676331) +
           0.00391838 * std::pow(rh, 1.5) * std::atan(0.023101 * rh) - 4.686035;
  };
  // His own example: 13.7 C.
  CHECK(stull(20, 50) == Approx(13.7).epsilon(0.005));
  for (const double t : {0.0, 10.0, 20.0, 30.0, 40.0})
    for (const double rh : {20.0, 50.0, 80.0, 99.0}) {
      INFO(t << " C, " << rh << " %");
      CHECK(wet_bulb_c({t, rh / 100, 101325}) == Approx(stull(t, rh)).margin(0.7));
    }
  for (const double t : {-30.0, 0.0, 25.0, 50.0}) CHECK(wet_bulb_c({t, 1, 101325}) == Approx(t).margin(1e-5));
}

TEST_CASE("density and pressure fall with height") {
  CHECK(air_density(0, 101325) == Approx(1.293));
  // ASHRAE, chapter 1, table 1: 89.874 kPa at 1000 m.
  CHECK(pressure_at_height_pa(1000) == Approx(89874).epsilon(0.001));
  CHECK(pressure_at_height_pa(0) == 101325);
  CHECK(saturated_at_c(enthalpy_kj_kg({18, 1, 90000}), 90000) == Approx(18).margin(1e-5));
}
