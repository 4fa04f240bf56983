// A year of Phoenix and of Leesburg: PUE and water by month for six ways to cool, and what physics says of them.
#include <fmt/format.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>

#include "models/power/conversion.hpp"
#include "platforms/cooling.hpp"
#include "tests/support/built_in_catalogue.hpp"
#include "tests/support/reference.hpp"
#include "workloads/hourly/readers.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr const char* kWays[] = {"air",      "air waterside economiser", "air economiser", "cold plate", "rear door",
                                 "immersion"};

struct Month {
  double servers_j = 0, total_j = 0, water_kg = 0;
  double pue() const { return total_j / servers_j; }
  double water_l_kwh() const { return water_kg / (servers_j / 3.6e6); }
};
/// Twelve months and the year.
using Year = std::array<Month, 13>;

// 10 MW of servers behind two UPS and distribution of Lei & Masanet's efficiencies, at a share of full load.
Year year_of(const Weather& weather, const HallCooling& cooling, double share) {
  const double rated_w = 10e6;
  const ConversionStage chain[] = {{.name = "UPS", .unit = ups(rated_w / 2, kUpsEfficiency), .units = 2},
                                   {.name = "PDU", .unit = distribution(rated_w, kDistributionLoss)}};
  const auto load_at = [&](double servers_w) {
    return HallLoad{servers_w, convert_power(chain, servers_w).input_w - servers_w, rated_w * 0.00181445313};
  };
  const Hall hall{cooling, load_at(rated_w)};
  const HallLoad load = load_at(rated_w * share);
  Year year;
  for (std::size_t h = 0; h < weather.air.size(); ++h) {
    const std::chrono::sys_seconds local{
        std::chrono::seconds(weather.hours.start_s + weather.hours.offset_s + static_cast<int>(h) * 3600)};
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(local)};
    const auto month = static_cast<unsigned>(day.month()) - 1;
    const FacilityUse use = facility_use(std::span(&hall, 1), std::span(&load, 1), weather.air[h]);
    for (Month* sum : {&year[month], &year[12]}) {
      sum->servers_j += load.servers_w * 3600;
      sum->total_j += use.total_w() * 3600;
      sum->water_kg += use.cooling.water_kg_s() * 3600;
    }
  }
  return year;
}

std::array<Year, std::size(kWays)> years_of(const std::filesystem::path& epw, double share) {
  const auto file = read_input(epw);
  REQUIRE(file);
  const auto weather = read_weather(*file);
  REQUIRE(weather);
  std::array<Year, std::size(kWays)> years;
  for (std::size_t w = 0; w < std::size(kWays); ++w)
    years[w] = year_of(*weather, hall_cooling(*built_in_catalogue().find_cooling(kWays[w])), share);
  std::cout << fmt::format("{}, {:.0f} % of full load: PUE, and water in L/kWh of servers\nmonth", weather->place,
                           share * 100);
  for (const char* way : kWays) std::cout << fmt::format(" {:>24}", way);
  for (std::size_t m = 0; m < 13; ++m) {
    std::cout << (m < 12 ? fmt::format("\n{:>5}", m + 1) : std::string("\n year"));
    for (const Year& year : years)
      std::cout << fmt::format(" {:>16.3f} {:>7.2f}", year[m].pue(), year[m].water_l_kwh());
  }
  std::cout << "\n\n";
  return years;
}

}  // namespace

TEST_CASE("a year of Phoenix and of Leesburg: what physics demands") {
  ALIGHT_REFERENCE_OR_SKIP(folder, "traces/weather_epw_and_eia_ci_2022");
  const auto phoenix = years_of(folder / "USA_AZ_Phoenix-Sky.Harbor.epw.xz", 1);
  const auto leesburg = years_of(folder / "USA_VA_Leesburg.Exec.epw.xz", 1);
  for (const auto* years : {&phoenix, &leesburg}) {
    const auto& [air, economiser, outside, plate, door, immersion] = *years;
    for (std::size_t m = 0; m < 13; ++m) {
      INFO("month " << m + 1);
      // Chillers all year are dearest, towers instead of them cheaper, water of 35 C cheaper still.
      CHECK(air[m].pue() >= economiser[m].pue() - 1e-9);
      CHECK(economiser[m].pue() >= plate[m].pue() - 1e-9);
      CHECK(plate[m].pue() > 1.03);
      // Cold water at a door is dearer than warm water at the chip; nothing is cheaper than all heat in a bath of 40 C.
      CHECK(door[m].pue() >= plate[m].pue());
      CHECK(immersion[m].pue() <= plate[m].pue());
      CHECK(air[m].pue() < 1.6);
      // A kWh boils off 1.48 L, and a third of that is drained; a building that draws 1.3 kWh for each of its servers
      // makes it 2.6, and hot dry air, which the towers cool as well, no more than half as much again.
      CHECK(air[m].water_l_kwh() < 3.9);
      CHECK(outside[m].water_l_kwh() < air[m].water_l_kwh());
    }
    // Summers are dearer than winters.
    CHECK(economiser[6].pue() > economiser[0].pue());
    CHECK(air[6].pue() > air[0].pue());
    CHECK(air[6].water_l_kwh() > air[0].water_l_kwh());
  }
  // Dry Phoenix drinks more than Leesburg; where evaporation cools the supplied air it uses outside air all year, and
  // moist Leesburg needs chillers in summer.
  CHECK(phoenix[3][12].water_l_kwh() > leesburg[3][12].water_l_kwh());
  CHECK(phoenix[2][12].water_l_kwh() > leesburg[2][12].water_l_kwh());
  // Warm water finds towers enough: no month 5 % above the best.
  for (const auto* years : {&phoenix, &leesburg}) {
    double best = 9, worst = 0;
    for (std::size_t m = 0; m < 12; ++m) {
      best = std::min(best, (*years)[3][m].pue());
      worst = std::max(worst, (*years)[3][m].pue());
    }
    CHECK(worst < best * 1.05);
  }
  // The year as a whole lies in the range the catalogue collected for the technology. Chilled air does better than that
  // (1.25 to 1.8): the plant's parts are those of hyperscale halls.
  for (std::size_t w = 2; w < std::size(kWays); ++w) {
    const auto& range = built_in_catalogue().find_cooling(kWays[w])->pue;
    for (const auto* years : {&phoenix, &leesburg}) {
      INFO(kWays[w]);
      CHECK((*years)[w][12].pue() >= range[0] - 0.005);
      CHECK((*years)[w][12].pue() <= range[2]);
    }
  }
}

TEST_CASE("a hall at a fifth of its load: fans and pumps keep a flow, and a UPS its losses without load") {
  ALIGHT_REFERENCE_OR_SKIP(folder, "traces/weather_epw_and_eia_ci_2022");
  const auto full = years_of(folder / "USA_VA_Leesburg.Exec.epw.xz", 1);
  const auto low = years_of(folder / "USA_VA_Leesburg.Exec.epw.xz", 0.2);
  // What rarely needs chillers is worse for it. Where chillers draw most, and are staged so that each keeps its load,
  // it is not: their share does not change.
  for (const std::size_t w : {std::size_t{2}, std::size_t{3}}) {
    INFO(kWays[w]);
    CHECK(low[w][12].pue() > full[w][12].pue());
  }
  CHECK(low[0][12].pue() == Approx(full[0][12].pue()).epsilon(0.01));
}
