// How full a site gets as work arrives: the curve by which Weng et al., "Beware of Fragmentation" (USENIX ATC 2023,
// figure 7 and its published tables) compare placements.
//
// After every arrival there is a point: x = chips that all jobs so far asked for, those turned away included, y = chips
// that jobs hold, both in percent of the chips installed. Column k is the mean y of the points whose x rounds to k.
// Meant for runs in which jobs arrive one at a time and never end: the point of an arrival is taken when the next one
// comes, or at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/record/recorder.hpp"

namespace alight {

class FillCurve : public Recorder {
 public:
  /// Points further out are not kept.
  static constexpr std::size_t kLastColumn = 1000;

  explicit FillCurve(const Site& site);
  void job_submitted(const Job& job, double now_s) override;
  void job_started(const JobRecord& record) override;
  void job_preempted(const JobRecord& record) override { held_milli_ -= record.held_milli; }
  void job_ended(const JobRecord& record) override;

  /// [k] allocated chips in percent when arrivals ask for k %; nothing where no point lies. Ends with the last column
  /// that has one.
  std::vector<std::optional<double>> columns() const;

 private:
  struct Column {
    double sum = 0;
    std::int64_t points = 0;
  };
  void take_point(std::vector<Column>& columns) const;

  std::int64_t installed_milli_;
  std::int64_t arrived_milli_ = 0;
  std::int64_t held_milli_ = 0;
  bool point_due_ = false;
  std::vector<Column> columns_;
};

}  // namespace alight
