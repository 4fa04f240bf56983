// The building around the chips: what it draws beside them, what water it drinks, what that costs and emits, by the
// hour of its weather and its prices.
//
// All of it follows from what the chips drew in a stretch of time, taken as even over it: the bins of the ledger.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/cooling/density.hpp"
#include "models/cooling/hall.hpp"
#include "models/describe/date.hpp"
#include "models/economics/money.hpp"
#include "models/power/conversion.hpp"
#include "models/power/power_profile.hpp"
#include "sim/facility/heat.hpp"
#include "sim/facility/power_cap.hpp"
#include "sim/ledger/ledger.hpp"
#include "workloads/hourly/hours.hpp"

namespace alight {

/// What a stretch of time took. Joules; kilograms; money in the building's currency.
struct BuildingUse {
  double seconds = 0;
  double chips_j = 0;    ///< with the servers around them
  double network_j = 0;  ///< link ends
  double losses_j = 0;   ///< of conversion
  double cooling_j = 0;
  double water_kg = 0;
  double cost = 0, carbon_kg = 0;
  double wet_bulb_c = 0;  ///< mean over the time

  double it_j() const { return chips_j + network_j; }
  double site_j() const { return it_j() + losses_j + cooling_j; }
  /// What the site draws over what servers and network do; 1 where these draw nothing.
  double pue() const { return it_j() > 0 ? site_j() / it_j() : 1; }
  BuildingUse& operator+=(const BuildingUse& other);
};

/// Something per kWh: the same at all times, or by the hour of the calendar.
struct PerKwh {
  double always = 0;
  std::optional<HourlySeries> series;  ///< of a year at least
  double scale = 1;                    ///< of its values
  double at(double unix_s) const;
};

struct Building {
  std::vector<StatePower> power;            ///< [pool]
  PowerProfile opaque{0.5};                 ///< of chips whose job nobody can see into
  std::vector<DensityLimits> density;       ///< [pool] of racks, under its way of cooling
  std::vector<Hall> halls;                  ///< [pool] built for what its servers are provided with
  std::vector<double> provisioned_w;        ///< [pool] for each of its servers, by the nameplate
  double network_w = 0;                     ///< of link ends; draws always
  std::vector<ConversionStage> conversion;  ///< from the meter to the servers
  Date start;                               ///< of the run's first second; 1970 where the scenario has none
  std::optional<Weather> weather;           ///< of a year at least; else `outside` at all times
  Air outside;
  Currency currency = Currency::usd;
  std::optional<PerKwh> price;
  std::optional<PerKwh> carbon;                ///< gCO2
  std::vector<PowerCap> caps;                  ///< from racks outwards
  double control_interval_s = 0;               ///< within which a cap is kept again after something changed
  std::vector<std::int64_t> carried_per_rack;  ///< [pool] servers of a rack that its cooling carries
  std::vector<PoolHeat> pool_heat;             ///< [pool]
  std::optional<HeatPlan> heat;                ///< it counts in a run; else supplies are held whatever comes

  /// Of a bin with joules.
  BuildingUse use(const LedgerBin& bin) const;
  /// The air at a second of the run.
  Air outside_at(double run_s) const;
  /// What the meter reads while the servers of each pool draw so much, with the network, conversion and cooling.
  double meter_w(std::span<const double> pool_w, const Air& air) const;

 private:
  /// Beside servers and network.
  struct Beside {
    double losses_w = 0;
    CoolingUse cooling;
  };
  Beside beside(std::span<const double> pool_w, double it_w, const Air& air) const;
  BuildingUse hour(double from_s, double to_s, const std::vector<double>& pool_w) const;
};

}  // namespace alight
