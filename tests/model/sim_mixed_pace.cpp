// Jobs over two pools whose chips are slow, or clocked down, by hand: what it costs depends on whose chips they are.
#include <catch2/catch.hpp>

#include "models/power/clock.hpp"
#include "sim/runtime/clocked_mix.hpp"
#include "tests/support/capped.hpp"
#include "tests/support/random_runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

/// One chip, and one half as fast, share four sequences three to one (sim_mixed_training.cpp): of a step of 3 t the
/// fast one computes all, the slow one 2 t.
struct ThreeToOne {
  Site site = site_of({trained_pool("a", 1, 1), trained_pool("b", 1, 1)});
  std::shared_ptr<TrainingGround> ground = small_ground(site);
  Workload work = workload(
      {{.id = "m", .model = "small", .training = "plan gb4 seq16384", .tokens = 1e7, .mix = {{{"a", 1}, {"b", 1}}}}});

  ThreeToOne() {
    Accelerator& slow = ground->pools[1].chip;
    for (double& flops : slow.peak_flops) flops /= 2;
    slow.memory_bytes_s /= 2;
    slow.kernels.kernel_gap_s *= 2;
    for (auto& pool : ground->pools) pool.fabric.out.gbs = 2500;
  }
  /// The chip of a pool goes at `part` of its speed from `at_s` on, and nobody finds out.
  Played play(std::size_t pool, double part, double at_s = 0) const {
    BreakdownPlan plan;
    BreakdownPlan::Cause cause{
        .stream = "slow", .pools = {}, .detection_s = std::numeric_limits<double>::infinity(), .slows_to = part};
    cause.of.name = "slow chip";
    cause.of.repair = RepairTime{100, 100};
    plan.causes.push_back(cause);
    plan.slowings.push_back({.at_s = at_s, .cause = 0, .server = static_cast<ServerIndex>(pool), .chip = 0});
    RunSettings settings;
    settings.breakdowns = std::make_shared<BreakdownPlan>(std::move(plan));
    return played<Auditor>(site, work, settings, ground);
  }
  Played alone() const { return played<Auditor>(site, work, {}, ground); }
};

/// What comes once a step, optimiser and gradients, is no part of the picture above.
constexpr double kOnceAStep = 0.03;

double part_of(const Played& p, std::size_t pool, ChipState state) {
  return p.chip_seconds(pool, state) / p.end_s;
}

}  // namespace

TEST_CASE("a chip that waits for the other kind anyway may go at two thirds of its speed for nothing") {
  const ThreeToOne job;
  const Played alone = job.alone(), p = job.play(1, 2.0 / 3);
  CHECK(part_of(alone, 1, ChipState::bucket) == Approx(1.0 / 3).margin(kOnceAStep));
  CHECK(p.end_s == Approx(alone.end_s).epsilon(kOnceAStep));
  CHECK(part_of(p, 1, ChipState::bucket) == Approx(0).margin(kOnceAStep));
  CHECK(part_of(p, 0, ChipState::bucket) == Approx(0).margin(kOnceAStep));
  // It is at work for as long as it waited.
  CHECK(p.chip_seconds(1, ChipState::below_peak) - alone.chip_seconds(1, ChipState::below_peak) ==
        Approx(alone.end_s / 3).epsilon(0.1));
  CHECK(p.chip_seconds(1, ChipState::useful) == Approx(alone.chip_seconds(1, ChipState::useful)).epsilon(1e-5));
}

TEST_CASE("at a third of it, it is the one that all wait for") {
  const ThreeToOne job;
  const Played alone = job.alone(), p = job.play(1, 1.0 / 3);
  // 6 t of what took 3 t; the fast chip waits half of the time.
  CHECK(p.end_s / alone.end_s == Approx(2).epsilon(kOnceAStep));
  CHECK(part_of(p, 0, ChipState::bucket) == Approx(0.5).margin(kOnceAStep));
  CHECK(part_of(p, 1, ChipState::bucket) == Approx(0).margin(kOnceAStep));
  CHECK(p.jobs[0].slowed_s == Approx(p.end_s - alone.end_s).epsilon(1e-9));
}

