// Preemption by hand: who loses its chips, what it does when it has some again, and where the chip-seconds go.
#include <catch2/catch.hpp>

#include "sim/scheduler/policy.hpp"
#include "tests/support/random_runs.hpp"
#include "tests/support/stored.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr double kResolution = 2e-7;  // of the parts a chip's second is divided into
constexpr Sharing kModes[] = {Sharing::fluid, Sharing::exact, Sharing::none};

RunSettings requeue(std::string policy = "easy", Sharing sharing = Sharing::fluid) {
  RunSettings settings;
  settings.policy = std::move(policy);
  settings.preemption = JobPreemption::requeue;
  settings.sharing = sharing;
  return settings;
}

Row rigid(std::string id, double submit_s, double duration_s, std::int64_t chips, std::int32_t priority = 0) {
  return {.id = std::move(id), .submit_s = submit_s, .duration_s = duration_s, .chips = chips, .priority = priority};
}
Row preemptible(Row row) {
  row.preemptible = true;
  return row;
}

/// In the order of the rows, whatever the times.
std::vector<double> preempted(const Site& site, const std::vector<Row>& rows, const RunSettings& settings = requeue()) {
  std::vector<double> out;
  const Workload w = workload(rows);
  const Played p = played<Auditor>(site, w, settings);
  for (const Row& row : rows)
    for (std::size_t j = 0; j < w.jobs.size(); ++j)
      if (w.jobs[j].id == row.id) out.push_back(p.jobs[j].preemptions);
  return out;
}

const std::vector<double> kNobody2 = {0, 0};

/// The same, one that gives way; on two of four servers.
Row yielding(const std::string& more, double steps) {
  return preemptible(sixteen(more, steps));
}
Site four_servers() {
  return site_of({trained_pool("a", 4, 8)});
}
Site stored_site(const Storage& storage) {
  Site site = four_servers();
  site.storage = storage;
  return site;
}
double step_s() {
  const auto ground = small_ground(four_servers());
  const Layout layout{.tensor = 2, .pipeline = 2, .data = 4, .global_batch = 64, .sequence = 1024};
  return predict_step(small_model(), layout, ground->pools[0].chip, ground->pools[0].fabric).seconds;
}

}  // namespace

TEST_CASE("a rigid job gives way at once, starts anew, and what it does again is lost") {
  const Site site = site_of({chips_pool("a", 1, 8)});
  const Workload w = workload({preemptible(rigid("v", 0, 100, 8)), rigid("high", 30, 20, 8, 5)});
  for (const std::string& policy : requeuing_policies()) {
    INFO(policy);
    const Played p = played<Auditor>(site, w, requeue(policy));
    // v runs for 30 s, waits for 20, runs for 100 of which the first 30 are of work it had done.
    CHECK(p.jobs[0].start_s == 0);
    CHECK(p.jobs[0].finish_s == 150);
    CHECK(p.jobs[0].preemptions == 1);
    CHECK(p.jobs[0].wait_s == 20);
    CHECK(p.jobs[0].run_s == 130);
    CHECK(p.jobs[0].redone_s == 30);
    CHECK(p.jobs[1].start_s == 30);
    CHECK(p.jobs[1].finish_s == 50);
    CHECK(p.chip_seconds(0, ChipState::lost) == 8 * 30);
    CHECK(p.chip_seconds(0, ChipState::opaque) == 8 * (30 + 20 + 70));
    CHECK(p.end_s == 150);
  }
}

TEST_CASE("without scheduler.preemption nobody gives way, whatever jobs say") {
  const Site site = site_of({chips_pool("a", 1, 8)});
  const Workload w = workload({preemptible(rigid("v", 0, 100, 8)), rigid("high", 30, 20, 8, 5)});
  const Played p = played<Auditor>(site, w, {});
  CHECK(p.jobs[0].finish_s == 100);
  CHECK(p.jobs[1].start_s == 100);
  CHECK(p.jobs[0].preemptions == 0);
}

