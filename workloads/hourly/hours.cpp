#include "workloads/hourly/hours.hpp"

#include <chrono>
#include <cmath>

namespace alight {

std::optional<std::size_t> Hours::of(double unix_s) const {
  using namespace std::chrono;
  if (!std::isfinite(unix_s) || std::abs(unix_s) > 1e12) return std::nullopt;
  const auto index = [&](std::int64_t s) -> std::optional<std::size_t> {
    if (s < start_s) return std::nullopt;
    const auto hour = static_cast<std::size_t>((s - start_s) / 3600);
    return hour < count ? std::optional(hour) : std::nullopt;
  };
  const auto s = static_cast<std::int64_t>(std::floor(unix_s));
  if (const auto hour = index(s)) return hour;
  const auto first = year_month_day(floor<days>(sys_seconds(seconds(start_s + offset_s))));
  const auto moment = sys_seconds(seconds(s + offset_s));
  const auto midnight = floor<days>(moment);
  const auto date = year_month_day(midnight);
  // A series that begins within a year has the rest of that calendar in the next.
  for (const int later : {0, 1}) {
    auto same = year_month_day(first.year() + years(later), date.month(), date.day());
    if (!same.ok()) same = same.year() / same.month() / std::chrono::last;
    const auto moved = sys_seconds(sys_days(same)) + (moment - midnight);
    if (const auto hour = index(moved.time_since_epoch().count() - offset_s)) return hour;
  }
  return std::nullopt;
}

}  // namespace alight
