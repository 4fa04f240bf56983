// One reader per trace format. Each takes whole files, already unpacked, and makes one workload of them; formats.hpp
// finds the reader for a file. What each takes from its columns is in docs/formats/traces.md.
//
// A reader returns a problem only where the file is not of its format at all (no header, a column missing, JSON that
// does not parse); single bad rows are counted in Workload::report.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/job.hpp"
#include "workloads/traces/column_map.hpp"
#include "workloads/traces/input.hpp"
#include "workloads/traces/result.hpp"

namespace alight {

/// Only the generic reader looks at these.
struct ReadOptions {
  /// By our column name (job_columns.hpp), and besides: start_s and end_s, from which duration_s follows where it is
  /// not mapped itself.
  ColumnMap columns;
  /// How times are written: empty = numbers or ISO stamps, told apart by the first row; else a pattern of strptime.
  std::string time_pattern;
  char delimiter = ',';
};

/// Reads one mapping of a job column into `options` (column_map.hpp). Returns the problem, or "".
std::string add_column(ReadOptions& options, std::string_view text);

using Inputs = std::span<const Input>;

Result<Workload> read_alight(Inputs files, const ReadOptions& options);
Result<Workload> read_generic(Inputs files, const ReadOptions& options);
Result<Workload> read_philly(Inputs files, const ReadOptions& options);
Result<Workload> read_philly_json(Inputs files, const ReadOptions& options);
Result<Workload> read_helios(Inputs files, const ReadOptions& options);
Result<Workload> read_acme(Inputs files, const ReadOptions& options);
Result<Workload> read_openb(Inputs files, const ReadOptions& options);
Result<Workload> read_pai2020(Inputs files, const ReadOptions& options);
Result<Workload> read_swf(Inputs files, const ReadOptions& options);
Result<Workload> read_sacct(Inputs files, const ReadOptions& options);
Result<Workload> read_batsim(Inputs files, const ReadOptions& options);
Result<Workload> read_gavel(Inputs files, const ReadOptions& options);

/// One machine of a published node list.
struct MachineRow {
  std::string name;
  std::string chip;  ///< "" where it has none
  std::int64_t chips = 0;
  std::int64_t cpu_milli = 0;
  std::int64_t memory_mib = 0;
};
struct MachineList {
  std::vector<MachineRow> machines;
  ImportReport report;
};
using OpenbNode = MachineRow;

/// openb_node_list_*.csv: sn, cpu_milli, memory_mib, gpu, model.
Result<MachineList> read_openb_nodes(const Input& file);
/// pai_machine_spec.csv, without a header: machine, gpu_type, cap_cpu (cores), cap_mem (GB, taken as GiB), cap_gpu.
Result<MachineList> read_pai2020_machines(const Input& file);

}  // namespace alight
