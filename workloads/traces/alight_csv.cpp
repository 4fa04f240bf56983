// Our own job table.
#include <algorithm>
#include <cmath>

#include "workloads/traces/csv.hpp"
#include "workloads/traces/intake.hpp"
#include "workloads/traces/job_columns.hpp"
#include "workloads/traces/readers.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

struct AlightColumn {
  std::size_t at = 0;
  const JobColumnInfo* info = nullptr;
  NameCache cache{};
};

/// Ties the header's columns to fields; a problem for a column that is neither ours nor marked x_.
Result<std::vector<AlightColumn>> bind(const CsvTable& table, const Input& file) {
  std::vector<AlightColumn> bound;
  std::vector<std::string> unknown;
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    const std::string& name = table.header.names()[i];
    if (const auto* info = find_job_column(name))
      bound.push_back({i, info, {}});
    else if (!name.starts_with("x_"))
      unknown.push_back(name);
  }
  if (!unknown.empty()) {
    std::string hint = did_you_mean(unknown.front(), job_column_names());
    if (hint.empty()) hint = "columns of your own start with x_ and are passed over";
    std::string message = "unknown column";
    for (std::size_t i = 0; i < unknown.size(); ++i) message += (i ? ", \"" : " \"") + unknown[i] + '"';
    return file_problem(file.name, message, static_cast<int>(table.rows.line()), 0, unknown.front(), hint);
  }
  return bound;
}

const char* fill(Job& job, const CsvTable& table, std::vector<AlightColumn>& bound, JobRow& row, Names& names) {
  row.begin();
  for (AlightColumn& b : bound)
    if (const char* fault = row.set(job, *b.info, table.rows[b.at], 1, names, b.cache)) return fault;
  return row.finish(job, names);
}

/// Comment lines before the header; "# epoch: 2025-06-01" sets what submit_s counts from.
std::string_view after_preamble(std::string_view text, Intake& intake, std::int64_t& lines) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (text.starts_with('#')) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmed(text.substr(1, end - 1));
    if (line.starts_with("epoch:")) {
      if (const auto unix_s = to_unix_s(line.substr(6)))
        intake.workload().epoch = Date{static_cast<std::int64_t>(std::floor(*unix_s))};
      else
        intake.note("the epoch in the first lines is no date and was passed over");
    }
    text.remove_prefix(std::min(end + 1, text.size()));
    ++lines;
  }
  return text;
}

}  // namespace

Result<Workload> read_alight(Inputs files, const ReadOptions&) {
  Intake intake;
  bool with_ids = false;
  for (const Input& file : files) {
    std::int64_t lines_before = 0;
    const std::string_view body = after_preamble(file.text, intake, lines_before);
    auto table = open_table(file.name, body, {"submit_s", "chips", "duration_s"});
    if (!table) return table.problem();
    auto bound = bind(*table, file);
    if (!bound) return bound.problem();
    const bool has_ids = table->header.find("job_id") != CsvHeader::kNone;
    if (&file != &files.front() && has_ids != with_ids)
      return file_problem(file.name, "either all files or none have the column job_id", 1);
    with_ids = has_ids;
    if (!has_ids) intake.number_jobs();
    JobRow row;
    const auto lines = std::count(body.begin(), body.end(), '\n');
    intake.expect(intake.workload().jobs.size() + static_cast<std::size_t>(lines) + 1);
    while (table->rows.next()) {
      const RowPlace place{file.name, table->rows.line() + lines_before};
      Job job;
      const char* fault = table->misfit();
      if (!fault) fault = fill(job, *table, *bound, row, intake.names());
      if (fault)
        intake.skip(fault, place);
      else
        intake.take(std::move(job), place);
    }
  }
  return std::move(intake).finish();
}

}  // namespace alight
