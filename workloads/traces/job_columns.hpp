// The columns of a job table: one list serves the reader, the writer, the column map of foreign tables and the
// documentation of the format.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/job.hpp"

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
};

struct JobColumnInfo {
  JobColumn column;
  std::string_view name;
  std::string_view doc;  ///< with its unit
  bool required;
  const char* bad;      ///< why a row with a cell that cannot be read is skipped
  const char* missing;  ///< why a row with an empty cell is skipped; null where it then keeps its default
};

constexpr std::size_t kJobColumns = 20;
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

/// Sets the field of `column` from a cell; numbers are multiplied by `scale`, whole ones rounded to the nearest where
/// it is not 1. Returns why the cell is bad, or null.
const char* set_field(Job& job, const JobColumnInfo& column, std::string_view cell, double scale, Names& names,
                      NameCache& cache);

/// True where the field has its default: such columns need not be written.
bool is_default(const Job& job, JobColumn column);
/// Appends the cell of `column`, quoted where it must be. Numbers read back exactly.
void append_cell(std::string& out, const Job& job, JobColumn column, const Names& names);

}  // namespace alight
