// Cooling worked by hand: machines, a plant's parts, chips' temperature, the loss of a unit.
#include <catch2/catch.hpp>

#include "models/cooling/chip_temperature.hpp"
#include "models/cooling/density.hpp"
#include "models/cooling/hall.hpp"
#include "models/cooling/loss_of_cooling.hpp"

using namespace alight;

TEST_CASE("fans and pumps: flow times pressure over efficiency, and the cube of the flow") {
  // 12 kg/s of air of 1.2 kg/m3 against 350 Pa at 70 %: 10 m3/s x 350 / 0.7 = 5 kW.
  CHECK(mover_power_w({350, 0.7}, 12, 1.2) == Approx(5000));
  CHECK(affinity(0.5, 0.35) == Approx(0.125));
  CHECK(affinity(0.1, 0.35) == Approx(0.042875));
  CHECK(affinity(1.4, 0.35) == 1);
}

TEST_CASE("the chiller's COP is the regression's where that falls, and held where it would not") {
  // Examples of row lm_cop of the reference: load 0.8 gives 13.2 at 10 C, 8.93 at 20 C, 6.42 at 30 C.
  CHECK(chiller_cop(0.8, 10) == Approx(13.2).epsilon(0.003));
  CHECK(chiller_cop(0.8, 20) == Approx(8.93).epsilon(0.003));
  CHECK(chiller_cop(0.8, 30) == Approx(6.42).epsilon(0.003));
  CHECK(chiller_cop(0.8, -5) == chiller_cop(0.8, 10));
  CHECK(chiller_cop(0.8, 60) == chiller_cop(0.8, 50));
}

TEST_CASE("a plant under half of its heat: movers at an eighth, the chiller at half") {
  CoolingPlant plant;
  plant.water.economiser = false;
  const Air outside{30, 0.6, 101325};
  const CoolingUse full = cool_by_chilled_air(plant, 1e6, 1e6, outside);
  const CoolingUse half = cool_by_chilled_air(plant, 0.5e6, 1e6, outside);
  CHECK(half.fans_w == Approx(full.fans_w / 8));
  CHECK(half.water_pumps_w == Approx(full.water_pumps_w / 8));
  CHECK(half.tower_pumps_w == Approx(full.tower_pumps_w / 8));
  CHECK(half.tower_fans_w == Approx(full.tower_fans_w / 8));
  CHECK(half.chiller_w == Approx(full.chiller_w / 2));
  CHECK(half.water_kg_s() == Approx(full.water_kg_s() / 2));
  // 1 MW over 1.01 kJ/(kg K) and 18.886 K: 52.426 kg/s of 1.1752 kg/m3 against 416.99 Pa at 0.71372: 26.06 kW.
  CHECK(full.fans_w == Approx(26063).epsilon(0.001));
}

TEST_CASE("a liquid warm enough needs no chiller, and its loop little power") {
  const CoolingPlant plant;
  const LiquidLoop loop;
  // Towers at a wet bulb of 20 C give 28.8 C; the loop asks for 35 less 2.29.
  const CoolingUse use = cool_by_liquid(plant, loop, 1e6, 1e6, {20, 1, 101325});
  CHECK(use.chiller_w == 0);
  CHECK(use.free_w == 1e6);
  CHECK(use.rejected_w == 1e6);
  // 1 MW at 40 kJ/kg: 25 kg/s, 0.025 m3/s x 156284 Pa / 0.66895 = 5.841 kW.
  CHECK(use.loop_pumps_w == Approx(5841).epsilon(0.001));
  CHECK(use.evaporated_kg_s > 0);
}

TEST_CASE("a hall sends the servers' share to the liquid and all else through the air") {
  const HallCooling cooling{.path = HeatPath::liquid, .liquid_share = 0.8};
  const HallLoad load{.servers_w = 1e6, .losses_w = 4e4, .lights_w = 1e4};
  const Air outside{10, 1, 101325};
  const CoolingUse use = cool(cooling, load, load, outside);
  CHECK(use.loop_pumps_w == Approx(cool_by_liquid(cooling.plant, cooling.loop, 8e5, 8e5, outside).loop_pumps_w));
  CHECK(use.fans_w == Approx(cool_by_chilled_air(cooling.plant, 2.5e5, 2.5e5, outside).fans_w));
  CHECK(use.heat_w == Approx(1.05e6));
  // Two halls beside each other are their sum, so a PUE weighted by heat.
  const Hall hall{cooling, load};
  const Hall air{{.path = HeatPath::chilled_air}, load};
  const FacilityUse both = facility_use(std::vector{hall, air}, std::vector{load, load}, outside);
  const double mean = (*facility_use(std::vector{hall}, std::vector{load}, outside).pue() +
                       *facility_use(std::vector{air}, std::vector{load}, outside).pue()) /
                      2;
  CHECK(*both.pue() == Approx(mean));
  CHECK_FALSE(facility_use(std::vector{hall}, std::vector{HallLoad{}}, outside).pue());
}

