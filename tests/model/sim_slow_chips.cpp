// Chips that are slow and not dead, by hand: who waits for whom, how much longer a job takes, and where the time goes.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "models/power/clock.hpp"
#include "sim/run/slow_chips.hpp"
#include "tests/support/capped.hpp"
#include "tests/support/random_runs.hpp"
#include "tests/support/stored.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr double kNeverFound = std::numeric_limits<double>::infinity();
constexpr double kResolution = 2e-7;  // of the parts a chip's second is divided into

Row rigid(std::string id, double submit_s, double duration_s, std::int64_t chips) {
  return {.id = std::move(id), .submit_s = submit_s, .duration_s = duration_s, .chips = chips};
}
Site servers(std::int64_t n) {
  return site_of({chips_pool("a", n, 8)});
}
/// Chip 0 of a server goes at `part` of its speed from `at_s` on.
void slow(BreakdownPlan& plan, double at_s, double part, double detection_s = kNeverFound, ServerIndex server = 0,
          WhenSlow when_found = WhenSlow::stop) {
  BreakdownPlan::Cause cause{.stream = "slow", .pools = {}, .detection_s = detection_s, .slows_to = part};
  cause.of.name = "slow chip";
  cause.of.repair = RepairTime{100, 100};
  cause.when_found = when_found;
  plan.causes.push_back(cause);
  plan.slowings.push_back({.at_s = at_s, .cause = plan.causes.size() - 1, .server = server, .chip = 0});
}
RunSettings with(BreakdownPlan plan) {
  RunSettings settings;
  settings.breakdowns = std::make_shared<BreakdownPlan>(std::move(plan));
  return settings;
}
RunSettings drawn(const ChipSpeeds& speeds) {
  RunSettings settings;
  settings.chip_speeds = {speeds};
  return settings;
}

}  // namespace

TEST_CASE("a job goes at the pace of its slowest chip from the moment it is slow") {
  // Four of eight chips; chip 0 goes at half its speed from 50 s on. 50 s are left, which take 100.
  BreakdownPlan plan;
  slow(plan, 50, 0.5);
  const Played p =
      played<Auditor>(servers(1), workload({rigid("j", 0, 100, 4), rigid("other", 0, 100, 4)}), with(plan));
  CHECK(p.jobs[0].finish_s == Approx(150));
  CHECK(p.jobs[0].slowed_s == Approx(50));
  CHECK(p.jobs[1].finish_s == 100);  // not a chip of its own
  CHECK(p.jobs[1].slowed_s == 0);
  // The slow chip computes 100 s for the second half, the three others 50 s each, and wait 50.
  CHECK(p.chip_seconds(0, ChipState::bucket) == Approx(3 * 50).epsilon(kResolution));
  CHECK(p.chip_seconds(0, ChipState::opaque) == Approx(4 * 50 + 3 * 50 + 100 + 400).epsilon(kResolution));
}

TEST_CASE("two falls of one chip multiply, and the slowest of two counts") {
  BreakdownPlan plan;
  slow(plan, 20, 0.5);
  slow(plan, 20, 0.5);                  // chip 0 of server 0: a quarter
  slow(plan, 20, 0.8, kNeverFound, 1);  // of server 1
  const Played p = played<Auditor>(servers(2), workload({rigid("j", 0, 100, 16)}), with(plan));
  CHECK(p.jobs[0].finish_s == Approx(20 + 80 * 4));
  // For 80 s of work: one computes 320 s, one 100, fourteen 80; all hold on for 320.
  CHECK(p.chip_seconds(0, ChipState::bucket) == Approx(220 + 14 * 240).epsilon(kResolution));
}

