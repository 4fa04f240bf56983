// Random steps: faster hardware is never slower, the parts sum to the step, no step does more than the kernels could,
// memory is positive and shrinks where it is split further.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "models/training/step.hpp"

using namespace alight;

namespace {

struct Case {
  Architecture model;
  Layout layout;
  Accelerator chip;
  Fabric fabric;
};

/// Draws that do not depend on the standard library: only the engine's own numbers are used.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : engine_(seed) {}
  template <class T, std::size_t N>
  T one_of(const T (&values)[N]) {
    return values[engine_() % N];
  }
  double between(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1p-53;
  }
  bool coin() { return engine_() % 2 == 0; }

 private:
  std::mt19937_64 engine_;
};

Accelerator random_chip(Draws& draw) {
  Accelerator chip;
  const double peak = draw.between(100e12, 2000e12);
  chip.peak_flops = {peak, peak, 2 * peak, 2 * peak, 4 * peak, 2 * peak};
  chip.memory_bytes = draw.between(32e9, 192e9);
  chip.memory_bytes_s = draw.between(1e12, 8e12);
  KernelProfile& k = chip.kernels;
  k.gemm_efficiency.fill(draw.between(0.4, 0.9));
  k.tail_elements = draw.between(0, 2e6);
  k.inner_half = draw.between(0, 200);
  k.grouped_efficiency = draw.between(0.4, 1);
  k.attention_forward = draw.between(0.3, 0.7);
  k.attention_backward = draw.between(0.3, 0.6);
  k.portable_attention = draw.between(0.4, 1);
  k.memory_efficiency = draw.between(0.6, 0.95);
  k.score_efficiency = draw.between(0.4, 0.9);
  k.kernel_gap_s = draw.between(0, 5e-6);
  k.overlap_slowdown = draw.between(0, 0.2);
  k.spread = draw.between(0, 0.02);
  k.uncertainty = 0.1;
  chip.software.issue_s = draw.between(0, 30e-6);
  chip.software.traffic = draw.between(0.7, 2);
  chip.software.tuned_attention = draw.coin();
  chip.software.prefetch = draw.between(0.5, 1);
  chip.software.tensor_hidden = draw.between(0, 0.7);
  return chip;
}

Fabric random_fabric(Draws& draw) {
  Fabric fabric;
  fabric.up.gbs = draw.between(50, 900);
  fabric.up.domain = draw.one_of<std::int64_t>({1, 8, 72});
  fabric.up.simple = {draw.between(5, 40), draw.between(1, 5), draw.between(0.6, 0.9)};
  fabric.up.direct = {draw.between(5, 20), 0, draw.between(0.5, 0.8)};
  fabric.out.gbs = draw.between(5, 100);
  fabric.out.efficiency = draw.between(0.7, 0.95);
  fabric.out.direct_efficiency = draw.between(0.5, 0.9);
  fabric.out.ll_us = 5;
  fabric.out.simple_us = draw.between(8, 20);
  fabric.out.message_us = 0.5;
  return fabric;
}

Architecture random_model(Draws& draw) {
  Architecture model;
  model.name = "random";
  model.layers = draw.one_of<std::int64_t>({16, 32, 48, 96});
  model.heads = draw.one_of<std::int64_t>({16, 32, 64});
  model.head_dim = draw.one_of<std::int64_t>({64, 128});
  model.kv_heads = draw.coin() ? model.heads : 8;
  model.hidden = model.heads * model.head_dim;
  model.ffn = model.hidden * 4;
  model.vocab = draw.one_of<std::int64_t>({32000, 128256});
  model.gated = draw.coin();
  model.tied = draw.coin();
  if (draw.coin()) return model;
  model.experts.count = draw.one_of<std::int64_t>({8, 64});
  model.experts.active = draw.one_of<std::int64_t>({1, 2, 8});
  model.experts.shared = draw.one_of<std::int64_t>({0, 1});
  model.experts.ffn = model.hidden / 2;
  return model;
}

Layout random_layout(Draws& draw, const Architecture& model) {
  Layout l;
  l.tensor = draw.one_of<std::int64_t>({1, 2, 8});
  l.sequence_parallel = draw.coin();
  l.pipeline = draw.one_of<std::int64_t>({1, 2, 4, 8});
  l.virtual_stages = l.pipeline > 1 ? draw.one_of<std::int64_t>({1, 2}) : 1;
  l.context = draw.one_of<std::int64_t>({1, 1, 2});
  l.data = draw.one_of<std::int64_t>({1, 2, 8, 64});
  if (model.experts.count > 0) l.expert = draw.one_of<std::int64_t>({1, 2, 8});
  l.micro_batch = draw.one_of<std::int64_t>({1, 2, 4});
  l.global_batch = l.data * l.micro_batch * draw.one_of<std::int64_t>({1, 3, 16});
  l.sequence = draw.one_of<std::int64_t>({2048, 8192});
  l.sharding = draw.one_of({Sharding::none, Sharding::zero1, Sharding::zero1_node, Sharding::zero2, Sharding::zero3,
                            Sharding::fsdp, Sharding::hsdp});
  if (l.sharding == Sharding::hsdp) l.shard_ranks = std::min<std::int64_t>(8, l.data * l.context);
  l.precision = draw.one_of({Precision::fp16, Precision::bf16, Precision::fp8, Precision::nvfp4});
  l.recompute = draw.one_of({Recompute::none, Recompute::selective, Recompute::full});
  l.flash_attention = draw.coin();
  l.overlap_gradients = draw.coin();
  l.overlap_parameters = l.overlap_gradients && draw.coin();
  l.overlap_tensor = draw.coin();
  return l;
}

