// Power worked by hand: chips, clocks, servers, conversion, caps.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/inference/replica.hpp"
#include "models/power/activities.hpp"
#include "models/power/cap.hpp"
#include "models/power/conversion.hpp"
#include "models/power/server_power.hpp"
#include "models/training/step.hpp"

using namespace alight;

namespace {

const ChipRatings kChip{100, 700};

}  // namespace

TEST_CASE("a chip by what it does") {
  CHECK(chip_power_w(kChip, ChipActivity::idle()) == Approx(100));
  CHECK(chip_power_w(kChip, ChipActivity::compute_bound()) == Approx(700));
  CHECK(chip_power_w(kChip, ChipActivity::memory_bound()) == Approx(100 + 600 * kMemoryShare));
  CHECK(chip_power_w(kChip, {.waiting = 1}) == Approx(100 + 600 * kWaitingShare));
  CHECK(chip_power_w(kChip, {.starting = 1}) == Approx(100 + 300 * kWaitingShare));
  // Half of the time computing, a quarter waiting, a quarter idle.
  CHECK(chip_power_w(kChip, {.compute = 0.5, .waiting = 0.25}) == Approx(100 + 600 * (0.5 + 0.25 * kWaitingShare)));
}

TEST_CASE("a clock: the cube of it, and time for what computes") {
  // Half the clock: an eighth of the span over twice the time.
  CHECK(chip_power_w(kChip, ChipActivity::compute_bound(), 0.5) == Approx(175));
  CHECK(time_at_clock(ChipActivity::compute_bound(), 0.5) == Approx(2));
  CHECK(time_at_clock(ChipActivity::memory_bound(), 0.5) == Approx(1.004));
  CHECK(time_at_clock({.communicating = 1}, 0.5) == 1);
  // 0.6 computing, 0.2 streaming, 0.2 waiting: 1 + 0.6 + 0.2 x 0.004.
  CHECK(time_at_clock({.compute = 0.6, .memory = 0.2, .waiting = 0.2}, 0.5) == Approx(1.6008));
  // Half of the time computing at half the clock takes two of three parts of the time, at an eighth of the span.
  CHECK(chip_power_w(kChip, {.compute = 0.5}, 0.5) == Approx(100 + 600.0 / 8 * 2 / 3));
}

TEST_CASE("the clock that meets a limit") {
  // 100 + 600 f3 = 400: f = 0.7937.
  const ClockedChip half = clock_for_power(kChip, ChipActivity::compute_bound(), 400);
  CHECK(half.met);
  CHECK(half.clock == Approx(0.793701).epsilon(1e-6));
  CHECK(half.time == Approx(1.259921).epsilon(1e-6));
  CHECK(half.power_w == Approx(400));
  CHECK(clock_for_power(kChip, ChipActivity::compute_bound(), 700).clock == 1);
  // What streams and computes at once passes its TDP, and clocks itself down.
  const ClockedChip both = clock_for_power(kChip, {.compute = 1, .memory = 0.5}, 1e9);
  CHECK(both.clock < 1);
  CHECK(both.power_w == Approx(700));
  // Streaming draws what no clock saves.
  const ClockedChip memory = clock_for_power(kChip, ChipActivity::memory_bound(), 300);
  CHECK_FALSE(memory.met);
  CHECK(memory.clock == kLowestClock);
  CHECK(memory.power_w > 300);
}