TEST_CASE("a job that starts on slow chips is slow from its first step on, not in its start-up") {
  const Played p = played<Auditor>(servers(1), workload({rigid("j", 0, 100, 8)}),
                                   drawn({.straggler_share = 1, .straggler_speed = 0.8}));
  CHECK(p.jobs[0].finish_s == Approx(125));
  CHECK(p.jobs[0].slowed_s == Approx(25));
  CHECK(p.chip_seconds(0, ChipState::bucket) == 0);  // all are alike
  CHECK(p.chip_seconds(0, ChipState::opaque) == Approx(8 * 125.0));

  const Site site = site_of({trained_pool("a", 2, 8)});
  const auto ground = small_ground(site);
  const Played nominal = played<Auditor>(site, workload({sixteen("start70", 100)}), {}, ground);
  const Played slow = played<Auditor>(site, workload({sixteen("start70", 100)}),
                                      drawn({.straggler_share = 1, .straggler_speed = 0.8}), ground);
  CHECK(slow.chip_seconds(0, ChipState::starting) == Approx(16 * 70.0));
  const double computes =
      (nominal.chip_seconds(0, ChipState::useful) + nominal.chip_seconds(0, ChipState::below_peak)) / 16;
  CHECK(slow.jobs[0].finish_s == Approx(nominal.jobs[0].finish_s + computes * 0.25).epsilon(1e-6));
  CHECK(slow.chip_seconds(0, ChipState::useful) == Approx(nominal.chip_seconds(0, ChipState::useful)).epsilon(1e-6));
  CHECK(slow.chip_seconds(0, ChipState::exposed_comm) ==
        Approx(nominal.chip_seconds(0, ChipState::exposed_comm)).epsilon(1e-5));
}

TEST_CASE("a chip faster than its kind brings a job forward, where all of its chips are") {
  // All at 1.25: no straggler is above 1 in a scenario, but the law is.
  const Played p = played<Auditor>(servers(1), workload({rigid("j", 0, 100, 8)}),
                                   drawn({.straggler_share = 1, .straggler_speed = 1.25}));
  CHECK(p.jobs[0].finish_s == Approx(80));
  CHECK(p.jobs[0].slowed_s == Approx(-20));
  CHECK(p.chip_seconds(0, ChipState::opaque) == Approx(8 * 80.0));
}

TEST_CASE("training on shared links takes as much longer as its computation, in every way to share") {
  const Site site = site_of({trained_pool("a", 2, 8)});
  const auto ground = small_ground(site);
  const Workload w = workload({sixteen("", 100)});
  BreakdownPlan plan;
  slow(plan, 0, 0.5);
  for (const Sharing sharing : {Sharing::none, Sharing::fluid, Sharing::exact}) {
    INFO(static_cast<int>(sharing));
    RunSettings settings;
    settings.sharing = sharing;
    const Played nominal = played<Auditor>(site, w, settings, ground);
    settings.breakdowns = std::make_shared<BreakdownPlan>(plan);
    const Played p = played<Auditor>(site, w, settings, ground);
    const double computes =
        (nominal.chip_seconds(0, ChipState::useful) + nominal.chip_seconds(0, ChipState::below_peak)) / 16;
    // In the exact mode the step at hand, which had begun at full speed, ends as it began.
    const double tolerance = sharing == Sharing::exact ? 0.011 : 1e-6;
    CHECK(p.jobs[0].finish_s - nominal.jobs[0].finish_s == Approx(computes).epsilon(tolerance));
    CHECK(p.jobs[0].slowed_s == Approx(computes).epsilon(tolerance));
    CHECK(p.chip_seconds(0, ChipState::bucket) == Approx(15 * computes).epsilon(tolerance));
    CHECK(p.chip_seconds(0, ChipState::below_peak) ==
          Approx(nominal.chip_seconds(0, ChipState::below_peak) + computes).epsilon(tolerance));
    CHECK(p.chip_seconds(0, ChipState::useful) ==
          Approx(nominal.chip_seconds(0, ChipState::useful)).epsilon(tolerance));
    CHECK(p.jobs[0].tokens == nominal.jobs[0].tokens);
  }
}

