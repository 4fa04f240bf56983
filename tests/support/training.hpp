// A small model and chips to train it on, with figures made up for easy thought: what training jobs of tests run on.
#pragma once

#include <memory>

#include "sim/runtime/training.hpp"
#include "tests/support/runs.hpp"
#include "tests/support/small_fabric.hpp"

namespace alight::test {

/// 0.9 billion parameters: 16 layers, 2,048 wide.
inline Architecture small_model() {
  return {.name = "small",
          .layers = 16,
          .hidden = 2048,
          .ffn = 8192,
          .heads = 16,
          .kv_heads = 16,
          .head_dim = 128,
          .vocab = 32000,
          .gated = false};
}

/// 300 TFLOP/s at 16 bits, 80 GB.
inline Accelerator small_chip() {
  Accelerator chip;
  chip.peak_flops = {300e12, 300e12};
  chip.memory_bytes = 80e9;
  chip.memory_bytes_s = 2e12;
  chip.kernels.gemm_efficiency.fill(0.7);
  chip.kernels.attention_forward = 0.5;
  chip.kernels.attention_backward = 0.4;
  chip.kernels.memory_efficiency = 0.8;
  chip.kernels.score_efficiency = 0.5;
  chip.kernels.kernel_gap_s = 2e-6;
  return chip;
}

inline Pool trained_pool(std::string name, std::int64_t servers, std::int64_t chips) {
  Pool pool = chips_pool(std::move(name), servers, chips);
  pool.chip.bf16_tflops = 300;
  return pool;
}

/// Every pool of small chips, the one model "small".
inline std::shared_ptr<TrainingGround> small_ground(const Site& site) {
  auto ground = std::make_shared<TrainingGround>();
  for (const Pool& pool : site.pools)
    ground->pools.push_back(
        {.chip = small_chip(), .fabric = small_fabric(pool.server.chips), .server_chips = pool.server.chips});
  ground->models.emplace("small", small_model());
  return ground;
}

/// A training job of 16 chips: 2 tensor, 2 pipeline and 4 data ranks; 65,536 tokens a step. `more`: words of its work
/// beside the layout.
inline Row sixteen(const std::string& more, double steps = 1000) {
  return {.id = "t",
          .chips = 16,
          .model = "small",
          .training = more + " tp2 pp2 dp4 gb64 seq1024",
          .tokens = steps * 64 * 1024};
}

}  // namespace alight::test
