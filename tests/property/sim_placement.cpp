// pack on random sites of every kind of network, filled and emptied at random: it finds room whenever there is some,
// takes nothing twice, answers alike when asked alike, and keeps jobs closer together than chance does.
#include <bit>
#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "sim/cluster/locality.hpp"
#include "sim/scheduler/placement.hpp"
#include "tests/support/networks.hpp"
#include "tests/support/random_runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::int64_t chips_of(const Allocation& held) {
  std::int64_t chips = 0;
  for (const Slice& slice : held) chips += slice.chip_count();
  return chips;
}
std::vector<ServerIndex> servers_of(const Allocation& held) {
  std::vector<ServerIndex> servers;
  for (const Slice& slice : held)
    for (ServerIndex s = slice.server; s < slice.server + slice.servers; ++s) servers.push_back(s);
  return servers;
}

ChipRequest random_request(Dice& dice, const Site& site) {
  std::int64_t most = 0;
  for (const Pool& pool : site.pools) most = std::max(most, pool.chips());
  ChipRequest request{.chips = dice(1, dice.one_in(3) ? most : std::max<std::int64_t>(1, most / 4))};
  if (dice.one_in(2)) request.chips = std::max<std::int64_t>(8, request.chips / 8 * 8);
  if (dice.one_in(3)) request.shape = Shape::whole_servers;
  return request;
}

/// Fills and empties a cluster; `seen` is told of every job that starts.
void fill_and_free(const Site& site, std::uint64_t seed, const std::string& name,
                   const std::function<void(const ChipRequest&, const Allocation&, const Cluster& before)>& seen) {
  Dice dice(seed);
  Cluster cluster(site);
  const auto placement = make_placement(name, site, stream(seed, "placement"));
  std::vector<PoolIndex> pools;
  for (PoolIndex p = 0; p < cluster.pools(); ++p) pools.push_back(p);
  std::vector<std::pair<ChipRequest, Allocation>> running;
  for (int round = 0; round < 120; ++round) {
    if (!running.empty() && dice.one_in(3)) {
      const auto which = running.begin() + dice(0, std::ssize(running) - 1);
      cluster.release(which->first, which->second);
      running.erase(which);
      continue;
    }
    const ChipRequest request = random_request(dice, site);
    const bool fits = std::any_of(pools.begin(), pools.end(), [&](PoolIndex p) { return cluster.fits(request, p); });
    Allocation held;
    REQUIRE(placement->place(request, pools, cluster, held) == fits);
    if (!fits) continue;
    if (request.shape == Shape::whole_servers)
      REQUIRE(chips_of(held) >= request.chips);
    else
      REQUIRE(chips_of(held) == request.chips);
    const std::vector<ServerIndex> servers = servers_of(held);
    REQUIRE(std::set<ServerIndex>(servers.begin(), servers.end()).size() == servers.size());
    for (const ServerIndex s : servers) REQUIRE(cluster.pool_of(s) == cluster.pool_of(servers.front()));
    seen(request, held, cluster);
    cluster.allocate(request, held);  // throws where a chip is not free
    running.emplace_back(request, std::move(held));
  }
}

Site random_clos(Dice& dice) {
  return site({pool("p", dice(20, 60), 8, 4, 100, dice.one_in(2) ? 4 : 1)},
              {tier("leaf", 100, dice(4, 16), 2, 1e-6), tier("spine", 100, dice(4, 8), 2, 1e-6),
               tier("core", 100, 64, 1, 1e-6)});
}
Site random_dragonfly(Dice& dice) {
  return dragonfly_site(dragonfly(dice(2, 6), dice(2, 4), dice(1, 4), dice(1, 4)));
}
Site random_supernodes(Dice& dice) {
  Supernode node;
  node.servers = dice(2, 8);
  node.gbps = 1600;
  Network n = network("node", {0});
  n.supernode = node;
  return joined({pool("p", node.servers * dice(2, 6))}, {n},
                {tier("leaf", 100, dice(4, 8), 2, 1e-6), tier("spine", 100, dice(4, 8), 2, 1e-6),
                 tier("core", 100, 64, 1, 1e-6)});
}
Site random_grid(Dice& dice) {
  Grid g = grid(dice.one_in(3) ? Grid::Wiring::full_mesh : Grid::Wiring::torus, {});
  for (std::int64_t axes = dice(1, 3); axes > 0; --axes) {
    const std::int64_t block = dice(1, 2);
    g.block.push_back(block);
    g.dims.push_back(block * dice(1, 3));
    g.gbps.push_back(400);
    g.cables.push_back(1);
    g.wrap.push_back(!dice.one_in(3));
  }
  g.slices = g.wiring == Grid::Wiring::torus && dice.one_in(2) &&
             std::all_of(g.wrap.begin(), g.wrap.end(), [](bool w) { return w; });
  g.count = dice(1, 2);
  return grid_site(g);
}
Site random_any(Dice& dice) {
  switch (dice(0, 4)) {
    case 0:
      return random_clos(dice);
    case 1:
      return random_dragonfly(dice);
    case 2:
      return random_supernodes(dice);
    case 3:
      return random_grid(dice);
    default:
      return random_joined(static_cast<std::uint64_t>(dice(0, 1000000)));
  }
}

