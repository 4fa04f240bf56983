#include "sim/scenario/hourly_input.hpp"

#include <fmt/format.h>

#include "workloads/traces/input.hpp"

namespace alight {

std::optional<Weather> HourlyInput::weather(const std::string& file, const std::string& key) {
  const auto input = read_input(file);
  if (!input) {
    problem(input.problem(), key);
    return std::nullopt;
  }
  prepared_.inputs.emplace_back(file);
  auto weather = read_weather(*input);
  if (!weather) {
    problem(weather.problem(), key);
    return std::nullopt;
  }
  covers_a_year(weather->hours, key);
  return std::move(*weather);
}

std::optional<HourlySeries> HourlyInput::series(const std::string& file, const std::string& column, double utc_offset_h,
                                                const std::string& key) {
  const auto input = read_input(file);
  if (!input) {
    problem(input.problem(), key);
    return std::nullopt;
  }
  prepared_.inputs.emplace_back(file);
  auto series = read_hourly(*input, {.time = "", .value = column, .offset_h = utc_offset_h});
  if (!series) {
    problem(series.problem(), key);
    return std::nullopt;
  }
  covers_a_year(series->hours, key);
  return std::move(*series);
}

// Problems of a row are told where the row stands; those of a file as a whole, where the file is named.
void HourlyInput::problem(const Problem& p, const std::string& key) {
  if (p.where.line > 0)
    d_.error(p.where, p.key, p.message, p.hint);
  else
    d_.error_at(key, p.message, p.hint);
}

// A leap year has 8,784 hours, and 29 February stands for itself or the 28th.
bool HourlyInput::covers_a_year(const Hours& hours, const std::string& key) {
  if (!prepared_.scenario.start) {
    d_.error_at(key, "an hourly file needs `start` of the scenario, the calendar date of the run's first second");
    return false;
  }
  for (int h = 0; h < 8784; ++h)
    if (const std::int64_t at = prepared_.scenario.start->unix_s + h * 3600; !hours.of(static_cast<double>(at))) {
      d_.error_at(key, fmt::format("has {} hours and none for {}; every hour of a year is needed", hours.count,
                                   format_date(Date{at})));
      return false;
    }
  return true;
}

}  // namespace alight
