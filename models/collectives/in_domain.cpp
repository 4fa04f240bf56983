#include "models/collectives/in_domain.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

namespace {

/// NCCL's belief about a ring inside a node: base and hop latency of LL, LL128, Simple in microseconds
/// (src/graph/tuning.cc, baseLatencies and hwLatencies for NVLink).
constexpr double kTunerBase[3] = {6.6, 14.0, 8.4};
constexpr double kTunerHop[3] = {0.6, 1.9, 3.4};
/// The same for NVLS: base 0, one step of 25 us, and bytes of the buffer at this part of the nominal rate. The part is
/// from what NCCL 2.29 picks: rings at 4 ranks, NVLS from 5 on Hopper and at 8 on Hopper and Blackwell.
constexpr double kTunerInNetworkUs = 31, kTunerInNetworkShare = 0.51;
/// Rate left when one-byte elements are reduced: 0.92 to 0.97 on seven chips. Two-byte elements are reduced at the rate
/// they are copied at.
constexpr double kReduceInt8 = 0.94;
/// Messages of at most this many bytes between two ranks go by LL (NCCL_P2P_LL_THRESHOLD), which takes this part of the
/// base: 0.68 on H100, 0.72 on B200, 0.77 on A100 and 8 ranks.
constexpr double kSmallMessage = 16384, kSmallMessageBase = 0.72;

bool reduces(Collective collective) {
  return collective == Collective::all_reduce || collective == Collective::reduce_scatter;
}

double protocol_us(const Protocol& p, double gbs, double steps, double wire_bytes) {
  const double full_rate = us_of(wire_bytes, gbs * p.efficiency);
  const double transfer = full_rate + std::min(full_rate, p.ramp_us);
  const double hops = steps * p.hop_us;
  return p.base_us + std::max(transfer + (1 - p.overlap) * hops, hops + (1 - p.overlap / 2) * transfer);
}

/// What the library believes a ring takes by LL, LL128, Simple.
double believed_us(int protocol, double steps, double bus_bytes, double gbs) {
  return gbs > 0 ? kTunerBase[protocol] + steps * kTunerHop[protocol] + us_of(bus_bytes, gbs) : INFINITY;
}

/// A ring, or the switches where they can reduce, whatever the library takes for the fastest.
Timed ring_or_switch(Collective collective, double bytes, std::int64_t ranks, bool int8, const ScaleUp& up) {
  const double n = static_cast<double>(ranks);
  const double gbs = usable_gbs(ranks, up);
  const double steps = ring_steps(collective, ranks);
  const double slowed = int8 && reduces(collective) ? kReduceInt8 : 1;
  const double ll_bytes = bytes * ring_volume(collective, ranks, kSelfLl) / slowed;
  const double self = up.topology == ScaleUpTopology::torus ? 0 : kSelfBulk;
  const double bulk_bytes = bytes * ring_volume(collective, ranks, self) / slowed;
  const double bus_bytes = bytes * bus_factor(collective, ranks);
  const bool by_tuner = up.tuner_simple > 0;
  const Algorithm around = up.topology == ScaleUpTopology::torus ? Algorithm::torus : Algorithm::ring;

  // In the order of rising rate, fastest wire first: what the library believes best, or a faster wire that is in fact
  // better. It is seen to leave small protocols too early, never much too late.
  Timed best{INFINITY, around}, fastest{INFINITY, around};
  double least = INFINITY;
  const auto consider = [&](double believed, double us, Algorithm algorithm) {
    if (us < fastest.us) fastest = {us, algorithm};
    if (!by_tuner) believed = us;
    if (believed < least) least = believed, best = fastest;
  };
  if (collective == Collective::all_reduce && !int8 && up.in_network.efficiency > 0)
    // Every rank sends its buffer to the switch once and receives the reduced part it multicasts: 1 + 1/n each way.
    consider(kTunerInNetworkUs + us_of(bytes, up.gbs * kTunerInNetworkShare),
             protocol_us(up.in_network, up.gbs, 1, bytes * (1 + 1 / n)), Algorithm::in_network);
  if (up.simple.efficiency > 0)
    consider(believed_us(2, steps, bus_bytes, up.tuner_simple * up.gbs), protocol_us(up.simple, gbs, steps, bulk_bytes),
             around);
  if (up.ll128.efficiency > 0)
    consider(believed_us(1, steps, bus_bytes, up.tuner_ll128 * up.gbs), protocol_us(up.ll128, gbs, steps, bulk_bytes),
             around);
  if (up.ll.efficiency > 0)
    consider(believed_us(0, steps, bus_bytes, up.tuner_ll * up.gbs), protocol_us(up.ll, gbs, steps, ll_bytes), around);
  return best;
}

double direct_us(double bytes, std::int64_t ranks, const ScaleUp& up) {
  const double n = static_cast<double>(ranks);
  const double saved =
      up.ll.efficiency > 0 && bytes / n <= kSmallMessage ? (1 - kSmallMessageBase) * up.direct.base_us : 0;
  return protocol_us(up.direct, usable_gbs(ranks, up), 1, bytes * (n - 1 + up.direct_self) / n) - saved;
}

/// One pair: the latency of the smallest protocol and the rate of the bulk one. DGX H100 (microsoft/vidur): 9 us for
/// 0.8 MB, 43 us for 13.1 MB, 193 us for 67 MB, where this gives 8, 41, 186.
double send_recv_us(double bytes, const ScaleUp& up) {
  const Protocol& first = up.ll.efficiency > 0 ? up.ll : up.simple;
  return first.base_us + first.hop_us + us_of(bytes, pair_gbs(up) * up.simple.efficiency);
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
      // A block with an axis for each factor of two it has. An axis of four or more closes into a ring and gives two
      // links, a shorter one is a line and gives one. Two axes at most work at once: on Ironwood, blocks of 2x2x1 and
      // 2x2x2 gather at the same rate.
      const int block_axes = std::clamp(std::ilogb(n), 1, up.axes);
      const bool rings = std::ilogb(n) >= 2 * block_axes;
      return up.gbs * std::min(block_axes, 2) * (rings ? 2 : 1) / (2.0 * up.axes);
    }
    case ScaleUpTopology::host:
      return n > 2 ? up.gbs * std::pow(2 / n, up.contention) : up.gbs;
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
      return {send_recv_us(bytes, up), Algorithm::direct};
    case Collective::all_to_all:
      return {direct_us(bytes, ranks, up), Algorithm::direct};
    case Collective::all_reduce:
    case Collective::all_gather:
    case Collective::reduce_scatter:
    case Collective::broadcast:
      break;
  }
  return ring_or_switch(collective, bytes, ranks, int8, up);
}

}  // namespace alight
