// A heap of entries that may go stale: what they stand for is gone, and nobody took them out. Stale ones are passed
// over when they reach the top, and swept when they are the greater part, so that an entry costs O(log n) once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace alight {

/// `Before{}(a, b)`: a leaves the heap before b; a strict order in which no two entries are equal.
template <class Entry, class Before>
class LazyHeap {
 public:
  template <class Alive>
  void push(const Entry& entry, std::size_t alive_now, const Alive& alive) {
    if (entries_.size() > 2 * alive_now + 32) {
      std::erase_if(entries_, [&](const Entry& e) { return !alive(e); });
      std::make_heap(entries_.begin(), entries_.end(), after);
    }
    entries_.push_back(entry);
    std::push_heap(entries_.begin(), entries_.end(), after);
  }

  /// The first entry for which `alive` holds, or null.
  template <class Alive>
  const Entry* top(const Alive& alive) {
    while (!entries_.empty() && !alive(entries_.front())) pop();
    return entries_.empty() ? nullptr : &entries_.front();
  }

  void pop() {
    std::pop_heap(entries_.begin(), entries_.end(), after);
    entries_.pop_back();
  }
  void clear() { entries_.clear(); }

 private:
  static bool after(const Entry& a, const Entry& b) { return Before{}(b, a); }
  std::vector<Entry> entries_;
};

}  // namespace alight
