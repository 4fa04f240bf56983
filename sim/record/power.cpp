#include "sim/record/power.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace alight {
namespace {

constexpr double kKwh = 3.6e6;
/// From here on of its limit a chip counts as held by it.
constexpr double kAtLimit = 0.98;

double part_of(double part, double of) {
  return of > 0 ? part / of : 0;
}

std::string energy_text(double joules) {
  const double kwh = joules / kKwh;
  return kwh < 1e4   ? fmt::format("{:.4g} kWh", kwh)
         : kwh < 1e7 ? fmt::format("{:.4g} MWh", kwh * 1e-3)
                     : fmt::format("{:.4g} GWh", kwh * 1e-6);
}

}  // namespace

PowerRecord::PowerRecord(const std::filesystem::path& file, const Building* building, const Site& site)
    : building_(building) {
  if (!building) return;
  totals_.counted = true;
  totals_.currency = building->currency;
  totals_.priced = building->price.has_value();
  totals_.carbon = building->carbon.has_value();
  file_.emplace(file);
  file_->print(
      "t_start_s,t_end_s,servers_kw,network_kw,losses_kw,cooling_kw,site_kw,pue,water_l,wet_bulb_c,cost_{},carbon_kg",
      building->currency == Currency::usd ? "usd" : "cny");
  if (building->heat) {
    supply_c_.assign(site.pools.size(), 0);
    for (const Pool& pool : site.pools) file_->print(",{}", csv_field("supply_c_" + pool.name));
  }
  file_->print("\n");
}

void PowerRecord::supply_in_bin(std::size_t pool, double highest_c) {
  if (pool < supply_c_.size()) supply_c_[pool] = highest_c;
}

void PowerRecord::bin_closed(const LedgerBin& bin) {
  if (!building_ || bin.t_end_s <= bin.t_start_s) return;
  const BuildingUse use = building_->use(bin);
  const auto kw = [&](double joules) { return joules / use.seconds * 1e-3; };
  file_->print("{},{},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.6g},{:.6g},{:.4g},{:.9g},{:.6g}", bin.t_start_s,
               bin.t_end_s, kw(use.chips_j), kw(use.network_j), kw(use.losses_j), kw(use.cooling_j), kw(use.site_j()),
               use.pue(), use.water_kg, use.wet_bulb_c, use.cost, use.carbon_kg);
  for (const double c : supply_c_) file_->print(",{:.6g}", c);
  file_->print("\n");
  totals_.peak_w = std::max(totals_.peak_w, use.site_j() / use.seconds);
  totals_.use += use;
  last_ = use;
}

std::optional<std::string> PowerRecord::close() {
  return file_ ? std::optional(file_->close()) : std::nullopt;
}

std::string unlike(const PowerTotals& totals, const std::vector<StateTimes>& joules) {
  if (!totals.counted) return {};
  CompensatedSum states;
  for (const StateTimes& pool : joules)
    for (const double j : pool) states.add(j);
  const double bins = totals.use.chips_j;
  if (std::abs(bins - states.value()) <= 1e-9 * std::max({1.0, bins, states.value()})) return {};
  return fmt::format("energy is not conserved: servers drew {} J in the bins, {} in the states", bins, states.value());
}

