#include "models/inference/memory.hpp"

#include <algorithm>

namespace alight {

namespace {

constexpr double kRuntimeBytes = 2e9;

}  // namespace

double kv_elements(const Architecture& model) {
  if (model.latent.kv_rank > 0) return static_cast<double>(model.latent.kv_rank + model.latent.rope_dim);
  return 2 * static_cast<double>(model.kv_heads * model.head_dim);
}

std::int64_t growing_layers(const Architecture& model) {
  return attention_layers(model) - sliding_layers(model);
}

double kv_copies(const Architecture& model, std::int64_t tensor) {
  const auto t = static_cast<double>(tensor);
  if (model.latent.kv_rank > 0) return t;
  return std::max(1.0, t / static_cast<double>(std::max<std::int64_t>(1, model.kv_heads)));
}

double weight_bytes(Precision precision) {
  switch (precision) {
    case Precision::fp8:
      return 1 + 4.0 / (128 * 128);
    case Precision::mxfp8:
      return 1 + 1.0 / 32;
    case Precision::nvfp4:
      return 0.5 + 1.0 / 16;
    default:
      return bytes_of(precision);
  }
}

ServingMemory memory_of(const Architecture& model, const ServingLayout& layout, const EngineProfile& engine,
                        double chip_bytes) {
  const auto t = static_cast<double>(layout.tensor), d = static_cast<double>(layout.data),
             stages = static_cast<double>(layout.pipeline);
  const auto h = static_cast<double>(model.hidden), vocab = static_cast<double>(model.vocab);
  const auto n_attention = static_cast<double>(attention_layers(model)),
             n_experts = static_cast<double>(expert_layers(model)), n_dense = static_cast<double>(dense_layers(model));
  const double narrow = weight_bytes(layout.weights), wide = weight_bytes(layout.attention);
  ServingMemory out;
  const double mixers = static_cast<double>(model.other.layers) * model.other.parameters;
  double layers = (n_attention * attention_parameters(model) + mixers) * wide / t;
  layers += n_dense * feed_forward_parameters(model, model.ffn) * narrow / t;
  layers += n_experts * shared_expert_parameters(model) * narrow / t;
  layers += n_experts * static_cast<double>(model.experts.count) * expert_parameters(model) * narrow /
            static_cast<double>(layout.expert * layout.expert_tensor);
  out.weight_bytes_per_chip = layers / stages + 2 * h * vocab * (model.tied ? 1 : 2) / t / stages;

  const auto shared = static_cast<double>(model.experts.shared);
  const double shared_width =
      shared * static_cast<double>(model.experts.shared_ffn ? model.experts.shared_ffn : model.experts.ffn);
  const double ffn = n_experts > 0 ? static_cast<double>(model.experts.active * model.experts.ffn) + shared_width
                                   : static_cast<double>(model.ffn);
  out.activation_bytes_per_chip = kRuntimeBytes + 2 * 2 * engine.batched_tokens * (2 * h + 2 * ffn / t);
  out.free_bytes_per_chip =
      chip_bytes * engine.memory_share - out.weight_bytes_per_chip - out.activation_bytes_per_chip;

  const double copies = kv_copies(model, layout.tensor);
  out.kv_bytes_per_token = static_cast<double>(growing_layers(model)) * kv_elements(model) * layout.kv_bytes * copies;
  // States are kept in 32 bits: twice over per multiply-add of their update and read.
  const double state = static_cast<double>(model.other.layers) * model.other.state / 3 * 4;
  out.kv_bytes_per_sequence = state + static_cast<double>(sliding_layers(model)) * kv_elements(model) *
                                          layout.kv_bytes * copies * static_cast<double>(model.sliding_window);
  if (out.free_bytes_per_chip > 0 && out.kv_bytes_per_token > 0)
    out.kv_tokens = static_cast<std::int64_t>(out.free_bytes_per_chip * t * d * stages / out.kv_bytes_per_token);
  else if (out.free_bytes_per_chip > 0)
    out.kv_tokens = std::int64_t{1} << 50;  // nothing grows
  return out;
}

}  // namespace alight
