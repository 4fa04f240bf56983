// What an hour of a chip costs, part by part, before anything is played: capital spread over lives, people, care, and
// what it draws lit and dark.
#pragma once

#include <vector>

#include "models/economics/capital.hpp"
#include "models/economics/unit_costs.hpp"

namespace alight {

/// Money of one currency.
struct OwnedAsset {
  Asset kind = Asset::other;
  double price = 0;
  double life_years = 5;
  double residual_share = 0;     ///< of the price, at the end of its life
  double maintenance_share = 0;  ///< of the price, a year
};

struct ChipHourInputs {
  double chips = 0;
  std::vector<OwnedAsset> assets;
  double yearly_rate = 0;  ///< of return on capital
  double staff_a_year = 0;
  double kw_lit = 0, kw_dark = 0;  ///< of a chip with its share of server and network
  double pue = 1;
  double per_kwh = 0;
  double demand_per_kw_month = 0;  ///< of the highest draw: every chip lit
  double water_l_per_kwh = 0, water_per_m3 = 0;
  double rent = 0;
};

struct ChipHourCosts {
  double capital = 0, maintenance = 0, staff = 0, demand = 0;  ///< of every hour
  double energy_lit = 0, energy_dark = 0;                      ///< electricity and water of a lit and of a dark one

  double having() const { return capital + maintenance + staff + demand; }
  /// Of a mean chip at that lit rate.
  double total(double lit_rate) const { return having() + lit_rate * energy_lit + (1 - lit_rate) * energy_dark; }
  LitRateInputs against(double rent) const { return {having(), energy_dark, energy_lit, rent}; }
};
ChipHourCosts chip_hour_costs(const ChipHourInputs& inputs);

}  // namespace alight
