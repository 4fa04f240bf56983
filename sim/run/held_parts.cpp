#include "sim/run/held_parts.hpp"

#include <algorithm>

namespace alight {

HeldParts::HeldParts(const Cluster& cluster, const TrainingGround* ground) : cluster_(cluster) {
  if (!ground) return;
  for (const auto& pool : ground->pools) {
    pods_.push_back(pool.pods);
    domain_leaves_.push_back(pool.domain_leaves);
  }
}

void HeldParts::see(const Allocation& held) {
  parts_.clear();
  lies_.clear();
  for_each_pool(cluster_, held, [&](PoolIndex p, std::span<const Slice> slices) { see(p, slices); });
  milli_ = servers_ = leaves_ = 0;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    milli_ += parts_[i].held_milli;
    servers_ += lies_[i].servers;
    leaves_ += lies_[i].leaves;
  }
}

void HeldParts::see(PoolIndex p, std::span<const Slice> held) {
  std::int64_t servers = 0, milli = 0;
  std::vector<std::uint32_t>& leaves = leaves_of_part_;
  leaves.clear();
  for (const Slice& slice : held) {
    milli += slice.milli();
    servers += slice.servers;
    for (auto leaf = cluster_.leaf_of(slice.server); leaf <= cluster_.leaf_of(slice.server + slice.servers - 1); ++leaf)
      if (leaves.empty() || leaves.back() != leaf) leaves.push_back(leaf);
  }
  std::sort(leaves.begin(), leaves.end());
  leaves.erase(std::unique(leaves.begin(), leaves.end()), leaves.end());
  parts_.push_back({p, milli});
  lies_.push_back({.chips = milli / 1000, .servers = servers, .leaves = std::ssize(leaves), .pods = 1});
  if (p >= pods_.size()) return;
  if (const std::int64_t in_domain = domain_leaves_[p]; in_domain > 0) {
    std::int64_t last = -1, domains = 0;
    for (const std::uint32_t leaf : leaves)
      if (const std::int64_t domain = (leaf - cluster_.first_leaf(p)) / in_domain; domain != last) {
        last = domain;
        ++domains;
      }
    lies_.back().domains = domains;
  }
  if (pods_[p].empty()) return;
  std::int64_t last = -1, pods = 0;  // leaves ascend, and so do their pods
  for (const std::uint32_t leaf : leaves)
    if (const std::int64_t pod = pods_[p][leaf - cluster_.first_leaf(p)]; pod != last) {
      last = pod;
      ++pods;
    }
  lies_.back().pods = pods;
}

}  // namespace alight
