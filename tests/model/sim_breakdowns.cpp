// Failures and maintenance of servers by hand: who is stopped when, from where it goes on, when the server is back, and
// where the chip-seconds go.
#include <catch2/catch.hpp>
#include <limits>

#include "tests/support/random_runs.hpp"
#include "tests/support/stored.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr double kResolution = 2e-7;  // of the parts a chip's second is divided into

BreakdownPlan::Outage broken(ServerIndex server, double at_s, double until_s) {
  return {.at_s = at_s, .first = server, .end = server + 1, .what = "fan", .until_s = until_s};
}
RunSettings with(BreakdownPlan plan, std::string policy = "easy") {
  RunSettings settings;
  settings.policy = std::move(policy);
  settings.breakdowns = std::make_shared<BreakdownPlan>(std::move(plan));
  return settings;
}
Row rigid(std::string id, double submit_s, double duration_s, std::int64_t chips) {
  return {.id = std::move(id), .submit_s = submit_s, .duration_s = duration_s, .chips = chips};
}
Site servers(std::int64_t n) {
  return site_of({chips_pool("a", n, 8)});
}

double step_s(const Site& site) {
  const auto ground = small_ground(site);
  const Layout layout{.tensor = 2, .pipeline = 2, .data = 4, .global_batch = 64, .sequence = 1024};
  return predict_step(small_model(), layout, ground->pools[0].chip, ground->pools[0].fabric).seconds;
}

}  // namespace

TEST_CASE("a job on a server that breaks hangs until that is found, and starts anew when there is room") {
  // Two servers, a job on both. Server 1 is out from 40 to 100; nobody knows until 50.
  for (const char* policy : {"easy", "fcfs", "sjf"}) {
    INFO(policy);
    const Played p = played<Auditor>(servers(2), workload({rigid("j", 0, 200, 16)}),
                                     with({.outages = {broken(1, 40, 100)}, .detection_s = 10}, policy));
    CHECK(p.jobs[0].failures == 1);
    CHECK(p.jobs[0].preemptions == 0);
    CHECK(p.jobs[0].hung_s == 10);
    CHECK(p.jobs[0].wait_s == 50);
    CHECK(p.jobs[0].redone_s == 40);
    CHECK(p.jobs[0].finish_s == 300);
    CHECK(p.jobs[0].status == JobStatus::completed);
    // 16 chips: 10 s hung, 40 s again. Server 1 is dark as failed once the job has left it; the other waits in vain.
    CHECK(p.chip_seconds(0, ChipState::lost) == 16 * (10 + 40));
    CHECK(p.chip_seconds(0, ChipState::failed) == 8 * 50);
    CHECK(p.chip_seconds(0, ChipState::fragmented) == 8 * 50);
    CHECK(p.chip_seconds(0, ChipState::opaque) == 16 * (40 + 160));
  }
}

TEST_CASE("a server that is back before anybody notices has lost what ran on it all the same") {
  // Out from 40 s to 45 s; found at 50 s, when the job starts anew there.
  const Played p = played<Auditor>(servers(1), workload({{.id = "j", .duration_s = 100, .chips = 8}}),
                                   with({.outages = {broken(0, 40, 45)}, .detection_s = 10}));
  CHECK(p.jobs[0].failures == 1);
  CHECK(p.jobs[0].hung_s == Approx(10));
  CHECK(p.jobs[0].finish_s == Approx(150));
  CHECK(p.chip_seconds(0, ChipState::lost) == Approx(8 * 50));
}

TEST_CASE("with on_failure: fail it ends where it stands when that is found") {
  const Played p =
      played<Auditor>(servers(2), workload({rigid("j", 0, 200, 16), rigid("after", 60, 10, 8)}),
                      with({.outages = {broken(1, 40, 100)}, .detection_s = 10, .on_failure = OnFailure::fail}));
  CHECK(p.jobs[0].status == JobStatus::failed);
  CHECK(p.jobs[0].finish_s == 50);
  CHECK(p.jobs[1].start_s == 60);
  CHECK(p.chip_seconds(0, ChipState::lost) == 16 * 10);
}

