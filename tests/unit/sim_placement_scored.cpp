// The scored placements, by the scores worked out by hand: given in each case as server -> score. Largest server of the
// site: 64 cores, 8 chips.
#include <catch2/catch.hpp>
#include <map>

#include "sim/scheduler/placement.hpp"

namespace {

using namespace alight;

// Pool 0: servers 0 to 2, 4 chips and 32 cores each. Pool 1: servers 3 and 4, 8 chips and 64 cores each.
Site small_site() {
  Site site;
  for (const auto& [chips, cores, servers] : {std::tuple{4, 32, 3}, std::tuple{8, 64, 2}}) {
    Pool& pool = site.pools.emplace_back();
    pool.server.chips = chips;
    pool.server.cpu_cores = cores;
    pool.servers = servers;
  }
  number(site);
  return site;
}

ChipRequest pod(std::int64_t chips, std::int64_t cores, std::int32_t milli = 1000) {
  return {.chips = chips, .chip_milli = milli, .cpu_milli = cores * 1000, .shape = Shape::one_server};
}

class Fixture {
 public:
  Site site = small_site();
  Cluster cluster{site};

  void hold(ServerIndex s, const ChipRequest& request, std::uint64_t chips) {
    const Slice slice{s, request.chip_milli, chips};
    cluster.allocate(request, {&slice, 1});
  }
  Allocation place(const std::string& name, const ChipRequest& request, std::uint64_t seed = 1,
                   std::vector<PoolIndex> pools = {0, 1}) {
    Allocation out;
    if (!make_placement(name, site, stream(seed, "placement"))->place(request, pools, cluster, out)) out.clear();
    return out;
  }
  /// The server it chooses whatever the seed, or -1 when it depends on the seed.
  int always(const std::string& name, const ChipRequest& request, std::vector<PoolIndex> pools = {0, 1}) {
    const ServerIndex first = place(name, request, 0, pools).at(0).server;
    for (std::uint64_t seed = 1; seed < 24; ++seed)
      if (place(name, request, seed, pools).at(0).server != first) return -1;
    return static_cast<int>(first);
  }
};

const std::vector<std::string> kAll = {"best-fit", "dot-product", "gpu-clustering", "gpu-packing"};

}  // namespace

TEST_CASE_METHOD(Fixture, "best-fit leaves least behind, processor and chips alike") {
  // A pod of 1 chip and 8 cores. 0: 24/64 cores and 3/8 chips left: 100 (1 - 0.1875 - 0.1875) = 62; so 1 and 2. 3 and
  // 4: 56/64 and 7/8 left: 100 (1 - 0.875) = 12.
  CHECK(always("best-fit", pod(1, 8)) == -1);
  // 1 chip and 16 cores held of server 1: 8/64 and 2/8 left: 100 (1 - 0.0625 - 0.125) = 81.
  hold(1, pod(1, 16), 0b0001);
  CHECK(always("best-fit", pod(1, 8)) == 1);
  // 5 of 8 chips and 60 of 64 cores held of server 4 (asked: 1 chip and 4 cores): 0 and 2/8 left: 87; of 1: 12/64 and
  // 2/8 left: 78.
  hold(4, pod(5, 60), 0b11111);
  CHECK(always("best-fit", pod(1, 4)) == 4);
  // 8 cores it has not.
  CHECK(always("best-fit", pod(1, 8)) == 1);
}

TEST_CASE_METHOD(Fixture, "dot-product goes where free times asked is least") {
  // 4 chips and 32 cores. 0 to 2: (32/64 * 32/64 + 4/8 * 4/8) / 2 = 0.25: 75. 3, 4: (1 * 0.5 + 1 * 0.5) / 2: 50.
  CHECK(always("dot-product", pod(4, 32), {1}) == -1);
  // 4 chips and 32 cores held of server 3: as 0 to 2, 75; of server 4 8 cores only: (56/64 * 0.5 + 0.5) / 2: 53.
  hold(4, pod(0, 8), 0);
  CHECK(always("dot-product", pod(4, 32), {1}) == 4);
  hold(3, pod(4, 32), 0b1111);
  CHECK(always("dot-product", pod(4, 32), {1}) == 3);
  CHECK(always("dot-product", pod(4, 32)) == -1);
}

