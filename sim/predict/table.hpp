// A table of cases: a CSV file with a header, one case a row, read column by column with types. The file may be packed
// (gzip, xz, zstd), begin with a byte order mark and end its lines any way; columns nobody asks for are ignored.
//
//   CaseTable table(path, diagnostics);
//   const auto id = table.text("id");
//   const auto ranks = table.integer("ranks", {.min = 1});
//   const auto scale_up = table.optional_number("scale_up_gbs", {.min = 0});
//   const auto order = table.choice("order", {"packed", "spread"}, "packed");
//   while (table.next())
//     use(table[id], table[ranks], table[scale_up], table[order]);
//   if (!diagnostics.ok()) ...   // every missing column and every bad cell, each with its place
//
// What a case asks for may still be impossible: that is the case's status, not a mistake of the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/describe/description.hpp"
#include "workloads/traces/csv.hpp"

namespace alight {

/// A column of the table asked for, by type. Only CaseTable makes and reads them.
template <class T>
struct CaseColumn {
  std::string name;
  std::size_t at = CsvHeader::kNone;
  Range range;
  T fallback{};
  bool required = false;
  std::vector<std::string> choices;
};

class CaseTable {
 public:
  /// Opens the file; what keeps it from being read is a problem, and the table then has no rows and no columns.
  CaseTable(const std::filesystem::path& file, Diagnostics& diagnostics);
  CaseTable(const CaseTable&) = delete;
  CaseTable& operator=(const CaseTable&) = delete;

  /// Columns that must be there, with a value in every row.
  CaseColumn<std::string_view> text(std::string name);
  CaseColumn<double> number(std::string name, Range range = {});
  CaseColumn<std::int64_t> integer(std::string name, Range range = {});
  /// One of `choices`, as an index into them. Letter case is ignored.
  CaseColumn<std::size_t> choice(std::string name, std::vector<std::string> choices);

  /// Columns that may be missing, or empty in a row ("", NaN, None ...): the fallback then stands.
  CaseColumn<std::string_view> optional_text(std::string name, std::string_view fallback = {});
  CaseColumn<std::optional<double>> optional_number(std::string name, Range range = {});
  CaseColumn<std::optional<std::int64_t>> optional_integer(std::string name, Range range = {});
  CaseColumn<double> number_or(std::string name, double fallback, Range range = {});
  CaseColumn<std::int64_t> integer_or(std::string name, std::int64_t fallback, Range range = {});
  CaseColumn<std::size_t> choice_or(std::string name, std::vector<std::string> choices, std::size_t fallback);
  /// 1, 0, true, false, yes, no.
  CaseColumn<std::optional<bool>> optional_flag(std::string name);
  /// True where the file has such a column.
  bool has(std::string_view name) const;

  /// Moves to the next row that fits the header (others are problems); false at the end.
  bool next();
  /// 1-based line of the row.
  int line() const { return static_cast<int>(table_.rows.line()); }
  /// A place in the current row, for problems of the caller's own.
  Location place(std::size_t column) const;

  /// The row's value. A cell that cannot be read is a problem, and its fallback is returned.
  std::string_view operator[](const CaseColumn<std::string_view>& column);
  double operator[](const CaseColumn<double>& column);
  std::int64_t operator[](const CaseColumn<std::int64_t>& column);
  std::size_t operator[](const CaseColumn<std::size_t>& column);
  std::optional<double> operator[](const CaseColumn<std::optional<double>>& column);
  std::optional<std::int64_t> operator[](const CaseColumn<std::optional<std::int64_t>>& column);
  std::optional<bool> operator[](const CaseColumn<std::optional<bool>>& column);

 private:
  template <class T>
  CaseColumn<T> find(std::string name, bool required, Range range = {}, T fallback = {});
  void bad_cell(std::size_t column, const std::string& name, std::string_view cell, const std::string& expected,
                const std::string& hint = {});
  std::optional<double> read_number(std::size_t column, const std::string& name, const Range& range, bool required);
  std::optional<std::int64_t> read_integer(std::size_t column, const std::string& name, const Range& range,
                                           bool required);

  Diagnostics& diagnostics_;
  std::shared_ptr<const std::string> name_;
  std::string text_;
  CsvTable table_;
  bool open_ = false;
};

}  // namespace alight
