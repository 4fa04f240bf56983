// Where pack puts jobs, worked out by hand, in each kind of network. Servers have 8 chips; a job of n servers asks for
// 8 n.
#include <catch2/catch.hpp>

#include "sim/scheduler/placement.hpp"
#include "tests/support/networks.hpp"

using namespace alight;
using namespace alight::test;

namespace {

class World {
 public:
  explicit World(Site site)
      : site_(std::move(site)), cluster_(site_), pack_(make_placement("pack", site_, stream(1, "p"))) {}

  void hold(const std::vector<ServerIndex>& servers, std::uint64_t chips = 0xff) {
    for (const ServerIndex s : servers) {
      const Slice slice{s, 1000, chips};
      cluster_.allocate({.chips = std::popcount(chips)}, {&slice, 1});
    }
  }
  Allocation place(std::int64_t chips) {
    Allocation held;
    const std::vector<PoolIndex> pools = {0};
    REQUIRE(pack_->place({.chips = chips}, pools, cluster_, held));
    return held;
  }
  /// Servers in the order in which ranks fill them.
  std::vector<ServerIndex> servers(std::int64_t n) {
    std::vector<ServerIndex> out;
    for (const Slice& slice : place(8 * n))
      for (ServerIndex s = slice.server; s < slice.server + slice.servers; ++s) out.push_back(s);
    return out;
  }

 private:
  Site site_;
  Cluster cluster_;
  std::unique_ptr<Placement> pack_;
};

using Servers = std::vector<ServerIndex>;

Grid blocks_of_four(bool slices) {
  Grid g = grid(Grid::Wiring::torus, {4, 4}, {2, 2});
  g.slices = slices;
  return g;
}

}  // namespace

TEST_CASE("pods: four leaves of four servers, two of them to a pod") {
  // A spine of two down ports takes one cable of each of two leaves.
  const Site clos =
      site({pool("p", 16)}, {tier("leaf", 100, 4, 4, 0), tier("spine", 100, 2, 1, 0), tier("core", 100, 2, 1, 0)});
  World w(clos);
  // Free: three below each of the leaves 0 and 1 (the first pod), four below leaf 2, none below leaf 3.
  w.hold({0, 4, 12, 13, 14, 15});
  CHECK(w.servers(6) == Servers{1, 2, 3, 5, 6, 7});  // largest leaf first would take leaf 2 and span the pods
  CHECK(w.servers(4) == Servers{8, 9, 10, 11});
  CHECK(w.servers(3) == Servers{1, 2, 3});  // leaf 0 just holds it, and so does leaf 1
  // No pod holds eight: all of the one with most, then what just holds the rest of the other.
  CHECK(w.servers(8) == Servers{1, 2, 3, 5, 6, 7, 8, 9});
}

TEST_CASE("supernodes of four servers: inside the tightest that holds it, else as few as can be") {
  Supernode node;
  node.servers = 4;
  node.gbps = 1600;
  Network n = network("node", {0});
  n.supernode = node;
  World w(joined({pool("p", 12)}, {n}));
  w.hold({0, 4, 5});  // free: 3, 2 and 4
  CHECK(w.servers(2) == Servers{6, 7});
  CHECK(w.servers(4) == Servers{8, 9, 10, 11});
  CHECK(w.servers(6) == Servers{6, 7, 8, 9, 10, 11});  // the second is the one that just holds two
  CHECK(w.servers(7) == Servers{1, 2, 3, 8, 9, 10, 11});
}

TEST_CASE("a dragonfly of three groups of two routers of two servers: fewest groups, then fewest routers") {
  World w(dragonfly_site(dragonfly(3, 2, 2, 1)));
  w.hold({0, 4, 5});  // free: 1 and 2 in the first group, 0 and 2 in the second, 2 and 2 in the third
  CHECK(w.servers(2) == Servers{6, 7});  // the group with fewest free of those with a router that just holds it
  CHECK(w.servers(3) == Servers{1, 2, 3});
  CHECK(w.servers(4) == Servers{8, 9, 10, 11});
  // The third group whole; the first and the second have three and two left, and the second needs one router only.
  CHECK(w.servers(6) == Servers{6, 7, 8, 9, 10, 11});
}

