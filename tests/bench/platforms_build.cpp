// From a site to its graph and its SimGrid platform: the Clos for 1,024 to 16,384 servers of 8 chips, and every kind of
// network at 100,000 chips. Each is built in a child process, since SimGrid allows one engine per process; the times
// are the child's CPU seconds.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "platforms/simgrid/builder.hpp"
#include "platforms/simgrid/compat.hpp"
#include "platforms/topology/graph.hpp"
#include "platforms/topology/routes.hpp"

namespace {

using namespace alight;

Site site_of(std::int64_t servers, std::int64_t rails) {
  Site site;
  Pool pool;
  pool.name = "pool";
  pool.servers = servers;
  pool.server.chips = 8;
  pool.nics_per_server = 8;
  pool.nic_gbps = 400;
  pool.rails = rails;
  site.pools = {pool};
  site.tiers.resize(3);
  site.tiers[0].name = "leaf";
  site.tiers[1].name = "spine";
  site.tiers[2].name = "core";
  site.tiers[2].down_ports = 128;
  number(site);
  return site;
}

void build(benchmark::State& state, const std::function<Site()>& make) {
  double seconds = 0, megabytes = 0;
  for (auto _ : state) {
    const pid_t child = fork();
    if (child == 0) {
      const Site site = make();
      const Topology topology(site);
      benchmark::DoNotOptimize(topology.bisection());
      benchmark::DoNotOptimize(routes_of(site));
      simgrid_compat::silence();
      simgrid::s4u::Engine engine("bench");
      benchmark::DoNotOptimize(build_platform(site, engine));
      _exit(0);
    }
    int status = 0;
    rusage used{};
    wait4(child, &status, 0, &used);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) std::abort();
    const auto s = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    const double cpu = s(used.ru_utime) + s(used.ru_stime);
    state.SetIterationTime(cpu);
    seconds = cpu;
    megabytes = static_cast<double>(used.ru_maxrss) / 1024;
  }
  state.counters["cpu_s"] = seconds;
  state.counters["rss_MB"] = megabytes;
}

void clos(benchmark::State& state) {
  build(state, [&state] { return site_of(state.range(0), state.range(1)); });
}

Tier tier(const char* name, std::int64_t down_ports) {
  return {
      .name = name, .rate_gbps = 400, .down_ports = down_ports, .oversubscription = 1, .latency_s = 6e-7, .medium = {}};
}

/// Pool and network of `servers` of `chips` each.
Site one_network(std::int64_t servers, std::int64_t chips, const std::function<void(Network&)>& describe) {
  Site site;
  Pool pool;
  pool.name = "pool";
  pool.servers = servers;
  pool.server.chips = chips;
  pool.nics_per_server = chips;
  pool.nic_gbps = 400;
  pool.rails = chips;
  site.pools = {pool};
  Network network;
  network.name = "net";
  network.pools = {0};
  describe(network);
  site.networks = {network};
  if (network.scale_up()) site.tiers = {tier("leaf", 32), tier("spine", 64), tier("core", 128)};
  number(site);
  return site;
}

Grid grid(Grid::Wiring wiring, std::vector<std::int64_t> dims, std::vector<std::int64_t> block, std::int64_t cables) {
  Grid g;
  g.wiring = wiring;
  g.gbps.assign(dims.size(), 400.0 * static_cast<double>(cables));
  g.cables.assign(dims.size(), cables);
  g.wrap.assign(dims.size(), true);
  g.dims = std::move(dims);
  g.block = std::move(block);
  g.latency_s = 5e-7;
  return g;
}

