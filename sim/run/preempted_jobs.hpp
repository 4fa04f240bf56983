// What jobs that were preempted, or that a failure stopped, take with them to their next start: from where they go on,
// how far they had come, and what their earlier starts came to.
//
// A job goes on from its last checkpoint that is written, or starts anew. What it had done beyond that it does again,
// and until it is where it was all time of its chips is `lost`: work thrown away counts when it is done the second
// time, since what was done the first time is in books that are closed.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "sim/ledger/split.hpp"
#include "sim/record/recorder.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

class PreemptedJobs {
 public:
  enum class By : std::uint8_t { preemption, failure, growth };
  /// It lost its chips, after this start. Of its work it had done `done` in all, and `kept` of it is not lost: tokens
  /// of a training job, else seconds as traced.
  void add(JobIndex job, const JobRecord& start, double done, double kept, By by);

  // -- Of any job; nothing of one that never was
  bool has(JobIndex job) const { return jobs_.contains(job); }
  const EarlierStarts& earlier(JobIndex job) const;
  /// Work it goes on from.
  double kept(JobIndex job) const;
  /// Starts in a row that a failure ended and that kept no more work.
  std::int64_t starts_in_vain(JobIndex job) const;

  // -- Doing again what was lost
  /// Its work begins. True where it has some to do again.
  bool begin(JobIndex job, double now_s);
  bool redoes(JobIndex job) const;
  /// Work it has done when it is where it was.
  double reached(JobIndex job) const { return jobs_.at(job).reached; }
  void is_where_it_was(JobIndex job, double now_s);
  /// It does nothing any more until it loses its chips.
  void hangs(JobIndex job, double now_s) {
    if (redoes(job)) is_where_it_was(job, now_s);
  }
  /// Seconds of its last start.
  double redone_s(JobIndex job, double now_s) const;
  /// When it will be where it was is worked out anew: what was posted for before is void.
  std::uint32_t date_anew(JobIndex job) { return ++jobs_.at(job).dated; }
  bool dated(JobIndex job, std::uint32_t ticket) const;
  /// It has ended for good.
  void ended(JobIndex job) {
    if (has(job)) date_anew(job);
  }

 private:
  struct Preempted {
    EarlierStarts earlier;
    double kept = 0, reached = 0;
    double redoes_since_s = -1;  ///< below 0: it does not
    double redone_s = 0;         ///< since its last start
    std::int64_t in_vain = 0;
    std::uint32_t dated = 0;
  };
  const Preempted* find(JobIndex job) const;
  std::unordered_map<JobIndex, Preempted> jobs_;
};

}  // namespace alight
