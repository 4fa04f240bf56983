#include "sim/record/fill_curve.hpp"

#include <cmath>

namespace alight {

FillCurve::FillCurve(const Site& site) : installed_milli_(site.chips * 1000) {}

void FillCurve::job_submitted(const Job& job, double) {
  if (point_due_) take_point(columns_);
  arrived_milli_ += job.chips * job.chip_milli;
  point_due_ = true;
}

void FillCurve::job_started(const JobRecord& record) {
  held_milli_ += record.held_milli;
}

void FillCurve::job_ended(const JobRecord& record) {
  // What still runs at the end of the run is told too, but holds its chips.
  if (record.pool && record.status != JobStatus::running) held_milli_ -= record.held_milli;
}

void FillCurve::take_point(std::vector<Column>& columns) const {
  if (installed_milli_ == 0) return;
  const double percent = 100 / static_cast<double>(installed_milli_);
  // Half to even, as the published tables are rounded.
  const double k = std::nearbyint(static_cast<double>(arrived_milli_) * percent);
  if (k > static_cast<double>(kLastColumn)) return;
  const auto at = static_cast<std::size_t>(k);
  if (columns.size() <= at) columns.resize(at + 1);
  columns[at].sum += static_cast<double>(held_milli_) * percent;
  ++columns[at].points;
}

std::vector<std::optional<double>> FillCurve::columns() const {
  std::vector<Column> all = columns_;
  if (point_due_) take_point(all);
  std::vector<std::optional<double>> means;
  for (const Column& column : all)
    means.push_back(column.points > 0 ? std::optional(column.sum / static_cast<double>(column.points)) : std::nullopt);
  return means;
}

}  // namespace alight
