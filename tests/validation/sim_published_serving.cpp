// The command against measured serving runs: mean absolute error and bias of the time to the first token and of the
// time between tokens, by model, chip, mode and engine, over the rows that were not used for calibration.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <vector>

#include "tests/support/binary.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/reference.hpp"

using namespace alight::test;

namespace {

struct Errors {
  std::vector<double> tpot, ttft;  // percent, signed

  static double mean(const std::vector<double>& errors) {
    double sum = 0;
    for (const double e : errors) sum += std::abs(e);
    return errors.empty() ? 0 : sum / static_cast<double>(errors.size());
  }
  static double bias(const std::vector<double>& errors) {
    double sum = 0;
    for (const double e : errors) sum += e;
    return errors.empty() ? 0 : sum / static_cast<double>(errors.size());
  }
  static double median(std::vector<double> errors) {
    if (errors.empty()) return 0;
    for (double& e : errors) e = std::abs(e);
    std::sort(errors.begin(), errors.end());
    return errors[errors.size() / 2];
  }
};

/// Ids of docs/serving-model.md's list of calibration rows.
std::set<std::string> calibration() {
  std::set<std::string> ids;
  std::ifstream in(std::filesystem::path(ALIGHT_SOURCE_DIR) / "docs/serving-calibration.txt");
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line[0] != '#') ids.insert(line);
  return ids;
}

std::string model_of(const std::string& path) {
  if (path.find("DeepSeek") != std::string::npos)
    return path.find("V3") != std::string::npos ? "DeepSeek-V3" : "DeepSeek-R1";
  return path.substr(path.find('/') + 1);
}

}  // namespace

TEST_CASE("measured serving runs") {
  ALIGHT_REFERENCE_OR_SKIP(cases, "measured/serving/silicon_open.csv");
  Folder folder;
  const Outcome o =
      run_binary(ALIGHT_BINARY, {"predict", "serving", "--cases", cases.string(), "--out", "out.csv"}, folder.path());
  INFO(o.text());
  REQUIRE(o.code == 0);
  const std::vector<CsvRow> measured = csv_rows(cases), predicted = csv_rows(folder / "out.csv");
  REQUIRE(measured.size() == predicted.size());
  const std::set<std::string> fitted = calibration();
  CHECK(fitted.size() <= measured.size() / 20);
  std::map<std::string, Errors> groups;
  std::size_t answered = 0, in_calibration = 0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const CsvRow& m = measured[i];
    const CsvRow& p = predicted[i];
    REQUIRE(m.at("id") == p.at("id"));
    CHECK_FALSE(p.at("status").empty());
    if (p.at("tpot_ms").empty()) continue;
    ++answered;
    if (fitted.count(m.at("id"))) {
      ++in_calibration;
      continue;
    }
    const double tpot = 100 * (std::stod(p.at("tpot_ms")) / std::stod(m.at("silicon_tpot_ms")) - 1);
    const double ttft = 100 * (std::stod(p.at("ttft_ms")) / std::stod(m.at("silicon_ttft_ms")) - 1);
    const std::string mode = m.at("mode");
    for (const std::string& group :
         {std::string("all"), "mode " + mode, "chip " + m.at("system") + " " + mode,
          "engine " + m.at("backend") + " " + mode, "model " + model_of(m.at("model_path")) + " " + mode}) {
      groups[group].tpot.push_back(tpot);
      groups[group].ttft.push_back(ttft);
    }
  }
  std::printf("%zu rows, %zu answered, %zu of them used for calibration and left out\n", measured.size(), answered,
              in_calibration);
  std::printf("%-46s %5s | %6s %7s %7s | %7s %8s %7s\n", "", "rows", "TPOT %", "bias", "median", "TTFT %", "bias",
              "median");
  for (const auto& [group, e] : groups)
    std::printf("%-46s %5zu | %6.1f %+7.1f %7.1f | %7.1f %+8.1f %7.1f\n", group.c_str(), e.tpot.size(),
                Errors::mean(e.tpot), Errors::bias(e.tpot), Errors::median(e.tpot), Errors::mean(e.ttft),
                Errors::bias(e.ttft), Errors::median(e.ttft));
  CHECK(answered == measured.size());
}
