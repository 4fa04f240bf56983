// What one chip can say to others: its scale-up fabric (NVLink, HCCS, ICI, PCIe ...), its share of the scale-out
// network, and the constants of the communication library on both. Plain numbers, resolved once and read by every
// estimate.
//
// Rates are GB/s (1e9 bytes) of one chip, one direction; latencies are microseconds. A rate is
// nominal * efficiency, so a cut-down or hypothetical link keeps the efficiencies of its kind.
#pragma once

#include <cstdint>

#include "models/sharing/routing.hpp"

namespace alight {

/// How the chips of one scale-up domain are wired.
enum class ScaleUpTopology {
  switched,   ///< any peer at the full rate (NVSwitch, UB, UALink)
  full_mesh,  ///< one link to each other chip of the domain: a group of k uses k - 1 of the domain - 1 links
  torus,      ///< `axes` axes, two links on each; a group forms a block with as many axes as it can
  host,       ///< through the PCIe and the memory of the host, which all chips of the group share
};

/// One way of the library to move data. The transfer takes T = bytes on the wire over the rate, at half the rate until
/// it has lost `ramp` (buffers and channels fill up), the hops H = steps * hop, and the whole
///
///     base + max(T + (1 - overlap) H, H + (1 - overlap / 2) T)
///
/// With no overlap, as small protocols have, that is base + H + T. With full overlap, hops hide behind a transfer of
/// many chunks, and half of a transfer of few chunks hides behind the hops. `efficiency` 0: the chip does not have it.
struct Protocol {
  double base_us = 0;
  double hop_us = 0;
  double efficiency = 0;  ///< of the nominal rate
  double ramp_us = 0;
  double overlap = 0;  ///< 0 to 1
  bool operator==(const Protocol&) const = default;
};

/// The fabric inside a domain.
struct ScaleUp {
  double gbs = 0;  ///< nominal, one direction
  std::int64_t domain = 1;
  ScaleUpTopology topology = ScaleUpTopology::switched;
  int axes = 1;           ///< of a torus
  double contention = 1;  ///< of a host: n chips get (2/n)^contention of the rate each

  /// NCCL's LL (a flag in every 8 bytes), LL128 (in every 128), Simple (bulk with fences): rising latency and rate.
  Protocol ll, ll128, simple;
  /// In-network reduction and multicast (NVLS).
  Protocol in_network;
  /// Point to point and all-to-all: grouped sends and receives, all peers at once.
  Protocol direct;
  double direct_self = 0;  ///< cost of the part a rank sends to itself, over that of a part sent to a peer

  /// What the library believes when it chooses a protocol (NCCL's own table, not what is measured): rates of a ring
  /// over the nominal one, 0 where a protocol is never chosen. All 0: it takes what is fastest.
  double tuner_ll = 0, tuner_ll128 = 0, tuner_simple = 0;
  bool operator==(const ScaleUp&) const = default;
};

/// Links above the leaf or the pod: `oversubscription` is capacity in over capacity out. What flows lose to each other
/// on them follows from the routing, where cables and NICs are known.
struct Uplink {
  double oversubscription = 1;
  double latency_us = 1;
  std::int64_t chips = 0;  ///< of the job below one such switch, as it lies; 0: all
  RoutingRule routing;
  double cables = 0;  ///< up of one such switch
  double nics = 0;    ///< of one chip on each such switch
  double rails = 1;   ///< such switches side by side above the same chips
  bool operator==(const Uplink&) const = default;
};

/// Microseconds that `bytes` take at a rate of `gbs` GB/s.
constexpr double us_of(double bytes, double gbs) {
  return bytes / (gbs * 1e3);
}

/// The network between domains. Every chip drives its own share of the NICs.
struct ScaleOut {
  double gbs = 0;                   ///< nominal, one direction; 0: there is no network
  double efficiency = 0;            ///< bulk transfers
  double direct_efficiency = 0;     ///< all-to-all and point to point
  double ll_us = 0, simple_us = 0;  ///< one step through the NIC by the small and the bulk protocol
  double message_us = 0;            ///< of each further peer of an all-to-all
  bool in_network = false;          ///< the switches reduce (SHARP)
  Uplink leaf, pod;
  bool operator==(const ScaleOut&) const = default;
};

struct Fabric {
  ScaleUp up;
  ScaleOut out;
  bool operator==(const Fabric&) const = default;
};

}  // namespace alight
