// The line of sequences that wait for room on a replica: by priority, within one first come first served, those that
// were preempted before all that have not run. Who leaves from the middle is passed over when the head gets there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace alight {

/// A place in the table of sequences and who had it: places are used again, stamps are not.
struct SequenceRef {
  std::uint32_t place = 0, stamp = 0;
};

class WaitingLine {
 public:
  void push(SequenceRef who, std::uint8_t priority) { line(priority).push_back(who), ++waiting_; }
  void push_front(SequenceRef who, std::uint8_t priority) { line(priority).push_front(who), ++waiting_; }

  /// One that waits leaves; its stamp is stale from now on, or it is the head and popped.
  void forget() { --waiting_; }

  /// The head, or null; `waits(ref)` tells whether that sequence still waits.
  template <class Waits>
  const SequenceRef* head(const Waits& waits) {
    if (waiting_ == 0) return nullptr;
    for (Class& c : classes_) {
      while (!c.line.empty() && !waits(c.line.front())) c.line.pop_front();
      if (!c.line.empty()) return &c.line.front();
    }
    return nullptr;
  }

  std::int64_t size() const { return waiting_; }
  void clear() { classes_.clear(), waiting_ = 0; }

 private:
  struct Class {
    std::uint8_t priority;
    std::deque<SequenceRef> line;
  };
  std::deque<SequenceRef>& line(std::uint8_t priority) {
    auto at = std::find_if(classes_.begin(), classes_.end(), [&](const Class& c) { return c.priority <= priority; });
    if (at == classes_.end() || at->priority != priority) at = classes_.insert(at, Class{priority, {}});
    return at->line;
  }

  std::vector<Class> classes_;  ///< highest priority first
  std::int64_t waiting_ = 0;
};

}  // namespace alight
