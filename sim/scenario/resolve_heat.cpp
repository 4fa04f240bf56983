// Heat of a facility: what chips of each pool stand, which pools have one supply, and the units that cool it.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "models/power/clock.hpp"
#include "platforms/cooling.hpp"
#include "sim/facility/building.hpp"
#include "sim/facility/state_power.hpp"
#include "sim/scenario/resolve.hpp"

namespace alight {
namespace {

/// The end of class A4, the widest of ASHRAE's for the air supplied to servers (TC 9.9, Thermal Guidelines for Data
/// Processing Environments; from memory).
constexpr double kWarmestAir_c = 45;

const HeatSpec* heat_spec(const Prepared& prepared) {
  const auto& heat = prepared.scenario.site.facility->heat;
  return heat ? &*heat : nullptr;
}

const PoolHeatSpec* own_heat(const Prepared& prepared, std::size_t p) {
  const HeatSpec* spec = heat_spec(prepared);
  if (!spec) return nullptr;
  const auto at = std::ranges::find(spec->pools, prepared.site.pools[p].name, &PoolHeatSpec::pool);
  return at == spec->pools.end() ? nullptr : &*at;
}

template <class T>
std::optional<T> stated(const Prepared& prepared, std::size_t p, std::optional<T> HeatLimits::*what) {
  const HeatSpec* spec = heat_spec(prepared);
  if (!spec) return std::nullopt;
  const PoolHeatSpec* own = own_heat(prepared, p);
  return own && own->*what ? own->*what : spec->*what;
}

class HeatResolver {
 public:
  HeatResolver(Prepared& prepared, Building& building, Diagnostics& d)
      : prepared_(prepared), spec_(*heat_spec(prepared)), building_(building), d_(d) {}

  void run() {
    names_of_pools();
    std::vector<bool> in_loop(prepared_.site.pools.size(), false);
    for (std::size_t u = 0; u < spec_.units.size(); ++u) {
      const std::string at = fmt::format("{}.units[{}]", kKey, u);
      CoolingLoop loop{.name = spec_.units[u].name};
      if (std::ranges::find(plan_.loops, loop.name, &CoolingLoop::name) != plan_.loops.end())
        d_.error_at(join_key(at, "name"), fmt::format("there are units named {} already", in_quotes(loop.name)));
      for (const std::size_t p : pools_of(spec_.units[u], at)) {
        if (in_loop[p])
          d_.error_at(at, fmt::format("pool {} has its units already", in_quotes(prepared_.site.pools[p].name)));
        in_loop[p] = true;
        loop.pools.push_back(p);
      }
      if (loop.pools.empty() || !alike(loop, at)) continue;
      size(loop, spec_.units[u], at);
      plan_.loops.push_back(std::move(loop));
    }
    for (std::size_t p = 0; p < in_loop.size(); ++p) {
      if (in_loop[p]) continue;
      CoolingLoop loop{.name = prepared_.site.pools[p].name, .pools = {p}};
      size(loop, {}, kKey);
      plan_.loops.push_back(std::move(loop));
    }
    if (d_.ok()) building_.heat = std::move(plan_);
  }

 private:
  static constexpr const char* kKey = "site.facility.heat";

  void names_of_pools() {
    for (const Pool& pool : prepared_.site.pools) pools_.push_back(pool.name);
    std::set<std::string> seen;
    for (std::size_t i = 0; i < spec_.pools.size(); ++i) {
      const std::string at = fmt::format("{}.pools[{}].pool", kKey, i);
      if (find(spec_.pools[i].pool, at) && !seen.insert(spec_.pools[i].pool).second)
        d_.error_at(at, fmt::format("{} stands here already", in_quotes(spec_.pools[i].pool)));
    }
  }
  std::optional<std::size_t> find(const std::string& name, const std::string& at) {
    const auto found = std::ranges::find(pools_, name);
    if (found != pools_.end()) return static_cast<std::size_t>(found - pools_.begin());
    d_.error_at(at, fmt::format("no pool named {}", in_quotes(name)), did_you_mean(name, pools_));
    return std::nullopt;
  }

