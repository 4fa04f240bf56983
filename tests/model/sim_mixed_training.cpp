// Jobs over two pools, by hand: whose chips wait for whose, when the parts start, what the policies promise them.
#include <catch2/catch.hpp>

#include "models/training/architecture.hpp"
#include "sim/run/admission.hpp"
#include "tests/support/training.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr double kResolution = 2e-7;  // of the parts a chip's second is divided into

Row mixed_row(std::int64_t a, std::int64_t b, std::string training, double tokens) {
  return {
      .id = "m", .model = "small", .training = std::move(training), .tokens = tokens, .mix = {{{"a", a}, {"b", b}}}};
}

// The job runs for just `seconds`: it never gets done, and is killed then.
Row mixed_for(std::int64_t a, std::int64_t b, double submit_s, double seconds) {
  Row row = mixed_row(a, b, "plan gb32 seq512", 1e15);
  row.submit_s = submit_s;
  row.estimate_s = seconds;
  row.kill = true;
  return row;
}

// Pool b's chips take twice as long for anything.
std::shared_ptr<TrainingGround> one_half_as_fast(const Site& site) {
  auto ground = small_ground(site);
  Accelerator& slow = ground->pools[1].chip;
  for (double& flops : slow.peak_flops) flops /= 2;
  slow.memory_bytes_s /= 2;
  slow.kernels.kernel_gap_s *= 2;
  return ground;
}

double share(const Played& p, std::size_t pool, ChipState state) {
  double lit = 0;
  for (std::size_t s = 0; s < kChipStates; ++s)
    if (is_lit(static_cast<ChipState>(s))) lit += p.chip_s[pool][s];
  return p.chip_seconds(pool, state) / lit;
}

}  // namespace

TEST_CASE(
    "one chip and one half as fast share four sequences three to one, and the slow one waits a third of the time") {
  // One sequence takes the fast chip t and the slow one 2 t. Three and one: 3 t and 2 t; two and two: 4 t; layers
  // across both: 2/3 t a sequence on each, five times for four: 3 1/3 t.
  const Site site = site_of({trained_pool("a", 1, 1), trained_pool("b", 1, 1)});
  // Sequences long enough, and a network fast enough, that what comes once a step hardly counts.
  const auto ground = one_half_as_fast(site);
  for (auto& pool : ground->pools) pool.fabric.out.gbs = 2500;
  const Workload w = workload({mixed_row(1, 1, "plan gb4 seq16384", 1e7)});
  const Played p = played(site, w, {}, ground);
  REQUIRE(p.jobs[0].status == JobStatus::completed);

  TrainingRates rates(site, w, ground);
  const MixedRate& rate = rates.mixed().best(rates.mixed().kind_of(w.jobs[0]));
  REQUIRE(rate.made);
  const MixedPlan& plan = *rate.made->plans.best;
  REQUIRE(plan.layout.pipelines.size() == 2);
  for (const MixedPipeline& pipeline : plan.layout.pipelines)
    CHECK(pipeline.sequences == (pipeline.stages[0].kind == 0 ? 3 : 1));
  CHECK(p.end_s == Approx(1e7 / (4 * 16384) * plan.step.seconds).epsilon(1e-12));

  // The slow chip's own step is a sequence and what comes once: optimiser and gradients.
  const KindStep& slow = plan.step.kinds[1];
  CHECK(share(p, 1, ChipState::bucket) == Approx(slow.bucket_s / plan.step.seconds).margin(kResolution));
  CHECK(share(p, 1, ChipState::bucket) == Approx(1.0 / 3).margin(0.03));
  CHECK(share(p, 0, ChipState::bucket) == Approx(0).margin(kResolution));
  // Three quarters of the step's FLOPs are the fast chip's, a quarter the slow one's, each against its own peak.
  const double flops = 4.0 * 16384 * model_flops_per_token(small_model(), 16384);
  CHECK(share(p, 0, ChipState::useful) == Approx(0.75 * flops / 300e12 / plan.step.seconds).margin(kResolution));
  CHECK(share(p, 1, ChipState::useful) == Approx(0.25 * flops / 150e12 / plan.step.seconds).margin(kResolution));
  for (std::size_t pool = 0; pool < 2; ++pool) {
    const StepBreakdown& b = plan.step.kinds[pool].breakdown;
    CHECK(share(p, pool, ChipState::exposed_comm) ==
          Approx((b.tensor_s + b.pipeline_s + b.data_s + b.expert_s + b.context_s) / plan.step.seconds)
              .margin(kResolution));
    CHECK(share(p, pool, ChipState::bubble) == Approx(b.bubble_s / plan.step.seconds).margin(kResolution));
  }
}

