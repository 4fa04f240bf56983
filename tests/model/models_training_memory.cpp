// Memory by hand: ZeRO's example (Rajbhandari et al., arXiv 1910.02054, figure 1), activations of Korthikanti et al.
// (arXiv 2205.05198, equations 1 to 5), what a pipeline keeps.
#include <catch2/catch.hpp>

#include "tests/support/ideal_chip.hpp"

using namespace alight;

namespace {

Architecture gpt3() {
  Architecture model;
  model.layers = 96;
  model.hidden = 12288;
  model.ffn = 4 * 12288;
  model.heads = model.kv_heads = 96;
  model.head_dim = 128;
  model.vocab = 51200;
  model.gated = false;
  model.tied = true;
  model.learned_positions = 2048;
  return model;
}

double states_per_parameter(Sharding sharding) {
  Layout layout;
  layout.data = 64;
  layout.global_batch = 64;
  layout.sharding = sharding;
  layout.precision = Precision::fp16;
  const TrainingMemory memory = training_memory(gpt3(), layout);
  return (memory.weights + memory.gradients + memory.optimizer) / parameters(gpt3());
}

/// Bytes of activations per token and hidden element of one layer.
double kept(const Layout& layout) {
  return training_memory(gpt3(), layout).activations / (2048.0 * 12288 * 96);
}

}  // namespace

TEST_CASE("ZeRO on 64 ranks: 16, 4.19, 2.22 and 0.25 bytes a parameter") {
  // 2 of weights, 2 of gradients, 12 of Adam; the paper's 7.5 billion parameters make 120, 31.4, 16.6 and 1.88 GB.
  CHECK(states_per_parameter(Sharding::none) == Approx(16));
  CHECK(states_per_parameter(Sharding::zero1) == Approx(4 + 12.0 / 64));
  CHECK(states_per_parameter(Sharding::zero2) == Approx(2 + 14.0 / 64));
  CHECK(states_per_parameter(Sharding::zero3) == Approx(16.0 / 64));
}

TEST_CASE("gradients of bf16 training are kept in 32 bits; adapters train none of the base") {
  Layout layout;
  CHECK(training_memory(gpt3(), layout).gradients == Approx(4 * parameters(gpt3())));
  layout.low_rank_adapters = true;
  CHECK(training_memory(gpt3(), layout).gradients == 0);
  CHECK(training_memory(gpt3(), layout).optimizer == 0);
}

TEST_CASE("sharding inside groups divides by the group") {
  Layout layout;
  layout.data = layout.global_batch = 64;
  layout.sharding = Sharding::hsdp;
  layout.shard_ranks = 8;
  CHECK(training_memory(gpt3(), layout).optimizer == Approx(12 * parameters(gpt3()) / 8));
  layout.sharding = Sharding::zero1_node;
  CHECK(training_memory(gpt3(), layout).optimizer == Approx(12 * parameters(gpt3()) / 8));
  CHECK(training_memory(gpt3(), layout).weights == Approx(2 * parameters(gpt3())));
}

TEST_CASE("activations of GPT-3 as Korthikanti counts them") {
  Layout layout;
  layout.flash_attention = false;
  // Equation 1: 34 + 5 a s / h = 34 + 5 x 96 x 2048 / 12288 = 34 + 80.
  CHECK(kept(layout) == Approx(114));
  // Equation 2, tensor parallel over 8: 10 + 24 / 8 + 80 / 8.
  layout.tensor = 8;
  CHECK(kept(layout) == Approx(10 + 3 + 10));
  // Equation 4, with sequence parallelism: all of it over 8.
  layout.sequence_parallel = true;
  CHECK(kept(layout) == Approx(114.0 / 8));
  // Equation 6, selective recomputation: without the scores. A fused kernel keeps none of them either.
  layout.recompute = Recompute::selective;
  CHECK(kept(layout) == Approx(34.0 / 8));
  layout.recompute = Recompute::none;
  layout.flash_attention = true;
  CHECK(kept(layout) == Approx(34.0 / 8));
  // Table 2, full recomputation: 2 s b h of inputs (split by sequence parallelism), and one of 96 layers in full.
  layout.recompute = Recompute::full;
  CHECK(kept(layout) == Approx(2.0 / 8 + 34.0 / 8 / 96));
}

TEST_CASE("the first stage of a pipeline keeps as many micro-batches as there are stages") {
  Layout layout;
  layout.global_batch = 64;
  layout.pipeline = 8;
  // 12 layers, 8 micro-batches: as much as 96 layers.
  CHECK(kept(layout) == Approx(34));
  layout.virtual_stages = 3;
  CHECK(kept(layout) == Approx(34 * (1 + 7.0 / 24)));
  layout.virtual_stages = 1;
  layout.global_batch = 4;
  CHECK(kept(layout) == Approx(34.0 / 2));
  layout.global_batch = 64;
  layout.schedule = Schedule::gpipe;
  CHECK(kept(layout) == Approx(34 * 64 / 8.0));
}

TEST_CASE("logits take six bytes a token and word where head and first stage are one") {
  Layout layout;
  layout.micro_batch = layout.global_batch = 2;
  layout.tensor = 4;
  CHECK(training_memory(gpt3(), layout).buffers == Approx(6.0 * 2 * 2048 * 51200 / 4));
  layout.pipeline = 4;
  CHECK(training_memory(gpt3(), layout).buffers == 0);
}

TEST_CASE("parts sum to the total") {
  const TrainingMemory memory{.weights = 1, .gradients = 2, .optimizer = 4, .activations = 8, .buffers = 16};
  CHECK(memory.total() == 31);
}
