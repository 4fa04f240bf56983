// The two readers behind formats.hpp: tables and JSON lines.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "workloads/requests/formats.hpp"
#include "workloads/requests/intake.hpp"

namespace alight {

/// Where mistakes in rows go: the first so many one by one, the others as their number.
class RowFaults {
 public:
  RowFaults(bool skip_bad, ImportReport& report, Diagnostics& diagnostics)
      : skip_bad_(skip_bad), report_(report), diagnostics_(diagnostics) {}

  /// A row of `file` that was not taken. `column` counts characters from 1, 0 = the row as a whole.
  void add(const std::shared_ptr<const std::string>& file, std::int64_t line, std::size_t column,
           const std::string& key, const RowFault& fault);
  /// States how many were not listed.
  void finish();

 private:
  bool skip_bad_;
  std::int64_t bad_ = 0;
  Location last_;
  ImportReport& report_;
  Diagnostics& diagnostics_;
};

/// A format's columns with the user's own in their place; by our column.
struct BoundColumn {
  std::string theirs;  ///< empty: not looked for
  double scale = 1;
  bool required = false;
};
using BoundColumns = std::array<BoundColumn, kRequestColumns>;
BoundColumns bind_columns(const RequestFormat& format, const ColumnMap& own);

/// Comment lines before a table's header: "# block_tokens: 64", "# epoch: 2023-11-16 18:00:00". Others are passed over.
struct TablePreamble {
  std::int64_t bad_line = 0;  ///< one of the two that cannot be read; 0 = none
  std::optional<int> block_tokens;
  std::optional<double> start_s;
  std::string_view rest;   ///< the text behind them
  std::int64_t lines = 0;  ///< how many they were
};
TablePreamble read_preamble(std::string_view text);

/// The character that parts the cells of a table: of , ; tab and | the one its header has most of.
char delimiter_of(std::string_view header);

/// A problem where the file is not of the format at all.
std::optional<Problem> read_request_table(const Input& file, const BoundColumns& columns, bool only_ours,
                                          RequestIntake& intake, RowFaults& faults, ImportReport& report);
std::optional<Problem> read_request_lines(const Input& file, const BoundColumns& columns, RequestIntake& intake,
                                          RowFaults& faults, ImportReport& report);

}  // namespace alight
