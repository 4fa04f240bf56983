// What the presets took from job-level data, found again in that data, and what the philly preset says of numbers of
// the trace that it was not fitted to.
#include <algorithm>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filter/lzma.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "tests/support/reference.hpp"
#include "workloads/generate/law.hpp"
#include "workloads/generate/presets.hpp"

using namespace alight;

namespace {

constexpr double kDay = 86400;
constexpr double kWeek = 7 * kDay;

template <class Filter>
std::vector<std::vector<std::string>> read_rows(const std::filesystem::path& path, Filter filter) {
  std::ifstream file(path, std::ios::binary);
  boost::iostreams::filtering_istream in;
  in.push(filter);
  in.push(file);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    std::stringstream cells(line);
    auto& row = rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
  }
  return rows;
}

double unix_s(const std::string& text) {
  return static_cast<double>(parse_date(text).value().unix_s);
}

struct PhillyJob {
  double submit_s, duration_s;  // submit since Monday 2017-10-02
  std::int64_t chips;
  std::string vc;
};
std::vector<PhillyJob> philly_jobs(const std::filesystem::path& path) {
  std::vector<PhillyJob> jobs;
  const double monday = unix_s("2017-10-02");
  const auto rows = read_rows(path, boost::iostreams::gzip_decompressor());
  for (std::size_t i = 1; i < rows.size(); ++i)
    jobs.push_back({unix_s(rows[i][0]) - monday, std::stod(rows[i][1]), std::stoll(rows[i][2]), rows[i][4]});
  return jobs;
}

GeneratorSpec resolved(const std::string& name) {
  GeneratorSpec spec;
  spec.like = name;
  return resolve(spec);
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size()))];
}

}  // namespace

TEST_CASE("philly: hours, days, gaps, sizes and virtual clusters are the trace's") {
  ALIGHT_REFERENCE_OR_SKIP(path, "traces/philly_pollux/philly.csv.gz");
  const GeneratorSpec spec = resolved("philly");
  std::vector<double> hours(24), days(7), submits;
  std::map<std::string, double> vcs, sizes;
  for (const PhillyJob& job : philly_jobs(path)) {
    ++vcs[job.vc];
    ++sizes[std::to_string(job.chips)];
    if (job.submit_s < 0 || job.submit_s >= 10 * kWeek) continue;
    submits.push_back(job.submit_s);
    ++hours[static_cast<std::size_t>(job.submit_s / 3600) % 24];
    ++days[static_cast<std::size_t>(job.submit_s / kDay) % 7];
  }
  CHECK(hours == spec.arrivals->hours);
  CHECK(days == spec.arrivals->days);
  CHECK(vcs == spec.vcs->weights);
  CHECK(sizes == spec.sizes->weights);

  std::sort(submits.begin(), submits.end());
  const WeeklyClock clock(*spec.arrivals);
  double sum = 0, squares = 0;
  for (std::size_t i = 1; i < submits.size(); ++i) {
    const double gap = clock.operational(submits[i]) - clock.operational(submits[i - 1]);
    sum += gap;
    squares += gap * gap;
  }
  const double n = static_cast<double>(submits.size() - 1);
  CHECK(std::sqrt(squares / n - sum / n * sum / n) / (sum / n) == Approx(spec.arrivals->cv).margin(0.01));
}

TEST_CASE("helios: hours, days and batches are those of the virtual clusters' sequences") {
  const GeneratorSpec spec = resolved("helios");
  std::vector<double> hours(24), days(7);
  double jobs = 0, minutes = 0;
  for (const char* vc : {"vc6YE", "vcpDC"}) {
    ALIGHT_REFERENCE_OR_SKIP(path, std::string("traces/helios_stats/cluster_sequence_vc_") + vc + ".csv.xz");
    const auto rows = read_rows(path, boost::iostreams::lzma_decompressor());
    REQUIRE(rows[0][4] == "total_gpujob_num");
    for (std::size_t i = 2; i < rows.size(); ++i) {
      const double more = std::stod(rows[i][4]) - std::stod(rows[i - 1][4]);
      if (more <= 0) continue;
      jobs += more;
      ++minutes;
      const double t = unix_s(rows[i][0]) - unix_s("2020-04-27");  // a Monday
      hours[static_cast<std::size_t>(t / 3600) % 24] += more;
      days[static_cast<std::size_t>(t / kDay) % 7] += more;
    }
  }
  CHECK(spec.arrivals->batch == Approx(jobs / minutes));
  CHECK(hours == spec.arrivals->hours);
  for (std::size_t d = 0; d < 7; ++d)  // May 2020 has five Fridays, Saturdays and Sundays
    CHECK(spec.arrivals->days[d] == std::round(days[d] / (d >= 4 ? 5 : 4)));
}

