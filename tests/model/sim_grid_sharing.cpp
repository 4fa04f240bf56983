// What jobs on grids and in supernodes put on links others can use, worked out by hand. Links of grids carry 400 Gbps,
// 50e9 bytes/s, each direction; servers have 8 chips.
#include <catch2/catch.hpp>
#include <set>

#include "sim/network/footprint.hpp"
#include "sim/runtime/lie.hpp"
#include "tests/support/networks.hpp"
#include "tests/support/training.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr double kLink = 50e9;

Allocation held(const std::vector<ServerIndex>& servers) {
  Allocation out;
  for (const ServerIndex s : servers) out.push_back({s, 1000, 0xff});
  return out;
}

/// A ring of all ranks, one domain to a server, that is predicted to take half a second for 50e9 bytes.
Exchange ring_of(std::int64_t servers) {
  Exchange ring;
  ring.groups = {8 * servers, 1, 8 * servers};
  ring.per_domain = 8;
  ring.domain_bytes = kLink;
  ring.times = 1;
  ring.seconds = ring.network_s = 0.5;
  return ring;
}

struct Laid {
  std::set<LinkIndex> links;
  double busiest = 0, alone_s = 0;
};
Laid laid(const Routes& routes, const Exchange& exchange, const std::vector<ServerIndex>& servers) {
  const Allocation chips = held(servers);
  const Footprint footprint = footprint_of(1, {&exchange, 1}, chips, 8 * std::ssize(servers), routes);
  Laid out;
  std::vector<double> capacities;
  for (const SharedLink& link : routes.links()) capacities.push_back(link.gbps * 1e9 / 8);
  for (const SharedExchange& shared : footprint.exchanges)
    for (const LinkBytes& load : shared.loads) {
      out.links.insert(load.link);
      out.busiest = std::max(out.busiest, load.bytes);
    }
  out.alone_s = alone_s(footprint, capacities);
  return out;
}

std::vector<LinkIndex> common(const Laid& a, const Laid& b) {
  std::vector<LinkIndex> out;
  std::set_intersection(a.links.begin(), a.links.end(), b.links.begin(), b.links.end(), std::back_inserter(out));
  return out;
}

}  // namespace

TEST_CASE("a line of eight servers: neighbours are as fast as predicted and alone, others cross each other") {
  Grid line = grid(Grid::Wiring::torus, {8});
  line.wrap = {false};
  const auto routes = routes_of(grid_site(line));
  // Up over three links and back over the same three the other way: the busiest would take 1 s, twice what is
  // predicted, so loads are halved.
  const Laid first = laid(*routes, ring_of(4), {0, 1, 2, 3}), second = laid(*routes, ring_of(4), {4, 5, 6, 7});
  CHECK(first.links.size() == 6);
  CHECK(first.busiest == kLink / 2);
  CHECK(first.alone_s == 1);
  CHECK(common(first, second).empty());
  // Every second server: still once up and once back, over six links each way, of which the two jobs share five.
  const Laid even = laid(*routes, ring_of(4), {0, 2, 4, 6}), odd = laid(*routes, ring_of(4), {1, 3, 5, 7});
  CHECK(even.links.size() == 12);
  CHECK(even.alone_s == 1);
  CHECK(common(even, odd).size() == 10);
  // To and fro: 0 to 6 and 2 to 4 pass up from 2 to 3 together; 6 to 2 passes down where 4 to 0 does. Twice as long.
  const Laid tangled = laid(*routes, ring_of(4), {0, 6, 2, 4});
  CHECK(tangled.busiest == kLink);
  CHECK(tangled.alone_s == 1.5);
}

TEST_CASE("whole blocks of a torus with slices have links of their own, wherever they are") {
  Grid g = grid(Grid::Wiring::torus, {4, 4}, {2, 2});
  g.slices = true;
  const auto sliced = routes_of(grid_site(g));
  g.slices = false;
  const auto fixed = routes_of(grid_site(g));
  const std::vector<ServerIndex> middle = {4, 5, 6, 7, 8, 9, 10, 11}, corners = {0, 1, 2, 3, 12, 13, 14, 15};
  Exchange all = ring_of(8);
  all.pattern = Pattern::everyone;
  CHECK(common(laid(*sliced, all, middle), laid(*sliced, all, corners)).empty());
  CHECK_FALSE(common(laid(*fixed, all, middle), laid(*fixed, all, corners)).empty());
  CHECK(laid(*sliced, all, middle).alone_s == Approx(1));
}

