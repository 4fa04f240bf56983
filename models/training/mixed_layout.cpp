// What a mixed layout holds, and why it cannot run.
#include "models/training/mixed.hpp"

namespace alight {

std::int64_t MixedLayout::chips_of(std::size_t kind) const {
  std::int64_t chips = 0;
  for (const MixedPipeline& pipeline : pipelines)
    for (const MixedStage& stage : pipeline.stages)
      if (stage.kind == kind) chips += stage.tensor * common.context * pipeline.replicas;
  return chips;
}

double MixedLayout::model_flops_of(std::size_t kind, const Architecture& model) const {
  const auto mtp = static_cast<double>(model.mtp_layers);
  const double of_head = 6 * static_cast<double>(model.vocab * model.hidden) * (1 + mtp);
  const double of_layer =
      (model_flops_per_token(model, common.sequence) - of_head) / (static_cast<double>(model.layers) + mtp);
  double flops = 0;
  for (const MixedPipeline& pipeline : pipelines) {
    const auto tokens = static_cast<double>(pipeline.sequences * common.sequence);
    for (const MixedStage& stage : pipeline.stages) {
      if (stage.kind != kind) continue;
      const double head = &stage == &pipeline.stages.back() ? of_head + mtp * of_layer : 0;
      flops += tokens * (static_cast<double>(stage.layers) * of_layer + head);
    }
  }
  return flops;
}

bool interchangeable(const ChipKind& one, const ChipKind& other) {
  return one.chip == other.chip && one.fabric == other.fabric && one.precision == other.precision &&
         one.recompute == other.recompute && one.measured.empty() && other.measured.empty();
}

std::string why_impossible(const Architecture& model, const MixedLayout& layout, const std::vector<ChipKind>& kinds) {
  const auto text = [](std::int64_t n) { return std::to_string(n); };
  std::int64_t sequences = 0;
  if (layout.pipelines.empty()) return "no pipeline";
  for (const MixedPipeline& pipeline : layout.pipelines) {
    std::int64_t layers = 0;
    if (pipeline.replicas < 1 || pipeline.micro_batch < 1 || pipeline.virtual_stages < 1)
      return "replicas, micro-batch and virtual stages start at 1";
    if (pipeline.stages.empty()) return "a pipeline without stages";
    const auto stages = static_cast<std::int64_t>(pipeline.stages.size());
    if (pipeline.virtual_stages > 1 && pipeline.micro_batches() % stages != 0)  // Megatron-LM's interleaved schedule
      return text(pipeline.micro_batches()) + " micro-batches over " + text(stages) + " interleaved stages";
    if (pipeline.sequences < pipeline.replicas * pipeline.micro_batch || pipeline.sequences % pipeline.micro_batch != 0)
      return text(pipeline.sequences) + " sequences over " + text(pipeline.replicas) +
             " replicas in micro-batches of " + text(pipeline.micro_batch);
    for (const MixedStage& stage : pipeline.stages) {
      layers += stage.layers;
      if (stage.kind >= kinds.size()) return "a stage of no kind";
      const ChipKind& kind = kinds[stage.kind];
      if (kind.chip.peak(kind.precision.value_or(layout.common.precision)) <= 0)
        return kind.name + " does not compute in this precision";
      if (stage.tensor < 1 || model.heads % stage.tensor != 0)
        return text(model.heads) + " heads over " + text(stage.tensor) + " tensor ranks";
      if (stage.layers < 1) return "a stage without layers";
      if (stage.layers % pipeline.virtual_stages != 0)
        return text(stage.layers) + " layers in " + text(pipeline.virtual_stages) + " chunks";
      if (layout.common.expert > 1 && (model.experts.count % layout.common.expert != 0 ||
                                       stage.tensor * pipeline.replicas % layout.common.expert != 0))
        return text(layout.common.expert) + " expert ranks in " + text(stage.tensor * pipeline.replicas) + " ranks";
    }
    if (layers != model.layers) return text(layers) + " layers placed of " + text(model.layers);
    sequences += pipeline.sequences;
  }
  if (sequences != layout.common.global_batch)
    return text(sequences) + " sequences shared out of " + text(layout.common.global_batch);
  for (std::size_t k = 0; k < kinds.size(); ++k)
    if (layout.chips_of(k) > kinds[k].chips)
      return text(layout.chips_of(k)) + " chips of " + text(kinds[k].chips) + " " + kinds[k].name;
  return {};
}

}  // namespace alight
