// A step by hand, on a chip without losses: FLOPs over rate, bubbles, traffic of gradients and parameters.
#include <catch2/catch.hpp>

#include "models/training/stage.hpp"
#include "tests/support/ideal_chip.hpp"

using namespace alight;
using test::free_fabric;
using test::ideal_chip;
using test::network_of;
using test::small_gpt;

namespace {

constexpr double kRate = 100e12 * 0.5;

/// One sequence of 2,048 tokens; attention not fused, whose products are then products like the others.
Layout plain() {
  Layout layout;
  layout.flash_attention = false;
  layout.overlap_gradients = layout.overlap_parameters = false;
  return layout;
}

// FLOPs of one token. A layer has 4 h^2 + 8 h^2 weights; scores and weighted values are 2 x 2 s h forward, the whole
// square, as a kernel that is not fused computes it.
constexpr double kHidden = 1024, kTokens = 2048;
constexpr double kLayerForward = 2 * 12 * kHidden * kHidden + 4 * kTokens * kHidden;
constexpr double kHeadForward = 2 * kHidden * kHidden;

}  // namespace

TEST_CASE("a step without losses takes its FLOPs over the rate") {
  const TrainingStep step = predict_step(small_gpt(), plain(), ideal_chip(), free_fabric());
  CHECK(step.breakdown.compute_s == Approx(kTokens * 3 * (8 * kLayerForward + kHeadForward) / kRate));
  CHECK(step.seconds == Approx(step.breakdown.compute_s));
  CHECK(step.tokens == kTokens);
  CHECK(step.tokens_per_s_per_chip(1) == Approx(kTokens / step.seconds));
}

TEST_CASE("recomputation runs the forward pass of the layers again, not of the head") {
  Layout layout = plain();
  layout.recompute = Recompute::full;
  const TrainingStep full = predict_step(small_gpt(), layout, ideal_chip(), free_fabric());
  CHECK(full.breakdown.compute_s == Approx(kTokens * (8 * 4 * kLayerForward + 3 * kHeadForward) / kRate));
  layout.recompute = Recompute::selective;
  const TrainingStep selective = predict_step(small_gpt(), layout, ideal_chip(), free_fabric());
  CHECK(selective.breakdown.compute_s ==
        Approx(kTokens * (3 * (8 * kLayerForward + kHeadForward) + 8 * 4 * kTokens * kHidden) / kRate));
}

TEST_CASE("model FLOPs, legacy FLOPs, hardware FLOPs") {
  // Causal attention is half the square.
  const double causal = 8 * (kLayerForward - 2 * kTokens * kHidden), square = 8 * kLayerForward;
  Layout layout = plain();
  TrainingStep step = predict_step(small_gpt(), layout, ideal_chip(), free_fabric());
  CHECK(step.model_flops == Approx(kTokens * 3 * (causal + kHeadForward)));
  CHECK(step.model_flops_legacy == Approx(kTokens * 3 * (square + kHeadForward)));
  CHECK(step.hardware_flops == Approx(step.model_flops));
  layout.recompute = Recompute::full;
  step = predict_step(small_gpt(), layout, ideal_chip(), free_fabric());
  CHECK(step.hardware_flops == Approx(step.model_flops + kTokens * causal));
  layout.recompute = Recompute::selective;
  step = predict_step(small_gpt(), layout, ideal_chip(), free_fabric());
  CHECK(step.hardware_flops == Approx(step.model_flops + kTokens * 8 * 2 * kTokens * kHidden));
  // A fused kernel repeats the scores inside itself, which does not count.
  layout.flash_attention = true;
  step = predict_step(small_gpt(), layout, ideal_chip(), free_fabric());
  CHECK(step.hardware_flops == Approx(step.model_flops));
}

TEST_CASE("tensor parallelism divides the products, data parallelism the batch") {
  const double alone = predict_step(small_gpt(), plain(), ideal_chip(), free_fabric()).seconds;
  Layout layout = plain();
  layout.tensor = 4;
  CHECK(predict_step(small_gpt(), layout, ideal_chip(), free_fabric()).seconds == Approx(alone / 4));
  layout = plain();
  layout.data = 8;
  layout.global_batch = 8;
  CHECK(predict_step(small_gpt(), layout, ideal_chip(), free_fabric()).seconds == Approx(alone));
  layout.global_batch = 32;
  CHECK(predict_step(small_gpt(), layout, ideal_chip(), free_fabric()).seconds == Approx(4 * alone));
}

TEST_CASE("the bubble is (p - 1) / (m v) of the ideal, and every stage waits for the one with the head") {
  // Seconds of one layer and of the head for one micro-batch, both directions.
  const double l = kTokens * 3 * kLayerForward / kRate, h = kTokens * 3 * kHeadForward / kRate;
  Layout layout = plain();
  layout.pipeline = 4;
  layout.global_batch = 8;
  // Two layers a stage, the last with the head: 8 (2 l + h) at its pace and (8 l + h) - (2 l + h) to fill and drain.
  TrainingStep step = predict_step(small_gpt(), layout, ideal_chip(), free_fabric());
  CHECK(step.seconds == Approx(8 * (2 * l + h) + 6 * l));
  CHECK(step.breakdown.compute_s == Approx(8 * (8 * l + h) / 4));
  CHECK(step.breakdown.bubble_s == Approx(step.seconds - 2 * (8 * l + h)));
  // Without the head that is 3/8 of the ideal 16 l.
  CHECK(step.breakdown.bubble_s - 6 * h == Approx(3.0 / 8 * 16 * l));
  layout.virtual_stages = 2;
  step = predict_step(small_gpt(), layout, ideal_chip(), free_fabric());
  CHECK(step.breakdown.bubble_s - 6 * h == Approx(3.0 / 16 * 16 * l));
}