TEST_CASE("useful chip-seconds of the pools, each at its peak, are the model FLOPs of the tokens trained") {
  // Also where layers are shared out, and where a part's servers have chips the job did not ask for.
  for (const auto& [a, b, batch] : {std::tuple{16, 16, 64}, {8, 4, 1}, {4, 8, 2}, {12, 8, 96}}) {
    INFO(a << " and " << b << " chips, " << batch << " sequences");
    const Site site = site_of({trained_pool("a", 2, 8), trained_pool("b", 2, 8)});
    const auto ground = one_half_as_fast(site);
    const Played p =
        played(site, workload({mixed_row(a, b, "plan gb" + std::to_string(batch) + " seq1024", 1e8)}), {}, ground);
    REQUIRE(p.jobs[0].status == JobStatus::completed);
    const double done = p.chip_seconds(0, ChipState::useful) * 300e12 + p.chip_seconds(1, ChipState::useful) * 150e12;
    CHECK(done == Approx(1e8 * model_flops_per_token(small_model(), 1024)).epsilon(1e-5));
  }
}

TEST_CASE("chips of each kind that differ among themselves wait in the bucket too") {
  const Site site = site_of({trained_pool("a", 2, 8), trained_pool("b", 2, 8)});
  auto ground = one_half_as_fast(site);
  const Workload w = workload({mixed_row(16, 16, "plan gb96 seq1024", 1e8)});
  const Played even = played(site, w, {}, ground);
  for (auto& pool : ground->pools) pool.chip.kernels.spread = 0.05;
  const Played p = played(site, w, {}, ground);
  const double pace = slowest_of(16, 0.05);
  CHECK(p.end_s > even.end_s);
  CHECK(p.end_s <= even.end_s * pace * (1 + 1e-9));
  for (std::size_t pool = 0; pool < 2; ++pool)
    CHECK(share(p, pool, ChipState::bucket) >= share(even, pool, ChipState::bucket));
  // The pool that sets the pace waits for nobody but its own.
  const double least = std::min(share(p, 0, ChipState::bucket), share(p, 1, ChipState::bucket));
  CHECK(least == Approx(1 - 1 / pace).margin(0.01));
}

TEST_CASE("pools of equal chips wait for nobody") {
  const Site site = site_of({trained_pool("a", 2, 8), trained_pool("b", 2, 8)});
  const Played p = played(site, workload({mixed_row(8, 8, "plan gb64 seq1024", 1e8)}), {}, small_ground(site));
  REQUIRE(p.jobs[0].status == JobStatus::completed);
  CHECK(p.chip_seconds(0, ChipState::bucket) == Approx(0).margin(1e-6));
  CHECK(p.chip_seconds(0, ChipState::useful) == Approx(p.chip_seconds(1, ChipState::useful)));
}

TEST_CASE("all parts start at once, when the last has room, and end at once") {
  // A holds pool b until 100; C wants pool a and comes after the mixed job.
  const Site site = site_of({trained_pool("a", 2, 8), trained_pool("b", 2, 8)});
  const auto ground = small_ground(site);
  for (const char* policy : {"fcfs", "easy", "conservative", "sjf"}) {
    INFO(policy);
    const Played p = played(site,
                            workload({{.id = "A", .duration_s = 100, .chips = 9, .kinds = "b chip"},
                                      mixed_for(16, 8, 1, 50),
                                      {.id = "C", .submit_s = 2, .duration_s = 200, .chips = 1, .kinds = "a chip"}}),
                            {.policy = policy}, ground);
    CHECK(p.starts() == std::vector<double>{0, 100, 150});
    CHECK(p.jobs[1].status == JobStatus::killed);
    // Both pools are kept dark by the mixed job while it waits.
    CHECK(p.chip_seconds(0, ChipState::fragmented) == Approx(16 * 99));
    CHECK(p.chip_seconds(1, ChipState::fragmented) == Approx(7 * 99));
  }
}

TEST_CASE("easy and conservative: what ends before the last part has room, or needs none of its chips, goes first") {
  // A holds pool b until 100, where the mixed job wants 8 of 16 chips, and 8 of 16 in pool a.
  const Site site = site_of({trained_pool("a", 2, 8), trained_pool("b", 2, 8)});
  const auto ground = small_ground(site);
  const Row a{.id = "A", .duration_s = 100, .chips = 16, .kinds = "b chip"};
  const auto start_of = [&](const char* policy, std::vector<Row> behind) {
    std::vector<Row> rows = {a, mixed_for(8, 8, 1, 50)};
    rows.insert(rows.end(), behind.begin(), behind.end());
    const Played p = played(site, workload(rows), {.policy = policy}, ground);
    CHECK(p.jobs[1].start_s == 100);
    return p.starts().back();
  };
  for (const char* policy : {"easy", "conservative"}) {
    INFO(policy);
    CHECK(start_of(policy, {{.id = "C", .submit_s = 2, .duration_s = 98, .chips = 16, .kinds = "a chip"}}) == 2);
    CHECK(start_of(policy, {{.id = "C", .submit_s = 2, .duration_s = 99, .chips = 16, .kinds = "a chip"}}) == 150);
    CHECK(start_of(policy, {{.id = "C", .submit_s = 2, .duration_s = 99, .chips = 8, .kinds = "a chip"}}) == 2);
    // The chips beside its part are given away once.
    CHECK(start_of(policy, {{.id = "C", .submit_s = 2, .duration_s = 300, .chips = 8, .kinds = "a chip"},
                            {.id = "D", .submit_s = 2, .duration_s = 99, .chips = 8, .kinds = "a chip"}}) == 150);
  }
}

