// Loads, data and checkpoints of training jobs, by hand: bytes over the narrowest on the way, shared evenly.
#include <catch2/catch.hpp>

#include "tests/support/stored.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr double kResolution = 2e-7;  // of the parts a chip's second is divided into
constexpr Sharing kModes[] = {Sharing::fluid, Sharing::exact, Sharing::none};
constexpr double kGB = 1e9;

/// Four servers of eight chips, and a storage.
Site stored_site(const Storage& storage) {
  Site site = site_of({trained_pool("a", 4, 8)});
  site.storage = storage;
  return site;
}

RunSettings settings_of(Sharing sharing) {
  RunSettings settings;
  settings.sharing = sharing;
  return settings;
}

double step_s(const Site& site) {
  const auto ground = small_ground(site);
  const Layout layout{.tensor = 2, .pipeline = 2, .data = 4, .global_batch = 64, .sequence = 1024};
  return predict_step(small_model(), layout, ground->pools[0].chip, ground->pools[0].fabric).seconds;
}

}  // namespace

TEST_CASE("weights are read by each of four replicas, at the storage's rate, after its latency") {
  const Site site = stored_site(own_storage(20, 10, 1e6, 0.5));
  const double bytes = 2 * parameters(small_model()) * 4, load_s = 0.5 + bytes / (20 * kGB);
  for (const Sharing mode : kModes) {
    const Played p = played(site, workload({sixteen("start60 load:weights")}), settings_of(mode), stored_ground(site));
    REQUIRE(p.jobs[0].status == JobStatus::completed);
    CHECK(p.chip_seconds(0, ChipState::starting) == Approx(16 * (60 + load_s)).epsilon(1e-9));
    CHECK(p.jobs[0].finish_s == Approx(60 + load_s + 1000 * step_s(site)).epsilon(1e-9));
  }
}

TEST_CASE("a run that goes on reads its optimiser too: 14 bytes a parameter, of zero1 the 12 once") {
  const Site site = stored_site(own_storage(20, 10));
  const double all = parameters(small_model());
  const auto starting = [&](const char* more) {
    return played(site, workload({sixteen(more)}), {}, stored_ground(site)).chip_seconds(0, ChipState::starting) / 16;
  };
  CHECK(starting("load:checkpoint") == Approx(14 * all * 4 / (20 * kGB)));
  CHECK(starting("load:checkpoint zero1") == Approx((2 * 4 + 12) * all / (20 * kGB)));
  CHECK(starting("load:checkpoint fsdp") == Approx(14 * all / (20 * kGB)));
  CHECK(starting("load:checkpoint zero1 sgd") == Approx((2 * 4 + 8) * all / (20 * kGB)));
}

TEST_CASE("a wide storage is read at what the servers' NICs carry, each chip its part of them") {
  const Site site = stored_site(own_storage(1e5, 1e5, 5));
  for (const Sharing mode : kModes) {
    // Two servers of 5 GB/s; then half of one.
    Row half{.id = "k", .chips = 4, .model = "small", .training = "load:10_GB dp4 gb64 seq1024", .tokens = 64 * 1024};
    const Played two = played(site, workload({sixteen("load:10_GB", 1)}), settings_of(mode), stored_ground(site));
    const Played one = played(site, workload({half}), settings_of(mode), stored_ground(site));
    CHECK(two.chip_seconds(0, ChipState::starting) == Approx(16 * 1));
    CHECK(one.chip_seconds(0, ChipState::starting) == Approx(4 * 4));
  }
}

TEST_CASE("jobs that start at once share the storage evenly, and who is done leaves its share") {
  const Site site = stored_site(own_storage(20, 10));
  std::vector<Row> rows;
  for (int j = 0; j < 4; ++j)
    rows.push_back({.id = "j" + std::to_string(j),
                    .chips = 8,
                    .model = "small",
                    .training = "load:30_GB dp8 gb64 seq1024",
                    .tokens = 64 * 1024});
  for (const Sharing mode : {Sharing::fluid, Sharing::exact}) {
    // 120 GB at 20 GB/s.
    const Played even = played(site, workload(rows), settings_of(mode), stored_ground(site));
    CHECK(even.chip_seconds(0, ChipState::starting) == Approx(32 * 6).epsilon(1e-6));
    // 10 GB beside 30 GB: both at 10 GB/s until 1 s, then 20 GB at 20 GB/s until 2 s.
    std::vector<Row> two = {rows[0], rows[1]};
    two[0].training = "load:10_GB dp8 gb64 seq1024";
    const Played uneven = played(site, workload(two), settings_of(mode), stored_ground(site));
    CHECK(uneven.chip_seconds(0, ChipState::starting) == Approx(8 * 1 + 8 * 2).epsilon(1e-6));
    const double train_s = uneven.jobs[0].finish_s - 1;
    CHECK(uneven.jobs[1].finish_s == Approx(2 + train_s).epsilon(1e-6));
    // Half a second later: 10 of 30 GB are read alone, 5 and 5 beside each other until 1.5 s, 15 and 5 left ...
    two[0].submit_s = 0.5;
    const Played late = played(site, workload(two), settings_of(mode), stored_ground(site));
    // ... so the late one is done at 1.5 s (10 GB at 10 GB/s), the first at 1.5 + 10 / 20.
    CHECK(late.chip_seconds(0, ChipState::starting) == Approx(8 * 1 + 8 * 2).epsilon(1e-6));
  }
}