TEST_CASE("preempted twice it does again what it had done at its furthest, each time") {
  const Site site = site_of({chips_pool("a", 1, 1)});
  const Workload w = workload({preemptible(rigid("v", 0, 100, 1)), rigid("x", 30, 10, 1, 5), rigid("y", 50, 10, 1, 5)});
  const Played p = played<Auditor>(site, w, requeue());
  // 0 to 30 s; 40 to 50 s, all again; 60 to 160 s, 30 s of it again.
  CHECK(p.jobs[0].finish_s == 160);
  CHECK(p.jobs[0].preemptions == 2);
  CHECK(p.jobs[0].redone_s == 40);
  CHECK(p.jobs[0].wait_s == 20);
  CHECK(p.chip_seconds(0, ChipState::lost) == 40);
}

TEST_CASE("work is done again at the pace of the chips it is done on") {
  const Site site = site_of({chips_pool("a", 1, 1), chips_pool("b", 1, 1)});
  Row v = preemptible(rigid("v", 0, 100, 1));
  v.traced_chip = "a chip";
  Row other = rigid("other", 0, 50, 1), high = rigid("high", 60, 1000, 1, 5);
  other.kinds = "b chip";
  high.kinds = "a chip";
  RunSettings settings = requeue();
  settings.slowdown[{"a chip", "b chip"}] = 3;
  const Played p = played<Auditor>(site, workload({v, other, high}), settings);
  // v has 60 s behind it when it loses its chip of a; on the one of b, free by then, that takes 180 s, the whole 300.
  const auto of_v = p.jobs[1];
  CHECK(of_v.preemptions == 1);
  CHECK(of_v.pool == 1);
  CHECK(of_v.finish_s == 360);
  CHECK(of_v.wait_s == 0);
  CHECK(p.chip_seconds(1, ChipState::lost) == 180);
}

TEST_CASE("a requested time counts anew at every start") {
  const Site site = site_of({chips_pool("a", 1, 1)});
  Row v = preemptible(rigid("v", 0, 150, 1));
  v.estimate_s = 100;
  v.kill = true;
  const Played p = played<Auditor>(site, workload({v, rigid("high", 30, 10, 1, 5)}), requeue());
  CHECK(p.jobs[0].status == JobStatus::killed);
  CHECK(p.jobs[0].finish_s == 140);
}

TEST_CASE("the lowest priority gives way first, then the youngest, and no more than it takes") {
  const Site site = site_of({chips_pool("a", 4, 1)});
  const auto give_way = [&](std::int64_t chips) {
    return preempted(site, {preemptible(rigid("old", 0, 500, 1)), preemptible(rigid("young", 10, 500, 1)),
                            preemptible(rigid("middle", 5, 500, 1)), preemptible(rigid("cheap", 1, 500, 1, -1)),
                            rigid("high", 20, 10, chips, 3)});
  };
  CHECK(give_way(1) == std::vector<double>{0, 0, 0, 1, 0});
  CHECK(give_way(2) == std::vector<double>{0, 1, 0, 1, 0});
  CHECK(give_way(3) == std::vector<double>{0, 1, 1, 1, 0});
  CHECK(give_way(4) == std::vector<double>{1, 1, 1, 1, 0});
}

TEST_CASE("who is not needed after all is spared") {
  // The youngest has one chip, the next three: with the three of that one there is enough.
  const Site site = site_of({chips_pool("a", 4, 1)});
  CHECK(preempted(site, {preemptible(rigid("three", 0, 500, 3)), preemptible(rigid("one", 10, 500, 1)),
                         rigid("high", 20, 10, 3, 3)}) == std::vector<double>{1, 0, 0});
}

