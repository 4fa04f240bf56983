#include "sim/facility/building.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace alight {
namespace {

constexpr double kHourS = 3600;
constexpr double kJoulesPerKwh = 3.6e6;

}  // namespace

BuildingUse& BuildingUse::operator+=(const BuildingUse& o) {
  const double all = seconds + o.seconds;
  if (all > 0) wet_bulb_c = (wet_bulb_c * seconds + o.wet_bulb_c * o.seconds) / all;
  seconds = all;
  chips_j += o.chips_j;
  network_j += o.network_j;
  losses_j += o.losses_j;
  cooling_j += o.cooling_j;
  water_kg += o.water_kg;
  cost += o.cost;
  carbon_kg += o.carbon_kg;
  return *this;
}

double PerKwh::at(double unix_s) const {
  if (!series) return always;
  const auto hour = series->hours.of(unix_s);
  return hour ? series->values[*hour] * scale : always;
}

Air Building::outside_at(double run_s) const {
  if (!weather) return outside;
  const auto hour = weather->hours.of(static_cast<double>(start.unix_s) + run_s);
  return hour ? weather->air[*hour] : outside;
}

BuildingUse Building::use(const LedgerBin& bin) const {
  std::vector<double> pool_w;
  const double seconds = bin.t_end_s - bin.t_start_s;
  for (const StateTimes& joules : bin.joules)
    pool_w.push_back(std::accumulate(joules.begin(), joules.end(), 0.0) / seconds);
  BuildingUse all;
  // Weather and prices change at full hours of the calendar.
  const double offset = static_cast<double>(((start.unix_s % 3600) + 3600) % 3600);
  for (double from = bin.t_start_s; from < bin.t_end_s;) {
    const double next = (std::floor((from + offset) / kHourS) + 1) * kHourS - offset;
    const double to = std::min(bin.t_end_s, next);
    all += hour(from, to, pool_w);
    from = to;
  }
  return all;
}

Building::Beside Building::beside(std::span<const double> pool_w, double it_w, const Air& air) const {
  const double losses_w = convert_power(conversion, it_w).input_w - it_w;
  // Network and losses warm the halls as the servers in them do.
  const double rated_w = std::accumulate(halls.begin(), halls.end(), 0.0,
                                         [](double sum, const Hall& hall) { return sum + hall.rated.servers_w; });
  std::vector<HallLoad> loads;
  for (std::size_t p = 0; p < halls.size(); ++p) {
    const double part = halls[p].rated.servers_w / rated_w;
    loads.push_back({.servers_w = pool_w[p] + network_w * part, .losses_w = losses_w * part, .lights_w = 0});
  }
  return {.losses_w = losses_w, .cooling = facility_use(halls, loads, air).cooling};
}

double Building::meter_w(std::span<const double> pool_w, const Air& air) const {
  const double it_w = std::accumulate(pool_w.begin(), pool_w.end(), network_w);
  const Beside others = beside(pool_w, it_w, air);
  return it_w + others.losses_w + others.cooling.power_w();
}

BuildingUse Building::hour(double from_s, double to_s, const std::vector<double>& pool_w) const {
  const double seconds = to_s - from_s;
  const Air air = outside_at(from_s);
  const double chips_w = std::accumulate(pool_w.begin(), pool_w.end(), 0.0);
  const auto [losses_w, cooling] = beside(pool_w, chips_w + network_w, air);
  BuildingUse use{.seconds = seconds,
                  .chips_j = chips_w * seconds,
                  .network_j = network_w * seconds,
                  .losses_j = losses_w * seconds,
                  .cooling_j = cooling.power_w() * seconds,
                  .water_kg = cooling.water_kg_s() * seconds,
                  .wet_bulb_c = alight::wet_bulb_c(air)};
  const double unix_s = static_cast<double>(start.unix_s) + from_s;
  const double kwh = use.site_j() / kJoulesPerKwh;
  if (price) use.cost = kwh * price->at(unix_s);
  if (carbon) use.carbon_kg = kwh * carbon->at(unix_s) * 1e-3;
  return use;
}

}  // namespace alight
