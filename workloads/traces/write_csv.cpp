#include "workloads/traces/write_csv.hpp"

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "workloads/traces/job_columns.hpp"

namespace alight {

namespace {

bool is_written(const Workload& workload, const JobColumnInfo& info) {
  if (info.required || info.column == JobColumn::job_id) return true;
  return std::any_of(workload.jobs.begin(), workload.jobs.end(), [&](const Job& job) {
    // A kill without the time it is made at would be lost: the reader takes it for "none stated".
    if (info.column == JobColumn::estimate_s && job.kill_at_estimate) return true;
    return !is_default(job, info.column);
  });
}

}  // namespace

void write_csv(std::ostream& out, const Workload& workload) {
  std::vector<JobColumn> columns;
  std::string text;
  for (const JobColumnInfo& info : job_columns()) {
    if (!is_written(workload, info)) continue;
    if (!columns.empty()) text += ',';
    text += info.name;
    columns.push_back(info.column);
  }
  text += '\n';
  constexpr std::size_t kBlock = 1 << 18;
  for (const Job& job : workload.jobs) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) text += ',';
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
