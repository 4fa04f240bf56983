// The inference engine model against hand computation.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/inference/closed_loop.hpp"
#include "models/inference/experts.hpp"
#include "models/inference/replica.hpp"

using namespace alight;

namespace {

Architecture dense() {
  return {.name = "dense",
          .layers = 10,
          .hidden = 1024,
          .ffn = 4096,
          .heads = 16,
          .kv_heads = 4,
          .head_dim = 64,
          .vocab = 1000,
          .tied = true};
}

Architecture latent() {
  Architecture a = dense();
  a.head_dim = 192;
  a.latent = {.kv_rank = 512, .q_rank = 256, .rope_dim = 64};
  return a;
}

// 1 PFLOP/s and 1 TB/s, all of it reached; kernels start at no cost.
Accelerator ideal_chip() {
  Accelerator chip;
  chip.peak_flops.fill(1e15);
  chip.memory_bytes = 100e9;
  chip.memory_bytes_s = 1e12;
  chip.kernels.gemm_efficiency.fill(1);
  chip.kernels.attention_forward = 1;
  chip.kernels.memory_efficiency = 1;
  return chip;
}

EngineProfile ideal_engine() {
  EngineProfile engine;
  engine.cache = 1;
  engine.memory_share = 1;
  engine.batched_tokens = 1e6;
  return engine;
}

}  // namespace

TEST_CASE("bytes of a token's cache") {
  // Grouped queries: 2 x 4 heads x 64 elements of 2 bytes in each of 10 layers = 10,240 bytes.
  CHECK(kv_elements(dense()) == 512);
  ServingLayout one;
  CHECK(memory_of(dense(), one, ideal_engine(), 100e9).kv_bytes_per_token == 10240);
  // One byte each: half.
  ServingLayout narrow;
  narrow.kv_bytes = 1;
  CHECK(memory_of(dense(), narrow, ideal_engine(), 100e9).kv_bytes_per_token == 5120);
  // 8 tensor ranks and 4 heads of keys: every head lies twice.
  ServingLayout eight;
  eight.tensor = 8;
  eight.expert_tensor = 8;
  CHECK(memory_of(dense(), eight, ideal_engine(), 100e9).kv_bytes_per_token == 20480);
  // Latent: (512 + 64) x 2 bytes x 10 layers, on each of 8 tensor ranks.
  CHECK(kv_elements(latent()) == 576);
  CHECK(memory_of(latent(), one, ideal_engine(), 100e9).kv_bytes_per_token == 11520);
  CHECK(memory_of(latent(), eight, ideal_engine(), 100e9).kv_bytes_per_token == 8 * 11520);
  // Eight data ranks hold a token once.
  ServingLayout data;
  data.data = 8;
  data.expert_tensor = 8;
  CHECK(memory_of(latent(), data, ideal_engine(), 100e9).kv_bytes_per_token == 11520);
}

TEST_CASE("sliding layers and states do not grow with the context") {
  Architecture a = dense();
  a.sliding_window = 100;
  a.full_every = 5;  // 2 of 10 layers see everything
  ServingLayout one;
  const ServingMemory m = memory_of(a, one, ideal_engine(), 100e9);
  CHECK(m.kv_bytes_per_token == 2 * 512 * 2);
  CHECK(m.kv_bytes_per_sequence == 8 * 512 * 2 * 100);
}

TEST_CASE("capacity is what weights and activations leave") {
  ServingLayout one;
  const ServingMemory m = memory_of(dense(), one, ideal_engine(), 100e9);
  // Attention: 1024 x (2 x 16 + 2 x 4) x 64; feed-forward 3 x 1024 x 4096; embedding 1000 x 1024, tied.
  const double weights = 10 * (1024.0 * 40 * 64 + 3.0 * 1024 * 4096) + 1024.0 * 1000;
  CHECK(m.weight_bytes_per_chip == Approx(2 * weights));
  CHECK(m.free_bytes_per_chip == Approx(100e9 - m.weight_bytes_per_chip - m.activation_bytes_per_chip));
  CHECK(m.kv_tokens == static_cast<std::int64_t>(m.free_bytes_per_chip / 10240));
  CHECK(memory_of(dense(), one, ideal_engine(), 1e9).kv_tokens == 0);
}

