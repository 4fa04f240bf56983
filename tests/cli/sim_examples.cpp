// Every example is accepted, runs to its end, and leaves what the documentation promises.
#include <catch2/catch.hpp>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/support/examples.hpp"
#include "tests/support/golden.hpp"

using namespace alight::test;

namespace {

// The one trace that is not part of the project.
bool lacks_its_trace(const std::filesystem::path& example) {
  return example.filename() == "openb.yaml" &&
         !std::filesystem::exists(
             example.parent_path() /
             "../../../../shared/reference/traces/alibaba_openb_2023/openb_pod_list_default.csv.gz");
}

// The comment a file begins with, as one text.
std::string first_comment(const std::string& text) {
  std::string comment;
  for (std::size_t at = 0; at < text.size() && text[at] == '#';) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    comment += text.substr(at + 1, end - at - 1) + '\n';
    at = end + 1;
  }
  return comment;
}

}  // namespace

TEST_CASE("Every example begins with the question it answers") {
  for (const auto& example : example_files()) {
    INFO(example.string());
    const std::string comment = first_comment(text_of(example));
    CHECK(comment.find('?') != std::string::npos);
  }
}

TEST_CASE("Examples of every kind of network print their bill of links") {
  const TemporaryFolder folder;
  const auto log = folder.path() / "log";
  for (const char* name : {"tpu-pod", "dragonfly", "supernodes"})
    for (const auto& example : example_files()) {
      if (example.stem() != name) continue;
      INFO(example.string());
      CHECK(alight_exit("check '" + example.string() + "'", log) == 0);
      CHECK(text_of(log).find("\n  cables ") != std::string::npos);
    }
  CHECK(text_of(log).find("fm mesh u: ") != std::string::npos);
}

TEST_CASE("Every example is accepted and runs to its end with nothing lost") {
  const TemporaryFolder folder;
  const auto log = folder.path() / "log";
  const auto examples = example_files();
  CHECK(examples.size() >= 10);
  for (const auto& example : examples) {
    if (lacks_its_trace(example)) {
      std::cout << example.filename().string() << " passed over: its trace is not here\n";
      continue;
    }
    const std::string quoted = " '" + example.string() + "'";
    const int checked = alight_exit("check" + quoted, log);
    INFO(example.string() << "\n" << text_of(log));
    CHECK(checked == 0);

    const auto out = folder.path() / example.stem();
    const int code = alight_exit("run" + quoted + " --out '" + out.string() + "'", log);
    INFO(text_of(log));
    REQUIRE(code == 0);
    for (const char* file : {"summary.json", "summary.txt", "jobs.csv", "ledger.csv", "events.csv", "resolved.yaml"}) {
      INFO(file);
      CHECK(std::filesystem::file_size(out / file) > 0);
    }
    const auto manifest = nlohmann::json::parse(text_of(out / "manifest.json"));
    CHECK(manifest.at("state") == "complete");
    const auto summary = nlohmann::json::parse(text_of(out / "summary.json"));
    CHECK(summary.at("state") == "complete");
    double sum = 0;
    for (const auto& [state, chip_s] : summary.at("ledger_chip_s").items()) sum += chip_s.get<double>();
    const double installed = summary.at("installed_chip_s");
    CHECK(installed > 0);
    CHECK(std::abs(sum - installed) <= 1e-9 * installed);
  }
}

TEST_CASE("The resolved scenario of an example gives the same tables again") {
  const TemporaryFolder folder;
  const auto log = folder.path() / "log";
  const auto first = folder.path() / "first", again = folder.path() / "again";
  const auto example = examples_folder() / "own-chip.yaml";
  REQUIRE(alight_exit("run '" + example.string() + "' --out '" + first.string() + "'", log) == 0);
  REQUIRE(alight_exit("run '" + (first / "resolved.yaml").string() + "' --out '" + again.string() + "'", log) == 0);
  for (const char* file : {"summary.json", "jobs.csv", "ledger.csv", "events.csv", "resolved.yaml"}) {
    INFO(file);
    CHECK(text_of(first / file) == text_of(again / file));
  }
}
