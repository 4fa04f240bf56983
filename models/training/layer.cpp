#include "models/training/layer.hpp"

#include <algorithm>
#include <cmath>

namespace alight {
namespace {

// Operations a framework issues for one layer besides those counted where they arise, per direction: norms, residuals,
// reshapes, casts, bookkeeping of autograd. They matter only where a step is bound by the host.
constexpr double kForwardOperations = 30, kBackwardOperations = 50;
constexpr double kCollectiveOperations = 3;
// Router, sort, dispatch, grouped products, combine: what a layer of experts issues in place of a dense half.
constexpr double kRoutingForward = 130, kRoutingBackward = 250;

// Widths of one tensor-parallel rank.
struct Widths {
  double tokens;   // of a micro-batch on this rank
  double queries;  // width of all local query heads
  double keys;     // width of the local key heads; values are as wide unless latent
  double values;   // what the attention core gives back, all local heads
  double local_heads;
};

Widths widths_of(const Setting& setting) {
  const Architecture& model = setting.model;
  const Layout& layout = setting.layout;
  const auto tensor = static_cast<double>(layout.tensor);
  const double heads = static_cast<double>(model.heads) / tensor;
  const double kv_heads = std::max(static_cast<double>(model.kv_heads) / tensor, 1.0);
  const auto head_dim = static_cast<double>(model.head_dim);
  const bool latent = model.latent.kv_rank > 0;
  const double value_dim = !latent
                               ? head_dim
                               : static_cast<double>(model.latent.value_dim ? model.latent.value_dim
                                                                            : model.head_dim - model.latent.rope_dim);
  return {.tokens = static_cast<double>(layout.micro_batch * layout.sequence) / static_cast<double>(layout.context),
          .queries = heads * head_dim,
          .keys = (latent ? heads : kv_heads) * head_dim,
          .values = heads * value_dim,
          .local_heads = heads};
}

// A linear layer: one product forward, two backward (input and weight gradients), each casting its operands where the
// precision is narrower than the 16 bits activations are kept in.
struct Linear {
  double forward = 0, backward = 0;
  double operations_forward = 0, operations_backward = 0;
};

// Bytes moved to cast one element of an operand: the kernel before writes it narrow as well, and its transpose for the
// weight gradient.
double cast_bytes(Precision precision) {
  const double narrow = bytes_of(precision);
  return narrow >= 2 ? 0 : 2 * narrow;
}

void add_linear(const Setting& setting, PartCost& cost, double m, double n, double k, double count = 1) {
  const Precision precision = setting.layout.precision;
  const double cast = cast_bytes(precision);
  const Accelerator& chip = setting.chip;
  // Experts of equal capacity are one batched product; dropless ones are many of unlike sizes.
  const bool ragged = count > 1 && setting.layout.capacity_factor == 0;
  const double longer = ragged ? 1 / chip.kernels.grouped_efficiency : 1;
  cost.forward.compute_s += longer * gemm_seconds(chip, precision, m, n, k, count);
  double backward = longer * gemm_seconds(chip, precision, m, k, n, count);
  double operations = 1;
  if (!setting.layout.low_rank_adapters) {
    backward += longer * gemm_seconds(chip, precision, k, n, m, count);
    operations = 2;
    if (setting.layout.micro_batches() > 1) backward += stream_seconds(chip, 8 * count * k * n);
  }
  if (cast > 0) {
    cost.forward.compute_s += stream_seconds(chip, cast * count * m * k);
    backward += stream_seconds(chip, cast * count * m * n);
    cost.forward.operations += 1;
    operations += 1;
  }
  cost.backward.compute_s += backward;
  cost.forward.operations += 1;
  cost.backward.operations += operations;
}

void add_stream(const Setting& setting, PartCost& cost, double forward_bytes, double backward_bytes, double kernels) {
  cost.forward.compute_s += stream_seconds(setting.chip, forward_bytes, kernels);
  cost.backward.compute_s += stream_seconds(setting.chip, backward_bytes, kernels);
}

double averaged_attended(const Setting& setting) {
  const Architecture& model = setting.model;
  const std::int64_t tokens = setting.layout.sequence;
  const double full = attended_tokens(model, tokens, false);
  const std::int64_t sliding = sliding_layers(model);
  if (sliding == 0) return full;
  const auto layers = static_cast<double>(attention_layers(model));
  const double slides = static_cast<double>(sliding) / layers;
  return slides * attended_tokens(model, tokens, true) + (1 - slides) * full;
}

// The attention core: scores, softmax, weighted values. Forward and backward seconds.
struct Core {
  double forward, backward, operations;
};

Core flash_core(const Setting& setting, const Widths& widths) {
  const Accelerator& chip = setting.chip;
  const double attended = averaged_attended(setting);
  const double flops = 2 * widths.tokens * attended * (widths.queries + widths.values);
  // Short heads fill the matrix units less: half the rate of long ones at 32 (FlashAttention-2, arXiv 2307.08691,
  // figures 4 and 5: 64 against 128).
  const auto head = static_cast<double>(setting.model.head_dim);
  const double fill = std::min(1.0, head / (head + 32) * 160 / 128);
  // Short sequences leave it too few blocks for the causal diagonal to be small (same figures: 512 to 16k).
  const auto tokens = static_cast<double>(setting.layout.sequence);
  const double rate = chip.peak(Precision::bf16) * fill * tokens / (tokens + 512) *
                      (chip.software.tuned_attention ? 1 : chip.kernels.portable_attention);
  return {.forward = chip.kernels.kernel_gap_s + flops / (rate * chip.kernels.attention_forward),
          .backward = 2 * chip.kernels.kernel_gap_s + 2.5 * flops / (rate * chip.kernels.attention_backward),
          .operations = 2};
}

// Matrix units want rows of 16 bytes: the batched products of heads of another width run elsewhere. Calibrated on
// bloom_grid_0008 (heads of 150).
constexpr double kUnalignedHeads = 15;

// Materialised scores. Bytes per score: written by the product, read and written by the fused mask and softmax and by
// dropout with its mask, read by the second product; backward the same gradients twice over.
Core materialised_core(const Setting& setting, const Widths& widths) {
  const Accelerator& chip = setting.chip;
  const auto s = static_cast<double>(setting.layout.sequence);
  const double batch = widths.tokens / s * widths.local_heads;
  const auto d = static_cast<double>(setting.model.head_dim);
  const double slow = setting.model.head_dim % 8 == 0 ? 1 : kUnalignedHeads;
  const double one = slow * gemm_seconds(chip, Precision::bf16, s, s, d, batch);
  const double two = slow * gemm_seconds(chip, Precision::bf16, s, d, s, batch);
  const double scores = batch * s * s / (chip.memory_bytes_s * chip.kernels.score_efficiency);
  return {.forward = one + two + 2 * chip.kernels.kernel_gap_s + 9 * scores,
          .backward = 2 * (one + two) + 2 * chip.kernels.kernel_gap_s + 11 * scores,
          .operations = 8};
}

void add_tensor_exchange(const Setting& setting, const Groups& groups, Pass& pass, double bytes, int times) {
  if (groups.tensor.ranks <= 1) return;
  double once;
  if (setting.layout.sequence_parallel) {
    once = estimate(Collective::all_gather, bytes, groups.tensor, setting.fabric).seconds +
           estimate(Collective::reduce_scatter, bytes, groups.tensor, setting.fabric).seconds;
  } else {
    once = estimate(Collective::all_reduce, bytes, groups.tensor, setting.fabric).seconds;
  }
  const double hidden = setting.layout.overlap_tensor ? setting.chip.software.tensor_hidden : 0;
  pass.tensor_s += times * once * (1 - hidden);
  pass.compute_s += times * once * hidden * setting.chip.kernels.overlap_slowdown;
  pass.operations += times * kCollectiveOperations;
}

// Dispatch or combine of `tokens`, `width` values wide, each to `copies` experts. Inside a domain every copy travels;
// to another domain a token travels once and is copied on from there (DeepEP and the hybrid dispatchers; DeepSeek-V3,
// arXiv 2412.19437 section 3.2.2), the two legs running beside each other. Of D domains `copies` uniform choices reach
// D (1 - (1 - 1/D)^copies), no more than the router's own limit.
double routing_seconds(const Setting& setting, const Group& group, double tokens, double copies, double width) {
  const double bytes = 2 * tokens * width;
  const Group inside{.ranks = group.per_domain, .per_domain = group.per_domain};
  const double local = estimate(Collective::all_to_all, bytes * copies, inside, setting.fabric).seconds;
  const std::int64_t domains = group.ranks / group.per_domain;
  if (domains <= 1) return local;
  const auto d = static_cast<double>(domains);
  double reached = d * (1 - std::pow(1 - 1 / d, copies));
  if (setting.layout.expert_domains > 0)
    reached = std::min(reached, static_cast<double>(setting.layout.expert_domains));
  const Group between{.ranks = domains, .per_domain = 1};
  return std::max(local, estimate(Collective::all_to_all, bytes * reached, between, setting.fabric).seconds);
}

// Attention with its projections.
PartCost attention_part(const Setting& setting, const Groups& groups, Core& core) {
  const Architecture& model = setting.model;
  const Layout& layout = setting.layout;
  const Widths w = widths_of(setting);
  const auto h = static_cast<double>(model.hidden);
  const double gates = setting.chip.software.gate_traffic;
  PartCost cost;
  if (model.latent.kv_rank > 0) {
    const auto q_rank = static_cast<double>(model.latent.q_rank);
    const auto kv_rank = static_cast<double>(model.latent.kv_rank);
    const auto rope = static_cast<double>(model.latent.rope_dim);
    if (q_rank > 0) add_linear(setting, cost, w.tokens, q_rank, h);
    add_linear(setting, cost, w.tokens, w.queries, q_rank > 0 ? q_rank : h);
    add_linear(setting, cost, w.tokens, kv_rank + rope, h);
    add_linear(setting, cost, w.tokens, w.keys - w.local_heads * rope + w.values, kv_rank);
    // Positions are turned on a part of each head and the parts copied together again.
    add_stream(setting, cost, w.tokens * 4 * (w.queries + w.keys + w.values),
               w.tokens * 4 * (w.queries + w.keys + w.values), 4);
  } else {
    add_linear(setting, cost, w.tokens, w.queries + 2 * w.keys, h);
    if (model.learned_positions == 0 && model.gated) {
      const double bytes = gates * w.tokens * 4 * (w.queries + w.keys);
      add_stream(setting, cost, bytes, bytes, 2);
    }
  }
  add_linear(setting, cost, w.tokens, h, w.values);
  core = layout.flash_attention ? flash_core(setting, w) : materialised_core(setting, w);
  cost.forward.compute_s += core.forward;
  cost.backward.compute_s += core.backward;
  cost.forward.operations += core.operations + kForwardOperations / 2;
  cost.backward.operations += 2 * core.operations + kBackwardOperations / 2;
  if (layout.context > 1) {
    // Ring attention: keys and values of the other ranks pass by while the core computes (Liu et al., arXiv
    // 2310.01889); their gradients pass with them on the way back.
    const double bytes = 2 * w.tokens * static_cast<double>(layout.context) *
                         (model.latent.kv_rank > 0 ? w.keys + w.values : 2 * w.keys);
    const double passing = estimate(Collective::all_gather, bytes, groups.context, setting.fabric).seconds;
    const double gap = 1 / static_cast<double>(layout.context);  // the first block is there already
    cost.forward.context_s += std::max(passing - (1 - gap) * core.forward, gap * passing);
    cost.backward.context_s += std::max(2 * passing - (1 - gap) * core.backward, gap * 2 * passing);
    cost.forward.operations += 2 * static_cast<double>(layout.context);
    cost.backward.operations += 2 * static_cast<double>(layout.context);
  }
  return cost;
}

// Norm, residual and dropout of one block: bytes per token and hidden element. The ranks of a tensor group
// share them only with sequence parallelism.
void add_residual(const Setting& setting, PartCost& cost) {
  const Widths w = widths_of(setting);
  const double split = setting.layout.sequence_parallel ? static_cast<double>(setting.layout.tensor) : 1.0;
  const double elements = w.tokens * static_cast<double>(setting.model.hidden) / split;
  const double forward = setting.model.gated ? 10 : 11;   // norm 2+2; residual 2+2+2, with a dropout mask 1
  const double backward = setting.model.gated ? 14 : 16;  // norm 2+2+2 and statistics; residual and mask
  add_stream(setting, cost, forward * elements, backward * elements, 2);
}

void add_activation(const Setting& setting, PartCost& cost, double tokens, double width) {
  const double elements = tokens * width;
  if (setting.model.gated) {
    // Two read, one written; back: three read, two written.
    const double gates = setting.chip.software.gate_traffic;
    add_stream(setting, cost, gates * 6 * elements, gates * 10 * elements, 1);
  } else {
    add_stream(setting, cost, 4 * elements, 6 * elements, 1);
  }
}

void add_feed_forward(const Setting& setting, PartCost& cost, double tokens, double width, double input,
                      double count = 1) {
  add_linear(setting, cost, tokens, (setting.model.gated ? 2 : 1) * width, input, count);
  add_activation(setting, cost, tokens * count, width);
  add_linear(setting, cost, tokens, input, width, count);
}

void add_feed_forward(const Setting& setting, PartCost& cost, double tokens, double width) {
  add_feed_forward(setting, cost, tokens, width, static_cast<double>(setting.model.hidden));
}

// Selective recomputation runs the core again where its scores were materialised (Korthikanti et al., section 5); a
// fused kernel does that by itself, and norms and activation functions are run again instead (Megatron-Core's
// recompute_modules, XLA's minimal policies).
void set_recompute(const Setting& setting, PartCost& cost, const Core& core, double cheap_s) {
  if (setting.layout.recompute == Recompute::full) {
    cost.recompute = cost.forward;
  } else if (setting.layout.recompute == Recompute::selective && setting.chip.software.selective_share > 0) {
    cost.recompute.compute_s = setting.chip.software.selective_share * cost.forward.compute_s;
    cost.recompute.operations = setting.chip.software.selective_share * cost.forward.operations;
  } else if (setting.layout.recompute == Recompute::selective && !setting.layout.flash_attention) {
    cost.recompute.compute_s = core.forward;
    cost.recompute.operations = core.operations;
  } else if (setting.layout.recompute == Recompute::selective) {
    cost.recompute.compute_s = cheap_s;
    cost.recompute.operations = 4;
  }
}

}  // namespace

double Pass::seconds(const Accelerator& chip) const {
  return std::max(compute_s + tensor_s + context_s + expert_s, operations * chip.software.issue_s);
}

Pass& Pass::operator+=(const Pass& other) {
  compute_s += other.compute_s;
  tensor_s += other.tensor_s;
  context_s += other.context_s;
  expert_s += other.expert_s;
  operations += other.operations;
  return *this;
}

Pass Pass::operator*(double times) const {
  return {compute_s * times, tensor_s * times, context_s * times, expert_s * times, operations * times};
}

PartCost attention_block(const Setting& setting, const Groups& groups) {
  Core core{};
  PartCost cost = attention_part(setting, groups, core);
  const double before = cost.forward.compute_s;
  add_residual(setting, cost);
  const double cheap = cost.forward.compute_s - before;
  const double bytes = 2 * widths_of(setting).tokens * static_cast<double>(setting.model.hidden);
  add_tensor_exchange(setting, groups, cost.forward, bytes, 1);
  add_tensor_exchange(setting, groups, cost.backward, bytes, 1);
  set_recompute(setting, cost, core, cheap);
  return cost;
}

PartCost mixer_block(const Setting& setting, const Groups& groups) {
  const Widths w = widths_of(setting);
  const auto h = static_cast<double>(setting.model.hidden);
  const auto tensor = static_cast<double>(setting.layout.tensor);
  PartCost cost;
  // Its matrices as one product; its state by kernels that stream the inputs a few times over.
  add_linear(setting, cost, w.tokens, setting.model.other.parameters / h / tensor, h);
  const double inputs = w.tokens * setting.model.other.parameters / h / tensor;
  add_stream(setting, cost, 8 * inputs, 16 * inputs, 6);
  const double before = cost.forward.compute_s;
  add_residual(setting, cost);
  const double cheap = cost.forward.compute_s - before;
  cost.forward.operations += kForwardOperations / 2;
  cost.backward.operations += kBackwardOperations / 2;
  const double bytes = 2 * w.tokens * h;
  add_tensor_exchange(setting, groups, cost.forward, bytes, 1);
  add_tensor_exchange(setting, groups, cost.backward, bytes, 1);
  set_recompute(setting, cost, Core{}, cheap);
  return cost;
}

PartCost dense_block(const Setting& setting, const Groups& groups) {
  const Widths w = widths_of(setting);
  PartCost cost;
  add_residual(setting, cost);
  const double cheap = cost.forward.compute_s;
  const double width = static_cast<double>(setting.model.ffn) / static_cast<double>(setting.layout.tensor);
  if (width > 0) add_feed_forward(setting, cost, w.tokens, width);
  cost.forward.operations += kForwardOperations / 2;
  cost.backward.operations += kBackwardOperations / 2;
  const double bytes = 2 * w.tokens * static_cast<double>(setting.model.hidden);
  add_tensor_exchange(setting, groups, cost.forward, bytes, 1);
  add_tensor_exchange(setting, groups, cost.backward, bytes, 1);
  set_recompute(setting, cost, Core{}, cheap);
  return cost;
}

PartCost expert_block(const Setting& setting, const Groups& groups) {
  const Widths w = widths_of(setting);
  const Layout& layout = setting.layout;
  const Experts& experts = setting.model.experts;
  const auto h = static_cast<double>(setting.model.hidden);
  const auto tensor = static_cast<double>(layout.tensor);
  PartCost cost;
  add_residual(setting, cost);
  const double cheap = cost.forward.compute_s;
  // Expert parallelism keeps experts whole: a rank routes the tokens it alone holds. Without it the tensor ranks hold a
  // slice of every expert, as of a dense layer.
  const bool sliced = layout.expert == 1;
  const double tokens = sliced ? w.tokens : w.tokens / tensor;
  const double slice = sliced ? tensor : 1;
  const double copies = static_cast<double>(experts.active);
  const double local = static_cast<double>(experts.count) / static_cast<double>(layout.expert);
  const double load = layout.expert_imbalance * (layout.capacity_factor > 0 ? layout.capacity_factor : 1);
  const double routed = tokens * copies * load;
  const double input = static_cast<double>(experts.input > 0 ? experts.input : setting.model.hidden);
  add_linear(setting, cost, tokens, static_cast<double>(experts.count), h);
  if (experts.input > 0) {
    add_linear(setting, cost, tokens, input, h);
    add_linear(setting, cost, tokens, h, input);
  }
  // Every copy is sorted by expert, padded and cast before, weighted, put back and summed after: five reads and writes.
  add_stream(setting, cost, 20 * routed * input, 20 * routed * input, 12);
  add_feed_forward(setting, cost, routed / local, static_cast<double>(experts.ffn) / slice, input, local);
  if (experts.shared > 0) {
    const auto width =
        static_cast<double>(experts.shared * (experts.shared_ffn > 0 ? experts.shared_ffn : experts.ffn));
    add_feed_forward(setting, cost, tokens, width / slice);
  }
  if (layout.expert > 1) {
    const double once = routing_seconds(setting, groups.expert, tokens * layout.expert_imbalance, copies, input);
    // A bidirectional schedule computes for one micro-batch while it routes for another.
    const auto expose = [&](Pass& pass) {
      const double room = layout.schedule == Schedule::dualpipe ? pass.compute_s : 0;
      pass.expert_s += std::max(0.0, 2 * once - room);
      pass.compute_s += std::min(2 * once, room) * setting.chip.kernels.overlap_slowdown;
    };
    expose(cost.forward);
    expose(cost.backward);
  }
  cost.forward.operations += kRoutingForward;
  cost.backward.operations += kRoutingBackward;
  if (sliced) {
    const double bytes = 2 * w.tokens * h;
    add_tensor_exchange(setting, groups, cost.forward, bytes, 1);
    add_tensor_exchange(setting, groups, cost.backward, bytes, 1);
  }
  set_recompute(setting, cost, Core{}, cheap);
  return cost;
}

PartCost embedding(const Setting& setting, const Groups& groups) {
  const Widths w = widths_of(setting);
  const auto h = static_cast<double>(setting.model.hidden);
  PartCost cost;
  add_stream(setting, cost, 6 * w.tokens * h, 8 * w.tokens * h, 3);
  cost.forward.operations = cost.backward.operations = 10;
  const double bytes = 2 * w.tokens * h;
  add_tensor_exchange(setting, groups, cost.forward, setting.layout.sequence_parallel ? bytes / 2 : bytes, 1);
  return cost;
}

PartCost loss_head(const Setting& setting, const Groups& groups) {
  const Widths w = widths_of(setting);
  const auto h = static_cast<double>(setting.model.hidden);
  const double vocab = static_cast<double>(setting.model.vocab) / static_cast<double>(setting.layout.tensor);
  PartCost cost;
  Layout wide = setting.layout;  // the output projection stays in 16 bits
  if (bytes_of(wide.precision) < 2) wide.precision = Precision::bf16;
  add_linear(Setting{setting.model, wide, setting.chip, setting.fabric}, cost, w.tokens, vocab, h);
  // Logits are widened to 32 bits, reduced twice (maximum, sum) and turned into probabilities; back: scaled, narrowed.
  add_stream(setting, cost, 14 * w.tokens * vocab, 10 * w.tokens * vocab, 8);
  cost.forward.operations += 25;
  cost.backward.operations += 20;
  add_tensor_exchange(setting, groups, cost.backward, 2 * w.tokens * h, 1);
  return cost;
}

}  // namespace alight
