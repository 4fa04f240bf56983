// Jobs that share the links of three tiers: one goes, one comes, and the steps of all whom that concerns are found.
// "off" is how far the steps are, in the mean, from those of the same jobs opened all at once.
#include <benchmark/benchmark.h>

#include <cmath>
#include <deque>
#include <map>
#include <random>

#include "sim/engine/simgrid_shares.hpp"
#include "sim/network/fluid.hpp"

namespace {

using namespace alight;

constexpr LinkIndex kLeaves = 780, kLeavesOfPod = 60;
constexpr double kServer = 50e9;  // bytes/s of its NICs
constexpr std::uint32_t kServers = 16;

// Leaves of 16 servers at 8:1, pods of 60 leaves at 4:1 above them; each link in both directions.
std::vector<double> capacities() {
  std::vector<double> all(2 * kLeaves, 16 * kServer / 8);
  all.resize(2 * (kLeaves + kLeaves / kLeavesOfPod), kLeavesOfPod * 16 * kServer / 8 / 4);
  return all;
}

// Exchanges of 16 servers on leaves of their own, or beside each other below one leaf more where `near`.
Footprint footprint(std::mt19937& draw, bool near) {
  std::uniform_real_distribution<double> unit(0, 1);
  std::map<LinkIndex, double> servers;
  const LinkIndex first = draw() % kLeaves;
  for (std::uint32_t s = 0; s < kServers; ++s) {
    const LinkIndex leaf = near ? (first + s / (kServers / 2)) % kLeaves : draw() % kLeaves;
    for (LinkIndex d = 0; d < 2; ++d) {
      servers[2 * leaf + d] += 1;
      if (!near) servers[2 * (kLeaves + leaf / kLeavesOfPod) + d] += 1;
    }
  }
  Footprint footprint{.step_s = 2 + 4 * unit(draw), .exchanges = {}};
  for (const double part : {0.02, 0.05, 0.1}) {
    SharedExchange& shared = footprint.exchanges.emplace_back();
    shared.exchange.times = 1 + draw() % 4;
    shared.exchange.seconds = shared.exchange.network_s = part * footprint.step_s * unit(draw);
    shared.exchange.room_s = draw() % 2 ? shared.exchange.network_s : 0;
    for (const auto& [link, n] : servers)
      shared.loads.push_back({link, n * kServer * shared.exchange.network_s * (0.3 + 0.7 * unit(draw))});
  }
  return footprint;
}

Engine& engine() {
  static Engine the_one_of_this_process;
  return the_one_of_this_process;
}

void one_goes_one_comes(benchmark::State& state) {
  const auto members = static_cast<std::uint32_t>(state.range(0));
  const bool near = state.range(1) != 0;
  std::mt19937 draw(5);
  FluidNetwork network(capacities(), std::make_unique<SimgridShares>(engine(), capacities()));
  std::deque<std::pair<std::uint32_t, Footprint>> open;
  std::uint32_t next = 0;
  const auto come = [&] {
    const auto& [member, prints] = open.emplace_back(next++, footprint(draw, near));
    network.open(member, prints);
  };
  while (open.size() < members) come();
  network.settle();
  for (auto _ : state) {
    network.close(open.front().first);
    open.pop_front();
    come();
    benchmark::DoNotOptimize(network.settle());
  }
  FluidNetwork fresh(capacities(), std::make_unique<SimgridShares>(engine(), capacities()));
  for (const auto& [member, prints] : open) fresh.open(member, prints);
  fresh.settle();
  double off = 0, slowed = 0;
  for (const auto& [member, prints] : open) {
    off += std::abs(network.step_s(member) / fresh.step_s(member) - 1);
    slowed += network.step_s(member) / prints.step_s - 1;
  }
  state.counters["off"] = off / members;
  state.counters["slowed"] = slowed / members;
}
BENCHMARK(one_goes_one_comes)
    ->ArgNames({"members", "near"})
    ->ArgsProduct({{50, 100, 200, 400, 800}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