TEST_CASE("found, its job goes on elsewhere and the server is repaired") {
  BreakdownPlan plan;
  slow(plan, 40, 0.5, 20);
  plan.spares[0] = 1;
  RunSettings settings = with(plan);
  settings.checkpoint_s = 10;
  const Played p = played<Auditor>(servers(2), workload({rigid("j", 0, 100, 8), rigid("k", 100, 10, 8)}), settings);
  // By 60 s it has done 40 + 10; all of that is kept; the rest on the spare.
  CHECK(p.jobs[0].failures == 1);
  CHECK(p.jobs[0].hung_s == 0);
  CHECK(p.jobs[0].redone_s == 0);
  CHECK(p.jobs[0].finish_s == Approx(110));
  CHECK(p.jobs[0].slowed_s == Approx(10));
  CHECK(p.jobs[1].start_s == Approx(110));
  CHECK(p.jobs[1].finish_s == Approx(120));
  // From 60 to the end of the run: the repair takes until 160.
  CHECK(p.chip_seconds(0, ChipState::failed) == Approx(8 * (p.end_s - 60)));
}

TEST_CASE("or its job runs on at its pace, and the server waits for it") {
  BreakdownPlan plan;
  slow(plan, 40, 0.5, 20, 0, WhenSlow::wait);
  const Played p = played<Auditor>(servers(1), workload({rigid("j", 0, 100, 4), rigid("k", 70, 10, 2)}), with(plan));
  CHECK(p.jobs[0].failures == 0);
  CHECK(p.jobs[0].finish_s == Approx(160));
  // Nothing is placed there from 60 s on; it is empty at 160, and back at 260, at its own speed.
  CHECK(p.jobs[1].start_s == Approx(260));
  CHECK(p.jobs[1].finish_s == Approx(270));
  CHECK(p.chip_seconds(0, ChipState::failed) == Approx(4 * 100 + 8 * 100));
}

TEST_CASE("a slow chip that nobody found is as new when it is replaced because it broke") {
  // A certain failure of every chip at 100 s (only the first: then its server is out); it takes 50 s.
  BreakdownPlan plan;
  slow(plan, 10, 0.5);
  plan.causes.push_back(
      {.of = {.name = "chip", .per = Per::chip, .wear = {.scale_s = 100, .shape = 1e7}, .repair = RepairTime{50, 50}},
       .stream = "chip",
       .pools = {0}});
  RunSettings settings = with(plan);
  settings.horizon_s = 240;
  const Played p = played<Auditor>(site_of({chips_pool("a", 1, 1)}),
                                   workload({rigid("j", 0, 60, 1), rigid("k", 140, 30, 1)}), settings);
  CHECK(p.jobs[0].finish_s == Approx(100 + 50 + 60).epsilon(1e-4));  // at 100 s only 55 were done
  CHECK(p.jobs[1].finish_s == Approx(240).epsilon(1e-4));
}

TEST_CASE("who holds no chips has none that are slow") {
  CHECK(SlowChips(servers(1), Cluster(servers(1)), {}, 1).of({}, 4) == JobSpeeds());
}

// -- With a clock

