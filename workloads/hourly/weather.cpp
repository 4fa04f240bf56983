#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <optional>

#include "workloads/hourly/fill.hpp"
#include "workloads/hourly/readers.hpp"
#include "workloads/traces/csv.hpp"
#include "workloads/traces/json_errors.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

/// What a column of weather may hold, and the value from which on EPW means "missing".
struct WeatherColumn {
  const char* name;
  double low, high;
  double missing_from;
};
constexpr WeatherColumn kDryBulb = {"dry bulb", -70, 70, 99.9};
constexpr WeatherColumn kHumidity = {"relative humidity", 0, 110, 999};
constexpr WeatherColumn kPressure = {"pressure", 31000, 120000, 999999};

std::string out_of_range(const WeatherColumn& column, double value) {
  return fmt::format("{} of {:g} is not from {:g} to {:g}", column.name, value, column.low, column.high);
}

/// Dry bulb, humidity and, in the end, pressure; rows of each.
using WeatherRows = std::array<std::vector<StampedRow>, 3>;

Result<Weather> put_together(const std::string& file, const WeatherRows& rows, Weather weather) {
  const double usual_pa = pressure_at_height_pa(weather.height_m);
  std::array<std::vector<double>, 3> values;
  for (std::size_t i = 0; i < 3; ++i) {
    if (i == 2 && std::none_of(rows[i].begin(), rows[i].end(), [](const StampedRow& r) { return r.value; })) {
      values[i].assign(values[0].size(), usual_pa);
      break;
    }
    auto series = hourly_means(file, rows[i]);
    if (!series) return series.problem();
    if (i == 0) weather.hours = {series->hours.start_s, weather.hours.offset_s, series->hours.count};
    weather.mended.filled += series->mended.filled;
    weather.mended.repeated += series->mended.repeated;
    if (weather.mended.first.empty()) weather.mended.first = series->mended.first;
    values[i] = std::move(series->values);
  }
  for (std::size_t i = 0; i < values[0].size(); ++i)
    weather.air.push_back({values[0][i], std::min(1.0, values[1][i] / 100), values[2][i]});
  return weather;
}

// ---- EPW ----

/// Columns of a row, from 0: year, month, day, hour (1 to 24, the hour that ends), minute, flags, dry bulb, dew point,
/// relative humidity, pressure.
constexpr std::size_t kEpwMonth = 1, kEpwDay = 2, kEpwHour = 3, kEpwDry = 6, kEpwHumidity = 8, kEpwPressure = 9,
                      kEpwColumns = 35;
constexpr int kEpwHeaders = 8;

class EpwReader {
 public:
  explicit EpwReader(const Input& file) : file_(file), csv_(file.text) {}

  Result<Weather> read() {
    for (int header = 0; header < kEpwHeaders; ++header) {
      if (!csv_.next()) return file_problem(file_.name, "ends within the eight lines that head an EPW file");
      if (const auto problem = read_header(header)) return *problem;
    }
    while (csv_.next())
      if (const auto problem = read_row()) return *problem;
    if (dates_.size() != 8760 && dates_.size() != 8784)
      return file_problem(file_.name, fmt::format("has {} rows; a year has 8760 or 8784 hours", dates_.size()));
    if (const auto problem = put_in_order()) return *problem;
    return put_together(file_.name, rows_, weather_);
  }

