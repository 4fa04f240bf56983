#include "models/collectives/between_domains.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

namespace {

/// Rates of the wire left to data by LL (8 of 16 bytes) and LL128 (120 of 128), NCCL src/graph/tuning.cc.
constexpr double kLlData = 0.5;

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

/// Around all ranks, domain after domain, one ring for each NIC of a domain.
double ring_us(Collective collective, double bytes, const Path& p, const Group& group, const Fabric& f) {
  const double rounds = collective == Collective::all_reduce ? 2 : 1;
  const double between = rounds * (collective == Collective::all_reduce ? p.domains - 1 : p.domains - 1);
  const double within = ring_steps(collective, group.ranks) - between;
  const double wire = bytes * ring_volume(collective, group.ranks, 0);
  const double inside_gbs = p.inside > 1 ? usable_gbs(static_cast<std::int64_t>(p.inside), f.up) : INFINITY;
  const Protocol& ll = f.up.ll.efficiency > 0 ? f.up.ll : f.up.simple;
  const double by_ll = ll.base_us + within * ll.hop_us + between * p.ll_us +
                       us_of(wire, std::min(p.inside * p.nic_gbs * kLlData, inside_gbs * ll.efficiency));
  const Protocol& bulk = f.up.simple;
  const double by_bulk = bulk.base_us + within * ll.hop_us + between * p.simple_us +
                         us_of(wire, std::min(p.inside * p.nic_gbs, inside_gbs * bulk.efficiency));
  return std::min(by_ll, by_bulk);
}

/// Chains inside the domains, two complementary trees between them; the payload goes up and comes down, so each NIC
/// carries its share of it twice each way over both trees' edges, half of it per tree.
double tree_us(double bytes, const Path& p, const Fabric& f) {
  const double depth = std::ceil(std::log2(p.domains));
  const double inside_gbs = p.inside > 1 ? usable_gbs(static_cast<std::int64_t>(p.inside), f.up) : INFINITY;
  const Protocol& ll = f.up.ll.efficiency > 0 ? f.up.ll : f.up.simple;
  const double chains = 2 * (p.inside - 1) * ll.hop_us;
  const double by_ll = ll.base_us + chains + 2 * depth * p.ll_us +
                       us_of(2 * bytes, std::min(p.inside * p.nic_gbs * kLlData, inside_gbs * ll.efficiency));
  const Protocol& bulk = f.up.simple;
  const double by_bulk = bulk.base_us + chains + 2 * depth * p.simple_us +
                         us_of(2 * bytes, std::min(p.inside * p.nic_gbs, inside_gbs * bulk.efficiency));
  return std::min(by_ll, by_bulk);
}

/// Inside, between over every rail at once, inside again. The parts follow one another.
double hierarchical_us(Collective collective, double bytes, const Path& p, const Group& group, const Fabric& f) {
  Group rail = group;
  rail.ranks = static_cast<std::int64_t>(p.domains);
  rail.per_domain = 1;
  rail.per_leaf = group.per_leaf / static_cast<std::int64_t>(p.inside);
  rail.per_pod = group.per_pod / static_cast<std::int64_t>(p.inside);
  Path over = p;
  over.n = p.domains;
  over.inside = 1;
  const auto k = static_cast<std::int64_t>(p.inside);
  const double between = ring_us(collective, bytes / p.inside, over, rail, f);
  if (collective == Collective::all_reduce)
    return in_domain(Collective::reduce_scatter, bytes, k, group.int8, f.up).us + between +
           in_domain(Collective::all_gather, bytes, k, group.int8, f.up).us;
  return in_domain(collective, bytes, k, group.int8, f.up).us + between;
}

/// The switches between domains reduce: every NIC sends its share once and receives it once.
double sharp_us(double bytes, const Path& p, const Group& group, const Fabric& f) {
  const auto k = static_cast<std::int64_t>(p.inside);
  const double between = f.up.simple.base_us + 2 * p.simple_us + us_of(bytes / p.inside, p.nic_gbs);
  if (k == 1) return between;
  return in_domain(Collective::reduce_scatter, bytes, k, group.int8, f.up).us + between +
         in_domain(Collective::all_gather, bytes, k, group.int8, f.up).us;
}

/// Every rank with every other; both kinds of wire work at once and the slower decides.
double direct_us(double bytes, const Path& p, const ScaleUp& up, const ScaleOut& out) {
  const double outside = p.n - p.inside;
  const double across = us_of(bytes * outside / p.n, p.direct_gbs) + (outside - 1) * out.message_us;
  double within = 0;
  if (p.inside > 1)
    within = us_of(bytes * (p.inside - 1 + up.direct_self) / p.n,
                   usable_gbs(static_cast<std::int64_t>(p.inside), up) * up.direct.efficiency);
  return up.direct.base_us + p.simple_us + std::max(across, within);
}

}  // namespace

Timed between_domains(Collective collective, double bytes, std::int64_t inside, const Group& group,
                      const Fabric& fabric) {
  const ScaleOut& out = fabric.out;
  if (out.gbs <= 0) return {INFINITY, Algorithm::none};
  const Path p = path_of(static_cast<double>(inside), group, out);
  const auto better = [](Timed a, Timed b) { return b.us < a.us ? b : a; };
  switch (collective) {
    case Collective::send_recv:
      return {fabric.up.direct.base_us + p.simple_us + us_of(bytes, p.direct_gbs), Algorithm::direct};
    case Collective::all_to_all:
      return {direct_us(bytes, p, fabric.up, out), Algorithm::direct};
    case Collective::all_reduce: {
      Timed best{ring_us(collective, bytes, p, group, fabric), Algorithm::ring};
      best = better(best, {tree_us(bytes, p, fabric), Algorithm::tree});
      if (inside > 1)
        best = better(best, {hierarchical_us(collective, bytes, p, group, fabric), Algorithm::hierarchical});
      if (out.in_network && !group.int8)
        best = better(best, {sharp_us(bytes, p, group, fabric), Algorithm::in_network});
      return best;
    }
    case Collective::all_gather:
    case Collective::reduce_scatter: {
      Timed best{ring_us(collective, bytes, p, group, fabric), Algorithm::ring};
      if (inside > 1)
        best = better(best, {hierarchical_us(collective, bytes, p, group, fabric), Algorithm::hierarchical});
      return best;
    }
    case Collective::broadcast:
      break;
  }
  return {ring_us(collective, bytes, p, group, fabric), Algorithm::ring};
}

}  // namespace alight
