// The condition of every chip: hand cases, and the index against a naive scan.
#include <bit>
#include <catch2/catch.hpp>
#include <map>
#include <stdexcept>

#include "sim/scheduler/policies/lanes.hpp"
#include "tests/support/random_runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

void hold(Cluster& cluster, const ChipRequest& request, const Slice& slice) {
  cluster.allocate(request, {&slice, 1});
}
void drop(Cluster& cluster, const ChipRequest& request, const Slice& slice) {
  cluster.release(request, {&slice, 1});
}

}  // namespace

TEST_CASE("whole chips, one server at a time and servers in a row") {
  const Site site = site_of({chips_pool("p", 100, 4)});
  Cluster cluster(site);
  const ChipRequest whole{.chips = 4};
  CHECK(cluster.free_chips(0) == 400);
  hold(cluster, whole, {.server = 2, .chips = 0b0101});
  CHECK(cluster.free_count(2) == 2);
  CHECK(cluster.free_mask(2) == 0b1010);
  CHECK(cluster.count_with_free(0, 2) == 1);
  // A row over the edge of a machine word.
  const Slice row{.server = 60, .chips = 0b1111, .servers = 10};
  hold(cluster, whole, row);
  CHECK(cluster.free_chips(0) == 400 - 2 - 40);
  CHECK(cluster.count_with_free(0, 0) == 10);
  CHECK(cluster.next_with_free(0, 0, 0) == 60);
  CHECK(cluster.next_with_free(0, 4, 60) == 70);
  CHECK(cluster.row_with_free(0, 0, 60, 100) == 10);
  CHECK(cluster.row_with_free(0, 0, 60, 7) == 7);
  drop(cluster, whole, row);
  CHECK(cluster.free_chips(0) == 398);
  CHECK(cluster.releases(0) > 0);
}

TEST_CASE("taking what is held, and giving back what is free, are our own bugs") {
  const Site site = site_of({chips_pool("p", 100, 4)});
  const ChipRequest whole{.chips = 4};
  const auto cluster = [&] {
    Cluster c(site);
    hold(c, whole, {.server = 2, .chips = 0b0101});
    hold(c, whole, {.server = 60, .chips = 0b1111, .servers = 10});
    return c;
  };
  // A cluster is of no use after one, so each has its own.
  Cluster a = cluster(), b = cluster(), c = cluster(), d = cluster(), e = cluster();
  CHECK_THROWS_AS(hold(a, whole, {.server = 69, .chips = 1}), std::logic_error);
  CHECK_THROWS_AS(drop(b, whole, {.server = 3, .chips = 1}), std::logic_error);
  CHECK_THROWS_AS(hold(c, whole, {.server = 1, .chips = 0b1111, .servers = 3}), std::logic_error);
  CHECK_THROWS_AS(drop(d, whole, {.server = 69, .chips = 0b1111, .servers = 2}), std::logic_error);
  CHECK_THROWS_AS(hold(e, whole, {.server = 5, .chips = 0b0011, .servers = 2}), std::logic_error);
}

TEST_CASE("shares of a chip add up to one chip and no more") {
  const Site site = site_of({chips_pool("p", 1, 2)});
  Cluster cluster(site);
  const ChipRequest share{.chips = 1, .chip_milli = 600};
  hold(cluster, share, {.server = 0, .chip_milli = 600, .chips = 0b01});
  CHECK(cluster.free_chips(0) == 1);
  CHECK(cluster.free_milli(0) == 1400);
  CHECK(cluster.chip_free_milli(0, 0) == 400);
  CHECK(cluster.usable(share, 0) == 1);  // on the other chip
  CHECK_THROWS_AS(hold(cluster, share, {.server = 0, .chip_milli = 600, .chips = 0b01}), std::logic_error);
}

TEST_CASE("a whole chip cannot be taken while a share of it is held") {
  const Site site = site_of({chips_pool("p", 1, 1)});
  Cluster cluster(site);
  hold(cluster, {.chips = 1, .chip_milli = 1}, {.server = 0, .chip_milli = 1, .chips = 1});
  CHECK_FALSE(cluster.fits({.chips = 1}, 0));
  CHECK(cluster.fits({.chips = 1, .chip_milli = 999}, 0));
  CHECK_THROWS_AS(hold(cluster, {.chips = 1}, {.server = 0, .chips = 1}), std::logic_error);
}

