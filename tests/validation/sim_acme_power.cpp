// What GPUs draw in runs under a load like Acme's two clusters of A100, beside what was measured there (Hu et al., NSDI
// 2024; distributions of the AcmeTrace repository).
//
// What calibrates: the distribution of Seren's chips with work is the catalogue's power profile (platforms/catalog/
// power-profiles.yaml); and the share of chips with work is set by the number of jobs. So Seren's rows say what a run
// makes of it: jobs are few that hold most of the chips' time, and each draws one share for all its life. Kalos' rows
// are checked with Seren's profile, and nothing of them calibrates.
//
// Readings at the limit of a chip scatter about it, since the limit is held on average (the profile's note): a reading
// of a chip at its limit is normal here, with Seren's spread of 21 W. That is of the comparison, not of the run's
// energy.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/support/binary.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/reference.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr double kIdle_w = 64, kLimit_w = 400, kScatter_w = 21;

/// Shares of readings at or below, watt by watt.
using Cumulative = std::vector<double>;
constexpr std::size_t kWatts = 601;

Cumulative published(const std::filesystem::path& file) {
  Cumulative below(kWatts, 0);
  for (const CsvRow& row : csv_rows(file)) {
    const auto from = static_cast<std::size_t>(std::ceil(std::stod(row.at("value"))));
    for (std::size_t w = from; w < kWatts; ++w) below[w] = std::max(below[w], std::stod(row.at("cdf_percent")) / 100);
  }
  return below;
}

/// Chip-seconds of chips with work by the watts they draw; those without draw the idle power.
std::map<double, double> with_work(const std::filesystem::path& file) {
  std::map<double, double> drawn;
  for (const CsvRow& row : csv_rows(file))
    if (const double watts = std::stod(row.at("chip_w")); watts > kIdle_w) drawn[watts] += std::stod(row.at("chip_s"));
  return drawn;
}

/// As readings, where a share of all chips has work.
Cumulative read_as_there(const std::map<double, double>& drawn, double lit) {
  Cumulative below(kWatts, 0);
  double all = 0;
  for (const auto& [watts, chip_s] : drawn) all += chip_s;
  for (std::size_t w = 0; w < kWatts; ++w) {
    if (static_cast<double>(w) >= kIdle_w) below[w] = 1 - lit;
    for (const auto& [watts, chip_s] : drawn) {
      const double above_w = static_cast<double>(w) - watts;
      const bool scatters = watts >= 0.98 * kLimit_w;
      below[w] += lit * chip_s / all *
                  (scatters       ? 0.5 * std::erfc(-above_w / kScatter_w / std::sqrt(2.0))
                   : above_w >= 0 ? 1.0
                                  : 0.0);
    }
  }
  return below;
}

double mean_w(const Cumulative& below) {
  double mean = 0;
  for (std::size_t w = 1; w < kWatts; ++w) mean += (below[w] - below[w - 1]) * (static_cast<double>(w) - 0.5);
  return mean;
}

double quantile_w(const Cumulative& below, double share) {
  std::size_t w = 0;
  while (w + 1 < kWatts && below[w] < share) ++w;
  return static_cast<double>(w);
}

/// The largest difference of two shares (Kolmogorov's), above the readings of chips without work: those spread from 60
/// to 73 W, while here all such chips draw 64.
double apart(const Cumulative& a, const Cumulative& b) {
  double most = 0;
  for (std::size_t w = 75; w < kWatts; ++w) most = std::max(most, std::abs(a[w] - b[w]));
  return most;
}

double share_with_work(const std::filesystem::path& file) {
  double none = 0;
  for (const CsvRow& row : csv_rows(file))
    if (std::stod(row.at("value")) <= 0) none = std::stod(row.at("cdf_percent"));
  return 1 - none / 100;
}

struct Cluster {
  const char* name;
  const char* server;
  int servers, jobs, seeds;
  double mean_error;  ///< at most, of the published mean
  double apart;       ///< at most
};

/// What a run makes of a cluster.
struct PlayedCluster {
  double lit = 0, server_w = 0;
  std::map<double, double> drawn;
};

