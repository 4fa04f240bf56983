// Months and hours of the day, for what is billed by them. A year of money has 8,760 hours and a month 730, as prices
// of the field do.
#pragma once

#include <cstdint>

#include "models/describe/date.hpp"

namespace alight {

inline constexpr double kBilledHoursPerYear = 8760;
inline constexpr double kBilledHoursPerMonth = kBilledHoursPerYear / 12;

inline constexpr std::int64_t kCalendarHour = 3600;
inline constexpr std::int64_t kCalendarDay = 86400;

/// The first day of a date's month, and of the next.
Date month_of(Date date);
Date month_after(Date date);
/// `months` months later: the same day, or the last the month has.
Date months_later(Date date, std::int64_t months);
/// Seconds since midnight at a place whose clock is `utc_offset_s` ahead of UTC.
std::int64_t second_of_day(Date date, std::int64_t utc_offset_s);

constexpr double hours_between(Date from, Date to) {
  return static_cast<double>(to.unix_s - from.unix_s) / 3600;
}

}  // namespace alight
