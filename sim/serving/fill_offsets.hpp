// How full the last blocks of all decoding sequences are: how many new blocks they need when each grows by some
// tokens, without looking at one of them.
//
// All decoding sequences grow by the same tokens at the same iterations. So a sequence is its tokens less the common
// count, its offset, and a new block is due when offset + count passes a multiple of the block. How many do at a given
// count depends only on how many sequences have which offset modulo the block.
#pragma once

#include <cstdint>
#include <vector>

namespace alight {

class FillOffsets {
 public:
  explicit FillOffsets(std::int64_t block_tokens)
      : block_(block_tokens), sequences_(static_cast<std::size_t>(block_tokens), 0) {}

  void add(std::int64_t offset) { ++sequences_[bin(offset)], ++total_; }
  void remove(std::int64_t offset) { --sequences_[bin(offset)], --total_; }

  /// Blocks that start while the common count goes from `from` to `to`.
  std::int64_t needed(std::int64_t from, std::int64_t to) const {
    const std::int64_t rounds = (to - from) / block_;
    std::int64_t blocks = rounds * total_;
    for (std::int64_t count = from + rounds * block_ + 1; count <= to; ++count) blocks += sequences_[bin(1 - count)];
    return blocks;
  }

  /// The largest count not above `to` that `blocks` suffice for.
  std::int64_t reach(std::int64_t from, std::int64_t to, std::int64_t blocks) const {
    if (total_ == 0 || needed(from, to) <= blocks) return to;
    const std::int64_t rounds = blocks / total_;
    std::int64_t count = from + rounds * block_, left = blocks - rounds * total_;
    while (count < to && (left -= sequences_[bin(-count)]) >= 0) ++count;
    return count;
  }

 private:
  std::size_t bin(std::int64_t offset) const {
    const std::int64_t rest = offset % block_;
    return static_cast<std::size_t>(rest < 0 ? rest + block_ : rest);
  }

  std::int64_t block_, total_ = 0;
  std::vector<std::int64_t> sequences_;
};

}  // namespace alight
