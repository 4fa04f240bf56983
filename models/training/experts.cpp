// Experts in the place of a dense feed-forward part: router, routing between ranks, the products of many experts.
#include <algorithm>
#include <cmath>

#include "models/training/parts.hpp"

namespace alight {
namespace {

// Router, sort, dispatch, grouped products, combine: what a layer of experts issues in place of a dense half. Chosen
// with megatronbridge in view, for what a layer takes at least where hosts issue every kernel (0193, 0034).
constexpr double kRoutingForward = 130, kRoutingBackward = 250;

// Each rank with its peers of other domains.
Group between_domains_of(const Group& group, std::int64_t domains) {
  const auto below = [&](std::int64_t ranks) {
    return ranks > 0 ? std::max<std::int64_t>(1, ranks / group.per_domain) : 0;
  };
  return {.ranks = domains, .per_domain = 1, .per_leaf = below(group.per_leaf), .per_pod = below(group.per_pod)};
}

}  // namespace

Routing routing_of(const Setting& setting, const Groups& groups) {
  const Experts& experts = setting.model.experts;
  const Group& group = groups.expert;
  const double tokens =
      widths_of(setting).tokens / static_cast<double>(setting.layout.tensor) * setting.layout.expert_imbalance;
  const auto copies = static_cast<double>(experts.active);
  const auto width = static_cast<double>(experts.input > 0 ? experts.input : setting.model.hidden);
  const double bytes = 2 * tokens * width;
  const Group inside{.ranks = group.per_domain, .per_domain = group.per_domain};
  Routing routing{.local_s = estimate(Collective::all_to_all, bytes * copies, inside, setting.fabric).seconds};
  const std::int64_t domains = group.ranks / group.per_domain;
  if (domains <= 1) return routing;
  const auto d = static_cast<double>(domains);
  double reached = d * (1 - std::pow(1 - 1 / d, copies));
  if (setting.layout.expert_domains > 0)
    reached = std::min(reached, static_cast<double>(setting.layout.expert_domains));
  const Group between = routing.between = between_domains_of(group, domains);
  routing.between_bytes = bytes * reached;
  routing.between_s = estimate(Collective::all_to_all, routing.between_bytes, between, setting.fabric).seconds;
  return routing;
}

PartCost expert_block(const Setting& setting, const Groups& groups) {
  const Widths w = widths_of(setting);
  const Layout& layout = setting.layout;
  const Experts& experts = setting.model.experts;
  const auto h = static_cast<double>(setting.model.hidden);
  const auto tensor = static_cast<double>(layout.tensor);
  PartCost cost;
  const double cheap = add_residual(setting, cost);
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
    add_feed_forward(setting, cost, tokens, width / slice, h);
  }
  if (layout.expert > 1) {
    const double once = routing_of(setting, groups).seconds();
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
  finish_block(setting, groups, cost, cheap, {}, sliced);
  return cost;
}

}  // namespace alight
