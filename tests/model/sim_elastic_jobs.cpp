// Elastic training by hand: a job of eight replicas on four servers loses one of them, goes on with six, and grows
// back.
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/capped.hpp"
#include "tests/support/random_runs.hpp"
#include "tests/support/stored.hpp"

using namespace alight;
using namespace alight::test;

namespace {

BreakdownPlan::Outage broken(ServerIndex server, double at_s, double until_s) {
  return {.at_s = at_s, .first = server, .end = server + 1, .what = "fan", .until_s = until_s};
}
RunSettings with(BreakdownPlan plan) {
  RunSettings settings;
  settings.breakdowns = std::make_shared<BreakdownPlan>(std::move(plan));
  settings.sharing = Sharing::none;
  settings.horizon_s = 1e7;
  return settings;
}
/// Replicas of four chips; 96 sequences of 1,024 tokens a step, which six and eight share evenly.
Row job(std::int64_t replicas, const std::string& more, double steps, int batch = 96) {
  return {.id = "t",
          .chips = 4 * replicas,
          .model = "small",
          .training = more + " tp2 pp2 gb" + std::to_string(batch) + " seq1024",
          .tokens = steps * batch * 1024};
}
struct Ground {
  Site site = site_of({trained_pool("a", 4, 8)});
  std::shared_ptr<const TrainingGround> of = small_ground(site);
  Played play(const std::vector<Row>& rows, const RunSettings& settings) const {
    return played<Auditor>(site, workload(rows), settings, of);
  }
  /// Seconds of a step alone.
  double step_s(std::int64_t replicas, int batch = 96) const {
    RunSettings settings;
    settings.sharing = Sharing::none;
    return play({job(replicas, "", 100, batch)}, settings).jobs[0].finish_s / 100;
  }
};

}  // namespace

TEST_CASE("it goes on at once with the replicas that are left, from its last checkpoint") {
  const Ground ground;
  const double eight = ground.step_s(8), six = ground.step_s(6);
  CHECK(six > eight * 1.2);
  // Server 1 breaks in step 38, after three checkpoints of ten steps; it never comes back. Found at once.
  const double breaks = 37.5 * eight;
  const Played p =
      ground.play({job(8, "ckpt:10_steps elastic:4_grow_1_s", 100)}, with({.outages = {broken(1, breaks, 1e9)}}));
  CHECK(p.jobs[0].failures == 1);
  CHECK(p.jobs[0].wait_s == 0);
  CHECK(p.jobs[0].finish_s == Approx(breaks + 70 * six));
  CHECK(p.jobs[0].redone_s == Approx(7.5 * six));
  CHECK(p.jobs[0].status == JobStatus::completed);
  CHECK(p.chip_seconds(0, ChipState::failed) == Approx(8 * (p.end_s - breaks)));
  // One that is not elastic waits for good.
  CHECK(ground.play({job(8, "ckpt:10_steps", 100)}, with({.outages = {broken(1, breaks, 1e9)}})).jobs[0].status ==
        JobStatus::waiting);
}

TEST_CASE("it grows back at the first checkpoint after it has seen free chips") {
  const Ground ground;
  const double eight = ground.step_s(8), six = ground.step_s(6);
  const double breaks = 37.5 * eight;
  // On six from `breaks` on, from step 30. Back after 12 of these steps; it looks every five: at 15 it sees that, and
  // at step 20 of this start it writes a checkpoint. 50 steps are left, on eight.
  const Played p = ground.play({job(8, fmt::format("ckpt:10_steps elastic:4_grow_{:.17g}_s", 5 * six), 100)},
                               with({.outages = {broken(1, breaks, breaks + 12 * six)}}));
  CHECK(p.jobs[0].failures == 1);
  CHECK(p.jobs[0].preemptions == 0);
  CHECK(p.jobs[0].finish_s == Approx(breaks + 20 * six + 50 * eight));
  CHECK(p.jobs[0].redone_s == Approx(7.5 * six));
  CHECK(p.jobs[0].wait_s == 0);
}

TEST_CASE("chips that somebody waits for are not grown onto") {
  const Ground ground;
  const double eight = ground.step_s(8), six = ground.step_s(6);
  const double breaks = 37.5 * eight;
  // Another job waits for the server from the beginning on, and has it from when it is back.
  const Row other{.id = "u", .submit_s = 1e-3, .duration_s = 1e6, .chips = 8};
  const Played p = ground.play({job(8, "ckpt:10_steps elastic:4_grow_1_s", 100), other},
                               with({.outages = {broken(1, breaks, breaks + 12 * six)}}));
  CHECK(p.jobs[1].start_s == Approx(breaks + 12 * six));
  CHECK(p.jobs[0].finish_s == Approx(breaks + 70 * six));
}

