// What holds of every run of jobs that read and write a storage system.
#include <catch2/catch.hpp>

#include "tests/support/random_runs.hpp"
#include "tests/support/stored.hpp"

using namespace alight;
using namespace alight::test;

namespace {

RandomRun random_setting(std::uint64_t seed) {
  Dice dice(seed);
  RandomRun s;
  s.site = random_pools(dice);
  s.site.storage = own_storage(static_cast<double>(dice(1, 40)), static_cast<double>(dice(1, 20)),
                               static_cast<double>(dice(1, 30)), dice.one_in(2) ? 0.1 : 0);
  if (dice.one_in(2)) {
    s.site.place = "main";
    s.site.storage->place = "main";
    s.site.storage->server_gbps = 0;
  }
  s.rows = random_rows(dice, s.site, 40);
  train_some(dice, s.rows);
  static const char* words[] = {"load:weights ",           "load:checkpoint ckpt:7_steps_asynchronous ",
                                "load:20_GB data:2000_B ", "ckpt:3_steps ",
                                "ckpt:20_s data:9_kB ",    "ckpt:2_steps_50_GB_asynchronous "};
  for (Row& row : s.rows)
    if (row.tokens > 0 && !dice.one_in(4)) row.training = words[dice(0, 5)] + row.training;
  s.settings.seed = seed;
  s.settings.ledger_bin_s = static_cast<double>(dice(3, 50));
  if (dice.one_in(4)) s.settings.horizon_s = static_cast<double>(dice(1, 200));
  return s;
}

}  // namespace

TEST_CASE("no chip-second is lost, every job ends once, and the same run twice is the same run") {
  for (std::uint64_t seed = 5001; seed < 5031; ++seed) {
    RandomRun s = random_setting(seed);
    for (const Sharing mode : {Sharing::fluid, Sharing::none}) {
      INFO("seed " << seed << ", mode " << static_cast<int>(mode));
      s.settings.sharing = mode;
      const auto play = [&] { return played<Auditor>(s.site, workload(s.rows), s.settings, stored_ground(s.site)); };
      const Played p = play();
      CHECK(p == play());
      for (const Fate& f : p.jobs)
        if (p.how == Engine::End::finished) CHECK((f.status != JobStatus::running && f.status != JobStatus::waiting));
    }
  }
}

TEST_CASE("played step by step the books balance too") {
  for (std::uint64_t seed = 6001; seed < 6006; ++seed) {
    RandomRun s = random_setting(seed);
    INFO("seed " << seed);
    s.settings.sharing = Sharing::exact;
    for (Row& row : s.rows) row.tokens *= 0.1;
    const auto play = [&] { return played<Auditor>(s.site, workload(s.rows), s.settings, stored_ground(s.site)); };
    CHECK(play() == play());
  }
}

TEST_CASE("a wider storage never makes a job alone slower") {
  for (std::uint64_t seed = 1; seed < 12; ++seed) {
    Dice dice(seed);
    Site site = site_of({trained_pool("a", 4, 8)});
    const Row row{.id = "j",
                  .chips = 8 * dice(1, 4),
                  .model = "small",
                  .training = std::string(dice.one_in(2) ? "load:weights " : "load:checkpoint ") +
                              (dice.one_in(2) ? "ckpt:5_steps_asynchronous" : "ckpt:9_steps") +
                              " data:500_B gb96 seq512",
                  .tokens = 1e8};
    double before_s = std::numeric_limits<double>::infinity();
    for (const double gbs : {0.5, 2.0, 8.0, 32.0, 1e4}) {
      site.storage = own_storage(gbs, gbs);
      const double s = played(site, workload({row}), {}, stored_ground(site)).end_s;
      CHECK(s <= before_s * (1 + 1e-9));
      before_s = s;
    }
  }
}
