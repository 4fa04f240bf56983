// What GPUs draw under a load like Acme's two clusters of A100, beside what was measured there (Hu et al., NSDI 2024;
// distributions of the AcmeTrace repository).
//
// What calibrates: nothing of it. The default `opaque_power`, 0.5 of the span from idle to the limit for chips whose
// job nobody can see inside, is checked: Seren's chips with work drew 0.48 of it, Kalos' 0.59. The share of chips with
// work is set by the number of jobs.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "models/power/chip_power.hpp"
#include "tests/support/binary.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/reference.hpp"

using namespace alight;
using namespace alight::test;

namespace {

struct Distribution {
  double mean = 0, median = 0, above_400 = 0;
};

/// Of a table of values at cumulative per cent.
Distribution published(const std::filesystem::path& file) {
  Distribution d;
  double before = 0, at = 0, below_400 = 0;
  bool first = true;
  for (const CsvRow& row : csv_rows(file)) {
    const double watts = std::stod(row.at("value")), percent = std::stod(row.at("cdf_percent"));
    if (!first) d.mean += (percent - at) / 100 * (watts + before) / 2;
    if (at < 50 && percent >= 50) d.median = watts;
    if (watts <= 400) below_400 = percent;
    before = watts, at = percent, first = false;
  }
  d.above_400 = 100 - below_400;
  return d;
}

double share_with_work(const std::filesystem::path& file) {
  double none = 0;
  for (const CsvRow& row : csv_rows(file))
    if (std::stod(row.at("value")) <= 0) none = std::stod(row.at("cdf_percent"));
  return 1 - none / 100;
}

struct Cluster {
  const char* name;
  int servers, jobs;
  double mean_error;  ///< at most, of the published mean
};

}  // namespace

TEST_CASE("chips under a load like Acme's draw what was measured there on average, and not as unevenly") {
  constexpr ChipRatings kA100{.idle_w = kIdleShare * 400, .tdp_w = 400};
  const double opaque_w = kA100.idle_w + 0.5 * (kA100.tdp_w - kA100.idle_w);
  std::printf("%-6s %20s %22s %22s %22s\n", "", "chips with work", "mean W", "median W", "above 400 W");
  for (const Cluster& cluster : {Cluster{"seren", 286, 225000, 0.05}, Cluster{"kalos", 302, 14300, 0.16}}) {
    const std::string folder_of = "traces/acme_stats/derived/";
    ALIGHT_REFERENCE_OR_SKIP(power, folder_of + cluster.name + "_a100_gpu_power_w.csv");
    ALIGHT_REFERENCE_OR_SKIP(use, folder_of + cluster.name + "_gpu_util_pct.csv");
    const Folder folder;
    write_file(folder / "s.yaml",
               std::string("name: acme\nhorizon: 30 d\nsite:\n  pools: [{name: a100, server: HGX A100, "
                           "rack: 2, count: ") +
                   std::to_string(cluster.servers) +
                   "}]\n  facility: {cooling: air}\nworkload:\n  generate: [{name: jobs, like: " + cluster.name +
                   ", jobs: " + std::to_string(cluster.jobs) + ", horizon: 30 d}]\n");
    const Outcome o = run_binary(ALIGHT_BINARY, {"run", "s.yaml", "--out", "out"}, folder.path(), 60);
    INFO(o.text());
    REQUIRE(o.code == 0);
    const auto pool = nlohmann::json::parse(text_of(folder / "out/summary.json")).at("pools").at(0);
    double all = 0, opaque = 0;
    for (const auto& [state, chip_s] : pool.at("ledger_chip_s").items()) {
      all += chip_s.get<double>();
      if (state == "opaque") opaque = chip_s;
    }
    const double lit = opaque / all;
    const Distribution there = published(power);
    const Distribution here{.mean = lit * opaque_w + (1 - lit) * kA100.idle_w,
                            .median = lit > 0.5 ? opaque_w : kA100.idle_w,
                            .above_400 = 0};
    std::printf("%-6s %8.1f %% of %5.1f %% %10.1f of %7.1f %11.1f of %7.1f %10.1f %% of %4.1f %%\n", cluster.name,
                100 * lit, 100 * share_with_work(use), here.mean, there.mean, here.median, there.median, here.above_400,
                there.above_400);
    CHECK(lit == Approx(share_with_work(use)).margin(0.02));
    CHECK(std::abs(here.mean / there.mean - 1) < cluster.mean_error);
  }
}
