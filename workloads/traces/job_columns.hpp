// The columns of a job table: one list serves the reader, the writer, the column map of foreign tables and the
// documentation of the format.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/job.hpp"
#include "workloads/parallel_work.hpp"
#include "workloads/training_work.hpp"

namespace alight {

enum class JobColumn : std::uint8_t {
  job_id,
  submit_s,
  chips,
  duration_s,
  estimate_s,
  kill_at_estimate,
  chip_milli,
  kinds,
  stack,
  user,
  vc,
  priority,
  type,
  model,
  status,
  cpu_milli,
  host_memory_mib,
  min_chip_memory_gb,
  traced_chip,
  shape,
  tokens,
  steps,
  global_batch,
  sequence,
  precision,
  layout,
  startup_s,
  task,
  load,
  checkpoint,
  dataset,
  elastic,
  preemptible,
};

struct JobColumnInfo {
  JobColumn column;
  std::string_view name;
  std::string_view doc;  ///< with its unit
  bool required;
  const char* bad;      ///< why a row with a cell that cannot be read is skipped
  const char* missing;  ///< why a row with an empty cell is skipped; null where it then keeps its default
};

constexpr std::size_t kJobColumns = 33;
/// All columns, in the order they are written.
const std::array<JobColumnInfo, kJobColumns>& job_columns();
/// Their names.
std::vector<std::string> job_column_names();
const JobColumnInfo* find_job_column(std::string_view name);

/// Names seen lately in one column, found without hashing the whole text: interning is a fifth of reading otherwise.
class NameCache {
 public:
  Names::Id id_of(std::string_view text, Names& names);

 private:
  std::array<Names::Id, 1024> ids_{};
};

/// Sets the fields of one job after another from the cells of its row, in any order.
///
///   row.begin();
///   for (each cell) if (const char* fault = row.set(job, column, cell, 1, names, cache)) ...
///   if (const char* fault = row.finish(job, names)) ...
class JobRow {
 public:
  void begin();
  /// Numbers are multiplied by `scale`, whole ones rounded to the nearest where it is not 1. Returns why the cell is
  /// bad, or null.
  const char* set(Job& job, const JobColumnInfo& column, std::string_view cell, double scale, Names& names,
                  NameCache& cache);
  /// What only the whole row says: the work of a training job, its tokens from its steps. Null, or why the row is bad.
  const char* finish(Job& job, Names& names);

 private:
  const char* fault_of_task(const Job& job, const Names& names);

  TrainingCells training_;
  ParallelWork work_;
  Names::Id task_ = 0;  ///< that work_ is of
  bool task_read_ = false;
  double steps_ = 0;
  const char* no_duration_ = nullptr;
};

/// The part of a training job's work a column states, or nothing.
std::optional<TrainingCells::Part> training_part(JobColumn column);

/// True where the field has its default: such columns need not be written. For columns without a training_part().
bool is_default(const Job& job, JobColumn column);
/// Appends the cell of `column`, quoted where it must be. Numbers read back exactly. For the same columns.
void append_cell(std::string& out, const Job& job, JobColumn column, const Names& names);

}  // namespace alight
