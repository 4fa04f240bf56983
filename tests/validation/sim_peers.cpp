// Schedules against an independent simulator: Batsim 5 on 1,024 one-core hosts, the same traces as SWF and as JSON.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <string>

#include "tests/support/binary.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/reference.hpp"
#include "workloads/traces/input.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::map<std::string, CsvRow> by_id(const std::filesystem::path& file) {
  std::map<std::string, CsvRow> rows;
  for (CsvRow& row : csv_rows(file)) rows[row.at("job_id")] = std::move(row);
  return rows;
}

/// The reference table, which is packed.
std::map<std::string, CsvRow> peer(const std::filesystem::path& packed, const Folder& folder) {
  const auto text = read_input(packed);
  REQUIRE(text);
  write_file(folder / "peer.csv", text->text);
  return by_id(folder / "peer.csv");
}

std::map<std::string, CsvRow> ours(const std::filesystem::path& trace, const std::string& policy,
                                   const Folder& folder) {
  const std::string scenario = std::string(ALIGHT_SOURCE_DIR) + "/docs/examples/compare/flat-1024.yaml";
  const Outcome o = run_binary(ALIGHT_BINARY,
                               {"run", scenario, "--set", "workload.file=" + std::filesystem::absolute(trace).string(),
                                "--set", "scheduler.policy=" + policy, "--out", "out"},
                               folder.path(), 60);
  INFO(o.text());
  REQUIRE(o.code == 0);
  return by_id(folder / "out/jobs.csv");
}

double number(const CsvRow& row, const std::string& column) {
  return std::stod(row.at(column));
}

}  // namespace

TEST_CASE("every start under fcfs and easy is that of the independent simulator") {
  for (const std::string size : {"1k", "10k"})
    for (const std::string policy : {"fcfs", "easy"}) {
      ALIGHT_REFERENCE_OR_SKIP(packed, "peers/batsim5_nt_" + size + "_" + policy + ".csv.gz");
      const Folder folder;
      const auto theirs = peer(packed, folder);
      for (const std::string format : {"swf", "json"}) {
        ALIGHT_REFERENCE_OR_SKIP(trace, "peers/nt_" + size + "." + format + ".zst");
        INFO(size << " " << policy << " " << format);
        const auto jobs = ours(trace, policy, folder);
        REQUIRE(jobs.size() == theirs.size());
        double worst_s = 0;
        for (const auto& [id, row] : theirs)
          worst_s = std::max(worst_s, std::abs(number(jobs.at(id), "start_s") - number(row, "start")));
        CHECK(worst_s < 1e-3);
      }
    }
}

TEST_CASE("jobs that outrun their requested time are killed at it, the others are not") {
  ALIGHT_REFERENCE_OR_SKIP(packed, "peers/batsim421_rigid_1k_kill_easy_bf_fast.csv.gz");
  for (const std::string format : {"swf", "json"}) {
    ALIGHT_REFERENCE_OR_SKIP(trace, "peers/rigid_1k_kill." + format + ".zst");
    const Folder folder;
    const auto theirs = peer(packed, folder);
    const auto jobs = ours(trace, "easy", folder);
    REQUIRE(jobs.size() == theirs.size());
    int killed = 0;
    for (const auto& [id, row] : theirs) {
      INFO(format << ", job " << id);
      const CsvRow& job = jobs.at(id);
      const bool reached = row.at("final_state") == "COMPLETED_WALLTIME_REACHED";
      CHECK((job.at("status") == "killed") == reached);
      if (reached) {
        ++killed;
        CHECK(std::abs(number(job, "run_s") - number(row, "walltime")) < 1e-3);
      }
    }
    CHECK(killed == 57);
  }
}
