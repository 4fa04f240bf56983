// The tree of prefixes against a list of blocks, one by one.
#include <catch2/catch.hpp>
#include <list>
#include <map>
#include <set>

#include "../support/serving.hpp"

namespace {

using namespace alight;
using namespace alight::test;

/// Blocks by name with their references; those without in order of last use, the oldest first.
struct PlainCache {
  std::map<BlockHash, int> references;
  std::list<BlockHash> unused;

  std::int64_t match(PrefixCache::Blocks p, std::int64_t limit) const {
    std::int64_t n = 0;
    while (n < limit && references.count(p[static_cast<std::size_t>(n)]) > 0) ++n;
    return n;
  }
  void hold(PrefixCache::Blocks p, std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) {
      const BlockHash b = p[static_cast<std::size_t>(i)];
      if (references[b]++ == 0) unused.remove(b);
    }
  }
  void release(PrefixCache::Blocks p, std::int64_t count) {
    for (std::int64_t i = count; i-- > 0;) {
      const BlockHash b = p[static_cast<std::size_t>(i)];
      if (--references[b] == 0) unused.push_back(b);
    }
  }
  void shrink(std::int64_t blocks) {
    for (; static_cast<std::int64_t>(unused.size()) > blocks; unused.pop_front()) references.erase(unused.front());
  }
};

TEST_CASE("a tree of prefixes keeps, holds and evicts what a plain list of blocks does") {
  std::int64_t matched = 0, evicted = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Stream s = stream(seed, "prefixes");
    // Prompts that branch off each other: names are given to (parent, choice) pairs as they first appear.
    std::map<std::pair<BlockHash, std::int64_t>, BlockHash> names;
    std::vector<std::vector<BlockHash>> prompts;
    const std::int64_t choices = draw(s, 2, 4), length = draw(s, 1, 14);
    for (int i = 0; i < 40; ++i) {
      std::vector<BlockHash> prompt;
      BlockHash last = 0xffffffff;
      for (std::int64_t at = draw(s, 1, length); at > 0; --at) {
        const auto [entry, added] =
            names.try_emplace({last, coin(s, 3) ? draw(s, 1, choices) : 0}, static_cast<BlockHash>(names.size()));
        prompt.push_back(last = entry->second);
      }
      prompts.push_back(prompt);
    }
    PrefixDirectory directory;
    PrefixCache tree;
    tree.enter_in(directory, 7);
    PlainCache plain;
    struct Held {
      const std::vector<BlockHash>* prompt;
      PrefixCache::Node node;
      std::int64_t count;
    };
    std::vector<Held> held;
    for (int step = 0; step < 300; ++step) {
      const std::int64_t what = draw(s, 0, 3);
      if (what <= 1) {
        const auto& prompt = prompts[static_cast<std::size_t>(draw(s, 0, 39))];
        const auto all = static_cast<std::int64_t>(prompt.size());
        const PrefixCache::Match found =
            tree.match(prompt, draw(s, 0, 1) == 0 ? all : std::max<std::int64_t>(0, all - 1));
        REQUIRE(found.blocks <= plain.match(prompt, all));
        REQUIRE(tree.match(prompt, all).blocks == plain.match(prompt, all));
        matched += found.blocks;
        Held h{&prompt, tree.hold(prompt, found.blocks), found.blocks};
        plain.hold(prompt, 0, found.blocks);
        held.push_back(h);
      } else if (what == 2 && !held.empty()) {
        Held& h = held[static_cast<std::size_t>(draw(s, 0, static_cast<std::int64_t>(held.size()) - 1))];
        const std::int64_t to = draw(s, h.count, static_cast<std::int64_t>(h.prompt->size()));
        if (to > h.count) h.node = tree.extend(h.node, h.count, *h.prompt, to);
        plain.hold(*h.prompt, h.count, to);
        h.count = to;
      } else if (!held.empty()) {
        const auto i = static_cast<std::size_t>(draw(s, 0, static_cast<std::int64_t>(held.size()) - 1));
        if (held[i].count > 0) tree.release(held[i].node);
        plain.release(*held[i].prompt, held[i].count);
        held.erase(held.begin() + static_cast<std::ptrdiff_t>(i));
      }
      if (coin(s, 4)) {
        const std::int64_t room = draw(s, 0, 12);
        tree.shrink_unreferenced(room);
        plain.shrink(room);
      }
      REQUIRE(tree.unreferenced() == static_cast<std::int64_t>(plain.unused.size()));
      REQUIRE(tree.referenced() + tree.unreferenced() == static_cast<std::int64_t>(plain.references.size()));
    }
    for (const auto& prompt : prompts)
      CHECK(directory.holders(prompt.front()).size() == static_cast<std::size_t>(tree.match(prompt, 1).blocks));
    for (const Held& h : held)
      if (h.count > 0) tree.release(h.node);
    CHECK(tree.referenced() == 0);
    evicted += tree.evicted();
    if (coin(s, 2)) tree.clear();
    tree.shrink_unreferenced(0);
    CHECK(tree.unreferenced() == 0);
    for (const auto& prompt : prompts) CHECK(directory.holders(prompt.front()).empty());
  }
  CHECK(matched > 10000);
  CHECK(evicted > 4000);
}

TEST_CASE("a flat map holds what a map does") {
  Stream s = stream(5, "flat map");
  FlatMap flat;
  std::map<std::uint32_t, std::uint32_t> plain;
  for (int i = 0; i < 200000; ++i) {
    const auto key = static_cast<std::uint32_t>(draw(s, 0, 3000));
    if (coin(s, 2)) {
      flat.set(key, static_cast<std::uint32_t>(i));
      plain[key] = static_cast<std::uint32_t>(i);
    } else if (plain.erase(key) > 0) {
      flat.erase(key);
    }
    const auto asked = static_cast<std::uint32_t>(draw(s, 0, 3000));
    const auto found = plain.find(asked);
    REQUIRE(flat.find(asked) == (found == plain.end() ? FlatMap::kNone : found->second));
  }
  CHECK(flat.size() == plain.size());
}

}  // namespace