/// Sum over all jobs of servers, pods, leaves.
std::array<std::int64_t, 3> spans(const Site& site, std::uint64_t seed, const std::string& name) {
  const std::vector<PoolLocality> near = localities(site);
  std::array<std::int64_t, 3> sums{};
  fill_and_free(site, seed, name, [&](const ChipRequest&, const Allocation& held, const Cluster& cluster) {
    std::set<std::uint32_t> leaves, pods;
    for (const ServerIndex s : servers_of(held)) {
      const PoolIndex p = cluster.pool_of(s);
      leaves.insert(cluster.leaf_of(s));
      if (!near[p].pod_of_leaf.empty()) pods.insert(near[p].pod_of_leaf[cluster.leaf_of(s) - cluster.first_leaf(p)]);
      ++sums[0];
    }
    sums[1] += std::ssize(pods);
    sums[2] += std::ssize(leaves);
  });
  return sums;
}

}  // namespace

TEST_CASE("pack finds room whenever there is some, and answers alike when asked alike") {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const Site site = random_any(dice);
    const auto again = make_placement("pack", site, stream(seed, "placement"));
    fill_and_free(site, seed, "pack", [&](const ChipRequest& request, const Allocation& held, const Cluster& cluster) {
      const auto afresh = make_placement("pack", site, stream(seed, "placement"));
      std::vector<PoolIndex> pools;
      for (PoolIndex p = 0; p < cluster.pools(); ++p) pools.push_back(p);
      for (Placement* other : {again.get(), afresh.get()}) {
        Allocation same;
        REQUIRE(other->place(request, pools, cluster, same));
        REQUIRE(same.size() == held.size());
        for (std::size_t i = 0; i < held.size(); ++i) {
          REQUIRE(same[i].server == held[i].server);
          REQUIRE(same[i].servers == held[i].servers);
          REQUIRE(same[i].chips == held[i].chips);
        }
      }
    });
  }
}

TEST_CASE("fewer servers, pods and leaves than chance takes") {
  const std::pair<const char*, std::function<Site(Dice&)>> kinds[] = {
      {"clos", random_clos}, {"dragonfly", random_dragonfly}, {"supernodes", random_supernodes}, {"grid", random_grid}};
  for (const auto& [kind, make] : kinds) {
    INFO(kind);
    std::array<std::int64_t, 3> packed{}, drawn{};
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Dice dice(seed);
      const Site site = make(dice);
      const auto a = spans(site, seed, "pack"), b = spans(site, seed, "random");
      for (std::size_t i = 0; i < a.size(); ++i) packed[i] += a[i], drawn[i] += b[i];
    }
    CHECK(packed[0] < drawn[0]);
    if (std::string(kind) != "grid") CHECK(packed[1] < drawn[1]);
    CHECK(packed[2] < drawn[2]);
  }
}

TEST_CASE("with whole servers free, no pod or leaf fewer could hold the job") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const Site site = dice.one_in(2) ? random_clos(dice) : random_dragonfly(dice);
    const PoolLocality near = localities(site).front();
    fill_and_free(site, seed, "pack", [&](const ChipRequest& request, const Allocation& held, const Cluster& cluster) {
      const std::int64_t full = (request.chips + 7) / 8;
      if (cluster.count_with_free(0, 8) < full || (request.chips % 8 != 0 && request.shape == Shape::gang)) return;
      std::set<std::uint32_t> leaves, pods;
      for (const ServerIndex s : servers_of(held)) {
        leaves.insert(cluster.leaf_of(s));
        pods.insert(near.pods > 1 ? near.pod_of_leaf[cluster.leaf_of(s)] : 0);
      }
      // The largest first need the fewest.
      const auto fewest = [&](std::vector<std::int64_t> free) {
        std::sort(free.rbegin(), free.rend());
        std::int64_t n = 0;
        for (std::int64_t left = full; left > 0; left -= free[static_cast<std::size_t>(n++)]) {
        }
        return n;
      };
      std::vector<std::int64_t> of_pod(near.pods, 0), of_leaf;
      for (std::uint32_t leaf = 0; leaf < cluster.end_leaf(0); ++leaf) {
        of_leaf.push_back(cluster.free_servers_of_leaf(leaf));
        of_pod[near.pods > 1 ? near.pod_of_leaf[leaf] : 0] += of_leaf.back();
      }
      REQUIRE(std::ssize(pods) == fewest(of_pod));
      if (pods.size() > 1) return;
      std::int64_t least = std::ssize(of_leaf);
      for (std::uint32_t pod = 0; pod < near.pods; ++pod) {
        if (of_pod[pod] < full) continue;
        std::vector<std::int64_t> inside;
        for (std::uint32_t leaf = 0; leaf < cluster.end_leaf(0); ++leaf)
          if ((near.pods > 1 ? near.pod_of_leaf[leaf] : 0) == pod) inside.push_back(of_leaf[leaf]);
        least = std::min(least, fewest(inside));
      }
      REQUIRE(std::ssize(leaves) == least);
    });
  }
}
