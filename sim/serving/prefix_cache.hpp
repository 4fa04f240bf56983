// Keys and values of prompts that are kept after use, so that a later prompt with the same beginning need not compute
// them again.
//
// A block is named by everything from the start of the prompt to its own end (workloads/requests/request.hpp), so
// blocks form a tree; one held by a running sequence is referenced, and so are all before it. Runs of blocks that
// nothing branches from are one node, whose names are a stretch of the trace's own pool: a request costs a few steps
// per node on its way, however long its prompt (as in SGLang's radix tree: Zheng et al., SGLang, NeurIPS 2024, 3).
//
// What nobody references stays until its room is needed, and then goes in order of last use, ends of chains before
// what they continue. Blocks are counted here in blocks of the trace.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/serving/flat_map.hpp"
#include "sim/serving/prefix_directory.hpp"
#include "workloads/requests/request.hpp"

namespace alight {

class PrefixCache {
 public:
  /// A beginning of a prompt in the tree; 0 is the empty one.
  using Node = std::uint32_t;
  using Blocks = std::span<const BlockHash>;

  PrefixCache();

  struct Match {
    std::int64_t blocks = 0;        ///< of the prompt, from its start, that are kept
    std::int64_t unreferenced = 0;  ///< of these, that no sequence holds now
  };
  /// How much of the first `limit` of `prompt` is kept. Changes nothing, so that a router may ask.
  Match match(Blocks prompt, std::int64_t limit) const;

  /// References the first `count` blocks, all kept.
  Node hold(Blocks prompt, std::int64_t count);
  /// Keeps and references blocks `held` ... `count` of the prompt, the first `held` being referenced as `node`. The
  /// names stay where they are until evicted.
  Node extend(Node node, std::int64_t held, Blocks prompt, std::int64_t count);
  /// Gives back what hold and extend referenced.
  void release(Node node);
  /// Drops unreferenced blocks until at most `blocks` are left.
  void shrink_unreferenced(std::int64_t blocks);
  /// From now on `directory`, which outlives it, knows what first blocks it holds, under `number`. It is empty now.
  void enter_in(PrefixDirectory& directory, std::uint32_t number) { directory_ = &directory, number_ = number; }
  /// Forgets all, in the directory too, and leaves it.
  void clear();

  std::int64_t referenced() const { return referenced_; }
  std::int64_t unreferenced() const { return unreferenced_; }
  std::int64_t evicted() const { return evicted_; }

 private:
  struct Entry {
    const BlockHash* names = nullptr;
    std::uint32_t length = 0, parent = 0, references = 0, children = 0;
    std::uint32_t older = 0, newer = 0;  ///< beside it in the order of last use, while unreferenced
  };

  Node make(const BlockHash* names, std::uint32_t length, Node parent);
  /// Cuts `node` after `length` blocks; the new node holds the first part.
  Node split(Node node, std::uint32_t length);
  void reference(Node node);
  void link(Node node, Node after);
  void unlink(Node node);
  /// How many blocks of `entry` are those of `prompt` from `at`, below `limit`.
  static std::uint32_t common(const Entry& entry, Blocks prompt, std::int64_t at, std::int64_t limit);

  std::vector<Entry> nodes_;  ///< 0 is the root, and the head of the ring of unreferenced ones: newer = the oldest
  std::vector<Node> free_;
  FlatMap first_;  ///< by the name of a node's first block
  std::int64_t referenced_ = 0, unreferenced_ = 0, evicted_ = 0;
  PrefixDirectory* directory_ = nullptr;
  std::uint32_t number_ = 0;
};

}  // namespace alight
