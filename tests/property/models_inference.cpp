// What must hold of the inference engine model whatever the numbers.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/inference/closed_loop.hpp"
#include "models/random/streams.hpp"

using namespace alight;

namespace {

struct Draw {
  Stream draws = stream(7, "inference");
  std::int64_t of(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(draws() % static_cast<std::uint64_t>(high - low + 1));
  }
  double share() { return static_cast<double>(of(1, 1000)) / 1000; }
};

Architecture random_model(Draw& draw) {
  Architecture a;
  a.name = "random";
  a.layers = draw.of(2, 80);
  a.hidden = 128 * draw.of(4, 64);
  a.ffn = 128 * draw.of(8, 200);
  a.kv_heads = std::int64_t{1} << draw.of(0, 4);
  a.heads = a.kv_heads * (std::int64_t{1} << draw.of(0, 3)) * 4;
  a.head_dim = 64 * draw.of(1, 3);
  a.vocab = draw.of(1000, 200000);
  if (draw.of(0, 1)) {
    a.experts = {.count = 8 * draw.of(1, 32), .active = draw.of(1, 8), .shared = draw.of(0, 1), .ffn = 256};
    a.ffn = 0;
  }
  if (draw.of(0, 2) == 0) a.latent = {.kv_rank = 512, .q_rank = 512, .rope_dim = 32};
  return a;
}

ServingLayout random_layout(Draw& draw, const Architecture& a) {
  ServingLayout l;
  l.tensor = std::int64_t{1} << draw.of(0, 2);
  l.data = std::int64_t{1} << draw.of(0, 2);
  if (a.experts.count > 0) l.expert = std::int64_t{1} << draw.of(0, 2);
  while (l.stage_chips() % l.expert != 0) l.expert /= 2;
  l.expert_tensor = l.stage_chips() / l.expert;
  return l;
}

Accelerator random_chip(Draw& draw) {
  Accelerator chip;
  chip.peak_flops.fill(1e14 * static_cast<double>(draw.of(1, 100)));
  chip.memory_bytes = 1e12;
  chip.memory_bytes_s = 1e11 * static_cast<double>(draw.of(5, 100));
  chip.kernels.gemm_efficiency.fill(0.3 + 0.6 * draw.share());
  chip.kernels.attention_forward = 0.2 + 0.6 * draw.share();
  chip.kernels.memory_efficiency = 0.5 + 0.5 * draw.share();
  chip.kernels.kernel_gap_s = 5e-6 * draw.share();
  chip.kernels.tail_elements = 1e6 * draw.share();
  return chip;
}

Fabric fabric() {
  Fabric f;
  f.up.gbs = 450;
  f.up.domain = 16;
  f.up.ll = {.base_us = 5, .hop_us = 1, .efficiency = 0.45};
  f.up.simple = {.base_us = 15, .hop_us = 3, .efficiency = 0.8};
  f.up.direct = {.base_us = 12, .hop_us = 0, .efficiency = 0.65};
  return f;
}

EngineProfile engine() {
  EngineProfile e;
  e.iteration_s = 5e-4;
  e.sequence_s = 5e-6;
  e.layer_s = 1e-5;
  e.prompt_layer_s = 1e-4;
  e.reduce_s = 6e-6;
  e.request_s = 0.02;
  return e;
}

}  // namespace

