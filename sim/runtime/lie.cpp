#include "sim/runtime/lie.hpp"

#include <algorithm>
#include <bit>

#include "models/collectives/in_domain.hpp"

namespace alight {

namespace {

std::int64_t over(std::int64_t n, std::int64_t d) {
  return (n + d - 1) / d;
}

double filled(std::int64_t chips, std::int64_t of) {
  return of <= 0 ? 1 : std::min(1.0, static_cast<double>(chips) / static_cast<double>(of));
}

}  // namespace

Lie least_lie(const TrainingGround::PoolGround& ground, std::int64_t chips, Shape shape) {
  const std::int64_t servers = over(chips, ground.server_chips);
  return lie_on(ground, shape == Shape::whole_servers ? servers * ground.server_chips : chips, servers);
}

Lie lie_on(const TrainingGround::PoolGround& ground, std::int64_t chips, std::int64_t servers) {
  Lie lie{.chips = chips, .servers = servers};
  lie.leaves = ground.leaf_servers > 0 ? over(lie.servers, ground.leaf_servers) : 1;
  const auto pods = ground.pods.empty() ? 1 : ground.pods.back() - ground.pods.front() + 1;
  lie.pods = pods <= 1 ? 1 : over(lie.leaves, over(static_cast<std::int64_t>(ground.pods.size()), pods));
  if (ground.domain_leaves > 0) lie.domains = over(lie.leaves, ground.domain_leaves);
  return lie;
}

Fabric fabric_at(const TrainingGround::PoolGround& ground, const Lie& lie) {
  Fabric fabric = ground.fabric;
  if (lie.servers > over(lie.chips, ground.server_chips) && fabric.up.domain <= ground.server_chips) {
    const auto each = static_cast<std::uint64_t>(std::max<std::int64_t>(1, lie.chips / lie.servers));
    fabric.up.domain = std::min(fabric.up.domain, static_cast<std::int64_t>(std::bit_floor(each)));
  }
  if (ground.domain_leaves > 0 && lie.domains > over(lie.servers, ground.domain_leaves * ground.leaf_servers))
    fabric.up.domain = std::clamp<std::int64_t>(lie.chips / lie.domains, 1, fabric.up.domain);
  // What the job does not fill of a leaf or a pod leaves the whole of its uplinks to the job.
  const double leaf_full = fabric.out.leaf.oversubscription;
  if (lie.leaves > 1) {
    fabric.out.leaf.chips = over(lie.chips, lie.leaves);
    fabric.out.leaf.oversubscription *= filled(fabric.out.leaf.chips, ground.leaf_servers * ground.server_chips);
  }
  if (lie.pods > 1) {
    fabric.out.pod.chips = over(lie.chips, lie.pods);
    const auto pods = ground.pods.back() - ground.pods.front() + 1;
    const std::int64_t leaves = over(static_cast<std::int64_t>(ground.pods.size()), pods);
    // Its leaves let through more than their part where it does not fill them.
    const double let_through = leaf_full / std::max(1.0, fabric.out.leaf.oversubscription);
    fabric.out.pod.oversubscription *=
        filled(fabric.out.pod.chips, leaves * ground.leaf_servers * ground.server_chips) * std::max(1.0, let_through);
  }
  return fabric;
}

Fabric shared_fabric_at(const TrainingGround::PoolGround& ground, const Lie& lie) {
  Fabric fabric = fabric_at(ground, lie);
  if (!ground.domain_is_grid || lie.domains > 1 || fabric.up.domain <= ground.server_chips) return fabric;
  const ScaleUp& up = fabric.up;
  fabric.out = {.gbs = usable_gbs(lie.chips, up),
                .efficiency = up.simple.efficiency,
                .direct_efficiency = up.direct.efficiency,
                .ll_us = up.ll.efficiency > 0 ? up.ll.hop_us : up.simple.hop_us,
                .simple_us = up.simple.hop_us};
  fabric.up.domain = ground.server_chips;
  return fabric;
}

}  // namespace alight