TEST_CASE("state traffic: bytes of each kind of sharding over the wire") {
  // 1e9 parameters over 8 ranks, one a domain, 50 GB/s: a gathering or a scattering of B bytes moves 7/8 B.
  const Fabric fabric = network_of(1);
  const Group replicas{.ranks = 8, .per_domain = 1};
  const double byte_s = 1e9 * 7 / 8 / 50e9;
  Layout layout;  // bf16, whose gradients are reduced in 32 bits
  StateTraffic traffic = state_traffic(layout, 1e9, replicas, fabric);
  CHECK(traffic.reduce_s == Approx(2 * 4 * byte_s));
  CHECK(traffic.gather_s == 0);
  layout.sharding = Sharding::zero1;
  traffic = state_traffic(layout, 1e9, replicas, fabric);
  CHECK(traffic.reduce_s == Approx(4 * byte_s));
  CHECK(traffic.gather_s == Approx(2 * byte_s));
  layout.precision = Precision::fp16;
  CHECK(state_traffic(layout, 1e9, replicas, fabric).reduce_s == Approx(2 * byte_s));
  for (const Sharding sharding : {Sharding::zero3, Sharding::fsdp, Sharding::hsdp}) {
    layout.sharding = sharding;
    CHECK(state_traffic(layout, 1e9, replicas, fabric).reduce_s == 0);
  }
  layout.sharding = Sharding::none;
  layout.low_rank_adapters = true;
  CHECK(state_traffic(layout, 1e9, replicas, fabric).reduce_s == 0);
}

TEST_CASE("node-local ZeRO-1 gathers inside the node, where it costs next to nothing") {
  const Fabric fabric = network_of(8);
  const Group replicas{.ranks = 64, .per_domain = 8};
  Layout layout;
  layout.sharding = Sharding::zero1;
  const StateTraffic global = state_traffic(layout, 1e9, replicas, fabric);
  layout.sharding = Sharding::zero1_node;
  const StateTraffic local = state_traffic(layout, 1e9, replicas, fabric);
  CHECK(global.gather_s > 1e-3);
  CHECK(local.gather_s < 1e-9);
}

TEST_CASE("gradients are exposed unless they run beside the backward pass") {
  Layout layout = plain();
  layout.data = 8;
  layout.global_batch = 8;
  const Fabric fabric = network_of(1);
  const TrainingStep exposed = predict_step(small_gpt(), layout, ideal_chip(), fabric);
  const double all =
      state_traffic(layout, local_parameters(small_gpt(), layout).dense, Group{.ranks = 8, .per_domain = 1}, fabric)
          .reduce_s;
  CHECK(exposed.breakdown.data_s == Approx(all));
  layout.overlap_gradients = true;
  const TrainingStep hidden = predict_step(small_gpt(), layout, ideal_chip(), fabric);
  // One backward pass is two thirds of the layers' FLOPs; of the gradients the last of 8 buckets has nothing beside it.
  const double backward = kTokens * 2 * 8 * kLayerForward / kRate;
  CHECK(hidden.breakdown.data_s == Approx(std::max(0.0, all * 7 / 8 - backward) + all / 8));
}

TEST_CASE("what is laid over computation hides as far as there is room, and slows it") {
  Accelerator chip = ideal_chip();
  chip.kernels.overlap_slowdown = 0.1;
  const Overlap most = lay_over(3, 2, chip);
  CHECK(most.exposed == Approx(1));
  CHECK(most.slowed == Approx(0.2));
  const Overlap all = lay_over(1, 2, chip);
  CHECK(all.exposed == 0);
  CHECK(all.slowed == Approx(0.1));
}

TEST_CASE("a step of many small kernels is bound by the host") {
  Accelerator chip = ideal_chip();
  const double free = predict_step(small_gpt(), plain(), chip, free_fabric()).seconds;
  chip.software.issue_s = 1e-3;
  const TrainingStep step = predict_step(small_gpt(), plain(), chip, free_fabric());
  CHECK(step.seconds > 10 * free);
  CHECK(step.breakdown.compute_s == Approx(free));
  CHECK(step.breakdown.other_s == Approx(step.seconds - free));
}

TEST_CASE("layouts that cannot be are told why") {
  const auto why = [](const Layout& layout) { return why_impossible(small_gpt(), layout, ideal_chip()); };
  CHECK(why(plain()).empty());
  Layout layout = plain();
  layout.tensor = 3;
  CHECK(why(layout) == "8 heads over 3 tensor ranks");
  layout = plain();
  layout.pipeline = 16;
  CHECK(why(layout) == "8 layers over 16 pipeline chunks");
  layout = plain();
  layout.expert = 2;
  CHECK(why(layout) == "0 experts over 2 expert ranks");
  layout = plain();
  layout.data = 3;
  layout.global_batch = 4;
  CHECK(why(layout) == "a batch of 4 sequences over 3 data ranks in micro-batches of 1");
  Accelerator chip = ideal_chip();
  chip.peak_flops[static_cast<std::size_t>(Precision::nvfp4)] = 0;
  layout = plain();
  layout.precision = Precision::nvfp4;
  CHECK(why_impossible(small_gpt(), layout, chip) == "the chip does not compute in this precision");
}
