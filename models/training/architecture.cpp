#include "models/training/architecture.hpp"

namespace alight {

namespace {

double number(std::int64_t count) {
  return static_cast<double>(count);
}

double norm_parameters(const Architecture& model) {
  return number(model.hidden) * (model.biased ? 2 : 1);
}

// Bias vectors of the attention's projections. No model with latent attention has any.
double attention_biases(const Architecture& model) {
  if (!model.biased || model.latent.kv_rank > 0) return 0;
  return number(model.heads + 2 * model.kv_heads) * number(model.head_dim) + number(model.hidden);
}

double feed_forward_biases(const Architecture& model, std::int64_t width) {
  if (!model.biased) return 0;
  return number(width) * (model.gated ? 2 : 1) + number(model.hidden);
}

double expert_biases(const Architecture& model, std::int64_t routed) {
  const Experts& e = model.experts;
  const std::int64_t shared_ffn = e.shared_ffn > 0 ? e.shared_ffn : e.ffn;
  return number(routed) * feed_forward_biases(model, e.ffn) + number(e.shared) * feed_forward_biases(model, shared_ffn);
}

// Matrices of an expert layer's feed-forward part with `routed` of its experts.
double expert_layer_matrices(const Architecture& model, std::int64_t routed) {
  return number(routed) * expert_parameters(model) + shared_expert_parameters(model);
}

// Matrices of all layers and MTP blocks, with `routed` experts of each expert layer.
double layer_matrices(const Architecture& model, std::int64_t routed) {
  const double attention = attention_parameters(model);
  const double dense = feed_forward_parameters(model, model.ffn);
  const double moe = model.experts.count > 0 ? expert_layer_matrices(model, routed) : 0;
  const double h = number(model.hidden);
  // An MTP block joins the hidden state with the next token's embedding (2 h to h) and passes one more layer.
  const double block = attention + (model.experts.count > 0 ? moe : dense) + 2 * h * h;
  return number(attention_layers(model)) * attention + number(model.other.layers) * model.other.parameters +
         number(dense_layers(model)) * dense + number(expert_layers(model)) * moe + number(model.mtp_layers) * block;
}

// Norms before each mixer and each feed-forward part, one at the end; biases of the projections. An MTP block has those
// of a layer, one for each of its two inputs and one at its end.
double small_parameters(const Architecture& model, std::int64_t routed) {
  const double norm = norm_parameters(model);
  const double dense = norm + feed_forward_biases(model, model.ffn);
  const double moe = norm + expert_biases(model, routed);
  const double attention = norm + attention_biases(model);
  const double block = attention + (model.experts.count > 0 ? moe : dense) + 3 * norm;
  return number(attention_layers(model)) * attention + number(model.other.layers) * norm +
         number(dense_layers(model)) * dense + number(expert_layers(model)) * moe + norm +
         number(model.mtp_layers) * block;
}

double checkpoint(const Architecture& model, std::int64_t routed) {
  const double h = number(model.hidden);
  return layer_matrices(model, routed) + small_parameters(model, routed) +
         number(model.vocab) * h * (model.tied ? 1 : 2) + number(model.learned_positions) * h;
}

double attended(const Architecture& model, std::int64_t tokens, bool sliding, bool causal) {
  const double s = number(tokens), w = number(model.sliding_window);
  if (!sliding || model.sliding_window == 0 || model.sliding_window >= tokens) return causal ? s / 2 : s;
  if (!causal) return w;
  return model.chunked ? w / 2 : w - w * w / (2 * s);
}

}  // namespace

std::int64_t attention_layers(const Architecture& model) {
  return model.attention_layers > 0 ? model.attention_layers : model.layers - model.other.layers;
}

std::int64_t expert_layers(const Architecture& model) {
  if (model.experts.count == 0) return 0;
  return (model.ffn_layers > 0 ? model.ffn_layers : model.layers) - model.experts.dense_layers;
}

std::int64_t dense_layers(const Architecture& model) {
  return (model.ffn_layers > 0 ? model.ffn_layers : model.layers) - expert_layers(model);
}

std::int64_t value_dim(const Architecture& model) {
  if (model.latent.kv_rank == 0) return model.head_dim;
  return model.latent.value_dim > 0 ? model.latent.value_dim : model.head_dim - model.latent.rope_dim;
}

double attention_parameters(const Architecture& model) {
  if (model.attention_matrices > 0) return model.attention_matrices;
  const double h = number(model.hidden), heads = number(model.heads), d = number(model.head_dim);
  const LatentAttention& latent = model.latent;
  if (latent.kv_rank == 0) return h * d * 2 * (heads + number(model.kv_heads));
  const double rope = number(latent.rope_dim), value = number(value_dim(model));
  const double kv_rank = number(latent.kv_rank), q_rank = number(latent.q_rank);
  const double query = q_rank > 0 ? h * q_rank + q_rank * heads * d : h * heads * d;
  return query + h * (kv_rank + rope) + kv_rank * heads * (d - rope + value) + heads * value * h;
}

double feed_forward_parameters(const Architecture& model, std::int64_t width) {
  return number(model.hidden) * number(width) * (model.gated ? 3 : 2);
}

double expert_parameters(const Architecture& model) {
  const std::int64_t input = model.experts.input > 0 ? model.experts.input : model.hidden;
  return number(input) * number(model.experts.ffn) * (model.gated ? 3 : 2);
}

double shared_expert_parameters(const Architecture& model) {
  const Experts& e = model.experts;
  const double h = number(model.hidden);
  return h * number(e.count) + 2 * h * number(e.input) +
         number(e.shared) * feed_forward_parameters(model, e.shared_ffn > 0 ? e.shared_ffn : e.ffn);
}

double parameters(const Architecture& model) {
  return checkpoint(model, model.experts.count);
}

double active_parameters(const Architecture& model) {
  return checkpoint(model, model.experts.active);
}

double matmul_parameters(const Architecture& model) {
  return layer_matrices(model, model.experts.active) +
         number(1 + model.mtp_layers) * number(model.vocab) * number(model.hidden);
}

double attended_tokens(const Architecture& model, std::int64_t tokens, bool sliding) {
  return attended(model, tokens, sliding, model.causal);
}

std::int64_t sliding_layers(const Architecture& model) {
  if (model.sliding_window == 0) return 0;
  const std::int64_t layers = attention_layers(model);
  return model.full_every > 0 ? layers - layers / model.full_every : layers;
}

double model_flops_per_token(const Architecture& model, std::int64_t tokens, bool causal) {
  const bool masked = model.causal && causal;
  const std::int64_t sliding = sliding_layers(model);
  const std::int64_t full = attention_layers(model) - sliding + model.mtp_layers;
  const double seen =
      number(full) * attended(model, tokens, false, masked) + number(sliding) * attended(model, tokens, true, masked);
  const double width = number(model.heads) * number(model.head_dim + value_dim(model)) / 2;
  return 6 * (matmul_parameters(model) + number(model.other.layers) * model.other.state) + 12 * width * seen;
}

}  // namespace alight
