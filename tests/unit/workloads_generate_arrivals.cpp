#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "workloads/generate/arrivals.hpp"

using namespace alight;

namespace {

constexpr double kDay = 86400;
constexpr double kWeek = 7 * kDay;

struct Spread {
  double mean, cv;
};
Spread spread_of_gaps(const std::vector<double>& times) {
  double sum = 0, squares = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const double gap = times[i] - times[i - 1];
    sum += gap;
    squares += gap * gap;
  }
  const double n = static_cast<double>(times.size() - 1);
  const double mean = sum / n;
  return {mean, std::sqrt(std::max(0.0, squares / n - mean * mean)) / mean};
}

ArrivalSpec shaped() {
  ArrivalSpec spec;
  spec.hours.assign(24, 1);
  for (int h = 9; h < 18; ++h) spec.hours[static_cast<std::size_t>(h)] = 4;
  spec.hours[3] = 0;
  spec.days = {1, 1, 1, 1, 1, 0.5, 0.25};
  return spec;
}

}  // namespace

TEST_CASE("the weekly clock and its inverse undo each other") {
  const WeeklyClock clock(shaped());
  for (double t = 0; t < 3 * kWeek; t += 1234.5) {
    const bool silent = std::fmod(t, kDay) >= 3 * 3600 && std::fmod(t, kDay) <= 4 * 3600;
    if (!silent) CHECK(clock.calendar(clock.operational(t)) == Approx(t));
  }
  CHECK(clock.operational(kWeek) == Approx(kWeek));
  CHECK(clock.operational(2 * kWeek) == Approx(2 * kWeek));
}

TEST_CASE("a flat week is the identity") {
  const WeeklyClock clock{ArrivalSpec{}};
  CHECK(clock.operational(12345.6) == Approx(12345.6));
  CHECK(clock.calendar(12345.6) == Approx(12345.6));
}

TEST_CASE("arrivals follow the hours and days asked for") {
  const ArrivalSpec spec = shaped();
  Stream s = stream(1, "arrivals");
  const auto times = arrivals_over(spec, 400000, 4 * kWeek, s);
  std::vector<double> hours(24), days(7);
  for (const double t : times) {
    ++hours[static_cast<std::size_t>(t / 3600) % 24];
    ++days[static_cast<std::size_t>(t / kDay) % 7];
  }
  const auto compare = [&](const std::vector<double>& seen, const std::vector<double>& wanted) {
    const double sum = std::accumulate(wanted.begin(), wanted.end(), 0.0);
    for (std::size_t i = 0; i < seen.size(); ++i) {
      const double expected = wanted[i] / sum * static_cast<double>(times.size());
      CHECK(std::abs(seen[i] - expected) <= 5 * std::sqrt(expected));  // five standard deviations of a Poisson count
    }
  };
  compare(hours, spec.hours);
  compare(days, spec.days);
}

TEST_CASE("first_day says which day the workload begins on") {
  ArrivalSpec spec;
  spec.days = {0, 0, 0, 0, 0, 0, 1};
  spec.first_day = 6;
  Stream s = stream(1, "arrivals");
  for (const double t : arrivals_over(spec, 1000, kWeek, s)) CHECK(t < kDay);
}

TEST_CASE("a count over a horizon is exact, ordered and inside") {
  for (const auto process :
       {ArrivalSpec::Process::poisson, ArrivalSpec::Process::gamma, ArrivalSpec::Process::batches}) {
    ArrivalSpec spec = shaped();
    spec.process = process;
    spec.cv = 3;
    spec.batch = 5;
    Stream s = stream(2, "arrivals");
    const auto times = arrivals_over(spec, 5000, 10.3 * kDay, s);
    REQUIRE(times.size() == 5000);
    CHECK(std::is_sorted(times.begin(), times.end()));
    CHECK(times.front() >= 0);
    CHECK(times.back() < 10.3 * kDay);
  }
  Stream s = stream(2, "arrivals");
  CHECK(arrivals_over({}, 0, kDay, s).empty());
}

TEST_CASE("a rate is kept, by count or by horizon") {
  const double rate = 0.05;
  Stream s = stream(3, "arrivals");
  const auto by_horizon = arrivals_at(shaped(), rate, std::nullopt, 20 * kWeek, s);
  const double expected = rate * 20 * kWeek;
  CHECK(std::abs(static_cast<double>(by_horizon.size()) - expected) < 5 * std::sqrt(expected));
  // Four whole weeks: a rate is a mean over the week.
  const auto by_count = arrivals_at(shaped(), rate, static_cast<std::int64_t>(rate * 4 * kWeek), std::nullopt, s);
  REQUIRE(by_count.size() == 120960);
  CHECK(by_count.back() == Approx(4 * kWeek).epsilon(0.02));
  CHECK(arrivals_at({}, rate, 1000000, 1000.0, s).size() < 200);
}

TEST_CASE("gaps have the coefficient of variation asked for") {
  ArrivalSpec spec;
  spec.process = ArrivalSpec::Process::gamma;
  for (const double cv : {0.0, 0.5, 1.0, 2.5}) {
    spec.cv = cv;
    Stream s = stream(4, "arrivals");
    const Spread spread = spread_of_gaps(arrivals_at(spec, 1, 300000, std::nullopt, s));
    CHECK(spread.mean == Approx(1).epsilon(0.02));
    CHECK(spread.cv == Approx(cv).epsilon(0.03).margin(1e-4));
    Stream again = stream(4, "arrivals");
    CHECK(spread_of_gaps(arrivals_over(spec, 300000, 300000, again)).cv == Approx(cv).epsilon(0.03).margin(1e-4));
  }
}

TEST_CASE("batches have the mean size asked for") {
  ArrivalSpec spec;
  spec.process = ArrivalSpec::Process::batches;
  spec.batch = 4;
  Stream s = stream(5, "arrivals");
  const auto times = arrivals_at(spec, 1, 200000, std::nullopt, s);
  std::vector<double> starts = times;
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  CHECK(static_cast<double>(times.size()) / static_cast<double>(starts.size()) == Approx(4).epsilon(0.03));
  CHECK(times.back() == Approx(200000).epsilon(0.03));
  CHECK(spread_of_gaps(starts).cv == Approx(1).epsilon(0.03));
}
