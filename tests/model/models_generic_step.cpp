// A data-parallel step of a model known by the figures of a sample, worked by hand.
#include <catch2/catch.hpp>

#include "models/training/generic_step.hpp"

using namespace alight;

namespace {

// 100 TFLOP/s at half efficiency, 1 TB/s at 80 %, nothing else costs time.
Accelerator plain_chip() {
  Accelerator chip;
  chip.peak_flops.fill(100e12);
  chip.kernels.gemm_efficiency.fill(0.5);
  chip.kernels.memory_efficiency = 0.8;
  chip.memory_bytes = 80e9;
  chip.memory_bytes_s = 1e12;
  return chip;
}

Fabric plain_fabric() {
  Fabric fabric;
  fabric.up.gbs = 100;
  fabric.up.domain = 8;
  fabric.up.simple = {.efficiency = 1};
  return fabric;
}

const GenericModel kModel{
    .name = "made up", .parameters = 0, .dense_parameters = 0, .flops_per_sample = 50e9, .bytes_per_sample = 80e6};

}  // namespace

TEST_CASE("products and memory-bound kernels follow each other") {
  // 50 GFLOP at 50 TFLOP/s: 1 ms; 80 MB at 0.8 TB/s: 0.1 ms. 64 samples: 70.4 ms.
  const TrainingStep step =
      predict_generic_step(kModel, {.chips = 1, .global_batch = 64}, plain_chip(), plain_fabric());
  CHECK(step.seconds == Approx(0.0704));
  CHECK(step.breakdown.compute_s == Approx(0.0704));
  CHECK(step.breakdown.total() == Approx(step.seconds));
  CHECK(step.tokens == 64);
  CHECK(step.model_flops == Approx(64 * 50e9));
}

TEST_CASE("a batch that does not divide makes chips wait for the fullest") {
  // 10 samples over 4 chips: 2.5 each, the fullest takes 3.
  const TrainingStep step =
      predict_generic_step(kModel, {.chips = 4, .global_batch = 10}, plain_chip(), plain_fabric());
  CHECK(step.breakdown.compute_s == Approx(2.5 * 1.1e-3));
  CHECK(step.breakdown.bubble_s == Approx(0.5 * 1.1e-3));
}

TEST_CASE("gradients hide under the backward pass as far as it goes") {
  GenericModel large = kModel;
  large.parameters = large.dense_parameters = 1e9;
  // All-reduce of 2 GB over 8 chips: 2 x 7/8 x 2 GB at 100 GB/s is 35 ms and the latency of nothing; one sample a chip
  // gives 2/3 of 1.1 ms to hide under.
  const TrainingStep step = predict_generic_step(large, {.chips = 8, .global_batch = 8}, plain_chip(), plain_fabric());
  CHECK(step.breakdown.data_s ==
        Approx(estimate(Collective::all_reduce, 2e9, {.ranks = 8, .per_domain = 8}, plain_fabric()).seconds -
               2.0 / 3 * 1.1e-3));
  CHECK(step.breakdown.data_s > 0.03);
  // 42 bytes of each of 1e9 parameters at 0.8 TB/s.
  CHECK(step.breakdown.optimizer_s == Approx(42e9 / 0.8e12));
  CHECK(step.memory.total() == Approx(16e9));
}

TEST_CASE("what cannot run is said") {
  CHECK(why_impossible(GenericLayout{.chips = 16, .global_batch = 8}, plain_chip()) == "a batch of 8 over 16 chips");
  Accelerator old = plain_chip();
  old.peak_flops[static_cast<std::size_t>(Precision::fp8)] = 0;
  CHECK_FALSE(why_impossible(GenericLayout{.chips = 1, .global_batch = 8, .precision = Precision::fp8}, old).empty());
  CHECK(why_impossible(GenericLayout{.chips = 8, .global_batch = 8}, plain_chip()).empty());
}
