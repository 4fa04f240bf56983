// Heat in a run, by hand: supplies by weather, cooling units that are lost, chips clocked down, servers switched off.
// Chips known only by their jobs' durations draw all of their limit; of HGX H100 under air they stand 0.075 K/W x 700 W
// = 52.5 K over their supply, and at 87 C where it is 34.5 C warm.
#include "models/cooling/supply.hpp"
#include "models/power/cap.hpp"
#include "models/power/clock.hpp"
#include "sim/facility/state_power.hpp"
#include "tests/support/capped.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::string heated(const std::string& facility, const std::string& jobs, int servers = 2,
                   const std::string& more = "") {
  return fmt::format(
      "site:\n  pools:\n    - {{name: h100, server: HGX H100, count: {}, rack: {{servers: 1}}}}\n"
      "  facility: {{opaque_power: 1, {}}}\nworkload:\n  jobs:\n{}{}",
      servers, facility, jobs, more);
}

constexpr double kLimit_c = 87, kResistance = 0.075, kSupply_c = 24;

/// Of a chip that computes at k/94 of its clock: alone, and with its part of the server.
struct HotChip {
  explicit HotChip(const Prepared& p) : building(*p.settings.building) {}
  double die_w(int k) const {
    return chip_power_w(
        {.idle_w = building.pool_heat[0].die.watts[static_cast<std::size_t>(ChipState::idle)], .tdp_w = 700},
        ChipActivity::compute_bound(), k / 94.0);
  }
  double watts(int k) const {
    return k == 94 ? building.power[0].watts[static_cast<std::size_t>(ChipState::opaque)]
                   : building.power[0].clocked_w(ChipState::opaque, k / 94.0);
  }
  /// What its server draws, of what is provided for it and its cooling is built for.
  double of_rated(int k) const { return 8 * watts(k) / building.provisioned_w[0]; }
  /// The supply at which it stands at its limit.
  double limit_c(int k) const { return kLimit_c - kResistance * die_w(k); }
  Building building;
};

}  // namespace

TEST_CASE("a supply with half of its units warms by its exponential, and is held again when they are back") {
  // 100 kW, four units that hold 25 C by standing 20 K over their sink at 5 C. Two of them carry 2.5 kW/K: it settles
  // at 45 C with a time of 1 MJ/K / 2.5 kW/K = 400 s.
  Supply supply({.rated_w = 100e3, .needed = 4, .approach_k = 20, .capacity_j_k = 1e6}, 25, 4);
  supply.heat(100e3);
  CHECK(supply.held());
  supply.run(2);
  CHECK_FALSE(supply.held());
  CHECK(supply.after_c(400) == Approx(45 - 20 * std::exp(-1.0)));
  CHECK(supply.seconds_until(40).value() == Approx(400 * std::log(4.0)));
  CHECK_FALSE(supply.seconds_until(46));
  supply.pass(400);
  const double warm_c = supply.temperature_c();
  // With all it settles at the set point, in 200 s; from 0.1 K over it on it counts as held.
  supply.run(4);
  CHECK(supply.falls());
  CHECK(supply.seconds_until(supply.held_from_c()).value() == Approx(200 * std::log((warm_c - 25) / kHeldWithin_k)));
  supply.arrive(supply.held_from_c());
  CHECK(supply.held());
  CHECK(supply.temperature_c() == 25);
  // Half of the heat is what two carry; with none it is 3 K a minute and a straight line.
  supply.heat(50e3);
  supply.run(2);
  CHECK(supply.held());
  supply.run(0);
  CHECK(supply.after_c(60) == Approx(25 + 3));
}

