// What a language model is made of, as far as its cost is concerned, and how many parameters and FLOPs that gives.
//
// Counts are of one replica. "Per token" FLOPs count a multiplication and an addition as two. A layer is a mixer
// (attention, or something in its place) and a feed-forward part, which is dense or a set of experts.
#pragma once

#include <cstdint>
#include <string>

namespace alight {

/// Low-rank (multi-head latent) attention, DeepSeek-V2, arXiv 2405.04434 section 2.1. Absent where kv_rank is 0.
/// A query or key is Architecture::head_dim wide, rope_dim of it positional and not compressed.
struct LatentAttention {
  std::int64_t kv_rank = 0;    ///< width of the compressed keys and values
  std::int64_t q_rank = 0;     ///< width of the compressed queries; 0 = queries are not compressed
  std::int64_t rope_dim = 0;   ///< the part of head_dim that carries the position; keys of all heads share it
  std::int64_t value_dim = 0;  ///< of one head; 0 = head_dim - rope_dim
};

/// A mixture of experts in the place of a dense feed-forward part. Absent where count is 0.
struct Experts {
  std::int64_t count = 0;         ///< routed experts of a layer
  std::int64_t active = 0;        ///< of them, per token
  std::int64_t shared = 0;        ///< experts every token passes through
  std::int64_t ffn = 0;           ///< inner width of one routed expert
  std::int64_t shared_ffn = 0;    ///< inner width of one shared expert; 0 = ffn
  std::int64_t input = 0;         ///< width routed experts work in, reached by a projection down and up; 0 = hidden
  std::int64_t dense_layers = 0;  ///< layers that keep a dense feed-forward part of width Architecture::ffn
  bool interleaved = false;       ///< dense and expert layers alternate; otherwise the dense ones come first
};

/// Layers whose mixer is not attention: linear attention, state space. Absent where layers is 0.
struct OtherMixers {
  std::int64_t layers = 0;
  double parameters = 0;  ///< matrix parameters of one
  double state = 0;       ///< multiply-adds of one on its state per token, forward
};

/// A decoder-only (or bidirectional) transformer.
struct Architecture {
  std::string name;
  std::int64_t layers = 0;
  std::int64_t hidden = 0;
  std::int64_t ffn = 0;       ///< inner width of the dense feed-forward part; 0 = there is none
  std::int64_t heads = 0;     ///< of queries
  std::int64_t kv_heads = 0;  ///< of keys and values: heads = MHA, 1 = MQA, between = GQA
  std::int64_t head_dim = 0;
  std::int64_t vocab = 0;
  bool gated = true;                   ///< gate, up and down projections (SwiGLU) rather than up and down
  bool tied = false;                   ///< the output projection is the embedding table
  bool causal = true;                  ///< a token sees those before it only
  bool biased = false;                 ///< projections and norms have bias vectors
  std::int64_t learned_positions = 0;  ///< rows of a learned position table; 0 = rotary, ALiBi or none
  LatentAttention latent;
  Experts experts;
  std::int64_t sliding_window = 0;  ///< tokens a sliding layer sees; 0 = no layer slides
  std::int64_t full_every = 0;      ///< every n-th layer sees everything; 0 = none does, where a window is set
  bool chunked = false;             ///< a window does not slide: a token sees its own chunk of sliding_window tokens
  std::int64_t mtp_layers = 0;      ///< multi-token-prediction blocks trained beside the model (arXiv 2412.19437
                                    ///< section 2.2); they count in everything below
  bool hybrid = false;  ///< some layers are not attention (state space, linear, compressed): counts are approximate

  // What hybrids need; elsewhere the layers are all alike.
  std::int64_t attention_layers = 0;  ///< layers with attention; 0 = layers - other.layers
  std::int64_t ffn_layers = 0;        ///< layers with a feed-forward part or experts; 0 = layers
  OtherMixers other;
  double attention_matrices = 0;  ///< matrix parameters of one attention layer where heads and ranks do not give them
                                  ///< (output gates, relative positions, sparse indexers); 0 = they do
};

/// Layers with attention, MTP blocks not counted.
std::int64_t attention_layers(const Architecture& model);
/// Layers with routed experts, MTP blocks not counted; other feed-forward parts are dense.
std::int64_t expert_layers(const Architecture& model);
/// Layers with a dense feed-forward part, MTP blocks not counted.
std::int64_t dense_layers(const Architecture& model);
/// Width of one head's value: head_dim, but with latent attention its value_dim.
std::int64_t value_dim(const Architecture& model);

/// Matrix parameters of one layer's attention: Q, K, V and output projections, h d (2 a + 2 k) with a query and k
/// key-value heads of width d; or their low-rank factors (DeepSeek-V2, arXiv 2405.04434, appendix C):
/// q: h r_q + r_q a d (or h a d); kv: h (r_kv + rope) + r_kv a (d - rope + v); output: a v h.
double attention_parameters(const Architecture& model);
/// Matrix parameters of one dense feed-forward part of inner width `width`, or of one expert that works in the full
/// hidden width: 3 h w gated, 2 h w otherwise.
double feed_forward_parameters(const Architecture& model, std::int64_t width);
/// Matrix parameters of one routed expert.
double expert_parameters(const Architecture& model);
/// Matrix parameters of an expert layer every token passes through: router, shared experts, and the projections to and
/// from the experts' own width.
double shared_expert_parameters(const Architecture& model);

/// Everything a checkpoint holds: embedding, positions, layers with their norms and biases, head, MTP blocks.
double parameters(const Architecture& model);
/// Parameters a token passes through: as parameters(), with only the active and shared experts.
double active_parameters(const Architecture& model);
/// Parameters a token is multiplied by: matrices of active and shared experts, attention, other mixers, routers and the
/// output projection, which an MTP block uses again; not the embedding look-up, norms or biases.
double matmul_parameters(const Architecture& model);

/// Tokens an average query attends to in a sequence of `tokens`: s/2 causal, s bidirectional. Where the layer slides
/// (`sliding`) and its window w is shorter than s: w - w^2/(2 s) causal (the first w queries see less), w
/// bidirectional; of a chunk, w/2 and w.
double attended_tokens(const Architecture& model, std::int64_t tokens, bool sliding);
/// Attention layers that slide; MTP blocks do not.
std::int64_t sliding_layers(const Architecture& model);

/// Model FLOPs per trained token, forward and backward: 6 matmul_parameters + 12 a (d + v)/2 (attended tokens) summed
/// over the attention layers + 6 state of other mixers, with a heads whose keys are d and values v wide (Narayanan et
/// al., SC21, arXiv 2104.04473 eq. 3 with causal masking: 6 L a d s). `causal = false` gives the legacy convention that
/// counts the whole square, 12 L a d s, also of causal models; windows hold in both.
double model_flops_per_token(const Architecture& model, std::int64_t tokens, bool causal = true);

}  // namespace alight
