// Training jobs in a run, by hand: one job's ledger is its step's breakdown, its end is tokens over rate.
#include <catch2/catch.hpp>

#include "tests/support/training.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr double kResolution = 2e-7;  // of the parts a chip's second is divided into

}  // namespace

TEST_CASE("one job: its chip-seconds are the step's breakdown, its run time tokens over rate") {
  const Site site = site_of({trained_pool("a", 4, 8)});
  const auto ground = small_ground(site);
  Row row{
      .id = "j", .submit_s = 5, .chips = 16, .model = "small", .training = "tp2 pp2 dp4 gb64 seq1024", .tokens = 1e9};
  const Workload w = workload({row});

  Layout layout{.tensor = 2, .pipeline = 2, .data = 4, .global_batch = 64, .sequence = 1024};
  const Accelerator& chip = ground->pools[0].chip;
  const TrainingStep step = predict_step(small_model(), layout, chip, ground->pools[0].fabric);
  const double run_s = 1e9 / (64 * 1024) * step.seconds;

  const Played p = played(site, w, {}, ground);
  REQUIRE(p.jobs[0].status == JobStatus::completed);
  CHECK(p.jobs[0].start_s == 5);
  CHECK(p.jobs[0].finish_s == Approx(5 + run_s).epsilon(1e-12));
  const auto near = [&](ChipState state, double share) {
    INFO(name_of(state));
    CHECK(p.chip_seconds(0, state) == Approx(16 * run_s * share).margin(16 * run_s * kResolution));
  };
  const StepBreakdown& b = step.breakdown;
  const double useful_s = step.model_flops / (16 * chip.peak(Precision::bf16));
  near(ChipState::useful, useful_s / step.seconds);
  near(ChipState::below_peak, (b.compute_s + b.optimizer_s + b.other_s - useful_s) / step.seconds);
  near(ChipState::exposed_comm, (b.tensor_s + b.pipeline_s + b.data_s + b.expert_s + b.context_s) / step.seconds);
  near(ChipState::bubble, b.bubble_s / step.seconds);
  CHECK(p.chip_seconds(0, ChipState::useful) > 0);
  CHECK(p.chip_seconds(0, ChipState::bubble) > 0);
  CHECK(p.chip_seconds(0, ChipState::opaque) == 0);
}

TEST_CASE("chips of one kind that differ wait for their slowest, in the bucket") {
  const Site site = site_of({trained_pool("a", 2, 8)});
  auto ground = small_ground(site);
  const Row row{.id = "j", .chips = 16, .model = "small", .training = "dp16 gb64 seq1024", .tokens = 1e9};
  const double even_s = played(site, workload({row}), {}, ground).end_s;
  ground->pools[0].chip.kernels.spread = 0.05;
  const Played p = played(site, workload({row}), {}, ground);
  const double pace = slowest_of(16, 0.05);
  CHECK(p.end_s == Approx(even_s * pace).epsilon(1e-9));
  CHECK(p.chip_seconds(0, ChipState::bucket) ==
        Approx(16 * p.end_s * (1 - 1 / pace)).margin(16 * p.end_s * kResolution));
}

TEST_CASE("start-up comes first, and trains nothing") {
  const Site site = site_of({trained_pool("a", 2, 8)});
  const auto ground = small_ground(site);
  Row row{.id = "j", .chips = 8, .model = "small", .training = "start60 tp1 dp8 gb64 seq1024", .tokens = 1e8};
  const Played with = played(site, workload({row}), {}, ground);
  row.training = "tp1 dp8 gb64 seq1024";
  const Played without = played(site, workload({row}), {}, ground);
  CHECK(with.jobs[0].finish_s == Approx(without.jobs[0].finish_s + 60));
  CHECK(with.chip_seconds(0, ChipState::starting) == Approx(8 * 60));
  CHECK(with.chip_seconds(0, ChipState::useful) == Approx(without.chip_seconds(0, ChipState::useful)));
}

TEST_CASE("a requested time ends the job, even while it starts") {
  const Site site = site_of({trained_pool("a", 2, 8)});
  const auto ground = small_ground(site);
  Row row{.id = "j",
          .chips = 8,
          .estimate_s = 40,
          .kill = true,
          .model = "small",
          .training = "start60 tp1 dp8 gb64",
          .tokens = 1e12};
  const Played p = played(site, workload({row}), {}, ground);
  CHECK(p.jobs[0].status == JobStatus::killed);
  CHECK(p.jobs[0].finish_s == 40);
  CHECK(p.chip_seconds(0, ChipState::starting) == Approx(8 * 40));
}

