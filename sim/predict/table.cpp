#include "sim/predict/table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "workloads/traces/input.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

/// " of at least 1", or nothing where nothing is bounded.
std::string bounds(const Range& range) {
  const std::string text = range.text();
  return text.empty() ? text : " of " + text;
}

bool same_text(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

CaseTable::CaseTable(const std::filesystem::path& file, Diagnostics& diagnostics)
    : diagnostics_(diagnostics),
      name_(std::make_shared<const std::string>(file.string())),
      table_{CsvReader(std::string_view{}), {}} {
  const auto report = [&](const Problem& p) { diagnostics_.error(p.where, p.key, p.message, p.hint); };
  auto input = read_input(file);
  if (!input) {
    report(input.problem());
    return;
  }
  text_ = std::move(input->text);
  auto table = open_table(*name_, text_, {});
  if (!table) {
    report(table.problem());
    return;
  }
  table_ = std::move(*table);
  open_ = true;
}

template <class T>
CaseColumn<T> CaseTable::find(std::string name, bool required, Range range, T fallback) {
  CaseColumn<T> column{std::move(name), CsvHeader::kNone, range, std::move(fallback), required, {}};
  column.at = table_.header.find(column.name);
  if (open_ && required && column.at == CsvHeader::kNone)
    diagnostics_.error({name_, 1, 1}, column.name, "the table has no such column",
                       did_you_mean(column.name, table_.header.names()));
  return column;
}

CaseColumn<std::string_view> CaseTable::text(std::string name) {
  return find<std::string_view>(std::move(name), true);
}
CaseColumn<double> CaseTable::number(std::string name, Range range) {
  return find<double>(std::move(name), true, range);
}
CaseColumn<std::int64_t> CaseTable::integer(std::string name, Range range) {
  return find<std::int64_t>(std::move(name), true, range);
}
CaseColumn<std::size_t> CaseTable::choice(std::string name, std::vector<std::string> choices) {
  auto column = find<std::size_t>(std::move(name), true);
  column.choices = std::move(choices);
  return column;
}
CaseColumn<std::string_view> CaseTable::optional_text(std::string name, std::string_view fallback) {
  return find<std::string_view>(std::move(name), false, {}, fallback);
}
CaseColumn<std::optional<double>> CaseTable::optional_number(std::string name, Range range) {
  return find<std::optional<double>>(std::move(name), false, range);
}
CaseColumn<std::optional<std::int64_t>> CaseTable::optional_integer(std::string name, Range range) {
  return find<std::optional<std::int64_t>>(std::move(name), false, range);
}
CaseColumn<double> CaseTable::number_or(std::string name, double fallback, Range range) {
  return find<double>(std::move(name), false, range, fallback);
}
CaseColumn<std::int64_t> CaseTable::integer_or(std::string name, std::int64_t fallback, Range range) {
  return find<std::int64_t>(std::move(name), false, range, fallback);
}
CaseColumn<std::size_t> CaseTable::choice_or(std::string name, std::vector<std::string> choices, std::size_t fallback) {
  auto column = find<std::size_t>(std::move(name), false, {}, fallback);
  column.choices = std::move(choices);
  return column;
}
CaseColumn<std::optional<bool>> CaseTable::optional_flag(std::string name) {
  return find<std::optional<bool>>(std::move(name), false);
}

bool CaseTable::has(std::string_view name) const {
  return table_.header.find(name) != CsvHeader::kNone;
}

bool CaseTable::next() {
  while (open_ && table_.rows.next()) {
    const char* misfit = table_.misfit();
    if (!misfit) return true;
    diagnostics_.error({name_, line(), 1}, "", misfit);
  }
  return false;
}

Location CaseTable::place(std::size_t column) const {
  const std::string_view cell = table_.cell(column);
  int at = 0;
  // A cell that stands in the text as it is begins so many bytes after its line break; one whose quotes were undone
  // has no place of its own.
  if (cell.data() >= text_.data() && cell.data() <= text_.data() + text_.size()) {
    const char* c = cell.data();
    for (at = 1; c != text_.data() && c[-1] != '\n' && c[-1] != '\r'; --c) ++at;
  }
  return {name_, line(), at};
}

void CaseTable::bad_cell(std::size_t column, const std::string& name, std::string_view cell,
                         const std::string& expected, const std::string& hint) {
  const std::string what = is_missing(cell) ? "is empty; expected " : in_quotes(cell) + " is not ";
  diagnostics_.error(place(column), name, what + expected, hint);
}

std::string_view CaseTable::operator[](const CaseColumn<std::string_view>& column) {
  const std::string_view cell = trimmed(table_.cell(column.at));
  if (!cell.empty()) return cell;
  if (column.required && column.at != CsvHeader::kNone) bad_cell(column.at, column.name, cell, "a text");
  return column.fallback;
}

std::optional<double> CaseTable::read_number(std::size_t column, const std::string& name, const Range& range,
                                             bool required) {
  const std::string_view cell = trimmed(table_.cell(column));
  if (column == CsvHeader::kNone || (!required && is_missing(cell))) return std::nullopt;
  const auto value = to_number(cell);
  if (value && range.holds(*value)) return value;
  bad_cell(column, name, cell, "a number" + bounds(range));
  return std::nullopt;
}

std::optional<std::int64_t> CaseTable::read_integer(std::size_t column, const std::string& name, const Range& range,
                                                    bool required) {
  const std::string_view cell = trimmed(table_.cell(column));
  if (column == CsvHeader::kNone || (!required && is_missing(cell))) return std::nullopt;
  const auto value = to_whole(cell);
  if (value && range.holds(static_cast<double>(*value))) return value;
  bad_cell(column, name, cell, "a whole number" + bounds(range));
  return std::nullopt;
}

double CaseTable::operator[](const CaseColumn<double>& column) {
  return read_number(column.at, column.name, column.range, column.required).value_or(column.fallback);
}
std::int64_t CaseTable::operator[](const CaseColumn<std::int64_t>& column) {
  return read_integer(column.at, column.name, column.range, column.required).value_or(column.fallback);
}
std::optional<double> CaseTable::operator[](const CaseColumn<std::optional<double>>& column) {
  return read_number(column.at, column.name, column.range, column.required);
}
std::optional<std::int64_t> CaseTable::operator[](const CaseColumn<std::optional<std::int64_t>>& column) {
  return read_integer(column.at, column.name, column.range, column.required);
}

std::size_t CaseTable::operator[](const CaseColumn<std::size_t>& column) {
  const std::string_view cell = trimmed(table_.cell(column.at));
  if (column.at == CsvHeader::kNone || (!column.required && cell.empty())) return column.fallback;
  for (std::size_t i = 0; i < column.choices.size(); ++i)
    if (same_text(cell, column.choices[i])) return i;
  bad_cell(column.at, column.name, cell, fmt::format("one of {}", fmt::join(column.choices, ", ")),
           did_you_mean(cell, column.choices));
  return column.fallback;
}

std::optional<bool> CaseTable::operator[](const CaseColumn<std::optional<bool>>& column) {
  const std::string_view cell = trimmed(table_.cell(column.at));
  if (column.at == CsvHeader::kNone || is_missing(cell)) return column.fallback;
  for (const char* yes : {"1", "true", "yes"})
    if (same_text(cell, yes)) return true;
  for (const char* no : {"0", "false", "no"})
    if (same_text(cell, no)) return false;
  bad_cell(column.at, column.name, cell, "1 or 0");
  return column.fallback;
}

}  // namespace alight
