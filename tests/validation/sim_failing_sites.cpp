// Runs on sites that fail as often as published ones did: Llama 3's 54 days, jobs of RSC-1 by size, InfiniteHBD's
// trace; and intervals between checkpoints against theory.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "models/reliability/checkpointing.hpp"
#include "tests/support/binary.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/reference.hpp"

using namespace alight;
using namespace alight::test;

namespace {

nlohmann::json failures_of(const Folder& folder, const std::string& scenario, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"run", scenario, "--out", "out"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Outcome o = run_binary(ALIGHT_BINARY, arguments, folder.path(), 120);
  INFO(o.text());
  REQUIRE(o.code == 0);
  return nlohmann::json::parse(text_of(folder / "out/summary.json")).at("failures");
}

struct Spread {
  double sum = 0, squares = 0, n = 0;
  void add(double x) { sum += x, squares += x * x, ++n; }
  double mean() const { return sum / n; }
  double deviation() const { return std::sqrt((squares - sum * sum / n) / (n - 1)); }
};

}  // namespace

TEST_CASE("Llama 3's 54 days in runs: interruptions by cause over 50 seeds, and ETTR above 90 %") {
  ALIGHT_REFERENCE_OR_SKIP(file, "validation/reliability.csv");
  std::vector<double> published;
  for (const auto& row : csv_rows(file))
    if (row.at("metric") == "unexpected interruptions") published.push_back(std::stod(row.at("value")));
  REQUIRE_FALSE(published.empty());
  const double all_published = std::accumulate(published.begin(), published.end(), 0.0);
  const Folder folder;
  const std::string scenario = std::string(ALIGHT_SOURCE_DIR) + "/docs/examples/llama3-54-days.yaml";
  Spread failed, interrupted, ettr;
  std::map<std::string, Spread> causes;
  for (int seed = 1; seed <= 50; ++seed) {
    // The layout that the search finds, so that it is not searched for fifty times.
    const auto f = failures_of(folder, scenario,
                               {"--seed", std::to_string(seed), "--set", "network=none", "--set",
                                "workload.jobs[0].layout=tp16 sp mb2 hsdp shard64 overlap_tp"});
    double times = 0;
    for (const auto& cause : f.at("causes")) {
      times += cause.at("times").get<double>();
      causes[cause.at("cause")].add(cause.at("jobs_stopped").get<double>());
    }
    failed.add(times);
    interrupted.add(f.at("interruptions").get<double>());
    ettr.add(f.at("ettr").get<double>());
  }
  std::printf("%-34s %8s %8s\n", "cause", "mean", "spread");
  for (const auto& [cause, spread] : causes)
    std::printf("%-34s %8.1f %8.1f\n", cause.c_str(), spread.sum / 50, spread.deviation());
  std::printf("failures %.1f (spread %.1f), interruptions %.1f (%.1f), published %.0f; ETTR %.2f %% (%.2f)\n",
              failed.mean(), failed.deviation(), interrupted.mean(), interrupted.deviation(), all_published,
              100 * ettr.mean(), 100 * ettr.deviation());
  // 16 of 2,064 servers are spares, and fail too.
  CHECK(std::abs(failed.mean() - all_published * 2064 / 2048) < 4 * std::sqrt(all_published / 50));
  // What fails while the job hangs anyway interrupts nobody: ten minutes of every three hours.
  CHECK(interrupted.mean() / all_published == Approx(0.95).margin(0.03));
  CHECK(ettr.mean() > 0.9);
}

TEST_CASE("jobs of RSC-1 by size: the time between interruptions is that of their servers") {
  const Folder folder;
  std::string jobs;
  const std::map<int, int> counts = {{8, 512}, {64, 16}, {256, 4}, {1024, 2}};
  for (const auto& [chips, count] : counts)
    jobs += "    - {id: of-" + std::to_string(chips) +
            ", type: training, model: Llama-3.1-8B, chips: " + std::to_string(chips) +
            ", tokens: " + std::to_string(chips * 200) + "e9, count: " + std::to_string(count) +
            ", checkpoint: {every: 10 min}}\n";
  write_file(folder / "s.yaml",
             "name: rsc\nhorizon: 330 d\nnetwork: none\nsite: {pools: [{name: a, server: HGX A100, count: 1200}], "
             "storage: {read: 1 TB/s, write: 1 TB/s}}\n"
             "workload:\n  jobs:\n" +
                 jobs + "faults: {servers: {failures: [RSC-1 A100 jobs], repair: 1 h, detection: 0 s}}\n");
  const auto f = failures_of(folder, "s.yaml", {});
  std::printf("%6s %14s %10s %10s %10s\n", "chips", "interruptions", "MTTF h", "theory h", "published");
  const std::map<int, const char*> published = {{8, "47.7 d"}, {1024, "7.9 h"}};
  for (const auto& row : f.at("jobs_by_chips")) {
    const int chips = row.at("chips_from");
    const double theory = 47.7 * 24 * 8 / chips, n = row.at("interruptions");
    const auto stated = published.find(chips);
    std::printf("%6d %14.0f %10.2f %10.2f %10s\n", chips, n, row.at("mttf_h").get<double>(), theory,
                stated == published.end() ? "" : stated->second);
    CHECK(row.at("mttf_h").get<double>() == Approx(theory).epsilon(4 / std::sqrt(n)));
  }
}

