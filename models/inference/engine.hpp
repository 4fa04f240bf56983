// What stands between a model and a chip when it serves: how the model is spread over chips, and what the serving
// engine (TensorRT-LLM, SGLang, vLLM) makes of them.
#pragma once

#include <cstdint>

#include "models/training/layout.hpp"

namespace alight {

/// How one replica is spread over chips. chips = pipeline * data * tensor; the same data * tensor chips of a stage hold
/// the experts as expert * expert_tensor.
struct ServingLayout {
  std::int64_t tensor = 1;                ///< chips that split one sequence's attention
  std::int64_t data = 1;                  ///< groups of these that attend to sequences of their own (attention DP)
  std::int64_t pipeline = 1;              ///< stages of layers; the batch is split over them
  std::int64_t expert = 1;                ///< chips between which whole experts are split
  std::int64_t expert_tensor = 1;         ///< chips that split each expert
  Precision weights = Precision::bf16;    ///< of the layers' matrices; embedding, router and output stay in 16 bits
  Precision attention = Precision::bf16;  ///< of the attention's, which quantised checkpoints may leave wider
  double kv_bytes = 2;                    ///< of one element of the cache
  bool two_batches = false;  ///< halves of a batch run against each other: tokens travel to experts for one while the
                             ///< other computes (DeepSeek-V3, arXiv 2412.19437 section 3.4)
  double expert_imbalance = 1;  ///< tokens of the busiest expert rank over the mean, besides what chance makes of it

  std::int64_t stage_chips() const { return data * tensor; }
  std::int64_t chips() const { return pipeline * stage_chips(); }
  bool operator==(const ServingLayout&) const = default;
};

/// Guessing tokens ahead and checking them together: an iteration passes 1 + drafted tokens of each sequence through
/// the model and keeps 1 + drafted * acceptance of them (Leviathan et al., arXiv 2211.17192, in the mean).
struct Speculation {
  std::int64_t drafted = 0;
  double acceptance = 0;  ///< mean share of the drafted tokens that is kept
  double kept() const { return 1 + static_cast<double>(drafted) * acceptance; }
  bool operator==(const Speculation&) const = default;
};

/// How an engine puts iterations together.
enum class Batching : std::uint8_t {
  mixed,          ///< prompts in chunks beside the decoding sequences (Sarathi, arXiv 2308.16369; vLLM, TensorRT-LLM)
  prefill_first,  ///< iterations of prompts only; decoding waits (Orca's order, SGLang)
};

/// Constants of a serving engine. The catalogue's `engines` say what each was fitted to.
struct EngineProfile {
  Batching batching = Batching::mixed;
  double batched_tokens = 8192;  ///< of one data rank in an iteration, prompts and decodes together
  double memory_share = 0.9;     ///< of the chip's memory the engine takes for weights, activations and cache
  double reserve = 1;  ///< share of an answer's longest length for which it keeps cache when it admits a request
  std::int64_t lost_slots = 0;  ///< of its batch slots, that no request gets

  double iteration_s = 0;     ///< scheduling, sampling and answers of an iteration that the chips wait for
  double sequence_s = 0;      ///< the same for each sequence in it
  double prompt_layer_s = 0;  ///< more, of a layer in an iteration with prompts: its kernels are issued one by one
  double prompt_expert_layer_s = 0;  ///< the same, more, of a layer of experts
  double layer_s = 0;                ///< kernels of a layer besides its products, attention and exchanges
  double expert_layer_s = 0;         ///< more, of a layer of experts: routing, sorting, summing
  double latent_layer_s = 0;         ///< more, of a layer of latent attention
  double mixer_layer_s = 0;          ///< more, of a layer of linear attention
  double quantise_fp4_s = 0;         ///< of each product in 4 bits: what goes in is brought to their blocks first
  double quantise_fp8_s = 0;         ///< the same in fp8, where its blocks are scaled one by one
  double fp8_products = 1;           ///< rate of products in fp8 over what the chip's kernels reach elsewhere
  double reduce_s = 0;               ///< latency of a small all-reduce of its own kernels; 0: the library's
  double expert_products = 1;        ///< rate of the experts' grouped products over that of one large product
  bool all_experts = false;          ///< it reads every expert's weights, whichever the batch chose
  double expert_reads = 1;           ///< share of the memory bandwidth they read the weights at
  double cache = 0.8;                ///< share of the memory bandwidth that decoding attention reads the cache at
  double request_s = 0;              ///< of a request, outside iterations, until its first token is seen
  double prompt_token_s = 0;         ///< the same, of each of its prompt tokens
  double intake_s = 0;               ///< of a request in the server's front end, which takes one after the other
  double gather = 0;                 ///< iterations prompts wait until every data rank has one
  double poll = 0;                   ///< iterations of decoding between two looks for new requests; 0: looks at each
  double poll_many = 0;              ///< the same where many requests (16 and more) are under way
  double stream = 1;                 ///< tokens of an answer that are sent together; the first is seen with them
  bool operator==(const EngineProfile&) const = default;
};

}  // namespace alight
