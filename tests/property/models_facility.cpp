// What must hold of power and cooling whatever the weather and the load.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/cooling/chip_temperature.hpp"
#include "models/cooling/hall.hpp"
#include "models/cooling/loss_of_cooling.hpp"
#include "models/power/cap.hpp"
#include "models/power/conversion.hpp"
#include "models/power/server_power.hpp"
#include "models/random/streams.hpp"

using namespace alight;

namespace {

struct Draw {
  Stream draws = stream(11, "facility");
  double unit() { return static_cast<double>(draws() % 1000001) / 1e6; }
  double from(double low, double high) { return low + (high - low) * unit(); }
  std::int64_t of(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(draws() % static_cast<std::uint64_t>(high - low + 1));
  }
};

Air random_air(Draw& draw) {
  return {draw.from(-50, 55), draw.unit(), draw.from(60000, 108000)};
}

HallCooling random_cooling(Draw& draw) {
  HallCooling cooling;
  cooling.path = static_cast<HeatPath>(draw.of(0, 3));
  cooling.liquid_share = draw.unit();
  cooling.air_economiser = draw.of(0, 1) == 1;
  if (cooling.path == HeatPath::outside_air) cooling.plant = outside_air_plant();
  cooling.plant.air.supply_c = draw.from(16, 32);
  cooling.loop.supply_c = draw.from(14, 55);
  return cooling;
}

HallLoad random_load(Draw& draw, double most_w) {
  const double servers_w = draw.from(0, most_w);
  return {servers_w, servers_w * draw.from(0, 0.1), draw.from(0, 0.01) * most_w};
}

ChipActivity random_activity(Draw& draw) {
  double left = 1;
  const auto some = [&] {
    const double part = left * draw.unit();
    left -= part;
    return part;
  };
  ChipActivity activity;
  activity.waiting = some();
  activity.communicating = some();
  activity.compute = some();
  activity.memory = draw.of(0, 1) ? some() : activity.compute * draw.unit();
  activity.starting = some();
  return activity;
}

bool finite_and_not_negative(const CoolingUse& use) {
  for (const double part :
       {use.fans_w, use.loop_pumps_w, use.water_pumps_w, use.humidifier_w, use.chiller_w, use.tower_pumps_w,
        use.tower_fans_w, use.evaporated_kg_s, use.drained_kg_s, use.heat_w, use.rejected_w, use.free_w})
    if (!std::isfinite(part) || part < 0) return false;
  return true;
}

}  // namespace

TEST_CASE("any weather, any hall: finite, PUE at least 1, and heat in is heat out") {
  Draw draw;
  for (int i = 0; i < 20000; ++i) {
    const Air air = random_air(draw);
    const HallCooling cooling = random_cooling(draw);
    const HallLoad rated = random_load(draw, 1e7);
    const HallLoad load{rated.servers_w * draw.unit(), rated.losses_w * draw.unit(), rated.lights_w};
    INFO("draw " << i << ": " << air.dry_bulb_c << " C, " << air.relative_humidity << ", " << air.pressure_pa << " Pa");
    const CoolingUse use = cool(cooling, load, rated, air);
    REQUIRE(finite_and_not_negative(use));
    REQUIRE(use.heat_w == Approx(load.heat_w()).margin(1e-6));
    REQUIRE(use.free_w <= use.heat_w * (1 + 1e-12));
    // What the weather gets: the heat, what coils condense of it once more, and the chiller's power.
    const double most_latent = load.heat_w() * (1 / cooling.plant.water.sensible_share - 1);
    REQUIRE(use.rejected_w >= use.heat_w * (1 - 1e-12));
    REQUIRE(use.rejected_w <= use.heat_w + use.chiller_w + most_latent + 1e-6);
    if (cooling.path == HeatPath::liquid && cooling.liquid_share == 1)
      REQUIRE(use.rejected_w == Approx(use.heat_w + use.chiller_w));
    // In mild and moist weather the towers' air leaves warmer than it came, so what evaporates takes no more with it
    // than there is. In hot and dry weather it takes the air's own heat as well.
    if (cooling.path != HeatPath::outside_air && air.dry_bulb_c < 30 && air.relative_humidity > 0.9)
      REQUIRE(use.evaporated_kg_s * 2400e3 <= use.rejected_w);
    const Hall hall{cooling, rated};
    const FacilityUse facility = facility_use(std::span(&hall, 1), std::span(&load, 1), air);
    if (load.servers_w > 0) REQUIRE(*facility.pue() >= 1);
    const double wet = wet_bulb_c(air);
    REQUIRE((std::isfinite(wet) && wet <= air.dry_bulb_c + 1e-6));
  }
}