std::vector<std::pair<std::string, std::string>> power_lines(const PowerTotals& totals, const Building& building,
                                                             const Site& site, const RunEnd& end) {
  if (!totals.counted) return {};
  const BuildingUse& use = totals.use;
  double dark_j = 0, useful_j = 0;
  for (const StateTimes& pool : end.joules)
    for (std::size_t s = 0; s < kChipStates; ++s) {
      if (!is_lit(static_cast<ChipState>(s))) dark_j += pool[s];
      if (static_cast<ChipState>(s) == ChipState::useful) useful_j += pool[s];
    }
  std::vector<std::pair<std::string, std::string>> lines;
  lines.emplace_back("energy", fmt::format("{} at the meter   PUE {:.3f}   {:.4g} kW on average, {:.4g} kW at most",
                                           energy_text(use.site_j()), use.pue(),
                                           part_of(use.site_j(), use.seconds) * 1e-3, totals.peak_w * 1e-3));
  lines.emplace_back(
      "", fmt::format("servers {:.1f} %   network {:.1f} %   conversion {:.1f} %   cooling {:.1f} %   water {:.4g} m3",
                      100 * part_of(use.chips_j, use.site_j()), 100 * part_of(use.network_j, use.site_j()),
                      100 * part_of(use.losses_j, use.site_j()), 100 * part_of(use.cooling_j, use.site_j()),
                      use.water_kg * 1e-3));
  lines.emplace_back("", fmt::format("of servers: dark chips {:.1f} %, useful work {:.1f} %",
                                     100 * part_of(dark_j, use.chips_j), 100 * part_of(useful_j, use.chips_j)));
  for (std::size_t p = 0; p < end.chip_power.size(); ++p) {
    const ChipPower& chips = end.chip_power[p];
    if (chips.empty()) continue;
    lines.emplace_back(
        p == 0 ? "chips draw" : "",
        fmt::format("{}   mean {:.0f} W   p10 {:.0f}   p50 {:.0f}   p90 {:.0f}   at their limit {:.1f} % of the time",
                    site.pools[p].name, chips.mean_w(), chips.quantile_w(0.1), chips.quantile_w(0.5),
                    chips.quantile_w(0.9), 100 * chips.share_from(kAtLimit * building.power[p].limit_w)));
  }
  std::string bill;
  if (totals.priced) bill = fmt::format("electricity {:.6g} {}", use.cost, name_of(totals.currency));
  if (totals.carbon) bill += fmt::format("{}carbon {:.4g} t", bill.empty() ? "" : "   ", use.carbon_kg * 1e-3);
  if (!bill.empty()) lines.emplace_back("", bill);
  return lines;
}

nlohmann::ordered_json power_json(const PowerTotals& totals, const Building& building, const Site& site,
                                  const RunEnd& end) {
  const std::vector<StateTimes>& joules = end.joules;
  const BuildingUse& use = totals.use;
  nlohmann::ordered_json pools = nlohmann::ordered_json::array();
  for (std::size_t p = 0; p < joules.size(); ++p) {
    nlohmann::ordered_json states = nlohmann::ordered_json::object();
    for (std::size_t s = 0; s < kChipStates; ++s)
      if (joules[p][s] != 0) states[std::string(kChipStateNames[s])] = joules[p][s] / kKwh;
    const ChipPower& chips = end.chip_power[p];
    pools.push_back({{"pool", site.pools[p].name},
                     {"kwh", states},
                     {"chip_w",
                      {{"mean", chips.mean_w()},
                       {"p10", chips.quantile_w(0.1)},
                       {"p50", chips.quantile_w(0.5)},
                       {"p90", chips.quantile_w(0.9)},
                       {"at_limit", chips.share_from(kAtLimit * building.power[p].limit_w)}}}});
  }
  nlohmann::ordered_json out = {
      {"site_kwh", totals.kwh()},          {"servers_kwh", use.chips_j / kKwh},   {"network_kwh", use.network_j / kKwh},
      {"losses_kwh", use.losses_j / kKwh}, {"cooling_kwh", use.cooling_j / kKwh}, {"pue", use.pue()},
      {"peak_kw", totals.peak_w * 1e-3},   {"water_m3", use.water_kg * 1e-3}};
  if (totals.priced) out[totals.currency == Currency::usd ? "electricity_usd" : "electricity_cny"] = use.cost;
  if (totals.carbon) out["carbon_t"] = use.carbon_kg * 1e-3;
  out["pools"] = pools;
  return out;
}

std::string write_chip_power(const std::filesystem::path& path, const Site& site,
                             const std::vector<ChipPower>& chip_power) {
  TextFile file(path);
  file.print("pool,chip_w,chip_s\n");
  for (std::size_t p = 0; p < chip_power.size(); ++p)
    for (const auto& [watts, chip_s] : chip_power[p].chip_s())
      file.print("{},{},{:.12g}\n", csv_field(site.pools[p].name), watts, chip_s);
  return file.close();
}

}  // namespace alight
