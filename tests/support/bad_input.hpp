// A base scenario to spoil, and the judge of what the binary then says: exit code 2, the place named, nothing left
// behind, never a crash, a hang or an error of our own.
#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/binary.hpp"

namespace alight::test {

inline constexpr const char* kScenario = R"(name: base
seed: 3
start: 2025-06-01
horizon: 2 d
site:
  pools:
    - name: h
      server: HGX H20
      count: 4
      rack: {servers: 2}
      stack: cuda
      rails: 1
      phases: [{after: 1 h, racks: 1}]
    - name: n
      server: Atlas 800T A2
      count: 2
      stack: cann
      from: 2025-06-02
  network:
    leaf: {rate: 400 Gbps, down_ports: 32, oversubscription: 1:1, latency: 600 ns}
    spine: {rate: 400 Gbps, down_ports: 64}
workload:
  jobs:
    - {id: a, submit: 5 s, duration: 1 h, chips: 4, count: 3}
    - {id: b, duration: 2 h, estimate: 3 h, chips: 8, stack: cuda, vc: x, priority: 2}
scheduler:
  policy: easy
  placement: pack
  queues: {x: 50 %}
output: {ledger_bin: 1 h}
)";

/// The base scenario with one passage replaced; throws where it is not there, so that no case goes blind.
inline std::string with(const std::string& passage, const std::string& by, std::string text = kScenario) {
  const auto at = text.find(passage);
  if (at == std::string::npos) throw std::logic_error("the base scenario has no " + passage);
  return text.replace(at, passage.size(), by);
}

inline std::string clipped(std::string text) {
  if (text.size() > 100) text = text.substr(0, 100) + "...";
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32) c = ' ';
  return text;
}

/// Runs commands in a folder of its own and judges how they end.
class Judge {
 public:
  /// Must be refused; the message names `place` (a key, a file, a value).
  void refused(const std::string& what, const std::vector<std::string>& arguments, const std::string& place) {
    const Outcome o = run(arguments);
    INFO("case: " << clipped(what) << "\n" << o.text());
    check_manners(o);
    CHECK(o.code == 2);
    CHECK_FALSE(o.err.empty());
    CHECK(o.err.find(place) != std::string::npos);
    CHECK(o.err.find("internal error") == std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder / "out"));
  }
  void refused_text(const std::string& what, const std::string& scenario, const std::string& place) {
    write_file(folder / "s.yaml", scenario);
    refused(what, {"run", "s.yaml", "--out", "out"}, place);
  }
  /// Must run; its summary counts `skipped` rows and `rejected` jobs.
  void counted(const std::string& what, const std::vector<std::string>& arguments, std::int64_t skipped,
               std::int64_t rejected) {
    const Outcome o = run(arguments);
    INFO("case: " << clipped(what) << "\n" << o.text());
    check_manners(o);
    CHECK(o.code == 0);
    const auto summary = nlohmann::json::parse(text_of(folder / "out/summary.json"), nullptr, false);
    CHECK_FALSE(summary.is_discarded());
    if (summary.is_discarded()) return;
    CHECK(summary["state"] == "complete");
    CHECK(summary["input_rows"]["skipped"] == skipped);
    CHECK(summary["jobs"]["rejected"] == rejected);
  }

  Folder folder;
  int cases = 0;

 private:
  Outcome run(const std::vector<std::string>& arguments) {
    std::filesystem::remove_all(folder / "out");
    ++cases;
    return run_binary(ALIGHT_BINARY, arguments, folder.path());
  }
  static void check_manners(const Outcome& o) {
    CHECK_FALSE(o.hung);
    CHECK(o.signal == 0);
    CHECK((o.code == 0 || o.code == 2));
  }
};

}  // namespace alight::test
