// A storage that breaks, and what lies on the way to it, against what follows by hand.
#include <catch2/catch.hpp>

#include "tests/support/faults.hpp"
#include "tests/support/stored.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr Sharing kModes[] = {Sharing::fluid, Sharing::exact};

/// Four servers of eight chips, and a storage network of its own that reads 20 and writes 10 GB/s.
Site stored_site(double read_gbs = 20, double write_gbs = 10) {
  Site site = site_of({trained_pool("a", 4, 8)});
  site.storage = own_storage(read_gbs, write_gbs);
  return site;
}

/// Two leaves of four servers of one chip and 12.5 GB/s, 50 GB/s up by four cables to two spines, the storage above.
Site leafy_site(double read_gbs) {
  Site site = leaf_spine_site(2, 4);
  site.place = "main";
  site.storage = own_storage(read_gbs, 50);
  site.storage->server_gbps = 0;
  site.storage->place = "main";
  return site;
}

std::shared_ptr<TrainingGround> leafy_ground(const Site& site) {
  auto ground = stored_ground(site);
  ground->pools[0].leaf_servers = 4;
  return ground;
}

Played run(const Site& site, const std::vector<Row>& rows, Sharing sharing, const Faulty& faulty) {
  const auto ground = site.tiers.empty() ? stored_ground(site) : leafy_ground(site);
  return played(site, workload(rows), faulty.settings({.policy = "fcfs", .sharing = sharing}), ground);
}

std::string nic_of(const Faulty& faulty, std::int64_t server) {
  return faulty.routes().links()[faulty.routes().nic_up(server)].name;
}

Row trained(const std::string& more, double steps, std::int64_t chips = 8) {
  return {.id = "j",
          .chips = chips,
          .model = "small",
          .training = more + " dp" + std::to_string(chips) + " gb64 seq1024",
          .tokens = steps * 64 * 1024};
}

double step_s(std::int64_t data, const Site& site) {
  const auto ground = small_ground(site);
  const Layout layout{.data = data, .global_batch = 64, .sequence = 1024};
  return predict_step(small_model(), layout, ground->pools[0].chip, ground->pools[0].fabric).seconds;
}

}  // namespace

TEST_CASE("the storage's reading is down for 10 s while a job loads: it starts to train 10 s later") {
  const Site site = stored_site();
  Faulty faulty(site);
  faulty.link(0.5, "storage_READ", 0).link(10.5, "storage_READ", 1);
  for (const Sharing mode : kModes) {
    // 40 GB at 20 GB/s.
    const Played p = run(site, {trained("load:40_GB", 100)}, mode, faulty);
    CHECK(p.chip_seconds(0, ChipState::starting) == Approx(8 * 12).epsilon(1e-9));
    CHECK(p.chip_seconds(0, ChipState::lost) == 0);
    CHECK(p.jobs[0].status == JobStatus::completed);
    CHECK(p.jobs[0].finish_s == Approx(12 + 100 * step_s(8, site)).epsilon(1e-9));
    SECTION("writing is down: it is not concerned " + std::to_string(static_cast<int>(mode))) {
      Faulty writing(site);
      writing.link(0.5, "storage_WRITE", 0).link(10.5, "storage_WRITE", 1);
      CHECK(run(site, {trained("load:40_GB", 100)}, mode, writing).jobs[0].finish_s ==
            Approx(2 + 100 * step_s(8, site)).epsilon(1e-9));
    }
    SECTION("started within the outage, it loads from the repair on " + std::to_string(static_cast<int>(mode))) {
      Row late = trained("start3 load:40_GB", 100);
      late.submit_s = 4;
      const Played q = run(site, {late}, mode, faulty);
      CHECK(q.chip_seconds(0, ChipState::starting) == Approx(8 * (10.5 - 4 + 2)).epsilon(1e-9));
    }
    SECTION("it ends at its requested time " + std::to_string(static_cast<int>(mode))) {
      Row killed = trained("load:40_GB", 100);
      killed.kill = true;
      killed.estimate_s = 7;
      const Played q = run(site, {killed}, mode, faulty);
      CHECK(q.jobs[0].status == JobStatus::killed);
      CHECK(q.jobs[0].finish_s == 7);
    }
    SECTION("by the other policy it fails at once " + std::to_string(static_cast<int>(mode))) {
      Faulty failing(site);
      failing.link(0.5, "storage_READ", 0).link(10.5, "storage_READ", 1).fail();
      const Played q = run(site, {trained("load:40_GB", 100)}, mode, failing);
      CHECK(q.jobs[0].status == JobStatus::failed);
      CHECK(q.jobs[0].finish_s == 0.5);
    }
  }
}

