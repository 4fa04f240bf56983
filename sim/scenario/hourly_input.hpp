// Hourly files that a scenario names: read, remembered as inputs, and complete for a year.
#pragma once

#include <optional>
#include <string>

#include "sim/scenario/load.hpp"
#include "workloads/hourly/readers.hpp"
#include "workloads/traces/result.hpp"

namespace alight {

class HourlyInput {
 public:
  HourlyInput(Prepared& prepared, Diagnostics& d) : prepared_(prepared), d_(d) {}

  /// Mistakes are told where they stand in the file, else at `key`, which names it; nothing then.
  std::optional<Weather> weather(const std::string& file, const std::string& key);
  std::optional<HourlySeries> series(const std::string& file, const std::string& column, double utc_offset_h,
                                     const std::string& key);

 private:
  void problem(const Problem& p, const std::string& key);
  bool covers_a_year(const Hours& hours, const std::string& key);

  Prepared& prepared_;
  Diagnostics& d_;
};

}  // namespace alight
