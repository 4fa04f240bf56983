// Hourly files: what is read, what is mended, and every way they can be wrong.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/support/reference.hpp"
#include "workloads/hourly/readers.hpp"

using namespace alight;

namespace {

constexpr const char* kEpwHead =
    "LOCATION,Town,AZ,USA,TMYx,722780,33.4,-112.0,-7.0,337.4\nDESIGN CONDITIONS,0\nTYPICAL/EXTREME PERIODS,0\nGROUND "
    "TEMPERATURES,0\nHOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0\nCOMMENTS 1,x\nCOMMENTS 2,y\nDATA PERIODS,1,1,Data,Sunday,1/ "
    "1,12/31\n";

std::string epw_row(int month, int day, int hour, const std::string& dry = "20.0", const std::string& rh = "50",
                    const std::string& pressure = "97000", int year = 2021) {
  std::string row = fmt::format("{},{},{},{},0,flags,{},9.0,{},{}", year, month, day, hour, dry, rh, pressure);
  for (int i = 10; i < 35; ++i) row += ",0";
  return row + "\n";
}

std::string epw_year(bool leap = false, int year = 2021) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::string text = kEpwHead;
  for (int month = 1; month <= 12; ++month)
    for (int day = 1; day <= kDays[month - 1] + (leap && month == 2); ++day)
      for (int hour = 1; hour <= 24; ++hour)
        text += epw_row(month, day, hour, fmt::format("{}.5", month), "50", "97000", year);
  return text;
}

std::string replaced(std::string text, const std::string& passage, const std::string& by) {
  const auto at = text.find(passage);
  REQUIRE(at != std::string::npos);
  return text.replace(at, passage.size(), by);
}

std::string refusal(const Result<Weather>& read) {
  REQUIRE_FALSE(read);
  return fmt::format("{}: {} {}", read.problem().where.line, read.problem().message, read.problem().hint);
}
std::string refusal(const Result<HourlySeries>& read) {
  REQUIRE_FALSE(read);
  return fmt::format("{}: {} {}", read.problem().where.line, read.problem().message, read.problem().hint);
}
void says(const std::string& message, const std::string& what) {
  INFO(message);
  CHECK(message.find(what) != std::string::npos);
}

constexpr const char* kMeteo = R"({"utc_offset_seconds": -18000, "elevation": 142.0, "timezone": "America/Chicago",
  "hourly_units": {"temperature_2m": "°C"},
  "hourly": {"time": ["2023-01-01T00:00", "2023-01-01T01:00", "2023-01-01T02:00"],
             "temperature_2m": [16.9, null, 15.0], "relative_humidity_2m": [80, 82, 105]}})";

}  // namespace

TEST_CASE("EPW: hours of local standard time, place, height, pressure") {
  const auto weather = read_weather({"t.epw", epw_year()});
  REQUIRE(weather);
  CHECK(weather->place == "Town");
  CHECK(weather->height_m == 337.4);
  REQUIRE(weather->air.size() == 8760);
  CHECK(weather->air[0].dry_bulb_c == 1.5);
  CHECK(weather->air[8759].dry_bulb_c == 12.5);
  CHECK(weather->air[0].relative_humidity == 0.5);
  CHECK(weather->air[0].pressure_pa == 97000);
  // Midnight of 1 January 2021, seven hours behind UTC.
  CHECK(weather->hours.start_s == 1609459200 + 7 * 3600);
  // 1 July 2021, 00:30 local.
  const auto july = weather->hours.of(1625097600 + 7 * 3600 + 1800);
  REQUIRE(july);
  CHECK(*july == 181 * 24);
  CHECK(weather->air[*july].dry_bulb_c == 7.5);
  // The same of 2031, and 29 February 2028 as the 28th.
  CHECK(weather->hours.of(1940630400 + 7 * 3600) == july);
  CHECK(weather->hours.of(1835395200 + 7 * 3600) == std::size_t{58 * 24});
  CHECK(weather->hours.of(1609459200) == std::size_t{8760 - 7});
  CHECK_FALSE(weather->hours.of(1e300));
}

TEST_CASE("EPW: leap years, typical years of a leap January, CRLF, marks of what is missing") {
  const auto leap = read_weather({"t.epw", epw_year(true, 2020)});
  REQUIRE(leap);
  CHECK(leap->air.size() == 8784);
  const auto typical = read_weather({"t.epw", epw_year(false, 2020)});
  REQUIRE(typical);
  CHECK(typical->hours.start_s == 1546300800 + 7 * 3600);  // 2019
  auto text = replaced(epw_year(), epw_row(1, 1, 2, "1.5"), epw_row(1, 1, 2, "99.9", "999", "999999"));
  std::string crlf = "\xEF\xBB\xBF";
  for (const char c : text) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const auto mended = read_weather({"t.epw", crlf});
  REQUIRE(mended);
  CHECK(mended->mended.filled == 3);
  CHECK(mended->mended.first == "t.epw:10");
  CHECK(mended->air[1].dry_bulb_c == 1.5);
}

