// Jobs, their names and their order.
#include <catch2/catch.hpp>

#include "workloads/job.hpp"

using namespace alight;

TEST_CASE("names are kept once, and 0 is none") {
  Names names;
  CHECK(names.intern("") == 0);
  const auto a = names.intern("a");
  CHECK(names.intern("a") == a);
  CHECK(names.intern("b") != a);
  CHECK(names[a] == "a");
  CHECK(names.size() == 3);
}

TEST_CASE("ids read as people read them, in a total order") {
  const char* ascending[] = {"", "0", "00", "01", "1", "2", "9", "10", "a", "a01", "a1", "a2", "a2b", "a10", "b"};
  for (const auto& a : ascending)
    for (const auto& b : ascending) {
      INFO(a << " " << b);
      CHECK(natural_less(a, b) == (&a < &b));
    }
}

TEST_CASE("jobs stand by submit time, then id") {
  Workload w;
  for (const auto& [id, at] : {std::pair{"10", 5.0}, {"9", 5.0}, {"1", 7.0}, {"2", 1.0}}) {
    Job job;
    job.id = id;
    job.submit_s = at;
    w.jobs.push_back(job);
  }
  w.sort();
  std::string order;
  for (const Job& job : w.jobs) order += job.id + " ";
  CHECK(order == "2 9 10 1 ");
}

TEST_CASE("a report counts reasons and keeps the first place") {
  ImportReport report;
  report.skip("negative run time", "a:1");
  report.skip("negative run time", "a:2");
  report.skip("no job id", "a:3");
  CHECK(report.skipped == 3);
  REQUIRE(report.reasons.size() == 2);
  CHECK(report.reasons[0].rows == 2);
  CHECK(report.reasons[0].first_place == "a:1");
}
