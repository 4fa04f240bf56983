// The fitted presets against the published statistics of their clusters.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "tests/support/reference.hpp"
#include "workloads/generate/fit.hpp"
#include "workloads/generate/law.hpp"

using namespace alight;

namespace {

using Row = std::map<std::string, std::string>;

std::map<std::string, Row> read_csv(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::map<std::string, Row> rows;
  std::vector<std::string> header;
  for (std::string line; std::getline(in, line);) {
    std::stringstream cells(line);
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
    if (header.empty()) {
      header = row;
      continue;
    }
    for (std::size_t i = 0; i < row.size(); ++i) rows[row[0]][header[i]] = row[i];
  }
  return rows;
}

const char* const kColumns[] = {"complete", "cancel", "fail"};
const char* const kStatuses[] = {"completed", "cancelled", "failed"};

/// Every number of `c` that the file states is the file's.
void check_published(const ClusterStatistics& c, Row row) {
  CAPTURE(c.name);
  REQUIRE_FALSE(row.empty());
  const auto number = [&](const std::string& column) { return std::stod(row.at(column)); };
  CHECK(static_cast<double>(c.jobs) == number("gpu_job_num"));
  CHECK(c.mean_duration_s == number("avg_run_time_gpu"));
  CHECK(c.median_duration_s == number("med_run_time_gpu"));
  CHECK(c.mean_chips == number("avg_gpu_num"));
  CHECK(number("med_gpu_num") == 1);
  if (row.count("max_run_time_gpu")) CHECK(c.max_duration_s == number("max_run_time_gpu"));
  if (row.count("max_gpu")) CHECK(static_cast<double>(c.max_chips) == number("max_gpu"));
  if (row.count("gpu_num")) CHECK(static_cast<double>(c.chips) == number("gpu_num"));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(c.job_share[i] == number(std::string(kColumns[i]) + "_rate_gpu"));
    CHECK(c.chip_s[i] == number(std::string(kColumns[i]) + "_gpu_time"));
  }
}

GeneratorSpec of_preset(std::string_view name) {
  GeneratorSpec spec;
  spec.like = std::string(name);
  return spec;
}

}  // namespace

TEST_CASE("the statistics that presets are built on are the published ones") {
  ALIGHT_REFERENCE_OR_SKIP(acme, "traces/acme_stats/cluster_summary.csv");
  ALIGHT_REFERENCE_OR_SKIP(helios, "traces/helios_stats/helios_cluster_summary.csv");
  auto rows = read_csv(acme);
  rows.merge(read_csv(helios));
  for (const auto& c : published_clusters()) {
    std::string id(c.name);
    id[0] = static_cast<char>(std::toupper(id[0]));
    check_published(c, rows[id]);
  }
}

TEST_CASE("the parameters that presets ship are what the fit finds") {
  for (const auto& c : published_clusters()) {
    CAPTURE(c.name);
    const Fit found = fit(c);
    CHECK(found.residual < 1e-9);
    const FittedShape& shipped = fitted_shape(c.name);
    for (std::size_t i = 0; i < 3; ++i) CHECK(shipped.tilt[i] == Approx(found.shape.tilt[i]).margin(2e-6));
    CHECK(shipped.short_median_s == Approx(found.shape.short_median_s).epsilon(1e-5));
    CHECK(shipped.long_weight == Approx(found.shape.long_weight).epsilon(1e-5));
    CHECK(shipped.long_growth == Approx(found.shape.long_growth).margin(2e-6));
    CHECK(shipped.one_chip_weight == Approx(found.shape.one_chip_weight).epsilon(1e-5));
  }
}

TEST_CASE("expectations of the presets are the published numbers within 0.1 %") {
  for (const auto& c : published_clusters()) {
    CAPTURE(c.name);
    const Expectation e = expectation(of_preset(c.name));
    const double total = c.chip_s[0] + c.chip_s[1] + c.chip_s[2];
    CHECK(e.chips == Approx(c.mean_chips).epsilon(1e-3));
    CHECK(e.median_chips == 1);
    CHECK(e.duration_s == Approx(c.mean_duration_s).epsilon(1e-3));
    CHECK(e.median_s == Approx(c.median_duration_s).epsilon(1e-3));
    CHECK(e.chip_s == Approx(total / static_cast<double>(c.jobs)).epsilon(1e-3));
    for (const auto& part : e.statuses)
      for (std::size_t i = 0; i < 3; ++i)
        if (part.status == kStatuses[i]) {
          // Shares are printed to three decimals and add up to 0.999 to 1.001.
          CHECK(part.share == Approx(c.job_share[i]).margin(1.1e-3));
          CHECK(part.chip_s_share == Approx(c.chip_s[i] / total).margin(1e-3));
        }
  }
}