TEST_CASE("EPW: wrong files are refused with the line and the reason") {
  const std::string good = epw_year();
  const auto read = [](const std::string& text) { return refusal(read_weather({"t.epw", text})); };
  says(read(""), "neither an EPW file");
  says(read("time,temperature\n1,2\n"), "neither an EPW file");
  says(read("LOCATION,Town\n"), "1: LOCATION has ten fields");
  says(read("LOCATION,Town,AZ,USA,TMYx,1,33,-112,-7.0,337\nDESIGN\n"), "ends within the eight lines");
  says(read(replaced(good, "-7.0", "MST")), "1: \"MST\" is no time zone");
  says(read(replaced(good, "-7.0", "-27")), "no time zone");
  says(read(replaced(good, "337.4", "high")), "\"high\" is no height");
  says(read(replaced(good, "DATA PERIODS", "DATA")), "8: line 8 of an EPW file is DATA PERIODS");
  says(read(replaced(good, "DATA PERIODS,1,1", "DATA PERIODS,1,4")), "8: has other than one row an hour");
  says(read(kEpwHead), "has 0 rows");
  says(read(good + epw_row(12, 31, 24)), "has 8761 rows");
  says(read(replaced(good, epw_row(1, 1, 3, "1.5"), "2021,1,1,3,0,flags,1.5\n")), "11: has 7 fields");
  says(read(replaced(good, epw_row(1, 1, 3, "1.5"), epw_row(1, 1, 4, "1.5"))),
       "11: month 1, day 1, hour 4 stands where month 1, day 1, hour 3 belongs");
  says(read(replaced(good, epw_row(1, 1, 3, "1.5"), epw_row(13, 1, 3, "1.5"))), "month 13");
  says(read(replaced(good, epw_row(1, 1, 3, "1.5"), epw_row(1, 1, 3, "warm"))),
       "11: dry bulb: \"warm\" is not a number");
  says(read(replaced(good, epw_row(1, 1, 3, "1.5"), epw_row(1, 1, 3, "nan"))), "is not a number");
  says(read(replaced(good, epw_row(1, 1, 3, "1.5"), epw_row(1, 1, 3, "75"))),
       "11: dry bulb of 75 is not from -70 to 70");
  says(read(replaced(good, epw_row(1, 1, 3, "1.5"), epw_row(1, 1, 3, "1.5", "-5"))), "relative humidity of -5");
  says(read(replaced(good, epw_row(1, 1, 3, "1.5"), epw_row(1, 1, 3, "1.5", "50", "970"))), "pressure of 970");
  says(read(replaced(good, "2021,1,1,3,", "year,1,1,3,")), "11: does not begin with a year");
  std::string gaps = good;
  for (int hour = 1; hour <= 24; ++hour)
    for (const int day : {1, 2, 3, 4})
      gaps = replaced(gaps, epw_row(2, day, hour, "2.5"), epw_row(2, day, hour, "99.9"));
  says(read(gaps), "lacks 96 of the 8760 hours");
}

TEST_CASE("Open-Meteo: local hours, pressure of the height, gaps filled") {
  const auto weather = read_weather({"w.json", kMeteo});
  REQUIRE(weather);
  REQUIRE(weather->air.size() == 3);
  CHECK(weather->hours.start_s == 1672531200 + 5 * 3600);
  CHECK(weather->air[1].dry_bulb_c == 16.9);
  CHECK(weather->air[2].relative_humidity == 1);
  CHECK(weather->air[0].pressure_pa == Approx(99633).epsilon(1e-4));
  CHECK(weather->mended.filled == 1);
  CHECK_FALSE(weather->hours.of(1672531200 + 86400 * 40));
}

TEST_CASE("Open-Meteo: wrong files are refused") {
  const auto read = [](const std::string& passage, const std::string& by) {
    return refusal(read_weather({"w.json", replaced(kMeteo, passage, by)}));
  };
  says(refusal(read_weather({"w.json", "{\"hourly\": "})), "JSON ends before it is complete");
  says(refusal(read_weather({"w.json", "{}"})), "has no \"hourly\"");
  says(read("\"hourly\": {", "\"hourly\": 3, \"x\": {"), "has no \"hourly\"");
  says(read("relative_humidity_2m", "humidity"), "has no \"hourly.relative_humidity_2m\"");
  says(read("[80, 82, 105]", "[80, 82]"), "has 3 hours of time, other of hourly.relative_humidity_2m");
  says(read("[80, 82, 105]", "7"), "other of hourly.relative_humidity_2m");
  says(read("16.9", "\"mild\""), "hourly.temperature_2m[0] is not a number");
  says(read("16.9", "169"), "dry bulb of 169");
  says(read("16.9", "1e999"), "holds a number no JSON reader can keep");
  says(read("°C", "°F"), "is not °C");
  says(read("2023-01-01T01:00", "later"), "hourly.time[1] is not a date and time");
  says(read("2023-01-01T02:00", "2022-01-01T02:00"), "goes back in time");
  says(read("2023-01-01T02:00", "2203-01-01T02:00"), "more than a century");
  says(read("2023-01-01T02:00", "2023-02-01T02:00"), "lacks");
  says(read("-18000", "-180000"), "utc_offset_seconds is no time zone");
  says(read("142.0", "14200"), "elevation");
  says(read("[16.9, null, 15.0]", "[null, null, null]"), "has no values");
}

