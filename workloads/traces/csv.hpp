// Rows of comma-separated text (RFC 4180: quoted cells, doubled quotes, line breaks inside quotes; LF, CRLF or CR; a
// byte order mark is skipped), read in place: cells are views into the text wherever no quotes had to be undone.
//
//   CsvReader rows(text);
//   while (rows.next())
//     use(rows[0], rows.line());
//
// Not thread-safe. Cells stay valid until the next call of next().
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/traces/result.hpp"

namespace alight {

class CsvReader {
 public:
  explicit CsvReader(std::string_view text, char delimiter = ',');

  /// Moves to the next row that is not blank; false at the end.
  bool next();
  /// A row whose quotes do not close, or close in the middle of a cell. It has no cells, and reading goes on with the
  /// next line: one bad quote must not swallow a file.
  bool malformed() const { return malformed_; }

  std::size_t size() const { return cells_.size(); }
  std::string_view operator[](std::size_t column) const { return cells_[column]; }
  const std::vector<std::string_view>& cells() const { return cells_; }
  /// 1-based line the row begins on.
  std::int64_t line() const { return row_line_; }

 private:
  void split_plain(std::string_view row);
  bool split_quoted();
  std::string_view cut_line();

  std::string_view text_;
  char delimiter_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
  std::int64_t row_line_ = 0;
  bool malformed_ = false;
  std::vector<std::string_view> cells_;
  std::deque<std::string> undone_;  ///< cells whose doubled quotes were undone; a deque so that views stay valid
};

/// The first row: which column is called what.
class CsvHeader {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  CsvHeader() = default;
  explicit CsvHeader(const CsvReader& row);

  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  /// The column of that name, or kNone.
  std::size_t find(std::string_view name) const;
  /// The first of the names that there is, or kNone.
  std::size_t find(std::initializer_list<std::string_view> names) const;

 private:
  std::vector<std::string> names_;
};

/// A file with a header, its reader standing before the first row.
struct CsvTable {
  CsvReader rows;
  CsvHeader header;

  /// The cell of the current row, or "" for a column that is not there.
  std::string_view cell(std::size_t column) const { return column < rows.size() ? rows[column] : std::string_view{}; }
  /// Why the current row does not fit the header, or null.
  const char* misfit() const;
};

/// Opens a text of the file called `file` and demands the columns in `required`; what is missing is one problem naming
/// them all. A column named twice is a problem too. The table holds views into `text`.
Result<CsvTable> open_table(const std::string& file, std::string_view text, const std::vector<std::string>& required,
                            char delimiter = ',');

}  // namespace alight