TEST_CASE("a chip of the kind that sets the pace costs all it is slower, from when it is") {
  const ThreeToOne job;
  const Played alone = job.alone(), p = job.play(0, 0.5, alone.end_s / 2);
  CHECK(p.end_s / alone.end_s == Approx(1.5).epsilon(kOnceAStep));
  // For the second part the slow kind works 2 t of 6 t.
  const double second_s = p.end_s - alone.end_s / 2;
  CHECK(p.chip_seconds(1, ChipState::bucket) - alone.chip_seconds(1, ChipState::bucket) / 2 ==
        Approx(second_s * 2 / 3).epsilon(0.05));
}

TEST_CASE("at a clock each part is throttled by its own computation, and who had time to spare still has") {
  const ThreeToOne job;
  TrainingRates rates(job.site, job.work, job.ground);
  const MixedRate& rate = rates.mixed().best(rates.mixed().kind_of(job.work.jobs[0]));
  const MixedCase& made = *rate.made;
  for (const double clock : {0.9, 0.6}) {
    INFO(clock);
    std::vector<ChipKind> kinds = made.kinds;
    for (ChipKind& kind : kinds) kind.chip = at_clock(kind.chip, clock);
    const MixedStep step = predict_mixed(*made.model, made.plans.best->layout, kinds, made.request.inter);
    const ClockedMix& mix = rates.mixed().at_clock(rate, clock, {});
    CHECK(mix.all.stretch == Approx(step.seconds / made.plans.best->step.seconds).epsilon(1e-12));
    CHECK(mix.all.stretch > 1 + 0.8 * (1 / clock - 1));
    CHECK(mix.all.stretch < 1 / clock);
    CHECK(mix.all.slow == 0);
    for (std::size_t i = 0; i < 2; ++i) {
      const Split &full = rate.splits[i], &now = mix.splits[i];
      CHECK(now.clock() == clock);
      // Parts of a longer step; what is computed is the same.
      for (const ChipState state : {ChipState::useful, ChipState::below_peak, ChipState::exposed_comm})
        CHECK(now.share(state) * mix.all.stretch == Approx(full.share(state)).margin(1e-3));
      CHECK(now.share(ChipState::throttled) > 0.7 * (1 - clock) * (i == 0 ? 1 : 2.0 / 3));
    }
    CHECK(mix.splits[1].share(ChipState::bucket) == Approx(rate.splits[1].share(ChipState::bucket)).margin(0.02));
  }
}

TEST_CASE("a mixed job under a cap goes at the highest clock that the limit allows, all parts of it") {
  const auto text = [](double limit_w) {
    return fmt::format(
        "site:\n  pools:\n"
        "    - {{name: h100, server: HGX H100, count: 2, rack: {{servers: 1}}}}\n"
        "    - {{name: a100, server: HGX A100, count: 2, rack: {{servers: 1}}}}\n"
        "  network:\n    leaf: {{rate: 400 Gbps, down_ports: 32}}\n    spine: {{rate: 400 Gbps, down_ports: 64}}\n"
        "  facility: {{cooling: cold plate, caps: [{{level: site, limit: {:.17g} W}}]}}\n"
        "workload:\n  jobs:\n    - {{id: m, type: training, model: Llama-3.1-8B, mix: {{h100: 16, a100: 16}}, steps: "
        "500}}\n",
        limit_w);
  };
  const CappedPlay full = play_capped(prepared_services(text(1e6)));
  REQUIRE(full.jobs.size() == 1);
  const double watts = full.jobs[0].joules / full.end_s, limit_w = 0.7 * watts;
  const CappedPlay p = play_capped(prepared_services(text(limit_w)));
  CHECK(p.caps.at(0).not_met_s == 0);
  CHECK(p.caps[0].lowest_clock < 1);
  CHECK(p.jobs.at(0).tokens == full.jobs[0].tokens);
  // Three seconds at the full clock, then just below the limit: a step of the clock is 1 %.
  const double capped_w = (p.jobs[0].joules - 3 * watts) / (p.end_s - 3);
  CHECK(capped_w <= limit_w * (1 + 1e-9));
  CHECK(capped_w > limit_w * 0.96);
  for (std::size_t pool = 0; pool < 2; ++pool) {
    CHECK(p.chip_seconds(ChipState::throttled, pool) > 0);
    CHECK(p.chip_seconds(ChipState::useful, pool) == Approx(full.chip_seconds(ChipState::useful, pool)).epsilon(1e-4));
  }
}
