// Requests per CPU-second of a fleet played on its own: `items_per_second`.
#include <benchmark/benchmark.h>

#include <fstream>
#include <string>

#include "../support/request_loads.hpp"
#include "models/inference/replica.hpp"

namespace {

using namespace alight;
using namespace alight::test;

/// A model on eight chips that decodes a batch of 64 in 14 ms and takes in 16,000 prompt tokens a second.
LinearTimes times() {
  LinearTimes t;
  t.rest = 2e-3, t.per_prompt = 55e-6, t.per_pair = 1e-9, t.floor = 8e-3, t.per_decode = 30e-6, t.per_token = 40e-9;
  return t;
}

/// The process's highest resident memory so far, in MB.
double peak_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmHWM:" && status >> word) return std::stod(word) / 1024;
  return 0;
}

void report(benchmark::State& state, const RequestTrace& trace, const PlayedRequests& played) {
  const auto count = static_cast<double>(trace.requests.size());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(trace.requests.size()));
  ReplicaTotals all;
  Ticks serving = 0;
  for (const ReplicaHours& h : played.hours) {
    all.iterations += h.totals.iterations, all.decode_tokens += h.totals.decode_tokens, all.busy += h.totals.busy;
    all.hit_tokens += h.totals.hit_tokens, all.asked_tokens += h.totals.asked_tokens;
    all.preemptions += h.totals.preemptions;
    serving += h.serving;
  }
  state.counters["steps/request"] = static_cast<double>(played.steps) / count;
  state.counters["iterations/request"] = static_cast<double>(all.iterations) / count;
  state.counters["batch"] = static_cast<double>(all.decode_tokens) / static_cast<double>(all.iterations);
  state.counters["busy"] = seconds(all.busy) / seconds(serving);
  state.counters["finished"] = static_cast<double>(played.results.ended[0]) / count;
  state.counters["preempted"] = static_cast<double>(all.preemptions) / count;
  state.counters["ttft_p99_s"] = played.results.ttft_s.quantile(0.99);
  state.counters["tpot_p50_ms"] = 1e3 * played.results.tpot_s.quantile(0.5);
  if (all.asked_tokens > 0)
    state.counters["hit"] = static_cast<double>(all.hit_tokens) / static_cast<double>(all.asked_tokens);
  state.counters["replicas"] = static_cast<double>(played.most_replicas);
  state.counters["peak_MB"] = peak_mb();
}

/// One replica at `rate` requests a tenth second; by every iteration or not.
void one_replica(benchmark::State& state) {
  const LinearTimes model = times();
  const bool exact = state.range(1) != 0;
  const RequestTrace trace = lengths_like_azure(exact ? 20'000 : 200'000, static_cast<double>(state.range(0)) / 10);
  FleetConfig fleet = one_pool(model, 1);
  fleet.pools.front().replica.exact = exact;
  PlayedRequests played;
  for (auto _ : state) played = play_requests(trace, fleet);
  report(state, trace, played);
}
BENCHMARK(one_replica)
    ->ArgNames({"rate", "exact"})
    ->ArgsProduct({{10, 40, 60, 70, 80}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

/// Llama 70B on eight chips like A100, as models/inference predicts its iterations.
ReplicaModel llama_70b() {
  Accelerator chip;
  chip.peak_flops = {312e12, 312e12, 0, 0, 0, 624e12};
  chip.memory_bytes = 80e9;
  chip.memory_bytes_s = 2.04e12;
  KernelProfile& k = chip.kernels;
  k.gemm_efficiency.fill(0.8);
  k.tail_elements = 0.9e6;
  k.inner_half = 64;
  k.attention_forward = 0.6;
  k.memory_efficiency = 0.8;
  k.score_efficiency = 0.6;
  k.kernel_gap_s = 3e-6;
  Fabric fabric;
  fabric.up = {.gbs = 300,
               .domain = 8,
               .ll = {8, 1.5, 0.3},
               .ll128 = {10, 1.7, 0.7},
               .simple = {33, 2, 0.78},
               .direct = {14, 0, 0.75}};
  Architecture model;
  model.layers = 80, model.hidden = 8192, model.ffn = 28672, model.vocab = 128256;
  model.heads = 64, model.kv_heads = 8, model.head_dim = 128;
  return {model, {.tensor = 8}, chip, fabric, {.iteration_s = 2e-3}};
}

/// The same load with the engine's own model of iterations.
void one_replica_of_llama(benchmark::State& state) {
  const ReplicaModel model = llama_70b();
  const TimesOf<ReplicaModel> iterations(model);
  const RequestTrace trace = lengths_like_azure(200'000, static_cast<double>(state.range(0)) / 10);
  FleetConfig fleet = one_pool(iterations, 1);
  fleet.pools.front().replica.blocks = model.kv_tokens() / 16;
  PlayedRequests played;
  for (auto _ : state) played = play_requests(trace, fleet);
  report(state, trace, played);
}
BENCHMARK(one_replica_of_llama)->ArgName("rate")->Arg(10)->Arg(30)->Unit(benchmark::kMillisecond);

/// 64 replicas with prefix caches behind one router, scaled by what is in flight.
void fleet_of_64(benchmark::State& state) {
  const LinearTimes model = times();
  const bool exact = state.range(1) != 0;
  const RequestTrace trace = lengths_like_azure(exact ? 50'000 : 400'000, 400, 6);
  FleetConfig fleet = one_pool(model, 48);
  fleet.router.routing = static_cast<RequestRouting>(state.range(0));
  ServingPool& pool = fleet.pools.front();
  pool.replica.exact = exact;
  pool.replica.prefix_caching = PrefixCaching::on;
  pool.scale = {.by = ScaleBy::queue, .min = 16, .max = 64, .target = 40};
  PlayedRequests played;
  for (auto _ : state) played = play_requests(trace, fleet);
  report(state, trace, played);
}
BENCHMARK(fleet_of_64)
    ->ArgNames({"routing", "exact"})
    ->ArgsProduct({{0, 1, 2, 3, 4, 5}, {0}})
    ->Args({3, 1})
    ->Unit(benchmark::kMillisecond);

/// Ten million requests on 16 replicas.
void ten_million(benchmark::State& state) {
  const LinearTimes model = times();
  const RequestTrace trace = lengths_like_azure(10'000'000, 95);
  FleetConfig fleet = one_pool(model, 16);
  fleet.router.routing = RequestRouting::power_of_two;
  PlayedRequests played;
  for (auto _ : state) played = play_requests(trace, fleet);
  report(state, trace, played);
}
BENCHMARK(ten_million)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