// 40 x 50 x 50 chips of 2 x 2 x 1 to a host.
Site torus() {
  return one_network(25000, 4, [](Network& n) { n.grid = grid(Grid::Wiring::torus, {20, 25, 50}, {2, 5, 5}, 2); });
}
// 400 x 256 chips of 2 x 4 to a host.
Site torus_2d() {
  return one_network(12800, 8, [](Network& n) { n.grid = grid(Grid::Wiring::torus, {200, 64}, {2, 1}, 4); });
}
// 25 pods of 16 x 16 x 16 chips under optical switches.
Site tpu_pods() {
  return one_network(25600, 4, [](Network& n) {
    n.grid = grid(Grid::Wiring::torus, {8, 8, 16}, {2, 2, 4}, 2);
    n.grid->slices = true;
    n.grid->count = 25;
  });
}
// 8 x 8 x 4 x 4 chips of 8 to a board, 98 times.
Site full_mesh() {
  return one_network(12544, 8, [](Network& n) {
    n.grid = grid(Grid::Wiring::full_mesh, {8, 4, 4}, {8, 1, 1}, 8);
    n.grid->count = 98;
  });
}
// All of it one mesh: 16 x 28 x 28 servers.
Site full_mesh_3d() {
  return one_network(12544, 8, [](Network& n) { n.grid = grid(Grid::Wiring::full_mesh, {16, 28, 28}, {16, 1, 1}, 8); });
}
Site dragonfly() {
  return one_network(12672, 8, [](Network& n) {
    n.dragonfly = Dragonfly{.groups = 33,
                            .routers = 32,
                            .servers = 12,
                            .pair_cables = 8,
                            .local_gbps = 1600,
                            .global_gbps = 800,
                            .latency_s = 5e-7,
                            .local_latency_s = 5e-7,
                            .global_latency_s = 1e-6};
  });
}
// 1,389 NVL72 racks; 261 CloudMatrix384.
Site nvl72() {
  return one_network(18 * 1389, 4, [](Network& n) {
    n.supernode = Supernode{.servers = 18, .planes = 18, .cables = 72, .gbps = 28800, .latency_s = 2.5e-7};
  });
}
Site cloudmatrix() {
  return one_network(48 * 261, 8, [](Network& n) {
    n.supernode = Supernode{.servers = 48, .planes = 7, .cables = 56, .gbps = 22400, .latency_s = 3e-7};
  });
}
// Four networks of 25,000 chips: tiers, a dragonfly, a torus and supernodes, at two places.
Site several() {
  Site site;
  const std::int64_t servers[] = {3136, 3168, 6250, 18 * 348};
  for (std::int64_t p = 0; p < 4; ++p) {
    Pool pool = site_of(1, 1).pools[0];
    pool.name = "pool" + std::to_string(p);
    pool.servers = servers[p];
    pool.server.chips = p < 2 ? 8 : 4;
    site.pools.push_back(pool);
    Network network;
    network.name = "net" + std::to_string(p);
    network.pools = {p};
    if (p == 0) network.tiers = {tier("leaf", 32), tier("spine", 64)};
    if (p == 1)
      network.dragonfly = Dragonfly{.groups = 33,
                                    .routers = 16,
                                    .servers = 6,
                                    .pair_cables = 4,
                                    .local_gbps = 1600,
                                    .global_gbps = 800,
                                    .latency_s = 5e-7,
                                    .local_latency_s = 5e-7,
                                    .global_latency_s = 1e-6};
    if (p == 2) network.grid = grid(Grid::Wiring::torus, {10, 25, 25}, {2, 5, 5}, 2);
    if (p == 3)
      network.supernode = Supernode{.servers = 18, .planes = 18, .cables = 72, .gbps = 28800, .latency_s = 2.5e-7};
    site.networks.push_back(network);
  }
  site.tiers = {tier("leaf", 32), tier("spine", 64), tier("core", 128)};
  site.networks[1].place = "away";
  site.backbone = Backbone{12800, 5e-6};
  site.wan = {{"", "away", 1600, 2e-3}};
  number(site);
  return site;
}

}  // namespace

#define ALIGHT_NETWORK(make) \
  BENCHMARK_CAPTURE(build, make, make)->UseManualTime()->Iterations(3)->Unit(benchmark::kMillisecond)
ALIGHT_NETWORK(torus);
ALIGHT_NETWORK(torus_2d);
ALIGHT_NETWORK(tpu_pods);
ALIGHT_NETWORK(full_mesh);
ALIGHT_NETWORK(full_mesh_3d);
ALIGHT_NETWORK(dragonfly);
ALIGHT_NETWORK(nvl72);
ALIGHT_NETWORK(cloudmatrix);
ALIGHT_NETWORK(several);

BENCHMARK(clos)
    ->ArgsProduct({{1024, 2048, 4096, 8192, 12500, 16384}, {1, 8}})
    ->ArgNames({"servers", "rails"})
    ->UseManualTime()
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond);