 private:
  std::optional<Problem> read_header(int header) {
    const int line = static_cast<int>(csv_.line());
    if (csv_.malformed() || csv_.size() == 0) return file_problem(file_.name, "is not a line of an EPW header", line);
    if (header == 0) {
      if (csv_.size() < 10) return file_problem(file_.name, "LOCATION has ten fields, up to the height", line);
      const auto zone_h = to_number(csv_[8]), height_m = to_number(csv_[9]);
      if (!zone_h || std::abs(*zone_h) > 14)
        return file_problem(file_.name, fmt::format("\"{}\" is no time zone in hours", csv_[8]), line);
      if (!height_m || *height_m < -1000 || *height_m > 9000)
        return file_problem(file_.name, fmt::format("\"{}\" is no height in m", csv_[9]), line);
      weather_.place = csv_[1];
      weather_.height_m = *height_m;
      weather_.hours.offset_s = std::llround(*zone_h * 3600);
    }
    if (header == kEpwHeaders - 1) {
      if (csv_[0] != "DATA PERIODS") return file_problem(file_.name, "line 8 of an EPW file is DATA PERIODS", line);
      if (csv_.size() > 2 && to_number(csv_[2]) != 1)
        return file_problem(file_.name, "has other than one row an hour", line);
    }
    return std::nullopt;
  }

  struct HourOfYear {
    std::int64_t month, day, hour;
    bool operator==(const HourOfYear&) const = default;
  };

  std::optional<Problem> read_row() {
    const int line = static_cast<int>(csv_.line());
    if (csv_.malformed() || csv_.size() < kEpwColumns)
      return file_problem(file_.name, fmt::format("has {} fields; a row of an EPW file has 35", csv_.size()), line);
    const auto year = to_whole(csv_[0]), month = to_whole(csv_[kEpwMonth]), day = to_whole(csv_[kEpwDay]),
               hour = to_whole(csv_[kEpwHour]);
    if (!year || !month || !day || !hour || *year < 1800 || *year > 2200)
      return file_problem(file_.name, "does not begin with a year, month, day and hour", line);
    if (dates_.empty()) year_ = static_cast<int>(*year);
    dates_.push_back({*month, *day, *hour});
    if (auto problem = take(0, kDryBulb, csv_[kEpwDry], line)) return problem;
    if (auto problem = take(1, kHumidity, csv_[kEpwHumidity], line)) return problem;
    return take(2, kPressure, csv_[kEpwPressure], line);
  }

  // Typical years are months of several, and leave out 29 February whichever these were. The first row's year stands
  // for all, or the last before it that is as long.
  std::optional<Problem> put_in_order() {
    using namespace std::chrono;
    auto calendar = year(year_);
    while (calendar.is_leap() != (dates_.size() == 8784)) --calendar;
    const auto first = sys_days(calendar / January / 1);
    for (std::size_t i = 0; i < dates_.size(); ++i) {
      const auto date = year_month_day(first + days(i / 24));
      const HourOfYear expected = {static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                   static_cast<std::int64_t>(i % 24) + 1};
      if (dates_[i] != expected)
        return file_problem(
            file_.name,
            fmt::format("month {}, day {}, hour {} stands where month {}, day {}, hour {} belongs", dates_[i].month,
                        dates_[i].day, dates_[i].hour, expected.month, expected.day, expected.hour),
            rows_[0][i].line);
      const auto start_s = sys_seconds(first).time_since_epoch().count() - weather_.hours.offset_s;
      for (auto& rows : rows_) rows[i].unix_s = start_s + static_cast<std::int64_t>(i) * 3600;
    }
    return std::nullopt;
  }

  std::optional<Problem> take(std::size_t which, const WeatherColumn& column, std::string_view cell, int line) {
    auto value = to_number(cell);
    if (!value)
      return file_problem(file_.name, fmt::format("{}: \"{}\" is not a number", column.name, trimmed(cell)), line);
    if (*value >= column.missing_from)
      value.reset();
    else if (*value < column.low || *value > column.high)
      return file_problem(file_.name, out_of_range(column, *value), line);
    rows_[which].push_back({0, line, value});
    return std::nullopt;
  }

  const Input& file_;
  CsvReader csv_;
  Weather weather_;
  WeatherRows rows_;
  std::vector<HourOfYear> dates_;
  int year_ = 0;
};

// ---- Open-Meteo ----