TEST_CASE("tables: known columns, zones, means of what shares an hour, gaps") {
  const auto price = read_hourly({"p.csv",
                                  "Datetime,Price (USD/MWh)\n2023-01-01 00:00:00-06:00,10.42\n"
                                  "2023-01-01 01:00:00-06:00,-9.96\n2023-01-01 01:30:00-06:00,-0.04\n"
                                  "2023-01-01 03:00:00-06:00,\n2023-01-01 04:00:00-06:00,8\n"});
  REQUIRE(price);
  CHECK(price->column == "Price (USD/MWh)");
  CHECK(price->hours.start_s == 1672531200 + 6 * 3600);
  CHECK(price->values == std::vector<double>{10.42, -5, -5, -5, 8});
  CHECK(price->mended.filled == 2);
  CHECK(price->mended.repeated == 0);
  CHECK(price->mended.first == "p.csv:4");
  // A clock set back: the same hour twice.
  const auto local = read_hourly(
      {"p.csv", "Datetime,Price (EUR/MWh)\n2023-10-29 01:00:00,1\n2023-10-29 02:00:00,2\n2023-10-29 02:00:00,4\n"},
      {.offset_h = 1});
  REQUIRE(local);
  CHECK(local->values == std::vector<double>{1, 3});
  CHECK(local->mended.repeated == 1);
  CHECK(local->hours.start_s == 1698537600);
  const auto named = read_hourly({"c.csv", "when,a,b\n2022-01-01T00:00Z,1,2\n"}, {.time = "when", .value = "b"});
  REQUIRE(named);
  CHECK(named->values == std::vector<double>{2});
}

TEST_CASE("tables: wrong files are refused") {
  const auto read = [](const std::string& text, const HourlyColumns& columns = {}) {
    return refusal(read_hourly({"p.csv", text}, columns));
  };
  const std::string head = "Datetime,Price (USD/MWh)\n";
  says(read(""), "has no header line");
  says(read("a,b\n1,2\n"), "1: has no column known to hold times; name one: it has a, b");
  says(read("Datetime,b\n2023-01-01,2\n"), "1: has no column known to hold values");
  says(read(head + "2023-01-01,2\n", {.value = "Price (USD/MW)"}), "did you mean \"Price (USD/MWh)\"");
  says(read(head), "has no rows");
  says(read(head + "2023-01-01 00:00:00,\n"), "has no values");
  says(read(head + "soon,1\n"), "2: \"soon\" is not a date and time");
  says(read(head + "2023-02-30 00:00:00,1\n"), "is not a date and time");
  says(read(head + "2023-01-01 00:00:00,cheap\n"), "2: \"cheap\" is not a number");
  says(read(head + "2023-01-01 00:00:00,inf\n"), "is not a number");
  says(read(head + "2023-01-01 00:00:00\n"), "2: fewer cells");
  says(read(head + "2023-01-01 00:00:00,1,2\n"), "2: more cells");
  says(read(head + "2023-01-01 05:00:00,1\n2023-01-01 01:00:00,1\n"), "3: goes back in time");
  says(read(head + "2023-01-01 05:00:00,1\n2023-01-03 01:00:00,1\n"), "lacks 43 of the 45 hours");
  says(read(head + "2023-01-01 05:00:00,\"1\n"), "2: ");
  says(read("Datetime,Price (USD/MWh),Price (USD/MWh)\n"), "two columns have this name");
}

TEST_CASE("the reference's hourly files are read") {
  ALIGHT_REFERENCE_OR_SKIP(folder, "traces/grid_hourly_2023");
  for (const char* zone : {"DE-LU", "US-CAL-CISO", "US-TEX-ERCO"}) {
    INFO(zone);
    for (const char* what : {"price_processed", "carbon"}) {
      const auto file = read_input(folder / fmt::format("{}_{}_2023.csv.gz", what, zone));
      REQUIRE(file);
      const auto series = read_hourly(*file);
      REQUIRE(series);
      CHECK(series->values.size() >= 8760);
      CHECK(series->mended.filled == 0);
    }
    const auto file = read_input(folder / fmt::format("weather_{}_2023.json.gz", zone));
    REQUIRE(file);
    const auto weather = read_weather(*file);
    REQUIRE(weather);
    CHECK(weather->air.size() == 8760);
  }
  // Virginia's carbon lacks 23 hours.
  const auto file = read_input(folder / "../weather_epw_and_eia_ci_2022/VA_NG_avgCI_2022.csv.xz");
  REQUIRE(file);
  const auto series = read_hourly(*file);
  REQUIRE(series);
  CHECK(series->values.size() == 8760);
  CHECK(series->mended.filled == 23);
}
