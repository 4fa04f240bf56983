#include "models/training/layer.hpp"

#include <algorithm>

#include "models/training/parts.hpp"

namespace alight {

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

PartCost mixer_block(const Setting& setting, const Groups& groups) {
  const Widths w = widths_of(setting);
  const auto h = static_cast<double>(setting.model.hidden);
  const auto tensor = static_cast<double>(setting.layout.tensor);
  PartCost cost;
  // Its matrices as one product; its state by kernels that stream the inputs a few times over.
  const double width = setting.model.other.parameters / h / tensor;
  add_linear(setting, cost, w.tokens, width, h);
  add_stream(setting, cost, 8 * w.tokens * width, 16 * w.tokens * width, 6);
  const double cheap = add_residual(setting, cost);
  cost.forward.operations += kForwardOperations;
  cost.backward.operations += kBackwardOperations;
  finish_block(setting, groups, cost, cheap);
  return cost;
}

PartCost dense_block(const Setting& setting, const Groups& groups) {
  const auto h = static_cast<double>(setting.model.hidden);
  PartCost cost;
  const double cheap = add_residual(setting, cost);
  const double width = static_cast<double>(setting.model.ffn) / static_cast<double>(setting.layout.tensor);
  if (width > 0) add_feed_forward(setting, cost, widths_of(setting).tokens, width, h);
  cost.forward.operations += kForwardOperations;
  cost.backward.operations += kBackwardOperations;
  finish_block(setting, groups, cost, cheap);
  return cost;
}

PartCost embedding(const Setting& setting, const Groups& groups) {
  const Widths w = widths_of(setting);
  const auto h = static_cast<double>(setting.model.hidden);
  PartCost cost;
  add_stream(setting, cost, 6 * w.tokens * h, 8 * w.tokens * h, 3);
  cost.forward.operations = cost.backward.operations = 10;
  const double bytes = 2 * w.tokens * h;
  add_tensor_exchange(setting, groups, cost.forward, setting.layout.sequence_parallel ? bytes / 2 : bytes);
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
  add_tensor_exchange(setting, groups, cost.backward, 2 * w.tokens * h);
  return cost;
}

}  // namespace alight