std::optional<Problem> take_values(const Input& file, const nlohmann::json& hourly, const char* key,
                                   const WeatherColumn& column, double to_stored, std::vector<StampedRow>& rows) {
  const nlohmann::json& list = hourly[key];
  if (!list.is_array() || list.size() != rows.size())
    return file_problem(file.name, fmt::format("has {} hours of time, other of hourly.{}", rows.size(), key));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (list[i].is_null()) continue;
    if (!list[i].is_number()) return file_problem(file.name, fmt::format("hourly.{}[{}] is not a number", key, i));
    const double value = list[i].get<double>() * to_stored;
    if (value < column.low || value > column.high)
      return file_problem(file.name, fmt::format("hourly.{}[{}]: {}", key, i, out_of_range(column, value)));
    rows[i].value = value;
  }
  return std::nullopt;
}

Result<Weather> read_open_meteo(const Input& file) {
  nlohmann::json all;
  try {
    all = nlohmann::json::parse(file.text);
  } catch (const nlohmann::json::exception& error) {
    return json_problem(file, error);
  }
  const auto needs = [&](const char* what) { return file_problem(file.name, fmt::format("has no {}", what)); };
  if (!all.is_object() || !all.contains("hourly") || !all["hourly"].is_object()) return needs("\"hourly\"");
  const nlohmann::json& hourly = all["hourly"];
  for (const char* key : {"time", "temperature_2m", "relative_humidity_2m"})
    if (!hourly.contains(key)) return needs(fmt::format("\"hourly.{}\"", key).c_str());
  const auto number = [&](const char* key, double otherwise) {
    return all.contains(key) && all[key].is_number() ? all[key].get<double>() : otherwise;
  };
  if (all.contains("hourly_units") && all["hourly_units"].is_object() &&
      all["hourly_units"].value("temperature_2m", nlohmann::json("°C")) != "°C")
    return file_problem(file.name, "hourly_units.temperature_2m is not °C");
  Weather weather;
  weather.height_m = number("elevation", 0);
  if (std::abs(weather.height_m) > 9000) return file_problem(file.name, "elevation is no height in m");
  const double offset_s = number("utc_offset_seconds", 0);
  if (std::abs(offset_s) > 14 * 3600) return file_problem(file.name, "utc_offset_seconds is no time zone");
  weather.hours.offset_s = std::llround(offset_s);
  if (all.contains("timezone") && all["timezone"].is_string()) weather.place = all["timezone"].get<std::string>();

  if (!hourly["time"].is_array()) return needs("list \"hourly.time\"");
  WeatherRows rows;
  for (const nlohmann::json& stamp : hourly["time"]) {
    const auto unix_s = stamp.is_string() ? to_unix_s(stamp.get_ref<const std::string&>()) : std::nullopt;
    if (!unix_s) return file_problem(file.name, fmt::format("hourly.time[{}] is not a date and time", rows[0].size()));
    rows[0].push_back({static_cast<std::int64_t>(std::floor(*unix_s)) - weather.hours.offset_s, 1, std::nullopt});
  }
  rows[1] = rows[2] = rows[0];
  if (auto problem = take_values(file, hourly, "temperature_2m", kDryBulb, 1, rows[0])) return *problem;
  if (auto problem = take_values(file, hourly, "relative_humidity_2m", kHumidity, 1, rows[1])) return *problem;
  if (hourly.contains("surface_pressure"))  // hPa
    if (auto problem = take_values(file, hourly, "surface_pressure", kPressure, 100, rows[2])) return *problem;
  return put_together(file.name, rows, weather);
}

}  // namespace

Result<Weather> read_weather(const Input& file) {
  std::string_view text = file.text;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text = trimmed(text.substr(0, std::min<std::size_t>(text.size(), 64)));
  if (text.starts_with("LOCATION")) return EpwReader(file).read();
  if (text.starts_with("{")) return read_open_meteo(file);
  return file_problem(file.name, "is neither an EPW file, which begins with LOCATION, nor the JSON of Open-Meteo", 1);
}

}  // namespace alight
