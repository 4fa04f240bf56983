#include "models/collectives/between_domains.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

namespace {

/// Parts of the wire that LL and LL128 leave to data, and how much longer a step of LL128 takes than one of LL
/// (NCCL src/graph/tuning.cc: 0.5, 0.92, 4.0 us after 2.7 us).
constexpr double kLlData = 0.5, kLl128Data = 0.92, kLl128Step = 1.5;

/// What the algorithms share, worked out once.
struct Path {
  double n, inside, domains;  ///< ranks, ranks per domain, domains
  double nic_gbs;             ///< of one chip, bulk, where at most one flow in each leaf leaves it
  double direct_gbs;          ///< of one chip, to everyone at once
  double ll_us, simple_us;    ///< one step between domains, tiers above included
};

/// Narrows `gbs`, a part of the NIC rate, to what the links above the `chips` below one switch leave of it when
/// `crossing` of their flows use them and `switches` such switches wait for each other. Of what these links were
/// planned to carry, those below let `offered` through, and they let it through to those above.
void narrow(double& gbs, double& offered, double crossing, double chips, double switches, const Uplink& up) {
  const double kept = routing_efficiency(up.routing, crossing * chips * up.nics, up.cables, switches * up.rails);
  const double share = kept / (crossing * up.oversubscription * offered);
  if (share >= 1) return;
  gbs *= share;
  offered = kept;
}

Path path_of(double inside, const Group& group, const ScaleOut& out) {
  Path p{};
  p.n = static_cast<double>(group.ranks);
  p.inside = inside;
  p.domains = std::ceil(p.n / inside);
  p.nic_gbs = out.gbs * out.efficiency;
  p.direct_gbs = out.gbs * out.direct_efficiency;
  p.ll_us = out.ll_us;
  p.simple_us = out.simple_us;
  // What flows lost to each other above the leaves does not come to the links above the pods.
  double ring_offered = 1, direct_offered = 1;
  const auto through = [&](std::int64_t below, const Uplink& up) {
    if (below <= 0 || below >= group.ranks) return;
    const double k = static_cast<double>(below);
    const double chips = up.chips > 0 ? static_cast<double>(up.chips) : k;  // other groups beside this one do the same
    const double switches = std::ceil(p.n / k);
    // A ring leaves each leaf once on every rail: one of its domains' flows crosses.
    narrow(p.nic_gbs, ring_offered, std::min(1.0, inside / k), chips, switches, up);
    narrow(p.direct_gbs, direct_offered, (p.n - k) / (p.n - 1), chips, switches, up);
    p.ll_us += 2 * up.latency_us;
    p.simple_us += 2 * up.latency_us;
  };
  through(group.per_leaf, out.leaf);
  through(group.per_pod, out.pod);
  return p;
}

/// A collective that pipelines `wire` bytes of each domain through its NICs while they also go around inside it, by the
/// protocol that is fastest.
double pipelined_us(double hops_us, double network_steps, double wire, const Path& p, const ScaleUp& up) {
  const double inside_gbs = p.inside > 1 ? usable_gbs(static_cast<std::int64_t>(p.inside), up) : INFINITY;
  const double nics_gbs = p.inside * p.nic_gbs;
  const auto by = [&](const Protocol& protocol, double step_us, double data) {
    return protocol.base_us + hops_us + network_steps * step_us +
           us_of(wire, std::min(nics_gbs * data, inside_gbs * protocol.efficiency));
  };
  double best = by(up.simple, p.simple_us, 1);
  if (up.ll128.efficiency > 0)
    best = std::min(best, by(up.ll128, std::min(kLl128Step * p.ll_us, p.simple_us), kLl128Data));
  return std::min(best, by(up.ll.efficiency > 0 ? up.ll : up.simple, p.ll_us, kLlData));
}

/// Time a payload takes over one chip inside a domain, without waiting for a transfer to fill.
double hop_us(const ScaleUp& up) {
  return up.ll.efficiency > 0 ? up.ll.hop_us : up.simple.hop_us;
}

/// Around all ranks, domain after domain, one ring for each NIC of a domain.
Timed ring(Collective collective, double bytes, const Path& p, const ScaleUp& up) {
  const double n = p.n;
  const double rounds = collective == Collective::all_reduce ? 2 : 1;
  const double steps = rounds * (n - 1), network_steps = rounds * (p.domains - 1);
  const double wire = bytes * (collective == Collective::broadcast ? 1 : rounds * (n - 1) / n);
  const double us = pipelined_us((steps - network_steps) * hop_us(up), network_steps, wire, p, up);
  return {us, Algorithm::ring, us, wire};
}

/// Chains inside the domains, two complementary trees between them. Each half of the payload goes up one tree and down
/// again, and a domain that is a leaf of one is inside the other: its NICs send and receive twice the payload.
Timed tree(double bytes, const Path& p, const ScaleUp& up) {
  const double depth = std::ceil(std::log2(p.domains));
  const double us = pipelined_us(2 * (p.inside - 1) * hop_us(up), 2 * depth, 2 * bytes, p, up);
  return {us, Algorithm::tree, us, 2 * bytes};
}

/// `between` with what goes before and after it inside the domains. The parts follow one another.
Timed with_insides(Collective collective, double bytes, const Path& p, bool int8, const ScaleUp& up, Timed between) {
  const auto k = static_cast<std::int64_t>(p.inside);
  const auto inside_us = [&](Collective part) { return k > 1 ? in_domain(part, bytes, k, int8, up).us : 0.0; };
  if (collective == Collective::all_reduce)
    between.us += inside_us(Collective::reduce_scatter) + inside_us(Collective::all_gather);
  else
    between.us += inside_us(collective);
  return between;
}

/// Inside, between over every rail at once, inside again.
Timed hierarchical(Collective collective, double bytes, const Path& p, bool int8, const ScaleUp& up) {
  Path rail = p;
  rail.n = p.domains;
  rail.inside = 1;
  Timed between = ring(collective, bytes / p.inside, rail, up);
  between.domain_bytes *= p.inside;
  between.algorithm = Algorithm::hierarchical;
  return with_insides(collective, bytes, p, int8, up, between);
}

/// The switches between domains reduce: every NIC sends its share once and receives it once.
Timed sharp(double bytes, const Path& p, bool int8, const ScaleUp& up) {
  const double us = up.simple.base_us + 2 * p.simple_us + us_of(bytes / p.inside, p.nic_gbs);
  return with_insides(Collective::all_reduce, bytes, p, int8, up, {us, Algorithm::in_network, us, bytes});
}

/// Every rank with every other; both kinds of wire work at once and the slower decides.
Timed direct(double bytes, const Path& p, const ScaleUp& up, const ScaleOut& out) {
  const double outside = p.n - p.inside;
  const double across = us_of(bytes * outside / p.n, p.direct_gbs) + (outside - 1) * out.message_us;
  double within = 0;
  if (p.inside > 1)
    within = us_of(bytes * (p.inside - 1 + up.direct_self) / p.n,
                   usable_gbs(static_cast<std::int64_t>(p.inside), up) * up.direct.efficiency);
  const double before = up.direct.base_us + p.ll_us;
  return {before + std::max(across, within), Algorithm::direct, before + across, bytes * outside / p.n * p.inside};
}

}  // namespace

Timed between_domains(Collective collective, double bytes, std::int64_t inside, const Group& group,
                      const Fabric& fabric) {
  const ScaleUp& up = fabric.up;
  const ScaleOut& out = fabric.out;
  if (out.gbs <= 0) return {INFINITY, Algorithm::none};
  const Path p = path_of(static_cast<double>(inside), group, out);
  if (collective == Collective::send_recv) {
    const double us = up.direct.base_us + p.ll_us + us_of(bytes, p.direct_gbs);
    return {us, Algorithm::direct, us, bytes};
  }
  if (collective == Collective::all_to_all) return direct(bytes, p, up, out);

  Timed best = ring(collective, bytes, p, up);
  const auto consider = [&](const Timed& other) {
    if (other.us < best.us) best = other;
  };
  if (collective != Collective::broadcast && inside > 1) consider(hierarchical(collective, bytes, p, group.int8, up));
  if (collective == Collective::all_reduce) {
    consider(tree(bytes, p, up));
    if (out.in_network && !group.int8) consider(sharp(bytes, p, group.int8, up));
  }
  return best;
}

}  // namespace alight
