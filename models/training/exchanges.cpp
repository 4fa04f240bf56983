#include "models/training/exchanges.hpp"

#include <array>
#include <cmath>

#include "models/training/parts.hpp"
#include "models/training/stage.hpp"
#include "models/whole_numbers.hpp"

namespace alight {
namespace {

constexpr std::array<std::string_view, 12> kExchangeNames = {"tensor",  "context",   "expert",     "pipeline",
                                                             "weights", "gradients", "parameters", "tied",
                                                             "load",    "dataset",   "checkpoint", "keys_values"};

/// Collectives one after another, between the same ranks.
struct Sent {
  double seconds = 0, network_s = 0, domain_bytes = 0;
  Sent& operator+=(const Sent& other) {
    seconds += other.seconds;
    network_s += other.network_s;
    domain_bytes += other.domain_bytes;
    return *this;
  }
};

class Collector {
 public:
  explicit Collector(const Setting& setting)
      : setting_(setting),
        layout_(setting.layout),
        groups_(groups_of(layout_, setting.fabric)),
        cost_(micro_batch_cost(setting, groups_)),
        width_(layout_.tensor * layout_.context * layout_.data),
        stage_layers_(whole(setting.model.layers) / whole(layout_.pipeline)),
        micro_batches_(whole(layout_.micro_batches())) {}

  std::vector<Exchange> run() {
    tensor();
    context();
    experts();
    pipeline();
    sharded_weights();
    states();
    tied_table();
    return std::move(out_);
  }

 private:
  Sent sent(Collective collective, double bytes, const Group& group) const {
    const CollectiveEstimate e = estimate(collective, bytes, group, setting_.fabric);
    return {e.seconds, e.network_s, e.domain_bytes};
  }
  /// Nothing where it stays inside a domain or is never sent.
  void add(ExchangeKind kind, const Group& group, std::int64_t stride, Pattern pattern, double times, const Sent& each,
           double room_s) {
    if (group.ranks <= 1 || times <= 0 || each.domain_bytes <= 0) return;
    out_.push_back({.kind = kind,
                    .groups = {group.ranks, stride, layout_.chips()},
                    .per_domain = group.per_domain,
                    .pattern = pattern,
                    .domain_bytes = each.domain_bytes,
                    .times = times,
                    .seconds = each.seconds,
                    .network_s = each.network_s,
                    .room_s = std::max(0.0, room_s)});
  }
  bool all_again() const { return layout_.recompute == Recompute::full; }

  // As add_tensor_exchange() in parts.cpp: after each half of a layer in both directions, after the embedding, before
  // the loss.
  void tensor() {
    const Architecture& model = setting_.model;
    const double bytes = 2 * widths_of(setting_).tokens * whole(model.hidden);
    const double halves = whole(attention_layers(model) + model.other.layers + dense_layers(model) +
                                (layout_.expert == 1 ? expert_layers(model) : 0));
    const double stages = whole(layout_.pipeline);
    tensor_exchange(bytes, micro_batches_ * (halves * (all_again() ? 3 : 2) + 1) / stages);
    tensor_exchange(layout_.sequence_parallel ? bytes / 2 : bytes, micro_batches_ / stages);
  }
  void tensor_exchange(double bytes, double times) {
    Sent each;
    if (layout_.sequence_parallel) {
      each = sent(Collective::all_gather, bytes, groups_.tensor);
      each += sent(Collective::reduce_scatter, bytes, groups_.tensor);
    } else {
      each = sent(Collective::all_reduce, bytes, groups_.tensor);
    }
    const double hidden = layout_.overlap_tensor ? setting_.chip.software.tensor_hidden : 0;
    add(ExchangeKind::tensor, groups_.tensor, 1, Pattern::ring, times, each, hidden * each.seconds);
  }

  // As in attention.cpp: keys and values around the ring once forward, with their gradients twice backward.
  void context() {
    const Architecture& model = setting_.model;
    if (layout_.context <= 1 || attention_layers(model) == 0) return;
    const Widths w = widths_of(setting_);
    const double bytes =
        2 * w.tokens * whole(layout_.context) * (model.latent.kv_rank > 0 ? w.keys + w.values : 2 * w.keys);
    const Sent once = sent(Collective::all_gather, bytes, groups_.context);
    Sent twice = once;
    twice += once;
    const PartCost block = attention_block(setting_, groups_);
    const double times = micro_batches_ * whole(attention_layers(model)) / whole(layout_.pipeline);
    add(ExchangeKind::context, groups_.context, layout_.tensor, Pattern::ring, times * (all_again() ? 2 : 1), once,
        once.seconds - block.forward.context_s);
    add(ExchangeKind::context, groups_.context, layout_.tensor, Pattern::ring, times, twice,
        twice.seconds - block.backward.context_s);
  }

