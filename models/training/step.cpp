#include "models/training/step.hpp"

#include <algorithm>
#include <cmath>

#include "models/training/stage.hpp"
#include "models/whole_numbers.hpp"

namespace alight {
namespace {

// Standard deviations as shares of what they belong to, taken to be independent. The kernels' own comes with the chip.
// The others are our judgement, widened until four published steps in five lay inside (docs/training.md): contention
// and placement for communication, the schedule for the bubble, releases of the software for experts, kernels and
// layers that the description does not hold for hybrids.
constexpr double kCommunication = 0.4, kBubble = 0.3, kHost = 0.4, kExperts = 0.26, kNarrowest = 0.06, kHybrid = 0.4;

double uncertainty(const Architecture& model, const Layout& layout, const Accelerator& chip, const StepBreakdown& b) {
  const double total = b.total();
  const double communication = b.tensor_s + b.pipeline_s + b.data_s + b.expert_s + b.context_s;
  double variance = 0;
  const auto add = [&](double share, double deviation) { variance += share * share * deviation * deviation; };
  add((b.compute_s + b.optimizer_s) / total, chip.kernels.uncertainty);
  add(communication / total, kCommunication);
  add(b.bubble_s / total, kBubble);
  add(b.other_s / total, kHost);
  if (model.experts.count > 0) add(1, kExperts);
  if (layout.precision == Precision::nvfp4) add(1, kNarrowest);
  if (model.hybrid) add(1, kHybrid);
  return std::sqrt(variance);
}

// FLOPs per token that are run a second time: all layers, or what selective recomputation repeats (set_recompute in
// layer.cpp). A forward pass is a third of a layer's model FLOPs; what a fused attention kernel repeats inside itself
// does not count (Korthikanti et al., arXiv 2205.05198, appendix A).
double recomputed_flops_per_token(const Architecture& model, const Layout& layout, const Accelerator& chip) {
  const double all = model_flops_per_token(model, layout.sequence);
  const double head = 6 * whole(model.vocab * model.hidden) * whole(1 + model.mtp_layers);
  const double layers = (all - head) / 3;
  if (layout.recompute == Recompute::full) return layers;
  if (layout.recompute == Recompute::none) return 0;
  if (chip.software.selective_share > 0) return chip.software.selective_share * layers;
  return layout.flash_attention ? 0 : (all - 6 * matmul_parameters(model)) / 3;
}

}  // namespace

std::string why_impossible(const Architecture& model, const Layout& layout, const Accelerator& chip) {
  const auto times = [](std::int64_t n) { return std::to_string(n); };
  if (chip.peak(layout.precision) <= 0) return "the chip does not compute in this precision";
  if (model.heads % layout.tensor != 0)
    return times(model.heads) + " heads over " + times(layout.tensor) + " tensor ranks";
  if (layout.pipeline > 1 && layout.pipeline * layout.virtual_stages > std::max(model.layers, layout.pipeline_slots))
    return times(model.layers) + " layers over " + times(layout.pipeline * layout.virtual_stages) + " pipeline chunks";
  if (layout.expert > 1 && (model.experts.count == 0 || model.experts.count % layout.expert != 0))
    return times(model.experts.count) + " experts over " + times(layout.expert) + " expert ranks";
  if (layout.expert > 1 && (layout.tensor * layout.context * layout.data) % layout.expert != 0)
    return times(layout.expert) + " expert ranks in " + times(layout.tensor * layout.context * layout.data) + " ranks";
  if (layout.global_batch % (layout.data * layout.micro_batch) != 0 ||
      layout.global_batch < layout.data * layout.micro_batch)
    return "a batch of " + times(layout.global_batch) + " sequences over " + times(layout.data) +
           " data ranks in micro-batches of " + times(layout.micro_batch);
  return {};
}

Groups groups_of(const Layout& layout, const Fabric& fabric) {
  // Ranks of a group in one domain, where neighbours of the group are `stride` ranks apart. A group that does not fit
  // spreads evenly, as jobs are placed.
  const auto group = [&](std::int64_t ranks, std::int64_t stride) {
    std::int64_t inside = std::clamp<std::int64_t>(fabric.up.domain / stride, 1, ranks);
    while (ranks % inside != 0) --inside;
    const auto below = [&](const Uplink& up) {
      return up.chips > 0 ? std::clamp<std::int64_t>(up.chips / stride, 1, ranks) : 0;
    };
    return Group{
        .ranks = ranks, .per_domain = inside, .per_leaf = below(fabric.out.leaf), .per_pod = below(fabric.out.pod)};
  };
  Groups groups;
  const std::int64_t replicas = layout.context * layout.data;
  groups.tensor = group(layout.tensor, 1);
  groups.context = group(layout.context, layout.tensor);
  groups.expert = group(layout.expert, 1);
  groups.data = group(replicas, layout.tensor);
  std::int64_t shard = replicas;
  if (layout.sharding == Sharding::hsdp && layout.shard_ranks > 0) shard = std::min(layout.shard_ranks, replicas);
  groups.shard = group(shard, layout.tensor);
  groups.replicate = group(std::max<std::int64_t>(1, replicas / shard), layout.tensor * shard);
  // Slices of experts lie as slices of dense layers do; whole experts repeat every `expert` ranks.
  groups.expert_data = layout.expert == 1
                           ? groups.data
                           : group(std::max<std::int64_t>(1, layout.tensor * replicas / layout.expert), layout.expert);
  // Where stages are narrower than a leaf only its last one's ranks send to others; they alone share its uplinks.
  const std::int64_t stage = layout.tensor * replicas;
  const auto leaves = [&](const Uplink& up) {
    const double crossing =
        std::min(1.0, static_cast<double>(stage) / static_cast<double>(std::max<std::int64_t>(1, up.chips)));
    const double kept = routing_efficiency(up.routing, crossing * static_cast<double>(up.chips) * up.nics, up.cables);
    return up.chips > 0 && crossing * up.oversubscription > kept ? 1 : 0;
  };
  groups.pipeline = {.ranks = 2,
                     .per_domain = stage * 2 > fabric.up.domain ? 1 : 2,
                     .per_leaf = leaves(fabric.out.leaf),
                     .per_pod = leaves(fabric.out.pod)};
  return groups;
}

TrainingStep predict_step(const Architecture& model, const Layout& layout, const Accelerator& chip,
                          const Fabric& fabric) {
  const Setting setting{model, layout, chip, fabric};
  const Groups groups = groups_of(layout, fabric);
  return predict_step(setting, groups, micro_batch_parts(setting, groups));
}

TrainingStep predict_step(const Setting& setting, const Groups& groups, MicroBatchCost cost) {
  const Architecture& model = setting.model;
  const Layout& layout = setting.layout;
  const Accelerator& chip = setting.chip;
  const Fabric& fabric = setting.fabric;
  const double layers = whole(model.layers);
  add_sharded_weights(setting, groups, cost);
  const PartCost &layer = cost.layer, &head = cost.head, &input = cost.input;
  const double mtp = whole(model.mtp_layers);

  const double m = whole(layout.micro_batches());
  const double p = whole(layout.pipeline);
  const double chunks = whole(layout.virtual_stages);
  const LocalParameters local = local_parameters(model, layout);

  // Exchange between stages: activations one way, their gradients back, each tensor rank its part (the scatter and
  // gather of Narayanan et al., arXiv 2104.04473 section 4.1). Interleaved schedules exchange more often, half of it
  // beside computation.
  double exchange = 0;
  if (layout.pipeline > 1) {
    const double bytes = 2 * whole(layout.micro_batch * layout.sequence) / whole(layout.context) * whole(model.hidden) /
                         whole(layout.tensor);
    exchange = (chunks > 1 ? 1 : 2) * chunks * estimate(Collective::send_recv, bytes, groups.pipeline, fabric).seconds;
  }

  // Seconds of one micro-batch: a layer with its two directions, the ends.
  const auto sum = [&](const PartCost& part) {
    Pass pass = part.forward;
    pass += part.backward;
    pass += part.recompute;
    return pass;
  };
  const double layer_s = cost.layer_s, head_s = cost.head_s, input_s = cost.input_s;
  const double sharded_exposed = cost.sharded_exposed_s, slowed = cost.slowed_s;
  const double slots = whole(layout.pipeline_slots > 0 ? layout.pipeline_slots : model.layers);
  const double most = std::ceil(slots / p), least = layout.pipeline_slots > 0 ? most - 1 : std::floor(slots / p);
  double all = layers * layer_s + head_s + input_s;
  double slowest =
      layout.pipeline == 1 ? all : std::max({most * layer_s, least * layer_s + head_s, least * layer_s + input_s});
  slowest += exchange;
  all += exchange * p;

  // m micro-batches at the pace of the slowest stage; the others' first and last are the bubble (Narayanan et al.,
  // arXiv 2104.04473 section 2.2, with stages of unequal length).
  double pipe;
  if (layout.schedule == Schedule::dualpipe && layout.pipeline > 1) {
    // (p/2 - 1)(F&B + B - 3 W), the pair F&B run as one, W half of B (arXiv 2412.19437 table 2).
    const double stage = all / p;
    pipe = m * slowest + std::max(0.0, p / 2 - 1) * stage * 2.0 / 3.0;
  } else {
    pipe = m * slowest + (all - slowest) / chunks;
  }

  TrainingStep step;
  StepBreakdown& b = step.breakdown;
  Pass mean = sum(layer) * (layers / p);
  mean += sum(head) * ((1 + mtp) / p);
  mean += sum(layer) * (mtp / p);
  mean += sum(input) * (1 / p);
  b.compute_s = m * (mean.compute_s + slowed * layers / p);
  b.tensor_s = m * mean.tensor_s;
  b.context_s = m * mean.context_s;
  b.expert_s = m * mean.expert_s;
  b.pipeline_s = m * exchange;
  b.data_s = m * sharded_exposed * (layers + mtp) / p;
  b.other_s = m * all / p - b.compute_s - b.tensor_s - b.context_s - b.expert_s - b.pipeline_s - b.data_s;
  b.bubble_s = pipe - m * all / p;

  // Once a step: gradients, parameters, optimiser.
  StateTraffic traffic = state_traffic(layout, local.dense, groups.data, fabric);
  const StateTraffic of_experts = state_traffic(layout, local.experts, groups.expert_data, fabric);
  traffic.reduce_s += of_experts.reduce_s + cost.replicate_s * layers / p;
  traffic.gather_s += of_experts.gather_s;
  const double one_backward = (layers / p) * ((layer.backward + layer.recompute).seconds(chip) - cost.hidden_s);
  const double one_forward = (layers / p) * layer.forward.seconds(chip);
  const double last_bucket = 1 / std::max(1.0, layers / p);
  const auto beside = [&](double communication, double room, bool overlapped) {
    if (!overlapped) {
      b.data_s += communication;
      return;
    }
    const Overlap laid = lay_over(communication * (1 - last_bucket), room, chip);
    b.data_s += laid.exposed + communication * last_bucket;
    b.compute_s += laid.slowed;
  };
  beside(traffic.reduce_s, one_backward, layout.overlap_gradients);
  beside(traffic.gather_s, one_forward, layout.overlap_parameters);
  if (model.tied && layout.pipeline > 1 && !layout.low_rank_adapters) {
    // First and last stage add up the gradients of the shared table.
    const double bytes = gradient_bytes(layout) * whole(model.vocab * model.hidden) / whole(layout.tensor);
    b.data_s +=
        estimate(Collective::all_reduce, bytes, Group{.ranks = 2, .per_domain = groups.pipeline.per_domain}, fabric)
            .seconds;
  }
  const double replicas = whole(layout.data * layout.context);
  if (!layout.low_rank_adapters) {
    const double updated = local.dense / shard_counts(layout, replicas).optimizer +
                           local.experts / shard_counts(layout, whole(groups.expert_data.ranks)).optimizer;
    b.optimizer_s = optimizer_seconds(chip, updated);
  }
  b.other_s += kStepOperations * chip.software.issue_s;

  // Chips that wait for each other run at the pace of the slowest.
  b.other_s += b.total() * (slowest_of(layout.chips(), chip.kernels.spread) - 1);
  step.seconds = b.total();
  const double spread = kEightOfTen * uncertainty(model, layout, chip, b);
  step.low_s = step.seconds / (1 + spread);
  step.high_s = step.seconds * (1 + spread);
  step.memory = training_memory(model, layout);
  step.fits = step.memory.total() <= chip.memory_bytes;
  step.could_fit = step.fits || least_training_memory(model, layout).total() <= chip.memory_bytes;
  step.tokens = whole(layout.global_batch * layout.sequence);
  step.model_flops = step.tokens * model_flops_per_token(model, layout.sequence);
  step.model_flops_legacy = step.tokens * model_flops_per_token(model, layout.sequence, false);
  step.hardware_flops = step.model_flops + step.tokens * recomputed_flops_per_token(model, layout, chip);
  return step;
}

}  // namespace alight
