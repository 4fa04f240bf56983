// Any table with a header, by a map from our columns to its own.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "workloads/traces/csv.hpp"
#include "workloads/traces/intake.hpp"
#include "workloads/traces/job_columns.hpp"
#include "workloads/traces/readers.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

bool is_time(std::string_view ours) {
  return ours == "submit_s" || ours == "start_s" || ours == "end_s";
}

std::vector<std::string> known_columns() {
  auto names = job_column_names();
  names.insert(names.end(), {"start_s", "end_s"});
  return names;
}

/// A mapped column tied to the header of one file.
struct Bound {
  std::size_t at = 0;
  double scale = 1;
  const JobColumnInfo* info = nullptr;
  NameCache cache{};
};

struct TimeColumn {
  std::size_t at = CsvHeader::kNone;
  double scale = 1;
};

class GenericFile {
 public:
  GenericFile(const CsvTable& table, const ReadOptions& options) : table_(table), options_(options) {
    for (const auto& [ours, source] : options.columns) {
      const std::size_t at = table.header.find(source.column);
      if (is_time(ours))
        (ours == "submit_s" ? submit_ : ours == "start_s" ? start_ : end_) = {at, source.scale};
      else
        bound_.push_back({at, source.scale, find_job_column(ours), {}});
    }
    duration_from_ends_ = options.columns.count("duration_s") == 0;
  }

  const char* fill(Job& job, Names& names) {
    const auto submit = time(submit_);
    if (!submit) return "submit_s cannot be read";
    job.submit_s = *submit;
    row_.begin();
    for (Bound& b : bound_)
      if (const char* fault = row_.set(job, *b.info, table_.rows[b.at], b.scale, names, b.cache)) return fault;
    if (const char* fault = row_.finish(job, names)) return fault;
    if (!duration_from_ends_ || job.type == JobType::training) return nullptr;
    const auto start = time(start_);
    const auto end = time(end_);
    if (!start || !end) return "start_s or end_s cannot be read";
    job.duration_s = *end - *start;
    return nullptr;
  }

 private:
  std::optional<double> time(const TimeColumn& column) const {
    const std::string_view cell = table_.cell(column.at);
    if (!options_.time_pattern.empty()) return to_unix_s(cell, options_.time_pattern);
    if (const auto number = to_number(cell)) return *number * column.scale;
    return to_unix_s(cell);
  }

  const CsvTable& table_;
  const ReadOptions& options_;
  std::vector<Bound> bound_;
  JobRow row_;
  TimeColumn submit_, start_, end_;
  bool duration_from_ends_ = false;
};

/// A problem where the map alone cannot make jobs.
std::optional<Problem> check_map(const ReadOptions& options) {
  const auto has = [&](const char* ours) { return options.columns.count(ours) > 0; };
  const auto problem = [](std::string message, std::string key, std::string hint = {}) {
    return file_problem({}, std::move(message), 0, 0, std::move(key), std::move(hint));
  };
  for (const auto& [ours, source] : options.columns) {
    if (!find_job_column(ours) && !is_time(ours))
      return problem("the column map names no column of ours", ours, did_you_mean(ours, known_columns()));
    if (!std::isfinite(source.scale) || source.scale == 0)
      return problem("a scale must be a number other than 0", ours);
  }
  for (const char* needed : {"submit_s", "chips"})
    if (!has(needed)) return problem("the column map must name this column", needed);
  if (!has("duration_s") && !(has("start_s") && has("end_s")))
    return problem("the column map must name duration_s, or start_s and end_s", "duration_s");
  return std::nullopt;
}

/// True where the first readable row writes its submit time as a stamp or as a Unix time.
bool is_calendar(Inputs files, const ReadOptions& options) {
  if (!options.time_pattern.empty()) return true;
  constexpr double kFirstUnixTime = 631152000;  // 1990-01-01: no trace runs that long
  const ColumnSource& source = options.columns.at("submit_s");
  for (const Input& file : files) {
    CsvReader rows(file.text, options.delimiter);
    if (!rows.next()) continue;
    const std::size_t at = CsvHeader(rows).find(source.column);
    while (at != CsvHeader::kNone && rows.next()) {
      if (rows.size() <= at) continue;
      if (const auto number = to_number(rows[at])) return *number * source.scale >= kFirstUnixTime;
      if (to_unix_s(rows[at])) return true;
    }
  }
  return false;
}

}  // namespace

std::string add_column(ReadOptions& options, std::string_view text) {
  return add_column(options.columns, text, known_columns());
}

Result<Workload> read_generic(Inputs files, const ReadOptions& options) {
  if (auto problem = check_map(options)) return *problem;
  std::vector<std::string> required;
  for (const auto& [ours, source] : options.columns) required.push_back(source.column);
  Intake intake(is_calendar(files, options) ? Intake::Clock::unix_time : Intake::Clock::relative);
  if (options.columns.count("job_id") == 0) intake.number_jobs();
  for (const Input& file : files) {
    auto table = open_table(file.name, file.text, required, options.delimiter);
    if (!table) return table.problem();
    GenericFile rows(*table, options);
    while (table->rows.next()) {
      const RowPlace place{file.name, table->rows.line()};
      Job job;
      const char* fault = table->misfit();
      if (!fault) fault = rows.fill(job, intake.names());
      if (fault)
        intake.skip(fault, place);
      else
        intake.take(std::move(job), place);
    }
  }
  return std::move(intake).finish();
}

}  // namespace alight
