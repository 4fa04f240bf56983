// A chip and a network without losses, so that every term of a step can be worked out by hand, and a small model.
#pragma once

#include "models/training/step.hpp"

namespace alight::test {

/// 100 TFLOP/s in every precision, of which kernels reach half; all else is free.
inline Accelerator ideal_chip() {
  Accelerator chip;
  chip.peak_flops.fill(100e12);
  chip.memory_bytes = 1e15;
  chip.memory_bytes_s = 1e30;
  chip.kernels.gemm_efficiency.fill(0.5);
  chip.kernels.attention_forward = chip.kernels.attention_backward = 0.5;
  chip.kernels.memory_efficiency = chip.kernels.score_efficiency = 1;
  return chip;
}

/// One domain of any size in which nothing takes time.
inline Fabric free_fabric() {
  Fabric fabric;
  fabric.up.gbs = 1e21;
  fabric.up.domain = 1 << 30;
  fabric.up.simple = {0, 0, 1};
  fabric.up.direct = {0, 0, 1};
  return fabric;
}

/// Domains of `domain` chips in which nothing takes time, joined by 50 GB/s a chip without latency.
inline Fabric network_of(std::int64_t domain) {
  Fabric fabric = free_fabric();
  fabric.up.domain = domain;
  fabric.out.gbs = 50;
  fabric.out.efficiency = fabric.out.direct_efficiency = 1;
  return fabric;
}

/// GPT with hidden 1,024, 8 heads of 128 and a vocabulary of 1,024.
inline Architecture small_gpt(std::int64_t layers = 8) {
  Architecture model;
  model.name = "small";
  model.layers = layers;
  model.hidden = 1024;
  model.ffn = 4096;
  model.heads = model.kv_heads = 8;
  model.head_dim = 128;
  model.vocab = 1024;
  model.gated = false;
  model.learned_positions = 2048;
  return model;
}

}  // namespace alight::test