TEST_CASE("samples of the presets meet the published numbers") {
  // 200,000 jobs: medians within 5 %, means within 10 %, shares of jobs within 2 points. Chip-seconds hang on a few
  // jobs (one of 2,048 chips at the time limit holds a sixth of all that 1,000,000 Helios jobs do), so they are held
  // to four standard errors of 1,000,000 jobs; that their expectation is right is tested above.
  std::printf("%-8s %21s %17s %17s %29s\n", "", "mean duration s", "median s", "mean chips", "chip-s share c/x/f %");
  for (const auto& c : published_clusters()) {
    CAPTURE(c.name);
    GeneratorSpec spec = of_preset(c.name);
    spec.jobs = 1000000;
    const Workload w = generate(spec, 20);
    const auto sample = [&](std::size_t count) {
      struct {
        double duration = 0, median = 0, chips = 0, median_chips = 0, chip_s = 0, squares = 0;
        std::array<double, 3> jobs{}, time{};
      } s;
      std::vector<double> durations, sizes;
      for (std::size_t i = 0; i < count; ++i) {
        const Job& job = w.jobs[i];
        const double chips = static_cast<double>(job.chips);
        durations.push_back(job.duration_s);
        sizes.push_back(chips);
        s.duration += job.duration_s;
        s.chips += chips;
        s.chip_s += chips * job.duration_s;
        s.squares += std::pow(chips * job.duration_s, 2);
        for (std::size_t k = 0; k < 3; ++k)
          if (name_of(job.status) == kStatuses[k]) {
            s.jobs[k] += 1;
            s.time[k] += chips * job.duration_s;
          }
      }
      const auto middle = static_cast<std::ptrdiff_t>(count / 2);
      std::nth_element(durations.begin(), durations.begin() + middle, durations.end());
      std::nth_element(sizes.begin(), sizes.begin() + middle, sizes.end());
      s.median = durations[count / 2];
      s.median_chips = sizes[count / 2];
      for (double& time : s.time) time /= s.chip_s;
      const double n = static_cast<double>(count);
      for (double& jobs : s.jobs) jobs /= n;
      s.duration /= n;
      s.chips /= n;
      s.chip_s /= n;
      return s;
    };
    const auto s = sample(200000);
    CHECK(s.duration == Approx(c.mean_duration_s).epsilon(0.10));
    CHECK(s.median == Approx(c.median_duration_s).epsilon(0.05));
    CHECK(s.chips == Approx(c.mean_chips).epsilon(0.10));
    CHECK(s.median_chips == 1);
    for (std::size_t i = 0; i < 3; ++i) CHECK(s.jobs[i] == Approx(c.job_share[i]).margin(0.02));
    const auto large = sample(1000000);
    const double total = c.chip_s[0] + c.chip_s[1] + c.chip_s[2];
    // Relative standard error of a sum of independent terms, from its sum of squares; shares have at most this one.
    const double error = std::sqrt(large.squares) / (large.chip_s * 1e6);
    CHECK(large.chip_s == Approx(total / static_cast<double>(c.jobs)).epsilon(4 * error));
    for (std::size_t i = 0; i < 3; ++i) CHECK(large.time[i] == Approx(c.chip_s[i] / total).margin(4 * error));
    std::printf(
        "%-8s %9.0f of %8.0f %6.0f of %6.0f %6.2f of %6.2f  %2.0f/%2.0f/%2.0f of %2.0f/%2.0f/%2.0f  standard error "
        "%.1f\n",
        c.name.data(), s.duration, c.mean_duration_s, s.median, c.median_duration_s, s.chips, c.mean_chips,
        100 * large.time[0], 100 * large.time[1], 100 * large.time[2], 100 * c.chip_s[0] / total,
        100 * c.chip_s[1] / total, 100 * c.chip_s[2] / total, 100 * error);
  }
}
