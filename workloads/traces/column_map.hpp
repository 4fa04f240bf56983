// Where a foreign table keeps a column of ours, as users write it: "submit_s=Submitted:ms".
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace alight {

/// Where a foreign table keeps one of our columns.
struct ColumnSource {
  std::string column;  ///< its name there
  double scale = 1;    ///< its numbers times this are ours
};

/// By our column's name.
using ColumnMap = std::map<std::string, ColumnSource>;

/// Reads "submit_s=Submitted", "submit_s=Submitted:ms" or "cpu_milli=cores:*1000" into `columns`: ours, one of `known`;
/// theirs; and a unit that fits ours (ns us ms s min h d; B KiB MiB GiB MB GB for memory; cores, milli) or a factor.
/// Returns the problem, or "".
std::string add_column(ColumnMap& columns, std::string_view text, const std::vector<std::string>& known);

}  // namespace alight
