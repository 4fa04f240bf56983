#include "workloads/traces/job_columns.hpp"

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
    {C::load, "load", "Of a training job: read from storage before it trains: none, weights, checkpoint or bytes.",
     false, "load is none of none, weights, checkpoint, bytes with a unit", nullptr},
    {C::checkpoint, "checkpoint",
     "Of a training job: how often it writes its state to storage: \"30 min\", \"500 steps 2 TB asynchronous\".", false,
     "checkpoint cannot be read", nullptr},
    {C::dataset, "dataset", "Of a training job: bytes read from storage for each token or sample, \"4 B\".", false,
     "dataset is no number of bytes with a unit", nullptr},
    {C::elastic, "elastic",
     "Of a training job with a layout and a checkpoint: the fewest replicas it goes on with, \"16\", \"16 grow 30 "
     "min\".",
     false, "elastic is no number of replicas, or the row states no layout or no checkpoint", nullptr},
    {C::preemptible, "preemptible", "1 where it may lose its chips to a job of higher priority, else 0.", false,
     "preemptible is neither 0 nor 1", nullptr},
}};

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
    case C::load:
      return TrainingCells::Part::load;
    case C::checkpoint:
      return TrainingCells::Part::checkpoint;
    case C::elastic:
      return TrainingCells::Part::elastic;
    case C::dataset:
      return TrainingCells::Part::token_bytes;
    default:
      return std::nullopt;
  }
}

const JobColumnInfo* find_job_column(std::string_view name) {
  for (const auto& info : kColumns)
    if (info.name == name) return &info;
  return nullptr;
}

}  // namespace alight
