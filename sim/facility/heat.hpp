// Heat in a run: how warm what servers are supplied with gets, what chips make of it, and which cooling units carry it
// away. Made from the scenario (site.facility.heat); what is done with it is in sim/run/run_heat.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/cooling/chip_temperature.hpp"
#include "models/cooling/supply.hpp"
#include "models/reliability/repair_time.hpp"
#include "sim/ledger/ledger.hpp"

namespace alight {

/// Of the chips of a pool.
struct PoolHeat {
  ChipThermals thermals;
  double tdp_w = 0;
  StatePower die;       ///< of a chip alone, without the server around it
  double carried = 1;   ///< of what its servers draw, what its supply takes; the rest goes through the hall's air
  HallCooling cooling;  ///< what supplies it
  /// Of the supply, at which a chip at its limit of power stands at its limit of temperature.
  double throttles_above_c() const { return thermals.throttle_c - thermals.resistance_k_w * tdp_w; }
};

/// Pools with one supply, and the units that cool it.
struct CoolingLoop {
  std::string name;
  std::vector<std::size_t> pools;  ///< all cooled in the same way
  CoolingUnits units;
  std::int64_t spare = 0;  ///< units beside those that are needed; they run too
  /// Of each unit by chance, in a year; repaired in `repair`.
  double failures_per_year = 0;
  RepairTime repair;
  struct Loss {
    double at_s = 0, until_s = 0;  ///< infinite: for good
    std::int64_t units = 0;
  };
  std::vector<Loss> lost;  ///< at known times
  /// Of the supply: servers are switched off from there on, and on again at `restart_c`; nothing there: when the supply
  /// is held again.
  double shutdown_c = 0;
  std::optional<double> restart_c;

  std::int64_t all_units() const { return units.needed + spare; }
  bool may_fail() const { return failures_per_year > 0 || !lost.empty(); }
};

struct HeatPlan {
  std::vector<CoolingLoop> loops;  ///< each pool is in one
};

}  // namespace alight
