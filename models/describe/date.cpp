#include "models/describe/date.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace alight {

namespace {

/// Takes exactly `width` digits off the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  using namespace std::chrono;
  const auto y = take_digits(text, 4);
  if (!y || !take(text, '-')) return std::nullopt;
  const auto m = take_digits(text, 2);
  if (!m || !take(text, '-')) return std::nullopt;
  const auto d = take_digits(text, 2);
  if (!d) return std::nullopt;
  const year_month_day day{year{*y}, month{static_cast<unsigned>(*m)}, std::chrono::day{static_cast<unsigned>(*d)}};
  if (!day.ok()) return std::nullopt;
  std::int64_t seconds = std::int64_t{sys_days{day}.time_since_epoch().count()} * 86400;
  if (text.empty()) return Date{seconds};

  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  seconds += *hour * 3600 + *minute * 60;
  if (take(text, ':')) {
    const auto second = take_digits(text, 2);
    if (!second || *second > 59) return std::nullopt;
    seconds += *second;
  }
  take(text, 'Z');
  return text.empty() ? std::optional(Date{seconds}) : std::nullopt;
}

std::string format_date(Date date) {
  using namespace std::chrono;
  std::int64_t days_since = date.unix_s / 86400;
  std::int64_t rest = date.unix_s % 86400;
  if (rest < 0) {
    rest += 86400;
    --days_since;
  }
  const year_month_day day{sys_days{days{days_since}}};
  std::array<char, 64> out{};
  int size = std::snprintf(out.data(), out.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                           static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  if (rest != 0)
    size += std::snprintf(out.data() + size, out.size() - static_cast<std::size_t>(size), " %02d:%02d:%02d",
                          static_cast<int>(rest / 3600), static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return {out.data(), static_cast<std::size_t>(size)};
}

}  // namespace alight
