// What a run came to, as far as money follows from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/ledger/ledger.hpp"

namespace alight {

/// A month of the run: 730 h from its start on, the last as long as it lasts. Bins of the ledger count where they
/// begin.
struct MoneyMonth {
  double from_s = 0, to_s = 0;
  std::vector<StateTimes> chip_s;  ///< [pool]
  double electricity = 0;          ///< in the building's currency
  double peak_kw = 0;              ///< the most that a bin drew on average, at the meter
};

/// Chip-seconds of one pool.
struct PoolChipSeconds {
  std::uint32_t pool = 0;
  double chip_s = 0;
};

/// What the replicas of a service held and drew, and what it served.
struct ServiceUse {
  std::string name;
  std::vector<double> chip_s;  ///< [pool]
  double joules = 0;
  double input_tokens = 0, cached_input_tokens = 0,
         output_tokens = 0;  ///< of finished requests; input: those not cached
};

struct MoneyTotals {
  double seconds = 0;
  std::vector<StateTimes> chip_s;  ///< [pool]
  std::vector<StateTimes> joules;  ///< [pool]; empty where power is not counted
  std::vector<MoneyMonth> months;
  double electricity = 0;  ///< in the building's currency
  double water_m3 = 0, carbon_kg = 0;
  std::vector<ServiceUse> services;

  /// Chip-seconds of chips that are there.
  double delivered_chip_s(std::size_t pool) const;
  double lit_chip_s(std::size_t pool) const;
};

}  // namespace alight