TEST_CASE("what the weather leaves of a set point without chillers") {
  HallCooling cooling{.path = HeatPath::liquid, .liquid_share = 0.85};
  const Air humid{.dry_bulb_c = 40, .relative_humidity = 0.6};
  CHECK(held_supply_c(cooling, humid) == cooling.loop.supply_c);
  cooling.plant.water.chillers = false;
  CHECK(held_supply_c(cooling, {.dry_bulb_c = 10}) == cooling.loop.supply_c);
  const double towers_c = wet_bulb_c(humid) + 6.50576172 + 2.29404297;
  CHECK(held_supply_c(cooling, humid) == Approx(towers_c + 2.29404297));
  cooling.path = HeatPath::chilled_air;
  CHECK(held_supply_c(cooling, humid) == Approx(towers_c + 18.8856337 * (1 / 0.816601563 - 1)));
  // Outside air: cold air is mixed, hot air cooled by evaporation as far as its humidity lets it.
  cooling.path = HeatPath::outside_air;
  CHECK(held_supply_c(cooling, {.dry_bulb_c = -5}) == cooling.outside_air.coldest_c);
  CHECK(held_supply_c(cooling, {.dry_bulb_c = 40, .relative_humidity = 0.1}) == cooling.outside_air.warmest_c);
  const double moist_c = held_supply_c(cooling, humid);
  CHECK(moist_c > cooling.outside_air.warmest_c);
  CHECK(moist_c < 40);
  // At that temperature and 80 % it has the enthalpy it came with.
  CHECK(enthalpy_kj_kg({.dry_bulb_c = moist_c, .relative_humidity = 0.8}) == Approx(enthalpy_kj_kg(humid)));
  cooling.plant.water.chillers = true;
  CHECK(held_supply_c(cooling, humid) == cooling.outside_air.warmest_c);
}

TEST_CASE("without a chiller no chiller draws power") {
  HallCooling cooling{.path = HeatPath::chilled_air};
  const Air hot{.dry_bulb_c = 40, .relative_humidity = 0.6};
  const HallLoad load{.servers_w = 1e6};
  CHECK(cool(cooling, load, load, hot).chiller_w > 0);
  cooling.plant.water.chillers = false;
  CHECK(cool(cooling, load, load, hot).chiller_w == 0);
  cooling.path = HeatPath::outside_air;
  CHECK(cool(cooling, load, load, hot).chiller_w == 0);
}

TEST_CASE("all units lost, chips go down step by step, and at the limit servers are switched off") {
  const std::string jobs =
      "    - {id: a, chips: 16, duration: 3000 s}\n    - {id: b, chips: 8, duration: 5 s, submit: 1 h}\n";
  const Prepared p = prepared_services(
      heated("cooling: air, heat: {shutdown: 60 C, units: [{name: crah, needed: 2, lost: [{at: 100 s, units: 2, lasts: "
             "2400 s}]}]}",
             jobs));
  const HotChip chip(p);
  const CappedPlay played = play_capped(p);
  // 3 K a minute at the heat the plant is built for, less at what is drawn: a straight line from step to step.
  const double rated_k_s = 3.0 / 60;
  double at_s = 100, c = kSupply_c, done_s = 100;
  int k = 94;
  for (; chip.limit_c(k) < 60; --k) {
    const double more_s = (chip.limit_c(k) - c) / (rated_k_s * chip.of_rated(k));
    if (k == 94) CHECK(played.when("throttled by heat") == Approx(at_s + more_s));
    at_s += more_s;
    done_s += more_s * (k / 94.0);
    c = chip.limit_c(k);
  }
  at_s += (60 - c) / (rated_k_s * chip.of_rated(k));
  CHECK(played.when("supply not held") == Approx(100));
  CHECK(played.when("switched off for heat") == Approx(at_s));
  REQUIRE(played.jobs.size() == 2);
  CHECK(played.jobs[0].status == static_cast<double>(JobStatus::failed));
  CHECK(played.jobs[0].finish_s == Approx(at_s));
  REQUIRE(played.heat.size() == 1);
  CHECK(played.heat[0].highest_supply_c == Approx(60));
  CHECK(played.heat[0].highest_chip_c == Approx(kLimit_c));
  CHECK(played.heat[0].lowest_clock == Approx(k / 94.0));
  CHECK(played.heat[0].jobs_cut == 1);
  CHECK(played.heat[0].above_s == 0);
  // Off, nothing warms it; with both units back at 2500 s it cools by its exponential to 0.1 K over the set point.
  const double approach_k = 18.8856337 / 0.816601563, time_s = approach_k * 60 / 3;
  const double sink_c = kSupply_c - approach_k;
  const double on_s = 2500 + time_s * std::log((60 - sink_c) / (kSupply_c + kHeldWithin_k - sink_c));
  CHECK(played.when("cool again") == Approx(on_s));
  CHECK(played.chip_seconds(ChipState::unpowered) == Approx(16 * (on_s - at_s)));
  CHECK(played.jobs[1].start_s == Approx(3600));
}

