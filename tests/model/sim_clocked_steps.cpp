// What a lower clock makes of a step: as long as the step model says with slower chips, and where the time goes.
#include <catch2/catch.hpp>
#include <numeric>

#include "models/power/clock.hpp"
#include "models/training/step.hpp"
#include "sim/runtime/clocked.hpp"
#include "sim/runtime/training.hpp"
#include "tests/support/services.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::string text(const char* layout, int batch) {
  return fmt::format(
      "site:\n  pools:\n    - {{name: h100, server: HGX H100, count: 16}}\n"
      "  network:\n    leaf: {{rate: 400 Gbps, down_ports: 32}}\n    spine: {{rate: 400 Gbps, down_ports: 64}}\n"
      "workload:\n  jobs:\n    - {{id: t, type: training, model: Llama-2-70B, chips: 128, steps: 10, layout: {}, "
      "global_batch: {}}}\n",
      layout, batch);
}
double part(const StateTimes& times, ChipState state) {
  return times[static_cast<std::size_t>(state)];
}

}  // namespace

TEST_CASE("at a clock a step takes as long as the step model says of chips at that clock") {
  for (const auto& [layout, batch] : {std::pair{"tp8 pp4 zero1 full", 1024},
                                      {"tp8 pp8 zero1 full", 64},
                                      {"tp4 pp8 zero1 full", 32},
                                      {"tp8 zero3 full", 1024},
                                      {"tp8 pp8 vpp2 zero1 full", 64}}) {
    const Prepared p = prepared_services(text(layout, batch));
    const auto ground = p.training_ground();
    TrainingRates rates(p.site, p.workload, ground);
    const TrainingRate& rate = rates.best(rates.kind_of(p.workload.jobs[0]), 0);
    INFO(layout << " " << batch << rate.unfit);
    REQUIRE(rate.unfit.empty());
    Layout driven = rate.layout;
    const Accelerator chip = ground->drive ? ground->drive(0, driven) : ground->pools[0].chip;
    for (const double clock : {0.9, 0.7, 0.5}) {
      INFO(clock);
      const TrainingStep now = predict_step(ground->models.at("Llama-2-70B"), rate.layout, at_clock(chip, clock),
                                            fabric_at(ground->pools[0], least_lie(ground->pools[0], 128, Shape::gang)));
      const StateTimes& times = rates.times_at_clock(rate, clock);
      const double stretch = std::accumulate(times.begin(), times.end(), 0.0);
      CHECK(stretch == Approx(now.seconds / rate.step.seconds).epsilon(1e-9));
      CHECK(stretch > 1);
      CHECK(stretch < 1 / clock);
      // What is computed takes as long as it did, and the rest of it is throttled: most of it is bound by the clock.
      // Bubbles are of longer micro-batches.
      CHECK(part(times, ChipState::useful) == Approx(rate.split.share(ChipState::useful)).margin(1e-6));
      CHECK(part(times, ChipState::below_peak) == Approx(rate.split.share(ChipState::below_peak)).margin(1e-6));
      CHECK(part(times, ChipState::throttled) >
            0.5 * (1 / clock - 1) * (rate.split.share(ChipState::useful) + rate.split.share(ChipState::below_peak)));
      CHECK(part(times, ChipState::bubble) >= rate.split.share(ChipState::bubble) * (1 - 1e-6));
      CHECK(part(times, ChipState::exposed_comm) <= rate.split.share(ChipState::exposed_comm) * (1 + 1e-6));
    }
  }
}

TEST_CASE("who shares links is told how much computation there is beside each exchange at the clock") {
  const Prepared p = prepared_services(text("tp8 zero3 full", 1024));
  TrainingRates rates(p.site, p.workload, p.training_ground());
  const TrainingRate& rate = rates.best(rates.kind_of(p.workload.jobs[0]), 0);
  const Clocked at = clocked(rate.split, 0.5, rates.times_at_clock(rate, 0.5), {});
  const TrainingRate now = at_clock(rate, at);
  CHECK(now.step_s() == Approx(rate.step_s() * at.stretch).epsilon(1e-12));
  REQUIRE(now.exchanges.size() == rate.exchanges.size());
  double exposed_s = 0, before_s = 0;
  for (std::size_t x = 0; x < now.exchanges.size(); ++x) {
    CHECK(now.exchanges[x].seconds == rate.exchanges[x].seconds);
    CHECK(now.exchanges[x].room_s >= rate.exchanges[x].room_s);
    exposed_s += now.exchanges[x].exposed_s();
    before_s += rate.exchanges[x].exposed_s();
  }
  CHECK(exposed_s < before_s);
  // As much less as the step's own exposed exchanges.
  CHECK(before_s - exposed_s == Approx(rate.step_s() * (rate.split.share(ChipState::exposed_comm) -
                                                        part(rates.times_at_clock(rate, 0.5), ChipState::exposed_comm)))
                                    .epsilon(0.02));
}

TEST_CASE("at the clock they have chips take no longer") {
  const Prepared p = prepared_services(text("tp8 pp4 zero1 full", 1024));
  TrainingRates rates(p.site, p.workload, p.training_ground());
  const TrainingRate& rate = rates.best(rates.kind_of(p.workload.jobs[0]), 0);
  const StateTimes& times = rates.times_at_clock(rate, 1);
  for (std::size_t s = 0; s < kChipStates; ++s)
    CHECK(times[s] == Approx(rate.split.share(static_cast<ChipState>(s))).margin(2e-7));
}
