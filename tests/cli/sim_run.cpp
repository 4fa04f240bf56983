// `alight run` as a whole: the same bytes twice and from the resolved scenario, the seed, an interruption.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/binary.hpp"

using namespace alight::test;

namespace {

constexpr const char* kScenario = R"(name: twice
seed: 5
start: 2025-06-01
site:
  pools:
    - {name: h, server: HGX H20, count: 6, stack: cuda, phases: [{after: 3 h, racks: 1}]}
    - {name: n, server: Atlas 800T A2, count: 4, stack: cann}
workload:
  generate:
    - {name: g, like: helios, jobs: 400, load: 0.9, stack: cuda}
  jobs:
    - {id: a, submit: 5 min, duration: 1 h, chips: 8, count: 5, vc: x, stack: cann}
    - {id: too-large, duration: 1 h, chips: 64}
scheduler: {policy: easy, placement: random, queues: {x: 20 %}}
)";

const std::vector<std::string> kTables = {"jobs.csv", "ledger.csv", "events.csv"};

void run(const Folder& folder, const std::string& scenario, const std::string& out,
         std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"run", scenario, "--out", out});
  const Outcome o = run_binary(ALIGHT_BINARY, more, folder.path(), 30);
  INFO(o.text());
  REQUIRE(o.code == 0);
}

}  // namespace

TEST_CASE("two runs write the same bytes, and so does the resolved scenario") {
  const Folder folder;
  write_file(folder / "s.yaml", kScenario);
  run(folder, "s.yaml", "one");
  run(folder, "s.yaml", "two");
  for (const auto& entry : std::filesystem::directory_iterator(folder / "one")) {
    INFO(entry.path().filename());
    CHECK(text_of(entry.path()) == text_of(folder / "two" / entry.path().filename()));
  }
  run(folder, "one/resolved.yaml", "three");
  for (const std::string& table : kTables) {
    INFO(table);
    CHECK(text_of(folder / "one" / table) == text_of(folder / "three" / table));
  }
  const auto fingerprint = [&](const char* out) {
    return nlohmann::json::parse(text_of(folder / out / "summary.json")).at("fingerprint").get<std::string>();
  };
  CHECK(fingerprint("one").size() == 64);
  CHECK(fingerprint("one") == fingerprint("three"));
  CHECK(text_of(folder / "one/resolved.yaml") == text_of(folder / "three/resolved.yaml"));
}

TEST_CASE("another seed makes other jobs") {
  const Folder folder;
  write_file(folder / "s.yaml", kScenario);
  run(folder, "s.yaml", "one");
  run(folder, "s.yaml", "other", {"--seed", "6"});
  CHECK(text_of(folder / "one/jobs.csv") != text_of(folder / "other/jobs.csv"));
  CHECK(nlohmann::json::parse(text_of(folder / "other/manifest.json")).at("seed") == 6);
}

TEST_CASE("an interrupted run leaves partial output that says so") {
  const Folder folder;
  // Far more jobs than are played before the signal.
  write_file(folder / "s.yaml",
             "site: {pools: [{name: h, server: HGX H20, count: 4}]}\n"
             "workload: {generate: [{name: g, like: philly, jobs: 1500000, load: 0.9}]}\n"
             "output: {ledger_bin: 1 d}\n");
  bool sent = false;
  const Outcome o = run_binary(ALIGHT_BINARY, {"run", "s.yaml", "--out", "out"}, folder.path(), 60,
                               interrupt_once_written(folder / "out/jobs.csv", sent));
  INFO(o.text());
  REQUIRE(sent);
  CHECK(o.code == 130);
  CHECK(nlohmann::json::parse(text_of(folder / "out/manifest.json")).at("state") == "interrupted");
  const auto summary = nlohmann::json::parse(text_of(folder / "out/summary.json"));
  CHECK(summary.at("state") == "interrupted");
  CHECK(summary.at("jobs").at("not_submitted") > 0);
  const std::string jobs = text_of(folder / "out/jobs.csv");
  REQUIRE_FALSE(jobs.empty());
  CHECK(jobs.back() == '\n');
  const auto columns = std::count(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(jobs.find('\n')), ',');
  std::int64_t rows = -1, wrong = 0;
  for (std::size_t at = 0; at < jobs.size(); ++rows) {
    const std::size_t end = jobs.find('\n', at);
    wrong += std::count(jobs.begin() + static_cast<std::ptrdiff_t>(at), jobs.begin() + static_cast<std::ptrdiff_t>(end),
                        ',') != columns;
    at = end + 1;
  }
  CHECK(wrong == 0);
  CHECK(rows == summary.at("jobs").at("total").get<std::int64_t>());
}
