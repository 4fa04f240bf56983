// Which of many state machines wants to be played first: a binary heap over their next instants, in which each can be
// found and moved. Equal instants leave in order of number, so that a run does not depend on the heap's past.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/serving/ticks.hpp"

namespace alight {

class DueHeap {
 public:
  /// Adds number size() with nothing due.
  void add() {
    const auto i = static_cast<std::uint32_t>(due_.size());
    due_.push_back(kNever);
    at_.push_back(i);
    heap_.push_back(i);
    up(i);
  }
  void update(std::uint32_t i, Ticks due) {
    const Ticks before = due_[i];
    if (due == before) return;
    due_[i] = due;
    if (due < before)
      up(at_[i]);
    else
      down(at_[i]);
  }
  bool empty() const { return heap_.empty(); }
  std::uint32_t top() const { return heap_.front(); }
  Ticks first() const { return heap_.empty() ? kNever : due_[heap_.front()]; }

 private:
  bool before(std::uint32_t a, std::uint32_t b) const { return due_[a] != due_[b] ? due_[a] < due_[b] : a < b; }
  void place(std::size_t at, std::uint32_t i) { heap_[at] = i, at_[i] = static_cast<std::uint32_t>(at); }
  void up(std::size_t at) {
    const std::uint32_t i = heap_[at];
    for (; at > 0 && before(i, heap_[(at - 1) / 2]); at = (at - 1) / 2) place(at, heap_[(at - 1) / 2]);
    place(at, i);
  }
  void down(std::size_t at) {
    const std::uint32_t i = heap_[at];
    for (std::size_t child = 2 * at + 1; child < heap_.size(); child = 2 * at + 1) {
      if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
      if (!before(heap_[child], i)) break;
      place(at, heap_[child]);
      at = child;
    }
    place(at, i);
  }

  std::vector<Ticks> due_;
  std::vector<std::uint32_t> heap_, at_;
};

}  // namespace alight
