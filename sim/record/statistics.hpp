// What a run comes to: counts, waits and the numbers of the ledger, with their definitions. Filled while the run plays,
// read when it has ended.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/record/recorder.hpp"
#include "sim/run/run.hpp"
#include "sim/runtime/mixed_training.hpp"

namespace alight {

struct Distribution {
  std::int64_t count = 0;
  double mean = 0, p50 = 0, p90 = 0, p99 = 0, max = 0;
};

/// Mean, maximum and the percentiles of `values` (the value at rank ceil(p n), n values in ascending order). Reorders
/// them.
Distribution distribution(std::vector<double>& values);

/// What the bucket effect was on jobs over several pools (models/training/stave.hpp): means over the chips of all that
/// started.
struct MixedTotals {
  std::int64_t started = 0, chips = 0;
  double eta_bucket = 0, eta_mix = 0, recovery = 0;
  /// The shortest stave of the mix that held most chips: what lifting it to the fleet's best would gain. Empty pool:
  /// there is none.
  struct Shortest {
    std::string pool, stave;
    double gain_pct = 0;
  } shortest;
};

/// What training jobs came to.
struct TrainingTotals {
  std::int64_t started = 0;
  double tokens = 0;  ///< trained, also by jobs that had not ended
  std::optional<MixedTotals> mixed;
};

/// What preemptions came to.
struct PreemptionTotals {
  std::int64_t preemptions = 0;
  std::int64_t jobs = 0;     ///< that were preempted at some time
  double redone_chip_s = 0;  ///< doing again what had been lost
};

class Statistics : public Recorder {
 public:
  void job_submitted(const Job&, double) override { ++submitted_; }
  void job_started(const JobRecord& record) override;
  void job_preempted(const JobRecord& record) override;
  void job_interrupted(const JobRecord& record) override;
  void job_grew(const JobRecord& record) override { job_interrupted(record); }
  void job_ended(const JobRecord& record) override;

  std::int64_t submitted() const { return submitted_; }
  const std::array<std::int64_t, kJobStatuses>& by_status() const { return by_status_; }
  /// Rejected jobs by reason.
  const std::map<std::string, std::int64_t>& rejections() const { return rejections_; }
  const PreemptionTotals& preemptions() const { return preemptions_; }
  Distribution waits() { return distribution(waits_s_); }
  Distribution slowdowns() { return distribution(slowdowns_); }
  /// Plans what each kind of a mixed job would give alone, or lifted: some tenths of a second for each mix.
  TrainingTotals training() const;

 private:
  std::int64_t submitted_ = 0;
  std::array<std::int64_t, kJobStatuses> by_status_{};
  std::map<std::string, std::int64_t> rejections_;
  std::vector<double> waits_s_;    ///< of started jobs
  std::vector<double> slowdowns_;  ///< of ended ones
  std::int64_t trained_jobs_ = 0;
  CompensatedSum tokens_;
  PreemptionTotals preemptions_;
  struct Mixed {
    std::shared_ptr<const MixedCase> made;
    std::int64_t jobs = 0, chips = 0;
  };
  std::vector<Mixed> mixed_;  ///< in the order first started
};

/// A link of the chain: a share with its own denominator. Absent where the denominator is 0 or the numerator is not
/// known.
struct ChainLink {
  std::string name;
  std::optional<double> share;
  std::string definition;
};

/// The ledger's numbers. Shares are of chip-seconds over the whole run.
struct Headline {
  double installed_chip_s = 0;
  StateTimes chip_s{};
  StateTimes pflop_s{};
  double chips = 0;
  double pflops = 0;  ///< dense FP16, of chips whose rate is known
  double chips_of_unknown_rate = 0;
  std::optional<double> lit_rate;         ///< allocated / racked, by cards
  std::optional<double> lit_rate_pflops;  ///< the same weighted by dense FP16 PFLOPS
  std::vector<ChainLink> chain;
  /// Useful / productive chip-seconds of jobs that can be looked into (not opaque).
  std::optional<double> mfu;
};
Headline headline(const Site& site, const RunEnd& end);

}  // namespace alight