TEST_CASE("the two components of run times are the trace's, by expectation-maximisation") {
  ALIGHT_REFERENCE_OR_SKIP(path, "traces/philly_pollux/philly.csv.gz");
  // Two lognormals shared by all sizes, mixed by a weight per size (1, 2, 4, 8, others). Binned by 0.01 in ln(s).
  constexpr std::size_t kClasses = 5;
  std::map<std::pair<int, std::size_t>, double> bins;
  for (const PhillyJob& job : philly_jobs(path)) {
    const std::size_t size = job.chips == 1 ? 0 : job.chips == 2 ? 1 : job.chips == 4 ? 2 : job.chips == 8 ? 3 : 4;
    ++bins[{static_cast<int>(std::round(100 * std::log(std::max(1.0, job.duration_s)))), size}];
  }
  double mu[2] = {6, 11.5}, sigma[2] = {1.5, 1.2}, weight[kClasses][2];
  for (auto& w : weight) w[0] = 0.9, w[1] = 0.1;
  for (int step = 0; step < 300; ++step) {
    double s[2]{}, sx[2]{}, sxx[2]{}, sw[kClasses][2]{};
    for (const auto& [bin, n] : bins) {
      const double x = bin.first / 100.0;
      double p[2];
      for (int k = 0; k < 2; ++k) {
        const double z = (x - mu[k]) / sigma[k];
        p[k] = weight[bin.second][k] / sigma[k] * std::exp(-z * z / 2);
      }
      for (int k = 0; k < 2; ++k) {
        const double r = n * p[k] / (p[0] + p[1]);
        s[k] += r;
        sx[k] += r * x;
        sxx[k] += r * x * x;
        sw[bin.second][k] += r;
      }
    }
    for (int k = 0; k < 2; ++k) {
      mu[k] = sx[k] / s[k];
      sigma[k] = std::sqrt(sxx[k] / s[k] - mu[k] * mu[k]);
      for (std::size_t c = 0; c < kClasses; ++c) weight[c][k] = sw[c][k] / (sw[c][0] + sw[c][1]);
    }
  }
  std::printf("long share by size 1, 2, 4, 8, more:");
  for (const auto& w : weight) std::printf(" %.3f", w[1]);
  std::printf("; short median %.0f s\n", std::exp(mu[0]));
  for (const std::string& name : preset_names()) {
    if (name == "classic") continue;
    const auto components = resolved(name).durations->components;
    CHECK(components[0].sigma == Approx(sigma[0]).margin(0.005));
    CHECK(components[1].median_s == Approx(std::exp(mu[1])).epsilon(0.002));
    CHECK(components[1].sigma == Approx(sigma[1]).margin(0.005));
  }
}

TEST_CASE("philly: quantiles that were not fitted, beside the reduced trace's") {
  ALIGHT_REFERENCE_OR_SKIP(path, "traces/philly_pollux/philly.csv.gz");
  GeneratorSpec spec;
  spec.like = "philly";
  spec.jobs = 1000000;
  std::map<std::int64_t, std::vector<double>> ours, theirs;
  for (const Job& job : generate(spec, 1).jobs) ours[job.chips].push_back(job.duration_s);
  for (const PhillyJob& job : philly_jobs(path)) theirs[job.chips].push_back(job.duration_s);
  const auto mean = [](const std::vector<double>& v) {
    double sum = 0;
    for (const double x : v) sum += x;
    return sum / static_cast<double>(v.size());
  };
  std::printf("%5s %8s %8s  %s\n", "chips", "jobs %", "of", "mean, p25, p50, p75, p95 in s, ours of trace's");
  for (const std::int64_t chips : {1, 2, 4, 8, 16}) {
    const auto &a = ours[chips], &b = theirs[chips];
    std::printf("%5ld %8.2f %8.2f  %.0f of %.0f", static_cast<long>(chips), static_cast<double>(a.size()) / 1e4,
                static_cast<double>(b.size()) / 822.47, mean(a), mean(b));
    for (const double q : {0.25, 0.5, 0.75, 0.95}) std::printf(", %.0f of %.0f", quantile(a, q), quantile(b, q));
    std::printf("\n");
  }
  // One-chip jobs, nine in ten of all, keep their shape within a factor of two at each of these quantiles. Nothing as
  // close can be asked of the larger ones: the summary that was fitted holds 37 % more jobs than the reduced trace, and
  // its chip-seconds per job say that run time grows less with size there.
  for (const double q : {0.25, 0.5, 0.75}) {
    const double ratio = quantile(ours[1], q) / quantile(theirs[1], q);
    CHECK(ratio > 0.5);
    CHECK(ratio < 2);
  }
  // The order is the trace's: larger jobs run longer on average, up to a server of eight.
  for (const auto* of : {&ours, &theirs})
    for (const std::int64_t chips : {2, 4, 8}) CHECK(mean(of->at(chips)) > mean(of->at(chips / 2)));
}
