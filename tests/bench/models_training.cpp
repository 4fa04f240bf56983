// One predicted step: GPT-3 175B on 1,024 A100-like chips, and a mixture of experts over four kinds of parallelism.
#include <benchmark/benchmark.h>

#include "models/training/step.hpp"

namespace {

using namespace alight;

Accelerator a100() {
  Accelerator chip;
  chip.peak_flops = {312e12, 312e12, 0, 0, 0, 624e12};
  chip.memory_bytes = 80e9;
  chip.memory_bytes_s = 2.04e12;
  KernelProfile& k = chip.kernels;
  k.gemm_efficiency.fill(0.8);
  k.tail_elements = 0.9e6;
  k.inner_half = 64;
  k.attention_forward = 0.6;
  k.attention_backward = 0.5;
  k.memory_efficiency = 0.8;
  k.score_efficiency = 0.6;
  k.kernel_gap_s = 3e-6;
  k.overlap_slowdown = 0.1;
  chip.software = {.issue_s = 20e-6, .tensor_hidden = 0.6};
  return chip;
}

Fabric fabric() {
  Fabric f;
  f.up = {.gbs = 300,
          .domain = 8,
          .ll = {8, 1.5, 0.3},
          .ll128 = {10, 1.7, 0.7},
          .simple = {33, 2, 0.78},
          .direct = {14, 0, 0.75}};
  f.out = {.gbs = 25, .efficiency = 0.93, .direct_efficiency = 0.85, .ll_us = 5, .simple_us = 14};
  return f;
}

Architecture gpt3() {
  Architecture model;
  model.layers = 96;
  model.hidden = 12288;
  model.ffn = 49152;
  model.heads = model.kv_heads = 96;
  model.head_dim = 128;
  model.vocab = 51200;
  model.gated = false;
  model.tied = true;
  model.learned_positions = 2048;
  return model;
}

void gpt3_step(benchmark::State& state) {
  const Architecture model = gpt3();
  const Accelerator chip = a100();
  const Fabric network = fabric();
  Layout layout{.tensor = 8,
                .sequence_parallel = true,
                .pipeline = 8,
                .virtual_stages = 3,
                .data = 16,
                .sharding = Sharding::zero1,
                .global_batch = 1536,
                .recompute = Recompute::selective};
  for (auto _ : state) {
    benchmark::DoNotOptimize(layout);
    benchmark::DoNotOptimize(predict_step(model, layout, chip, network));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(gpt3_step);

void experts_step(benchmark::State& state) {
  Architecture model = gpt3();
  model.layers = 60;
  model.hidden = 5120;
  model.ffn = 12288;
  model.gated = true;
  model.experts = {.count = 160, .active = 6, .shared = 2, .ffn = 1536, .dense_layers = 1};
  const Accelerator chip = a100();
  const Fabric network = fabric();
  Layout layout{.pipeline = 4,
                .context = 2,
                .expert = 32,
                .data = 64,
                .sharding = Sharding::zero1,
                .global_batch = 2048,
                .sequence = 4096};
  for (auto _ : state) {
    benchmark::DoNotOptimize(layout);
    benchmark::DoNotOptimize(predict_step(model, layout, chip, network));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(experts_step);

}  // namespace
