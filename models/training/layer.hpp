// What the blocks of a layer, the embedding and the loss head cost one chip for one micro-batch: kernels and the
// communication that belongs to them. A training step is put together from these parts (step.hpp).
#pragma once

#include "models/collectives/collective.hpp"
#include "models/training/accelerator.hpp"
#include "models/training/architecture.hpp"
#include "models/training/layout.hpp"

namespace alight {

/// Seconds of one chip for one part of the model, one micro-batch, one direction. Communication is what stays exposed
/// after it has been laid over the computation it can run beside.
struct Pass {
  double compute_s = 0;
  double tensor_s = 0;    ///< tensor-parallel collectives
  double context_s = 0;   ///< exchange of keys and values
  double expert_s = 0;    ///< dispatch and combine of tokens
  double operations = 0;  ///< kernels the host issues; software.issue_s each bounds the pass from below

  /// Seconds of the pass, the host included.
  double seconds(const Accelerator& chip) const;
  Pass& operator+=(const Pass& other);
  Pass operator+(const Pass& other) const { return Pass(*this) += other; }
  Pass operator*(double times) const;
};

struct PartCost {
  Pass forward, backward;
  Pass recompute;  ///< what of the forward pass is run again before the backward pass
};

/// What all parts are priced with. The fabric's scale-up domain decides which group crosses it.
struct Setting {
  const Architecture& model;
  const Layout& layout;
  const Accelerator& chip;
  const Fabric& fabric;
};

/// How the ranks of each kind of parallelism lie on the machine, ranks numbered with tensor innermost, then context,
/// then data (experts inside it), then pipeline (Megatron-LM's default order).
struct Groups {
  Group tensor, context, expert, data, expert_data;
  Group shard, replicate;  ///< of fully sharded weights: ranks that split one copy, ranks that hold the same part
  Group pipeline;          ///< a stage's rank and its next: the same of neither domain, leaf nor pod where most cross
  bool pipeline_crosses_domain() const { return pipeline.per_domain == 1; }
};
Groups groups_of(const Layout& layout, const Fabric& fabric);

/// The halves of a layer, each with its norm and residual: attention (averaged over full and sliding layers where the
/// model mixes them) or another mixer in its place; a dense feed-forward part or experts.
PartCost attention_block(const Setting& setting, const Groups& groups);
PartCost mixer_block(const Setting& setting, const Groups& groups);
PartCost dense_block(const Setting& setting, const Groups& groups);
PartCost expert_block(const Setting& setting, const Groups& groups);
/// Embedding look-up; output projection with its loss.
PartCost embedding(const Setting& setting, const Groups& groups);
PartCost loss_head(const Setting& setting, const Groups& groups);

}  // namespace alight
