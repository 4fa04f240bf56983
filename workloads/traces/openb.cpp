// The pods and nodes of Alibaba's openb cluster (cluster-trace-gpu-v2023): shares of GPUs, kinds a pod may run on, host
// processor and memory beside them.
#include <algorithm>

#include "workloads/traces/csv.hpp"
#include "workloads/traces/intake.hpp"
#include "workloads/traces/readers.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

namespace {

struct PodColumns {
  std::size_t name, cpu, memory, gpus, share, kinds, phase, created, deleted, scheduled;

  explicit PodColumns(const CsvHeader& header)
      : name(header.find("name")),
        cpu(header.find("cpu_milli")),
        memory(header.find("memory_mib")),
        gpus(header.find("num_gpu")),
        share(header.find("gpu_milli")),
        kinds(header.find("gpu_spec")),
        phase(header.find("pod_phase")),
        created(header.find("creation_time")),
        deleted(header.find("deletion_time")),
        scheduled(header.find("scheduled_time")) {}
};

TraceStatus status_of_phase(std::string_view phase) {
  if (phase == "Succeeded") return TraceStatus::completed;
  if (phase == "Failed") return TraceStatus::failed;
  return TraceStatus::unknown;  // still running or waiting when the trace ends
}

const char* fill_times(Job& job, const CsvTable& table, const PodColumns& at, std::int64_t& never_scheduled) {
  const auto created = to_number(table.cell(at.created));
  const auto deleted = to_number(table.cell(at.deleted));
  if (!created) return "creation_time is not a number";
  if (!deleted) return "deletion_time is not a number";
  double begin = *created;
  if (is_missing(table.cell(at.scheduled))) {
    ++never_scheduled;
  } else {
    const auto scheduled = to_number(table.cell(at.scheduled));
    if (!scheduled) return "scheduled_time is not a number";
    begin = *scheduled;
  }
  job.submit_s = *created;
  job.duration_s = *deleted - begin;
  return nullptr;
}

const char* fill(Job& job, const CsvTable& table, const PodColumns& at, Names& names, std::int64_t& never_scheduled) {
  const auto cpu = to_whole(table.cell(at.cpu));
  const auto memory = to_whole(table.cell(at.memory));
  const auto gpus = to_whole(table.cell(at.gpus));
  if (!cpu) return "cpu_milli is not a whole number";
  if (!memory) return "memory_mib is not a whole number";
  if (!gpus) return "num_gpu is not a whole number";
  if (*gpus > 0) {
    const auto share = to_whole(table.cell(at.share));
    if (!share || *share < 1 || *share > 1000) return "gpu_milli is not within 1 to 1000";
    job.chip_milli = static_cast<std::int32_t>(*share);
  }
  if (const char* fault = fill_times(job, table, at, never_scheduled)) return fault;
  job.id = trimmed(table.cell(at.name));
  job.chips = *gpus;
  job.cpu_milli = *cpu;
  job.host_memory_mib = *memory;
  if (*gpus > 0) job.kinds = names.intern(trimmed(table.cell(at.kinds)));
  job.shape = Shape::one_server;
  job.status = status_of_phase(trimmed(table.cell(at.phase)));
  return nullptr;
}

/// The machine in the cells name, chip, chips, cpu (times `cpu_scale` = thousandths of a core), memory (times
/// `memory_scale` = MiB), or why it is none.
const char* machine_of(const CsvReader& row, const std::size_t (&at)[5], double cpu_scale, double memory_scale,
                       MachineRow& machine) {
  const auto chips = to_whole(row[at[2]]);
  const auto cpu = to_number(row[at[3]]);
  const auto memory = to_number(row[at[4]]);
  constexpr double kMost = 1e12;
  if (!chips || *chips < 0 || *chips > Intake::kMostChips) return "number of chips is no whole number";
  if (!cpu || *cpu < 0 || *cpu > kMost) return "processor is no number";
  if (!memory || *memory < 0 || *memory > kMost) return "memory is no number";
  machine.name = trimmed(row[at[0]]);
  if (machine.name.empty()) return "machine has no name";
  if (*chips > 0) machine.chip = trimmed(row[at[1]]);
  machine.chips = *chips;
  machine.cpu_milli = static_cast<std::int64_t>(*cpu * cpu_scale);
  machine.memory_mib = static_cast<std::int64_t>(*memory * memory_scale);
  return nullptr;
}

void take_machine(MachineList& list, const char* fault, MachineRow&& machine, const RowPlace& place) {
  if (fault) return list.report.skip(fault, place.text());
  list.machines.push_back(std::move(machine));
  ++list.report.taken;
}

}  // namespace

Result<Workload> read_openb(Inputs files, const ReadOptions&) {
  Intake intake;
  std::int64_t never_scheduled = 0;
  for (const Input& file : files) {
    auto table =
        open_table(file.name, file.text,
                   {"name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "creation_time", "deletion_time"});
    if (!table) return table.problem();
    const PodColumns columns(table->header);
    while (table->rows.next()) {
      const RowPlace place{file.name, table->rows.line()};
      Job job;
      const char* fault = table->misfit();
      if (!fault) fault = fill(job, *table, columns, intake.names(), never_scheduled);
      if (fault)
        intake.skip(fault, place);
      else
        intake.take(std::move(job), place);
    }
  }
  if (never_scheduled > 0)
    intake.note(std::to_string(never_scheduled) +
                " pods were never scheduled: their run time is taken as deletion - creation");
  return std::move(intake).finish();
}

Result<MachineList> read_openb_nodes(const Input& file) {
  auto table = open_table(file.name, file.text, {"sn", "cpu_milli", "memory_mib", "gpu", "model"});
  if (!table) return table.problem();
  const auto& header = table->header;
  const std::size_t at[5] = {header.find("sn"), header.find("model"), header.find("gpu"), header.find("cpu_milli"),
                             header.find("memory_mib")};
  MachineList list;
  while (table->rows.next()) {
    MachineRow machine;
    const char* fault = table->misfit();
    if (!fault) fault = machine_of(table->rows, at, 1, 1, machine);
    take_machine(list, fault, std::move(machine), {file.name, table->rows.line()});
  }
  return list;
}

Result<MachineList> read_pai2020_machines(const Input& file) {
  CsvReader rows(file.text);
  constexpr std::size_t at[5] = {0, 1, 4, 2, 3};
  MachineList list;
  while (rows.next()) {
    if (list.report.taken + list.report.skipped == 0 && rows.size() > 0 && rows[0] == "machine") continue;
    MachineRow machine;
    const char* fault = rows.size() == 5 ? machine_of(rows, at, 1000, 1024, machine) : "not five cells";
    take_machine(list, fault, std::move(machine), {file.name, rows.line()});
  }
  return list;
}

}  // namespace alight
