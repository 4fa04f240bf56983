// What a job holds, pool by pool, and how it lies there: as the runtimes, the ledger and the records ask for it.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/record/recorder.hpp"
#include "sim/runtime/lie.hpp"

namespace alight {

/// One at a time: see() forgets what was seen before.
class HeldParts {
 public:
  /// `ground` may be null: then no pool has pods. The cluster outlives this.
  HeldParts(const Cluster& cluster, const TrainingGround* ground);

  void see(const Allocation& held);

  /// By ascending pool; the lies in the same order.
  const std::vector<PoolPart>& parts() const { return parts_; }
  const std::vector<Lie>& lies() const { return lies_; }
  PoolIndex first_pool() const { return static_cast<PoolIndex>(parts_.front().pool); }
  /// Of its first pool.
  const Lie& lie() const { return lies_.front(); }
  /// Over all pools.
  std::int64_t milli() const { return milli_; }
  std::int64_t servers() const { return servers_; }
  std::int64_t leaves() const { return leaves_; }

 private:
  void see(PoolIndex pool, std::span<const Slice> held);

  const Cluster& cluster_;
  std::vector<std::vector<std::int64_t>> pods_;  ///< [pool][leaf], see TrainingGround
  std::vector<std::int64_t> domain_leaves_;      ///< [pool], likewise
  std::vector<PoolPart> parts_;
  std::vector<Lie> lies_;
  std::int64_t milli_ = 0, servers_ = 0, leaves_ = 0;
  std::vector<std::uint32_t> leaves_of_part_;
};

}  // namespace alight
