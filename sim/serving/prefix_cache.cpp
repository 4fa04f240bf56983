#include "sim/serving/prefix_cache.hpp"

#include <algorithm>

namespace alight {

PrefixCache::PrefixCache() : nodes_(1) {}

void PrefixCache::clear() {
  if (directory_ != nullptr)
    for (std::size_t node = 1; node < nodes_.size(); ++node)
      if (nodes_[node].length > 0 && nodes_[node].parent == 0) directory_->remove(*nodes_[node].names, number_);
  *this = PrefixCache();
}

std::uint32_t PrefixCache::common(const Entry& entry, Blocks prompt, std::int64_t at, std::int64_t limit) {
  const auto most = static_cast<std::uint32_t>(std::min<std::int64_t>(entry.length, limit - at));
  const BlockHash* asked = prompt.data() + at;
  // Turns of one session share their names in the trace's pool, so most comparisons end here.
  if (asked == entry.names) return most;
  return static_cast<std::uint32_t>(std::mismatch(asked, asked + most, entry.names).first - asked);
}

PrefixCache::Match PrefixCache::match(Blocks prompt, std::int64_t limit) const {
  Match found;
  while (found.blocks < limit) {
    const Node node = first_.find(prompt[static_cast<std::size_t>(found.blocks)]);
    if (node == FlatMap::kNone) break;
    const Entry& entry = nodes_[node];
    const std::int64_t same = common(entry, prompt, found.blocks, limit);
    found.blocks += same;
    if (entry.references == 0) found.unreferenced += same;
    if (same < entry.length) break;
  }
  return found;
}

PrefixCache::Node PrefixCache::make(const BlockHash* names, std::uint32_t length, Node parent) {
  Node node = 0;
  if (free_.empty()) {
    node = static_cast<Node>(nodes_.size());
    nodes_.emplace_back();
  } else {
    node = free_.back();
    free_.pop_back();
  }
  nodes_[node] = {.names = names, .length = length, .parent = parent};
  first_.set(*names, node);
  return node;
}

void PrefixCache::link(Node node, Node after) {
  Entry& entry = nodes_[node];
  entry.older = after;
  entry.newer = nodes_[after].newer;
  nodes_[entry.newer].older = node;
  nodes_[after].newer = node;
}

void PrefixCache::unlink(Node node) {
  const Entry& entry = nodes_[node];
  nodes_[entry.older].newer = entry.newer;
  nodes_[entry.newer].older = entry.older;
}

PrefixCache::Node PrefixCache::split(Node node, std::uint32_t length) {
  const Node upper = make(nodes_[node].names, length, nodes_[node].parent);
  Entry& lower = nodes_[node];
  lower.names += length;
  lower.length -= length;
  lower.parent = upper;
  first_.set(*lower.names, node);
  nodes_[upper].children = 1;
  nodes_[upper].references = lower.references;
  if (lower.references == 0) link(upper, node);
  return upper;
}

void PrefixCache::reference(Node node) {
  Entry& entry = nodes_[node];
  if (entry.references++ > 0) return;
  unlink(node);
  unreferenced_ -= entry.length;
  referenced_ += entry.length;
}

PrefixCache::Node PrefixCache::hold(Blocks prompt, std::int64_t count) {
  Node last = 0;
  for (std::int64_t at = 0; at < count;) {
    Node node = first_.find(prompt[static_cast<std::size_t>(at)]);
    const std::int64_t wanted = count - at;
    if (wanted < nodes_[node].length) node = split(node, static_cast<std::uint32_t>(wanted));
    reference(node);
    at += nodes_[node].length;
    last = node;
  }
  return last;
}

PrefixCache::Node PrefixCache::extend(Node node, std::int64_t held, Blocks prompt, std::int64_t count) {
  for (std::int64_t at = held; at < count;) {
    const BlockHash* names = prompt.data() + at;
    Node next = first_.find(*names);
    if (next != FlatMap::kNone) {
      const std::uint32_t same = common(nodes_[next], prompt, at, count);
      if (same < nodes_[next].length) next = split(next, same);
      reference(next);
      at += same;
      node = next;
      continue;
    }
    const auto length = static_cast<std::uint32_t>(count - at);
    Entry& last = nodes_[node];
    referenced_ += length;
    if (node != 0 && last.references == 1 && last.children == 0 && last.names + last.length == names) {
      last.length += length;  // held by this sequence alone, and its names go on in the pool
      return node;
    }
    next = make(names, length, node);
    if (node == 0 && directory_ != nullptr) directory_->add(*names, number_);
    nodes_[next].references = 1;
    ++nodes_[node].children;
    return next;
  }
  return node;
}

void PrefixCache::release(Node node) {
  while (node != 0) {
    Entry& entry = nodes_[node];
    if (--entry.references == 0) {
      referenced_ -= entry.length;
      unreferenced_ += entry.length;
      link(node, nodes_[0].older);
    }
    node = entry.parent;
  }
}

void PrefixCache::shrink_unreferenced(std::int64_t blocks) {
  while (unreferenced_ > blocks) {
    const Node oldest =
        nodes_[0].newer;  // an end of a chain: whoever used what follows it used it, and gave it back later
    Entry& entry = nodes_[oldest];
    const auto cut = static_cast<std::uint32_t>(std::min<std::int64_t>(entry.length, unreferenced_ - blocks));
    unreferenced_ -= cut;
    evicted_ += cut;
    if (cut < entry.length) {
      entry.length -= cut;
      return;
    }
    if (entry.parent == 0 && directory_ != nullptr) directory_->remove(*entry.names, number_);
    first_.erase(*entry.names);
    entry.length = 0;
    unlink(oldest);
    --nodes_[entry.parent].children;
    free_.push_back(oldest);
  }
}

}  // namespace alight
