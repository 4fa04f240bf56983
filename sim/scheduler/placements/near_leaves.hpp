// How many wholly free servers a job takes under which leaves: few leaves, close together.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/cluster/locality.hpp"

namespace alight {

class NearLeaves {
 public:
  struct Taken {
    std::uint32_t leaf = 0;
    std::int64_t servers = 0;
  };

  /// Shares out `servers` (there are as many) over the pool's leaves:
  ///
  /// - all under the leaf that just holds them, where one does (ties: in the pod with fewest free);
  /// - else in as few pods as can be: the pod that holds what is left and needs fewest leaves for it, of these the one
  ///   with fewest free; while none does, all of the pod with most;
  /// - in a pod leaf by leaf, those with most first, the last leaf the one that just holds what is left.
  ///
  /// Supernodes come before pods: as few as can be, in one pod where that takes no more. In a pool under one pod the
  /// last leaf is the one with most free, too.
  const std::vector<Taken>& share_out(std::int64_t servers, PoolIndex p, const Cluster& cluster,
                                      const PoolLocality& locality);

 private:
  struct Leaf {
    std::int32_t free;
    std::uint32_t leaf;
  };
  void from_leaf_that_holds(std::int64_t servers);
  void over_pods(std::int64_t servers, bool fewest_leaves_first);
  std::int64_t leaves_needed(std::uint32_t pod, std::int64_t servers) const;
  void from(std::vector<Leaf>& leaves, std::int64_t servers, bool last_is_tightest);
  void from_pod(std::uint32_t pod, std::int64_t servers);
  std::uint32_t pod_of(std::uint32_t leaf) const { return pod_of_leaf_ ? (*pod_of_leaf_)[leaf - first_leaf_] : 0; }

  std::uint32_t first_leaf_ = 0;
  const std::vector<std::uint32_t>* pod_of_leaf_ = nullptr;  ///< null: one pod
  std::vector<Leaf> leaves_;                                 ///< with free servers, ascending
  std::vector<std::int64_t> free_of_pod_;
  std::vector<std::int32_t> count_;  ///< [pod x (most + 1) + free servers]: leaves
  std::int32_t most_ = 0;            ///< free servers of a leaf
  std::vector<Leaf> some_;
  std::vector<Taken> taken_;
};

}  // namespace alight
