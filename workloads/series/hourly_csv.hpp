// A series of numbers by the clock out of a CSV file: prices of electricity, carbon intensity of a grid.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/diagnostics.hpp"
#include "models/economics/dated_series.hpp"
#include "workloads/traces/input.hpp"

namespace alight {

struct SeriesColumns {
  std::string time;               ///< name of the column of stamps; empty: the first
  std::string value;              ///< of the numbers; empty: the second
  double times = 1;               ///< what a number is multiplied by: 1e-3 makes USD/kWh of USD/MWh
  std::int64_t utc_offset_s = 0;  ///< of stamps that state none: their clock is ahead of UTC by so much, all year
};

/// Values in order of time, each from its stamp to the next (DatedSeries::Between::hold). Stamps as "2023-01-01
/// 00:00[:00]", with "Z" or an offset where they have one. What is wrong is reported at its line and column, all at
/// once (after fifty, no more); then there is no value. A stamp that comes twice is wrong: clocks that are put back in
/// autumn do that, and which hour is meant is not guessed. A step that is longer than the first one by half or more is
/// wrong too: an hour is missing.
std::optional<std::vector<DatedValue>> read_series(const Input& file, const SeriesColumns& columns,
                                                   Diagnostics& diagnostics);

}  // namespace alight