TEST_CASE("a wetter bulb never cools cheaper, a warmer liquid never dearer") {
  Draw draw;
  for (int i = 0; i < 2000; ++i) {
    HallCooling cooling = random_cooling(draw);
    if (cooling.path == HeatPath::outside_air) continue;
    const HallLoad load{1e6, 4e4, 1e3};
    Air air = random_air(draw);
    air.relative_humidity *= 0.9;
    Air wetter = air;
    wetter.relative_humidity += 0.1;
    const double now_w = cool(cooling, load, load, air).power_w();
    INFO("draw " << i);
    REQUIRE(cool(cooling, load, load, wetter).power_w() >= now_w * (1 - 1e-9));
    cooling.loop.supply_c += 5;
    cooling.plant.air.supply_c += 2;
    // Warmer supply air is thinner, so that its fans work a little harder.
    REQUIRE(cool(cooling, load, load, air).power_w() <= now_w * 1.01);
  }
}

TEST_CASE("more heat takes more power, and less of a plant's heat a larger share") {
  Draw draw;
  for (int i = 0; i < 2000; ++i) {
    const HallCooling cooling = random_cooling(draw);
    const Air air = random_air(draw);
    const HallLoad rated{1e6, 0, 0};
    double before_w = 0;
    for (const double u : {0.1, 0.3, 0.5, 0.8, 1.0}) {
      const double power_w = cool(cooling, {1e6 * u, 0, 0}, rated, air).power_w();
      INFO("draw " << i << ", " << u);
      REQUIRE(power_w >= before_w);
      before_w = power_w;
    }
  }
}

TEST_CASE("chips: between idle and TDP, rising with the clock; the clock of a limit meets it") {
  Draw draw;
  for (int i = 0; i < 20000; ++i) {
    const double tdp_w = draw.from(50, 2000);
    const ChipRatings chip{tdp_w * draw.from(0, 0.5), tdp_w};
    const ChipActivity activity = random_activity(draw);
    INFO("draw " << i);
    double before_w = 0;
    for (const double clock : {kLowestClock, 0.3, 0.5, 0.7, 0.9, 1.0}) {
      const double power_w = chip_power_w(chip, activity, clock);
      REQUIRE(power_w >= chip.idle_w * (1 - 1e-12));
      REQUIRE(power_w >= before_w * (1 - 1e-12));
      REQUIRE(time_at_clock(activity, clock) >= 1 - 1e-12);
      before_w = power_w;
    }
    const double limit_w = draw.from(0, 1.2) * tdp_w;
    const ClockedChip clocked = clock_for_power(chip, activity, limit_w);
    REQUIRE(clocked.power_w <= (clocked.met ? std::min(limit_w, tdp_w) * (1 + 1e-9) : before_w * (1 + 1e-9)));
    if (!clocked.met) REQUIRE(clocked.clock == kLowestClock);
    const ChipThermals thermals{.resistance_k_w = draw.from(0.02, 0.1)};
    const double supply_c = draw.from(5, 60);
    const ClockedChip cool = clock_for_temperature(chip, activity, thermals, supply_c);
    if (cool.met) REQUIRE(chip_temperature_c(thermals, supply_c, cool.power_w) <= thermals.throttle_c + 1e-6);
  }
}

TEST_CASE("caps: kept wherever they can be, never raising anyone, and the same whatever the order") {
  Draw draw;
  for (int i = 0; i < 2000; ++i) {
    std::vector<CapGroup> groups;
    double all_w = 0;
    for (std::int64_t n = draw.of(1, 6); n > 0; --n) {
      const double tdp_w = draw.from(100, 1500);
      groups.push_back(capped_chips(draw.of(0, 2000), {0.1 * tdp_w, tdp_w}, random_activity(draw), draw.from(0, 300)));
      CapGroup& group = groups.back();
      group.off_w = draw.from(0, 20);
      group.priority = draw.of(0, 3);
      group.lowest_clock = draw.from(kLowestClock, 1);
      group.may_switch_off = draw.of(0, 4) > 0;
      all_w += static_cast<double>(group.units) * group.unit_w(1);
    }
    const double limit_w = all_w * draw.from(0, 1.1);
    for (const CapPolicy policy : {CapPolicy::uniform, CapPolicy::by_priority, CapPolicy::switch_off}) {
      const Cap cap{.limit_w = limit_w, .policy = policy, .clock_step = i % 2 == 0 ? 0 : kClockStep};
      const CapResult result = apply_cap(groups, cap);
      INFO("draw " << i);
      REQUIRE(result.groups.size() == groups.size());
      REQUIRE(result.met == (result.power_w <= limit_w));
      double sum_w = 0;
      for (std::size_t g = 0; g < groups.size(); ++g) {
        const CappedGroup& group = result.groups[g];
        sum_w += group.power_w;
        REQUIRE(group.power_w ==
                Approx(static_cast<double>(groups[g].units - group.off) * groups[g].unit_w(group.clock) +
                       static_cast<double>(group.off) * groups[g].off_w));
        REQUIRE((group.off >= 0 && group.off <= groups[g].units));
        REQUIRE((group.clock <= 1 && group.clock >= std::min(groups[g].lowest_clock, kLowestClock) - 1e-12));
        if (policy != CapPolicy::switch_off) REQUIRE(group.off == 0);
        if (!groups[g].may_switch_off) REQUIRE(group.off == 0);
      }
      REQUIRE(sum_w == Approx(result.power_w));
      if (policy == CapPolicy::uniform && groups.size() > 1) {
        std::vector<CapGroup> turned(groups.rbegin(), groups.rend());
        REQUIRE(apply_cap(turned, cap).power_w == Approx(result.power_w));
      }
    }
  }
}

