// Hour by hour: weather, the price of electricity, the carbon in it.
//
// A series stands for the time it covers and, by the calendar, for every other year: 3 p.m. of 9 July 2030 is that of 9
// July of its first year. 29 February of a year it does not have is the 28th.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/cooling/air.hpp"

namespace alight {

/// Which hours there are: `count` of them from `start_s`, seconds since 1970 UTC. `offset_s` is what local standard
/// time is ahead of UTC: calendars turn by it.
struct Hours {
  std::int64_t start_s = 0;
  std::int64_t offset_s = 0;
  std::size_t count = 0;

  /// The hour a moment lies in, by the calendar where it is outside; nothing where the series, shorter than a year, has
  /// no such hour.
  std::optional<std::size_t> of(double unix_s) const;
};

/// What a reader had to mend, so that a run can say so.
struct Mended {
  std::size_t filled = 0;    ///< hours without a value, taken from the hour before
  std::size_t repeated = 0;  ///< rows of an hour that had one: their mean counts
  std::string first;         ///< "file:line" of the first of them; empty where none
};

/// A quantity by the hour, in the unit of its column.
struct HourlySeries {
  std::string column;
  Hours hours;
  std::vector<double> values;
  Mended mended;
};

/// The air outside by the hour.
struct Weather {
  std::string place;
  double height_m = 0;
  Hours hours;
  std::vector<Air> air;
  Mended mended;
};

}  // namespace alight
