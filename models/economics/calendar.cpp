#include "models/economics/calendar.hpp"

#include <chrono>

namespace alight {

namespace {

std::chrono::year_month_day calendar_day(Date date) {
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(date.unix_s)));
}

Date midnight_of(std::chrono::year_month_day day) {
  return {std::int64_t{std::chrono::sys_days(day).time_since_epoch().count()} * kCalendarDay};
}

}  // namespace

Date month_of(Date date) {
  const auto d = calendar_day(date);
  return midnight_of(d.year() / d.month() / std::chrono::day{1});
}

Date month_after(Date date) {
  return midnight_of(calendar_day(month_of(date)) + std::chrono::months(1));
}

Date months_later(Date date, std::int64_t count) {
  const auto from = calendar_day(date);
  auto to = from + std::chrono::months(count);
  if (!to.ok()) to = to.year() / to.month() / std::chrono::last;
  return {midnight_of(to).unix_s + date.unix_s - midnight_of(from).unix_s};
}

std::int64_t second_of_day(Date date, std::int64_t utc_offset_s) {
  const std::int64_t s = (date.unix_s + utc_offset_s) % kCalendarDay;
  return s < 0 ? s + kCalendarDay : s;
}

}  // namespace alight
