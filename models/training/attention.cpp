// Attention: its projections, its core (fused or with materialised scores), the ring of context ranks.
#include <algorithm>

#include "models/training/parts.hpp"

namespace alight {
namespace {

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

Core flash_core(const Setting& setting, const Widths& widths) {
  const Accelerator& chip = setting.chip;
  const double attended = averaged_attended(setting);
  const double flops = 2 * widths.tokens * attended * (widths.queries + widths.values);
  // Short heads fill the matrix units less: half the rate of long ones at 32 (FlashAttention-2, arXiv 2307.08691,
  // figures 4 and 5: 64 against 128).
  const auto head = static_cast<double>(setting.model.head_dim);
  const double fill = std::min(1.0, head / (head + 32) * 160 / 128);
  // Short sequences leave it too few blocks for the causal diagonal to be small (the trend of the same figures from 512
  // to 16k; the constant is a judgement).
  const auto tokens = static_cast<double>(setting.layout.sequence);
  const double rate = chip.peak(Precision::bf16) * fill * tokens / (tokens + 512) *
                      (chip.software.tuned_attention ? 1 : chip.kernels.portable_attention);
  return {.forward = chip.kernels.kernel_gap_s + flops / (rate * chip.kernels.attention_forward),
          .backward = 2 * chip.kernels.kernel_gap_s + 2.5 * flops / (rate * chip.kernels.attention_backward),
          .operations = 2};
}

// Matrix units want rows of 16 bytes: the batched products of heads of another width run elsewhere. Chosen so
// that bloom_grid_0008 (heads of 150) is as far off as the aligned rows of its set.
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
  cost.forward.operations += core.operations + kForwardOperations;
  cost.backward.operations += 2 * core.operations + kBackwardOperations;
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

}  // namespace

PartCost attention_block(const Setting& setting, const Groups& groups) {
  Core core;
  PartCost cost = attention_part(setting, groups, core);
  const double cheap = add_residual(setting, cost);
  finish_block(setting, groups, cost, cheap, core);
  return cost;
}

}  // namespace alight