TEST_CASE("free chips are used first, and who finds room takes nobody's") {
  const Site site = site_of({chips_pool("a", 4, 1)});
  CHECK(preempted(site, {preemptible(rigid("v", 0, 500, 2)), rigid("high", 20, 10, 2, 3)}) == kNobody2);
  const Site two = site_of({chips_pool("a", 2, 1), chips_pool("b", 2, 1)});
  CHECK(preempted(two, {preemptible(rigid("v", 0, 500, 2)), rigid("high", 20, 10, 2, 3)}) == kNobody2);
}

TEST_CASE("nobody gives way to an equal, nobody who is not preemptible, and nobody in vain") {
  const Site site = site_of({chips_pool("a", 4, 1)});
  for (const std::string& policy : requeuing_policies()) {
    INFO(policy);
    const auto settings = requeue(policy);
    CHECK(preempted(site, {preemptible(rigid("v", 0, 50, 4, 3)), rigid("same", 20, 10, 1, 3)}, settings) == kNobody2);
    CHECK(preempted(site, {rigid("firm", 0, 50, 4), rigid("high", 20, 10, 1, 3)}, settings) == kNobody2);
    CHECK(preempted(site, {rigid("firm", 0, 50, 2), preemptible(rigid("v", 0, 50, 2)), rigid("high", 20, 10, 3, 3)},
                    settings) == std::vector<double>{0, 0, 0});
  }
}

TEST_CASE("room is what a job's shape takes, not a number of chips") {
  // Two servers of four: the firm ones hold two chips of the first, the others the rest.
  const Site site = site_of({chips_pool("a", 2, 4)});
  Row high = rigid("high", 20, 10, 4, 3);
  high.shape = Shape::one_server;
  // old lies on the second server, young beside the firm one: freeing the youngest gives two chips that do not help.
  CHECK(preempted(site, {rigid("firm", 0, 50, 2), preemptible(rigid("old", 1, 500, 4)),
                         preemptible(rigid("young", 5, 500, 2)), high}) == std::vector<double>{0, 1, 0, 0});
  high.shape = Shape::whole_servers;
  CHECK(preempted(site, {rigid("firm", 0, 50, 2), preemptible(rigid("old", 1, 500, 4)),
                         preemptible(rigid("young", 5, 500, 2)), high}) == std::vector<double>{0, 1, 0, 0});
}

TEST_CASE("of two pools the one is cleared that needs the lower priority, then the fewer") {
  const Site site = site_of({chips_pool("a", 2, 1), chips_pool("b", 2, 1)});
  const auto in = [](const char* kind, Row row) {
    row.kinds = std::string(kind) + " chip";
    return preemptible(std::move(row));
  };
  CHECK(preempted(site, {in("a", rigid("a1", 0, 500, 2, 1)), in("b", rigid("b1", 0, 500, 1)),
                         in("b", rigid("b2", 0, 500, 1)), rigid("high", 20, 10, 2, 3)}) ==
        std::vector<double>{0, 1, 1, 0});
  CHECK(preempted(site, {in("b", rigid("b1", 0, 500, 2)), in("a", rigid("a1", 0, 500, 1)),
                         in("a", rigid("a2", 0, 500, 1)), rigid("high", 20, 10, 2, 3)}) ==
        std::vector<double>{1, 0, 0, 0});
}

TEST_CASE("who was preempted waits where it was in the queue, and others may use what it left over") {
  const Site site = site_of({chips_pool("a", 4, 1)});
  for (const char* policy : {"fcfs", "easy", "conservative"}) {
    INFO(policy);
    // w was submitted after v and waits for four chips: v goes before it.
    const Played p = played<Auditor>(
        site, workload({preemptible(rigid("v", 0, 100, 4)), rigid("w", 5, 10, 4), rigid("high", 30, 20, 1, 3)}),
        requeue(policy));
    CHECK(p.jobs[0].finish_s == 150);
    CHECK(p.jobs[1].start_s == 150);
    // v holds three chips and gives way for one: until it has three again, at 50 s, w can have the two that are left.
    const Played q = played<Auditor>(site,
                                     workload({rigid("firm", 0, 1000, 1), preemptible(rigid("v", 0, 100, 3)),
                                               rigid("w", 5, 10, 2), rigid("high", 30, 20, 1, 3)}),
                                     requeue(policy));
    CHECK(q.jobs[1].finish_s == 150);
    CHECK(q.jobs[2].start_s == (policy == std::string("fcfs") ? 150 : 30));
  }
}

