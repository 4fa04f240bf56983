#include "workloads/traces/job_columns.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

#include "workloads/traces/values.hpp"

namespace alight {

namespace {

using C = JobColumn;

constexpr std::string_view kShapes[] = {"gang", "one_server", "whole_servers"};
constexpr TraceStatus kStatuses[] = {TraceStatus::unknown, TraceStatus::completed, TraceStatus::failed,
                                     TraceStatus::cancelled, TraceStatus::killed};

bool set_whole(std::string_view cell, double scale, std::int64_t& out) {
  const auto number = to_number(cell);
  if (!number) return false;
  const double scaled = *number * scale;
  // Without a scale a fraction is a slip; with one it comes from the change of unit.
  const double whole = scale == 1 ? scaled : std::nearbyint(scaled);
  constexpr double kExact = 9007199254740992.0;
  if (whole != std::trunc(whole) || !(std::abs(whole) <= kExact)) return false;
  out = static_cast<std::int64_t>(whole);
  return true;
}

bool set_small(std::string_view cell, double scale, std::int32_t& out) {
  std::int64_t whole = 0;
  if (!set_whole(cell, scale, whole)) return false;
  if (whole < std::numeric_limits<std::int32_t>::min() || whole > std::numeric_limits<std::int32_t>::max())
    return false;
  out = static_cast<std::int32_t>(whole);
  return true;
}

bool set_double(std::string_view cell, double scale, double& out) {
  const auto number = to_number(cell);
  if (!number || !std::isfinite(*number * scale)) return false;
  out = *number * scale;
  return true;
}

bool set_flag(std::string_view cell, bool& out) {
  if (cell != "0" && cell != "1" && cell != "true" && cell != "false") return false;
  out = cell == "1" || cell == "true";
  return true;
}

bool set_shape(std::string_view cell, Shape& out) {
  for (std::size_t i = 0; i < std::size(kShapes); ++i)
    if (cell == kShapes[i]) {
      out = static_cast<Shape>(i);
      return true;
    }
  return false;
}

bool set_status(std::string_view cell, TraceStatus& out) {
  for (const auto status : kStatuses)
    if (cell == name_of(status)) {
      out = status;
      return true;
    }
  return false;
}

bool set_type(std::string_view cell, JobType& out) {
  for (const auto type : {JobType::rigid, JobType::training, JobType::parallel})
    if (cell == name_of(type)) {
      out = type;
      return true;
    }
  return false;
}

const JobColumnInfo& info_of(TrainingCells::Part part) {
  for (const JobColumnInfo& info : job_columns())
    if (training_part(info.column) == part) return info;
  throw std::logic_error("info_of: a part of a training job without a column");
}

const JobColumnInfo& info_of(JobColumn column) {
  return job_columns()[static_cast<std::size_t>(column)];
}

/// The name field of a column, or null for the others.
Names::Id Job::*name_field(JobColumn column) {
  switch (column) {
    case C::kinds:
      return &Job::kinds;
    case C::stack:
      return &Job::stack;
    case C::user:
      return &Job::user;
    case C::vc:
      return &Job::vc;
    case C::model:
      return &Job::model;
    case C::traced_chip:
      return &Job::traced_chip;
    case C::task:
      return &Job::task;
    default:
      return nullptr;
  }
}

bool set_value(Job& job, JobColumn column, std::string_view cell, double scale, Names& names, NameCache& cache) {
  switch (column) {
    case C::job_id:
      job.id = cell;
      return true;
    case C::submit_s:
      return set_double(cell, scale, job.submit_s);
    case C::chips:
      return set_whole(cell, scale, job.chips);
    case C::duration_s:
      return set_double(cell, scale, job.duration_s);
    case C::estimate_s:
      return set_double(cell, scale, job.estimate_s);
    case C::kill_at_estimate:
      return set_flag(cell, job.kill_at_estimate);
    case C::preemptible:
      return set_flag(cell, job.preemptible);
    case C::chip_milli:
      return set_small(cell, scale, job.chip_milli);
    case C::priority:
      return set_small(cell, scale, job.priority);
    case C::type:
      return set_type(cell, job.type);
    case C::status:
      return set_status(cell, job.status);
    case C::cpu_milli:
      return set_whole(cell, scale, job.cpu_milli);
    case C::host_memory_mib:
      return set_whole(cell, scale, job.host_memory_mib);
    case C::min_chip_memory_gb:
      return set_double(cell, scale, job.min_chip_memory_gb);
    case C::shape:
      return set_shape(cell, job.shape);
    case C::tokens:
      return set_double(cell, scale, job.tokens);
    default:
      break;
  }
  job.*name_field(column) = cache.id_of(cell, names);
  return true;
}

template <class T>
void append_number(std::string& out, T value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, static_cast<std::size_t>(end - buffer));
}

void append_text(std::string& out, std::string_view text) {
  const bool padded = !text.empty() && trimmed(text).size() != text.size();
  if (text.find_first_of(",\"\r\n") == std::string_view::npos && !padded) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

Names::Id NameCache::id_of(std::string_view text, Names& names) {
  if (text.empty()) return 0;
  // The ends of a name differ most: user17, vc3, A100.
  const auto at = [&](std::size_t back) {
    return static_cast<unsigned char>(text[text.size() - std::min(back, text.size())]);
  };
  const std::size_t mix = text.size() + at(1) * 7u + at(2) * 61u + at(3) * 389u;
  Names::Id& id = ids_[mix % ids_.size()];
  if (names[id] != text) id = names.intern(text);
  return id;
}

// Rows of one task repeat: the text is read once.
const char* JobRow::fault_of_task(const Job& job, const Names& names) {
  if (job.task == 0) return nullptr;  // told where jobs are taken
  if (job.task != task_) {
    task_ = job.task;
    task_read_ = read_parallel_work(names[job.task], work_).empty();
  }
  if (!task_read_) return info_of(C::task).bad;
  return why_unfit(work_, job.chips).empty() ? nullptr : "task has not as many ranks as the job has chips";
}

void JobRow::begin() {
  training_.clear();
  steps_ = 0;
  no_duration_ = nullptr;
}

const char* JobRow::set(Job& job, const JobColumnInfo& column, std::string_view cell, double scale, Names& names,
                        NameCache& cache) {
  cell = trimmed(cell);
  if (cell.empty() && column.column == C::duration_s) {
    no_duration_ = column.missing;
    return nullptr;
  }
  if (cell.empty()) return column.missing;
  if (column.column == C::steps) return set_double(cell, scale, steps_) ? nullptr : column.bad;
  if (const auto part = training_part(column.column)) {
    training_.set(*part, cell);
    return nullptr;
  }
  return set_value(job, column.column, cell, scale, names, cache) ? nullptr : column.bad;
}

const char* JobRow::finish(Job& job, Names& names) {
  if (job.type == JobType::rigid && no_duration_) return no_duration_;
  TrainingCells::Row row;
  if (const auto bad = training_.intern(names, row)) return info_of(*bad).bad;
  job.training = row.id;
  if (steps_ != 0 && job.tokens != 0) return "both tokens and steps";
  if (steps_ != 0) job.tokens = steps_ * row.tokens_per_step;
  if (job.type != JobType::rigid) job.duration_s = 0;
  return job.type == JobType::parallel ? fault_of_task(job, names) : nullptr;
}

bool is_default(const Job& job, JobColumn column) {
  if (const auto field = name_field(column)) return job.*field == 0;
  switch (column) {
    case C::estimate_s:
      return job.estimate_s == job.duration_s;
    case C::kill_at_estimate:
      return !job.kill_at_estimate;
    case C::preemptible:
      return !job.preemptible;
    case C::chip_milli:
      return job.chip_milli == 1000;
    case C::priority:
      return job.priority == 0;
    case C::type:
      return job.type == JobType::rigid;
    case C::status:
      return job.status == TraceStatus::unknown;
    case C::cpu_milli:
      return job.cpu_milli == 0;
    case C::host_memory_mib:
      return job.host_memory_mib == 0;
    case C::min_chip_memory_gb:
      return job.min_chip_memory_gb == 0;
    case C::shape:
      return job.shape == Shape::gang;
    case C::tokens:
      return job.tokens == 0;
    case C::steps:
      return true;  // tokens say it
    default:
      return false;
  }
}

void append_cell(std::string& out, const Job& job, JobColumn column, const Names& names) {
  if (const auto field = name_field(column)) return append_text(out, names[job.*field]);
  switch (column) {
    case C::job_id:
      return append_text(out, job.id);
    case C::submit_s:
      return append_number(out, job.submit_s);
    case C::chips:
      return append_number(out, job.chips);
    case C::duration_s:
      if (job.type == JobType::rigid) append_number(out, job.duration_s);
      return;
    case C::estimate_s:
      return append_number(out, job.estimate_s);
    case C::kill_at_estimate:
      return append_number(out, job.kill_at_estimate ? 1 : 0);
    case C::preemptible:
      return append_number(out, job.preemptible ? 1 : 0);
    case C::chip_milli:
      return append_number(out, job.chip_milli);
    case C::priority:
      return append_number(out, job.priority);
    case C::type:
      out += name_of(job.type);
      return;
    case C::status:
      out += name_of(job.status);
      return;
    case C::cpu_milli:
      return append_number(out, job.cpu_milli);
    case C::host_memory_mib:
      return append_number(out, job.host_memory_mib);
    case C::min_chip_memory_gb:
      return append_number(out, job.min_chip_memory_gb);
    case C::shape:
      out += kShapes[static_cast<std::size_t>(job.shape)];
      return;
    case C::tokens:
      if (job.tokens != 0) append_number(out, job.tokens);
      return;
    default:
      break;
  }
  throw std::logic_error("append_cell: a column without a writer");
}

}  // namespace alight