  // As in experts.cpp: dispatch and combine, to other domains over the rails of the domain.
  void experts() {
    const std::int64_t domains = groups_.expert.ranks / groups_.expert.per_domain;
    if (layout_.expert <= 1 || domains <= 1) return;
    const Routing routing = routing_of(setting_, groups_);
    const Group& between = routing.between;
    const Sent each = sent(Collective::all_to_all, routing.between_bytes, between);
    const PartCost block = expert_block(setting_, groups_);
    const double times = 2 * micro_batches_ * whole(expert_layers(setting_.model)) / whole(layout_.pipeline);
    const auto room = [&](const Pass& pass) {
      // Of each of the two exchanges; the leg inside the domain runs beside it in any case.
      const double pair =
          pass.expert_s > 0 ? 2 * std::max(each.seconds, routing.local_s) - pass.expert_s : pass.compute_s;
      return std::max(pair / 2, routing.local_s > each.seconds ? routing.local_s : 0.0);
    };
    const std::int64_t stride = groups_.expert.per_domain;
    add(ExchangeKind::expert, between, stride, Pattern::everyone, times * (all_again() ? 2 : 1), each,
        room(block.forward));
    add(ExchangeKind::expert, between, stride, Pattern::everyone, times, each, room(block.backward));
  }

  // As in step.cpp: an activation to the next stage, its gradient back; of an interleaved schedule half is hidden.
  void pipeline() {
    if (layout_.pipeline <= 1 || !groups_.pipeline_crosses_domain()) return;
    const double bytes = 2 * whole(layout_.micro_batch * layout_.sequence) / whole(layout_.context) *
                         whole(setting_.model.hidden) / whole(layout_.tensor);
    const Sent one_way = sent(Collective::send_recv, bytes, groups_.pipeline);
    const Sent both{2 * one_way.seconds, 2 * one_way.network_s, one_way.domain_bytes};
    add(ExchangeKind::pipeline, {.ranks = layout_.pipeline, .per_domain = 1}, width_, Pattern::chain,
        micro_batches_ * whole(layout_.virtual_stages), both, layout_.virtual_stages > 1 ? one_way.seconds : 0);
  }

  // As add_sharded_weights() in stage.cpp.
  void sharded_weights() {
    if (!fully_sharded(layout_) || groups_.shard.ranks <= 1) return;
    const LocalParameters local = local_parameters(setting_.model, layout_);
    const double parameters = (local.dense + (layout_.expert > 1 ? 0 : local.experts)) / std::max(1.0, stage_layers_);
    const Sent gather = sent(Collective::all_gather, 2 * parameters, groups_.shard);
    const Sent scatter = layout_.low_rank_adapters
                             ? Sent{}
                             : sent(Collective::reduce_scatter, gradient_bytes(layout_) * parameters, groups_.shard);
    Sent back = gather;
    back += scatter;
    const auto room = [&](const Pass& pass) {
      return setting_.chip.software.prefetch * (pass.seconds(setting_.chip) - pass.tensor_s - pass.expert_s);
    };
    const double times = micro_batches_ * (stage_layers_ + whole(setting_.model.mtp_layers) / whole(layout_.pipeline));
    add(ExchangeKind::weights, groups_.shard, layout_.tensor, Pattern::ring, times, gather, room(cost_.layer.forward));
    add(ExchangeKind::weights, groups_.shard, layout_.tensor, Pattern::ring, times, back,
        room(cost_.layer.backward + cost_.layer.recompute));
  }