TEST_CASE("half of the units: jobs settle at a clock their heat allows, and nothing is lost but time") {
  const std::string jobs = "    - {id: a, chips: 16, duration: 20000 s}\n";
  const std::string units = "units: [{name: crah, needed: 2, lost: [{at: 0 s, lasts: 10000 s}]}]";
  const Prepared p = prepared_services(heated("cooling: air, heat: {shutdown: 70 C, " + units + "}", jobs));
  const HotChip chip(p);
  const CappedPlay played = play_capped(p);
  const double approach_k = 18.8856337 / 0.816601563, time_s = 2 * approach_k * 20;
  // Towards the sink and twice the approach, where as much is drawn as the plant is built for.
  const auto steady = [&](int k) { return kSupply_c - approach_k + 2 * approach_k * chip.of_rated(k); };
  const double steady_c = steady(94);
  CHECK(played.when("throttled by heat") ==
        Approx(time_s * std::log((steady_c - kSupply_c) / (steady_c - chip.limit_c(94)))));
  REQUIRE(played.heat.size() == 1);
  CHECK(played.heat[0].highest_chip_c == Approx(kLimit_c));
  CHECK(played.heat[0].highest_supply_c < steady_c);
  CHECK(played.heat[0].lowest_clock < 1);
  // It settles where its heat is carried at what its chips bear.
  int k = 94;
  while (steady(k) > chip.limit_c(k)) --k;
  CHECK(std::abs(played.heat[0].lowest_clock * 94 - k) <= 2);
  CHECK(played.jobs.at(0).status == static_cast<double>(JobStatus::completed));
  CHECK(played.jobs[0].finish_s == Approx(20000 + played.chip_seconds(ChipState::throttled) / 16));
  CHECK(played.when("supply held again") > 10000);
  CHECK(played.heat[0].throttled_s < 10000);
}

TEST_CASE("a supply that the weather warms holds a job at one clock") {
  const std::string jobs = "    - {id: a, chips: 16, duration: 1000 s}\n";
  const std::string weather = "cooling: air waterside economiser, weather: {dry_bulb: 34 C, humidity: 0.7}, ";
  const Prepared p = prepared_services(heated(weather + "heat: {chillers: false, shutdown: 60 C}", jobs));
  const HotChip chip(p);
  const double supply_c = held_supply_c(p.settings.building->pool_heat[0].cooling, p.settings.building->outside);
  REQUIRE(supply_c > chip.limit_c(94));
  int k = 94;
  while (chip.limit_c(k) < supply_c) --k;
  const CappedPlay played = play_capped(p);
  CHECK(played.end_s == Approx(1000 * 94.0 / k));
  CHECK(played.chip_seconds(ChipState::throttled) == Approx(16 * (played.end_s - 1000)));
  CHECK(played.jobs.at(0).joules == Approx(16 * played.end_s * chip.watts(k)));
  CHECK(played.heat.at(0).highest_supply_c == Approx(supply_c));
  CHECK(played.heat[0].throttled_s == Approx(played.end_s));
  CHECK(played.supplies_c.at(0) == Approx(supply_c));
  // With chillers the set point holds.
  CHECK(play_capped(prepared_services(heated(weather + "heat: {}", jobs))).end_s == Approx(1000));
}