TEST_CASE("distinct experts a batch wakes") {
  // One token wakes its own 2 of 8; two tokens 8 (1 - (3/4)^2) = 3.5; very many all.
  CHECK(distinct_experts(8, 2, 1) == Approx(2));
  CHECK(distinct_experts(8, 2, 2) == Approx(3.5));
  CHECK(distinct_experts(8, 2, 1000) == Approx(8));
  CHECK(distinct_experts(8, 2, 0) == 0);
  CHECK(distinct_experts(0, 0, 5) == 0);
}

TEST_CASE("the busiest of equal ranks") {
  CHECK(busiest_rank(1, 100) == 1);
  CHECK(busiest_rank(8, 1e12) == Approx(1).epsilon(1e-4));
  CHECK(busiest_rank(8, 8) > 1.5);
  CHECK(busiest_rank(8, 0.01) == 8);  // one copy lies on one rank
}

TEST_CASE("decode of a small batch takes the time its weights and its cache take to read") {
  ServingLayout one;
  const ReplicaModel replica(dense(), one, ideal_chip(), {}, ideal_engine());
  const IterationTime t = replica.iteration_time({.decodes = 1});
  // 10,240 bytes a token at 1 TB/s.
  CHECK(t.per_token_s == Approx(10240 / 1e12));
  // Weights of layers and output projection at 1 TB/s; activations of one token add less than 2 %.
  const double weights = 2 * (10 * (1024.0 * 40 * 64 + 3.0 * 1024 * 4096) + 1024.0 * 1000);
  CHECK(t.rest_s == Approx(weights / 1e12).epsilon(0.02));
  CHECK(t.seconds(0) == Approx(t.rest_s));
  CHECK(t.seconds(1e6) == Approx(t.rest_s + 1e6 * 10240 / 1e12));
}

TEST_CASE("prefill of a long prompt takes the time its multiplications take") {
  ServingLayout one;
  Accelerator chip = ideal_chip();
  chip.memory_bytes_s = 1e14;  // so that no product waits for it
  const ReplicaModel replica(dense(), one, chip, {}, ideal_engine());
  const double n = 1e5;
  const double seconds =
      replica.iteration_time({.prefill_tokens = n, .prefill_sequences = 1, .prefill_pairs = n * n / 2}).seconds(0);
  // 2 FLOPs a parameter and token, 2 x 2 x 16 x 64 a pair and layer, at 1 PFLOP/s; streaming kernels on top pass ten
  // times over 2 x 1024 bytes a token and layer.
  const double layers = 10 * (1024.0 * 40 * 64 + 3.0 * 1024 * 4096);
  const double pairs = n * n / 2 * 4 * 16 * 64 * 10;
  const double streams = 10 * 10 * 2 * 1024 * n / 1e14;
  CHECK(seconds == Approx((2 * n * layers + pairs) / 1e15 + streams).epsilon(0.01));
}

TEST_CASE("experts: weights of those that are awake are read") {
  Architecture a = dense();
  a.experts = {.count = 64, .active = 4, .ffn = 512};
  ServingLayout one;
  const ReplicaModel replica(a, one, ideal_chip(), {}, ideal_engine());
  const double one_expert = 3.0 * 1024 * 512 * 2;
  // 4 of 64 for one token; 1 token's copies are moved on top, 20 x 4 x 1024 bytes a layer.
  const IterationParts alone = replica.iteration_parts({.decodes = 1}, 0);
  CHECK(alone.experts_s == Approx(10 * (4 * one_expert + 20 * 4 * 1024) / 1e12));
  const IterationParts many = replica.iteration_parts({.decodes = 16}, 0);
  const double awake = 64 * (1 - std::pow(60.0 / 64, 16));
  CHECK(many.experts_s == Approx(10 * (awake * one_expert + 20 * 64 * 1024) / 1e12));
}