TEST_CASE(
    "servers draw no more than is provided, nor that more than the nameplate, and less below full load; conversion "
    "loses, less so when loaded") {
  Draw draw;
  for (int i = 0; i < 5000; ++i) {
    const ServerFacts facts{.chips = draw.of(0, 16),
                            .chip_tdp_w = draw.from(50, 1500),
                            .nameplate_w = draw.of(0, 2) ? std::optional(draw.from(500, 30000)) : std::nullopt,
                            .nics = draw.of(0, 16),
                            .memory_gb = draw.from(0, 4000),
                            .memory = static_cast<HostMemory>(draw.of(0, 2)),
                            .liquid_share = draw.unit()};
    const ServerParts full = server_parts(facts);
    INFO("draw " << i);
    const double provided_w = provisioned_w(facts);
    REQUIRE(provided_w <= nameplate_w(facts) * (1 + 1e-9));
    REQUIRE(full.total_w() <= provided_w * (1 + 1e-9));
    REQUIRE(server_power(full, full.chips_w, 1).total_w() == Approx(full.total_w()));
    for (const double part :
         {full.processors_w, full.memory_w, full.nics_w, full.fans_w, full.supplies_w, full.other_w})
      REQUIRE(part >= 0);
    REQUIRE(server_power(full, full.chips_w * draw.unit(), draw.unit()).total_w() <= full.total_w() * (1 + 1e-9));

    const double rated_w = draw.from(1e4, 1e6);
    const ConversionStage chain[] = {
        {.name = "UPS", .unit = ups(rated_w, draw.from(0.9, 0.99)), .units = draw.of(1, 4)},
        {.name = "PDU", .unit = distribution(rated_w, draw.from(0, 0.05))},
        rectifier_chassis(draw.of(1, 8))};
    const double load_w = rated_w * draw.from(0.05, 1);
    const ConversionResult result = convert_power(chain, load_w);
    double sum_w = load_w;
    for (const double loss_w : result.losses_w) {
      REQUIRE(loss_w >= 0);
      sum_w += loss_w;
    }
    REQUIRE(result.input_w == Approx(sum_w));
    REQUIRE(chain[0].loss_w(load_w / 10) / (load_w / 10) > chain[0].loss_w(load_w) / load_w);
  }
}

TEST_CASE("a lump's temperature and its times agree, and its energy is kept") {
  Draw draw;
  for (int i = 0; i < 500; ++i) {
    ThermalLump lump{.heat_w = draw.from(0, 1e5),
                     .capacity_j_k = draw.from(1e3, 1e6),
                     .temperature_c = draw.from(10, 90),
                     .sink_c = draw.from(0, 40),
                     .carried_w_k = draw.of(0, 2) ? draw.from(1, 5000) : 0};
    // Long after it has settled the sums below would need finer steps.
    const double settled_s = lump.carried_w_k > 0 ? 20 * lump.capacity_j_k / lump.carried_w_k : 3600;
    const double seconds = draw.from(0.01, 1) * std::min(3600.0, settled_s);
    const double later_c = temperature_after_c(lump, seconds);
    INFO("draw " << i);
    REQUIRE(std::isfinite(later_c));
    if (const auto when = seconds_until(lump, later_c);
        when && std::abs(warming_k_min(lump)) > 1e-6 && *when < 1e5 && std::abs(later_c - lump.temperature_c) > 1e-3) {
      const auto end = steady_c(lump);
      if (!end || std::abs(*end - later_c) > 1e-3) REQUIRE(*when == Approx(seconds).epsilon(1e-3));
    }
    // Heat in less heat carried is heat kept, by small steps.
    double carried_j = 0;
    const int steps = 2000;
    for (int s = 0; s < steps; ++s)
      carried_j +=
          lump.carried_w_k * (temperature_after_c(lump, seconds * (s + 0.5) / steps) - lump.sink_c) * seconds / steps;
    REQUIRE(lump.heat_w * seconds - carried_j ==
            Approx(lump.capacity_j_k * (later_c - lump.temperature_c)).margin(1e-3 * (1 + lump.heat_w * seconds)));
  }
}
