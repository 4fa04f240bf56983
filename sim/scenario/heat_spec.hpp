// Heat of a facility as a scenario states it: supplies, chips' limits, cooling units. Resolved into
// sim/facility/heat.hpp by resolve_heat().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"

namespace alight {

/// Of all pools, or of one; what is not stated follows from the catalogue's cooling.
struct HeatLimits {
  std::optional<double> supply_c, resistance_k_w, throttle_c, shutdown_c, restart_c;
  std::optional<bool> chillers;
};

struct PoolHeatSpec : HeatLimits {
  std::string pool;
  static const Description& description();
};

/// Units that are out from a known time on.
struct LostUnitsSpec {
  double at_s = 0;
  std::int64_t units = 1;
  std::optional<double> lasts_s;
  static const Description& description();
};

/// Equal cooling units of some pools.
struct CoolingUnitsSpec {
  std::string name;
  std::vector<std::string> pools;
  std::string hall;
  std::int64_t needed = 1, spare = 0;
  double failures_per_year = 0;
  std::optional<double> repair_s, repair_median_s;
  std::optional<double> warming_k_min, approach_k;
  std::vector<LostUnitsSpec> lost;
  static const Description& description();
};

struct HeatSpec : HeatLimits {
  std::vector<PoolHeatSpec> pools;
  std::vector<CoolingUnitsSpec> units;
  static const Description& description();
};

}  // namespace alight
