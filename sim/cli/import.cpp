#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "sim/cli/commands.hpp"
#include "sim/cli/scenario_argument.hpp"
#include "workloads/traces/formats.hpp"
#include "workloads/traces/write_csv.hpp"

namespace alight::cli {
namespace {

bool write_table(const Workload& workload, const std::filesystem::path& out) {
  std::ofstream file(out, std::ios::binary);
  if (file) write_csv(file, workload);
  file.close();
  if (!file) std::cerr << "alight: cannot write " << out.string() << '\n';
  return file.good();
}

}  // namespace

int export_workload(const ScenarioArguments& arguments, const std::filesystem::path& out) {
  const auto prepared = prepare_or_print(arguments, true);
  if (!prepared) return kBadInput;
  for (const Job& job : prepared->workload.jobs)
    if (job.mix != 0) {
      std::cerr << "alight: " << job.id << " lies in several pools, which a job table cannot say; nothing is written\n";
      return kBadInput;
    }
  if (!write_table(prepared->workload, out)) return kBadInput;
  std::cout << fmt::format("{}: {} jobs\n", out.string(), prepared->workload.jobs.size());
  return kDone;
}

int import_trace(const std::string& format, const std::vector<std::filesystem::path>& files,
                 const std::filesystem::path& out, const std::vector<std::string>& columns,
                 const std::string& time_pattern) {
  Diagnostics diagnostics;
  if (format != "auto" && !find_format(format))
    diagnostics.error({}, "FORMAT", fmt::format("no trace format named \"{}\"", format),
                      did_you_mean(format, format_names()));
  ReadOptions options;
  options.time_pattern = time_pattern;
  for (const auto& column : columns)
    if (const std::string problem = add_column(options, column); !problem.empty())
      diagnostics.error({}, "--column " + column, problem);
  if (!diagnostics.ok()) {
    diagnostics.print(std::cerr);
    return kBadInput;
  }
  auto workload = read_workload(files, format, options);
  if (!workload) {
    const Problem& p = workload.problem();
    diagnostics.error(p.where, p.key, p.message, p.hint);
    diagnostics.print(std::cerr);
    return kBadInput;
  }
  workload->sort();
  if (!write_table(*workload, out)) return kBadInput;
  const ImportReport& report = workload->report;
  std::cout << fmt::format("{}: {} jobs from {} rows, {} skipped\n", out.string(), workload->jobs.size(),
                           report.taken + report.skipped, report.skipped);
  for (const auto& reason : report.reasons)
    std::cout << fmt::format("  skipped {:>8}  {} (first: {})\n", reason.rows, reason.why, reason.first_place);
  for (const auto& note : report.notes) std::cout << "  note: " << note << '\n';
  return kDone;
}

}  // namespace alight::cli
