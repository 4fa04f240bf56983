// From the catalogue to the physics: what a technology is to models/cooling, and what servers and chips are to
// models/power.
#pragma once

#include <string_view>

#include "models/cooling/chip_temperature.hpp"
#include "models/cooling/density.hpp"
#include "models/cooling/hall.hpp"
#include "models/cooling/loss_of_cooling.hpp"
#include "models/power/server_power.hpp"
#include "platforms/catalogue/entries.hpp"

namespace alight {

/// The value in the middle of low, typical, high; `otherwise` where they are unknown.
double typical(const std::vector<double>& range, double otherwise);

/// Its path, its share of heat to liquid and its typical supply temperature; outside air from the coldest to the
/// warmest supply. A rear door's fans draw what its `power_share` leaves over pumps and towers. All else as
/// models/cooling has it.
HallCooling hall_cooling(const CoolingTechnology& technology);
/// Its resistance, where known; else that of air. Limits as models/cooling has them.
ChipThermals chip_thermals(const CoolingTechnology& technology);
DensityLimits density_limits(const CoolingTechnology& technology);
Leaks leaks(const CoolingTechnology& technology);

/// How long chips at full load, `heat_w` of them together, stand it to be without cooling, and how fast they warm. By
/// `throttle_after`, else by `warming`; nothing where neither is known, or chips are beyond their limit as it is.
struct CoolingLost {
  ThermalLump lump;            ///< the chips, all cooling gone
  double seconds_to_throttle;  ///< from the typical supply temperature
};
std::optional<CoolingLost> cooling_lost(const CoolingTechnology& technology, double heat_w, double chip_w);

/// Idle power unknown: kIdleShare of TDP; TDP unknown: nothing.
std::optional<ChipRatings> chip_ratings(const Chip& chip);

/// Nothing where the power of its chips is unknown. A server without a nameplate has its part of the rack's. `chip` is
/// null for a server of processors alone; `cooling` where it is not known.
std::optional<ServerFacts> server_facts(const Server& server, const Chip* chip, const CoolingTechnology* cooling);

}  // namespace alight
