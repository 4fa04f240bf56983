#include "models/training/stage.hpp"

#include <algorithm>

#include "models/whole_numbers.hpp"

namespace alight {
namespace {

struct ShardedTraffic {
  double gather_s = 0, scatter_s = 0, replicate_s = 0;  // of one layer
};

ShardedTraffic sharded_traffic(const Layout& layout, double parameters, const Groups& groups, const Fabric& fabric) {
  ShardedTraffic traffic;
  const double bytes = 2 * parameters;
  traffic.gather_s = estimate(Collective::all_gather, bytes, groups.shard, fabric).seconds;
  traffic.scatter_s =
      estimate(Collective::reduce_scatter, gradient_bytes(layout) * parameters, groups.shard, fabric).seconds;
  if (groups.replicate.ranks > 1) {
    traffic.replicate_s =
        estimate(Collective::all_reduce, gradient_bytes(layout) * parameters / whole(groups.shard.ranks),
                 groups.replicate, fabric)
            .seconds;
  }
  return traffic;
}

double seconds(const PartCost& part, const Accelerator& chip) {
  return part.forward.seconds(chip) + (part.backward + part.recompute).seconds(chip);
}

}  // namespace

bool fully_sharded(const Layout& layout) {
  return layout.sharding == Sharding::zero3 || layout.sharding == Sharding::fsdp || layout.sharding == Sharding::hsdp;
}

Overlap lay_over(double communication, double room, const Accelerator& chip) {
  const double hidden = std::min(communication, room);
  return {.exposed = communication - hidden, .slowed = hidden * chip.kernels.overlap_slowdown};
}

StateTraffic state_traffic(const Layout& layout, double parameters, const Group& replicas, const Fabric& fabric) {
  StateTraffic traffic;
  if (parameters == 0 || replicas.ranks <= 1 || layout.low_rank_adapters) return traffic;
  const double gradients = gradient_bytes(layout) * parameters;
  switch (layout.sharding) {
    case Sharding::none:
      traffic.reduce_s = estimate(Collective::all_reduce, gradients, replicas, fabric).seconds;
      break;
    case Sharding::zero1:
    case Sharding::zero2: {
      // The first generation summed all gradients everywhere before each rank took its part; what overlaps scatters.
      const bool scatters = layout.overlap_gradients || layout.sharding == Sharding::zero2;
      traffic.reduce_s =
          estimate(scatters ? Collective::reduce_scatter : Collective::all_reduce, gradients, replicas, fabric).seconds;
      traffic.gather_s = estimate(Collective::all_gather, 2 * parameters, replicas, fabric).seconds;
      break;
    }
    case Sharding::zero1_node: {
      const std::int64_t shard =
          layout.shard_ranks > 0 ? std::min(layout.shard_ranks, replicas.ranks) : replicas.per_domain;
      Group inner = replicas;
      inner.ranks = shard;
      inner.per_domain = std::min(shard, replicas.per_domain);
      traffic.reduce_s = estimate(Collective::all_reduce, gradients, replicas, fabric).seconds;
      traffic.gather_s = estimate(Collective::all_gather, 2 * parameters, inner, fabric).seconds;
      break;
    }
    case Sharding::zero3:
    case Sharding::fsdp:
    case Sharding::hsdp:
      break;  // counted per layer
  }
  return traffic;
}

MicroBatchCost micro_batch_parts(const Setting& setting, const Groups& groups) {
  const Architecture& model = setting.model;
  const double layers = whole(model.layers);
  MicroBatchCost cost;
  const auto blend = [&](const PartCost& part, double share) {
    cost.layer.forward += part.forward * share;
    cost.layer.backward += part.backward * share;
    cost.layer.recompute += part.recompute * share;
  };
  const double attention = whole(attention_layers(model)), mixers = whole(model.other.layers);
  const double dense = whole(dense_layers(model)), routed = whole(expert_layers(model));
  if (attention > 0) blend(attention_block(setting, groups), attention / layers);
  if (mixers > 0) blend(mixer_block(setting, groups), mixers / layers);
  if (dense > 0) blend(dense_block(setting, groups), dense / layers);
  if (routed > 0) blend(expert_block(setting, groups), routed / layers);
  cost.head = loss_head(setting, groups);
  cost.input = embedding(setting, groups);
  return cost;
}

void add_sharded_weights(const Setting& setting, const Groups& groups, MicroBatchCost& cost) {
  const Architecture& model = setting.model;
  const Layout& layout = setting.layout;
  const Accelerator& chip = setting.chip;
  const Fabric& fabric = setting.fabric;
  const double layers = whole(model.layers), p = whole(layout.pipeline), mtp = whole(model.mtp_layers);
  cost.sharded_exposed_s = cost.hidden_s = cost.slowed_s = cost.replicate_s = 0;
  if (fully_sharded(layout) && groups.shard.ranks > 1) {
    const LocalParameters local = local_parameters(model, layout);
    const double dense = local.dense / std::max(1.0, layers / p);
    const double experts = layout.expert > 1 ? 0 : local.experts / std::max(1.0, layers / p);
    const ShardedTraffic traffic = sharded_traffic(layout, dense + experts, groups, fabric);
    // Waiting for the host or for keys and values is room too; collectives of many ranks use the same links.
    const auto room = [&](const Pass& pass) {
      return chip.software.prefetch * (pass.seconds(chip) - pass.tensor_s - pass.expert_s);
    };
    const Overlap forward = lay_over(traffic.gather_s, room(cost.layer.forward), chip);
    const double beside_backward = (layout.low_rank_adapters ? 0 : traffic.scatter_s) + traffic.gather_s;
    const Overlap backward = lay_over(beside_backward, room(cost.layer.backward + cost.layer.recompute), chip);
    cost.sharded_exposed_s = forward.exposed + backward.exposed;
    cost.hidden_s = beside_backward - backward.exposed;
    cost.slowed_s = forward.slowed + backward.slowed;
    cost.replicate_s = traffic.replicate_s;
  }
  cost.layer_s = seconds(cost.layer, chip) + cost.sharded_exposed_s + cost.slowed_s;
  cost.head_s = seconds(cost.head, chip) + mtp * (seconds(cost.head, chip) + cost.layer_s);
  cost.input_s = seconds(cost.input, chip);
}

MicroBatchCost micro_batch_cost(const Setting& setting, const Groups& groups) {
  MicroBatchCost cost = micro_batch_parts(setting, groups);
  add_sharded_weights(setting, groups, cost);
  return cost;
}

double optimizer_seconds(const Accelerator& chip, double parameters) {
  return stream_seconds(chip, 42 * parameters, 20);
}

}  // namespace alight
