#include "workloads/traces/write_csv.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "workloads/traces/job_columns.hpp"

namespace alight {

namespace {

// Cells of training jobs, made once for each work among them.
class WorkCells {
 public:
  explicit WorkCells(const Workload& workload) : by_id_(workload.names.size()) {
    for (const Job& job : workload.jobs) {
      if (job.training == 0 || by_id_[job.training]) continue;
      const TrainingWork work = training_work(workload.names, job.training);
      auto cells = std::make_unique<Cells>();
      for (std::size_t i = 0; i < cells->size(); ++i) {
        (*cells)[i] = TrainingCells::cell(static_cast<TrainingCells::Part>(i), work);
        written_[i] = written_[i] || !(*cells)[i].empty();
      }
      by_id_[job.training] = std::move(cells);
    }
  }
  bool written(TrainingCells::Part part) const { return written_[static_cast<std::size_t>(part)]; }
  void append(std::string& out, const Job& job, TrainingCells::Part part) const {
    if (by_id_[job.training]) out += (*by_id_[job.training])[static_cast<std::size_t>(part)];
  }

 private:
  using Cells = std::array<std::string, TrainingCells::kParts>;
  std::vector<std::unique_ptr<Cells>> by_id_;  ///< [Names::Id]
  std::array<bool, TrainingCells::kParts> written_{};
};

bool is_written(const Workload& workload, const JobColumnInfo& info, const WorkCells& works) {
  if (info.required || info.column == JobColumn::job_id) return true;
  if (const auto part = training_part(info.column)) return works.written(*part);
  return std::any_of(workload.jobs.begin(), workload.jobs.end(), [&](const Job& job) {
    // A kill without the time it is made at would be lost: the reader takes it for "none stated".
    if (info.column == JobColumn::estimate_s && job.kill_at_estimate) return true;
    return !is_default(job, info.column);
  });
}

}  // namespace

void write_csv(std::ostream& out, const Workload& workload) {
  const WorkCells works(workload);
  std::vector<JobColumn> columns;
  std::string text;
  for (const JobColumnInfo& info : job_columns()) {
    if (!is_written(workload, info, works)) continue;
    if (!columns.empty()) text += ',';
    text += info.name;
    columns.push_back(info.column);
  }
  text += '\n';
  constexpr std::size_t kBlock = 1 << 18;
  for (const Job& job : workload.jobs) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) text += ',';
      if (const auto part = training_part(columns[i]))
        works.append(text, job, *part);
      else
        append_cell(text, job, columns[i], workload.names);
    }
    text += '\n';
    if (text.size() < kBlock) continue;
    out << text;
    text.clear();
  }
  out << text;
}

}  // namespace alight