TEST_CASE("a chain: who takes chips may lose them to a higher one") {
  const Site site = site_of({chips_pool("a", 1, 1)});
  const Played p = played<Auditor>(site,
                                   workload({preemptible(rigid("low", 0, 100, 1)),
                                             preemptible(rigid("mid", 10, 50, 1, 1)), rigid("top", 20, 5, 1, 2)}),
                                   requeue());
  // top 20 to 25, mid anew 25 to 75, low anew 75 to 175.
  CHECK(p.jobs[2].finish_s == 25);
  CHECK(p.jobs[1].finish_s == 75);
  CHECK(p.jobs[0].finish_s == 175);
  CHECK(p.chip_seconds(0, ChipState::lost) == 10 + 10);
}

TEST_CASE("the horizon finds some preempted and waiting, some doing their work again") {
  const Site site = site_of({chips_pool("a", 1, 1), chips_pool("b", 1, 1)});
  Row v = preemptible(rigid("v", 0, 100, 1)), u = preemptible(rigid("u", 0, 100, 1));
  v.kinds = "a chip";
  u.kinds = "b chip";
  Row x = rigid("x", 30, 100, 1, 5), y = rigid("y", 30, 10, 1, 5);
  x.kinds = "a chip";
  y.kinds = "b chip";
  RunSettings settings = requeue();
  settings.horizon_s = 60;
  const Played p = played<Auditor>(site, workload({u, v, x, y}), settings);
  CHECK(p.jobs[0].status == JobStatus::running);
  CHECK(p.jobs[0].redone_s == 20);  // from 40 s on
  CHECK(p.jobs[1].status == JobStatus::waiting);
  CHECK(p.jobs[1].preemptions == 1);
  CHECK(p.chip_seconds(1, ChipState::lost) == 20);
}

TEST_CASE("training without checkpoints starts anew, start-up and all") {
  const double step = step_s();
  const Site site = four_servers();
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    const double at_s = 60 + 100 * step;
    const Workload w = workload({yielding("start60", 1000), rigid("x", at_s, 20, 32, 5)});
    const Played p = played<Auditor>(site, w, requeue("easy", mode), small_ground(site));
    CHECK(p.jobs[0].preemptions == 1);
    CHECK(p.jobs[0].redone_s == Approx(100 * step));
    CHECK(p.jobs[0].finish_s == Approx(at_s + 20 + 60 + 1000 * step));
    CHECK(p.jobs[0].tokens == Approx(1000.0 * 64 * 1024));
    CHECK(p.chip_seconds(0, ChipState::starting) == Approx(16 * 120));
    CHECK(p.chip_seconds(0, ChipState::lost) == Approx(16 * 100 * step));
    const Played alone = played(site, workload({yielding("start60", 1000)}), {}, small_ground(site));
    CHECK(p.chip_seconds(0, ChipState::useful) ==
          Approx(alone.chip_seconds(0, ChipState::useful)).margin(16 * p.end_s * kResolution));
  }
}

