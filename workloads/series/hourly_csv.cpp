#include "workloads/series/hourly_csv.hpp"

#include <cmath>
#include <functional>
#include <memory>
#include <string_view>

#include "workloads/traces/csv.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

constexpr std::size_t kMostSeriesProblems = 50;

class SeriesReader {
 public:
  SeriesReader(const Input& file, const SeriesColumns& columns, Diagnostics& diagnostics)
      : file_(file), columns_(columns), diagnostics_(diagnostics), rows_(file.text) {}

  std::optional<std::vector<DatedValue>> read() {
    if (!rows_.next()) problem(1, 1, "", "has no header: expected the names of its columns");
    if (problems_ > 0 || !find_columns()) return std::nullopt;
    while (problems_ < kMostSeriesProblems && rows_.next()) take_row();
    if (problems_ == 0 && values_.empty()) problem(1, 1, "", "holds no values below its header");
    if (problems_ > 0) return std::nullopt;
    return std::move(values_);
  }

 private:
  void problem(std::int64_t line, std::int64_t column, const std::string& key, std::string message,
               std::string hint = {}) {
    ++problems_;
    diagnostics_.error({name_, static_cast<int>(line), static_cast<int>(column)}, key, std::move(message),
                       std::move(hint));
  }
  void cell_problem(std::size_t cell, const std::string& key, std::string message, std::string hint = {}) {
    problem(rows_.line(), column_of(rows_[cell]), key, std::move(message), std::move(hint));
  }

  /// Where a cell stands in its line; 1 for one whose quotes were undone.
  std::int64_t column_of(std::string_view cell) const {
    const std::string_view text = file_.text;
    const std::less<const char*> before;
    if (before(cell.data(), text.data()) || !before(cell.data(), text.data() + text.size())) return 1;
    const auto offset = static_cast<std::size_t>(cell.data() - text.data());
    const std::size_t line_end = offset == 0 ? std::string_view::npos : text.find_last_of("\r\n", offset - 1);
    return static_cast<std::int64_t>(offset - (line_end == std::string_view::npos ? 0 : line_end + 1)) + 1;
  }

  bool find_columns() {
    if (rows_.malformed()) return problem(1, 1, "", "has quotes that do not close"), false;
    std::vector<std::string> names;
    for (const std::string_view cell : rows_.cells()) names.emplace_back(trimmed(cell));
    const auto find = [&](const std::string& asked, std::size_t otherwise, std::size_t& found) {
      found = otherwise;
      if (asked.empty()) {
        if (found < names.size()) return true;
        problem(1, 1, "", "has one column only: expected stamps and values");
        return false;
      }
      for (found = 0; found < names.size(); ++found)
        if (names[found] == asked) return true;
      problem(1, 1, "", "has no column " + in_quotes(asked), did_you_mean(asked, names));
      return false;
    };
    const bool time = find(columns_.time, 0, time_), value = find(columns_.value, 1, value_);
    width_ = names.size();
    if (time && value) value_name_ = names[value_], time_name_ = names[time_];
    return time && value;
  }

  void take_row() {
    if (rows_.malformed()) return problem(rows_.line(), 1, "", "has quotes that do not close");
    if (rows_.size() != width_)
      return problem(rows_.line(), 1, "",
                     "has " + std::to_string(rows_.size()) + " cells; the header has " + std::to_string(width_));
    const std::string_view stamp = trimmed(rows_[time_]);
    const auto time = to_unix_s(stamp);
    const auto value = to_number(rows_[value_]);
    if (!time)
      cell_problem(time_, time_name_, in_quotes(stamp) + " is no date and time; expected e.g. 2023-01-01 00:00:00");
    if (!value) cell_problem(value_, value_name_, in_quotes(rows_[value_]) + " is no number");
    if (!time || !value) return;
    const auto at = static_cast<std::int64_t>(std::llround(*time)) - (has_zone(stamp) ? 0 : columns_.utc_offset_s);
    if (!values_.empty() && !in_step(at, stamp)) return;
    values_.push_back({{at}, *value * columns_.times});
  }

  bool in_step(std::int64_t at, std::string_view stamp) {
    const std::int64_t gap = at - values_.back().date.unix_s;
    if (gap <= 0) {
      cell_problem(time_, time_name_, in_quotes(stamp) + (gap == 0 ? " is there already" : " is before the row above"),
                   "stamps ascend; local clocks that change twice a year have to be turned into UTC first");
      return false;
    }
    if (step_ == 0) step_ = gap;
    if (2 * gap < 3 * step_) return true;
    cell_problem(time_, time_name_,
                 in_quotes(stamp) + " is " + std::to_string(gap) + " s after the row above; the first step is " +
                     std::to_string(step_) + " s",
                 "state what is missing");
    return false;
  }

  /// Whether a stamp ends with Z or an offset: a sign after its hours.
  static bool has_zone(std::string_view stamp) {
    if (stamp.empty()) return false;
    return stamp.back() == 'Z' || stamp.back() == 'z' || stamp.find_first_of("+-", 11) != std::string_view::npos;
  }

  const Input& file_;
  const SeriesColumns& columns_;
  Diagnostics& diagnostics_;
  CsvReader rows_;
  std::shared_ptr<const std::string> name_ = std::make_shared<const std::string>(file_.name);
  std::size_t problems_ = 0;
  std::size_t time_ = 0, value_ = 1, width_ = 0;
  std::string time_name_, value_name_;
  std::int64_t step_ = 0;
  std::vector<DatedValue> values_;
};

}  // namespace

std::optional<std::vector<DatedValue>> read_series(const Input& file, const SeriesColumns& columns,
                                                   Diagnostics& diagnostics) {
  return SeriesReader(file, columns, diagnostics).read();
}

}  // namespace alight
