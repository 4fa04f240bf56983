#include "models/training/parts.hpp"

#include <algorithm>

namespace alight {
namespace {

constexpr double kCollectiveOperations = 3;

// Bytes moved to cast one element of an operand: the kernel before writes it narrow as well, and its transpose for the
// weight gradient.
double cast_bytes(Precision precision) {
  const double narrow = bytes_of(precision);
  return narrow >= 2 ? 0 : 2 * narrow;
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

void add_linear(const Setting& setting, PartCost& cost, double m, double n, double k, double count) {
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

void add_tensor_exchange(const Setting& setting, const Groups& groups, Pass& pass, double bytes) {
  if (groups.tensor.ranks <= 1) return;
  double once;
  if (setting.layout.sequence_parallel) {
    once = estimate(Collective::all_gather, bytes, groups.tensor, setting.fabric).seconds +
           estimate(Collective::reduce_scatter, bytes, groups.tensor, setting.fabric).seconds;
  } else {
    once = estimate(Collective::all_reduce, bytes, groups.tensor, setting.fabric).seconds;
  }
  const double hidden = setting.layout.overlap_tensor ? setting.chip.software.tensor_hidden : 0;
  pass.tensor_s += once * (1 - hidden);
  pass.compute_s += once * hidden * setting.chip.kernels.overlap_slowdown;
  pass.operations += kCollectiveOperations;
}

// Norm, residual and dropout of one block: bytes per token and hidden element. The ranks of a tensor group
// share them only with sequence parallelism.
double add_residual(const Setting& setting, PartCost& cost) {
  const Widths w = widths_of(setting);
  const double split = setting.layout.sequence_parallel ? static_cast<double>(setting.layout.tensor) : 1.0;
  const double elements = w.tokens * static_cast<double>(setting.model.hidden) / split;
  const double forward = setting.model.gated ? 10 : 11;   // norm 2+2; residual 2+2+2, with a dropout mask 1
  const double backward = setting.model.gated ? 14 : 16;  // norm 2+2+2 and statistics; residual and mask
  const double before = cost.forward.compute_s;
  add_stream(setting, cost, forward * elements, backward * elements, 2);
  return cost.forward.compute_s - before;
}

void add_feed_forward(const Setting& setting, PartCost& cost, double tokens, double width, double input, double count) {
  add_linear(setting, cost, tokens, (setting.model.gated ? 2 : 1) * width, input, count);
  add_activation(setting, cost, tokens * count, width);
  add_linear(setting, cost, tokens, input, width, count);
}

void finish_block(const Setting& setting, const Groups& groups, PartCost& cost, double cheap_s, const Core& core,
                  bool exchange) {
  if (exchange) {
    const double bytes = 2 * widths_of(setting).tokens * static_cast<double>(setting.model.hidden);
    add_tensor_exchange(setting, groups, cost.forward, bytes);
    add_tensor_exchange(setting, groups, cost.backward, bytes);
  }
  set_recompute(setting, cost, core, cheap_s);
}

}  // namespace alight