TEST_CASE("a clock and a slow chip compose, and it does not matter which came first") {
  std::array<double, kChipStates> time{};
  time[static_cast<std::size_t>(ChipState::useful)] = 0.4;
  time[static_cast<std::size_t>(ChipState::below_peak)] = 0.3;
  time[static_cast<std::size_t>(ChipState::exposed_comm)] = 0.3;
  const Split full = Split::in_proportion(time, {.compute = 0.6, .memory = 0.3});
  const double f = 0.7, slower = time_at_clock({.compute = 0.6, .memory = 0.3}, f);
  const JobSpeeds speeds{.slowest = 0.5, .own_time = 1.125};  // one of eight at half the speed
  const Clocked both = at_clock(full, f, speeds);
  // Computing takes 0.7 at the full clock; 0.7 T at the clock; twice that on the slowest chip.
  CHECK(both.stretch == Approx(0.3 + 0.7 * slower * 2));
  CHECK(both.slow == Approx(0.7 * slower));
  CHECK(both.split.clock() == f);
  const double all = both.stretch;
  CHECK(both.split.share(ChipState::throttled) * all == Approx(0.7 * (slower - 1)).margin(1e-6));
  CHECK(both.split.share(ChipState::bucket) * all == Approx(0.7 * slower * (2 - 1.125)).margin(1e-6));
  CHECK(both.split.share(ChipState::useful) * all == Approx(0.4).margin(1e-6));
  CHECK(both.split.share(ChipState::below_peak) * all == Approx(0.3 + 0.7 * slower * 0.125).margin(1e-6));
  CHECK(both.split.share(ChipState::exposed_comm) * all == Approx(0.3).margin(1e-6));
  // Each alone, over the other.
  CHECK(at_clock(full, f).stretch == Approx(0.3 + 0.7 * slower));
  CHECK(at_clock(full, 1, speeds).stretch == Approx(0.3 + 0.7 * 2));
}

TEST_CASE("in a run under a cap a slow job takes 1/(f s) as long, whichever came first") {
  const auto text = [](double cap_w, double cap_from_s, double slow_at_s) {
    return fmt::format(
        "site:\n  pools:\n    - {{name: h100, server: HGX H100, count: 1, rack: {{servers: 1}}}}\n"
        "  facility: {{cooling: cold plate, opaque_power: 1, caps: [{{level: site, limit: 1 MW, dated: [{{after: {} s, "
        "limit: {:.17g} W}}]}}]}}\n"
        "workload:\n  jobs:\n    - {{id: a, chips: 8, duration: 1000 s}}\n"
        "faults: {{servers: {{slowdowns: [{{at: {} s, pools: [h100], speed: 50 %}}]}}}}\n",
        cap_from_s, cap_w, slow_at_s);
  };
  const Prepared free = prepared_services(text(1e6, 1e6, 1e6));
  const StatePower power = free.settings.building->power[0];
  // Half the clock, also where the waiting chips draw less: a limit that only the lowest clocks keep is none to read
  // off, so it is taken from the run.
  const double half_w = 8 * power.clocked_w(ChipState::opaque, 0.5) + 1;
  for (const auto& [cap_s, slow_s] : {std::pair{200.0, 400.0}, {400.0, 200.0}}) {
    const CappedPlay p = play_capped(prepared_services(text(half_w, cap_s, slow_s)));
    INFO(cap_s << " " << slow_s);
    // Done by 400 s: 200 and 200 f, or 200 and 200 s. After that at f' s, f' by what the slow job draws.
    const double f = 47.0 / 94;
    const double throttled = p.chip_seconds(ChipState::throttled) / 8, bucket = p.chip_seconds(ChipState::bucket);
    const double opaque = p.chip_seconds(ChipState::opaque);
    CHECK(throttled + (bucket + opaque) / 8 == Approx(p.end_s));
    const double lowest = p.caps.at(0).lowest_clock;
    CHECK(lowest >= 0.149);
    if (cap_s < slow_s) {
      CHECK(lowest == Approx(f));
      // From 400 s on (and three seconds for the controller) at a higher clock, f', which the throttled time gives.
      const double left = 1000 - 200 - 100;  // at full speed and clock
      const double rest = p.end_s - 400;
      CHECK(rest < left / (f * 0.5) + 1e-6);
      CHECK(rest > left / 0.5);
    }
    // What is waited and what is computed are in the proportion of the speeds: seven wait as long as they compute.
    CHECK(p.end_s > 1000 / 0.75);
  }
  // With one chip to each server slow, all of them wait for nobody: 1/(f s) exactly.
  const Prepared one = prepared_services(text(half_w, 1e-9, 0));
  const CappedPlay p = play_capped(one);
  const double f = p.caps.at(0).lowest_clock;
  CHECK(p.end_s == Approx(1000 / (f * 0.5)).epsilon(1e-6));
}