TEST_CASE("speculation keeps a part of what it checks") {
  ServingLayout one;
  const Speculation guess{.drafted = 3, .acceptance = 0.5};
  CHECK(guess.kept() == 2.5);
  const ReplicaModel plain(dense(), one, ideal_chip(), {}, ideal_engine());
  const ReplicaModel guesses(dense(), one, ideal_chip(), {}, ideal_engine(), guess);
  CHECK(guesses.tokens_per_iteration() == 2.5);
  // A small batch is bound by its weights: an iteration takes longer by the drafts only, three layers and heads of ten.
  const double once = plain.iteration_time({.decodes = 1}).seconds(0);
  const double more = guesses.iteration_time({.decodes = 1}).seconds(0);
  CHECK(more > once);
  CHECK(more < 1.5 * once);
}

TEST_CASE("one request after the other: the first token takes the prefill, each other an iteration") {
  ServingLayout one;
  const ReplicaModel replica(dense(), one, ideal_chip(), {}, ideal_engine());
  ClosedLoop loop;
  loop.concurrency = 1;
  loop.requests = 3;
  loop.input = 1000;
  loop.output = 101;
  const LoopResult r = run_closed_loop(loop, replica);
  const double first =
      replica.iteration_time({.prefill_tokens = 1000, .prefill_sequences = 1, .prefill_pairs = 1000 * 1001 / 2.0})
          .seconds(0);
  CHECK(r.ttft_s == Approx(first));
  // 100 iterations with 1,001 to 1,100 tokens held.
  double decode = 0;
  const IterationTime t = replica.iteration_time({.decodes = 1});
  for (int i = 0; i < 100; ++i) decode += t.seconds(1001 + i);
  CHECK(r.tpot_s == Approx(decode / 100));
  CHECK(r.seconds == Approx(3 * (first + decode)));
  CHECK(r.tokens_per_s == Approx(303 / r.seconds));
}

TEST_CASE("split pools: the prompt's worker never decodes, the other never waits for prompts") {
  ServingLayout one;
  const ReplicaModel replica(dense(), one, ideal_chip(), {}, ideal_engine());
  ClosedLoop loop;
  loop.concurrency = 1;
  loop.requests = 2;
  loop.input = 1000;
  loop.output = 101;
  SplitPools pools{.prefill = &replica, .decode = &replica};
  const LoopResult split = run_closed_loop(loop, pools);
  const LoopResult whole = run_closed_loop(loop, replica);
  CHECK(split.ttft_s == Approx(whole.ttft_s));
  CHECK(split.tpot_s == Approx(whole.tpot_s));
  // With a handover of 1 s the second token comes so much later.
  pools.handover_s = 1;
  CHECK(run_closed_loop(loop, pools).tpot_s == Approx(whole.tpot_s + 1.0 / 100));
}

TEST_CASE("two halves of a batch read all weights each, and what they exchange hides under the other's work") {
  ServingLayout one, halves;
  halves.two_batches = true;
  const ReplicaModel whole(dense(), one, ideal_chip(), {}, ideal_engine());
  const ReplicaModel split(dense(), halves, ideal_chip(), {}, ideal_engine());
  const IterationTime once = whole.iteration_time({.decodes = 4}), twice = split.iteration_time({.decodes = 8});
  CHECK(twice.rest_s == Approx(2 * once.rest_s));
  CHECK(twice.per_token_s == Approx(once.per_token_s));
}