  std::vector<std::size_t> pools_of(const CoolingUnitsSpec& spec, const std::string& at) {
    std::vector<std::size_t> pools;
    std::vector<std::string> halls;
    for (std::size_t p = 0; p < pools_.size(); ++p) {
      halls.push_back(prepared_.site.pools[p].hall);
      if (spec.pools.empty() && (spec.hall.empty() || spec.hall == halls.back())) pools.push_back(p);
    }
    if (pools.empty() && spec.pools.empty())
      d_.error_at(join_key(at, "hall"), fmt::format("no hall label of a pool named {}", in_quotes(spec.hall)),
                  did_you_mean(spec.hall, halls));
    for (std::size_t i = 0; i < spec.pools.size(); ++i)
      if (const auto p = find(spec.pools[i], fmt::format("{}.pools[{}]", at, i))) pools.push_back(*p);
    std::sort(pools.begin(), pools.end());
    const auto twice = std::unique(pools.begin(), pools.end());
    if (twice != pools.end()) d_.error_at(join_key(at, "pools"), "names a pool twice");
    pools.erase(twice, pools.end());
    return pools;
  }

  const CoolingTechnology& technology(std::size_t p) const {
    const SiteSpec& site = prepared_.scenario.site;
    const bool own = p < site.pools.size() && site.pools[p].cooling;
    return *prepared_.catalogue.find_cooling(own ? *site.pools[p].cooling : site.facility->cooling);
  }

  bool alike(const CoolingLoop& loop, const std::string& at) {
    const std::size_t first = loop.pools.front();
    for (const std::size_t p : loop.pools) {
      const CoolingTechnology &a = technology(first), &b = technology(p);
      const auto supply = [&](std::size_t of) { return stated(prepared_, of, &HeatLimits::supply_c); };
      const auto chillers = [&](std::size_t of) { return stated(prepared_, of, &HeatLimits::chillers); };
      if (a.name == b.name && supply(first) == supply(p) && chillers(first) == chillers(p)) continue;
      d_.error_at(at,
                  fmt::format("pools {} ({}) and {} ({}) are supplied in different ways", in_quotes(pools_[first]),
                              a.name, in_quotes(pools_[p]), b.name),
                  "give each its own units");
      return false;
    }
    return true;
  }

  /// What the units carry, how fast they warm without, when they fail; without a specification as many as needed.
  void size(CoolingLoop& loop, const CoolingUnitsSpec& spec, const std::string& at) {
    const std::size_t first = loop.pools.front();
    const PoolHeat& heat = building_.pool_heat[first];
    loop.units.needed = spec.needed;
    loop.units.approach_k = spec.approach_k.value_or(supply_approach_k(heat.cooling));
    loop.spare = spec.spare;
    loop.failures_per_year = spec.failures_per_year;
    loop.repair = {.mean_s = spec.repair_s.value_or(0), .median_s = spec.repair_median_s};
    loop.shutdown_c = std::numeric_limits<double>::infinity();
    for (const std::size_t p : loop.pools) {
      loop.units.rated_w += building_.halls[p].rated.servers_w * building_.pool_heat[p].carried;
      set_limits(loop, p);
    }
    for (const LostUnitsSpec& lost : spec.lost)
      loop.lost.push_back(
          {.at_s = lost.at_s,
           .until_s = lost.lasts_s ? lost.at_s + *lost.lasts_s : std::numeric_limits<double>::infinity(),
           .units = lost.units});
    const auto warming = spec.warming_k_min ? spec.warming_k_min : known_warming(first);
    if (warming) loop.units.capacity_j_k = capacity_from_warming_j_k(loop.units.rated_w, *warming);
    if (!warming && loop.may_fail())
      d_.error_at(join_key(at, "warming"),
                  fmt::format("is missing: the catalogue does not say how fast {} warms without its units",
                              technology(first).name));
    if (loop.failures_per_year > 0 && !prepared_.scenario.horizon_s)
      d_.error_at(join_key(at, "failures"), "needs a `horizon`: what fails by chance may keep a job waiting for ever",
                  "state a `horizon` of the scenario, e.g. 30 d");
  }
  /// K/min at full load. The catalogue has it, or how long chips stand it.
  std::optional<double> known_warming(std::size_t p) const {
    const CoolingTechnology& of = technology(p);
    const PoolHeat& heat = building_.pool_heat[p];
    if (of.warming_k_min.size() == 3) return of.warming_k_min[1];
    const double margin_k =
        ChipThermals().throttle_c - chip_temperature_c(heat.thermals, typical(of.supply_c, 0), heat.tdp_w);
    if (of.throttle_after_s.size() != 3 || of.supply_c.empty() || margin_k <= 0) return std::nullopt;
    return margin_k / of.throttle_after_s[1] * 60;
  }

