// The bill of materials that follows from a site without being told: servers and chips, cables and switches, cooling
// plants, building, storage; and what of it has no price.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/money/money_plan.hpp"
#include "sim/scenario/load.hpp"
#include "sim/scenario/money_prices.hpp"

namespace alight {

/// A line of the bill, with its price or with why there is none.
struct DerivedLine {
  std::string what;
  Asset kind = Asset::other;
  double count = 0;
  std::optional<std::size_t> pool = {};
  std::optional<PlanPrice> price = {};
  std::string why_not = {};
};
/// `pools` as far as it is filled: names, chips, IT load.
std::vector<DerivedLine> derive_bill(const Prepared& prepared, const std::vector<PoolPlan>& pools,
                                     const PriceReader& reader);

/// kW that a pool's servers are provided with; 0 where it is not known.
double provisioned_kw(const Prepared& prepared, std::size_t pool);

}  // namespace alight
