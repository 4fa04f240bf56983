// Slow chips in runs against the law of their speeds: what synchronous jobs of n chips lose to the slowest of them over
// many seeds, under the variation that Sinha et al. measured (SC'22, arXiv 2208.11035), and closed forms of it.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "models/reliability/slow_chips.hpp"
#include "tests/support/binary.hpp"

using namespace alight;
using namespace alight::test;

namespace {

struct Sample {
  double sum = 0, squares = 0, n = 0;
  void add(double x) { sum += x, squares += x * x, ++n; }
  double mean() const { return sum / n; }
  double error() const { return std::sqrt((squares - sum * sum / n) / (n - 1) / n); }
};

/// 12,480 chips: 64 jobs of 8, 16 of 64, 6 of 512, one of 4,096 and one of 2,048, all at once, each of 1,000 s.
std::string scenario(const std::string& speeds) {
  return "name: slow\nhorizon: 1 d\nnetwork: none\nsite:\n  pools:\n    - {name: a, server: HGX H100, count: 1600, "
         "speeds: {" +
         speeds +
         "}}\nworkload:\n  jobs:\n"
         "    - {id: n8, chips: 8, duration: 1000 s, count: 64}\n    - {id: n64, chips: 64, duration: 1000 s, count: "
         "16}\n"
         "    - {id: n512, chips: 512, duration: 1000 s, count: 6}\n    - {id: n4096, chips: 4096, duration: 1000 s}\n";
}

}  // namespace

TEST_CASE(
    "what synchronous jobs lose to their slowest chip is what the law of speeds expects, under published spreads") {
  struct Law {
    const char* text;
    ChipSpeeds speeds;
  };
  const Law laws[] = {
      {"range: 8 %", {.spread = spread_from_range(0.08, 8)}},
      {"range: 22 %", {.spread = spread_from_range(0.22, 8)}},
      {"range: 8 %, stragglers: 0.01 %, straggler_speed: 66.6666666666667 %",
       {.spread = spread_from_range(0.08, 8), .straggler_share = 1e-4, .straggler_speed = 2.0 / 3}},
  };
  constexpr int kSeeds = 40;
  const Folder folder;
  for (const Law& law : laws) {
    write_file(folder / "s.yaml", scenario(law.text));
    std::map<int, Sample> pace;
    for (int seed = 1; seed <= kSeeds; ++seed) {
      const Outcome o = run_binary(ALIGHT_BINARY, {"run", "s.yaml", "--out", "out", "--seed", std::to_string(seed)},
                                   folder.path(), 60);
      INFO(o.text());
      REQUIRE(o.code == 0);
      std::istringstream rows(text_of(folder / "out/jobs.csv"));
      std::string row;
      std::getline(rows, row);
      while (std::getline(rows, row)) {
        std::vector<std::string> fields;
        std::istringstream line(row);
        for (std::string field; std::getline(line, field, ',');) fields.push_back(field);
        pace[std::stoi(fields.at(5))].add(1000 / std::stod(fields.at(12)));  // chips, run_s
      }
    }
    for (const auto& [chips, sample] : pace) {
      const double lost = 1 - sample.mean() / law.speeds.mean(), expected = lost_to_slowest(law.speeds, chips);
      std::printf("%-72s %5d chips: lost %.2f %% (+- %.2f), the law says %.2f %%\n", law.text, chips, 100 * lost,
                  100 * sample.error(), 100 * expected);
      CHECK(std::abs(lost - expected) < 4 * sample.error() + 1e-4);
    }
    CHECK(pace.size() == 4);
  }
}