TEST_CASE("the links of the fabric are crossed where it is shared: two jobs under one leaf read at its uplinks' rate") {
  // Two servers of 50 GB/s under each leaf, whose uplinks 4:1 carry 25 GB/s.
  Site site;
  site.pools = {trained_pool("a", 4, 8)};
  site.pools[0].nic_gbps = 400;
  site.tiers = {{.name = "leaf", .rate_gbps = 400, .down_ports = 2, .oversubscription = 4},
                {.name = "spine", .rate_gbps = 200, .down_ports = 64}};
  site.place = "main";
  number(site);
  site.storage = own_storage(100, 100, 1e6);
  site.storage->server_gbps = 0;
  site.storage->place = "main";
  const auto row = [](const std::string& id) {
    return Row{.id = id, .chips = 8, .model = "small", .training = "load:50_GB dp8 gb64 seq1024", .tokens = 64 * 1024};
  };
  const auto ground = [&] {
    auto made = stored_ground(site);
    made->pools[0].leaf_servers = 2;
    return made;
  };
  for (const Sharing mode : {Sharing::fluid, Sharing::exact}) {
    const Played one = played(site, workload({row("j")}), settings_of(mode), ground());
    CHECK(one.chip_seconds(0, ChipState::starting) == Approx(8 * 2).epsilon(1e-6));
    const Played two = played(site, workload({row("j"), row("k")}), settings_of(mode), ground());
    CHECK(two.chip_seconds(0, ChipState::starting) == Approx(16 * 4).epsilon(1e-6));
  }
}

TEST_CASE("a blocking checkpoint stops the job for its bytes over the rate of writing, and that time is lost") {
  const Site site = stored_site(own_storage(20, 10, 1e6, 0.25));
  const double write_s = 0.25 + 14 * parameters(small_model()) / (10 * kGB);
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    const Played p = played(site, workload({sixteen("ckpt:100_steps", 1001)}), settings_of(mode), stored_ground(site));
    // Ten of them; as a rate also the hundredth part of one.
    const double number = mode == Sharing::none ? 10.01 : 10;
    CHECK(p.jobs[0].finish_s == Approx(1001 * step_s(site) + number * write_s).epsilon(1e-7));
    CHECK(p.chip_seconds(0, ChipState::lost) ==
          Approx(16 * number * write_s).epsilon(1e-6).margin(16 * p.end_s * kResolution));
  }
}

TEST_CASE("an interval in time is one of training; a stated size is what is written") {
  const Site site = stored_site(own_storage(20, 10));
  const double interval_s = 50 * step_s(site);
  const Played p = played(site, workload({sixteen("ckpt:" + std::to_string(interval_s) + "_s_40_GB", 1000)}), {},
                          stored_ground(site));
  // The twentieth would come with the end of the last step.
  CHECK(p.jobs[0].finish_s == Approx(1000 * step_s(site) + 19 * 4).epsilon(1e-5));
}

TEST_CASE("an asynchronous checkpoint hides, until it takes longer than the time to the next") {
  const double step = step_s(stored_site(own_storage(1, 1)));
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    const auto run_s = [&](double write_gbs) {
      const Site site = stored_site(own_storage(20, write_gbs));
      return played(site, workload({sixteen("ckpt:10_steps_10_GB_asynchronous", 1000)}), settings_of(mode),
                    stored_ground(site));
    };
    const Played hidden = run_s(10 / (9 * step));
    CHECK(hidden.jobs[0].finish_s == Approx(1000 * step).epsilon(1e-9));
    CHECK(hidden.chip_seconds(0, ChipState::lost) == 0);
    // Each takes 25 steps: of 99, 98 are waited for; the first ten steps come before, the last is not. As a rate: a
    // hundred.
    const Played slow = run_s(10 / (25 * step));
    const double steps = mode == Sharing::none ? 100 * 25 : 10 + 98 * 25 + 10;
    CHECK(slow.jobs[0].finish_s == Approx(steps * step).epsilon(1e-6));
    CHECK(slow.chip_seconds(0, ChipState::lost) == Approx(16 * (steps - 1000) * step).epsilon(1e-4));
  }
}

