#include "sim/ledger/chip_power.hpp"

namespace alight {

double ChipPower::all_chip_s() const {
  double all = 0;
  for (const auto& [watts, chip_s] : chip_s_) all += chip_s;
  return all;
}

double ChipPower::mean_w() const {
  double joules = 0;
  for (const auto& [watts, chip_s] : chip_s_) joules += watts * chip_s;
  const double all = all_chip_s();
  return all > 0 ? joules / all : 0;
}

double ChipPower::quantile_w(double share) const {
  const double until = share * all_chip_s();
  double so_far = 0;
  for (const auto& [watts, chip_s] : chip_s_)
    if ((so_far += chip_s) >= until) return watts;
  return empty() ? 0 : chip_s_.back().first;
}

double ChipPower::share_from(double watts) const {
  double above = 0;
  for (const auto& [at, chip_s] : chip_s_)
    if (at >= watts) above += chip_s;
  const double all = all_chip_s();
  return all > 0 ? above / all : 0;
}

}  // namespace alight