TEST_CASE("uneven experts: the busiest rank computes so many times the copies") {
  Architecture a = dense();
  a.experts = {.count = 64, .active = 4, .ffn = 512};
  ServingLayout even, uneven;
  uneven.expert_imbalance = 1.5;
  Accelerator chip = ideal_chip();
  chip.memory_bytes_s = 1e16;  // so that nothing waits for it
  const auto experts_s = [&](const ServingLayout& layout) {
    return ReplicaModel(a, layout, chip, {}, ideal_engine())
        .iteration_parts({.prefill_tokens = 1e6, .prefill_sequences = 1, .prefill_pairs = 1e6}, 0)
        .experts_s;
  };
  // 4e6 copies of 3 x 1024 x 512 parameters; the last tiles of 64 experts are lost in them.
  CHECK(experts_s(even) == Approx(10 * 2 * 4e6 * 3 * 1024 * 512 / 1e15).epsilon(0.01));
  CHECK(experts_s(uneven) == Approx(1.5 * experts_s(even)).epsilon(0.01));
}

TEST_CASE("products in blocks wait for their inputs to be quantised, and may be slower") {
  ServingLayout narrow;
  narrow.weights = narrow.attention = Precision::nvfp4;
  EngineProfile engine = ideal_engine();
  const auto products_s = [&] {
    return ReplicaModel(dense(), narrow, ideal_chip(), {}, engine).iteration_parts({.decodes = 1}, 0).products_s;
  };
  const double without = products_s();
  engine.quantise_fp4_s = 3e-6;
  engine.quantise_fp8_s = 1;  // of other products
  // Four products a layer: queries, keys and values; output; up and gate; down.
  CHECK(products_s() == Approx(without + 10 * 4 * 3e-6));

  ServingLayout eight;
  eight.weights = eight.attention = Precision::fp8;
  EngineProfile slow = ideal_engine();
  slow.fp8_products = 0.5;
  Accelerator chip = ideal_chip();
  chip.memory_bytes_s = 1e16;
  const IterationWork prompt{.prefill_tokens = 1e5, .prefill_sequences = 1, .prefill_pairs = 1e5};
  const double fast_s = ReplicaModel(dense(), eight, chip, {}, ideal_engine()).iteration_parts(prompt, 0).products_s;
  CHECK(ReplicaModel(dense(), eight, chip, {}, slow).iteration_parts(prompt, 0).products_s ==
        Approx(2 * fast_s).epsilon(0.01));
}

TEST_CASE("what the cache holds of a prompt is not computed, but attended to") {
  ServingLayout one;
  const ReplicaModel replica(dense(), one, ideal_chip(), {}, ideal_engine());
  ClosedLoop loop;
  loop.requests = 1;
  loop.input = 1000;
  loop.output = 2;
  loop.cached = 0.6;
  // 400 new tokens; the i-th of them attends to 600 + i.
  CHECK(run_closed_loop(loop, replica).ttft_s ==
        Approx(replica
                   .iteration_time(
                       {.prefill_tokens = 400, .prefill_sequences = 1, .prefill_pairs = 400 * 600 + 400 * 401 / 2.0})
                   .seconds(0)));
}

TEST_CASE("a data rank takes no more prompt tokens than an iteration of it holds") {
  ServingLayout four;
  four.data = 4;
  four.expert_tensor = 4;
  EngineProfile engine = ideal_engine();
  engine.batched_tokens = 1000;
  const ReplicaModel replica(dense(), four, ideal_chip(), {}, engine);
  ClosedLoop loop;
  loop.concurrency = loop.requests = 6;
  loop.input = 800;
  loop.output = 1;
  // 4,000 tokens: five prompts, of which one rank would have two; it computes 1,000 of their 1,600. Then the sixth.
  const IterationTime full =
      replica.iteration_time({.prefill_tokens = 4000, .prefill_sequences = 5, .prefill_pairs = 5 * 800 * 801 / 2.0});
  const IterationTime last =
      replica.iteration_time({.prefill_tokens = 3200, .prefill_sequences = 1, .prefill_pairs = 4 * 800 * 801 / 2.0});
  CHECK(run_closed_loop(loop, replica).seconds == Approx(full.seconds(0) + last.seconds(0)));
}