TEST_CASE("training goes on from its last checkpoint on a spare server") {
  const Site site = site_of({trained_pool("a", 3, 8)});
  const double step = step_s(site);
  // A checkpoint after every 10 steps, no storage: written in no time. It breaks in step 38; 8 steps are done again.
  const double breaks = 37.5 * step, detection = 2 * step;
  BreakdownPlan plan{.outages = {broken(0, breaks, 1e6)}, .detection_s = detection};
  plan.spares[0] = 1;
  RunSettings settings = with(plan);
  settings.horizon_s = 2e6;
  for (const Sharing sharing : {Sharing::fluid, Sharing::none}) {
    settings.sharing = sharing;
    const Played p = played<Auditor>(site, workload({sixteen("ckpt:10_steps", 100)}), settings, small_ground(site));
    CHECK(p.jobs[0].failures == 1);
    CHECK(p.jobs[0].wait_s == 0);
    CHECK(p.jobs[0].hung_s == Approx(detection));
    CHECK(p.jobs[0].redone_s == Approx(7.5 * step));
    CHECK(p.jobs[0].finish_s == Approx(breaks + detection + 70 * step));
    CHECK(p.jobs[0].status == JobStatus::completed);
    CHECK(p.chip_seconds(0, ChipState::lost) == Approx(16 * (detection + 7.5 * step)).epsilon(kResolution));
  }
}

TEST_CASE("a job known by its duration goes on from what it keeps, where it keeps something") {
  RunSettings settings = with({.outages = {broken(0, 75, 100)}});
  settings.checkpoint_s = 20;
  const Played p = played<Auditor>(servers(1), workload({rigid("j", 0, 200, 8)}), settings);
  CHECK(p.jobs[0].redone_s == 15);  // 60 s are kept
  CHECK(p.jobs[0].finish_s == 100 + 140);
  CHECK(p.chip_seconds(0, ChipState::opaque) == 8 * 200);
}

TEST_CASE("a rack that leaks takes its loop along: its own jobs stop at once, the others may run on for a while") {
  // Four racks of one server, two to a loop. Rack 2 leaks at 40: server 2 stops, server 3 is drained by 60.
  Site site = servers(4);
  BreakdownPlan::Outage leak{.at_s = 40, .first = 2, .end = 4, .what = "coolant leak"};
  leak.struck_first = 2;
  leak.struck_end = 3;
  leak.detection_s = 0;
  leak.lasts_s = 100;
  const Played p = played<Auditor>(
      site, workload({rigid("a", 0, 300, 8), rigid("b", 0, 300, 8), rigid("c", 0, 300, 8), rigid("d", 0, 300, 8)}),
      with({.outages = {leak}, .detection_s = 600, .drain_s = 20}));
  CHECK(p.jobs[0].finish_s == 300);
  CHECK(p.jobs[1].finish_s == 300);
  CHECK(p.jobs[2].failures == 1);
  CHECK(p.jobs[3].failures == 1);
  CHECK(p.jobs[2].hung_s == 0);
  // Both are out until 100 s after the loop is empty at 60; c and d wait until then and start anew.
  CHECK(p.jobs[2].finish_s == 160 + 300);
  CHECK(p.jobs[3].finish_s == 160 + 300);
  CHECK(p.jobs[2].redone_s == 40);
  CHECK(p.jobs[3].redone_s == 60);
  CHECK(p.chip_seconds(0, ChipState::failed) == 8 * (120 + 100));
}

TEST_CASE("spares are free and nobody's until a server is down, and one that is back is a spare again") {
  BreakdownPlan plan{.outages = {broken(0, 50, 80)}};
  plan.spares[0] = 1;
  const Played p = played<Auditor>(
      servers(2), workload({rigid("first", 0, 100, 8), rigid("second", 10, 20, 8), rigid("large", 5, 10, 16)}),
      with(plan));
  CHECK(p.jobs[0].failures == 1);
  CHECK(p.jobs[0].finish_s == 150);  // at once on the spare, from its beginning
  CHECK(p.jobs[0].redone_s == 50);
  CHECK(p.jobs[1].status == JobStatus::rejected);  // both servers are never there for jobs
  CHECK(p.jobs[2].start_s == 150);                 // server 0, back since 80, is the spare now
}

TEST_CASE("jobs leave a server that is serviced when they end, or when it is drained") {
  const Site site = servers(1);
  BreakdownPlan::Outage planned{
      .at_s = 20, .first = 0, .end = 1, .what = "planned", .why = OutFor::maintenance, .lasts_s = 30};
  const std::vector<Row> rows = {rigid("a short", 0, 25, 2), rigid("b long", 0, 100, 2), rigid("c later", 22, 5, 4)};
  const Played p = played<Auditor>(site, workload(rows), with({.outages = {planned}, .drain_s = 10}));
  CHECK(p.jobs[0].finish_s == 25);  // within the drain
  CHECK(p.jobs[1].failures == 1);   // stopped at 30; the work takes until 60; anew
  CHECK(p.jobs[1].hung_s == 0);
  CHECK(p.jobs[1].finish_s == 160);
  CHECK(p.jobs[2].start_s == 60);
  // Free at 20: 4 chips; at 25: 2 more; at 30: all.
  CHECK(p.chip_seconds(0, ChipState::maintenance) == 4 * 40 + 2 * 35 + 2 * 30);
}