TEST_CASE("a server draws less than its nameplate, which is what is provided") {
  // HGX H100: 10.2 kW, 8 x 700 W. Two processors 560, eight NICs 200, 2 TB of DDR5 300, the rest 8 x 66 = 528: 7188 W.
  // The nameplate is for fans of 15 %, 1530, supplies of 5 %, 510, and so for 8160 W: the fans draw 0.683509 of theirs.
  const ServerFacts h100{.chips = 8, .chip_tdp_w = 700, .nameplate_w = 10200, .nics = 8, .memory_gb = 2000};
  const ServerParts parts = server_parts(h100);
  CHECK(parts.processors_w == Approx(560));
  CHECK(parts.nics_w == Approx(200));
  CHECK(parts.memory_w == Approx(300));
  CHECK(parts.other_w == 528);
  CHECK(parts.fans_w == Approx(1530 * std::pow(7188.0 / 8160, 3)));
  CHECK(parts.supplies_w == Approx((7188 + parts.fans_w) / 19));
  CHECK(parts.total_w() == Approx(8667.149).epsilon(1e-6));
  CHECK(provisioned_w(h100) == Approx(10200));
  CHECK(server_power(parts, 5600, 1).total_w() == Approx(parts.total_w()));
  // Idle: chips 560, processors 560 x 90/280 = 180, memory 300, NICs 200, the rest 528: 1768 of 8160 W, less than the
  // 0.35 of the flow that fans keep, so 0.042875 of their 1530 W. The supplies lose 5/95 of the sum.
  const ServerParts idle = server_power(parts, 560, 0);
  CHECK(idle.processors_w == Approx(180));
  CHECK(idle.fans_w == Approx(65.59875));
  CHECK(idle.supplies_w == Approx(1833.59875 / 19));
  CHECK(idle.other_w == parts.other_w);
  // A nameplate too small for its parts scales them; one below its chips caps these.
  ServerFacts small = h100;
  small.nameplate_w = 6000;
  CHECK(server_parts(small).total_w() == Approx(6000));
  CHECK(server_parts(small).other_w == 0);
  small.nameplate_w = 5000;
  CHECK(server_parts(small).chips_w == 5000);
  CHECK(server_parts(small).total_w() == Approx(5000));
  // Eight chips whose memory is unknown have 1024 GiB: 1099.5 GB of 0.15 W.
  ServerFacts unknown = h100;
  unknown.memory_gb = 0;
  CHECK(server_parts(unknown).memory_w == Approx(164.9267));
  // LPDDR5X instead of DDR5 saves 0.1 W per GB, where the nameplate is not what decides.
  CHECK(memory_w_per_gb(HostMemory::ddr5) - memory_w_per_gb(HostMemory::lpddr5x) == Approx(0.1));
}

TEST_CASE("conversion: constants that do not fall with the load, staged units, a chain that sums") {
  // (1000 + 13) / 0.98 = 1033.67 W.
  CHECK(sivoc().input_w(1000) == Approx(1033.673469));
  // 40 kW over rectifiers of 13.67 kW need three of four: 3 x 17 W, (40000 + 51) / 0.96.
  const ConversionStage chassis = rectifier_chassis();
  CHECK(chassis.running(40000) == 3);
  CHECK(chassis.input_w(40000) == Approx(41719.79).epsilon(1e-6));
  CHECK(chassis.running(1) == 1);
  CHECK(chassis.running(1e9) == 4);
  // A UPS of 96 %: at full load it loses 1/0.96 - 1; without load 40 % of that.
  const ConversionUnit unit = ups(1e6, 0.96);
  CHECK(unit.input_w(1e6) == Approx(1e6 / 0.96));
  CHECK(unit.input_w(0) == Approx(0.4 * (1e6 / 0.96 - 1e6)));
  // Half load: 0.4 + 0.15 + 0.075 of it.
  CHECK(unit.input_w(5e5) - 5e5 == Approx(0.625 * (1e6 / 0.96 - 1e6)));
  const ConversionStage chain[] = {{.name = "UPS", .unit = ups(1e5, 0.96), .units = 2},
                                   {.name = "PDU", .unit = distribution(1e5, 0.01), .units = 2},
                                   chassis};
  const ConversionResult result = convert_power(chain, 40000);
  REQUIRE(result.losses_w.size() == 3);
  CHECK(result.losses_w[2] == Approx(1719.79).epsilon(1e-5));
  CHECK(result.input_w == Approx(40000 + result.losses_w[0] + result.losses_w[1] + result.losses_w[2]));
}

