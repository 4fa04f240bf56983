// Parallel jobs by the command line: what contradicts itself is refused, an interruption and a horizon leave whole
// files.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/support/bad_input.hpp"
#include "tests/support/csv_rows.hpp"

using namespace alight::test;

namespace {

/// 8 servers of 8 chips.
std::string scenario(const std::string& jobs, const std::string& more = {}) {
  return "name: tasks\nsite:\n  pools: [{name: h, server: HGX H20, count: 8, rack: {servers: 2}}]\n"
         "  network:\n    leaf: {rate: 400 Gbps, down_ports: 32, oversubscription: 4:1, latency: 600 ns}\n"
         "    spine: {rate: 400 Gbps, down_ports: 64, latency: 600 ns}\n" +
         more + "workload:\n  jobs:\n" + jobs;
}

}  // namespace

TEST_CASE("parallel jobs that contradict themselves are refused") {
  Judge judge;
  const auto job = [](const std::string& keys) { return scenario("    - {id: t, type: parallel, " + keys + "}\n"); };
  const std::string key = "workload.jobs[0]";
  judge.refused_text("no task", job("chips: 8"), key + ".task");
  judge.refused_text("no words", job("chips: 8, task: lots"), "\"lots\" begins no stage");
  judge.refused_text("a negative amount", job("chips: 8, task: each 1e9 -1"), "\"-1\" is no amount");
  judge.refused_text("no number", job("chips: 8, task: each 1e9 .nan"), key + ".task");
  judge.refused_text("other ranks", job("chips: 3, task: ranks 2 flops 1 1 bytes 0 1 1 0"), "2 ranks, the job 3 chips");
  judge.refused_text("a duration", job("chips: 8, duration: 1 h, task: each 1e9 1"), key + ".duration");
  judge.refused_text("tokens", job("chips: 8, tokens: 1e9, task: each 1e9 1"), key + ".tokens");
  judge.refused_text("a task of a rigid job", scenario("    - {id: t, duration: 1 h, task: each 1 1}\n"),
                     key + ".task");
  judge.refused_text("a type nobody knows", scenario("    - {id: t, type: paralel, task: each 1 1}\n"), "parallel");
}

TEST_CASE("parallel jobs run on a site of the catalogue, to a horizon, and are told apart in the files") {
  const Folder folder;
  // a lies under several leaves; b is killed, late does not end, large is turned away.
  write_file(
      folder / "s.yaml",
      scenario("    - {id: a, type: parallel, chips: 40, task: each 1e15 1e10}\n"
               "    - {id: b, type: parallel, chips: 24, task: each 1e15 1e10 then delay 5 times 2, estimate: 10 s}\n"
               "    - {id: late, type: parallel, submit: 1 s, chips: 64, task: each 1e21 0}\n"
               "    - {id: large, type: parallel, chips: 65, task: each 1 1}\n"
               "    - {id: rigid, submit: 2 s, duration: 1 min, chips: 8}\n",
               "horizon: 1 d\n"));
  const Outcome o = run_binary(ALIGHT_BINARY, {"run", "s.yaml", "--out", "out"}, folder.path(), 30);
  INFO(o.text());
  REQUIRE(o.code == 0);
  std::map<std::string, CsvRow> jobs;
  for (CsvRow& row : csv_rows(folder / "out/jobs.csv")) jobs[row.at("job_id")] = std::move(row);
  CHECK(jobs.at("a").at("status") == "completed");
  CHECK(jobs.at("b").at("status") == "killed");
  CHECK(std::stod(jobs.at("b").at("run_s")) == Approx(10));
  CHECK(jobs.at("late").at("status") == "running");
  CHECK(jobs.at("large").at("status") == "rejected");
  const auto summary = nlohmann::json::parse(text_of(folder / "out/summary.json"));
  CHECK(summary.at("state") == "complete");
  const Outcome check = run_binary(ALIGHT_BINARY, {"check", "s.yaml"}, folder.path(), 30);
  CHECK(check.code == 0);
  CHECK(check.out.find("4 of parallel tasks") != std::string::npos);
}

TEST_CASE("an interrupted run with tasks open leaves whole files") {
  const Folder folder;
  write_file(folder / "s.yaml",
             scenario("    - {id: a, type: parallel, chips: 40, task: each 1e13 1e8, count: 400000}\n"
                      "    - {id: b, type: parallel, chips: 16, task: each 1e13 2e8, count: 400000}\n"));
  bool sent = false;
  const Outcome o = run_binary(ALIGHT_BINARY, {"run", "s.yaml", "--out", "out"}, folder.path(), 60,
                               interrupt_once_written(folder / "out/jobs.csv", sent));
  INFO(o.text());
  REQUIRE(sent);
  CHECK(o.code == 130);
  const auto summary = nlohmann::json::parse(text_of(folder / "out/summary.json"));
  CHECK(summary.at("state") == "interrupted");
  const std::string jobs = text_of(folder / "out/jobs.csv");
  CHECK(jobs.back() == '\n');
  CHECK(std::count(jobs.begin(), jobs.end(), '\n') == 800001);
}

TEST_CASE("a table of parallel jobs written by import gives the same run") {
  const Folder folder;
  write_file(folder / "w.json",
             R"({"nb_res":8,"jobs":[{"id":1,"subtime":0,"res":9,"profile":"h","walltime":50},
                 {"id":2,"subtime":1,"res":2,"profile":"m","walltime":100},{"id":3,"subtime":2,"res":2,"profile":"bad"}],
                 "profiles":{"h":{"type":"parallel_homogeneous","cpu":1e15,"com":1e9},"bad":{"type":"parallel","cpu":[1],"com":[]},
                 "m":{"type":"parallel","cpu":[1e15,2e15],"com":[0,1e12,0,0]}}})");
  write_file(folder / "s.yaml",
             "name: t\nsite: {pools: [{name: h, server: HGX H20, count: 8}]}\nworkload: {file: w.json}\n");
  const auto run = [&](const std::vector<std::string>& arguments) {
    const Outcome o = run_binary(ALIGHT_BINARY, arguments, folder.path(), 30);
    INFO(o.text());
    REQUIRE(o.code == 0);
    return o;
  };
  run({"run", "s.yaml", "--out", "one"});
  run({"import", "batsim", "w.json", "--out", "w.csv"});
  run({"run", "s.yaml", "--set", "workload.file=w.csv", "--out", "two"});
  CHECK(text_of(folder / "one/jobs.csv") == text_of(folder / "two/jobs.csv"));
  CHECK(text_of(folder / "one/jobs.csv").find("completed") != std::string::npos);
}