TEST_CASE("a chip that fails takes the job that holds it, and its server when that is drained") {
  BreakdownPlan plan{.drain_s = 20};
  plan.causes.push_back({.of = {.name = "chip",
                                .per = Per::chip,
                                .wear = {.scale_s = 50, .shape = 1e7},
                                .repair = RepairTime{1000, 1000}},
                         .stream = "chip",
                         .pools = {0},
                         .detection_s = 10});
  RunSettings settings = with(plan);
  settings.horizon_s = 200;
  const Played p = played<Auditor>(site_of({chips_pool("a", 1, 2)}),
                                   workload({rigid("a", 0, 1000, 1), rigid("b", 0, 1000, 1)}), settings);
  // At 50 s one chip fails, the other is out of service with its server and does not: one job hangs, the other runs on.
  CHECK(p.jobs[0].failures + p.jobs[1].failures == 2);
  CHECK(p.jobs[0].hung_s + p.jobs[1].hung_s == Approx(10));
  // Found at 60: one chip dark; drained at 80: both.
  CHECK(p.chip_seconds(0, ChipState::failed) == Approx(20 + 2 * 120).epsilon(1e-5));
}

TEST_CASE("one crew mends one server after the other") {
  BreakdownPlan plan{.crews = 1};
  // A certain failure: wear within moments, of three servers.
  plan.causes.push_back({.of = {.name = "sure",
                                .per = Per::server,
                                .per_year = 0,
                                .wear = {.scale_s = 10, .shape = 1e6},
                                .repair = RepairTime{100, 100}},
                         .stream = "sure",
                         .pools = {0}});
  RunSettings settings = with(plan);
  settings.horizon_s = 305;
  settings.jobs_end = true;
  const Played p = played<Auditor>(servers(3), workload({rigid("far", 1000, 1, 1)}), settings);
  // All fail at 10 s; they are back at 110, 210 and 310, and the first two fail again ten seconds later.
  const double failed = 100 + 200 + 295 + (305 - 120) + (305 - 220);
  CHECK(p.chip_seconds(0, ChipState::failed) == Approx(8 * failed).epsilon(1e-3));
}

TEST_CASE("software stops a job and takes no server") {
  BreakdownPlan plan;
  plan.causes.push_back({.of = {.name = "bug", .per = Per::server, .wear = {.scale_s = 60, .shape = 1e7}},
                         .stream = "bug",
                         .pools = {0},
                         .takes_server = false,
                         .detection_s = 5});
  RunSettings settings = with(plan);
  settings.horizon_s = 100;
  const Played p = played<Auditor>(servers(1), workload({rigid("j", 0, 80, 8)}), settings);
  // It fails at 60 s, starts anew at 65, and 35 s of it are done again by the end.
  CHECK(p.jobs[0].failures == 1);
  CHECK(p.jobs[0].hung_s == Approx(5));
  CHECK(p.jobs[0].redone_s == Approx(35).epsilon(1e-5));
  CHECK(p.jobs[0].status == JobStatus::running);
  CHECK(p.chip_seconds(0, ChipState::failed) == 0);
}

TEST_CASE("a server that is not delivered yet breaks too, and is out when it comes") {
  Site site = servers(2);
  site.pools[0].phases = {{0, 1}, {50, 1}};
  const Played p = played<Auditor>(site, workload({rigid("j", 0, 10, 16)}), with({.outages = {broken(1, 20, 80)}}));
  CHECK(p.jobs[0].start_s == 80);
  CHECK(p.chip_seconds(0, ChipState::undelivered) == 8 * 50);
  CHECK(p.chip_seconds(0, ChipState::failed) == 8 * 30);
}

TEST_CASE("a job that never gets on ends after a hundred starts in vain") {
  BreakdownPlan plan;
  for (int i = 0; i < 200; ++i) plan.outages.push_back(broken(0, 10 + 20 * i, 15 + 20 * i));
  const Played p = played<Auditor>(servers(1), workload({rigid("j", 0, 1000, 8)}), with(plan));
  CHECK(p.jobs[0].status == JobStatus::failed);
  CHECK(p.jobs[0].failures == BreakdownPlan::kMostStartsInVain);
}