TEST_CASE("a cap: one clock, by priority, or units off") {
  // Twice ten chips that compute, 50 W around each: 20 x 750 W.
  std::vector<CapGroup> groups = {capped_chips(10, kChip, ChipActivity::compute_bound(), 50),
                                  capped_chips(10, kChip, ChipActivity::compute_bound(), 50)};
  groups[0].priority = 1;
  groups[1].off_w = 10;
  const CapResult free = apply_cap(groups, {.limit_w = 15000});
  CHECK(free.met);
  CHECK(free.groups[0].clock == 1);
  CHECK(free.power_w == Approx(15000));
  // 12 kW over 20 chips: 600 W each, 450 of the span of 600: f = 0.75^(1/3).
  const CapResult uniform = apply_cap(groups, {.limit_w = 12000});
  CHECK(uniform.met);
  CHECK(uniform.groups[0].clock == Approx(0.9085603).epsilon(1e-6));
  CHECK(uniform.groups[1].clock == uniform.groups[0].clock);
  CHECK(uniform.power_w == Approx(12000));
  // In whole steps of 15 MHz of 1410: 85.4 of 94, so 85.
  const CapResult stepped = apply_cap(groups, {.limit_w = 12000, .clock_step = kClockStep});
  CHECK(stepped.met);
  CHECK(stepped.groups[0].clock == Approx(85.0 / 94));
  // By priority the second group alone goes down: 4500 W over ten, 300 of the span, f = 0.5^(1/3).
  const CapResult ranked = apply_cap(groups, {.limit_w = 12000, .policy = CapPolicy::by_priority});
  CHECK(ranked.met);
  CHECK(ranked.groups[0].clock == 1);
  CHECK(ranked.groups[1].clock == Approx(0.7937005).epsilon(1e-6));
  CHECK(time_at_clock(ChipActivity::compute_bound(), ranked.groups[1].clock) == Approx(1.2599210).epsilon(1e-6));
  // Off: 740 W are saved for each; 3000 W take five.
  const CapResult off = apply_cap(groups, {.limit_w = 12000, .policy = CapPolicy::switch_off});
  CHECK(off.met);
  CHECK(off.groups[0].off == 0);
  CHECK(off.groups[1].off == 5);
  CHECK(off.power_w == Approx(15000 - 5 * 740));
  // At a meter that counts 1000 W and a quarter more: 8000 W of chips are 11 kW there.
  const auto meter = [](std::span<const double> w) { return 1000 + 1.25 * (w[0] + w[1]); };
  const CapResult metered = apply_cap(groups, {.limit_w = 11000, .meter = meter});
  CHECK(metered.met);
  CHECK(metered.power_w == Approx(11000));
  CHECK(metered.groups[0].power_w + metered.groups[1].power_w == Approx(8000));
  // Below what all of them draw at their lowest clock there is no clock.
  const CapResult hopeless = apply_cap(groups, {.limit_w = 2000});
  CHECK_FALSE(hopeless.met);
  CHECK(hopeless.groups[0].clock == Approx(kLowestClock).epsilon(1e-6));
  CHECK(apply_cap({}, {.limit_w = 100}).met);
}

TEST_CASE("a training step and a serving iteration as what chips do") {
  // 10 s: 6 of kernels, 1 each of tensor, data and optimiser, 0.5 of bubble and other. 400 PFLOP at 100 PFLOP/s: 4 s of
  // matrix work, 2 of other kernels.
  TrainingStep step;
  step.breakdown = {.compute_s = 6, .tensor_s = 1, .data_s = 1, .bubble_s = 0.5, .optimizer_s = 1, .other_s = 0.5};
  step.hardware_flops = 4e17;
  const ChipActivity training = training_activity(step, 1e17);
  CHECK(training.compute == Approx(0.4));
  CHECK(training.memory == Approx(0.3));
  CHECK(training.communicating == Approx(0.2));
  CHECK(training.waiting == Approx(0.1));
  // A rate no kernel could have reached leaves no time for others.
  CHECK(training_activity(step, 1e15).compute == Approx(0.6));
  CHECK(training_activity(TrainingStep{}, 1e15).compute == 0);

  // 20 ms: products 12, cache 4, exchange 2, launch and host 2; 1 TFLOP at 500 TFLOP/s: 2 ms.
  const IterationParts parts{
      .products_s = 0.012, .cache_s = 0.004, .exchange_s = 0.002, .launch_s = 0.001, .host_s = 0.001};
  const ChipActivity serving = serving_activity(parts, 1e12, 5e14);
  CHECK(serving.compute == Approx(0.1));
  CHECK(serving.memory == Approx(0.7));
  CHECK(serving.communicating == Approx(0.1));
  CHECK(serving.waiting == Approx(0.1));
}

TEST_CASE("a server built for air has fewer fans where a liquid takes most of its heat, and draws less") {
  ServerFacts facts{.chips = 8, .chip_tdp_w = 700, .nameplate_w = 10200, .nics = 8, .memory_gb = 2000};
  const ServerParts air = server_parts(facts);
  REQUIRE(provisioned_w(facts) == Approx(10200));
  facts.liquid_share = 0.8;
  facts.nameplate_liquid_share = 0;
  const ServerParts liquid = server_parts(facts);
  CHECK(liquid.other_w == air.other_w);
  CHECK(liquid.fans_w == Approx(0.2 * air.fans_w));
  // Supplies lose 5 % of what they take in.
  CHECK(liquid.supplies_w == Approx(0.05 * liquid.total_w()));
  CHECK(liquid.total_w() == Approx(air.total_w() - 0.8 * air.fans_w / 0.95));
  CHECK(provisioned_w(facts) == Approx(10200 - 0.8 * 0.15 * 10200 / 0.95));
  CHECK(server_power(liquid, 500, 0).total_w() < server_power(air, 500, 0).total_w());
}