TEST_CASE("the best interval between checkpoints of runs is where theory puts it") {
  // 1,024 chips, something breaks every 6 hours; a checkpoint stops the job for a minute.
  constexpr double kMttf = 6 * 3600, kDetection = 300;
  const Folder folder;
  std::map<double, double> ettr_of;
  double stall_s = 0, load_s = 0;
  const auto play = [&](const std::string& every) {
    write_file(folder / "s.yaml",
               "name: intervals\nhorizon: 720 d\nnetwork: none\n"
               "site: {pools: [{name: a, server: HGX H100, count: 130}], storage: {read: 1 TB/s, write: 16.5 GB/s}}\n"
               "workload:\n  jobs: [{id: j, type: training, model: Llama-3.1-70B, chips: 1024, tokens: 1e15, "
               "layout: tp4 sp mb2 hsdp shard32 overlap_tp, checkpoint: {every: " +
                   every +
                   "}}]\n"
                   "catalogue: {failures: {own: {causes: [{cause: node, component: host, per: server, mtbf: 768 h, "
                   "repair: 1 h}]}}}\n"
                   "faults: {servers: {failures: [own], detection: 5 min, spares: {a: 2}}}\n");
    return failures_of(folder, "s.yaml", {}).at("ettr").get<double>();
  };
  const auto job_played = [&] { return csv_rows(folder / "out/jobs.csv").front(); };
  for (const double interval : {400.0, 800.0, 1200.0, 1600.0, 2000.0, 3200.0, 6000.0}) {
    ettr_of[interval] = play(std::to_string(interval) + " s");
    const CsvRow job = job_played();
    const double computes = std::stod(job.at("run_s")) - std::stod(job.at("hung_s")) - std::stod(job.at("startup_s"));
    const double waited = std::stod(job.at("checkpoint_s"));
    stall_s = interval * waited / (computes - waited);
    load_s = std::stod(job.at("startup_s")) / std::stod(job.at("failures"));
  }
  const CheckpointCosts costs{.mttf_s = kMttf, .stall_s = stall_s, .restart_s = kDetection + load_s};
  const double best = best_interval_s(costs);
  std::printf("stall %.1f s, loads in %.1f s; best interval: exact %.0f s, Young %.0f s, Daly %.0f s\n", stall_s,
              load_s, best, young_interval_s(costs), daly_interval_s(costs));
  double best_found = 0;
  for (const auto& [interval, ettr] : ettr_of) {
    std::printf("every %5.0f s: ETTR %.2f %%, theory %.2f %%\n", interval, 100 * ettr,
                100 * time_shares(costs, interval).useful);
    // A job that hangs does not fail again, which the theory lets it.
    CHECK(ettr == Approx(time_shares(costs, interval).useful).margin(0.006));
    if (best_found == 0 || ettr > ettr_of.at(best_found)) best_found = interval;
  }
  CHECK(best_found == 1600);
  CHECK(best == Approx(1600).epsilon(0.05));
  for (const auto& [rule, expected] :
       {std::pair("young", young_interval_s(costs)), std::pair("daly", daly_interval_s(costs))}) {
    const double ettr = play(rule), every_s = std::stod(job_played().at("checkpoint_every_s"));
    std::printf("by %s, every %.0f s: ETTR %.2f %%\n", rule, every_s, 100 * ettr);
    CHECK(every_s == Approx(expected).epsilon(0.002));
    CHECK(ettr == Approx(ettr_of.at(best_found)).margin(0.002));
  }
}

TEST_CASE("InfiniteHBD's trace in a run: 2.31 % of 400 servers down on average, 35 at worst") {
  ALIGHT_REFERENCE_OR_SKIP(trace, "traces/infinitehbd_faults/fault_trace.json.gz");
  const Folder folder;
  write_file(folder / "s.yaml",
             "name: trace\nhorizon: 348.97 d\nsite: {pools: [{name: a, server: HGX H100, count: 400}]}\n"
             "workload: {jobs: [{id: j, chips: 8, duration: 2 h}]}\nfaults: {servers: {trace: " +
                 std::filesystem::absolute(trace).string() + "}}\n");
  const auto f = failures_of(folder, "s.yaml", {});
  const double mean = f.at("servers_down_mean");
  std::printf("servers down: mean %.3f of 400 (%.2f %%), at most %d\n", mean, mean / 4,
              f.at("servers_down_most").get<int>());
  CHECK(mean / 400 == Approx(0.0231).epsilon(0.005));
  CHECK(f.at("servers_down_most") == 35);
}
