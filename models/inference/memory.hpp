// What a replica's memory holds: weights, keys and values, what iterations need besides.
#pragma once

#include <cstdint>

#include "models/inference/engine.hpp"
#include "models/training/accelerator.hpp"
#include "models/training/architecture.hpp"

namespace alight {

struct ServingMemory {
  double weight_bytes_per_chip = 0;
  double activation_bytes_per_chip = 0;
  double free_bytes_per_chip = 0;  ///< for the cache; negative where the rest does not fit
  /// Of one token of context in the memory of the whole replica; 0 where no layer keeps keys and values that grow.
  double kv_bytes_per_token = 0;
  double kv_bytes_per_sequence = 0;
  std::int64_t kv_tokens = 0;
};

/// Elements one token leaves in the cache of one full attention layer: keys and values of all heads, 2 k d; with latent
/// attention the compressed vector and the positional key, r + rope (DeepSeek-V2, arXiv 2405.04434 section 2.1.4).
double kv_elements(const Architecture& model);
/// Attention layers whose cache grows with the context: all but sliding ones.
std::int64_t growing_layers(const Architecture& model);
/// Copies of a token's cache inside a group of tensor ranks: 1 where heads are split, more where there are fewer heads
/// of keys than ranks, the ranks themselves with latent attention, whose one vector all heads read.
double kv_copies(const Architecture& model, std::int64_t tensor);

/// Bytes of a weight, its share of scales counted: 1/128 x 128 of 4 bytes with fp8 blocks, 1/16 of one byte with
/// nvfp4 (16 elements a block, NVIDIA NVFP4 format).
double weight_bytes(Precision precision);

/// Of a replica whose chips have so much memory. Activations: 16 bits of the widest intermediate of the largest
/// iteration, twice over, and 2 GB for the runtime and its graphs (what vLLM's and TensorRT-LLM's logs state is 1 to 3
/// GB).
ServingMemory memory_of(const Architecture& model, const ServingLayout& layout, const EngineProfile& engine,
                        double chip_bytes);

}  // namespace alight
