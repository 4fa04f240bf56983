// Requests: reading a table and JSON lines, counting what they are like, making and stretching them.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <sstream>
#include <string>

#include "workloads/requests/formats.hpp"
#include "workloads/requests/generator.hpp"
#include "workloads/requests/reshape.hpp"
#include "workloads/requests/statistics.hpp"
#include "workloads/requests/write_csv.hpp"

namespace {

using namespace alight;

RequestGeneratorSpec talking(std::int64_t requests) {
  RequestGeneratorSpec spec;
  spec.rate_per_s = 100;
  spec.requests = requests;
  LengthSpec prompt, output;
  prompt.median = 300;
  prompt.sigma = 1;
  output.mean = 200;
  spec.prompt = prompt;
  spec.output = output;
  spec.system_prompt.tokens = 1000;
  spec.sessions = SessionSpec{};
  spec.sessions->turns.mean = 4;
  return spec;
}

/// A row of Mooncake's trace has 24 blocks on average.
std::string mooncake_lines(std::int64_t rows) {
  std::string text;
  for (std::int64_t i = 0; i < rows; ++i) {
    text += "{\"timestamp\": " + std::to_string(3 * i) +
            ", \"input_length\": 12000, \"output_length\": 342, \"hash_ids\": [";
    for (int k = 0; k < 24; ++k) text += (k == 0 ? "" : ", ") + std::to_string(k < 9 ? k : 15 * i + k);
    text += "]}\n";
  }
  return text;
}

void read(benchmark::State& state, const Input& input) {
  for (auto _ : state) {
    Diagnostics d;
    auto read = read_requests(std::vector<Input>{input}, "auto", {}, d);
    benchmark::DoNotOptimize(read->trace.requests.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input.text.size()));
}

void read_request_table(benchmark::State& state) {
  std::ostringstream out;
  write_request_csv(out, generate_requests(talking(state.range(0)), "bench", 1));
  read(state, {"requests.csv", out.str()});
}
BENCHMARK(read_request_table)->Arg(100000)->Unit(benchmark::kMillisecond);

void read_azure(benchmark::State& state) {
  std::string text = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  for (std::int64_t i = 0; i < state.range(0); ++i)
    text += "2023-11-16 18:" + std::to_string(10 + i * 49 / state.range(0)) + ":03.9799600," +
            std::to_string(i % 5000 + 1) + ",17\n";
  read(state, {"azure.csv", text});
}
BENCHMARK(read_azure)->Arg(100000)->Unit(benchmark::kMillisecond);

void read_mooncake(benchmark::State& state) {
  read(state, {"requests.jsonl", mooncake_lines(state.range(0))});
}
BENCHMARK(read_mooncake)->Arg(100000)->Unit(benchmark::kMillisecond);

void count_requests(benchmark::State& state) {
  const RequestTrace trace = generate_requests(talking(state.range(0)), "bench", 1);
  for (auto _ : state) benchmark::DoNotOptimize(statistics_of(trace).prefix().of_tokens());
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(count_requests)->Arg(1000000)->Unit(benchmark::kMillisecond);

void generate_sessions(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(generate_requests(talking(state.range(0)), "bench", 1).requests.data());
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(generate_sessions)->Arg(1000000)->Unit(benchmark::kMillisecond);

void refill(benchmark::State& state) {
  const RequestTrace trace = generate_requests(talking(100000), "bench", 1);
  const double rate = *mean_rate_per_s(trace);
  for (auto _ : state) {
    RequestTrace more = trace;
    refill_to_rate(more, 10 * rate, CopiedBlocks::fresh);
    benchmark::DoNotOptimize(more.requests.data());
  }
  state.SetItemsProcessed(state.iterations() * 1000000);
}
BENCHMARK(refill)->Unit(benchmark::kMillisecond);

}  // namespace
