#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>

#include "models/describe/units.hpp"

using namespace alight;

namespace {

double value(std::string_view text, std::string_view to) {
  const Parsed parsed = parse_quantity(text, unit(to));
  INFO(text << " -> " << parsed.problem);
  REQUIRE(parsed.value.has_value());
  return *parsed.value;
}

std::string problem(std::string_view text, std::string_view to) {
  const Parsed parsed = parse_quantity(text, unit(to));
  REQUIRE_FALSE(parsed.value.has_value());
  return parsed.problem + (parsed.hint.empty() ? "" : " | " + parsed.hint);
}

}  // namespace

TEST_CASE("Quantities read in any unit of their dimension, with and without a blank") {
  CHECK(value("400 Gbps", "Gbps") == 400);
  CHECK(value("400Gbps", "Gbps") == 400);
  CHECK(value("  0.4 Tbps ", "Gbps") == 400);
  CHECK(value("50 GB/s", "Gbps") == 400);
  CHECK(value("141 GB", "GiB") == Approx(131.3179731369));
  CHECK(value("3 h", "s") == 10800);
  CHECK(value("1 year", "d") == 365);
  CHECK(value("2 week", "d") == 14);
  CHECK(value("50 ms", "s") == 0.05);
  CHECK(value("1979 TFLOPS", "PFLOPS") == 1.979);
  CHECK(value("1979 TOPS", "TFLOPS") == 1979);
  CHECK(value("3.2 MW", "kW") == 3200);
  CHECK(value("25 kW/rack", "W/rack") == 25000);
  CHECK(value("1 kWh", "MJ") == 3.6);
  CHECK(value("814 mm2", "cm2") == 8.14);
  CHECK(value("5 ns/m", "us/km") == 5);
  CHECK(value("40 /s", "/h") == 144000);
  CHECK(value("40/s", "/min") == 2400);
  CHECK(value("0.42 CNY/kWh", "CNY/MWh") == 420);
  CHECK(value("2.5 USD/h", "USD/year") == 21900);
  CHECK(value("1.5 MUSD", "USD") == 1.5e6);
  CHECK(value("96 cores", "cores") == 96);
  CHECK(value("+1e3 W", "kW") == 1);
  CHECK(value("-3 C", "C") == -3);
}

TEST_CASE("Temperatures convert with their offsets") {
  CHECK(value("24 C", "K") == Approx(297.15).epsilon(1e-15));
  CHECK(value("75.2 F", "C") == Approx(24).epsilon(1e-13));
  CHECK(value("0 K", "C") == Approx(-273.15).epsilon(1e-15));
}

TEST_CASE("Ratios read as a number, a percentage and a proportion") {
  CHECK(value("0.5", "1") == 0.5);
  CHECK(value("50 %", "1") == 0.5);
  CHECK(value("50%", "%") == 50);
  CHECK(value("4:1", "1") == 4);
  CHECK(value("1 : 4", "1") == 0.25);
  CHECK(value("7 %", "") == 0.07);
}

TEST_CASE("A conversion to a whole multiple is rounded once") {
  for (int i = 1; i < 2000; ++i) {
    CHECK(value(std::to_string(i) + " ms", "s") == i / 1000.0);
    CHECK(value(std::to_string(i) + " min", "h") == i / 60.0);
    CHECK(value(std::to_string(i) + " %", "1") == i / 100.0);
    CHECK(value(std::to_string(i) + " MB", "GB") == i / 1000.0);
  }
}

