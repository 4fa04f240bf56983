#include "sim/scheduler/placements/near_leaves.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace alight {

const std::vector<NearLeaves::Taken>& NearLeaves::share_out(std::int64_t servers, PoolIndex p, const Cluster& cluster,
                                                            const PoolLocality& locality) {
  taken_.clear();
  leaves_.clear();
  first_leaf_ = cluster.first_leaf(p);
  pod_of_leaf_ = locality.pods > 1 ? &locality.pod_of_leaf : nullptr;
  free_of_pod_.assign(locality.pods, 0);
  most_ = 0;
  for (std::uint32_t leaf = first_leaf_; leaf < cluster.end_leaf(p); ++leaf) {
    const std::int32_t free = cluster.free_servers_of_leaf(leaf);
    if (free == 0) continue;
    leaves_.push_back({free, leaf});
    most_ = std::max(most_, free);
    free_of_pod_[pod_of(leaf)] += free;
  }
  if (servers == 0) return taken_;
  if (most_ >= servers) {
    from_leaf_that_holds(servers);
  } else if (locality.flat()) {
    some_ = leaves_;
    from(some_, servers, false);
  } else {
    count_.assign(static_cast<std::size_t>(locality.pods) * static_cast<std::size_t>(most_ + 1), 0);
    for (const Leaf& leaf : leaves_)
      ++count_[static_cast<std::size_t>(pod_of(leaf.leaf)) * static_cast<std::size_t>(most_ + 1) +
               static_cast<std::size_t>(leaf.free)];
    over_pods(servers, locality.supernodes);
  }
  return taken_;
}

void NearLeaves::from_leaf_that_holds(std::int64_t servers) {
  const Leaf* best = nullptr;
  for (const Leaf& leaf : leaves_) {
    if (leaf.free < servers) continue;
    if (!best || leaf.free < best->free ||
        (leaf.free == best->free && free_of_pod_[pod_of(leaf.leaf)] < free_of_pod_[pod_of(best->leaf)]))
      best = &leaf;
  }
  taken_.push_back({best->leaf, servers});
}

std::int64_t NearLeaves::leaves_needed(std::uint32_t pod, std::int64_t servers) const {
  const auto* of = &count_[static_cast<std::size_t>(pod) * static_cast<std::size_t>(most_ + 1)];
  std::int64_t leaves = 0;
  for (std::int64_t free = most_; free > 0 && servers > 0; --free) {
    const std::int64_t here = std::min<std::int64_t>(of[free], (servers + free - 1) / free);
    leaves += here;
    servers -= here * free;
  }
  return leaves;
}

void NearLeaves::over_pods(std::int64_t servers, bool fewest_leaves_first) {
  const auto pods = static_cast<std::uint32_t>(free_of_pod_.size());
  std::int64_t allowed = std::numeric_limits<std::int64_t>::max();
  if (fewest_leaves_first) {
    some_ = leaves_;
    std::sort(some_.begin(), some_.end(), [](const Leaf& a, const Leaf& b) { return a.free > b.free; });
    std::int64_t left = servers;
    for (allowed = 0; left > 0; ++allowed) left -= some_[static_cast<std::size_t>(allowed)].free;
  }
  while (servers > 0) {
    using Key = std::tuple<std::int64_t, std::int64_t, std::uint32_t>;  // leaves, free, number
    Key best{std::numeric_limits<std::int64_t>::max(), 0, 0};
    for (std::uint32_t pod = 0; pod < pods; ++pod)
      if (free_of_pod_[pod] >= servers) best = std::min(best, Key{leaves_needed(pod, servers), free_of_pod_[pod], pod});
    if (std::get<0>(best) <= allowed && free_of_pod_[std::get<2>(best)] >= servers)
      return from_pod(std::get<2>(best), servers);
    if (fewest_leaves_first) {
      some_ = leaves_;
      return from(some_, servers, true);
    }
    const auto fullest =
        static_cast<std::uint32_t>(std::max_element(free_of_pod_.begin(), free_of_pod_.end()) - free_of_pod_.begin());
    const std::int64_t all = free_of_pod_[fullest];
    from_pod(fullest, all);
    free_of_pod_[fullest] = 0;
    servers -= all;
  }
}

void NearLeaves::from_pod(std::uint32_t pod, std::int64_t servers) {
  some_.clear();
  std::copy_if(leaves_.begin(), leaves_.end(), std::back_inserter(some_),
               [&](const Leaf& leaf) { return pod_of(leaf.leaf) == pod; });
  from(some_, servers, true);
}

void NearLeaves::from(std::vector<Leaf>& leaves, std::int64_t servers, bool last_is_tightest) {
  std::sort(leaves.begin(), leaves.end(),
            [](const Leaf& a, const Leaf& b) { return a.free != b.free ? a.free > b.free : a.leaf < b.leaf; });
  for (auto leaf = leaves.begin(); servers > 0; ++leaf) {
    auto pick = leaf;
    if (last_is_tightest && leaf->free >= servers) {
      while (pick + 1 != leaves.end() && (pick + 1)->free >= servers) ++pick;
      while (pick != leaf && (pick - 1)->free == pick->free) --pick;
    }
    const std::int64_t here = std::min<std::int64_t>(servers, pick->free);
    taken_.push_back({pick->leaf, here});
    servers -= here;
  }
}

}  // namespace alight
