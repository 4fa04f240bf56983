// A year of published hourly prices and carbon intensity, through a tariff.
#include <catch2/catch.hpp>
#include <cstdio>
#include <iostream>

#include "models/economics/tariff.hpp"
#include "tests/support/reference.hpp"
#include "workloads/series/hourly_csv.hpp"

using namespace alight;

namespace {

std::vector<DatedValue> must_read(const std::filesystem::path& file, const SeriesColumns& columns) {
  const auto text = read_input(file);
  REQUIRE(text);
  Diagnostics d;
  auto values = read_series(*text, columns, d);
  d.print(std::cout);
  REQUIRE(values);
  return *values;
}

double sum_of(const std::vector<DatedValue>& values) {
  double sum = 0;
  for (const DatedValue& v : values) sum += v.value;
  return sum;
}

}  // namespace

TEST_CASE("a megawatt for a year at ERCOT's and CAISO's hourly prices costs the sum of its hours") {
  ALIGHT_REFERENCE_OR_SKIP(ercot, "traces/grid_hourly_2023/price_processed_US-TEX-ERCO_2023.csv.gz");
  ALIGHT_REFERENCE_OR_SKIP(caiso, "traces/grid_hourly_2023/price_processed_US-CAL-CISO_2023.csv.gz");
  ALIGHT_REFERENCE_OR_SKIP(carbon, "traces/grid_hourly_2023/carbon_US-TEX-ERCO_2023.csv.gz");
  std::printf("%-10s %6s %14s %12s\n", "market", "hours", "USD, 1 MW", "USD/MWh");
  for (const auto& [name, file] : {std::pair{"ERCOT", ercot}, {"CAISO", caiso}}) {
    const auto prices = must_read(file, {.times = 1e-3});
    const Date end{prices.back().date.unix_s + 3600};
    const Tariff tariff(DatedSeries(name, prices, DatedSeries::Between::hold));
    const ElectricityBill bill = electricity_bill({{prices.front().date, 1000}}, end, tariff);
    REQUIRE(bill.problem.empty());
    std::printf("%-10s %6zu %14.0f %12.2f\n", name, prices.size(), bill.total(), 1000 * bill.total() / bill.kwh());
    CHECK(bill.total() == Approx(1000 * sum_of(prices)).epsilon(1e-9));
    CHECK(bill.kwh() == Approx(1000.0 * static_cast<double>(prices.size())));
  }
  const auto grams = must_read(carbon, {.time = "Datetime (UTC)",
                                        .value = "Carbon Intensity gCO\xE2\x82\x82"
                                                 "eq/kWh (direct)"});
  const Date end{grams.back().date.unix_s + 3600};
  const Looked kg =
      carbon_kg({{grams.front().date, 1000}}, end, Tariff(DatedSeries("c", grams, DatedSeries::Between::hold)));
  REQUIRE(kg.value);
  std::printf("ERCOT carbon: %zu hours, %.0f t CO2 of 1 MW\n", grams.size(), *kg.value / 1000);
  CHECK(*kg.value == Approx(sum_of(grams)).epsilon(1e-9));
}
