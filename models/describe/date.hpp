// Calendar dates of a scenario: prices, commissioning, traces. UTC, no leap seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace alight {

/// A moment of the calendar, in whole seconds since 1970-01-01 00:00:00 UTC.
struct Date {
  std::int64_t unix_s = 0;
  auto operator<=>(const Date&) const = default;
};

/// Reads "2025-06-01", "2025-06-01 07:30" or "2025-06-01T07:30:15[Z]"; nothing for what is not a date of the calendar.
std::optional<Date> parse_date(std::string_view text);
/// "2025-06-01", with " 07:30:15" when it is not midnight.
std::string format_date(Date date);

}  // namespace alight