TEST_CASE("a job goes only where it fits, and a pool it does not fit is mismatched while it waits") {
  // Pool b has a tenth of the memory: 16 bytes a parameter do not fit there.
  Site site = site_of({trained_pool("a", 1, 8), trained_pool("b", 1, 8)});
  auto ground = small_ground(site);
  ground->pools[1].chip.memory_bytes = 8e9;
  const Row row{.id = "j", .chips = 8, .model = "small", .training = "tp1 dp8 gb64 seq1024", .tokens = 1e8};
  Row second = row;
  second.id = "k";
  const Played p = played(site, workload({row, second}), {}, ground);
  CHECK(p.jobs[0].pool == 0);
  CHECK(p.jobs[1].pool == 0);
  CHECK(p.jobs[1].start_s == Approx(p.jobs[0].finish_s));
  CHECK(p.chip_seconds(1, ChipState::mismatched) == Approx(8 * p.jobs[1].start_s));
}

TEST_CASE("what no pool can train is rejected as unfit") {
  const Site site = site_of({trained_pool("a", 1, 8)});
  const auto ground = small_ground(site);
  const auto fate = [&](const char* model, const char* training) {
    return played(site, workload({Row{.id = "j", .chips = 8, .model = model, .training = training, .tokens = 1e8}}), {},
                  ground)
        .jobs[0]
        .status;
  };
  CHECK(fate("small", "tp8 gb64 seq1024") == JobStatus::completed);
  CHECK(fate("small", "plan gb64 seq1024") == JobStatus::completed);
  CHECK(fate("nobody", "tp8 gb64 seq1024") == JobStatus::rejected);
  CHECK(fate("small", "tp3 gb64 seq1024") == JobStatus::rejected);
  CHECK(fate("small", "dp8 gb4 seq1024") == JobStatus::rejected);
  CHECK(fate("small", "tp8 gb64 seq1024 fp8") == JobStatus::rejected);
}

TEST_CASE("the same job under two leaves runs at their pace, never faster") {
  // Four servers to a leaf, links above them 8:1: 32 chips fit below one leaf, 64 do not.
  Site site = site_of({trained_pool("a", 8, 8)});
  auto ground = small_ground(site);
  ground->pools[0].leaf_servers = 4;
  ground->pools[0].fabric.out.leaf.oversubscription = 8;
  const Workload w = workload(
      {Row{.id = "j", .chips = 32, .model = "small", .training = "dp32 gb64 seq1024 nooverlap", .tokens = 1e8}});
  TrainingRates rates(site, w, ground);
  const auto kind = rates.kind_of(w.jobs[0]);
  const TrainingRate& best = rates.best(kind, 0);
  const TrainingRate& apart = rates.at(kind, 0, {32, 4, 2, 1});
  const TrainingRate& scattered = rates.at(kind, 0, {32, 8, 2, 1});
  CHECK(best.step.breakdown.data_s > 0);
  CHECK(apart.step.breakdown.compute_s == best.step.breakdown.compute_s);
  CHECK(apart.step.breakdown.data_s > best.step.breakdown.data_s);
  CHECK(scattered.step.seconds >= apart.step.seconds);
  CHECK(&rates.at(kind, 0, {32, 4, 1, 1}) == &best);
  CHECK(&rates.at(kind, 0, {32, 4, 2, 1}) == &apart);
}

TEST_CASE("policies see the predicted run time: a short training job is backfilled, a long one is not") {
  // 16 chips; a rigid job holds 8 until 1,000 s; one of 16 waits for it; behind it training jobs of 8 chips.
  const Site site = site_of({trained_pool("a", 2, 8)});
  const auto ground = small_ground(site);
  const Row plain{.id = "t", .submit_s = 2, .chips = 8, .model = "small", .training = "dp8 gb64 seq1024"};
  Row probe = plain;
  probe.tokens = 1e6;
  const double s_per_token = [&] {
    const Played alone = played(site, workload({probe}), {}, ground);
    return (alone.jobs[0].finish_s - alone.jobs[0].start_s) / 1e6;
  }();
  for (const double seconds : {900.0, 1100.0}) {
    Row training = plain;
    training.tokens = seconds / s_per_token;
    const Played p = played(site,
                            workload({Row{.id = "a", .duration_s = 1000, .chips = 8},
                                      Row{.id = "b", .submit_s = 1, .duration_s = 10, .chips = 16}, training}),
                            {}, ground);
    CHECK(p.jobs[1].start_s == 1000);
    if (seconds < 998)
      CHECK(p.jobs[2].start_s == 2);
    else
      CHECK(p.jobs[2].start_s == 1010);
  }
}
