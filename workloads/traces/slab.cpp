#include "workloads/traces/slab.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "workloads/traces/csv.hpp"
#include "workloads/traces/intake.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

struct SlabColumns {
  std::size_t id, user, vc, gpus, cpus, nodes, memory, state, submit, start, end, duration;

  SlabColumns(const CsvHeader& header, const SlabTraits& traits)
      : id(header.find("job_id")),
        user(header.find("user")),
        vc(header.find(traits.vc_column)),
        gpus(header.find("gpu_num")),
        cpus(header.find("cpu_num")),
        nodes(header.find("node_num")),
        memory(header.find("mem_per_pod_GB")),
        state(header.find("state")),
        submit(header.find("submit_time")),
        start(header.find("start_time")),
        end(header.find("end_time")),
        duration(header.find("duration")) {}
};

TraceStatus status_of_slab(std::string_view state) {
  if (state == "COMPLETED") return TraceStatus::completed;
  if (state == "FAILED" || state == "NODE_FAIL") return TraceStatus::failed;
  if (state == "CANCELLED") return TraceStatus::cancelled;
  if (state == "TIMEOUT") return TraceStatus::killed;
  return TraceStatus::unknown;
}

/// Whole number in a cell that may be missing (then 0); nothing where it is no number.
std::optional<std::int64_t> count_of(std::string_view cell) {
  if (is_missing(cell)) return 0;
  return to_whole(cell);
}

class SlabRow {
 public:
  SlabRow(const CsvTable& table, const SlabColumns& columns) : table_(table), columns_(columns) {}

  const char* fill(Job& job, Names& names, std::int64_t& disagreeing) const {
    const auto submit = to_unix_s(table_.cell(columns_.submit));
    if (!submit) return "submit_time is no date and time";
    const auto gpus = count_of(table_.cell(columns_.gpus));
    const auto cpus = count_of(table_.cell(columns_.cpus));
    if (!gpus) return "gpu_num is not a whole number";
    if (!cpus || *cpus > kMostCores) return "cpu_num is not a whole number";
    job.submit_s = *submit;
    job.chips = *gpus;
    job.cpu_milli = *cpus * 1000;
    if (const char* fault = fill_memory(job)) return fault;
    if (const char* fault = fill_duration(job, disagreeing)) return fault;
    job.id = trimmed(table_.cell(columns_.id));
    job.user = names.intern(trimmed(table_.cell(columns_.user)));
    job.vc = names.intern(trimmed(table_.cell(columns_.vc)));
    job.status = status_of_slab(trimmed(table_.cell(columns_.state)));
    return nullptr;
  }

 private:
  static constexpr std::int64_t kMostCores = std::int64_t{1} << 40;

  /// mem_per_pod_GB times the pods, in MiB; a pod is a node.
  const char* fill_memory(Job& job) const {
    const auto cell = table_.cell(columns_.memory);
    if (is_missing(cell)) return nullptr;
    const auto per_pod_gb = to_number(cell);
    const auto pods = count_of(table_.cell(columns_.nodes));
    if (!per_pod_gb || !pods || *per_pod_gb < 0) return "mem_per_pod_GB or node_num is not a number";
    const double mib = *per_pod_gb * 1e9 / 1048576.0 * static_cast<double>(std::max<std::int64_t>(*pods, 1));
    if (!(mib < 1e15)) return "mem_per_pod_GB or node_num is not a number";
    job.host_memory_mib = std::llround(mib);
    return nullptr;
  }

  /// end - start where both are stated: in Kalos the column `duration` counts from submission.
  const char* fill_duration(Job& job, std::int64_t& disagreeing) const {
    const auto start = to_unix_s(table_.cell(columns_.start));
    const auto end = to_unix_s(table_.cell(columns_.end));
    const auto stated = to_number(table_.cell(columns_.duration));
    if (start && end) {
      if (*end < *start) return "end_time before start_time";
      job.duration_s = *end - *start;
      if (stated && std::abs(*stated - job.duration_s) > 1) ++disagreeing;
      return nullptr;
    }
    if (!is_missing(table_.cell(columns_.start)) && !start) return "start_time is no date and time";
    if (!start && !is_missing(table_.cell(columns_.end)) && !end) return "end_time is no date and time";
    if (!start && columns_.start != CsvHeader::kNone) return "never started";
    if (!stated) return "no run time";
    job.duration_s = *stated;
    return nullptr;
  }

  const CsvTable& table_;
  const SlabColumns& columns_;
};

}  // namespace

Result<Workload> read_slab(Inputs files, const SlabTraits& traits) {
  Intake intake(Intake::Clock::unix_time);
  std::int64_t disagreeing = 0;
  for (const Input& file : files) {
    auto table = open_table(file.name, file.text, {"job_id", "gpu_num", "submit_time", "duration"});
    if (!table) return table.problem();
    const SlabColumns columns(table->header, traits);
    const SlabRow row(*table, columns);
    while (table->rows.next()) {
      const RowPlace place{file.name, table->rows.line()};
      Job job;
      const char* fault = table->misfit();
      if (!fault) fault = row.fill(job, intake.names(), disagreeing);
      if (fault)
        intake.skip(fault, place);
      else
        intake.take(std::move(job), place);
    }
  }
  if (disagreeing > 0)
    intake.note(std::to_string(disagreeing) + " rows state a duration other than end - start: end - start is used");
  return std::move(intake).finish();
}

Result<Workload> read_helios(Inputs files, const ReadOptions&) {
  return read_slab(files, {.vc_column = "vc"});
}

// Acme knows no virtual clusters; its reservations are by kind of work (pretraining, evaluation ...).
Result<Workload> read_acme(Inputs files, const ReadOptions&) {
  return read_slab(files, {.vc_column = "type"});
}

}  // namespace alight