TEST_CASE("a chip stands over its supply by R P, slows as it warms, and keeps its limit by its clock") {
  const ChipThermals air;
  // 700 W x 0.075 K/W over 30 C: 82.5 C; 12.5 K over 70 C at 0.4 %: 5 % slower.
  CHECK(chip_temperature_c(air, 30, 700) == Approx(82.5));
  CHECK(rate_at(air, 82.5) == Approx(0.95));
  CHECK(rate_at(air, 60) == 1);
  CHECK(rate_at(air, 87) == 0.575);
  CHECK(memory_rate_at(air, 94.9) == 1);
  CHECK(memory_rate_at(air, 95) == 0.742);
  // At 45 C the limit of 87 C leaves 560 W: idle 70 W and 630 W f3 of a computing chip, f = (490/630)^(1/3).
  const ChipRatings h100{70, 700};
  CHECK(power_at_throttle_w(air, 45) == Approx(560));
  const ClockedChip clocked = clock_for_temperature(h100, ChipActivity::compute_bound(), air, 45);
  CHECK(clocked.met);
  CHECK(clocked.clock == Approx(0.91964).epsilon(1e-4));
  CHECK(clocked.power_w == Approx(560).epsilon(1e-9));
  CHECK(clocked.time == Approx(1 / clocked.clock));
  CHECK(clock_for_temperature(h100, ChipActivity::compute_bound(), air, 30).clock == 1);
  CHECK_FALSE(clock_for_temperature(h100, ChipActivity::compute_bound(), air, 85).met);
}

TEST_CASE("the loss of a unit: a straight line with none left, an exponential with some, and back") {
  // 15 kW that warm 3 K/min: 300 kJ/K. From 25 C to 35 C in 200 s.
  ThermalLump lump{.heat_w = 15e3, .capacity_j_k = capacity_from_warming_j_k(15e3, 3), .temperature_c = 25};
  CHECK(lump.capacity_j_k == Approx(3e5));
  CHECK(warming_k_min(lump) == Approx(3));
  CHECK(*seconds_until(lump, 35) == Approx(200));
  CHECK(temperature_after_c(lump, 200) == Approx(35));
  CHECK_FALSE(seconds_until(lump, 20));
  CHECK_FALSE(steady_c(lump));
  // Two of three units left, that held 25 C against 10 C with 1 kW/K: 666.7 W/K hold 32.5 C; 30 C is passed after
  // 450 s x ln(7.5/2.5).
  lump.sink_c = 10;
  lump.carried_w_k = carried_w_k(15e3, 25, 10) * 2 / 3;
  CHECK(lump.carried_w_k == Approx(2000.0 / 3));
  CHECK(*steady_c(lump) == Approx(32.5));
  CHECK(*seconds_until(lump, 30) == Approx(450 * 1.0986123));
  CHECK_FALSE(seconds_until(lump, 33));
  CHECK(temperature_after_c(lump, 450 * 1.0986123) == Approx(30));
  // All three back at 30 C: towards 25 C, past 26 C after 300 s x ln 5.
  lump.temperature_c = 30;
  lump.carried_w_k = carried_w_k(15e3, 25, 10);
  CHECK(*seconds_until(lump, 26) == Approx(300 * 1.6094379));
  CHECK(*seconds_until(lump, 30) == 0);
  // A margin of 14 K gone in 20 s: 1 kW warms 1.43 kJ/K.
  CHECK(capacity_from_margin_j_k(1000, 14, 20) == Approx(1428.57).epsilon(1e-5));
  CHECK(racks_down_per_year({0.003, 4}, 100) == Approx(1.2));
}

TEST_CASE("a rack beyond its cooling is told so") {
  const DensityLimits air{"air", 5, 12, 25};
  CHECK(rack_density(12, air).verdict == DensityVerdict::carried);
  CHECK(rack_density(12, air).reason.empty());
  CHECK(rack_density(25, air).verdict == DensityVerdict::dense);
  const RackDensity beyond = rack_density(40.8, air);
  CHECK(beyond.verdict == DensityVerdict::beyond);
  CHECK(beyond.over_kw == Approx(15.8));
  CHECK(beyond.reason == "40.8 kW per rack; air carries 25 kW at most");
  CHECK(rack_density(1e6, {"unknown"}).verdict == DensityVerdict::carried);
}