  /// Temperatures that servers of a pool bear, beside its supply's.
  void set_limits(CoolingLoop& loop, std::size_t p) {
    const PoolHeat& heat = building_.pool_heat[p];
    const ChipThermals& chip = heat.thermals;
    const HallCooling& by = heat.cooling;
    const double supply_c = by.path == HeatPath::liquid        ? by.loop.supply_c
                            : by.path == HeatPath::outside_air ? by.outside_air.warmest_c
                                                               : by.plant.air.supply_c;
    const auto cannot = [&](std::optional<double> HeatLimits::*what, const char* name, double c,
                            const std::string& why) {
      const PoolHeatSpec* own = own_heat(prepared_, p);
      const std::string of = own && own->*what ? fmt::format("{}.pools[{}]", kKey, own - spec_.pools.data()) : kKey;
      d_.error_at(join_key(of, name), fmt::format("{:g} C {}", c, why));
    };
    if (chip.throttle_c <= supply_c)
      cannot(&HeatLimits::throttle_c, "throttle", chip.throttle_c,
             fmt::format("is no more than what pool {} is supplied with, {:g} C", in_quotes(pools_[p]), supply_c));
    const bool liquid = by.path == HeatPath::liquid && technology(p).heat_path == "liquid";
    const double lowest_w = heat.die.clocked_w(ChipState::useful, kLowestClock);
    const double known_c = liquid ? chip.throttle_c - chip.resistance_k_w * lowest_w : kWarmestAir_c;
    const double shutdown_c = stated(prepared_, p, &HeatLimits::shutdown_c).value_or(std::max(known_c, supply_c + 1));
    if (shutdown_c <= supply_c)
      cannot(&HeatLimits::shutdown_c, "shutdown", shutdown_c,
             fmt::format("is no more than what pool {} is supplied with, {:g} C", in_quotes(pools_[p]), supply_c));
    loop.shutdown_c = std::min(loop.shutdown_c, shutdown_c);
    const auto restart_c = stated(prepared_, p, &HeatLimits::restart_c);
    if (!restart_c) return;
    if (*restart_c >= shutdown_c)
      cannot(&HeatLimits::restart_c, "restart", *restart_c,
             fmt::format("is no less than `shutdown`, {:g} C", shutdown_c));
    if (*restart_c < supply_c)
      cannot(&HeatLimits::restart_c, "restart", *restart_c,
             fmt::format("is less than what pool {} is supplied with, {:g} C: its servers would stay off",
                         in_quotes(pools_[p]), supply_c));
    loop.restart_c = std::min(loop.restart_c.value_or(*restart_c), *restart_c);
  }

  Prepared& prepared_;
  const HeatSpec& spec_;
  Building& building_;
  Diagnostics& d_;
  HeatPlan plan_;
  std::vector<std::string> pools_;
};

}  // namespace

void add_pool_heat(const Prepared& prepared, Building& building, const CoolingTechnology& technology,
                   const ChipRatings& chip, HallCooling& cooling) {
  const std::size_t p = building.pool_heat.size();
  if (const auto supply_c = stated(prepared, p, &HeatLimits::supply_c)) {
    cooling.plant.air.supply_c = cooling.loop.supply_c = cooling.outside_air.warmest_c = *supply_c;
    cooling.outside_air.coldest_c = std::min(cooling.outside_air.coldest_c, *supply_c);
  }
  cooling.plant.water.chillers = stated(prepared, p, &HeatLimits::chillers).value_or(true);
  PoolHeat& heat = building.pool_heat.emplace_back();
  heat.cooling = cooling;
  heat.tdp_w = chip.tdp_w;
  heat.die = die_power(chip, building.opaque.mean());
  heat.carried = cooling.path == HeatPath::liquid ? cooling.liquid_share : 1;
  heat.thermals = chip_thermals(technology);
  // No chip is sold that slows down where its cooling is as the catalogue has it: sinks are larger for larger chips.
  if (technology.supply_c.size() == 3)
    heat.thermals.resistance_k_w =
        std::min(heat.thermals.resistance_k_w, (heat.thermals.throttle_c - technology.supply_c[2]) / chip.tdp_w);
  if (const auto k_w = stated(prepared, p, &HeatLimits::resistance_k_w)) heat.thermals.resistance_k_w = *k_w;
  if (const auto c = stated(prepared, p, &HeatLimits::throttle_c)) heat.thermals.throttle_c = *c;
}

void resolve_heat(Prepared& prepared, Building& building, Diagnostics& d) {
  if (heat_spec(prepared)) HeatResolver(prepared, building, d).run();
}

}  // namespace alight