TEST_CASE("reading is degraded to a half: what is left of a load takes twice as long, and what is shared too") {
  const Site site = stored_site();
  Faulty faulty(site);
  faulty.link(1, "storage_READ", 0.5);
  for (const Sharing mode : kModes) {
    // 20 of 40 GB by 1 s, 20 at 10 GB/s.
    const Played one = run(site, {trained("load:40_GB", 1)}, mode, faulty);
    CHECK(one.chip_seconds(0, ChipState::starting) == Approx(8 * 3).epsilon(1e-9));
    // 10 of 40 each by 1 s, 30 at 5.
    Row other = trained("load:40_GB", 1);
    other.id = "k";
    const Played two = run(site, {trained("load:40_GB", 1), other}, mode, faulty);
    CHECK(two.chip_seconds(0, ChipState::starting) == Approx(16 * 7).epsilon(1e-6));
  }
}

TEST_CASE("on the way to the storage: a dead spine takes its share, a NIC its own, a dead leaf all of those below it") {
  for (const Sharing mode : kModes) {
    const Site wide = leafy_site(100);
    // 100 GB over the 50 GB/s of the leaf, with a spine less 25.
    Faulty spine(wide);
    spine.switch_(1, "spine 0", 0);
    CHECK(run(wide, {trained("load:100_GB", 1, 4)}, mode, spine).chip_seconds(0, ChipState::starting) ==
          Approx(4 * 3).epsilon(1e-9));
    // 25 GB of each over its NIC: 12.5 by 1 s, 12.5 at 3.125 GB/s.
    Faulty nic(wide);
    nic.link(1, nic_of(nic, 2), 0.25);
    CHECK(run(wide, {trained("load:100_GB", 1, 4)}, mode, nic).chip_seconds(0, ChipState::starting) ==
          Approx(4 * 5).epsilon(1e-9));
    // Likewise of one on a single server, whose NIC is down for 10 s, which does not cut it from anybody.
    Faulty single(wide);
    single.link(1, nic_of(single, 0), 0).link(11, nic_of(single, 0), 1);
    CHECK(run(wide, {trained("load:25_GB", 1, 1)}, mode, single).chip_seconds(0, ChipState::starting) ==
          Approx(12).epsilon(1e-9));

    // Two jobs, each below a leaf, read 40 GB at 10 GB/s: 10 GB by 1 s, when one's leaf dies. The other has 20 GB/s
    // then, its 30 GB by 2.5 s; the first goes on at 11 s, to 12.5 s.
    const Site narrow = leafy_site(20);
    Faulty leaf(narrow);
    leaf.switch_(1, "leaf 1", 0).switch_(11, "leaf 1", 1);
    Row other = trained("load:40_GB", 1, 4);
    other.id = "k";
    const Played p = run(narrow, {trained("load:40_GB", 1, 4), other}, mode, leaf);
    CHECK(p.chip_seconds(0, ChipState::starting) == Approx(4 * 2.5 + 4 * 12.5).epsilon(1e-6));
    CHECK(p.jobs[1].finish_s - p.jobs[0].finish_s == Approx(10).epsilon(1e-6));
  }
}

