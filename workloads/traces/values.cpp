#include "workloads/traces/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <system_error>

namespace alight {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// "66", "66.25": digits that as a whole number stay within 2^53. Then both that number and the power of ten it is
/// divided by are exact doubles and the quotient is the correctly rounded value (W. D. Clinger, PLDI 1990). Most cells
/// are such, and this takes a third of the time of std::from_chars.
std::optional<double> plain_decimal(std::string_view text) {
  constexpr std::size_t kMost = 19;  // nineteen digits stay within 64 bits without a sign
  constexpr std::uint64_t kExact = std::uint64_t{1} << 53;
  static constexpr double kPowers[] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                       1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
  if (text.size() > kMost || !is_digit(text[0])) return std::nullopt;
  std::uint64_t whole = 0;
  const char* c = text.data();
  const char* const end = c + text.size();
  for (; c != end && is_digit(*c); ++c) whole = whole * 10 + static_cast<std::uint64_t>(*c - '0');
  if (c == end)
    return whole <= kExact && text.size() < kMost ? std::optional(static_cast<double>(whole)) : std::nullopt;
  if (*c != '.') return std::nullopt;
  const char* const first_decimal = ++c;
  for (; c != end && is_digit(*c); ++c) whole = whole * 10 + static_cast<std::uint64_t>(*c - '0');
  if (c != end || whole > kExact) return std::nullopt;
  return static_cast<double>(whole) / kPowers[end - first_decimal];
}

/// Exactly `width` digits from `at` on, moving `at` past them.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t width) {
  if (at > text.size() || text.size() - at < width) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (!is_digit(text[at + i])) return std::nullopt;
    value = value * 10 + (text[at + i] - '0');
  }
  at += width;
  return value;
}

bool skip_char(std::string_view text, std::size_t& at, char c) {
  if (at >= text.size() || text[at] != c) return false;
  ++at;
  return true;
}

/// ".25" at `at`, or 0 where there is none.
double fraction(std::string_view text, std::size_t& at) {
  if (at + 1 >= text.size() || text[at] != '.' || !is_digit(text[at + 1])) return 0;
  const std::size_t first = at++;
  while (at < text.size() && is_digit(text[at])) ++at;
  return to_number(text.substr(first, at - first)).value_or(0);
}

/// Seconds east of UTC of what is left of a stamp; nothing where that is no zone.
std::optional<int> zone_s(std::string_view rest) {
  if (rest.empty() || rest == "Z" || rest == "z" || rest == "UTC" || rest == "GMT") return 0;
  if (rest[0] != '+' && rest[0] != '-') return std::nullopt;
  std::size_t at = 1;
  const auto hours = digits(rest, at, 2);
  if (!hours) return std::nullopt;
  int minutes = 0;
  if (at < rest.size()) {
    skip_char(rest, at, ':');
    const auto given = digits(rest, at, 2);
    if (!given || at != rest.size()) return std::nullopt;
    minutes = *given;
  }
  if (*hours > 18 || minutes > 59) return std::nullopt;
  const int seconds = *hours * 3600 + minutes * 60;
  return rest[0] == '-' ? -seconds : seconds;
}

std::optional<double> unix_s(int year, int month, int day, int hour, int minute, int second) {
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 24 || minute > 59 || second > 60) return std::nullopt;
  if (hour == 24 && (minute != 0 || second != 0)) return std::nullopt;
  const auto days = sys_days(date).time_since_epoch().count();
  return static_cast<double>(days) * 86400.0 + hour * 3600.0 + minute * 60.0 + second;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_missing(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return true;
  if (is_digit(text[0]) || text.size() > 7) return false;
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::array kWords{"none", "null", "nan", "na", "n/a", "nat", "unknown"};
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

std::optional<double> to_number(std::string_view text) {
  text = trimmed(text);
  if (text.size() > 1 && text[0] == '+' && (is_digit(text[1]) || text[1] == '.')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  if (const auto plain = plain_decimal(text)) return plain;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> to_whole(std::string_view text) {
  const auto number = to_number(text);
  constexpr double kExact = 9007199254740992.0;  // 2^53: beyond it doubles skip whole numbers
  if (!number || std::abs(*number) > kExact || *number != std::trunc(*number)) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<double> to_unix_s(std::string_view stamp) {
  stamp = trimmed(stamp);
  std::size_t at = 0;
  const auto year = digits(stamp, at, 4);
  if (!year || at >= stamp.size() || (stamp[at] != '-' && stamp[at] != '/')) return std::nullopt;
  const char separator = stamp[at++];
  const auto month = digits(stamp, at, 2);
  if (!month || !skip_char(stamp, at, separator)) return std::nullopt;
  const auto day = digits(stamp, at, 2);
  if (!day) return std::nullopt;
  int hour = 0;
  int minute = 0;
  int second = 0;
  double part = 0;
  if (at < stamp.size()) {
    if (stamp[at] != ' ' && stamp[at] != 'T' && stamp[at] != 't') return std::nullopt;
    ++at;
    const auto hours = digits(stamp, at, 2);
    if (!hours || !skip_char(stamp, at, ':')) return std::nullopt;
    const auto minutes = digits(stamp, at, 2);
    if (!minutes) return std::nullopt;
    hour = *hours;
    minute = *minutes;
    if (skip_char(stamp, at, ':')) {
      const auto seconds = digits(stamp, at, 2);
      if (!seconds) return std::nullopt;
      second = *seconds;
      part = fraction(stamp, at);
    }
  }
  const auto zone = zone_s(trimmed(stamp.substr(at)));
  const auto base = unix_s(*year, *month, *day, hour, minute, second);
  if (!zone || !base) return std::nullopt;
  return *base + part - *zone;
}

std::optional<double> to_unix_s(std::string_view stamp, const std::string& pattern) {
  const std::string text(trimmed(stamp));
  std::tm parts{};
  parts.tm_mday = 1;
  const char* end = strptime(text.c_str(), pattern.c_str(), &parts);
  if (!end || *end != '\0') return std::nullopt;
  const auto base =
      unix_s(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  if (!base) return std::nullopt;
  return *base - static_cast<double>(parts.tm_gmtoff);
}

std::optional<double> span_to_s(std::string_view text) {
  text = trimmed(text);
  double days = 0;
  const auto dash = text.find('-');
  if (dash != std::string_view::npos) {
    const auto given = to_whole(text.substr(0, dash));
    if (!given || *given < 0) return std::nullopt;
    days = static_cast<double>(*given);
    text.remove_prefix(dash + 1);
  }
  std::array<double, 3> parts{};
  std::size_t count = 0;
  for (;;) {
    const auto colon = text.find(':');
    const auto cell = text.substr(0, colon);
    const auto value = cell.empty() || !is_digit(cell[0]) ? std::nullopt : to_number(cell);
    if (!value || count == parts.size()) return std::nullopt;
    parts[count++] = *value;
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
  }
  // After days come hours first; without days a single colon parts minutes from seconds.
  if (dash != std::string_view::npos) return days * 86400 + parts[0] * 3600 + parts[1] * 60 + parts[2];
  if (count == 3) return parts[0] * 3600 + parts[1] * 60 + parts[2];
  if (count == 2) return parts[0] * 60 + parts[1];
  return std::nullopt;
}

}  // namespace alight