TEST_CASE("four equal jobs write as much as the storage takes: each at a quarter of its rate, the rest is lost") {
  // Asynchronous, 10 GB every 10 steps, the storage takes one in 10 steps: four need 40. Of 99, 98 are waited for.
  const double step = [] {
    const Site site = stored_site(own_storage(1, 1));
    const auto ground = small_ground(site);
    const Layout layout{.data = 8, .global_batch = 64, .sequence = 1024};
    return predict_step(small_model(), layout, ground->pools[0].chip, ground->pools[0].fabric).seconds;
  }();
  const Site site = stored_site(own_storage(20, 10 / (10 * step)));
  std::vector<Row> rows;
  for (int j = 0; j < 4; ++j)
    rows.push_back({.id = "j" + std::to_string(j),
                    .chips = 8,
                    .model = "small",
                    .training = "ckpt:10_steps_10_GB_asynchronous dp8 gb64 seq1024",
                    .tokens = 1000.0 * 64 * 1024});
  const Played p = played(site, workload(rows), {}, stored_ground(site));
  CHECK(p.end_s == Approx((10 + 98 * 40 + 10) * step).epsilon(1e-6));
  CHECK(p.chip_seconds(0, ChipState::lost) == Approx(32 * 98 * 30 * step).epsilon(1e-4));
  CHECK(p.chip_seconds(0, ChipState::exposed_comm) == Approx(played(site_of({trained_pool("a", 4, 8)}), workload([&] {
                                                                      for (Row& row : rows)
                                                                        row.training = "dp8 gb64 seq1024";
                                                                      return rows;
                                                                    }()),
                                                                    {}, small_ground(site))
                                                                 .chip_seconds(0, ChipState::exposed_comm))
                                                          .margin(32 * p.end_s * kResolution));
}

TEST_CASE("data is fetched beside the step before, and sets its pace where the storage is slower") {
  for (const Sharing mode : kModes) {
    INFO("mode " << static_cast<int>(mode));
    const double step = step_s(stored_site(own_storage(1, 1)));
    const auto run_s = [&](double fetch_steps) {
      const Site site = stored_site(own_storage(64 * 1024 * 1000 / kGB / (fetch_steps * step), 1));
      return played(site, workload({sixteen("data:1000_B", 500)}), settings_of(mode), stored_ground(site))
          .jobs[0]
          .finish_s;
    };
    CHECK(run_s(0.9) == Approx(500 * step).epsilon(1e-9));
    CHECK(run_s(3) == Approx(1500 * step).epsilon(1e-6));
  }
}

TEST_CASE("a requested time ends the job while it loads, and others have its share then") {
  const Site site = stored_site(own_storage(20, 10));
  Row killed{.id = "a",
             .chips = 8,
             .estimate_s = 2,
             .kill = true,
             .model = "small",
             .training = "load:60_GB dp8 gb64 seq1024",
             .tokens = 1e12};
  Row other = killed;
  other.id = "b";
  other.kill = false;
  other.tokens = 64 * 1024;
  for (const Sharing mode : {Sharing::fluid, Sharing::exact}) {
    const Played p = played(site, workload({killed, other}), settings_of(mode), stored_ground(site));
    CHECK(p.jobs[0].status == JobStatus::killed);
    CHECK(p.jobs[0].finish_s == 2);
    CHECK(p.jobs[1].status == JobStatus::completed);
    // 20 of 60 GB by 2 s, the rest at 20 GB/s by 4 s.
    CHECK(p.chip_seconds(0, ChipState::starting) == Approx(8 * 2 + 8 * 4).epsilon(1e-6));
  }
}

TEST_CASE("without a storage the words of a job cost nothing") {
  const Site site = site_of({trained_pool("a", 4, 8)});
  const auto run = [&](const char* more) { return played(site, workload({sixteen(more)}), {}, small_ground(site)); };
  CHECK(run("load:checkpoint ckpt:10_steps data:4_B") == run(""));
}
