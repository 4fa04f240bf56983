// Reading and writing job tables: a million rows of eight columns, from text in memory to ordered jobs.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <sstream>
#include <string>

#include "workloads/traces/formats.hpp"
#include "workloads/traces/write_csv.hpp"

namespace {

using namespace alight;

std::uint64_t next(std::uint64_t& state) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return state >> 33;
}

Workload jobs(std::int64_t count) {
  Workload workload;
  std::uint64_t state = 7;
  double now = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    Job job;
    now += static_cast<double>(next(state) % 4096) / 1024;
    job.id = "job-" + std::to_string(i);
    job.submit_s = now;
    job.chips = 1 << next(state) % 7;
    job.duration_s = static_cast<double>(next(state) % 8000000) / 1024;
    job.estimate_s = job.duration_s * 2;
    job.kill_at_estimate = true;
    job.user = workload.names.intern("user" + std::to_string(next(state) % 500));
    job.vc = workload.names.intern("vc" + std::to_string(next(state) % 20));
    workload.jobs.push_back(std::move(job));
  }
  return workload;
}

std::string table(std::int64_t count) {
  std::ostringstream out;
  write_csv(out, jobs(count));
  return out.str();
}

void read_table(benchmark::State& state) {
  const Input input{"jobs.csv", table(state.range(0))};
  for (auto _ : state) {
    auto workload = read_alight(Inputs(&input, 1), {});
    benchmark::DoNotOptimize(workload->jobs.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input.text.size()));
}
BENCHMARK(read_table)->Arg(10000)->Arg(100000)->Arg(1000000)->Unit(benchmark::kMillisecond);

void write_table(benchmark::State& state) {
  const Workload workload = jobs(state.range(0));
  for (auto _ : state) {
    std::ostringstream out;
    write_csv(out, workload);
    benchmark::DoNotOptimize(out.view().data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(write_table)->Arg(1000000)->Unit(benchmark::kMillisecond);

}  // namespace