TEST_CASE_METHOD(Fixture, "gpu-packing: shared chips, then servers in use, then idle servers, smaller ones first") {
  // Idle: 33 - 4 = 29 on 0 to 2, 33 - 8 = 25 on 3 and 4.
  CHECK(always("gpu-packing", pod(2, 0), {1}) == -1);
  CHECK(cluster.pool_of(place("gpu-packing", pod(1, 0, 300)).at(0).server) == 0);
  // In use: 50 - 2 = 48 on 4.
  hold(4, pod(1, 0), 0b1);
  CHECK(always("gpu-packing", pod(2, 0)) == 4);
  // A share of 300: on 4 a free chip, 49; on 2 a chip of which 600 are free, 100 - 6 = 94; on 3 one with 399: 97.
  hold(2, pod(1, 0, 400), 0b1);
  CHECK(always("gpu-packing", pod(1, 0, 300)) == 2);
  hold(3, pod(1, 0, 601), 0b100);
  CHECK(always("gpu-packing", pod(1, 0, 300)) == 3);
  CHECK(place("gpu-packing", pod(1, 0, 300)).at(0).chips == 0b100);
  // 500 fit on the chip of 2 only; 700 on neither: a free chip of 2, 3 or 4, all 49.
  CHECK(always("gpu-packing", pod(1, 0, 500)) == 2);
  CHECK(always("gpu-packing", pod(1, 0, 700)) == -1);
  for (std::uint64_t seed = 0; seed < 24; ++seed) CHECK(place("gpu-packing", pod(1, 0, 700), seed).at(0).server >= 2);
}

TEST_CASE_METHOD(Fixture, "gpu-clustering: beside jobs of the same size, by fullness") {
  // Nothing runs: 25 + 25 * 4/8 (already missing from the largest) = 37 on 0 to 2, 25 on 3 and 4.
  CHECK(cluster.pool_of(place("gpu-clustering", pod(1, 0)).at(0).server) == 0);
  // A job of 2 chips on 4: only its size: 75 + 25 * 2/8 = 81. One of 1 chip on 0: other only: 25 * 5/8 = 15.
  hold(4, pod(2, 0), 0b11);
  hold(0, pod(1, 0), 0b1);
  CHECK(always("gpu-clustering", pod(2, 0)) == 4);
  CHECK(always("gpu-clustering", pod(1, 0)) == 0);
  // A job of 1 beside it on 4: for 2 chips 50 + 25 * 3/8 = 59, still the best; with one alone on 3: 75 + 6 = 81.
  hold(4, pod(1, 0), 0b100);
  CHECK(always("gpu-clustering", pod(2, 0)) == 4);
  hold(3, pod(2, 0), 0b11);
  CHECK(always("gpu-clustering", pod(2, 0)) == 3);
  // Shares are one size whatever they are: 25 * 4.3/8 + 75 on 1.
  hold(1, pod(1, 0, 300), 0b1);
  CHECK(always("gpu-clustering", pod(1, 0, 500)) == 1);
  // What has ended counts no more: 0 is as empty as 2.
  const Slice slice{0, 1000, 0b1};
  cluster.release(pod(1, 0), {&slice, 1});
  CHECK(always("gpu-clustering", pod(3, 0)) == -1);
}

TEST_CASE_METHOD(Fixture, "a request of processor alone is placed by its processor, or by lot") {
  hold(2, pod(0, 30), 0);
  // Cores left: 0 on 2, 30 on 0 and 1, 62 on 3 and 4.
  CHECK(always("best-fit", pod(0, 2)) == 2);
  CHECK(always("gpu-packing", pod(0, 2)) == -1);
  CHECK(place("best-fit", pod(0, 2)).at(0).chips == 0);
}

TEST_CASE_METHOD(Fixture, "ties go by a ranking drawn once, each server as likely as any") {
  std::map<ServerIndex, int> chosen;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) ++chosen[place("best-fit", pod(1, 8), seed).at(0).server];
  REQUIRE(chosen.size() == 3);
  // 1000 each, standard deviation sqrt(3000 * 1/3 * 2/3) = 26.
  for (const auto& [server, times] : chosen) CHECK(times == Approx(1000).margin(4 * 26));
  const auto placement = make_placement("best-fit", site, stream(11, "placement"));
  Allocation once, again;
  const PoolIndex pools[] = {0, 1};
  REQUIRE(placement->place(pod(1, 8), pools, cluster, once));
  REQUIRE(placement->place(pod(1, 8), pools, cluster, again));
  CHECK(once[0].server == again[0].server);
}

