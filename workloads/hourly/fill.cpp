#include "workloads/hourly/fill.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace alight {

namespace {

/// More than a hundredth, but for short files more than two, is not mended.
std::size_t most_filled(std::size_t hours) {
  return std::max<std::size_t>(2, hours / 100);
}
/// No file of the hours of a few decades is longer.
constexpr std::int64_t kMostHours = 100 * 8784;

std::int64_t hour_floor(std::int64_t s) {
  return s >= 0 ? s / 3600 : -((-s + 3599) / 3600);
}

}  // namespace

Result<HourlySeries> hourly_means(const std::string& file, const std::vector<StampedRow>& rows) {
  if (rows.empty()) return file_problem(file, "has no rows");
  const std::int64_t first = hour_floor(rows.front().unix_s);
  std::int64_t last = first;
  for (const StampedRow& row : rows) {
    const std::int64_t hour = hour_floor(row.unix_s);
    // Clocks that are set back repeat an hour; what goes back further is not in order.
    if (hour < last - 1) return file_problem(file, "goes back in time: rows must be in order", row.line);
    if (hour - last > kMostHours) return file_problem(file, "leaves out more than a century", row.line);
    last = std::max(last, hour);
  }
  const auto count = static_cast<std::size_t>(last - first + 1);
  HourlySeries series;
  series.hours = {.start_s = first * 3600, .count = count};
  std::vector<double> sums(count, 0);
  std::vector<int> counts(count, 0), lines(count, 0), at_stamp(count, -1);
  const auto mend = [&](std::size_t& what, int line) {
    if (series.mended.first.empty()) series.mended.first = fmt::format("{}:{}", file, line);
    ++what;
  };
  for (const StampedRow& row : rows) {
    const auto hour = static_cast<std::size_t>(hour_floor(row.unix_s) - first);
    lines[hour] = row.line;
    if (!row.value) continue;
    const auto second = static_cast<int>(row.unix_s - (first + static_cast<std::int64_t>(hour)) * 3600);
    if (at_stamp[hour] == second) mend(series.mended.repeated, row.line);
    at_stamp[hour] = second;
    sums[hour] += *row.value;
    ++counts[hour];
  }
  const std::size_t filled = static_cast<std::size_t>(std::count(counts.begin(), counts.end(), 0));
  const auto whole_hour = std::find_if(counts.begin(), counts.end(), [](int n) { return n > 0; });
  if (whole_hour == counts.end()) return file_problem(file, "has no values");
  if (filled > most_filled(count))
    return file_problem(
        file, fmt::format("lacks {} of the {} hours it spans; up to {} are mended", filled, count, most_filled(count)));
  double before = sums[static_cast<std::size_t>(whole_hour - counts.begin())] / *whole_hour;
  int line = rows.front().line;
  for (std::size_t i = 0; i < count; ++i) {
    if (lines[i] > 0) line = lines[i];
    if (counts[i] > 0)
      before = sums[i] / counts[i];
    else
      mend(series.mended.filled, line);
    series.values.push_back(before);
  }
  return series;
}

}  // namespace alight
