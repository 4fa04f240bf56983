#include "sim/scenario/heat_spec.hpp"

namespace alight {
namespace {

constexpr Range kSupplyTemperature{.min = -20, .max = 100};
constexpr Range kHeatTime{.min = 0, .max = 1e10};
constexpr Range kHeatSpan{.min = 0, .max = 1e10, .above_min = true};

template <class Spec, class T>
T Spec::*member_of(T HeatLimits::*member) {
  return member;
}

template <class Spec, class Kind>
void add_limits(Kind& kind) {
  kind.quantity("supply", member_of<Spec>(&HeatLimits::supply_c), "C",
                "What air or liquid is supplied at, and energy for cooling counted with; of outside air the warmest. "
                "Default: the typical supply of the cooling in the catalogue.",
                kSupplyTemperature)
      .quantity("resistance", member_of<Spec>(&HeatLimits::resistance_k_w), "K/W",
                "From a chip to what it is supplied with. Default: of the cooling in the catalogue, and no more than "
                "keeps a chip at its limit of power below `throttle` at the warmest supply the catalogue has for it.",
                {.min = 0, .max = 10, .above_min = true})
      .quantity("throttle", member_of<Spec>(&HeatLimits::throttle_c), "C",
                "Temperature of a chip above which it is clocked down. Default: 87 C (84 to 90 C of an H100).",
                {.min = 20, .max = 200})
      .quantity("shutdown", member_of<Spec>(&HeatLimits::shutdown_c), "C",
                "Supply at which servers are switched off. Default: air 45 C, the end of ASHRAE's class A4; a liquid "
                "where the lowest clock no longer keeps chips below `throttle`.",
                kSupplyTemperature)
      .quantity("restart", member_of<Spec>(&HeatLimits::restart_c), "C",
                "Supply at which they are switched on again. Default: what the plant holds in the hour.",
                kSupplyTemperature)
      .flag("chillers", member_of<Spec>(&HeatLimits::chillers),
            "Whether chillers cool what towers, or evaporation into outside air, cannot. Without, supplies are as warm "
            "as the weather makes them, and no chiller draws power. Default: true.");
}

}  // namespace

const Description& PoolHeatSpec::description() {
  static const auto d = [] {
    auto kind = describe<PoolHeatSpec>("heat of a pool", "What is another for this pool.");
    kind.text("pool", &PoolHeatSpec::pool, "Which.").required();
    add_limits<PoolHeatSpec>(kind);
    return kind.done();
  }();
  return d;
}

const Description& LostUnitsSpec::description() {
  static const auto d =
      describe<LostUnitsSpec>("lost cooling units", "Cooling units that fail at a known time.")
          .quantity("at", &LostUnitsSpec::at_s, "s", "When, after the start of the run.", kHeatTime)
          .required()
          .integer("units", &LostUnitsSpec::units, "How many.", {.min = 1, .max = 1000000})
          .quantity("lasts", &LostUnitsSpec::lasts_s, "s", "Until they are repaired. Default: for good.", kHeatSpan)
          .done();
  return d;
}

const Description& CoolingUnitsSpec::description() {
  static const auto d =
      describe<CoolingUnitsSpec>("cooling units",
                                 "CRAHs, CDUs or pumps of some pools, all alike. All run; with fewer than the heat "
                                 "needs the supply warms.")
          .text("name", &CoolingUnitsSpec::name, "As events are told.")
          .required()
          .list("pools", &CoolingUnitsSpec::pools, "Whose supply they cool. Default: all pools.")
          .text("hall", &CoolingUnitsSpec::hall, "Or all pools with this hall label.")
          .integer("needed", &CoolingUnitsSpec::needed, "Units that hold the supply at full load.",
                   {.min = 1, .max = 1000000})
          .required()
          .integer("spare", &CoolingUnitsSpec::spare, "Units beside them.", {.min = 0, .max = 1000000})
          .quantity("failures", &CoolingUnitsSpec::failures_per_year, "/year",
                    "How often each fails by chance. Default: never; the catalogue knows no rate.",
                    {.min = 0, .max = 1e6})
          .quantity("repair", &CoolingUnitsSpec::repair_s, "s", "Mean time until one that failed by chance is back.",
                    kHeatSpan)
          .quantity("repair_median", &CoolingUnitsSpec::repair_median_s, "s",
                    "Median of that: repairs are lognormal then, else exponential.", kHeatSpan)
          .quantity("warming", &CoolingUnitsSpec::warming_k_min, "K/min",
                    "How fast the supply warms at full load with no unit left. Default: of the cooling in the "
                    "catalogue.",
                    {.min = 0, .max = 10000, .above_min = true})
          .quantity("approach", &CoolingUnitsSpec::approach_k, "K",
                    "How far the supply stands, by the heat of full load, over what the needed units carry it to; half "
                    "of them: so much warmer. Default: of the plant, rise over effectiveness (air 23 K, outside air 15 "
                    "K, a liquid 12 K).",
                    {.min = 0, .max = 1000, .above_min = true})
          .list("lost", &CoolingUnitsSpec::lost, "Units that fail at known times.")
          .check([](const CoolingUnitsSpec& s, const std::string& path, Diagnostics& out) {
            if (!s.pools.empty() && !s.hall.empty()) out.error_at(join_key(path, "hall"), "either `pools` or a `hall`");
            if (s.failures_per_year > 0 && !s.repair_s)
              out.error_at(join_key(path, "repair"), "is missing: how long a unit that failed is out");
            if (s.repair_median_s && !s.repair_s)
              out.error_at(join_key(path, "repair"), "is missing; `repair_median` needs the mean beside it");
            if (s.repair_median_s && s.repair_s && *s.repair_median_s > *s.repair_s)
              out.error_at(join_key(path, "repair_median"),
                           "is longer than `repair`, the mean; repairs have a long tail");
            for (std::size_t i = 0; i < s.lost.size(); ++i)
              if (s.lost[i].units > s.needed + s.spare)
                out.error_at(join_key(path, "lost") + "[" + std::to_string(i) + "].units",
                             "there are only " + std::to_string(s.needed + s.spare));
          })
          .done();
  return d;
}

const Description& HeatSpec::description() {
  static const auto d = [] {
    auto kind = describe<HeatSpec>("heat",
                                   "Heat in a run: supplies follow the weather and the cooling units, chips that get "
                                   "too warm are clocked down, servers switched off. {} takes all defaults.");
    add_limits<HeatSpec>(kind);
    kind.list("pools", &HeatSpec::pools, "Where single pools are others.")
        .list("units", &HeatSpec::units, "Cooling units. Default: as many as are needed, and none fails.");
    return kind.done();
  }();
  return d;
}

}  // namespace alight
