#include "models/cooling/loss_of_cooling.hpp"

#include <cmath>

namespace alight {

double capacity_from_warming_j_k(double heat_w, double warming_k_min) {
  return heat_w * 60 / warming_k_min;
}

double capacity_from_margin_j_k(double heat_w, double margin_k, double seconds) {
  return heat_w * seconds / margin_k;
}

double carried_w_k(double heat_w, double steady_c, double sink_c) {
  return heat_w / (steady_c - sink_c);
}

double warming_k_min(const ThermalLump& lump) {
  return (lump.heat_w - lump.carried_w_k * (lump.temperature_c - lump.sink_c)) / lump.capacity_j_k * 60;
}

double temperature_after_c(const ThermalLump& lump, double seconds) {
  const auto steady = steady_c(lump);
  if (!steady) return lump.temperature_c + lump.heat_w / lump.capacity_j_k * seconds;
  return *steady + (lump.temperature_c - *steady) * std::exp(-seconds * lump.carried_w_k / lump.capacity_j_k);
}

std::optional<double> steady_c(const ThermalLump& lump) {
  if (lump.carried_w_k > 0) return lump.sink_c + lump.heat_w / lump.carried_w_k;
  if (lump.heat_w == 0) return lump.temperature_c;
  return std::nullopt;
}

std::optional<double> seconds_until(const ThermalLump& lump, double limit_c) {
  const double way_k = limit_c - lump.temperature_c;
  if (way_k == 0) return 0;
  const auto steady = steady_c(lump);
  if (!steady) {
    const double seconds = way_k * lump.capacity_j_k / lump.heat_w;
    return seconds > 0 ? std::optional(seconds) : std::nullopt;
  }
  // Between here and where it settles, and not at either end.
  const double left = (limit_c - *steady) / (lump.temperature_c - *steady);
  if (!(left > 0 && left < 1)) return std::nullopt;
  return -std::log(left) * lump.capacity_j_k / lump.carried_w_k;
}

double racks_down_per_year(const Leaks& leaks, double racks) {
  return leaks.per_rack_year * leaks.racks_down * racks;
}

}  // namespace alight
