#include <catch2/catch.hpp>

#include "sim/record/fill_curve.hpp"

namespace {

using namespace alight;

// Ten chips; jobs of so many milli-chips.
struct Fixture {
  Site site;
  Pool pool;
  FillCurve curve;
  Fixture() : curve(made()) {}
  const Site& made() {
    site.chips = 10;
    return site;
  }
  Job job(std::int64_t chips, std::int32_t milli) {
    Job j;
    j.chips = chips;
    j.chip_milli = milli;
    return j;
  }
  void arrive(std::int64_t chips, std::int32_t milli, bool starts) {
    const Job j = job(chips, milli);
    curve.job_submitted(j, 0);
    if (starts)
      curve.job_started({.job = j, .status = JobStatus::running, .pool = &pool, .held_milli = chips * milli});
    else
      curve.job_ended({.job = j, .status = JobStatus::rejected});
  }
};

}  // namespace

TEST_CASE("fill curve: a column is the mean of the points that round to it") {
  Fixture f;
  CHECK(f.curve.columns().empty());
  f.arrive(1, 100, true);   // asked 1 %, held 1 %
  f.arrive(1, 110, true);   // asked 2.1 %, held 2.1 %
  f.arrive(1, 30, false);   // asked 2.4 %, held 2.1 %
  f.arrive(3, 1000, true);  // asked 32.4 %, held 32.1 %
  const auto columns = f.curve.columns();
  REQUIRE(columns.size() == 33);
  CHECK_FALSE(columns[0]);
  CHECK(*columns[1] == Approx(1));
  CHECK(*columns[2] == Approx(2.1));
  CHECK_FALSE(columns[3]);
  CHECK(*columns[32] == Approx(32.1));
}

TEST_CASE("fill curve: half a percent goes to the even column; the last arrival counts before any other follows") {
  Fixture f;
  f.arrive(1, 50, true);  // 0.5 %
  REQUIRE(f.curve.columns().size() == 1);
  CHECK(*f.curve.columns()[0] == Approx(0.5));
  f.arrive(1, 100, true);  // 1.5 %
  CHECK(f.curve.columns().size() == 3);
}

TEST_CASE("fill curve: ended jobs give their chips back, those that outlast the run do not") {
  Fixture f;
  f.arrive(1, 1000, true);  // 10 % held
  const Job j = f.job(1, 1000);
  f.arrive(2, 1000, true);  // 30 % held
  f.curve.job_ended({.job = j, .status = JobStatus::running, .pool = &f.pool, .held_milli = 1000});
  CHECK(*f.curve.columns().at(30) == Approx(30));
  f.arrive(1, 1000, false);
  f.curve.job_ended({.job = j, .status = JobStatus::completed, .pool = &f.pool, .held_milli = 1000});
  CHECK(*f.curve.columns().at(40) == Approx(20));
}

TEST_CASE("fill curve: a site without chips has none") {
  const Site site;
  FillCurve curve(site);
  curve.job_submitted(Job{}, 0);
  CHECK(curve.columns().empty());
}