TEST_CASE("with a spare it goes on with all replicas, and below its least number it waits") {
  const Ground ground;
  const double six = ground.step_s(6), eight = ground.step_s(8);
  BreakdownPlan plan{.outages = {broken(0, 7.5 * six, 1e9)}};
  plan.spares[0] = 1;
  const Played spared = ground.play({job(6, "ckpt:10_steps elastic:2_grow_1_s", 20)}, with(plan));
  CHECK(spared.jobs[0].finish_s == Approx(7.5 * six + 20 * six));
  // Three of four servers break: two replicas are left, and four are the least.
  BreakdownPlan most;
  for (ServerIndex s = 0; s < 3; ++s) most.outages.push_back(broken(s, 7.5 * eight, 100 * eight + s * eight));
  // The first of the three leaves six, the second four, at the same instant.
  const Played p = ground.play({job(8, "ckpt:5_steps elastic:4_grow_1_s", 20)}, with(most));
  CHECK(p.jobs[0].finish_s == Approx(102 * eight + 15 * eight));
}

TEST_CASE("software that fails costs it no chips") {
  const Ground ground;
  const double eight = ground.step_s(8);
  BreakdownPlan plan;
  // Every seven steps and a half, in each of the four racks.
  plan.causes.push_back({.of = {.name = "bug", .per = Per::rack, .wear = {.scale_s = 7.5 * eight, .shape = 1e7}},
                         .stream = "bug",
                         .pools = {0},
                         .takes_server = false});
  const Played p = ground.play({job(8, "ckpt:5_steps elastic:4_grow_1_s", 20)}, with(plan));
  CHECK(p.jobs[0].failures == 3 * 4);
  CHECK(p.jobs[0].wait_s == 0);
  CHECK(p.jobs[0].finish_s == Approx((3 * 7.5 + 5) * eight).epsilon(1e-5));
}

TEST_CASE("where a cap refuses more, it goes on with as few replicas as have power") {
  const auto text = [](double limit_w) {
    return fmt::format(
        "site:\n  pools:\n    - {{name: h100, server: HGX H100, count: 4, rack: {{servers: 1}}}}\n"
        "  storage: {{read: 1 TB/s, write: 1 TB/s}}\n  facility:\n    cooling: cold plate\n"
        "    caps: [{{level: site, policy: refuse, limit: 1 MW, dated: [{{after: 100 s, limit: {:.17g} W}}]}}]\n"
        "workload:\n  jobs:\n"
        "    - {{id: t, type: training, model: Llama-3.1-8B, chips: 32, steps: 2000, layout: tp8 zero1 full,\n"
        "       checkpoint: 1 min, elastic: {{replicas: 1, grow: 10 s}}}}\n"
        "faults:\n  servers:\n    maintenance: [{{at: 200 s, lasts: 100 s, pool: h100, first: 3, servers: 1}}]\n"
        "horizon: 1 d\n",
        limit_w);
  };
  const StatePower& chip = prepared_services(text(1e6)).settings.building->power[0];
  const auto watts = [&](ChipState state) { return chip.watts[static_cast<std::size_t>(state)]; };
  // Two servers may be at work and two idle, and not one more; whoever runs already is left alone.
  const double limit_w = 16 * watts(ChipState::useful) + 16 * watts(ChipState::idle) + 100;
  const CappedPlay played = play_capped(prepared_services(text(limit_w)));
  REQUIRE(played.jobs.size() == 1);
  const auto& t = played.jobs[0];
  double lit = 0;
  for (std::size_t state = 0; state < kChipStates; ++state)
    if (is_lit(static_cast<ChipState>(state))) lit += played.chip_seconds(static_cast<ChipState>(state));
  CHECK(lit == Approx(32 * 200 + 16 * (t.finish_s - 200)));
}

TEST_CASE("replicas that cannot share a batch evenly do it in as many rounds as the fullest needs") {
  const Ground ground;
  // 64 over six: two of them have ten, the others eleven; the step is that of 66, and trains 64.
  const double rounded = ground.step_s(6, 66), eight = ground.step_s(8, 64);
  const double breaks = 17.5 * eight;
  const Played p =
      ground.play({job(8, "ckpt:10_steps elastic:4_grow_1_s", 100, 64)}, with({.outages = {broken(1, breaks, 1e9)}}));
  CHECK(p.jobs[0].finish_s == Approx(breaks + 90 * rounded));
  // 2 of 66 of their computation they wait.
  CHECK(p.chip_seconds(0, ChipState::bucket) > 0);
}

TEST_CASE("one that has fewer replicas than it may go on with is rejected") {
  const Played p = Ground().play({job(8, "ckpt:10_steps elastic:9", 100)}, with({}));
  CHECK(p.jobs[0].status == JobStatus::rejected);
}
