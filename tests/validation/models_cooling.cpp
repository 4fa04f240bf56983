// Lei & Masanet's PUE by wet bulb and their two published examples, with their example set of parameters.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>
#include <regex>

#include "models/cooling/hall.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/reference.hpp"

using namespace alight;
using namespace alight::test;

namespace {

// 1 kW of servers with the losses of the example: UPS 0.9803, distribution 0.561 %, lights 0.181 %.
HallLoad example_load() {
  const double servers_w = 1000, ups = 9.80302734e-01, distribution = 5.60546875e-03;
  return {servers_w, servers_w / ups - servers_w + servers_w / (1 - distribution) - servers_w,
          servers_w * 1.81445313e-03};
}

double pue_of(const HallCooling& cooling, const Air& air) {
  const Hall hall{cooling, example_load()};
  const HallLoad load = example_load();
  return *facility_use(std::span(&hall, 1), std::span(&load, 1), air).pue();
}

const HallCooling kWater{.path = HeatPath::chilled_air_with_economiser};
const HallCooling kOutside{.path = HeatPath::outside_air, .plant = outside_air_plant()};

}  // namespace

TEST_CASE("the published examples come out to their last digits") {
  // github.com/nuoaleon/Data-center-PUE-prediction-tool@11663ab, "Simple examples": 20 C, 40 %, 101325 Pa.
  CHECK(pue_of(kWater, {20, 0.4, 101325}) == Approx(1.0887168184890426).epsilon(1e-8));
  CHECK(pue_of(kOutside, {20, 0.4, 101325}) == Approx(1.0746922969797756).epsilon(1e-8));
}

TEST_CASE("PUE by wet bulb is Lei & Masanet's within 1 %") {
  ALIGHT_REFERENCE_OR_SKIP(file, "catalog/cooling.csv");
  std::string table;
  for (const auto& row : csv_rows(file))
    if (row.at("id") == "lm_table") table = row.at("equation_or_text");
  REQUIRE_FALSE(table.empty());
  const std::regex entry("([<>=]*)([0-9.]+):([0-9.]+)");
  double sum = 0, bias = 0, worst = 0;
  int count = 0;
  std::cout << "wet bulb C   published   here     error %\n";
  for (std::sregex_iterator i(table.begin(), table.end(), entry), end; i != end; ++i) {
    const double wet_c = std::stod((*i)[2]), published = std::stod((*i)[3]);
    // Open ends hold for a range: its other temperatures too.
    const double step = (*i)[1].str().starts_with("<") ? -5 : (*i)[1].str().starts_with(">") ? 1 : 0;
    for (int n = 0; n < (step == 0 ? 1 : 4); ++n) {
      const double at_c = wet_c + step * n;
      const double here = pue_of(kWater, {at_c, 1, 101325}), error = here / published - 1;
      std::cout << fmt::format("{:>10.1f} {:>11.3f} {:>6.4f} {:>+9.2f}\n", at_c, published, here, error * 100);
      CHECK(std::abs(error) <= 0.01);
      sum += std::abs(error), bias += error, worst = std::max(worst, std::abs(error)), ++count;
    }
  }
  std::cout << fmt::format("{} points: mean error {:.2f} %, bias {:+.2f} %, worst {:.2f} %\n", count, sum / count * 100,
                           bias / count * 100, worst * 100);
  CHECK(count == 17);
}

TEST_CASE("outside air with evaporation is Lei & Masanet's") {
  // Row lm_ae: 1.073 to 1.080 while outside air does, 1.33 at 25 C and 90 %, 1.38 to 1.42 on the chiller alone.
  for (const double t : {0.0, 10.0, 20.0, 30.0}) {
    const double pue = pue_of(kOutside, {t, 0.3, 101325});
    CHECK(pue > 1.072);
    CHECK(pue < 1.081);
  }
  CHECK(pue_of(kOutside, {25, 0.9, 101325}) == Approx(1.33).epsilon(0.005));
  for (const double t : {30.0, 32.0, 35.0}) {
    const double pue = pue_of(kOutside, {t, 0.9, 101325});
    CHECK(pue > 1.375);
    CHECK(pue < 1.425);
  }
}