PlayedCluster play(const Cluster& cluster, int seed, const std::string& opaque) {
  const Folder folder;
  write_file(folder / "s.yaml", std::string("name: acme\nhorizon: 30 d\nseed: ") + std::to_string(seed) +
                                    "\nsite:\n  pools: [{name: a100, server: " + cluster.server +
                                    ", rack: 2, count: " + std::to_string(cluster.servers) +
                                    "}]\n  facility: {cooling: air, opaque_power: " + opaque +
                                    "}\nworkload:\n  generate: [{name: jobs, like: " + cluster.name +
                                    ", jobs: " + std::to_string(cluster.jobs) + ", horizon: 30 d}]\n");
  const Outcome o = run_binary(ALIGHT_BINARY, {"run", "s.yaml", "--out", "out"}, folder.path(), 60);
  INFO(o.text());
  REQUIRE(o.code == 0);
  const auto summary = nlohmann::json::parse(text_of(folder / "out/summary.json"));
  PlayedCluster played{.drawn = with_work(folder / "out/chip-power.csv")};
  double all = 0;
  for (const auto& [state, chip_s] : summary.at("pools").at(0).at("ledger_chip_s").items()) {
    all += chip_s.get<double>();
    if (state == "opaque") played.lit = chip_s;
  }
  played.lit /= all;
  played.server_w = summary.at("energy").at("servers_kwh").get<double>() * 1e3 / (30 * 24) / cluster.servers;
  return played;
}

void print_row(const std::string& what, double lit, const Cumulative& d) {
  std::printf("%-22s %6.1f %6.1f %6.0f %6.0f %6.0f %6.0f %6.0f %9.1f", what.c_str(), 100 * lit, mean_w(d),
              quantile_w(d, 0.1), quantile_w(d, 0.5), quantile_w(d, 0.75), quantile_w(d, 0.9), quantile_w(d, 0.95),
              100 * (1 - d[400]));
}

}  // namespace

// Few jobs hold most of the chips' time, and how much of it they hold is another with every seed. So the chips with
// work of all seeds are taken together, and as many of all as had work there.
TEST_CASE("chips under a load like Acme's draw what was measured there, as unevenly as there") {
  std::printf("%-22s %6s %6s %6s %6s %6s %6s %6s %9s %6s\n", "", "work %", "mean W", "p10", "p50", "p75", "p90", "p95",
              "> 400 W %", "apart");
  for (const Cluster& cluster : {Cluster{"seren", "Acme Seren node", 286, 225000, 8, 0.06, 0.1},
                                 Cluster{"kalos", "Acme Kalos node", 302, 14300, 24, 0.16, 0.2}}) {
    const std::string folder_of = "traces/acme_stats/derived/";
    ALIGHT_REFERENCE_OR_SKIP(power, folder_of + cluster.name + "_a100_gpu_power_w.csv");
    ALIGHT_REFERENCE_OR_SKIP(use, folder_of + cluster.name + "_gpu_util_pct.csv");
    const Cumulative there = published(power);
    const double lit_there = share_with_work(use);
    print_row(std::string(cluster.name) + " measured", lit_there, there);
    std::printf("\n");
    PlayedCluster all;
    for (int seed = 1; seed <= cluster.seeds; ++seed) {
      const PlayedCluster here = play(cluster, seed, "{profile: Acme Seren}");
      // The number of jobs is set for the first seed.
      if (seed == 1) CHECK(here.lit == Approx(lit_there).margin(0.02));
      const Cumulative alone = read_as_there(here.drawn, here.lit);
      print_row("  seed " + std::to_string(seed), here.lit, alone);
      std::printf(" %6.2f   a server %.0f W\n", apart(alone, there), here.server_w);
      for (const auto& [watts, chip_s] : here.drawn) all.drawn[watts] += chip_s;
      all.lit += here.lit / cluster.seeds, all.server_w += here.server_w / cluster.seeds;
    }
    const Cumulative together = read_as_there(all.drawn, lit_there);
    print_row("  all, as many as there", lit_there, together);
    std::printf(" %6.2f   (%.1f %% of chips with work, a server %.0f W)\n", apart(together, there), 100 * all.lit,
                all.server_w);
    const Cumulative even = read_as_there(play(cluster, 1, "0.5").drawn, lit_there);
    print_row("  opaque_power: 0.5", lit_there, even);
    std::printf(" %6.2f\n", apart(even, there));
    CHECK(std::abs(mean_w(together) / mean_w(there) - 1) < cluster.mean_error);
    CHECK(apart(together, there) < cluster.apart);
    CHECK(apart(together, there) < apart(even, there) / 2);
  }
}
