// From a site to its graph and its SimGrid platform, for 1,024 to 16,384 servers of 8 chips. Each size is built in a
// child process, since SimGrid allows one engine per process; the times are the child's CPU seconds.
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "platforms/simgrid/builder.hpp"
#include "platforms/simgrid/compat.hpp"
#include "platforms/topology/graph.hpp"

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

void build(benchmark::State& state) {
  double seconds = 0, megabytes = 0;
  for (auto _ : state) {
    const pid_t child = fork();
    if (child == 0) {
      const Site site = site_of(state.range(0), state.range(1));
      const Topology topology(site);
      benchmark::DoNotOptimize(topology.bisection());
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

}  // namespace

BENCHMARK(build)
    ->ArgsProduct({{1024, 2048, 4096, 8192, 12500, 16384}, {1, 8}})
    ->ArgNames({"servers", "rails"})
    ->UseManualTime()
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond);