TEST_CASE("writing is down when a blocking checkpoint is due: the job stands still for the rest of the outage") {
  const Site site = stored_site();
  // A checkpoint each 100 steps, 40 GB at 10 GB/s. The second is due 200 steps and one checkpoint after the start.
  const double step = step_s(8, site), write_s = 4, due_s = 200 * step + write_s;
  const Row row = trained("ckpt:100_steps_40_GB", 501);
  const auto at = [&](double from_s, double to_s) {
    Faulty faulty(site);
    faulty.link(from_s, "storage_WRITE", 0).link(to_s, "storage_WRITE", 1);
    return faulty;
  };
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    const Played whole = run(site, {row}, mode, Faulty(site));
    const double end_s = whole.jobs[0].finish_s;
    CHECK(end_s == Approx(501 * step + 5 * write_s).epsilon(1e-9));

    const Played stalled = run(site, {row}, mode, at(130 * step + write_s, due_s + 50));
    CHECK(stalled.jobs[0].finish_s == Approx(end_s + 50).epsilon(1e-9));
    CHECK(stalled.chip_seconds(0, ChipState::exposed_comm) ==
          Approx(whole.chip_seconds(0, ChipState::exposed_comm) + 8 * 50).epsilon(1e-6));
    CHECK(stalled.chip_seconds(0, ChipState::lost) ==
          Approx(whole.chip_seconds(0, ChipState::lost)).margin(8 * end_s * 2e-7));
    // Repaired before one is due: nobody notices.
    CHECK(run(site, {row}, mode, at(130 * step + write_s, 190 * step)).jobs[0].finish_s == Approx(end_s).epsilon(1e-9));
    // In the midst of writing one: at once, and the rest of it follows.
    CHECK(run(site, {row}, mode, at(100 * step + 1, 100 * step + 31)).jobs[0].finish_s ==
          Approx(end_s + 30).epsilon(1e-9));
    // Twice in one outage of another kind: reading does not matter to it.
    Faulty reading(site);
    reading.link(1, "storage_READ", 0).link(due_s + 50, "storage_READ", 1);
    CHECK(run(site, {row}, mode, reading).jobs[0].finish_s == Approx(end_s).epsilon(1e-9));

    Faulty failing = at(130 * step + write_s, due_s + 50);
    failing.fail();
    const Played failed = run(site, {row}, mode, failing);
    CHECK(failed.jobs[0].status == JobStatus::failed);
    CHECK(failed.jobs[0].finish_s == Approx(due_s).epsilon(1e-9));
  }
}

TEST_CASE("writing at a half of its rate: each blocking checkpoint takes twice as long") {
  const Site site = stored_site();
  Faulty faulty(site);
  faulty.link(0, "storage_WRITE", 0.5);
  const double step = step_s(8, site);
  for (const Sharing mode : kModes) {
    const Played p = run(site, {trained("ckpt:100_steps_40_GB", 501)}, mode, faulty);
    CHECK(p.jobs[0].finish_s == Approx(501 * step + 5 * 8).epsilon(1e-9));
  }
}

TEST_CASE("an asynchronous checkpoint that gets nowhere is waited for when the next is due") {
  const double step = step_s(8, stored_site());
  // Each 10 steps; it takes 5 of them.
  const Site site = stored_site(20, 10 / (5 * step));
  const Row row = trained("ckpt:10_steps_10_GB_asynchronous", 95);
  const auto steps_with = [&](Sharing mode, double from, double to) {
    Faulty faulty(site);
    faulty.link(from * step, "storage_WRITE", 0).link(to * step, "storage_WRITE", 1);
    return run(site, {row}, mode, faulty).jobs[0].finish_s / step;
  };
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    // That of step 10 is on its way at 12 and waited for at 20, with three fifths of it left at the repair.
    CHECK(steps_with(mode, 12, 27) == Approx(95 + 7 + 3).epsilon(1e-9));
    // At 17 it is written; that of 20 cannot begin, and is waited for at 30; all of it comes after the repair.
    CHECK(steps_with(mode, 17, 35) == Approx(95 + 5 + 5).epsilon(1e-9));
    CHECK(steps_with(mode, 17, 19) == Approx(95).epsilon(1e-9));
    CHECK(steps_with(mode, 92, 200) == Approx(95).epsilon(1e-9));  // what is due after its end is not waited for
  }
}

