// Which of many prefix caches hold the first block of a prompt: so a router need not ask those that hold nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/serving/flat_map.hpp"
#include "workloads/requests/request.hpp"

namespace alight {

class PrefixDirectory {
 public:
  void add(BlockHash first, std::uint32_t cache) {
    std::uint32_t list = lists_of_.find(first);
    if (list == FlatMap::kNone) {
      if (free_.empty()) {
        list = static_cast<std::uint32_t>(lists_.size());
        lists_.emplace_back();
      } else {
        list = free_.back();
        free_.pop_back();
      }
      lists_of_.set(first, list);
    }
    auto& holders = lists_[list];
    holders.insert(std::lower_bound(holders.begin(), holders.end(), cache), cache);
  }

  /// `cache`, which was added, holds it no more.
  void remove(BlockHash first, std::uint32_t cache) {
    const std::uint32_t list = lists_of_.find(first);
    auto& holders = lists_[list];
    holders.erase(std::lower_bound(holders.begin(), holders.end(), cache));
    if (!holders.empty()) return;
    lists_of_.erase(first);
    free_.push_back(list);
  }

  /// Ascending; valid until the next change.
  std::span<const std::uint32_t> holders(BlockHash first) const {
    const std::uint32_t list = lists_of_.find(first);
    if (list == FlatMap::kNone) return {};
    return lists_[list];
  }

 private:
  FlatMap lists_of_;
  std::vector<std::vector<std::uint32_t>> lists_;
  std::vector<std::uint32_t> free_;
};

}  // namespace alight