TEST_CASE("easy and conservative: a mixed job goes before a head that none of its parts delays") {
  // A holds half of pool b until 100; B wants all of b then. The mixed job wants the other half of b, and all of a.
  const Site site = site_of({trained_pool("a", 2, 8), trained_pool("b", 2, 8)});
  const auto ground = small_ground(site);
  for (const char* policy : {"easy", "conservative"})
    for (const double seconds : {98.0, 99.0}) {
      INFO(policy << ", " << seconds << " s");
      const Played p = played(site,
                              workload({{.id = "A", .duration_s = 100, .chips = 8, .kinds = "b chip"},
                                        {.id = "B", .submit_s = 1, .duration_s = 10, .chips = 16, .kinds = "b chip"},
                                        mixed_for(16, 8, 2, seconds)}),
                              {.policy = policy}, ground);
      CHECK(p.starts() == std::vector<double>{0, 100, seconds == 98 ? 2.0 : 110.0});
    }
}

TEST_CASE("a running mixed job frees all its pools in what the policies foresee") {
  // The mixed job runs until 100 on all of a and half of b. B wants all of a; C would hold it back, D would not.
  const Site site = site_of({trained_pool("a", 2, 8), trained_pool("b", 2, 8)});
  const auto ground = small_ground(site);
  for (const char* policy : {"easy", "conservative"}) {
    INFO(policy);
    const Played p = played(site,
                            workload({mixed_for(16, 8, 0, 100),
                                      {.id = "n", .submit_s = 1, .duration_s = 10, .chips = 16, .kinds = "b chip"},
                                      {.id = "o", .submit_s = 2, .duration_s = 99, .chips = 8, .kinds = "b chip"},
                                      {.id = "p", .submit_s = 2, .duration_s = 98, .chips = 8, .kinds = "b chip"}}),
                            {.policy = policy}, ground);
    CHECK(p.starts() == std::vector<double>{0, 100, 110, 2});
  }
}

TEST_CASE("a mix that can never run is rejected with its reason") {
  const Site site = site_of({trained_pool("a", 2, 8), trained_pool("b", 2, 8)});
  const auto ground = small_ground(site);
  const auto reason = [&](Row row, const RunSettings& settings = {}) {
    const Workload w = workload({std::move(row)});
    TrainingRates rates(site, w, ground);
    const Admission a = admit(site, w, settings, same_name, Cluster(site), rates);
    return a.reasons.at(a.turned_away.at(0));
  };
  CHECK(reason(mixed_row(16, 16, "plan gb64 seq1024", 1e8)).empty());
  CHECK(reason(mixed_row(16, 17, "plan gb64 seq1024", 1e8)) == "larger in one pool than the pool");
  CHECK(reason(mixed_row(8, 8, "tp8 gb64 seq1024", 1e8)) == "unfit: the layout of a mix is planned, not given");
  CHECK(reason(mixed_row(8, 8, "plan gb64 seq1024 fp8", 1e8)).starts_with("unfit: a: its chips are not known"));
  Row row = mixed_row(8, 8, "plan gb64 seq1024", 1e8);
  row.mix.parts[1].pool = "c";
  CHECK(reason(row) == "unfit: no pool is named \"c\"");
  row.mix.parts[1].pool = "a";
  CHECK(reason(row) == "unfit: the mix names pool a twice");
  row.mix.parts.pop_back();
  CHECK(reason(row) == "unfit: a mix of fewer than two pools");
  // Nine and one chips take two servers and one: 24 chips of a quota of 23.
  row = mixed_row(9, 1, "plan gb64 seq1024", 1e8);
  row.vc = "x";
  CHECK(reason(row, {.quota_chips = {{"x", 24}}}).empty());
  CHECK(reason(row, {.quota_chips = {{"x", 23}}}) == "larger than its quota");
}

TEST_CASE("between pools of different stacks everything is copied through the hosts") {
  Site site = site_of({trained_pool("a", 2, 8), trained_pool("b", 2, 8)});
  const auto ground = small_ground(site);
  Row row = mixed_row(16, 16, "plan gb64 seq1024", 1e8);
  const auto step_s = [&] {
    const Workload w = workload({row});
    TrainingRates rates(site, w, ground);
    const MixedRate& rate = rates.mixed().best(rates.mixed().kind_of(w.jobs[0]));
    return std::pair(rate.made->request.inter.staged, rate.all.step.seconds);
  };
  const auto direct = step_s();
  site.pools[0].stack = "cuda";
  site.pools[1].stack = "cann";
  const auto staged = step_s();
  CHECK_FALSE(direct.first);
  CHECK(staged.first);
  CHECK(staged.second > direct.second);
  row.mix.path = "direct";
  CHECK(step_s() == direct);
}
