#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "workloads/hourly/fill.hpp"
#include "workloads/hourly/readers.hpp"
#include "workloads/traces/csv.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

constexpr const char* kTimes[] = {"timestamp", "Datetime", "Datetime (UTC)", "time"};
constexpr const char* kValues[] = {"Price (USD/MWh)", "Price (EUR/MWh)", "Price (CNY/MWh)", "avg_CI",
                                   "Carbon Intensity gCO₂eq/kWh (direct)"};

std::string column_names(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

// The column of that name, or of the first of the known ones.
template <class Known>
Result<std::size_t> hourly_column(const Input& file, const CsvHeader& header, const std::string& wanted,
                                  const Known& known, const char* what) {
  if (!wanted.empty()) {
    const std::size_t column = header.find(wanted);
    if (column != CsvHeader::kNone) return column;
    return file_problem(file.name, fmt::format("has no column \"{}\"; it has {}", wanted, column_names(header.names())),
                        1, 0, {}, did_you_mean(wanted, header.names()));
  }
  for (const char* name : known)
    if (const std::size_t column = header.find(name); column != CsvHeader::kNone) return column;
  return file_problem(
      file.name, fmt::format("has no column known to hold {}; name one: it has {}", what, column_names(header.names())),
      1);
}

}  // namespace

Result<HourlySeries> read_hourly(const Input& file, const HourlyColumns& columns) {
  auto table = open_table(file.name, file.text, {});
  if (!table) return table.problem();
  const auto time = hourly_column(file, table->header, columns.time, kTimes, "times");
  if (!time) return time.problem();
  const auto value = hourly_column(file, table->header, columns.value, kValues, "values");
  if (!value) return value.problem();
  const auto offset_s = static_cast<std::int64_t>(std::llround(columns.offset_h * 3600));
  std::vector<StampedRow> rows;
  while (table->rows.next()) {
    const int line = static_cast<int>(table->rows.line());
    if (table->rows.malformed()) return file_problem(file.name, "has quotes that do not close", line);
    if (const char* misfit = table->misfit()) return file_problem(file.name, misfit, line);
    const std::string_view stamp = trimmed(table->cell(*time));
    const auto unix_s = to_unix_s(stamp);
    if (!unix_s)
      return file_problem(file.name, fmt::format("\"{}\" is not a date and time", stamp), line, 0,
                          table->header.names()[*time]);
    const std::string_view cell = trimmed(table->cell(*value));
    const auto number = to_number(cell);
    if (!number && !is_missing(cell))
      return file_problem(file.name, fmt::format("\"{}\" is not a number", cell), line, 0,
                          table->header.names()[*value]);
    // A zone stands behind the time: '+' or '-' after the date's own dashes, or Z.
    const bool zoned = stamp.size() > 10 && stamp.find_first_of("+-Zz", 11) != std::string_view::npos;
    rows.push_back({static_cast<std::int64_t>(std::floor(*unix_s)) - (zoned ? 0 : offset_s), line, number});
  }
  auto series = hourly_means(file.name, rows);
  if (!series) return series.problem();
  series->column = table->header.names()[*value];
  series->hours.offset_s = offset_s;
  return std::move(*series);
}

}  // namespace alight