TEST_CASE("the host's processor and memory go with the chips") {
  Pool pool = chips_pool("p", 2, 4);
  pool.server.cpu_cores = 8;
  pool.server.host_memory_gib = 1;
  const Site site = site_of({pool});
  Cluster cluster(site);
  // 4 chips with 12 cores: 3 to a chip, so a server of 8 cores holds 2 of them.
  const ChipRequest gang{.chips = 4, .cpu_milli = 12000};
  CHECK(cluster.usable(gang, 0) == 2);
  CHECK(cluster.fits(gang, 0));
  CHECK_FALSE(cluster.could_run({.chips = 4, .cpu_milli = 20000}, 0));
  const Allocation both = {{.server = 0, .chips = 0b0011}, {.server = 1, .chips = 0b1100}};
  cluster.allocate(gang, both);
  CHECK(cluster.cpu_free_milli(0) == 2000);
  CHECK(cluster.cpu_free_milli(1) == 2000);
  CHECK_FALSE(cluster.fits({.chips = 0, .cpu_milli = 2001}, 0));
  CHECK_FALSE(cluster.fits({.chips = 1, .host_memory_mib = 1025}, 0));
  CHECK(cluster.fits({.chips = 1, .host_memory_mib = 1024}, 0));
  cluster.release(gang, both);
  CHECK(cluster.cpu_free_milli(0) == 8000);
}

TEST_CASE("only servers that are up are there") {
  const Site site = site_of({chips_pool("p", 3, 2)});
  Cluster cluster(site);
  cluster.set_condition(1, Condition::undelivered);
  CHECK(cluster.free_chips(0) == 4);
  CHECK(cluster.free_mask(1) == 0);
  CHECK(cluster.next_with_free(0, 2, 1) == 2);
  CHECK_FALSE(cluster.fits({.chips = 5}, 0));
  CHECK(cluster.could_run({.chips = 6}, 0));
  const auto before = cluster.releases(0);
  cluster.set_condition(1, Condition::up);
  CHECK(cluster.releases(0) == before + 1);
  CHECK(cluster.free_chips(0) == 6);
  hold(cluster, {.chips = 1}, {.server = 1, .chips = 1});
  CHECK_THROWS_AS(cluster.set_condition(1, Condition::failed), std::logic_error);
}

TEST_CASE("the index finds what a walk over all servers finds, in random states") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Dice dice(seed);
    const Site site = site_of({chips_pool("a", dice(1, 200), 4), chips_pool("b", dice(1, 70), 64)});
    Cluster cluster(site);
    for (ServerIndex s = 0; s < site.servers; ++s)
      if (dice.one_in(2)) {
        const std::uint64_t all = s < cluster.end_server(0) ? 0xf : ~0ULL;
        const std::uint64_t chips = dice.one_in(2) ? all : static_cast<std::uint64_t>(dice(1, 15));
        hold(cluster, {.chips = std::popcount(chips)}, {.server = s, .chips = chips});
      }
    for (PoolIndex p = 0; p < 2; ++p) {
      const ServerIndex first = cluster.first_server(p), end = cluster.end_server(p);
      std::int64_t free = 0;
      for (ServerIndex s = first; s < end; ++s) free += cluster.free_count(s);
      CHECK(cluster.free_chips(p) == free);
      for (const int want : {0, 1, 2, 4, 60, 64}) {
        if (want > cluster.chips_per_server(p)) continue;
        ServerIndex next = end, row = 0;
        bool right = true;
        for (ServerIndex s = end; s-- > first;) {
          if (cluster.free_count(s) == want) {
            next = s;
            ++row;
            right = right && cluster.row_with_free(p, want, s, 1000) == row;
          } else {
            row = 0;
          }
          right = right && cluster.next_with_free(p, want, s) == next;
        }
        INFO("seed " << seed << ", pool " << p << ", " << want << " free");
        CHECK(right);
      }
    }
  }
}

TEST_CASE("a lane gives the next job that may start, as a plain list would") {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    Dice dice(seed);
    Lane lane;
    struct Entry {
      std::int64_t chips;
      double time_s;
    };
    std::map<JobIndex, Entry> plain;
    bool right = true;
    for (JobIndex job = 0; job < 1500; ++job) {
      const Entry e{dice(0, 40), static_cast<double>(dice(1, 100))};
      lane.add(job, e.chips, e.time_s);
      plain[job] = e;
      const std::int64_t chips = dice(0, 40), spare = dice(0, 10);
      const double window_s = static_cast<double>(dice(0, 60));
      auto at = lane.next(0, chips, window_s, spare);
      for (auto it = plain.begin(); it != plain.end();) {
        if (it->second.chips > chips || (it->second.time_s > window_s && it->second.chips > spare)) {
          ++it;
          continue;
        }
        right = right && at != Lane::kNone && lane.job(at) == it->first;
        if (!right) break;
        if (dice.one_in(3)) {
          lane.remove(at);
          it = plain.erase(it);
        } else {
          ++it;
        }
        at = lane.next(at + 1, chips, window_s, spare);
      }
      right = right && at == Lane::kNone && lane.empty() == plain.empty();
      if (!right) break;
    }
    INFO("seed " << seed);
    CHECK(right);
  }
}
