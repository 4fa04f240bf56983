// The amounts of a parallel task: what each of its ranks computes, and what each sends to each other. All of it gets on
// together, at the pace of whatever is tightest; when one part is done, all are.
#pragma once

#include <cstddef>
#include <vector>

namespace alight {

/// Either alike for all ranks, however many there are (both vectors empty), or rank by rank. Amounts are finite and not
/// below zero.
struct ParallelTask {
  double flops_each = 0;      ///< floating-point operations of each rank
  double bytes_each = 0;      ///< from each rank to each other one
  std::vector<double> flops;  ///< [rank]
  std::vector<double> bytes;  ///< [from * ranks + to]
  bool operator==(const ParallelTask&) const = default;

  bool alike() const { return flops.empty(); }
  double flops_of(std::size_t rank) const { return alike() ? flops_each : flops[rank]; }
};

}  // namespace alight
