// Waiting jobs in the order a policy wants, queue by queue: the head of a queue is served or blocks its queue.
#pragma once

#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "sim/scheduler/scheduler.hpp"

namespace alight {

/// `Key` orders jobs, smaller first; equal keys go in order of submission.
template <class Key>
class QueuesInOrder {
 public:
  void add(JobIndex job, std::size_t queue, Key key) {
    if (queue >= queues_.size()) queues_.resize(queue + 1);
    queues_[queue].emplace(key, job);
  }

  /// As it was added.
  void remove(JobIndex job, std::size_t queue, Key key) { queues_[queue].erase({key, job}); }

  /// Offers the heads of all queues, best key first, to `start` (true: it started). A head that does not start blocks
  /// its queue until the next call. Ends where jobs were preempted, which are to be added first.
  template <class Start>
  void serve(const Scheduler& scheduler, const Start& start) {
    blocked_.assign(queues_.size(), false);
    for (;;) {
      std::size_t best = queues_.size();
      for (std::size_t q = 0; q < queues_.size(); ++q)
        if (!blocked_[q] && !queues_[q].empty() &&
            (best == queues_.size() || *queues_[q].begin() < *queues_[best].begin()))
          best = q;
      if (best == queues_.size()) return;
      if (!start(queues_[best].begin()->second)) {
        blocked_[best] = true;
        continue;
      }
      queues_[best].erase(queues_[best].begin());
      if (scheduler.asks_again()) return;
    }
  }

 private:
  std::vector<std::set<std::pair<Key, JobIndex>>> queues_;
  std::vector<bool> blocked_;
};

}  // namespace alight
