// The reduced Philly table of the Pollux artifact: timestamp, duration, num_gpus, gpu_time, cluster. It names no jobs
// and is not sorted. Data: msr-fiddle/philly-traces (CC-BY-4.0); table: petuum/adaptdl, branch osdi21-artifact.
#include <algorithm>
#include <cmath>

#include "workloads/traces/csv.hpp"
#include "workloads/traces/intake.hpp"
#include "workloads/traces/readers.hpp"
#include "workloads/traces/values.hpp"

namespace alight {

Result<Workload> read_philly(Inputs files, const ReadOptions&) {
  Intake intake(Intake::Clock::unix_time);
  intake.number_jobs();
  for (const Input& file : files) {
    auto table = open_table(file.name, file.text, {"timestamp", "duration", "num_gpus"});
    if (!table) return table.problem();
    const auto timestamp = table->header.find("timestamp");
    const auto duration = table->header.find("duration");
    const auto gpus = table->header.find("num_gpus");
    const auto cluster = table->header.find({"cluster", "vc"});
    while (table->rows.next()) {
      const RowPlace place{file.name, table->rows.line()};
      if (const char* fault = table->misfit()) {
        intake.skip(fault, place);
        continue;
      }
      const auto submit = to_unix_s(table->rows[timestamp]);
      const auto seconds = to_number(table->rows[duration]);
      const auto chips = to_whole(table->rows[gpus]);
      if (!submit) {
        intake.skip("timestamp is no date and time", place);
      } else if (!seconds) {
        intake.skip("duration is not a number", place);
      } else if (!chips) {
        intake.skip("num_gpus is not a whole number", place);
      } else {
        Job job;
        job.submit_s = *submit;
        job.duration_s = *seconds;
        job.chips = *chips;
        job.vc = intake.names().intern(trimmed(table->cell(cluster)));
        intake.take(std::move(job), place);
      }
    }
  }
  return std::move(intake).finish();
}

}  // namespace alight
