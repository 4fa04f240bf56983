// The fluid network against phase-by-phase play of the same jobs: random sites, layouts and dates of submission. The
// seeds were not looked at while the network was built.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/support/binary.hpp"
#include "tests/support/csv_rows.hpp"

using namespace alight;

namespace {

struct Kind {
  const char* model;
  std::vector<const char*> layouts;
  std::vector<int> chips;
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"GPT-3 175B", {"tp8 pp8 mb1 zero1 full", "tp8 pp16 mb1 zero1 full"}, {256}},
      {"Llama-2-70B", {"mb1 fsdp full", "tp8 pp4 mb1 zero1 full", "tp8 pp2 mb1 zero1 full"}, {128, 256}},
      {"Llama-2-13B", {"mb1 fsdp full", "tp2 mb1 zero1 full", "mb1 zero1 full"}, {64, 128}},
      {"Llama-2-7B", {"mb1 zero1 full", "mb2 fsdp", "tp2 pp2 mb1 zero1"}, {64, 128}},
      {"Mixtral-8x7B", {"ep8 mb1 fsdp full", "pp4 ep8 mb1 zero1 full", "tp2 pp2 ep8 mb1 zero1 full"}, {128, 256}},
      {"DeepSeek-V3", {"pp8 ep32 mb1 zero1 full"}, {256}}};
  return all;
}

/// One to eight jobs on leaves of 4 to 16 servers, 1:1 to 8:1, scattered.
std::string scenario(std::uint32_t seed) {
  std::mt19937 draw(seed);
  const auto pick = [&](const auto& of) { return of[draw() % of.size()]; };
  const int jobs = pick(std::vector<int>{1, 2, 2, 3, 4, 6, 8});
  const int over = pick(std::vector<int>{1, 2, 4, 4, 8, 8});
  const int leaf = pick(std::vector<int>{4, 8, 16});
  const int rate = pick(std::vector<int>{100, 200, 400});
  const bool rails = draw() % 3 == 0;
  std::string lines;
  int servers = leaf;
  for (int j = 0; j < jobs; ++j) {
    const Kind& kind = kinds()[draw() % kinds().size()];
    const int chips = pick(kind.chips);
    servers += chips / 8;
    const auto submit_ms = draw() % 5000;
    const std::string layout = pick(kind.layouts);
    const int batch = chips * pick(std::vector<int>{2, 4});
    const auto steps = 12 + draw() % 9;
    lines += "    - {id: j" + std::to_string(j) + ", type: training, model: " + kind.model +
             ", chips: " + std::to_string(chips) + ", steps: " + std::to_string(steps) +
             ", global_batch: " + std::to_string(batch) + ", sequence: 2048, layout: \"" + layout +
             "\", submit: " + std::to_string(submit_ms) + " ms}\n";
  }
  servers = (servers + leaf - 1) / leaf * leaf;
  return "site:\n  pools: [{name: p, server: HGX H100, count: " + std::to_string(servers) +
         ", rails: " + (rails ? "8" : "1") + "}]\n  network:\n    leaf: {rate: " + std::to_string(rate) +
         " Gbps, down_ports: " + std::to_string(rails ? leaf : leaf * 8) + ", oversubscription: \"" +
         std::to_string(over) + ":1\"}\n    spine: {rate: 400 Gbps, down_ports: 256}\nworkload:\n  jobs:\n" + lines +
         "scheduler: {policy: fcfs, placement: random}\nseed: " + std::to_string(seed) + "\n";
}

/// Run time of each job that ended; nothing where a layout does not fit into memory.
std::map<std::string, double> run_times(const test::Folder& folder, const std::string& mode) {
  const test::Outcome run =
      test::run_binary(ALIGHT_BINARY, {"run", "s.yaml", "--out", mode, "--set", "network=" + mode}, folder.path(), 60);
  std::map<std::string, double> times;
  if (run.code == 2 && run.err.find("out of memory") != std::string::npos) return times;
  INFO(run.text());
  REQUIRE(run.code == 0);
  for (const auto& row : test::csv_rows(folder / (mode + "/jobs.csv")))
    if (row.at("status") == "completed") times[row.at("job_id")] = std::stod(row.at("run_s"));
  return times;
}

}  // namespace

TEST_CASE("steps beside others: fluid within 10 % of exact, 5 % in the mean") {
  std::vector<double> errors, of_slowed, alone_errors;
  int played = 0, slowed = 0;
  for (std::uint32_t seed = 9001; seed < 9031; ++seed) {
    const test::Folder folder;
    test::write_file(folder / "s.yaml", scenario(seed));
    const auto fluid = run_times(folder, "fluid");
    if (fluid.empty()) continue;
    const auto exact = run_times(folder, "exact"), alone = run_times(folder, "none");
    REQUIRE(exact.size() == fluid.size());
    ++played;
    bool any = false;
    for (const auto& [job, s] : exact) {
      INFO("seed " << seed << " " << job << ": exact " << s << " s, fluid " << fluid.at(job) << " s");
      const double error = fluid.at(job) / s - 1;
      CHECK(std::abs(error) < 0.10);
      errors.push_back(error);
      if (s < 1.01 * alone.at(job)) continue;
      any = true;
      of_slowed.push_back(error);
      alone_errors.push_back(alone.at(job) / s - 1);
    }
    slowed += any;
  }
  const auto say = [](const char* what, const std::vector<double>& all) {
    double mean = 0, bias = 0, worst = 0;
    for (const double e : all) {
      mean += std::abs(e) / static_cast<double>(all.size());
      bias += e / static_cast<double>(all.size());
      worst = std::max(worst, std::abs(e));
    }
    std::cout << what << ": " << all.size() << " jobs, mean " << 100 * mean << " %, bias " << 100 * bias << " %, worst "
              << 100 * worst << " %\n";
    return mean;
  };
  std::cout << played << " scenarios, " << slowed << " with jobs slowed by 1 % or more\n";
  CHECK(say("all", errors) < 0.05);
  CHECK(say("slowed", of_slowed) < 0.05);
  say("slowed, taken as if alone", alone_errors);
  CHECK(played >= 12);
  CHECK(slowed >= 5);
}
