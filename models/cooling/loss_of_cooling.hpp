// What happens when a CRAH, a CDU or a pump stops: heat stays, and what it passes through warms.
//
// One lump: its heat capacity C takes what comes in, P, less what the units left can carry, which grows with how far
// the lump stands over their sink, G (T - T_sink). C dT/dt = P - G (T - T_sink) has the exact solution used here: an
// exponential with the time C / G towards T_sink + P / G, or a straight line of P / C where nothing is left.
#pragma once

#include <optional>

namespace alight {

struct ThermalLump {
  double heat_w = 0;
  double capacity_j_k = 0;
  double temperature_c = 0;  ///< now
  double sink_c = 0;         ///< what the units carry the heat to
  double carried_w_k = 0;    ///< G of the units that run
};

/// The capacity of what warms at that rate under `heat_w` when all is lost (catalogue: `warming`).
double capacity_from_warming_j_k(double heat_w, double warming_k_min);
/// The capacity of what takes `seconds` to warm by `margin_k` then (catalogue: `throttle_after`).
double capacity_from_margin_j_k(double heat_w, double margin_k, double seconds);
/// G of units that hold `steady_c` against `sink_c` under `heat_w`. Of n equal units k of which run, it is k/n of this.
double carried_w_k(double heat_w, double steady_c, double sink_c);

/// K/min, now.
double warming_k_min(const ThermalLump& lump);
double temperature_after_c(const ThermalLump& lump, double seconds);
/// Where it settles; nothing where no unit runs and there is heat.
std::optional<double> steady_c(const ThermalLump& lump);
/// Seconds until it passes `limit_c`, upwards or downwards; 0 where it stands there, nothing where it never does.
std::optional<double> seconds_until(const ThermalLump& lump, double limit_c);

/// Leaks of a technology, and how many racks one takes down: the rack that leaks and those of its loop that are drained
/// with it.
struct Leaks {
  double per_rack_year = 0;
  double racks_down = 1;
};
/// Racks taken down by leaks in a year, expected.
double racks_down_per_year(const Leaks& leaks, double racks);

}  // namespace alight
