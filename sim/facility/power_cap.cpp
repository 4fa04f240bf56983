#include "sim/facility/power_cap.hpp"

#include <algorithm>
#include <cmath>

namespace alight {
namespace {

constexpr double kCapHourS = 3600, kCapDayS = 86400;

}  // namespace

std::string_view name_of(CapLevel level) {
  constexpr std::string_view kNames[] = {"rack", "row", "hall", "site", "utility"};
  return kNames[static_cast<std::size_t>(level)];
}

std::string_view name_of(AtCap policy) {
  constexpr std::string_view kNames[] = {"uniform", "by_priority", "switch_off", "refuse"};
  return kNames[static_cast<std::size_t>(policy)];
}

// An hour begins at its first second, also where that is a rounding away.
double next_hour_s(double run_s, Date start) {
  const auto unix_s = static_cast<double>(start.unix_s);
  double next = (std::floor((unix_s + run_s) / kCapHourS) + 1) * kCapHourS - unix_s;
  if (next <= run_s) next += kCapHourS;
  return next;
}

CapLimit::Value CapLimit::at(double run_s, Date start) const {
  const double unix_s = static_cast<double>(start.unix_s) + run_s;
  if (series) {
    const auto hour = series->hours.of(unix_s);
    return hour ? Value{.value = series->values[*hour] * scale} : always;
  }
  if (!of_hour.empty()) {
    const double of_day = unix_s - std::floor(unix_s / kCapDayS) * kCapDayS;
    const auto hour = static_cast<std::size_t>(std::clamp(std::floor(of_day / kCapHourS), 0.0, 23.0));
    if (of_hour[hour]) return *of_hour[hour];
  }
  Value now = always;
  for (const From& from : dated)
    if (from.from_s <= run_s) now = from.limit;
  return now;
}

double CapLimit::next_change_s(double run_s, Date start) const {
  if (series || !of_hour.empty()) {
    double next = next_hour_s(run_s, start);
    for (const From& from : dated)
      if (from.from_s > run_s) next = std::min(next, from.from_s);
    return next;
  }
  for (const From& from : dated)
    if (from.from_s > run_s) return from.from_s;
  return std::numeric_limits<double>::infinity();
}

double CapLimit::period_s() const {
  return series ? kYearOfHoursS : of_hour.empty() ? 0 : kCapDayS;
}

}  // namespace alight