TEST_CASE("data that cannot be fetched stops a job after the step whose data it has") {
  const double step = step_s(8, stored_site());
  // 64 x 1024 tokens of 1000 B a step, fetched in half a step.
  const Site site = stored_site(64 * 1024 * 1000 / 1e9 / (0.5 * step), 10);
  const Row row = trained("data:1000_B", 100);
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    const auto steps_with = [&](double from, double to, double part = 0) {
      Faulty faulty(site);
      faulty.link(from * step, "storage_READ", part).link(to * step, "storage_READ", 1);
      return run(site, {row}, mode, faulty).jobs[0].finish_s / step;
    };
    // Step 11, from 11 on, has its data and is over at 12; that of the next comes from 30.75 to 31.25 only.
    CHECK(steps_with(10.75, 30.75) == Approx(100 + 19.25).epsilon(1e-9));
    // Half of what step 11 needs is there when it breaks, and the rest comes from 30.75 to 31.
    CHECK(steps_with(10.25, 30.75) == Approx(100 + 20).epsilon(1e-9));
    // Repaired within the step at hand, or within the next, whose data is there: nobody notices. Half a step before
    // the end of that one is early enough, later is late by as much.
    CHECK(steps_with(10.25, 10.625) == Approx(100).epsilon(1e-9));
    CHECK(steps_with(10.75, 11.5) == Approx(100).epsilon(1e-9));
    CHECK(steps_with(10.75, 11.625) == Approx(100 + 0.125).epsilon(1e-9));
    // From its start on: the first step ends.
    CHECK(steps_with(0, 5) == Approx(100 + 4.5).epsilon(1e-9));
    // At a quarter of the rate data takes 2 steps. In the first case that of step 11 is there already, and step 10 ends
    // at 11; two steps of 2 follow, and one whose data is there for 0.375 at the repair: the rest comes by 16.0625. In
    // the second half of what step 11 needs is there, and the rest by 11.25; steps end at 13.25 and 15.25, and at 16.25
    // one whose data has come by 15.9375.
    CHECK(steps_with(10.75, 15.75, 0.25) == Approx(100 + 16.0625 - 14).epsilon(1e-9));
    CHECK(steps_with(10.25, 15.5, 0.25) == Approx(100 + 16.25 - 14).epsilon(1e-9));
    // The last step, too, is over when its data is.
    CHECK(steps_with(99.25, 120) == Approx(120.25).epsilon(1e-9));
  }
}

TEST_CASE("steps that wait for data anyway: what of it is there when its way breaks counts") {
  const double step = step_s(8, stored_site());
  // A step's data takes two steps, so each is over after two.
  const Site site = stored_site(64 * 1024 * 1000 / 1e9 / (2 * step), 10);
  const Row row = trained("data:1000_B", 50);
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    const auto steps_with = [&](double from, double to) {
      Faulty faulty(site);
      faulty.link(from * step, "storage_READ", 0).link(to * step, "storage_READ", 1);
      return run(site, {row}, mode, faulty).jobs[0].finish_s / step;
    };
    CHECK(steps_with(20.5, 40) == Approx(100 + 19.5).epsilon(1e-9));
    CHECK(steps_with(21.5, 40) == Approx(100 + 18.5).epsilon(1e-9));
    CHECK(steps_with(20.5, 20.75) == Approx(100 + 0.25).epsilon(1e-9));
  }
}

TEST_CASE("a job that cannot get data ends, by the other policy, when it would wait for it") {
  const double step = step_s(8, stored_site());
  const Site site = stored_site(64 * 1024 * 1000 / 1e9 / (0.5 * step), 10);
  Faulty failing(site);
  failing.link(10.75 * step, "storage_READ", 0).link(30.75 * step, "storage_READ", 1).fail();
  for (const Sharing mode : kModes) {
    const Played p = run(site, {trained("data:1000_B", 100)}, mode, failing);
    CHECK(p.jobs[0].status == JobStatus::failed);
    CHECK(p.jobs[0].finish_s == Approx(12 * step).epsilon(1e-9));
  }
}

TEST_CASE("data comes again for two jobs at once: they share it") {
  const double step = step_s(8, stored_site());
  const Site site = stored_site(64 * 1024 * 1000 / 1e9 / (0.25 * step), 10);
  std::vector<Row> rows = {trained("data:1000_B", 12), trained("data:1000_B", 12)};
  rows[1].id = "k";
  Faulty faulty(site);
  faulty.link(10.75 * step, "storage_READ", 0).link(20 * step, "storage_READ", 1);
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    // Both have trained 12 steps by 12, and end with the data that comes from 20 to 20.5.
    const Played p = run(site, rows, mode, faulty);
    for (const auto& job : p.jobs) CHECK(job.finish_s == Approx(20.5 * step).epsilon(1e-6));
  }
}