TEST_CASE_METHOD(Fixture, "a gang lies on one server where it can, else on the fewest") {
  const ChipRequest six{.chips = 6}, eleven{.chips = 11}, twelve{.chips = 12};
  // Pool 0 has room for 6 on two servers; one server of pool 1 holds them all.
  for (const std::string& name : kAll) {
    CAPTURE(name);
    CHECK(place(name, six).size() == 1);
    // 11 of pool 0: 4 + 4 + 3; of pool 1: 8 + 3. The first pool with room is taken.
    const Allocation first = place(name, eleven);
    REQUIRE(first.size() == 3);
    CHECK(cluster.pool_of(first[0].server) == 0);
    const Allocation second = place(name, eleven, 1, {1});
    REQUIRE(second.size() == 2);
    CHECK(std::popcount(second[0].chips) == 8);
    CHECK(std::popcount(second[1].chips) == 3);
  }
  // 1 chip held of 0 and 2 of 1: 3 + 2 + 4 free. Five chips: all of 2, then the one that fits is left fullest: 1 -> 2
  // cores 0/64, chips (2 - 1)/8 left: 93; 0: (3 - 1)/8: 87.
  hold(0, pod(1, 32), 0b1);
  hold(1, pod(2, 32), 0b11);
  const Allocation five = place("best-fit", {.chips = 5}, 1, {0});
  REQUIRE(five.size() == 2);
  CHECK(five[0].server == 2);
  CHECK(five[1].server == 1);
  CHECK(place("best-fit", twelve, 1, {0}).empty());
}

TEST_CASE_METHOD(Fixture, "whole servers are taken whole, and only where nothing runs") {
  const ChipRequest three{.chips = 3, .shape = Shape::whole_servers}, nine{.chips = 9, .shape = Shape::whole_servers};
  hold(0, pod(1, 1), 0b1);
  for (const std::string& name : kAll) {
    CAPTURE(name);
    const Allocation one = place(name, three, 1, {0});
    REQUIRE(one.size() == 1);
    CHECK(one[0].server != 0);
    CHECK(one[0].chips == 0b1111);
    const Allocation two = place(name, nine);
    REQUIRE(two.size() == 2);
    CHECK(two[0].chips == 0xff);
    CHECK(two[1].chips == 0xff);
    CHECK(place(name, nine, 1, {0}).empty());
  }
}

TEST_CASE_METHOD(Fixture, "every placement finds room exactly where the feasibility test does") {
  Stream draws = stream(3, "requests");
  const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(draws() % n); };
  std::vector<std::unique_ptr<Placement>> placements;
  for (const std::string& name : placement_names()) placements.push_back(make_placement(name, site, draws));
  const PoolIndex pools[] = {0, 1};
  std::vector<std::pair<ChipRequest, Allocation>> held;
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    ChipRequest request{.chips = below(10), .shape = static_cast<Shape>(below(3))};
    if (request.chips == 1 && below(2) == 0) request.chip_milli = static_cast<std::int32_t>(1 + below(999));
    if (request.chips == 0 || below(2) == 0) request.cpu_milli = (1 + below(20)) * 1000;
    if (request.chips == 0 || request.fractional()) request.shape = Shape::one_server;
    if (request.shape == Shape::whole_servers) request.cpu_milli = 0;
    Allocation out;
    Placement& placement = *placements[static_cast<std::size_t>(i) % placements.size()];
    const bool placed = placement.place(request, pools, cluster, out);
    REQUIRE(placed == (cluster.fits(request, 0) || cluster.fits(request, 1)));
    if (placed) {
      std::int64_t chips = 0;
      for (const Slice& slice : out) chips += slice.chip_count();
      if (request.shape == Shape::whole_servers)
        REQUIRE(chips >= request.chips);
      else
        REQUIRE(chips == request.chips);
      cluster.allocate(request, out);
      held.push_back({request, out});
    } else {
      ++refused;
      while (!held.empty() && below(4) > 0) {
        std::swap(held[static_cast<std::size_t>(below(held.size()))], held.back());
        cluster.release(held.back().first, held.back().second);
        held.pop_back();
      }
    }
  }
  CHECK(refused > 1000);
  for (const auto& [request, slices] : held) cluster.release(request, slices);
  CHECK(cluster.free_chips(0) == 12);
  CHECK(cluster.free_chips(1) == 16);
  for (ServerIndex s = 0; s < 5; ++s)
    for (const auto n : cluster.holders(s)) CHECK(n == 0);
}
