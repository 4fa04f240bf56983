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

constexpr std::array<JobColumnInfo, kJobColumns> kColumns{{
    {C::job_id, "job_id", "Name of the job, unique. Without this column jobs are numbered by submit time.", false,
     "job_id is empty", "job_id is empty"},
    {C::submit_s, "submit_s", "Submit time, s from the workload's epoch (0 or later).", true,
     "submit_s is not a number", "submit_s is empty"},
    {C::chips, "chips", "Whole chips; 0 for a job of the host's processor alone.", true, "chips is not a whole number",
     "chips is empty"},
    {C::duration_s, "duration_s", "Run time in the trace, s; empty for other than rigid jobs.", true,
     "duration_s is not a number", "duration_s is empty"},
    {C::estimate_s, "estimate_s", "Requested time, s; empty or 0 = none stated: equal to duration_s.", false,
     "estimate_s is not a number", nullptr},
    {C::kill_at_estimate, "kill_at_estimate", "1 where the job is killed at its requested time, else 0.", false,
     "kill_at_estimate is neither 0 nor 1", nullptr},
    {C::chip_milli, "chip_milli", "Share of the chip, thousandths (1 to 1000); below 1000 only with chips = 1.", false,
     "chip_milli is not a whole number", nullptr},
    {C::kinds, "kinds", "Chip kinds it may run on, joined by '|'; empty = any.", false, "kinds", nullptr},
    {C::stack, "stack", "Software stack it is written for (cuda, cann ...); empty = any.", false, "stack", nullptr},
    {C::user, "user", "Who submitted it.", false, "user", nullptr},
    {C::vc, "vc", "Virtual cluster, partition or queue: what quotas speak of.", false, "vc", nullptr},
    {C::priority, "priority", "Whole number, larger goes first; default 0.", false, "priority is not a whole number",
     nullptr},
    {C::type, "type", "rigid, training or parallel; default rigid.", false, "type is none of rigid, training, parallel",
     nullptr},
    {C::model, "model", "The model it trains or serves; of a training job a name of the model zoo.", false, "model",
     nullptr},
    {C::status, "status", "How it ended in the trace: unknown, completed, failed, cancelled, killed.", false,
     "status is none of unknown, completed, failed, cancelled, killed", nullptr},
    {C::cpu_milli, "cpu_milli", "Host processor for the whole job, thousandths of a core; 0 = not counted.", false,
     "cpu_milli is not a number", nullptr},
    {C::host_memory_mib, "host_memory_mib", "Host memory for the whole job, MiB; 0 = not counted.", false,
     "host_memory_mib is not a number", nullptr},
    {C::min_chip_memory_gb, "min_chip_memory_gb", "Chips with less memory cannot run it, GB (1e9 B).", false,
     "min_chip_memory_gb is not a number", nullptr},
    {C::traced_chip, "traced_chip", "Chip the duration was measured on.", false, "traced_chip", nullptr},
    {C::shape, "shape", "gang (any free chips of one pool), one_server or whole_servers.", false,
     "shape is none of gang, one_server, whole_servers", nullptr},
    {C::tokens, "tokens", "Of a training job: tokens to train; or give steps.", false, "tokens is not a number",
     nullptr},
    {C::steps, "steps", "Of a training job: steps to train, each of global_batch x sequence tokens.", false,
     "steps is not a number", nullptr},
    {C::global_batch, "global_batch", "Of a training job: sequences in a step; default 1024.", false,
     "global_batch is no whole number from 1 to 1e7", nullptr},
    {C::sequence, "sequence", "Of a training job: tokens of a sequence; default 4096.", false,
     "sequence is no whole number from 1 to 1e7", nullptr},
    {C::precision, "precision", "Of a training job: fp16, bf16, fp8, mxfp8, nvfp4 or int8; default bf16.", false,
     "precision is none of fp16, bf16, fp8, mxfp8, nvfp4, int8", nullptr},
    {C::layout, "layout", "Of a training job: \"tp8 pp4 dp8 mb1 zero1 full\"; empty or plan = looked for.", false,
     "layout cannot be read", nullptr},
    {C::startup_s, "startup_s", "Of a training job: from its start to its first step, s; default 0.", false,
     "startup_s is no number of seconds from 0 to 1e7", nullptr},
    {C::task, "task",
     "Of a parallel job: \"each FLOPS BYTES\", of a rank and between each two; docs/formats/traces.md.", false,
     "task cannot be read", nullptr},
}};

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
  for (const JobColumnInfo& info : kColumns)
    if (training_part(info.column) == part) return info;
  throw std::logic_error("info_of: a part of a training job without a column");
}

const JobColumnInfo& info_of(JobColumn column) {
  return kColumns[static_cast<std::size_t>(column)];
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

const std::array<JobColumnInfo, kJobColumns>& job_columns() {
  return kColumns;
}

std::vector<std::string> job_column_names() {
  std::vector<std::string> names;
  for (const auto& info : kColumns) names.emplace_back(info.name);
  return names;
}

std::optional<TrainingCells::Part> training_part(JobColumn column) {
  switch (column) {
    case C::layout:
      return TrainingCells::Part::layout;
    case C::global_batch:
      return TrainingCells::Part::global_batch;
    case C::sequence:
      return TrainingCells::Part::sequence;
    case C::precision:
      return TrainingCells::Part::precision;
    case C::startup_s:
      return TrainingCells::Part::startup;
    default:
      return std::nullopt;
  }
}

const JobColumnInfo* find_job_column(std::string_view name) {
  for (const auto& info : kColumns)
    if (info.name == name) return &info;
  return nullptr;
}

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
