// Collectives among chips of one scale-up domain. Times in microseconds; see collective.hpp for what bytes are.
#pragma once

#include <cstdint>

#include "models/collectives/collective.hpp"

namespace alight {

struct Timed {
  double us = 0;
  Algorithm algorithm = Algorithm::none;
  double network_us = 0;    ///< of it, with the network between domains busy
  double domain_bytes = 0;  ///< that leave each domain
};

/// `ranks` > 1 of one domain, all inside it.
Timed in_domain(Collective collective, double bytes, std::int64_t ranks, bool int8, const ScaleUp& up);

/// GB/s one chip gets, one direction, when it takes part in a collective of `ranks`: nominal on a switched fabric, the
/// links to the group's own members on a full mesh, those along the group's axes on a torus, a share on a host's PCIe.
double usable_gbs(std::int64_t ranks, const ScaleUp& up);

/// The same between two chips of the domain.
double pair_gbs(const ScaleUp& up);

/// Neighbours a step of a ring passes, end to end: what latency counts.
double ring_steps(Collective collective, std::int64_t ranks);

/// Bytes over the wire of each rank per byte counted, in a ring, with the rank's own part copied beside: a copy of
/// 1/n costs `self` of a transfer of 1/n.
double ring_volume(Collective collective, std::int64_t ranks, double self);

/// Cost of a rank's own part in LL and in the bulk protocols, see ring_volume. Measured: the slopes of all_gather at 2,
/// 4 and 8 ranks lie on one line in 1/n, whose end gives it; the same on A100, H100 and B200 within 0.05.
constexpr double kSelfLl = 0.85, kSelfBulk = 0.48;

}  // namespace alight
