// Whatever is done to an hourly file, it is read whole or refused; what is read is sound.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "models/random/streams.hpp"
#include "workloads/hourly/readers.hpp"

using namespace alight;

namespace {

std::string spoilt(std::string text, Stream& draws) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(draws() % n); };
  static const std::string kBytes = "0123456789.,:-+eE\"{}[]\n\r \tZnaN\xEF\x01\x7F";
  for (std::size_t n = 1 + below(3); n > 0 && !text.empty(); --n) {
    const std::size_t at = below(text.size());
    switch (below(4)) {
      case 0:
        text[at] = kBytes[below(kBytes.size())];
        break;
      case 1:
        text.erase(at, 1 + below(20));
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), 1 + below(30)));
        break;
      default:
        text.insert(at, std::string(1, kBytes[below(kBytes.size())]));
        break;
    }
  }
  return text;
}

void check(const Result<Weather>& read) {
  if (!read) {
    REQUIRE_FALSE(read.problem().message.empty());
    return;
  }
  REQUIRE(read->air.size() == read->hours.count);
  for (const Air& air : read->air) {
    REQUIRE((air.dry_bulb_c >= -70 && air.dry_bulb_c <= 70));
    REQUIRE((air.relative_humidity >= 0 && air.relative_humidity <= 1));
    REQUIRE((air.pressure_pa >= 25000 && air.pressure_pa <= 120000));
  }
}

void check(const Result<HourlySeries>& read) {
  if (!read) {
    REQUIRE_FALSE(read.problem().message.empty());
    return;
  }
  REQUIRE(read->values.size() == read->hours.count);
  for (const double value : read->values) REQUIRE(std::isfinite(value));
}

}  // namespace

TEST_CASE("spoilt hourly files are read or refused, never worse") {
  std::string meteo = R"({"utc_offset_seconds": 3600, "elevation": 12.5, "hourly_units": {"temperature_2m": "°C"}, )";
  meteo += R"("hourly": {"time": [)";
  std::string temperatures, humidities, table = "Datetime,Price (EUR/MWh),note\n";
  for (int hour = 0; hour < 48; ++hour) {
    const std::string stamp = fmt::format("2024-02-{:02}T{:02}:00", 28 + hour / 24, hour % 24);
    meteo += fmt::format("{}\"{}\"", hour ? ", " : "", stamp);
    temperatures += fmt::format("{}{:.1f}", hour ? ", " : "", hour * 0.3 - 5);
    humidities += fmt::format("{}{}", hour ? ", " : "", 40 + hour);
    table += fmt::format("{}+01:00,{:.2f},\"a, b\"\n", stamp, 80 - hour * 2.5);
  }
  meteo += "], \"temperature_2m\": [" + temperatures + "], \"relative_humidity_2m\": [" + humidities + "]}}";
  REQUIRE(read_weather({"w.json", meteo}));
  REQUIRE(read_hourly({"p.csv", table}));
  Stream draws = stream(5, "spoil hourly");
  int weather = 0, prices = 0;
  for (int i = 0; i < 4000; ++i) {
    INFO("draw " << i);
    const auto read = read_weather({"w.json", spoilt(meteo, draws)});
    check(read);
    weather += static_cast<bool>(read);
    const auto series = read_hourly({"p.csv", spoilt(table, draws)});
    check(series);
    prices += static_cast<bool>(series);
  }
  // Not all are refused, nor all taken.
  INFO(weather << " and " << prices);
  CHECK((weather > 20 && weather < 3900));
  CHECK((prices > 100 && prices < 3900));
}

TEST_CASE("spoilt EPW files are read or refused, never worse") {
  std::string text =
      "LOCATION,Town,AZ,USA,TMYx,1,33.4,-112.0,-7.0,337.4\nDESIGN CONDITIONS,0\nTYPICAL,0\nGROUND,0\nHOLIDAYS,No,0\n"
      "COMMENTS 1,x\nCOMMENTS 2,y\nDATA PERIODS,1,1,Data,Sunday,1/ 1,12/31\n";
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int month = 1; month <= 12; ++month)
    for (int day = 1; day <= kDays[month - 1]; ++day)
      for (int hour = 1; hour <= 24; ++hour) {
        text += fmt::format("2021,{},{},{},0,f,{}.5,1.0,50,97000", month, day, hour, month);
        for (int i = 10; i < 35; ++i) text += ",0";
        text += '\n';
      }
  REQUIRE(read_weather({"t.epw", text}));
  Stream draws = stream(6, "spoil EPW");
  int taken = 0;
  for (int i = 0; i < 100; ++i) {
    INFO("draw " << i);
    const auto read = read_weather({"t.epw", spoilt(text, draws)});
    check(read);
    taken += static_cast<bool>(read);
  }
  CHECK((taken > 5 && taken < 100));
}