TEST_CASE("a torus of 4 x 4 x 4 servers: a cube, around the end where it must be, scattered where there is none") {
  // Server x + 4 y + 16 z.
  const Site torus = grid_site(grid(Grid::Wiring::torus, {4, 4, 4}));
  World empty(torus);
  CHECK(empty.servers(8) == Servers{0, 1, 4, 5, 16, 17, 20, 21});
  // 24 links leave a cube of eight, and as many a pair of rings, 1 x 2 x 4: the cube's sides are shorter.
  CHECK(empty.servers(2) == Servers{0, 16});

  World corners(torus);
  Servers held;
  for (ServerIndex s = 0; s < 64; ++s) {
    const auto outer = [](ServerIndex at) { return at == 0 || at == 3; };
    if (!outer(s % 4) || !outer(s / 4 % 4) || !outer(s / 16)) held.push_back(s);
  }
  corners.hold(held);
  CHECK(corners.servers(8) == Servers{63, 60, 51, 48, 15, 12, 3, 0});

  World scattered(torus);
  held.clear();
  for (ServerIndex s = 0; s < 64; ++s)
    if (s % 2 || s / 4 % 2 || s / 16 % 2) held.push_back(s);
  scattered.hold(held);
  Servers all = scattered.servers(8);
  std::sort(all.begin(), all.end());
  CHECK(all == Servers{0, 2, 8, 10, 32, 34, 40, 42});
}

TEST_CASE("blocks of 2 x 2 servers: small jobs in the fullest block, whole blocks together") {
  World w(grid_site(blocks_of_four(false)));
  // Block 3 has 12 (2,2), 13 (3,2), 14 (2,3), 15 (3,3). Two that are neighbours beside the held one: 13 and 15.
  w.hold({12});
  CHECK(w.servers(2) == Servers{13, 15});
  CHECK(w.servers(4) == Servers{0, 1, 2, 3});
  // Two blocks side by side, ranks along the short side first: (0..3) over (0..1).
  CHECK(w.servers(8).size() == 8);
}

TEST_CASE("optical switches join any blocks; without them a box of servers may cross blocks") {
  // Free whole blocks: 1 and 2, which have no side in common.
  World sliced(grid_site(blocks_of_four(true)));
  sliced.hold({0, 12});
  Servers two = sliced.servers(8);
  std::sort(two.begin(), two.end());
  CHECK(two == Servers{4, 5, 6, 7, 8, 9, 10, 11});

  // 3 x 3 is the only shape of eight or more without both held corners, (0,0) and (2,2): columns 1 to 3 of rows 3,
  // 0, 1.
  World plain(grid_site(blocks_of_four(false)));
  plain.hold({0, 12});
  Servers box = plain.servers(8);
  CHECK(std::find(box.begin(), box.end(), ServerIndex{0}) == box.end());
  CHECK(box.size() == 8);
}

TEST_CASE("a full mesh of 4 x 4: all of one axis, not a square") {
  // Links that leave four servers: 4 x 1 has all three others of an axis elsewhere, 12; 2 x 2 has two on both, 16.
  World w(grid_site(grid(Grid::Wiring::full_mesh, {4, 4})));
  CHECK(w.servers(4) == Servers{0, 4, 8, 12});
}

TEST_CASE("parts of servers on the same rails: chips 0 and 4 of four rails hang on the same leaf") {
  const auto parts = [](std::int64_t rails) {
    World w(site({pool("p", 3, 8, 4, 100, rails)}, {tier("leaf", 100, 16, 1, 0)}));
    w.hold({0}, 0b11111100);  // free: chips 0 and 1
    w.hold({1}, 0b11110011);  // 2 and 3
    w.hold({2}, 0b11001111);  // 4 and 5: rails 0 and 1
    const Allocation held = w.place(4);
    REQUIRE(held.size() == 2);
    return Servers{held[0].server, held[1].server};
  };
  CHECK(parts(4) == Servers{0, 2});
  CHECK(parts(1) == Servers{0, 1});
}