TEST_CASE("a job in more supernodes than it needs has half of its chips for a domain") {
  TrainingGround::PoolGround ground{
      .fabric = small_fabric(32), .server_chips = 8, .leaf_servers = 4, .domain_leaves = 1};
  const Lie least = least_lie(ground, 32, Shape::gang);
  CHECK(least.domains == 1);
  CHECK(fabric_at(ground, least).up.domain == 32);
  CHECK(fabric_at(ground, {.chips = 32, .servers = 4, .leaves = 2, .pods = 1, .domains = 2}).up.domain == 16);
  // 64 chips need two supernodes anyway.
  CHECK(fabric_at(ground, {.chips = 64, .servers = 8, .leaves = 2, .pods = 1, .domains = 2}).up.domain == 32);
}

TEST_CASE("inside a grid that is a domain servers are joined at the rate chips have there") {
  TrainingGround::PoolGround ground{
      .fabric = small_fabric(256), .server_chips = 4, .leaf_servers = 8, .domain_leaves = 8, .domain_is_grid = true};
  ground.fabric.up.topology = ScaleUpTopology::torus;
  ground.fabric.up.axes = 3;
  const Lie lie = least_lie(ground, 32, Shape::gang);
  const Fabric fabric = shared_fabric_at(ground, lie);
  CHECK(fabric.up.domain == 4);
  // Two of three axes at once. With fewer than 4 x 4 x 4 chips an axis is no ring, so one link on each: 200 x 2/6.
  CHECK(fabric.out.gbs == Approx(200 * 2.0 / 6));
  ground.domain_is_grid = false;
  CHECK(shared_fabric_at(ground, lie) == fabric_at(ground, lie));
}

TEST_CASE("jobs in boxes of a torus run as if alone; scattered ones are slower") {
  // 4 x 4 x 4 servers of 4 chips: the six links of one carry what its chips can say, 200 GB/s each.
  Grid g = grid(Grid::Wiring::torus, {4, 4, 4}, {2, 2, 2});
  g.gbps.assign(3, 4 * 200.0 * 8 / 6);
  Network ici = network("ici", {0});
  ici.grid = g;
  const Site site = joined({trained_pool("tpu", 64, 4)}, {ici});
  auto ground = small_ground(site);
  TrainingGround::PoolGround& pool = ground->pools.front();
  pool.fabric = small_fabric(256);
  pool.fabric.up.topology = ScaleUpTopology::torus;
  pool.fabric.up.axes = 3;
  pool.leaf_servers = 8;
  pool.domain_leaves = 8;
  pool.domain_is_grid = true;
  std::vector<Row> rows;
  for (int j = 0; j < 8; ++j)
    rows.push_back({.id = std::to_string(j),
                    .chips = 32,
                    .model = "small",
                    .training = "tp1 dp32 gb32 seq1024 zero1",
                    .tokens = 1e7});
  const auto run_s = [&](const char* placement, Sharing sharing) {
    return played(site, workload(rows), {.seed = 1, .placement = placement, .sharing = sharing}, ground);
  };
  const Played alone = run_s("pack", Sharing::none), boxes = run_s("pack", Sharing::fluid),
               scattered = run_s("random", Sharing::fluid);
  double worst = 1;
  for (std::size_t j = 0; j < rows.size(); ++j) {
    CHECK(boxes.jobs[j].finish_s == Approx(alone.jobs[j].finish_s).epsilon(1e-9));
    CHECK(scattered.jobs[j].finish_s >= boxes.jobs[j].finish_s * (1 - 1e-9));
    worst = std::max(worst, scattered.jobs[j].finish_s / boxes.jobs[j].finish_s);
  }
  CHECK(worst > 1.1);
}
