#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "workloads/reshape.hpp"

namespace {

using namespace alight;

// Jobs a, b, c ... of the given chips and shares.
Workload jobs(const std::vector<std::pair<std::int64_t, std::int32_t>>& sizes) {
  Workload w;
  char name = 'a';
  for (const auto& [chips, milli] : sizes) {
    Job& job = w.jobs.emplace_back();
    job.id = std::string(1, name++);
    job.submit_s = 100.0 * static_cast<double>(w.jobs.size());
    job.chips = chips;
    job.chip_milli = milli;
  }
  return w;
}

std::string ids(const Workload& w) {
  std::string all;
  for (const Job& job : w.jobs) all += (all.empty() ? "" : " ") + job.id;
  return all;
}

std::int64_t asked_milli(const Workload& w) {
  std::int64_t sum = 0;
  for (const Job& job : w.jobs) sum += job.chips * job.chip_milli;
  return sum;
}

}  // namespace

TEST_CASE("shuffle keeps every job, repeats with its stream, and prefers no order") {
  Workload one = jobs({{1, 1000}, {2, 1000}, {3, 1000}}), two = one;
  shuffle(one, stream(5, "shuffle"));
  shuffle(two, stream(5, "shuffle"));
  CHECK(ids(one) == ids(two));
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    Workload w = jobs({{1, 1000}, {2, 1000}, {3, 1000}});
    shuffle(w, stream(seed, "shuffle"));
    ++seen[ids(w)];
  }
  // Six orders, 1000 each; the standard deviation of a count is sqrt(6000 * 1/6 * 5/6) = 29.
  REQUIRE(seen.size() == 6);
  for (const auto& [order, times] : seen) {
    CAPTURE(order);
    CHECK(times == Approx(1000).margin(4 * 29));
  }
  Workload none;
  shuffle(none, stream(1, "shuffle"));
  CHECK(none.jobs.empty());
}

TEST_CASE("inflate copies to the end until the next chip would be too much") {
  // Two whole chips asked, 5 to reach: exactly three copies of one chip each.
  Workload w = jobs({{1, 1000}, {1, 1000}});
  inflate(w, 1.25, 4000, stream(1, "inflate"));
  CHECK(asked_milli(w) == 5000);
  REQUIRE(w.jobs.size() == 5);
  CHECK(w.jobs[0].id == "a");
  CHECK(w.jobs[1].id == "b");
  std::map<char, int> copies;
  for (std::size_t i = 2; i < 5; ++i) {
    const std::string& id = w.jobs[i].id;
    CHECK(id == std::string(1, id[0]) + "#" + std::to_string(++copies[id[0]] + 1));
    CHECK(w.jobs[i].submit_s == w.jobs[id[0] == 'a' ? 0 : 1].submit_s);
  }
}

TEST_CASE("inflate judges a job of several chips by one of them, as the study does") {
  // 8 asked, target 9: one chip of the next copy fits (9 <= 9), so all 8 are added; then 17 > 9.
  Workload w = jobs({{8, 1000}});
  inflate(w, 9, 1000, stream(1, "inflate"));
  CHECK(ids(w) == "a a#2");
  // Target 8.9: not even one chip fits.
  w = jobs({{8, 1000}});
  inflate(w, 8.9, 1000, stream(1, "inflate"));
  CHECK(ids(w) == "a");
}

TEST_CASE("inflate gives copies names that are not taken") {
  Workload w = jobs({{1, 500}, {1, 500}});
  w.jobs[1].id = "a#2";
  inflate(w, 8, 1000, stream(3, "inflate"));
  CHECK(asked_milli(w) == 8000);
  std::set<std::string> names;
  for (const Job& job : w.jobs) names.insert(job.id);
  CHECK(names.size() == w.jobs.size());
}

TEST_CASE("inflate drops random jobs where there is too much, and keeps the order of the rest") {
  // 10 x 400 = 4000 asked, 2500 the target: six remain (2400), seven would be 2800.
  Workload w = jobs(std::vector<std::pair<std::int64_t, std::int32_t>>(10, {1, 400}));
  inflate(w, 0.625, 4000, stream(9, "inflate"));
  REQUIRE(w.jobs.size() == 6);
  for (std::size_t i = 1; i < w.jobs.size(); ++i) CHECK(w.jobs[i - 1].id < w.jobs[i].id);
  std::map<std::string, int> kept;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    Workload v = jobs({{1, 1000}, {1, 1000}});
    inflate(v, 1, 1000, stream(seed, "inflate"));
    ++kept[ids(v)];
  }
  // Either of two, 500 each, standard deviation 16.
  CHECK(kept["a"] + kept["b"] == 1000);
  CHECK(kept["a"] == Approx(500).margin(64));
}

TEST_CASE("inflate leaves alone what asks for no chips, or just enough") {
  Workload w = jobs({{0, 1000}, {0, 1000}});
  inflate(w, 2, 1000, stream(1, "inflate"));
  CHECK(ids(w) == "a b");
  w = jobs({{2, 1000}});
  inflate(w, 1, 2000, stream(1, "inflate"));
  CHECK(ids(w) == "a");
}

TEST_CASE("one_by_one submits a job a second in the present order, which sorting then keeps") {
  Workload w = jobs({{1, 1000}, {1, 1000}, {1, 1000}, {1, 1000}});
  w.epoch = Date{};
  shuffle(w, stream(2, "shuffle"));
  const std::string order = ids(w);
  REQUIRE(order != "a b c d");
  one_by_one(w);
  CHECK_FALSE(w.epoch);
  for (std::size_t i = 0; i < 4; ++i) CHECK(w.jobs[i].submit_s == static_cast<double>(i));
  w.sort();
  CHECK(ids(w) == order);
}
