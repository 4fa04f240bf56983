// What broken links and switches came to over a run, for the summary.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/record/recorder.hpp"

namespace alight {

struct FaultTotals {
  struct Job {
    std::string id, by;  ///< what cut its servers from each other, at first
    bool failed = false;
    double chip_s = 0;  ///< it stood still, or had held when it failed
  };
  std::int64_t faults = 0;   ///< links, cables and switches that broke or were degraded, each time
  std::int64_t repairs = 0;  ///< of them
  double cable_hours = 0;    ///< that were not there: of each link its cables x the part that is gone x time
  std::int64_t stalled = 0;  ///< jobs that stood still at some time and did not fail
  std::int64_t failed = 0;   ///< jobs
  double lost_chip_s = 0;    ///< of all jobs: standing still, or slowed most by a link that was not whole
  double failed_chip_s = 0;  ///< held by jobs until they failed
  std::vector<Job> named;    ///< of stalled and failed jobs, by chip-seconds; at most kNamed
  static constexpr std::size_t kNamed = 3;
  bool any() const { return faults > 0; }
};

class FaultRecord : public Recorder {
 public:
  void job_preempted(const JobRecord& record) override;
  void job_ended(const JobRecord& record) override;
  void site_event(const SiteEvent& event) override;
  void job_cut(const JobCut& cut) override;
  void link_broke(const LinkPart& part) override;
  /// The run ended at `end_s`.
  FaultTotals totals(double end_s) const;

 private:
  struct Gone {
    double since_s = 0, cables = 0;
  };
  struct Cut {
    std::string by;
    bool failed = false;
    double lost_chip_s = 0;  ///< before it was preempted
  };
  FaultTotals totals_;
  std::map<LinkIndex, Gone> gone_;
  double cable_s_ = 0;
  std::map<const Job*, Cut> cut_;  ///< only searched: its order is not seen
};

}  // namespace alight
