// The condition of every chip, and the only place that changes it.
//
// Each server knows which of its chips are wholly free, which are shared, and what is left of its host processor and
// memory. Per pool, servers are indexed by how many whole chips they have free, and leaves by how many servers are
// wholly free, so that a placement finds its servers without walking them all.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "platforms/site.hpp"
#include "sim/cluster/request.hpp"

namespace alight {

/// Chips of one server held by one job, or all chips of several servers in a row.
struct Slice {
  ServerIndex server = 0;
  std::int32_t chip_milli = 1000;  ///< share of each chip
  std::uint64_t chips = 0;         ///< bit i = chip i of each server
  ServerIndex servers = 1;         ///< more than one only with all chips of each
  std::int64_t chip_count() const { return std::popcount(chips) * static_cast<std::int64_t>(servers); }
  std::int64_t milli() const { return chip_count() * chip_milli; }
};
using Allocation = std::vector<Slice>;

/// Why a server's chips are not there; only `up` servers can be allocated.
enum class Condition : std::uint8_t { undelivered, unpowered, failed, maintenance, up };

class Cluster {
 public:
  /// At most this many chips to a server: their state is one machine word.
  static constexpr std::int64_t kMaxChipsPerServer = 64;

  explicit Cluster(const Site& site);

  const Site& site() const { return site_; }
  std::size_t pools() const { return pools_.size(); }
  PoolIndex pool_of(ServerIndex server) const { return pool_of_[server]; }
  /// Leaves are numbered pool by pool: servers of two pools under one switch count as under two.
  std::uint32_t leaf_of(ServerIndex server) const { return leaf_of_[server]; }

  // -- A pool
  ServerIndex first_server(PoolIndex p) const { return pools_[p].first; }
  ServerIndex end_server(PoolIndex p) const { return pools_[p].first + pools_[p].servers; }
  int chips_per_server(PoolIndex p) const { return pools_[p].chips_per_server; }
  /// Chips of up servers that nobody holds any part of.
  std::int64_t free_chips(PoolIndex p) const { return pools_[p].free_chips; }
  /// Free share of up servers' chips, in thousandths of a chip, shared chips included.
  std::int64_t free_milli(PoolIndex p) const { return pools_[p].free_milli; }
  /// Counts anything that might let a request start that did not before: releases, servers coming up, renew().
  std::uint64_t releases(PoolIndex p) const { return pools_[p].releases; }

  // -- A server
  std::uint64_t free_mask(ServerIndex s) const { return up(s) ? free_[s] : 0; }
  std::uint64_t shared_mask(ServerIndex s) const { return up(s) ? shared_[s] : 0; }
  int free_count(ServerIndex s) const { return std::popcount(free_mask(s)); }
  /// Share of one chip that is free, thousandths.
  std::int32_t chip_free_milli(ServerIndex s, int chip) const;
  std::int64_t cpu_free_milli(ServerIndex s) const { return cpu_free_[s]; }
  std::int64_t memory_free_mib(ServerIndex s) const { return memory_free_[s]; }
  std::int64_t cpu_capacity_milli(ServerIndex s) const { return pools_[pool_of_[s]].cpu_milli; }
  std::int64_t memory_capacity_mib(ServerIndex s) const { return pools_[pool_of_[s]].memory_mib; }
  /// [n] jobs that hold n whole chips of the server; [0] jobs that hold a share of one.
  std::span<const std::uint16_t> holders(ServerIndex s) const {
    return {holders_.data() + chip_base_[s] + s, static_cast<std::size_t>(pools_[pool_of_[s]].chips_per_server) + 1};
  }
  bool up(ServerIndex s) const { return condition_[s] == Condition::up; }
  Condition condition(ServerIndex s) const { return condition_[s]; }

  // -- Finding servers of a pool
  /// The first server at or after `from` with exactly `free` whole chips free, or end_server(p).
  ServerIndex next_with_free(PoolIndex p, int free, ServerIndex from) const;
  /// How many servers from `first` on, which has exactly `free` whole chips free, have as many; `limit` at most.
  ServerIndex row_with_free(PoolIndex p, int free, ServerIndex first, ServerIndex limit) const;
  /// Servers of the pool with exactly `free` whole chips free.
  std::int64_t count_with_free(PoolIndex p, int free) const { return pools_[p].count_by_free[free]; }
  std::uint32_t first_leaf(PoolIndex p) const { return pools_[p].first_leaf; }
  std::uint32_t end_leaf(PoolIndex p) const { return pools_[p].first_leaf + pools_[p].leaves; }
  /// Servers of a leaf whose chips are all free.
  std::int32_t free_servers_of_leaf(std::uint32_t leaf) const { return free_servers_of_leaf_[leaf]; }
  ServerIndex first_server_of_leaf(PoolIndex p, std::uint32_t leaf) const;
  ServerIndex end_server_of_leaf(PoolIndex p, std::uint32_t leaf) const {
    return std::min(first_server_of_leaf(p, leaf + 1), end_server(p));
  }

