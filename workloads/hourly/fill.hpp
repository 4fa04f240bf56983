// Rows with stamps, some missing, some twice, as one value an hour. Used by the readers of hourly files.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/hourly/hours.hpp"
#include "workloads/traces/result.hpp"

namespace alight {

/// One row of a file; `value` is absent where its cell is.
struct StampedRow {
  std::int64_t unix_s = 0;
  int line = 0;
  std::optional<double> value;
};

/// Every hour from the first row's to the last's, the mean of its rows. The problem, if there is one, names its line.
Result<HourlySeries> hourly_means(const std::string& file, const std::vector<StampedRow>& rows);

}  // namespace alight
