// What placements share: taking chips of one server for a request.
#pragma once

#include <bit>

#include "sim/cluster/cluster.hpp"

namespace alight {

/// The lowest `n` set bits of `mask`.
inline std::uint64_t lowest(std::uint64_t mask, std::int64_t n) {
  std::uint64_t out = 0;
  for (; n > 0 && mask; --n, mask &= mask - 1) out |= mask & -mask;
  return out;
}

/// Free share of all chips of a server, thousandths of a chip.
inline std::int64_t free_milli(const Cluster& cluster, ServerIndex s) {
  std::int64_t free = cluster.free_count(s) * std::int64_t{1000};
  for (std::uint64_t m = cluster.shared_mask(s); m; m &= m - 1) free += cluster.chip_free_milli(s, std::countr_zero(m));
  return free;
}

/// The chip to share: the one that would be left with least (ties: lowest number). -1 when none has room.
inline int tightest_chip(const Cluster& cluster, ServerIndex s, std::int32_t milli) {
  int best = -1;
  std::int32_t best_free = 1001;
  for (std::uint64_t m = cluster.free_mask(s) | cluster.shared_mask(s); m; m &= m - 1) {
    const int chip = std::countr_zero(m);
    const std::int32_t free = cluster.chip_free_milli(s, chip);
    if (free >= milli && free < best_free) {
      best = chip;
      best_free = free;
    }
  }
  return best;
}

/// Takes `chips` whole chips, or the request's share or processor part, of server `s`.
inline Slice take_from(const ChipRequest& request, const Cluster& cluster, ServerIndex s, std::int64_t chips) {
  if (request.fractional()) return {s, request.chip_milli, 1ULL << tightest_chip(cluster, s, request.chip_milli)};
  return {s, 1000, lowest(cluster.free_mask(s), chips)};
}

}  // namespace alight