TEST_CASE("it goes on from its last checkpoint, which it loads, and does the steps since then again") {
  const Storage storage = own_storage(20, 10);
  const Site site = stored_site(storage);
  const double step = step_s(), state = 14 * parameters(small_model());
  const double write_s = state / 10e9, load_s = state * 4 / 20e9;
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    // Two of a hundred steps each are written when it loses its chips in the middle of step 251.
    const double at_s = 250.5 * step + 2 * write_s;
    const Workload w = workload({yielding("ckpt:100_steps", 1000), rigid("x", at_s, 20, 32, 5)});
    const Played p = played<Auditor>(site, w, requeue("easy", mode), stored_ground(site));
    CHECK(p.jobs[0].preemptions == 1);
    // As a rate, the time for checkpoints is spread over the steps: a little less is done by then, the eighth counts.
    const double mean = step + write_s / 100;
    const double again_s = mode == Sharing::none ? at_s - 200 * mean : 50.5 * step;
    const double rest_s = mode == Sharing::none ? 800 * mean : 800 * step + 7 * write_s;
    CHECK(p.jobs[0].redone_s == Approx(again_s).epsilon(1e-6));
    CHECK(p.jobs[0].finish_s == Approx(at_s + 20 + load_s + rest_s).epsilon(1e-7));
    CHECK(p.chip_seconds(0, ChipState::starting) == Approx(16 * load_s).epsilon(1e-6));
    const double writing_s = mode == Sharing::none ? (at_s + rest_s - again_s) / mean * write_s / 100 : 9 * write_s;
    CHECK(p.chip_seconds(0, ChipState::lost) ==
          Approx(16 * (again_s + writing_s)).epsilon(1e-6).margin(16 * p.end_s * kResolution));
  }
}

TEST_CASE("a checkpoint that is not written yet is none") {
  // One is due every ten steps, and written beside the steps that follow.
  const double step = step_s();
  for (const Sharing mode : kModes)
    for (const bool late : {false, true}) {
      INFO("mode " << static_cast<int>(mode) << ", late " << late);
      const Site site = stored_site(own_storage(1e4, 40 / (4 * step)));  // in four steps
      const double at_s = (late ? 24.5 : 23.5) * step;                   // the second is due after 20
      const Workload w = workload({yielding("ckpt:10_steps_40_GB_asynchronous", 1000), rigid("x", at_s, 20, 32, 5)});
      const Played p = played<Auditor>(site, w, requeue("easy", mode), stored_ground(site));
      const double load_s = 40 / 1e4, kept = late ? 20 : 10;
      CHECK(p.jobs[0].redone_s == Approx((late ? 4.5 : 13.5) * step).epsilon(1e-6));
      CHECK(p.jobs[0].finish_s == Approx(at_s + 20 + load_s + (1000 - kept) * step).epsilon(1e-6));
    }
}

TEST_CASE("a job that loads or waits for a checkpoint is let go, and its storage with it") {
  const Site site = stored_site(own_storage(20, 10));
  Row big = yielding("load:100_GB", 100), other = big;
  other.id = "u";
  other.preemptible = false;
  other.submit_s = 3;
  for (const Sharing mode : {Sharing::fluid, Sharing::exact}) {
    INFO("mode " << static_cast<int>(mode));
    // t has read 40 of its 100 GB when it loses its chips at 2 s.
    const Played p = played<Auditor>(site, workload({big, rigid("x", 2, 1, 17, 5), other}), requeue("fcfs", mode),
                                     stored_ground(site));
    CHECK(p.jobs[0].preemptions == 1);
    CHECK(p.jobs[0].redone_s == 0);
    // From 3 s on it and u read 100 GB each, at 10 GB/s.
    CHECK(p.chip_seconds(0, ChipState::starting) == Approx(16 * (2 + 10 + 10)).epsilon(1e-6));
  }
}

TEST_CASE("checkpoints without a storage cost no time, and count all the same") {
  const double step = step_s();
  const Site site = four_servers();
  const double at_s = 250.5 * step;
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    const Workload w = workload({yielding("ckpt:100_steps", 1000), rigid("x", at_s, 20, 32, 5)});
    const Played p = played<Auditor>(site, w, requeue("easy", mode), small_ground(site));
    CHECK(p.jobs[0].redone_s == Approx(50.5 * step));
    CHECK(p.jobs[0].finish_s == Approx(at_s + 20 + 800 * step));
  }
}
