#include "models/inference/replica.hpp"

#include <algorithm>
#include <cmath>

#include "models/collectives/collective.hpp"
#include "models/inference/experts.hpp"

namespace alight {

namespace {

Group group_of(std::int64_t ranks, const Fabric& fabric) {
  return {.ranks = ranks, .per_domain = std::min(ranks, std::max<std::int64_t>(1, fabric.up.domain))};
}

}  // namespace

ReplicaModel::ReplicaModel(const Architecture& model, const ServingLayout& layout, const Accelerator& chip,
                           const Fabric& fabric, const EngineProfile& engine, const Speculation& speculation)
    : model_(model),
      layout_(layout),
      chip_(chip),
      fabric_(fabric),
      engine_(engine),
      speculation_(speculation),
      memory_(memory_of(model, layout, engine, chip.memory_bytes)) {}

double ReplicaModel::product(Precision precision, double m, double n, double k, double count) const {
  return gemm_seconds(chip_, precision, m, n, k, count) * engine_.products;
}

double ReplicaModel::all_reduce(double bytes) const {
  if (layout_.tensor <= 1) return 0;
  const double library = estimate(Collective::all_reduce, bytes, group_of(layout_.tensor, fabric_), fabric_).seconds;
  if (engine_.reduce_s <= 0 || layout_.tensor > fabric_.up.domain) return library;
  // One shot: every rank reads all others' parts at once.
  const double others = static_cast<double>(layout_.tensor - 1);
  return std::min(library, engine_.reduce_s + bytes * others / (fabric_.up.gbs * 1e9 * 0.7));
}

// What all layers do with `tokens` tokens of one data rank, attention cores and routed experts apart.
void ReplicaModel::add_layers(double tokens, IterationParts& parts) const {
  const auto t = static_cast<double>(layout_.tensor);
  const auto h = static_cast<double>(model_.hidden), d = static_cast<double>(model_.head_dim),
             v = static_cast<double>(value_dim(model_)), heads = static_cast<double>(model_.heads) / t;
  const auto n_attention = static_cast<double>(attention_layers(model_)),
             n_experts = static_cast<double>(expert_layers(model_)), n_dense = static_cast<double>(dense_layers(model_));
  const Precision wide = layout_.attention, narrow = layout_.weights;
  const LatentAttention& latent = model_.latent;
  double attention = 0;
  if (latent.kv_rank > 0) {
    const auto kv = static_cast<double>(latent.kv_rank), q = static_cast<double>(latent.q_rank),
               rope = static_cast<double>(latent.rope_dim);
    attention += product(wide, tokens, q + kv + rope, h);  // compressed queries, keys and values in one
    attention += product(wide, tokens, heads * d, q > 0 ? q : h);
    // Absorbed (arXiv 2405.04434 section 2.1.2): queries to the compressed width, values back from it, head by head.
    attention += product(Precision::bf16, tokens, kv, d - rope, heads) + product(Precision::bf16, tokens, v, kv, heads);
  } else {
    const double keys = std::max(1.0, static_cast<double>(model_.kv_heads) / t);
    double extra = 0;  // output gates and the like
    if (model_.attention_matrices > 0)
      extra = std::max(0.0, model_.attention_matrices / h - static_cast<double>(model_.heads) * (d + v) -
                                2 * static_cast<double>(model_.kv_heads) * d) / t;
    attention += product(wide, tokens, heads * d + 2 * keys * d + extra, h);
  }
  attention += product(wide, tokens, h, heads * v);
  parts.products_s += n_attention * attention;
  if (model_.other.layers > 0) {
    const auto n = static_cast<double>(model_.other.layers);
    const double width = model_.other.parameters / h / t;
    // Three quarters of a mixer's matrices lead in, one quarter back.
    parts.products_s += n * (product(wide, tokens, 0.75 * width, h) + product(wide, tokens, h, 0.25 * width));
    parts.launch_s += n * engine_.mixer_layer_s;
  }
  const auto feed = [&](double width, Precision precision) {
    return product(precision, tokens, (model_.gated ? 2 : 1) * width, h) + product(precision, tokens, h, width);
  };
  if (n_dense > 0 && model_.ffn > 0) parts.products_s += n_dense * feed(static_cast<double>(model_.ffn) / t, narrow);
  if (n_experts > 0) {
    parts.products_s += n_experts * product(Precision::bf16, tokens, static_cast<double>(model_.experts.count), h);
    const auto shared = static_cast<double>(model_.experts.shared) *
                        static_cast<double>(model_.experts.shared_ffn ? model_.experts.shared_ffn : model_.experts.ffn);
    if (shared > 0) parts.products_s += n_experts * feed(shared / t, narrow);
  }
  const double layers = n_dense + n_experts;
  parts.launch_s += layers * engine_.layer_s + n_experts * engine_.expert_layer_s;
  if (latent.kv_rank > 0) parts.launch_s += n_attention * engine_.latent_layer_s;
  // After attention and after the feed-forward part; streaming kernels (norms, residuals, activations) pass over the
  // tokens' vectors about ten times.
  const double bytes = 2 * tokens * h;
  parts.exchange_s += 2 * layers * all_reduce(bytes);
  parts.launch_s += layers * 10 * bytes / (chip_.memory_bytes_s * chip_.kernels.memory_efficiency);
}

// Routed experts, with `tokens` of all data ranks together.
void ReplicaModel::add_experts(double tokens, IterationParts& parts) const {
  const auto n = static_cast<double>(expert_layers(model_));
  if (n <= 0 || tokens <= 0) return;
  const Experts& e = model_.experts;
  const auto ranks = static_cast<double>(layout_.expert), slices = static_cast<double>(layout_.expert_tensor);
  const auto count = static_cast<double>(e.count), active = static_cast<double>(e.active);
  const double input = static_cast<double>(e.input > 0 ? e.input : model_.hidden);
  const double uneven = busiest_rank(ranks, tokens * active);
  const double awake = std::min(count / ranks, distinct_experts(count, active, tokens) / ranks *
                                                   (ranks > 1 ? std::min(uneven, 1.5) : 1));
  const double copies = tokens * active / ranks * uneven;
  const double width = static_cast<double>(e.ffn) / slices;
  const double elements = (model_.gated ? 3 : 2) * width * input;  // of one expert's matrices here
  const double rate = chip_.peak(layout_.weights) * chip_.kernels.gemm_efficiency[static_cast<std::size_t>(layout_.weights)] *
                      engine_.expert_products;
  // Each expert's tokens fill whole tiles of kTile rows.
  constexpr double kTile = 16;
  const double rows = copies + awake * (kTile - 1) / 2;
  const double computing = 2 * elements * rows / rate;
  const double reading = awake * elements * weight_bytes(layout_.weights) / (chip_.memory_bytes_s * engine_.expert_reads);
  // Copies are gathered, activated, put back: as in training, five reads and writes in 16 bits.
  const double moving = 20 * copies * input / (chip_.memory_bytes_s * chip_.kernels.memory_efficiency);
  parts.experts_s += n * (std::max(computing, reading) + moving + 2 * chip_.kernels.kernel_gap_s);
  if (layout_.data > 1) {
    // Tokens travel to their experts and back between data ranks: as copies, or all to all ranks where that is less.
    const std::int64_t all = layout_.stage_chips();
    const double own = tokens / static_cast<double>(all);
    const double copies_out = std::min(active, static_cast<double>(all));
    const double dispatch = own * copies_out * input * bytes_of(layout_.weights == Precision::bf16 ? Precision::bf16 : Precision::fp8);
    const double combine = own * copies_out * input * 2;
    const Group group = group_of(all, fabric_);
    parts.exchange_s += n * (estimate(Collective::all_to_all, dispatch, group, fabric_).seconds +
                             estimate(Collective::all_to_all, combine, group, fabric_).seconds);
  }
}

ReplicaModel::Parts ReplicaModel::parts_of(const IterationWork& work) const {
  Parts out;
  const double drafted = static_cast<double>(speculation_.drafted);
  const double verified = work.decodes * (1 + drafted);
  const double tokens = work.prefill_tokens + verified;
  if (tokens <= 0) return out;
  const auto t = static_cast<double>(layout_.tensor), data = static_cast<double>(layout_.data),
             stages = static_cast<double>(layout_.pipeline);
  const double own = std::max(1.0, tokens / data);
  IterationParts& parts = out.at_rest;
  add_layers(own, parts);
  add_experts(tokens, parts);

  const auto d = static_cast<double>(model_.head_dim), v = static_cast<double>(value_dim(model_)),
             heads = static_cast<double>(model_.heads) / t;
  const auto n_attention = static_cast<double>(attention_layers(model_)),
             growing = static_cast<double>(growing_layers(model_)), sliding = static_cast<double>(sliding_layers(model_));
  if (work.prefill_tokens > 0) {
    const double rate = chip_.peak(Precision::bf16) * chip_.kernels.attention_forward;
    const double mean = work.prefill_pairs / work.prefill_tokens;
    const double seen = sliding > 0 ? std::min(mean, static_cast<double>(model_.sliding_window)) : 0;
    const double flops = 2 * work.prefill_tokens / data * (growing * mean + sliding * seen) * heads * (d + v);
    parts.prompts_s += engine_.prompts * flops / rate;
    parts.launch_s += engine_.prompt_layer_s * static_cast<double>(model_.layers);
  }
  if (work.decodes > 0) {
    const double read = chip_.memory_bytes_s * engine_.cache;
    const double bytes = kv_elements(model_) * layout_.kv_bytes * kv_copies(model_, layout_.tensor) / t;
    // Latent attention works in the compressed width for every head; other heads in their own.
    const LatentAttention& latent = model_.latent;
    const double widths = latent.kv_rank > 0 ? static_cast<double>(2 * latent.kv_rank + latent.rope_dim) : d + v;
    const double flops = 2 * heads * widths * (1 + drafted);
    const double each = std::max(bytes / read, flops / (chip_.peak(Precision::bf16) * chip_.kernels.attention_forward));
    out.cache_per_token_s = growing * each / data;
    const double window = sliding * static_cast<double>(model_.sliding_window) * work.decodes / data * each;
    out.cache_base_s = window;
    out.cache_floor_s = window;
    parts.cache_s += 0;
    if (model_.other.layers > 0) {
      // States are read and written in 32 bits.
      const double state = static_cast<double>(model_.other.layers) * model_.other.state / 3 / t * 8;
      parts.products_s += work.decodes / data * state / read;
    }
  }
  // Output projection of the last tokens, sampling with them.
  const double last = (verified + work.prefill_sequences) / data;
  const auto vocab = static_cast<double>(model_.vocab) / t;
  if (last > 0) parts.products_s += product(Precision::bf16, std::max(1.0, last), vocab, static_cast<double>(model_.hidden));
  if (speculation_.drafted > 0 && work.decodes > 0) {
    // Drafting passes a token through one layer and the output projection, one after the other.
    IterationParts once;
    add_layers(std::max(1.0, work.decodes / data), once);
    add_experts(work.decodes, once);
    const double share = 1 / static_cast<double>(model_.layers);
    const double head = product(Precision::bf16, std::max(1.0, work.decodes / data), vocab, static_cast<double>(model_.hidden));
    parts.products_s += drafted * (once.products_s * share + head);
    parts.experts_s += drafted * once.experts_s * share;
    parts.exchange_s += drafted * once.exchange_s * share;
    parts.launch_s += drafted * once.launch_s * share;
  }
  parts.host_s += engine_.iteration_s + engine_.sequence_s * (work.decodes + work.prefill_sequences) / data;
  if (layout_.pipeline > 1) {
    // Batches of all stages are under way at once; a token passes every stage.
    const double sends = (stages - 1) * estimate(Collective::send_recv, 2 * own * static_cast<double>(model_.hidden),
                                                 Group{.ranks = 2, .per_domain = 2}, fabric_).seconds;
    parts.exchange_s += sends;
  }
  return out;
}

IterationTime ReplicaModel::iteration_time(const IterationWork& work) const {
  const Parts parts = parts_of(work);
  return {.rest_s = parts.at_rest.seconds(),
          .floor_s = parts.cache_floor_s,
          .base_s = parts.cache_base_s,
          .per_token_s = parts.cache_per_token_s};
}

IterationParts ReplicaModel::iteration_parts(const IterationWork& work, double context) const {
  const Parts parts = parts_of(work);
  IterationParts out = parts.at_rest;
  out.cache_s += std::max(parts.cache_floor_s, parts.cache_base_s + parts.cache_per_token_s * context);
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