  // -- The feasibility test
  /// Units of the request (chips; 1 for a share or a processor job) this server could hold now.
  std::int64_t usable(const ChipRequest& request, ServerIndex s) const;
  /// Units the request needs in all.
  static std::int64_t needed(const ChipRequest& request) {
    return request.fractional() || request.chips == 0 ? 1 : request.chips;
  }
  /// Thousandths of chips it may hold at most in one of `pools`: what it asks for, or for whole servers all of theirs.
  std::int64_t most_held_milli(const ChipRequest& request, std::span<const PoolIndex> pools) const;
  /// Whether the pool has room for it now.
  bool fits(const ChipRequest& request, PoolIndex p) const;
  /// Whether the pool would have room for it, empty and with every server up but `without` of them.
  bool could_run(const ChipRequest& request, PoolIndex p, std::int64_t without = 0) const;

  // -- Changing
  void allocate(const ChipRequest& request, std::span<const Slice> slices);
  void release(const ChipRequest& request, std::span<const Slice> slices);
  /// A server that comes up or goes down must hold nothing.
  void set_condition(ServerIndex s, Condition condition);
  /// Something beside room that kept requests out is another: all are tried again.
  void renew();
  /// So many servers of the pool never come up: what needs them could not run.
  void never_up(PoolIndex p, std::int64_t servers) { pools_[p].never_up = servers; }

 private:
  struct PoolState {
    ServerIndex first = 0;
    ServerIndex servers = 0;
    std::uint32_t first_leaf = 0;
    std::uint32_t leaves = 0;
    std::int64_t servers_per_leaf = 0;
    int chips_per_server = 0;
    std::int64_t cpu_milli = 0;  ///< of one server; the largest integer where not counted
    std::int64_t memory_mib = 0;
    std::int64_t free_chips = 0;
    std::int64_t free_milli = 0;
    std::uint64_t releases = 0;
    std::int64_t never_up = 0;                        ///< of its servers
    std::vector<std::int64_t> count_by_free;          ///< [free chips]
    std::vector<std::vector<std::uint64_t>> by_free;  ///< [free chips] bitset of servers, offset by `first`
  };

  static std::int64_t usable(const ChipRequest& request, std::uint64_t free, std::uint64_t all, std::int32_t best_share,
                             std::int64_t cpu, std::int64_t memory);
  std::int32_t best_share(ServerIndex s) const;
  std::uint64_t all_mask(PoolIndex p) const;
  void index(ServerIndex s, int sign);
  void take(const ChipRequest& request, const Slice& slice, int sign);
  void take_row(const ChipRequest& request, const Slice& row, int sign);
  void take_host(const ChipRequest& request, ServerIndex s, std::int64_t chips, int sign);

  const Site& site_;
  std::vector<PoolState> pools_;
  std::vector<PoolIndex> pool_of_;
  std::vector<std::uint32_t> leaf_of_;
  std::vector<std::int32_t> free_servers_of_leaf_;
  std::vector<Condition> condition_;
  std::vector<std::uint64_t> free_;    ///< chips wholly free
  std::vector<std::uint64_t> shared_;  ///< chips partly held
  std::vector<std::int64_t> cpu_free_;
  std::vector<std::int64_t> memory_free_;
  std::vector<std::uint32_t> chip_base_;  ///< first chip of a server in share_
  std::vector<std::int16_t> share_;       ///< free thousandths of shared chips
  std::vector<std::uint16_t> holders_;    ///< see holders(); a server has one entry more than chips
};

/// Calls `call(pool, slices)` for each pool that slices of `held` lie in. Those of one pool stand together.
template <class Call>
void for_each_pool(const Cluster& cluster, std::span<const Slice> held, const Call& call) {
  while (!held.empty()) {
    const PoolIndex p = cluster.pool_of(held.front().server);
    std::size_t n = held.size();
    if (cluster.pool_of(held.back().server) != p)
      for (n = 1; cluster.pool_of(held[n].server) == p;) ++n;
    call(p, held.first(n));
    held = held.subspan(n);
  }
}

}  // namespace alight
