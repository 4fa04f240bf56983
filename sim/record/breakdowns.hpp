// What broke in a run, by cause, and what that did to jobs: how long they ran between interruptions, by size, and how
// much of their time they got on.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sim/record/recorder.hpp"

namespace alight {

struct BreakdownTotals {
  struct Cause {
    std::int64_t broken = 0, jobs = 0;  ///< how often; jobs that lost their chips at it
    bool maintenance = false;
  };
  /// Jobs that asked for `chips` or more, below the next such class, which asks for twice as many.
  struct JobClass {
    double job_s = 0, chip_s = 0;  ///< that they held their chips
    std::int64_t interruptions = 0;
  };
  std::map<std::string, Cause> causes;
  std::map<std::int64_t, JobClass> by_chips;
  double down_server_s = 0;    ///< by failure and maintenance
  std::int64_t down_most = 0;  ///< servers at once
  double down_most_at_s = 0;   ///< when first
  double hung_chip_s = 0, redone_chip_s = 0;
  /// Of elastic jobs: how often one grew back, and on fewer chips than asked for.
  std::int64_t growths = 0;
  double reduced_job_s = 0, reduced_chip_s = 0;
  double kept_chip_s = 0, started_chip_s = 0;  ///< of jobs: got on; from their first start to their end

  std::int64_t interruptions() const;
  /// Effective training time ratio of all jobs, by chips; services left out.
  double ettr() const { return started_chip_s > 0 ? kept_chip_s / started_chip_s : 0; }
};

class BreakdownRecord : public Recorder {
 public:
  void job_preempted(const JobRecord& record) override { held(record); }
  void job_interrupted(const JobRecord& record) override;
  void job_grew(const JobRecord& record) override;
  void job_ended(const JobRecord& record) override;
  void broke(const Breakdown& breakdown) override;
  /// The run ended at `end_s`.
  BreakdownTotals totals(double end_s) const;

 private:
  void held(const JobRecord& record);
  BreakdownTotals::JobClass& class_of(const Job& job);

  BreakdownTotals totals_;
  std::map<std::int64_t, int> down_;  ///< [server] of how many things
  double counted_s_ = 0;
};

/// As people read it: label and line.
std::vector<std::pair<std::string, std::string>> breakdown_lines(const BreakdownTotals& totals, double end_s);
nlohmann::ordered_json breakdown_json(const BreakdownTotals& totals, double end_s);

}  // namespace alight
