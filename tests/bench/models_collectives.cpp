// Closed-form collectives: one estimate of each kind, and a hierarchical all-reduce of 4,096 ranks.
#include <benchmark/benchmark.h>

#include "models/collectives/collective.hpp"

namespace {

using namespace alight;

Fabric h100() {
  Fabric f;
  f.up = {.gbs = 450,
          .domain = 8,
          .ll = {5, 1, 0.46},
          .ll128 = {12.5, 1, 0.74},
          .simple = {17, 3.5, 0.83, 0, 0.34},
          .in_network = {25, 0, 0.7, 58},
          .direct = {13, 0, 0.67},
          .tuner_ll = 0.31,
          .tuner_ll128 = 0.74,
          .tuner_simple = 0.8};
  f.out = {.gbs = 50, .efficiency = 0.93, .direct_efficiency = 0.77, .ll_us = 5, .simple_us = 14};
  return f;
}

void collective(benchmark::State& state) {
  const Fabric fabric = h100();
  const auto kind = static_cast<Collective>(state.range(0));
  const Group group{.ranks = state.range(1), .per_domain = 8, .per_leaf = 256};
  double bytes = 1e6;
  for (auto _ : state) {
    benchmark::DoNotOptimize(estimate(kind, bytes, group, fabric));
    bytes = bytes < 1e9 ? bytes * 1.01 : 1e6;
  }
  state.SetItemsProcessed(state.iterations());
  state.SetLabel(std::string(name_of(kind)));
}
BENCHMARK(collective)->ArgsProduct({{0, 1, 2, 3, 4, 5}, {8, 4096}});

}  // namespace
