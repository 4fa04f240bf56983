#include "models/economics/calendar.hpp"

#include <chrono>

namespace alight {

namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::months;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

year_month_day day_of(Date date) {
  return floor<days>(sys_seconds(seconds(date.unix_s)));
}

Date date_of(sys_days day_number) {
  return {std::int64_t{day_number.time_since_epoch().count()} * kCalendarDay};
}

}  // namespace

Date month_of(Date date) {
  const year_month_day d = day_of(date);
  return date_of(sys_days(d.year() / d.month() / day{1}));
}

Date month_after(Date date) {
  const year_month_day d = day_of(month_of(date)) + months(1);
  return date_of(sys_days(d));
}

Date months_later(Date date, std::int64_t count) {
  const year_month_day from = day_of(date);
  year_month_day to = from + months(count);
  if (!to.ok()) to = to.year() / to.month() / std::chrono::last;
  return {date_of(sys_days(to)).unix_s + date.unix_s - date_of(sys_days(from)).unix_s};
}

std::int64_t second_of_day(Date date, std::int64_t utc_offset_s) {
  const std::int64_t s = (date.unix_s + utc_offset_s) % kCalendarDay;
  return s < 0 ? s + kCalendarDay : s;
}

}  // namespace alight