TEST_CASE("What is wrong with a quantity is said, with a way to write it") {
  CHECK(problem("400", "Gbps") == "\"400\" needs a unit of data rate, e.g. 400 Gbps");
  CHECK(problem("400 gbps", "Gbps") ==
        "\"400 gbps\": no unit is called \"gbps\"; expected a data rate, e.g. 400 Gbps | did you mean \"Gbps\"?");
  CHECK(problem("3 mW", "kW") ==
        "\"3 mW\": no unit is called \"mW\"; expected a power, e.g. 3 kW | did you mean \"MW\"?");
  CHECK(problem("5 W", "Gbps") == "\"5 W\" is a power; expected a data rate, e.g. 5 Gbps");
  CHECK(problem("5 CNY/kWh", "USD/kWh") ==
        "\"5 CNY/kWh\" is an energy price in CNY; expected an energy price in USD, e.g. 5 USD/kWh");
  CHECK(problem("50", "%") == "\"50\" needs a unit of ratio, e.g. 50 %");
  CHECK(problem("4:1", "Gbps") == "\"4:1\" is a ratio; expected a data rate, e.g. 4 Gbps");
  CHECK(problem("4:0", "1") == "\"4:0\" is not a ratio; write it as 2:1");
  CHECK(problem("fast", "Gbps") == "\"fast\" is not a quantity; expected a data rate, e.g. 10 Gbps");
  CHECK(problem("1,000 Gbps", "Gbps").find("without separators") != std::string::npos);
  CHECK(problem("", "Gbps").find("has no value") == 0);
  CHECK(problem("3 1", "1").find("no unit is called \"1\"") != std::string::npos);
}

TEST_CASE("Numbers that are not finite are problems") {
  for (const char* text : {"nan s", "NaN s", "inf s", "-inf s", "Infinity s", ".nan", ".inf", "1e999 s", "-1e999 s"}) {
    INFO(text);
    CHECK(problem(text, "s").find("not a finite number") != std::string::npos);
  }
  CHECK(problem("1e308 year", "s") == "\"1e308 year\" is too large");
  for (const char* text : {"nan", "inf", "1e999", "", " ", "1 2", "0x10", "1_000", "--1", "+-1", "e5", "."})
    CHECK_FALSE(parse_number(text).has_value());
}

TEST_CASE("Every unit converts to every unit of its dimension and back, and has a name") {
  std::set<std::string_view> symbols;
  for (int d = 0; d <= static_cast<int>(Dimension::water_intensity); ++d) {
    const auto dimension = static_cast<Dimension>(d);
    const auto units = units_of(dimension);
    INFO(name_of(dimension));
    REQUIRE_FALSE(units.empty());
    for (const Unit& from : units) {
      CHECK(symbols.insert(from.symbol).second);
      CHECK(find_unit(from.symbol)->dimension == dimension);
      for (const Unit& to : units) CHECK(convert(convert(12.5, from, to), to, from) == Approx(12.5));
    }
  }
  CHECK_THROWS_AS(unit("furlong"), std::logic_error);
  CHECK_THROWS_AS(convert(1, unit("s"), unit("m")), std::logic_error);
}

TEST_CASE("Formatted numbers read back bit for bit") {
  std::uint64_t bits = 0x9e3779b97f4a7c15;
  const Unit gbps = unit("Gbps");
  for (int i = 0; i < 20000; ++i) {
    bits = bits * 6364136223846793005U + 1442695040888963407U;
    const double number = std::bit_cast<double>(bits);
    if (!std::isfinite(number)) continue;
    const auto again = parse_number(format_number(number));
    REQUIRE(again.has_value());
    REQUIRE(std::bit_cast<std::uint64_t>(*again) == bits);
    const Parsed quantity = parse_quantity(format_quantity(number, gbps), gbps);
    REQUIRE(quantity.value.has_value());
    REQUIRE(std::bit_cast<std::uint64_t>(*quantity.value) == bits);
  }
  for (const double number : {0.0, -0.0, std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max(),
                              std::numeric_limits<double>::min(), 0.1, 1e22, 1e23})
    CHECK(std::bit_cast<std::uint64_t>(*parse_number(format_number(number))) == std::bit_cast<std::uint64_t>(number));
  CHECK(format_quantity(400, gbps) == "400 Gbps");
  CHECK(format_quantity(0.5, unit("1")) == "0.5");
  CHECK(format_quantity(50, unit("%")) == "50 %");
}
