#include "models/inference/replica.hpp"

#include <algorithm>
#include <cmath>

#include "models/collectives/collective.hpp"
#include "models/inference/experts.hpp"
#include "models/power/clock.hpp"

namespace alight {

namespace {

// Streaming kernels of a layer (norms, residuals, activations, casts) pass over the tokens' vectors about so often.
constexpr double kPasses = 10;
// Share of a link's nominal rate that reads of an all-reduce in one shot reach (the direct protocol of NVLink4 and 5 in
// the catalogue: 0.67 and 0.68).
constexpr double kOneShotShare = 0.7;
// Rows of a tile of a grouped product: each expert's last one is half empty.
constexpr double kTileRows = 16;
// However uneven the choice, a rank wakes no more experts than so many times the mean.
constexpr double kMostAwake = 1.5;
// DeepSeek's routers, the ones that go with latent attention, choose among the experts of so many nodes (arXiv
// 2412.19437 section 2.1.2).
constexpr double kRoutedDomains = 4;
// Share of the 16-bit peak that decoding latent attention reaches where it multiplies rather than reads: FlashMLA
// states 660 of 989 TFLOP/s on H800 (deepseek-ai/FlashMLA README).
constexpr double kLatentShare = 0.6;
// Widest of the experts that shares of grouped products were solved on (DeepSeek-V3): what keeps many narrow products
// from the rate of a large one weighs less the wider they are. A judgement, with Mixtral's 14,336 in MLPerf's offline
// results in view.
constexpr double kNarrowExpert = 2048;
// Reads and writes of each copy of a token in 16 bits: gathered, activated, put back (as in training).
constexpr double kCopyBytes = 20;

Group group_of(std::int64_t ranks, const Fabric& fabric) {
  return {.ranks = ranks, .per_domain = std::min(ranks, std::max<std::int64_t>(1, fabric.up.domain))};
}

double shared_width(const Experts& e) {
  return static_cast<double>(e.shared * (e.shared_ffn > 0 ? e.shared_ffn : e.ffn));
}

// Bytes a state of linear attention takes, 32 bits an element: its update and read are three multiply-adds of each.
double state_bytes(const OtherMixers& mixers) {
  return static_cast<double>(mixers.layers) * mixers.state / 3 * 4;
}

}  // namespace

ReplicaModel::ReplicaModel(const Architecture& model, const ServingLayout& layout, const Accelerator& chip,
                           const Fabric& fabric, const EngineProfile& engine, const Speculation& speculation)
    : model_(model),
      layout_(layout),
      chip_(chip),
      dense_chip_(chip),
      fabric_(fabric),
      engine_(engine),
      speculation_(speculation),
      memory_(memory_of(model, layout, engine, chip.memory_bytes)) {
  dense_chip_.kernels.gemm_efficiency[static_cast<std::size_t>(Precision::fp8)] *= engine.fp8_products;
}

ReplicaModel ReplicaModel::at_clock(double clock) const {
  ReplicaModel slower = *this;
  slower.chip_ = alight::at_clock(chip_, clock);
  slower.dense_chip_ = alight::at_clock(dense_chip_, clock);
  return slower;
}

double ReplicaModel::quantising(Precision precision) const {
  if (precision == Precision::fp8) return engine_.quantise_fp8_s;
  return precision == Precision::nvfp4 ? engine_.quantise_fp4_s : 0;
}

double ReplicaModel::product(Precision precision, double m, double n, double k, double count) const {
  // Scales of blocks are read beside the weights.
  const double scales = count * n * k * (weight_bytes(precision) - bytes_of(precision));
  return quantising(precision) + gemm_seconds(dense_chip_, precision, m, n, k, count) +
         scales / (chip_.memory_bytes_s * chip_.kernels.memory_efficiency);
}

double ReplicaModel::all_reduce(double bytes) const {
  if (layout_.tensor <= 1) return 0;
  const double library = estimate(Collective::all_reduce, bytes, group_of(layout_.tensor, fabric_), fabric_).seconds;
  if (engine_.reduce_s <= 0 || layout_.tensor > fabric_.up.domain || fabric_.up.gbs <= 0) return library;
  const auto others = static_cast<double>(layout_.tensor - 1);
  return std::min(library, engine_.reduce_s + bytes * others / (fabric_.up.gbs * 1e9 * kOneShotShare));
}

double ReplicaModel::attention_products(double tokens) const {
  const auto t = static_cast<double>(layout_.tensor), h = static_cast<double>(model_.hidden),
             d = static_cast<double>(model_.head_dim), v = static_cast<double>(value_dim(model_)),
             all_heads = static_cast<double>(model_.heads), kv_heads = static_cast<double>(model_.kv_heads);
  const double heads = all_heads / t;
  const Precision precision = layout_.attention;
  double seconds = product(precision, tokens, h, heads * v);
  const LatentAttention& latent = model_.latent;
  if (latent.kv_rank > 0) {
    const auto kv = static_cast<double>(latent.kv_rank), q = static_cast<double>(latent.q_rank),
               rope = static_cast<double>(latent.rope_dim);
    seconds += product(precision, tokens, q + kv + rope, h);  // compressed queries, keys and values in one
    seconds += product(precision, tokens, heads * d, q > 0 ? q : h);
    // Absorbed: queries to the compressed width and values back from it, head by head.
    return seconds + product(Precision::bf16, tokens, kv, d - rope, heads) +
           product(Precision::bf16, tokens, v, kv, heads);
  }
  double gates = 0;  // output gates and the like
  if (model_.attention_matrices > 0)
    gates = std::max(0.0, model_.attention_matrices / h - all_heads * (d + v) - 2 * kv_heads * d) / t;
  return seconds + product(precision, tokens, heads * d + 2 * std::max(1.0, kv_heads / t) * d + gates, h);
}

// All layers for `tokens` tokens of one data rank; attention cores and routed experts apart.
void ReplicaModel::add_layers(double tokens, IterationParts& parts) const {
  const auto t = static_cast<double>(layout_.tensor), h = static_cast<double>(model_.hidden),
             n_attention = static_cast<double>(attention_layers(model_)),
             n_experts = static_cast<double>(expert_layers(model_)),
             n_dense = static_cast<double>(dense_layers(model_)), n_mixers = static_cast<double>(model_.other.layers);
  const auto feed = [&](double width) {
    return product(layout_.weights, tokens, (model_.gated ? 2 : 1) * width, h) +
           product(layout_.weights, tokens, h, width);
  };
  parts.products_s += n_attention * attention_products(tokens);
  if (n_mixers > 0) {
    // Three quarters of a mixer's matrices lead in, one quarter back.
    const double width = model_.other.parameters / h / t;
    parts.products_s += n_mixers * (product(layout_.attention, tokens, 0.75 * width, h) +
                                    product(layout_.attention, tokens, h, 0.25 * width));
    parts.launch_s += n_mixers * engine_.mixer_layer_s;
  }
  if (n_dense > 0 && model_.ffn > 0) parts.products_s += n_dense * feed(static_cast<double>(model_.ffn) / t);
  if (n_experts > 0) {
    parts.products_s += n_experts * product(Precision::bf16, tokens, static_cast<double>(model_.experts.count), h);
    // Their input is brought to blocks for the routed experts too, beside which they run.
    if (model_.experts.shared > 0)
      parts.products_s += n_experts * (feed(shared_width(model_.experts) / t) - 2 * quantising(layout_.weights));
  }
  const double layers = n_dense + n_experts, bytes = 2 * tokens * h;
  parts.launch_s += layers * engine_.layer_s + n_experts * engine_.expert_layer_s;
  if (model_.latent.kv_rank > 0) parts.launch_s += n_attention * engine_.latent_layer_s;
  parts.launch_s += layers * kPasses * bytes / (chip_.memory_bytes_s * chip_.kernels.memory_efficiency);
  // One after attention, one after the feed-forward part.
  parts.exchange_s += 2 * layers * all_reduce(bytes);
}

// Routed experts, with `tokens` of all data ranks together.
void ReplicaModel::add_experts(double tokens, IterationParts& parts, double& routing_s) const {
  const auto n = static_cast<double>(expert_layers(model_));
  if (n <= 0 || tokens <= 0) return;
  const Experts& e = model_.experts;
  const auto ranks = static_cast<double>(layout_.expert), count = static_cast<double>(e.count),
             active = static_cast<double>(e.active), input = static_cast<double>(e.input > 0 ? e.input : model_.hidden);
  const double uneven = busiest_rank(ranks, tokens * active);
  const double awake = std::min(count, distinct_experts(count, active, tokens) * std::min(uneven, kMostAwake)) / ranks;
  const double copies = tokens * active / ranks * uneven * layout_.expert_imbalance;
  const double elements = expert_parameters(model_) / static_cast<double>(layout_.expert_tensor);
  const double wide = std::max(1.0, static_cast<double>(e.ffn) / kNarrowExpert);
  const double share = 1 / (1 + std::max(0.0, 1 / engine_.expert_products - 1) / wide);
  const double rate =
      chip_.peak(layout_.weights) * chip_.kernels.gemm_efficiency[static_cast<std::size_t>(layout_.weights)] * share;
  const double computing = 2 * elements * (copies + awake * (kTileRows - 1) / 2) / rate;
  const double reading = (engine_.all_experts ? count / ranks : awake) * elements * weight_bytes(layout_.weights) /
                         (chip_.memory_bytes_s * engine_.expert_reads);
  const double moving = kCopyBytes * copies * input / (chip_.memory_bytes_s * chip_.kernels.memory_efficiency);
  parts.experts_s += n * (std::max(computing, reading) + moving + 2 * chip_.kernels.kernel_gap_s);
  if (layout_.data > 1) routing_s += n * routing(tokens / static_cast<double>(layout_.stage_chips()) * input);
}

// Of the tokens of one chip, `elements` in all, to their experts and back in 16 bits. Inside a domain every copy
// travels; to another it travels once and is copied on from there, the two legs beside each other (DeepEP; as in
// training).
double ReplicaModel::routing(double elements) const {
  const std::int64_t chips = layout_.stage_chips(),
                     inside = std::min(chips, std::max<std::int64_t>(1, fabric_.up.domain));
  const auto active = static_cast<double>(model_.experts.active);
  const double bytes = elements * (bytes_of(layout_.weights == Precision::bf16 ? Precision::bf16 : Precision::fp8) + 2);
  const double copies = std::min(active, static_cast<double>(chips));
  const double local =
      estimate(Collective::all_to_all, bytes / 2 * copies, {.ranks = inside, .per_domain = inside}, fabric_).seconds;
  const std::int64_t domains = (chips + inside - 1) / inside;
  if (domains <= 1) return 2 * local;
  const auto d = static_cast<double>(domains);
  double reached = d * (1 - std::pow(1 - 1 / d, active));
  if (model_.latent.kv_rank > 0) reached = std::min(reached, kRoutedDomains);
  const double between =
      estimate(Collective::all_to_all, bytes / 2 * reached, {.ranks = domains, .per_domain = 1}, fabric_).seconds;
  return 2 * std::max(local, between);
}

// Attention of prompts over themselves and what came before.
void ReplicaModel::add_prompts(const IterationWork& work, IterationParts& parts) const {
  const auto heads = static_cast<double>(model_.heads) / static_cast<double>(layout_.tensor);
  const auto widths = static_cast<double>(model_.head_dim + value_dim(model_)),
             growing = static_cast<double>(growing_layers(model_)),
             sliding = static_cast<double>(sliding_layers(model_));
  const double mean = work.prefill_pairs / work.prefill_tokens;
  const double seen = std::min(mean, static_cast<double>(model_.sliding_window));
  const double flops =
      2 * work.prefill_tokens / static_cast<double>(layout_.data) * (growing * mean + sliding * seen) * heads * widths;
  parts.prompts_s += flops / (chip_.peak(Precision::bf16) * chip_.kernels.attention_forward);
  parts.launch_s += engine_.prompt_layer_s * static_cast<double>(model_.layers) +
                    engine_.prompt_expert_layer_s * static_cast<double>(expert_layers(model_));
}

// The cache that decoding sequences read, and their states.
void ReplicaModel::add_cache(const IterationWork& work, Parts& out) const {
  const auto t = static_cast<double>(layout_.tensor), data = static_cast<double>(layout_.data);
  const double read = chip_.memory_bytes_s * engine_.cache;
  const double bytes = kv_elements(model_) * layout_.kv_bytes * kv_copies(model_, layout_.tensor) / t;
  // Latent attention works in the compressed width for every head; other heads in their own.
  const LatentAttention& latent = model_.latent;
  const auto widths = static_cast<double>(latent.kv_rank > 0 ? 2 * latent.kv_rank + latent.rope_dim
                                                             : model_.head_dim + value_dim(model_));
  const double flops =
      2 * static_cast<double>(model_.heads) / t * widths * (1 + static_cast<double>(speculation_.drafted));
  const double share = latent.kv_rank > 0 ? kLatentShare : chip_.kernels.attention_forward;
  const double each = std::max(bytes / read, flops / (chip_.peak(Precision::bf16) * share)) / data;
  out.cache_per_token_s = static_cast<double>(growing_layers(model_)) * each;
  out.cache_base_s = static_cast<double>(sliding_layers(model_) * model_.sliding_window) * work.decodes * each;
  if (model_.other.layers > 0)  // read and written
    out.at_rest.products_s += work.decodes / data * 2 * state_bytes(model_.other) / t / read;
}

// Drafting passes a token of each sequence through one layer and the output projection, one draft after the other.
void ReplicaModel::add_drafts(double decodes, double head_s, IterationParts& parts) const {
  IterationParts once;
  double routing_s = 0;
  add_layers(std::max(1.0, decodes / static_cast<double>(layout_.data)), once);
  add_experts(decodes, once, routing_s);
  const auto drafted = static_cast<double>(speculation_.drafted);
  const double share = drafted / static_cast<double>(model_.layers);
  parts.products_s += share * once.products_s + drafted * head_s;
  parts.experts_s += share * once.experts_s;
  parts.exchange_s += share * (once.exchange_s + routing_s);
  parts.launch_s += share * once.launch_s;
}

// What runs on the chips together: the tokens of one stage, or of one of the halves that run against each other.
void ReplicaModel::add_batch(const IterationWork& work, Parts& out) const {
  const double checked = work.decodes * (1 + static_cast<double>(speculation_.drafted));
  const double tokens = work.prefill_tokens + checked;
  const auto data = static_cast<double>(layout_.data), h = static_cast<double>(model_.hidden);
  IterationParts& parts = out.at_rest;
  add_layers(std::max(1.0, tokens / data), parts);
  double routing_s = 0;
  add_experts(tokens, parts, routing_s);
  if (work.prefill_tokens > 0) add_prompts(work, parts);
  const double beside = layout_.two_batches ? parts.products_s + parts.experts_s + parts.prompts_s + parts.launch_s : 0;
  parts.exchange_s += std::max(0.0, routing_s - beside);
  // Where prompts are routed, the exchange takes processors from the products beside it; that of decoding takes none
  // (DeepEP's two kinds of kernels).
  if (work.prefill_tokens > 0) parts.exchange_s += chip_.kernels.overlap_slowdown * std::min(routing_s, beside);
  if (work.decodes > 0) add_cache(work, out);
  const double vocab = static_cast<double>(model_.vocab) / static_cast<double>(layout_.tensor);
  const auto head = [&](double rows) { return product(Precision::bf16, std::max(1.0, rows), vocab, h); };
  const double last = (checked + work.prefill_sequences) / data;
  if (last > 0) parts.products_s += head(last);
  if (speculation_.drafted > 0 && work.decodes > 0) add_drafts(work.decodes, head(work.decodes / data), parts);
}

ReplicaModel::Parts ReplicaModel::parts_of(const IterationWork& whole) const {
  Parts out;
  // Stages work on groups of sequences of their own, one behind the other: a token passes all of them with its group.
  // Each half of a batch passes all layers and reads all weights by itself.
  const auto stages = static_cast<double>(layout_.pipeline);
  const double halves = layout_.two_batches ? 2 : 1, groups = stages * halves;
  const IterationWork work{.prefill_tokens = whole.prefill_tokens / groups,
                           .prefill_sequences = whole.prefill_sequences / groups,
                           .prefill_pairs = whole.prefill_pairs / groups,
                           .decodes = whole.decodes / groups};
  const double tokens = work.prefill_tokens + work.decodes * (1 + static_cast<double>(speculation_.drafted));
  if (tokens <= 0) return out;
  add_batch(work, out);
  IterationParts& parts = out.at_rest;
  for (double* part :
       {&parts.products_s, &parts.experts_s, &parts.prompts_s, &parts.exchange_s, &parts.launch_s, &out.cache_base_s})
    *part *= halves;
  const auto data = static_cast<double>(layout_.data);
  parts.host_s += engine_.iteration_s + engine_.sequence_s * halves * (work.decodes + work.prefill_sequences) / data;
  if (layout_.pipeline > 1) {
    const double own = std::max(1.0, halves * tokens / data);
    const Group pair{.ranks = 2, .per_domain = layout_.chips() <= fabric_.up.domain ? 2 : 1};
    const double bytes = 2 * own * static_cast<double>(model_.hidden);
    parts.exchange_s += (stages - 1) * estimate(Collective::send_recv, bytes, pair, fabric_).seconds;
  }
  out.cache_per_token_s /= stages;
  return out;
}

IterationTime ReplicaModel::iteration_time(const IterationWork& work) const {
  const Parts parts = parts_of(work);
  return {.rest_s = parts.at_rest.seconds(),
          .floor_s = 0,
          .base_s = parts.cache_base_s,
          .per_token_s = parts.cache_per_token_s,
          .apart_s = parts.at_rest.exchange_s + parts.at_rest.host_s};
}

IterationParts ReplicaModel::iteration_parts(const IterationWork& work, double context) const {
  const Parts parts = parts_of(work);
  IterationParts out = parts.at_rest;
  out.cache_s += parts.cache_base_s + parts.cache_per_token_s * context;
  return out;
}

double ReplicaModel::prefill_flops(double tokens, double pairs) const {
  const double heads = static_cast<double>(model_.heads) * static_cast<double>(model_.head_dim + value_dim(model_));
  return 2 * tokens * matmul_parameters(model_) + 2 * pairs * heads * static_cast<double>(growing_layers(model_));
}

double ReplicaModel::peak_flops() const {
  return chip_.peak(layout_.weights) * static_cast<double>(chips());
}

}  // namespace alight