TEST_CASE("an iteration never gets shorter with more to do, nor longer on a better chip") {
  Draw draw;
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    const Architecture a = random_model(draw);
    const ServingLayout l = random_layout(draw, a);
    const Accelerator chip = random_chip(draw);
    const ReplicaModel replica(a, l, chip, fabric(), engine());
    const double batch = static_cast<double>(draw.of(1, 500)), context = batch * static_cast<double>(draw.of(1, 8000));
    const double one = replica.iteration_time({.decodes = batch}).seconds(context);
    REQUIRE(std::isfinite(one));
    REQUIRE(one > 0);
    // More sequences may spread experts more evenly, which saves a little; nothing else shortens.
    CHECK(replica.iteration_time({.decodes = 2 * batch}).seconds(context) >= one * (a.experts.count > 0 ? 0.9 : 1));
    CHECK(replica.iteration_time({.decodes = batch}).seconds(2 * context) >= one);
    const IterationWork prompts{.prefill_tokens = 2000, .prefill_sequences = 2, .prefill_pairs = 1e6, .decodes = batch};
    CHECK(replica.iteration_time(prompts).seconds(context) >= one * (a.experts.count > 0 ? 0.9 : 1));
    Accelerator wide = chip;
    wide.memory_bytes_s *= 2;
    CHECK(ReplicaModel(a, l, wide, fabric(), engine()).iteration_time({.decodes = batch}).seconds(context) <= one);
    Accelerator fast = chip;
    for (double& peak : fast.peak_flops) peak *= 2;
    CHECK(ReplicaModel(a, l, fast, fabric(), engine()).iteration_time({.decodes = batch}).seconds(context) <= one);
    // Its parts sum to it, and it is of the form that is promised.
    const IterationTime t = replica.iteration_time({.decodes = batch});
    CHECK(replica.iteration_parts({.decodes = batch}, context).seconds() == Approx(t.seconds(context)));
    CHECK(t.seconds(3 * context) - t.seconds(2 * context) ==
          Approx(t.seconds(2 * context) - t.seconds(context)).margin(1e-12));
  }
}

TEST_CASE("an iteration of nothing takes no time") {
  Draw draw;
  const Architecture a = random_model(draw);
  const ReplicaModel replica(a, {}, random_chip(draw), fabric(), engine());
  CHECK(replica.iteration_time({}).seconds(0) == 0);
}

TEST_CASE("a benchmark gives out what was asked, never more under way than allowed") {
  Draw draw;
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    const Architecture a = random_model(draw);
    const ServingLayout l = random_layout(draw, a);
    EngineProfile e = engine();
    e.batching = draw.of(0, 1) ? Batching::mixed : Batching::prefill_first;
    e.poll = static_cast<double>(draw.of(0, 20));
    e.poll_many = e.poll;
    e.gather = static_cast<double>(draw.of(0, 30));
    e.stream = static_cast<double>(draw.of(1, 20));
    const Speculation guess{.drafted = draw.of(0, 3), .acceptance = draw.share()};
    const ReplicaModel replica(a, l, random_chip(draw), fabric(), e, guess);
    if (replica.kv_tokens() < 20000) continue;
    ClosedLoop loop;
    loop.concurrency = draw.of(1, 60);
    loop.requests = loop.concurrency * draw.of(1, 6);
    loop.input = static_cast<double>(draw.of(1, 3000));
    loop.output = static_cast<double>(draw.of(1, 500));
    loop.shortest = draw.share();
    const LoopResult r = run_closed_loop(loop, replica);
    REQUIRE(r.seconds > 0);
    CHECK(r.mean_batch <= static_cast<double>(loop.concurrency));
    CHECK(r.ttft_s >= e.request_s);
    CHECK(r.tokens_per_s * r.seconds <= loop.output * static_cast<double>(loop.requests) * (1 + 1e-9));
    CHECK(r.tokens_per_s * r.seconds >= loop.shortest * loop.output * static_cast<double>(loop.requests) * 0.99 - 1e-6);
    // The same again, to the last bit.
    const LoopResult again = run_closed_loop(loop, replica);
    CHECK(again.ttft_s == r.ttft_s);
    CHECK(again.tpot_s == r.tpot_s);
  }
}

TEST_CASE("more requests under way give more tokens a second, each of them later") {
  Draw draw;
  for (int round = 0; round < 30; ++round) {
    CAPTURE(round);
    const Architecture a = random_model(draw);
    const ReplicaModel replica(a, random_layout(draw, a), random_chip(draw), fabric(), engine());
    double tokens = 0, tpot = 0;
    for (const std::int64_t c : {1, 8, 64}) {
      ClosedLoop loop{.concurrency = c, .requests = 6 * c, .input = 500, .output = 300};
      loop.slots = 0;
      if (static_cast<double>(replica.kv_tokens()) < static_cast<double>(c) * 800) continue;
      const LoopResult r = run_closed_loop(loop, replica);
      CHECK(r.tokens_per_s >= tokens * 0.98);
      CHECK(r.tpot_s >= tpot * 0.9);
      tokens = r.tokens_per_s;
      tpot = r.tpot_s;
    }
  }
}
