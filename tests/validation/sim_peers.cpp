// Schedules against an independent simulator: Batsim 5 on 1,024 one-core hosts, the same traces as SWF and as JSON; and
// Batsim 4.2.1 with Batsched's easy_bf_fast, for rigid jobs and for parallel tasks on SimGrid.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>
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

namespace {

/// Of starts and of finishes: the largest difference in seconds, and relative to the date.
struct Worst {
  double seconds = 0, relative = 0;
  void add(double ours_s, double theirs_s) {
    seconds = std::max(seconds, std::abs(ours_s - theirs_s));
    relative = std::max(relative, std::abs(ours_s - theirs_s) / std::max(theirs_s, 1.0));
  }
};

struct Peers {
  Worst start, finish;
  int elsewhere = 0;  ///< jobs on another number of hosts
};

/// The command of docs/validation.md on a trace of the reference, against what Batsim made of it.
Peers against_batsim(const std::filesystem::path& platform, const std::filesystem::path& trace,
                     const std::filesystem::path& packed) {
  const Folder folder;
  const auto theirs = peer(packed, folder);
  const auto set = [](const std::string& key, const std::filesystem::path& file) {
    return key + "=" + std::filesystem::absolute(file).string();
  };
  const Outcome o = run_binary(ALIGHT_BINARY,
                               {"run", std::string(ALIGHT_SOURCE_DIR) + "/docs/examples/compare/simgrid-xml.yaml",
                                "--set", set("site.platform", platform), "--set", set("workload.file", trace), "--set",
                                "scheduler.policy=easy_bf_fast", "--out", "out"},
                               folder.path(), 60);
  INFO(o.text());
  REQUIRE(o.code == 0);
  const auto jobs = by_id(folder / "out/jobs.csv");
  REQUIRE(jobs.size() == theirs.size());
  Peers found;
  for (const auto& [id, row] : theirs) {
    const CsvRow& job = jobs.at(id);
    found.start.add(number(job, "start_s"), number(row, "start"));
    found.finish.add(number(job, "finish_s"), number(row, "finish"));
    found.elsewhere += number(job, "servers") != number(row, "nodes") ? 1 : 0;
  }
  std::cout << trace.filename().string() << ": worst start " << found.start.seconds << " s, relative "
            << found.start.relative << "; worst finish " << found.finish.seconds << " s, relative "
            << found.finish.relative << '\n';
  return found;
}

}  // namespace

TEST_CASE("parallel tasks start and end when Batsim's do on SimGrid") {
  ALIGHT_REFERENCE_OR_SKIP(platform, "peers/cluster_128.xml");
  for (const std::string trace : {"ptask_1k_128", "ptask_net_1k_128"}) {
    ALIGHT_REFERENCE_OR_SKIP(jobs, "peers/" + trace + ".json.zst");
    ALIGHT_REFERENCE_OR_SKIP(packed, "peers/batsim421_" + trace + "_easy_bf_fast.csv.gz");
    INFO(trace);
    const Peers found = against_batsim(platform, jobs, packed);
    // Batsim's own messages take 60 us each over the platform's links, two or three before a job starts.
    CHECK(found.start.relative < 1e-4);
    CHECK(found.finish.relative < 1e-5);
    CHECK(found.start.seconds < 0.01);
    CHECK(found.finish.seconds < 0.01);
    CHECK(found.elsewhere == 0);
  }
}

TEST_CASE("easy_bf_fast starts every rigid job when Batsched's does") {
  ALIGHT_REFERENCE_OR_SKIP(platform, "peers/cluster_1024_zerolat.xml");
  for (const std::string trace : {"nt_10k", "rigid_1k_kill"}) {
    ALIGHT_REFERENCE_OR_SKIP(jobs, "peers/" + trace + ".json.zst");
    ALIGHT_REFERENCE_OR_SKIP(packed, "peers/batsim421_" + trace + "_easy_bf_fast.csv.gz");
    INFO(trace);
    const Peers found = against_batsim(platform, jobs, packed);
    CHECK(found.start.seconds < 1e-3);
    CHECK(found.finish.seconds < 1e-3);
    CHECK(found.elsewhere == 0);
  }
}