TEST_CASE(
    "servers cut from each other while a checkpoint is written: it is written, and the job goes on at the repair") {
  // The storage is read and written over a network of its own; a job on both leaves.
  Site site = leaf_spine_site(2, 2);
  site.storage = own_storage(20, 10);
  const auto ground = [&] {
    auto made = stored_ground(site);
    made->pools[0].leaf_servers = 2;
    return made;
  };
  const Row row = trained("ckpt:10_steps_40_GB", 15, 4);
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    const auto end_s = [&](const Faulty& faulty) {
      return played(site, workload({row}), faulty.settings({.sharing = mode}), ground()).jobs[0].finish_s;
    };
    const double alone_s = end_s(Faulty(site)), step = (alone_s - 4) / 15;
    Faulty faulty(site);
    faulty.switch_(10 * step + 1, "leaf 1", 0).switch_(10 * step + 21, "leaf 1", 1);
    // Written from 10 steps on for 4 s, of which the last 3 are within the 20 s.
    CHECK(end_s(faulty) == Approx(alone_s + 17).epsilon(1e-9));
  }
}

TEST_CASE("two jobs write at one moment: the storage breaks, and both go on with what is left of both") {
  const Site site = stored_site();
  const double step = step_s(8, site);
  std::vector<Row> rows = {trained("ckpt:100_steps_40_GB", 150), trained("ckpt:100_steps_40_GB", 150)};
  rows[1].id = "k";
  // 40 GB each at 5 GB/s from step 100 on: 8 s; for 30 s of which nothing moves, and for the next 2 only half as much.
  Faulty faulty(site);
  faulty.link(100 * step + 1, "storage_WRITE", 0)
      .link(100 * step + 31, "storage_WRITE", 0.5)
      .link(100 * step + 33, "storage_WRITE", 1);
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    const Played p = run(site, rows, mode, faulty);
    for (const auto& job : p.jobs) CHECK(job.finish_s == Approx(150 * step + 8 + 30 + 1).epsilon(1e-6));
    CHECK(p.chip_seconds(0, ChipState::lost) == Approx(16 * 9).epsilon(1e-4));
  }
}

TEST_CASE("data is dead while a checkpoint is written: the job stands still from its end on, until data comes again") {
  const double step = step_s(8, stored_site());
  // Data in a tenth of a step; a checkpoint of 10 steps after each 10.
  const Site site = stored_site(64 * 1024 * 1000 / 1e9 / (0.1 * step), 10 / (10 * step));
  Faulty faulty(site);
  faulty.link(12 * step, "storage_READ", 0).link(25 * step, "storage_READ", 1);
  // The first step after it has its data and ends; that of the next comes from 25 on, in a tenth of a step.
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    const Played p = run(site, {trained("data:1000_B ckpt:10_steps_10_GB", 15)}, mode, faulty);
    CHECK(p.jobs[0].finish_s == Approx((10 + 10 + 5 + 0.1 + 4) * step).epsilon(1e-9));
    CHECK(p.chip_seconds(0, ChipState::lost) == Approx(8 * 10 * step).epsilon(1e-4));
  }
}

TEST_CASE("a checkpoint is due when the step that waited for data is over") {
  const double step = step_s(8, stored_site());
  const Site site = stored_site(64 * 1024 * 1000 / 1e9 / (0.1 * step), 10 / (2 * step));
  Faulty faulty(site);
  faulty.link(8.5 * step, "storage_READ", 0).link(25 * step, "storage_READ", 1);
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    // 10 steps by 10, the data of the next by 25.1, and 2 to write 10 GB; 5 more.
    const Played p = run(site, {trained("data:1000_B ckpt:10_steps_10_GB", 15)}, mode, faulty);
    CHECK(p.jobs[0].finish_s == Approx((25.1 + 2 + 5) * step).epsilon(1e-9));
    // Beside the steps: nothing is waited for.
    const Played q = run(site, {trained("data:1000_B ckpt:10_steps_10_GB_asynchronous", 15)}, mode, faulty);
    CHECK(q.jobs[0].finish_s == Approx((25.1 + 5) * step).epsilon(1e-9));
  }
}
