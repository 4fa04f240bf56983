#include "models/cooling/chip_temperature.hpp"

#include <algorithm>

namespace alight {

double chip_temperature_c(const ChipThermals& thermals, double supply_c, double power_w) {
  return supply_c + thermals.resistance_k_w * power_w;
}

double rate_at(const ChipThermals& thermals, double chip_c) {
  if (chip_c >= thermals.throttle_c) return thermals.throttled_rate;
  return std::max(thermals.throttled_rate, 1 - thermals.lost_per_k * std::max(0.0, chip_c - thermals.lost_from_c));
}

double memory_rate_at(const ChipThermals& thermals, double memory_c) {
  return memory_c >= thermals.memory_throttle_c ? thermals.memory_throttled_rate : 1;
}

double power_at_throttle_w(const ChipThermals& thermals, double supply_c) {
  return std::max(0.0, (thermals.throttle_c - supply_c) / thermals.resistance_k_w);
}

ClockedChip clock_for_temperature(const ChipRatings& chip, const ChipActivity& activity, const ChipThermals& thermals,
                                  double supply_c) {
  return clock_for_power(chip, activity, power_at_throttle_w(thermals, supply_c));
}

}  // namespace alight
