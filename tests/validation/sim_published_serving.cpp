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

/// Mean absolute error and bias in percent that a group's time between tokens may not exceed, and mean absolute error
/// of its first token's.
struct Bound {
  const char* group;
  double mean, bias, first;
};
constexpr Bound kBounds[] = {
    // group                                  mean, bias, first token    measured
    {"mode agg", 12, 5, 34},                       // 11.4  +0.4  32.1
    {"chip b200_sxm agg", 12, 5, 30},              //
    {"chip h100_sxm agg", 12, 5, 28},              //
    {"engine vllm agg", 12, 5, 26},                //
    {"engine trtllm agg", 12, 5, 34},              //
    {"engine sglang agg", 15, 5, 42},              //
    {"model Llama-3.1-70B agg", 9, 5, 28},         //
    {"model MiniMax-M2.5 agg", 12, 5, 20},         //
    {"model DeepSeek-V3 agg", 12, 5, 40},          //
    {"model Qwen3-32B agg", 12, 5, 30},            //
    {"model Qwen3-235B-A22B-FP8 agg", 12, 5, 30},  //
    {"model Qwen3.5-397B-A17B agg", 15, 5, 28},    //
    {"mode disagg", 32, 9, 75},                    //
    {"model DeepSeek-V3 disagg", 19, 5, 52},       //
};

/// Ids of the rows that constants were fitted to.
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
  const Outcome o = run_binary(ALIGHT_BINARY, {"predict", "serving", "--cases", cases.string(), "--out", "out.csv"},
                               folder.path(), 600);
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
  for (const Bound& bound : kBounds) {
    CAPTURE(bound.group);
    REQUIRE(groups.count(bound.group));
    const Errors& e = groups.at(bound.group);
    CHECK(Errors::mean(e.tpot) < bound.mean);
    CHECK(std::abs(Errors::bias(e.tpot)) < bound.bias);
    CHECK(Errors::mean(e.ttft) < bound.first);
  }
}
