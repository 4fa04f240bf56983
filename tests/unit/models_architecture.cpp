// Parameters and FLOPs of one model of each family, counted by hand.
#include <catch2/catch.hpp>

#include "models/training/architecture.hpp"

using namespace alight;

namespace {

Architecture small() {
  Architecture a;
  a.layers = 2;
  a.hidden = 8;
  a.ffn = 16;
  a.heads = 4;
  a.kv_heads = 4;
  a.head_dim = 2;
  a.vocab = 10;
  return a;
}

}  // namespace

TEST_CASE("a gated decoder with two tables: Llama's kind") {
  const Architecture a = small();
  // q, k, v, output: 4 x 8 x 8.
  CHECK(attention_parameters(a) == 256);
  // gate, up, down: 3 x 8 x 16.
  CHECK(feed_forward_parameters(a, a.ffn) == 384);
  // 2 x (256 + 384), two norms of 8 a layer and one at the end, two tables of 10 x 8.
  CHECK(parameters(a) == 1280 + 40 + 160);
  CHECK(active_parameters(a) == parameters(a));
  // The look-up and the norms multiply nothing: 1280 + 80.
  CHECK(matmul_parameters(a) == 1360);
  // 6 x 1360 and, per layer, 6 x 4 heads x 2 x 4 tokens seen by both scores and values: 12 x 8 x s/2, with s = 16.
  CHECK(model_flops_per_token(a, 16) == 6 * 1360 + 2 * 12 * 8 * 8);
  CHECK(model_flops_per_token(a, 16, false) == 6 * 1360 + 2 * 12 * 8 * 16);
}

TEST_CASE("GPT's kind: ungated, tied, biased, learned positions") {
  Architecture a = small();
  a.gated = false;
  a.tied = true;
  a.biased = true;
  a.learned_positions = 32;
  // Matrices 2 x (256 + 2 x 8 x 16 = 256) = 1024. Biases a layer: q, k, v 24, output 8, up 16, down 8 = 56. Norms have
  // two vectors: 5 x 16 = 80. One table 80, positions 256.
  CHECK(parameters(a) == 1024 + 2 * 56 + 80 + 80 + 256);
  CHECK(matmul_parameters(a) == 1024 + 80);
}

TEST_CASE("fewer key-value heads, wider heads") {
  Architecture a = small();
  a.kv_heads = 1;
  a.head_dim = 4;
  // q and output 8 x 16 each, k and v 8 x 4 each.
  CHECK(attention_parameters(a) == 2 * 128 + 2 * 32);
}

TEST_CASE("latent attention") {
  Architecture a = small();
  a.head_dim = 6;
  a.latent = {.kv_rank = 5, .q_rank = 3, .rope_dim = 2, .value_dim = 0};
  CHECK(value_dim(a) == 4);
  // q: 8 x 3 + 3 x 4 x 6 = 96. kv: 8 x (5 + 2) = 56 and 5 x 4 x (4 + 4) = 160. Output: 4 x 4 x 8 = 128.
  CHECK(attention_parameters(a) == 96 + 56 + 160 + 128);
  a.latent.q_rank = 0;
  CHECK(attention_parameters(a) == 8 * 24 + 56 + 160 + 128);
  // Scores over 6, values over 4: 12 x 4 x (6 + 4)/2 x 8 a layer.
  CHECK(model_flops_per_token(a, 16) == 6 * matmul_parameters(a) + 2 * 12 * 20 * 8);
  a.latent.value_dim = 6;
  CHECK(attention_parameters(a) == 8 * 24 + 56 + 5 * 4 * 10 + 4 * 6 * 8);
}

TEST_CASE("experts: routed, shared, of a width of their own, after dense layers") {
  Architecture a = small();
  a.layers = 3;
  a.experts = {.count = 4, .active = 2, .shared = 1, .ffn = 5, .shared_ffn = 0, .input = 0, .dense_layers = 1};
  CHECK(expert_layers(a) == 2);
  CHECK(dense_layers(a) == 1);
  CHECK(expert_parameters(a) == 120);
  // Router 8 x 4 and the shared expert.
  CHECK(shared_expert_parameters(a) == 32 + 120);
  // Attention 3 x 256; dense 384; 2 x (4 x 120 + 152); norms 7 x 8; tables 160.
  CHECK(parameters(a) == 768 + 384 + 2 * 632 + 56 + 160);
  CHECK(active_parameters(a) == 768 + 384 + 2 * 392 + 56 + 160);
  CHECK(matmul_parameters(a) == 768 + 384 + 2 * 392 + 80);
  a.experts.shared_ffn = 7;
  a.experts.input = 2;
  // Routed 3 x 2 x 5; shared 3 x 8 x 7; down and up 2 x 8 x 2.
  CHECK(expert_parameters(a) == 30);
  CHECK(shared_expert_parameters(a) == 32 + 168 + 32);
}

TEST_CASE("a multi-token-prediction block counts everywhere, its head twice in FLOPs only") {
  Architecture a = small();
  const double before = parameters(a), multiplied = matmul_parameters(a), flops = model_flops_per_token(a, 16);
  a.mtp_layers = 1;
  // A layer of 640 and a projection of 16 x 8; norms: two of a layer, one for each input, one at the end.
  CHECK(parameters(a) == before + 640 + 128 + 40);
  CHECK(matmul_parameters(a) == multiplied + 640 + 128 + 80);
  CHECK(model_flops_per_token(a, 16) == flops + 6 * 848 + 12 * 8 * 8);
}

TEST_CASE("layers with another mixer, or without a feed-forward part") {
  Architecture a = small();
  a.layers = 6;
  a.other = {.layers = 2, .parameters = 100, .state = 7};
  CHECK(attention_layers(a) == 4);
  // 4 x 256 + 2 x 100 + 6 x 384; norms 13 x 8; tables 160.
  CHECK(parameters(a) == 1024 + 200 + 2304 + 104 + 160);
  CHECK(model_flops_per_token(a, 16) == 6 * (1024 + 200 + 2304 + 80) + 6 * 2 * 7 + 4 * 12 * 8 * 8);
  a.attention_layers = 1;
  a.ffn_layers = 3;
  CHECK(parameters(a) == 256 + 200 + 3 * 384 + (1 + 2 + 3 + 1) * 8 + 160);
  a.attention_matrices = 300;
  CHECK(attention_parameters(a) == 300);
}

TEST_CASE("what a query sees") {
  Architecture a = small();
  CHECK(attended_tokens(a, 16, false) == 8);
  CHECK(sliding_layers(a) == 0);
  a.layers = 12;
  a.sliding_window = 4;
  CHECK(sliding_layers(a) == 12);
  a.full_every = 5;
  CHECK(sliding_layers(a) == 10);
  // 4 - 16/32.
  CHECK(attended_tokens(a, 16, true) == 3.5);
  CHECK(attended_tokens(a, 16, false) == 8);
  CHECK(attended_tokens(a, 4, true) == 2);
  a.chunked = true;
  CHECK(attended_tokens(a, 16, true) == 2);
  a.causal = false;
  CHECK(attended_tokens(a, 16, true) == 4);
  CHECK(attended_tokens(a, 16, false) == 16);
  // A model that sees both ways has one convention.
  CHECK(model_flops_per_token(a, 16) == model_flops_per_token(a, 16, false));
}
