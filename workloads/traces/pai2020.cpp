// Alibaba PAI 2020 (cluster-trace-gpu-v2020): a table of jobs and a table of their tasks, both without headers.
//
//   pai_job_table:  job_name, inst_id, user, status, start_time (= submission), end_time
//   pai_task_table: job_name, task_name, inst_num, status, start_time, end_time, plan_cpu (% of a core), plan_mem (GB),
//                   plan_gpu (% of a GPU), gpu_type; the plans are per instance
//
// A job becomes one gang of all instances of all its tasks. It runs from the first task's start to the last task's end.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "workloads/traces/csv.hpp"
#include "workloads/traces/intake.hpp"
#include "workloads/traces/readers.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

constexpr std::size_t kJobCells = 6;
constexpr std::size_t kTaskCells = 10;

/// What a job's tasks ask for together.
struct Tasks {
  double gpu_percent = 0;
  double cpu_percent = 0;
  double memory_gb = 0;
  double instances_with_gpu = 0;
  double start_s = 0;
  double end_s = 0;
  bool timed = false;
  Names::Id kind = 0;
  bool mixed_kinds = false;
  const char* fault = nullptr;
};

using TasksByJob = std::unordered_map<std::string_view, Tasks>;

double number_or_zero(std::string_view cell, bool& bad) {
  if (is_missing(cell)) return 0;
  const auto number = to_number(cell);
  if (!number || *number < 0 || *number > 1e12) bad = true;
  return number.value_or(0);
}

void add_task(Tasks& sum, const CsvReader& row, Names& names) {
  bool bad = false;
  const double instances = number_or_zero(row[2], bad);
  const double cpu = number_or_zero(row[6], bad);
  const double memory = number_or_zero(row[7], bad);
  const double gpu = number_or_zero(row[8], bad);
  const auto start = to_number(row[4]);
  const auto end = to_number(row[5]);
  if (bad) sum.fault = "a task whose instances or plans are no numbers";
  if (!start || !end || *end < *start) {
    if (!sum.fault) sum.fault = "a task without start or end (waiting, running, or lost)";
    return;
  }
  sum.start_s = sum.timed ? std::min(sum.start_s, *start) : *start;
  sum.end_s = sum.timed ? std::max(sum.end_s, *end) : *end;
  sum.timed = true;
  sum.gpu_percent += instances * gpu;
  sum.cpu_percent += instances * cpu;
  sum.memory_gb += instances * memory;
  if (gpu <= 0) return;
  sum.instances_with_gpu += instances;
  const std::string_view kind = is_missing(row[9]) ? std::string_view{} : trimmed(row[9]);
  const auto id = kind == "CPU" ? 0 : names.intern(kind);
  if (sum.kind != 0 && id != sum.kind) sum.mixed_kinds = true;
  sum.kind = id;
}

TraceStatus status_of_pai(std::string_view status) {
  if (status == "Terminated") return TraceStatus::completed;
  if (status == "Failed") return TraceStatus::failed;
  return TraceStatus::unknown;
}

struct Counts {
  std::int64_t rounded = 0;
  std::int64_t mixed = 0;
};

const char* fill(Job& job, const CsvReader& row, const TasksByJob& by_job, Names& names, Counts& counts) {
  const auto found = by_job.find(row[0]);
  if (found == by_job.end()) return "a job without tasks in the task table";
  const Tasks& tasks = found->second;
  if (tasks.fault) return tasks.fault;
  const auto submit = to_number(row[4]);
  if (!submit) return "start_time is not a number";
  if (!(tasks.gpu_percent <= 1e13 && tasks.cpu_percent <= 1e13 && tasks.memory_gb <= 1e12))
    return "a task whose instances or plans are no numbers";
  job.id = trimmed(row[0]);
  job.submit_s = *submit;
  job.duration_s = tasks.end_s - tasks.start_s;
  job.user = names.intern(trimmed(row[2]));
  job.status = status_of_pai(trimmed(row[3]));
  job.cpu_milli = std::llround(tasks.cpu_percent * 10);
  job.host_memory_mib = std::llround(tasks.memory_gb * 1024);
  const double gpus = tasks.gpu_percent / 100;
  job.chips = static_cast<std::int64_t>(std::ceil(gpus - 1e-9));
  if (tasks.instances_with_gpu == 1 && gpus < 1)
    job.chip_milli = std::max(1, static_cast<std::int32_t>(std::lround(gpus * 1000)));
  else if (gpus < static_cast<double>(job.chips) - 1e-9)
    ++counts.rounded;
  if (job.chips > 0 && !tasks.mixed_kinds) job.kinds = job.traced_chip = tasks.kind;
  if (tasks.mixed_kinds) ++counts.mixed;
  return nullptr;
}

}  // namespace

Result<Workload> read_pai2020(Inputs files, const ReadOptions&) {
  Intake intake;
  TasksByJob by_job;
  std::vector<const Input*> job_tables;
  for (const Input& file : files) {
    CsvReader rows(file.text);
    if (!rows.next() || (rows.size() != kJobCells && rows.size() != kTaskCells))
      return file_problem(file.name, "is neither the job table (6 columns) nor the task table (10 columns) of PAI 2020",
                          1);
    if (rows.size() == kJobCells) {
      job_tables.push_back(&file);
      continue;
    }
    do {
      const RowPlace place{file.name, rows.line()};
      if (rows.line() == 1 && rows.size() > 0 && rows[0] == "job_name") continue;
      if (rows.malformed() || rows.size() != kTaskCells)
        intake.skip("a task without its ten cells", place);
      else
        add_task(by_job[rows[0]], rows, intake.names());
    } while (rows.next());
  }
  if (job_tables.empty() || by_job.empty())
    return file_problem(files.empty() ? std::string() : files.front().name,
                        "PAI 2020 needs two files: pai_job_table.csv and pai_task_table.csv");
  Counts counts;
  for (const Input* file : job_tables) {
    CsvReader rows(file->text);
    while (rows.next()) {
      const RowPlace place{file->name, rows.line()};
      if (rows.line() == 1 && rows.size() > 0 && rows[0] == "job_name") continue;
      Job job;
      const bool whole = !rows.malformed() && rows.size() == kJobCells;
      const char* fault = whole ? fill(job, rows, by_job, intake.names(), counts) : "a job without its six cells";
      if (fault)
        intake.skip(fault, place);
      else
        intake.take(std::move(job), place);
    }
  }
  if (counts.rounded > 0)
    intake.note(std::to_string(counts.rounded) + " jobs share GPUs among instances: rounded up to whole chips");
  if (counts.mixed > 0)
    intake.note(std::to_string(counts.mixed) + " jobs have tasks on several GPU kinds: any kind is allowed");
  return std::move(intake).finish();
}

}  // namespace alight