TEST_CASE("a job goes at the lowest clock that a cap or heat asks of it") {
  const std::string jobs = "    - {id: a, chips: 16, duration: 1000 s}\n";
  const std::string hot = "cooling: air, heat: {throttle: 70 C}";
  const CappedPlay warm = play_capped(prepared_services(heated(hot, jobs)));
  const double by_heat = warm.heat.at(0).lowest_clock;
  REQUIRE(by_heat < 0.95);
  CHECK(warm.end_s == Approx(1000 / by_heat));
  const HotChip chip(prepared_services(heated("cooling: air", jobs)));
  for (const int k : {40, 93}) {
    const Prepared p = prepared_services(
        heated(hot + fmt::format(", caps: [{{level: site, limit: {:.17g} W}}]", 16 * chip.watts(k) + 1), jobs));
    const CappedPlay played = play_capped(p);
    const double lower = std::min(by_heat, k / 94.0);
    // Both look when the run begins.
    CHECK(played.end_s == Approx(1000 / lower));
  }
}

TEST_CASE("heat that troubles nobody changes nothing") {
  const std::string jobs =
      "    - {id: a, chips: 16, duration: 1000 s}\n    - {id: t, type: training, model: Llama-3.1-8B, chips: 16, "
      "steps: "
      "500, layout: tp2 zero1 full}\n";
  for (const char* cooling : {"air", "cold plate", "air economiser", "rear door"}) {
    const CappedPlay without = play_capped(prepared_services(heated(fmt::format("cooling: {}", cooling), jobs)));
    const CappedPlay with = play_capped(prepared_services(heated(
        fmt::format("cooling: {}, heat: {{units: [{{name: u, needed: 2, spare: 1, lost: [{{at: 10 s}}]}}]}}", cooling),
        jobs)));
    CHECK(with.end_s == without.end_s);
    CHECK(with.joules == without.joules);
    CHECK(with.chip_s == without.chip_s);
    CHECK(with.heat.at(0).throttled_s == 0);
    CHECK(with.when("cooling units lost") == 10);
    CHECK(with.when("supply not held") == -1);
  }
}

TEST_CASE("a job that may be preempted waits until it is cool, and units fail by chance as often as they should") {
  const Prepared p = prepared_services(
      heated("cooling: cold plate, heat: {units: [{name: cdu, needed: 1, lost: [{at: 500 s, lasts: 1 h}]}]}",
             "    - {id: a, chips: 16, duration: 1000 s, preemptible: true}\n"));
  const CappedPlay played = play_capped(p);
  REQUIRE(played.jobs.size() == 1);
  CHECK(played.jobs[0].preemptions == 1);
  CHECK(played.jobs[0].start_s == Approx(played.when("cool again")));
  CHECK(played.jobs[0].finish_s == Approx(played.jobs[0].start_s + 1000));
  CHECK(played.heat.at(0).off_s == Approx(played.when("cool again") - played.when("switched off for heat")));
  // 20 units, each out 10 times a year for an hour, for a year: 200, with a spread of 14.
  const CappedPlay year = play_capped(prepared_services(heated(
      "cooling: cold plate, heat: {units: [{name: cdu, needed: 10, spare: 10, failures: 10 /year, repair: 1 h}]}",
      "    - {id: a, chips: 16, duration: 1000 s}\n", 2, "horizon: 365 d\n")));
  std::size_t lost = 0;
  for (const auto& [which, at_s] : year.heat_events) lost += kHeatEvents[which] == "cooling units lost" ? 1 : 0;
  CHECK(lost > 150);
  CHECK(lost < 250);
}