  // As state_traffic() in stage.cpp, and what predict_step() lays beside the backward and the forward pass.
  void states() {
    if (layout_.low_rank_adapters) return;
    const LocalParameters local = local_parameters(setting_.model, layout_);
    std::vector<Part> reduced, gathered;
    set_of_states(local.dense, groups_.data, layout_.tensor, reduced, gathered);
    set_of_states(local.experts, groups_.expert_data, layout_.expert == 1 ? layout_.tensor : layout_.expert, reduced,
                  gathered);
    if (fully_sharded(layout_) && groups_.replicate.ranks > 1) {
      const double parameters = (local.dense + (layout_.expert > 1 ? 0 : local.experts)) / std::max(1.0, stage_layers_);
      Part all{groups_.replicate, layout_.tensor * groups_.shard.ranks, {}};
      const Sent layer = sent(Collective::all_reduce, gradient_bytes(layout_) * parameters / whole(groups_.shard.ranks),
                              groups_.replicate);
      all.sent = {layer.seconds * stage_layers_, layer.network_s * stage_layers_, layer.domain_bytes * stage_layers_};
      reduced.push_back(all);
    }
    const Pass backward = cost_.layer.backward + cost_.layer.recompute;
    lay_beside(ExchangeKind::gradients, reduced, layout_.overlap_gradients,
               stage_layers_ * (backward.seconds(setting_.chip) - cost_.hidden_s));
    lay_beside(ExchangeKind::parameters, gathered, layout_.overlap_parameters,
               stage_layers_ * cost_.layer.forward.seconds(setting_.chip));
  }
  struct Part {
    Group group;
    std::int64_t stride = 1;
    Sent sent;
  };
  void set_of_states(double parameters, const Group& replicas, std::int64_t stride, std::vector<Part>& reduced,
                     std::vector<Part>& gathered) const {
    if (parameters == 0 || replicas.ranks <= 1 || fully_sharded(layout_)) return;
    const double gradients = gradient_bytes(layout_) * parameters;
    const bool split = layout_.sharding == Sharding::zero1 || layout_.sharding == Sharding::zero2;
    const bool scatters = split && (layout_.overlap_gradients || layout_.sharding == Sharding::zero2);
    reduced.push_back(
        {replicas, stride, sent(scatters ? Collective::reduce_scatter : Collective::all_reduce, gradients, replicas)});
    if (split) gathered.push_back({replicas, stride, sent(Collective::all_gather, 2 * parameters, replicas)});
    if (layout_.sharding == Sharding::zero1_node && layout_.shard_ranks > replicas.per_domain) {
      Group inner = replicas;
      inner.ranks = std::min(layout_.shard_ranks, replicas.ranks);
      gathered.push_back({inner, stride, sent(Collective::all_gather, 2 * parameters, inner)});
    }
  }
  void lay_beside(ExchangeKind kind, const std::vector<Part>& parts, bool overlapped, double room_s) {
    double all_s = 0;
    for (const Part& part : parts) all_s += part.sent.seconds;
    const double last = overlapped ? 1 / std::max(1.0, stage_layers_) : 1;
    for (const Part& part : parts) {
      const double own_room = all_s > 0 && last < 1 ? room_s * part.sent.seconds / all_s / (1 - last) : 0;
      add(kind, part.group, part.stride, Pattern::ring, 1 - last, part.sent, own_room);
      add(kind, part.group, part.stride, Pattern::ring, last, part.sent, 0);
    }
  }

  // As in step.cpp: first and last stage add up the gradients of the shared table.
  void tied_table() {
    const Architecture& model = setting_.model;
    if (!model.tied || layout_.pipeline <= 1 || layout_.low_rank_adapters || !groups_.pipeline_crosses_domain()) return;
    const double bytes = gradient_bytes(layout_) * whole(model.vocab * model.hidden) / whole(layout_.tensor);
    const Group pair{.ranks = 2, .per_domain = 1};
    add(ExchangeKind::tied, pair, (layout_.pipeline - 1) * width_, Pattern::ring, 1,
        sent(Collective::all_reduce, bytes, pair), 0);
    if (!out_.empty() && out_.back().kind == ExchangeKind::tied) out_.back().groups.bases = width_;
  }

  const Setting& setting_;
  const Layout& layout_;
  Groups groups_;
  MicroBatchCost cost_;
  std::int64_t width_;  ///< ranks of a stage
  double stage_layers_, micro_batches_;
  std::vector<Exchange> out_;
};

}  // namespace

std::string_view name_of(ExchangeKind kind) {
  return kExchangeNames[static_cast<std::size_t>(kind)];
}

std::vector<Exchange> exchanges_of(const Architecture& model, const Layout& layout, const Accelerator& chip,
                                   const Fabric& fabric) {
  const Setting setting{model, layout, chip, fabric};
  return Collector(setting).run();
}

}  // namespace alight
