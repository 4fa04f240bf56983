#include "models/collectives/between_domains.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

namespace {

/// Parts of the wire that LL and LL128 leave to data, and how much longer a step of LL128 takes than one of LL
/// (NCCL src/graph/tuning.cc: 0.5, 0.92, 4.0 us after 2.7 us).
constexpr double kLlData = 0.5, kLl128Data = 0.92, kLl128Step = 1.5;

constexpr double us_of(double bytes, double gbs) {
  return bytes / (gbs * 1e3);
}

/// What the algorithms share, worked out once.
struct Path {
  double n, inside, domains;  ///< ranks, ranks per domain, domains
  double nic_gbs;             ///< of one chip, bulk, where at most one flow in each leaf leaves it
  double direct_gbs;          ///< of one chip, to everyone at once
  double ll_us, simple_us;    ///< one step between domains, tiers above included
};

/// Part of the NIC rate that the links above a group of `below` ranks leave when `crossing` of their flows use them.
double tier_share(double crossing, const Uplink& up) {
  return std::min(1.0, 1 / (crossing * up.oversubscription));
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
  const auto through = [&](std::int64_t below, const Uplink& up) {
    if (below <= 0 || below >= group.ranks) return;
    const double k = static_cast<double>(below);
    // A ring leaves each leaf once on every rail: one of its domains' flows crosses.
    p.nic_gbs *= tier_share(std::min(1.0, inside / k), up);
    p.direct_gbs *= tier_share((p.n - k) / (p.n - 1), up);
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
double ring_us(Collective collective, double bytes, const Path& p, const ScaleUp& up) {
  const double n = p.n;
  const double rounds = collective == Collective::all_reduce ? 2 : 1;
  const double steps = rounds * (n - 1), network_steps = rounds * (p.domains - 1);
  const double volume = collective == Collective::broadcast ? 1 : rounds * (n - 1) / n;
  return pipelined_us((steps - network_steps) * hop_us(up), network_steps, bytes * volume, p, up);
}

/// Chains inside the domains, two complementary trees between them. Each half of the payload goes up one tree and down
/// again, and a domain that is a leaf of one is inside the other: its NICs send and receive twice the payload.
double tree_us(double bytes, const Path& p, const ScaleUp& up) {
  const double depth = std::ceil(std::log2(p.domains));
  return pipelined_us(2 * (p.inside - 1) * hop_us(up), 2 * depth, 2 * bytes, p, up);
}

/// Inside, between over every rail at once, inside again. The parts follow one another.
double hierarchical_us(Collective collective, double bytes, const Path& p, bool int8, const ScaleUp& up) {
  const auto k = static_cast<std::int64_t>(p.inside);
  Path rail = p;
  rail.n = p.domains;
  rail.inside = 1;
  const double between = ring_us(collective, bytes / p.inside, rail, up);
  if (collective == Collective::all_reduce)
    return in_domain(Collective::reduce_scatter, bytes, k, int8, up).us + between +
           in_domain(Collective::all_gather, bytes, k, int8, up).us;
  return in_domain(collective, bytes, k, int8, up).us + between;
}

/// The switches between domains reduce: every NIC sends its share once and receives it once.
double sharp_us(double bytes, const Path& p, bool int8, const ScaleUp& up) {
  const auto k = static_cast<std::int64_t>(p.inside);
  const double between = up.simple.base_us + 2 * p.simple_us + us_of(bytes / p.inside, p.nic_gbs);
  if (k == 1) return between;
  return in_domain(Collective::reduce_scatter, bytes, k, int8, up).us + between +
         in_domain(Collective::all_gather, bytes, k, int8, up).us;
}

/// Every rank with every other; both kinds of wire work at once and the slower decides.
double direct_us(double bytes, const Path& p, const ScaleUp& up, const ScaleOut& out) {
  const double outside = p.n - p.inside;
  const double across = us_of(bytes * outside / p.n, p.direct_gbs) + (outside - 1) * out.message_us;
  double within = 0;
  if (p.inside > 1)
    within = us_of(bytes * (p.inside - 1 + up.direct_self) / p.n,
                   usable_gbs(static_cast<std::int64_t>(p.inside), up) * up.direct.efficiency);
  return up.direct.base_us + p.ll_us + std::max(across, within);
}

}  // namespace

Timed between_domains(Collective collective, double bytes, std::int64_t inside, const Group& group,
                      const Fabric& fabric) {
  const ScaleUp& up = fabric.up;
  const ScaleOut& out = fabric.out;
  if (out.gbs <= 0) return {INFINITY, Algorithm::none};
  const Path p = path_of(static_cast<double>(inside), group, out);
  if (collective == Collective::send_recv)
    return {up.direct.base_us + p.ll_us + us_of(bytes, p.direct_gbs), Algorithm::direct};
  if (collective == Collective::all_to_all) return {direct_us(bytes, p, up, out), Algorithm::direct};

  Timed best{ring_us(collective, bytes, p, up), Algorithm::ring};
  const auto consider = [&](double us, Algorithm algorithm) {
    if (us < best.us) best = {us, algorithm};
  };
  if (collective != Collective::broadcast && inside > 1)
    consider(hierarchical_us(collective, bytes, p, group.int8, up), Algorithm::hierarchical);
  if (collective == Collective::all_reduce) {
    consider(tree_us(bytes, p, up), Algorithm::tree);
    if (out.in_network && !group.int8) consider(sharp_us(bytes, p, group.int8, up), Algorithm::in_network);
  }
  return best;
}

}  // namespace alight