/// Calls `check` with cases that can be.
template <class Check>
void each_case(int count, Check check) {
  int checked = 0;
  for (std::uint64_t seed = 1; checked < count; ++seed) {
    Draws draw(seed);
    Case c;
    c.model = random_model(draw);
    c.layout = random_layout(draw, c.model);
    c.chip = random_chip(draw);
    c.fabric = random_fabric(draw);
    if (!why_impossible(c.model, c.layout, c.chip).empty()) continue;
    CAPTURE(seed);
    check(c);
    ++checked;
  }
}

double seconds(const Case& c) {
  return predict_step(c.model, c.layout, c.chip, c.fabric).seconds;
}

}  // namespace

TEST_CASE("time falls or stays with faster anything") {
  each_case(400, [](const Case& c) {
    const double before = seconds(c) * (1 + 1e-9);
    const auto faster = [&](auto change) {
      Case changed = c;
      change(changed);
      return seconds(changed);
    };
    CHECK(faster([](Case& x) {
            for (double& peak : x.chip.peak_flops) peak *= 1.5;
          }) <= before);
    CHECK(faster([](Case& x) { x.chip.memory_bytes_s *= 1.5; }) <= before);
    CHECK(faster([](Case& x) { x.fabric.up.gbs *= 1.5; }) <= before);
    CHECK(faster([](Case& x) { x.fabric.out.gbs *= 1.5; }) <= before);
    CHECK(faster([](Case& x) { x.chip.software.issue_s *= 0.5; }) <= before);
    CHECK(faster([](Case& x) { x.chip.software.traffic *= 0.8; }) <= before);
    CHECK(faster([](Case& x) { x.chip.kernels.kernel_gap_s *= 0.5; }) <= before);
    CHECK(faster([](Case& x) { x.chip.kernels.spread *= 0.5; }) <= before);
    CHECK(faster([](Case& x) { x.fabric.up.simple.hop_us *= 0.5; }) <= before);
    CHECK(faster([](Case& x) { x.fabric.out.simple_us *= 0.5; }) <= before);
  });
}

TEST_CASE("the breakdown sums to the step and no part is negative") {
  each_case(1000, [](const Case& c) {
    const TrainingStep step = predict_step(c.model, c.layout, c.chip, c.fabric);
    const StepBreakdown& b = step.breakdown;
    CHECK(b.total() == Approx(step.seconds));
    for (const double part : {b.compute_s, b.tensor_s, b.pipeline_s, b.data_s, b.expert_s, b.context_s, b.bubble_s,
                              b.optimizer_s, b.other_s})
      CHECK(part >= -1e-9 * step.seconds);
    CHECK(step.low_s <= step.seconds);
    CHECK(step.high_s >= step.seconds);
  });
}

TEST_CASE("no step does more model FLOPs than its kernels could") {
  each_case(1000, [](const Case& c) {
    const TrainingStep step = predict_step(c.model, c.layout, c.chip, c.fabric);
    const double rate = step.model_flops / step.seconds / static_cast<double>(c.layout.chips());
    double ceiling = 0;  // the fastest kernel there is
    for (std::size_t p = 0; p < kPrecisions; ++p)
      if (p == static_cast<std::size_t>(c.layout.precision) || p == static_cast<std::size_t>(Precision::bf16))
        ceiling = std::max(ceiling, c.chip.peak_flops[p] * c.chip.kernels.gemm_efficiency[p]);
    const double attention = std::max(c.chip.kernels.attention_forward, c.chip.kernels.attention_backward);
    ceiling = std::max(ceiling, c.chip.peak(Precision::bf16) * attention);
    CHECK(rate <= ceiling * (1 + 1e-9));
    CHECK(step.model_flops <= step.model_flops_legacy * (1 + 1e-12));
    CHECK(step.model_flops <= step.hardware_flops * (1 + 1e-12));
  });
}

TEST_CASE("memory is positive and shrinks where states are split further") {
  each_case(1000, [](const Case& c) {
    const TrainingMemory memory = training_memory(c.model, c.layout);
    for (const double part : {memory.weights, memory.gradients, memory.optimizer, memory.activations}) CHECK(part > 0);
    CHECK(memory.buffers >= 0);
    const auto states = [&](Sharding sharding) {
      Layout layout = c.layout;
      layout.sharding = sharding;
      const TrainingMemory m = training_memory(c.model, layout);
      return m.weights + m.gradients + m.optimizer;
    };
    CHECK(states(Sharding::zero1) <= states(Sharding::none));
    CHECK(states(Sharding::zero2) <= states(Sharding::zero1));
    CHECK(states(Sharding::fsdp) <= states(Sharding::zero2));
    Layout less = c.layout;
    less.recompute = Recompute::full;
    const double in_full = memory.activations / std::max(1.0, fullest_stage(c.model, c.layout).layers);
    CHECK(training_memory(c.model, less).activations <= memory.activations + in_full);
  });
}

TEST_CASE("twice the batch takes at most twice the time, and more than half of it") {
  each_case(400, [](Case c) {
    if (c.layout.micro_batches() == 1) c.layout.global_batch *= 2;  // gradients add up from the second micro-batch on
    const double once = seconds(c);
    c.layout.global_batch *= 2;
    const double twice = seconds(c);
    CHECK(twice > once);
    CHECK(twice <= 2 * once * (1 + 1e-9));
  });
}
