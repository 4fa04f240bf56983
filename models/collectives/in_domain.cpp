#include "models/collectives/in_domain.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

namespace {

/// NCCL's belief about a ring inside a node: base and hop latency of LL, LL128, Simple in microseconds
/// (src/graph/tuning.cc, baseLatencies and hwLatencies for NVLink).
constexpr double kTunerBase[3] = {6.6, 14.0, 8.4};
constexpr double kTunerHop[3] = {0.6, 1.9, 3.4};
/// The same for NVLS: base 0, one step of 25 us.
constexpr double kTunerInNetworkUs = 25;

constexpr double us_of(double bytes, double gbs) {
  return bytes / (gbs * 1e3);
}

bool reduces(Collective collective) {
  return collective == Collective::all_reduce || collective == Collective::reduce_scatter;
}

/// A ring by one protocol. Bulk transfers wait for each other's hops until there are enough chunks to fill the ring:
/// while the hops take longer, half of the transfer hides behind them.
double ring_us(const Protocol& p, double gbs, double steps, double wire_bytes, bool bulk) {
  const double transfer = us_of(wire_bytes, gbs * p.efficiency);
  const double hops = steps * p.hop_us;
  if (!bulk) return p.base_us + hops + transfer;
  return p.base_us + std::max(transfer, hops + transfer / 2);
}

Timed ring(Collective collective, double bytes, std::int64_t ranks, bool int8, const ScaleUp& up) {
  const double gbs = usable_gbs(ranks, up);
  const double steps = ring_steps(collective, ranks);
  const double slowed = !reduces(collective) ? 1 : int8 ? up.reduce_int8 : up.reduce;
  const double ll_bytes = bytes * ring_volume(collective, ranks, kSelfLl) / slowed;
  const double bulk_bytes = bytes * ring_volume(collective, ranks, kSelfBulk) / slowed;
  const Algorithm algorithm = up.topology == ScaleUpTopology::torus ? Algorithm::torus : Algorithm::ring;
  const double actual[3] = {up.ll.efficiency > 0 ? ring_us(up.ll, gbs, steps, ll_bytes, false) : INFINITY,
                            up.ll128.efficiency > 0 ? ring_us(up.ll128, gbs, steps, bulk_bytes, false) : INFINITY,
                            up.simple.efficiency > 0 ? ring_us(up.simple, gbs, steps, bulk_bytes, true) : INFINITY};
  if (up.tuner_simple_gbs <= 0) return {std::min({actual[0], actual[1], actual[2]}), algorithm};
  const double volume = bus_factor(collective, ranks) * bytes;
  const double believed_gbs[3] = {up.tuner_ll_gbs, up.tuner_ll128_gbs, up.tuner_simple_gbs};
  int chosen = 2;
  double least = INFINITY;
  for (int p = 0; p < 3; ++p) {
    if (believed_gbs[p] <= 0) continue;
    const double believed = kTunerBase[p] + steps * kTunerHop[p] + us_of(volume, believed_gbs[p]);
    if (believed < least) least = believed, chosen = p;
  }
  return {actual[chosen], algorithm};
}

double in_network_us(Collective collective, double bytes, std::int64_t ranks, const ScaleUp& up) {
  const double n = static_cast<double>(ranks);
  // Every rank sends its buffer to the switch once and receives the reduced part it multicasts: 1 + 1/n each way.
  const double volume = collective == Collective::all_reduce ? 1 + 1 / n : 1;
  return up.in_network.base_us + us_of(bytes * volume, up.gbs * up.in_network.efficiency);
}

double direct_us(double bytes, std::int64_t ranks, const ScaleUp& up) {
  const double n = static_cast<double>(ranks);
  return up.direct.base_us + (n - 1) * up.direct.hop_us +
         us_of(bytes * (n - 1 + up.direct_self) / n, usable_gbs(ranks, up) * up.direct.efficiency);
}

}  // namespace

double usable_gbs(std::int64_t ranks, const ScaleUp& up) {
  const double n = static_cast<double>(ranks);
  switch (up.topology) {
    case ScaleUpTopology::switched:
      return up.gbs;
    case ScaleUpTopology::full_mesh:
      return up.gbs * std::min(1.0, (n - 1) / static_cast<double>(std::max<std::int64_t>(up.domain - 1, 1)));
    case ScaleUpTopology::torus: {
      // A block with an axis for each factor of two it has, at most `axes`. An axis of four or more closes into a ring
      // and gives two links, a shorter one is a line and gives one.
      const int axes = std::clamp(static_cast<int>(std::ilogb(n)), 1, up.axes);
      double block = 1;
      for (int i = 0; i < axes; ++i) block *= 4;
      return up.gbs * axes * (n >= block ? 2 : 1) / (2.0 * up.axes);
    }
    case ScaleUpTopology::host:
      return n > 2 ? up.gbs * 2 / n : up.gbs;
  }
  return up.gbs;
}

double pair_gbs(const ScaleUp& up) {
  return usable_gbs(2, up);
}

double ring_steps(Collective collective, std::int64_t ranks) {
  const double n = static_cast<double>(ranks);
  return collective == Collective::all_reduce ? 2 * (n - 1) : n - 1;
}

double ring_volume(Collective collective, std::int64_t ranks, double self) {
  if (collective == Collective::broadcast) return 1;
  return bus_factor(collective, ranks) + self / static_cast<double>(ranks);
}

Timed in_domain(Collective collective, double bytes, std::int64_t ranks, bool int8, const ScaleUp& up) {
  switch (collective) {
    case Collective::send_recv:
      return {up.direct.base_us + us_of(bytes, pair_gbs(up) * up.direct.efficiency), Algorithm::direct};
    case Collective::all_to_all:
      return {direct_us(bytes, ranks, up), Algorithm::direct};
    case Collective::all_reduce:
    case Collective::all_gather:
    case Collective::reduce_scatter:
    case Collective::broadcast:
      break;
  }
  const Timed by_ring = ring(collective, bytes, ranks, int8, up);
  if (collective != Collective::all_reduce || int8 || up.in_network.efficiency <= 0) return by_ring;
  const double by_switch = in_network_us(collective, bytes, ranks, up);
  return by_switch < by_ring.us ? Timed{by_switch, Algorithm::in_network} : by_ring;
}

}  // namespace alight
