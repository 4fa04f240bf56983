// What must hold of every generated workload, whatever the spec and the seed.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "workloads/generate/generator.hpp"
#include "workloads/generate/law.hpp"
#include "workloads/generate/presets.hpp"

using namespace alight;

namespace {

GeneratorSpec like(const std::string& name, std::int64_t jobs) {
  GeneratorSpec spec;
  spec.like = name;
  spec.jobs = jobs;
  spec.chips = 1024;
  return spec;
}

bool same(const Job& a, const Job& b) {
  return a.id == b.id && a.submit_s == b.submit_s && a.duration_s == b.duration_s && a.estimate_s == b.estimate_s &&
         a.chips == b.chips && a.status == b.status && a.vc == b.vc && a.user == b.user;
}

double chip_seconds(const Workload& w) {
  double sum = 0;
  for (const Job& job : w.jobs) sum += static_cast<double>(job.chips) * job.duration_s;
  return sum;
}

}  // namespace

TEST_CASE("every job of every preset is sound") {
  for (const std::string& name : preset_names()) {
    CAPTURE(name);
    GeneratorSpec spec = like(name, 20000);
    spec.users.emplace().count = 20;
    const GeneratorSpec r = resolve(spec);
    const double resolution = *r.resolution_s;
    const auto table = r.sizes->table();
    for (const std::uint64_t seed : {0ULL, 1ULL, 0xffffffffffffffffULL}) {
      const Workload w = generate(spec, seed);
      REQUIRE(w.jobs.size() == 20000);
      bool sound = true;
      double before = 0;
      for (const Job& job : w.jobs) {
        sound = sound && std::isfinite(job.submit_s) && job.submit_s >= before;
        sound = sound && job.duration_s > 0 && job.duration_s <= *r.durations->cap_s;
        sound = sound && std::isfinite(job.estimate_s) && job.estimate_s >= job.duration_s;
        sound = sound && std::fmod(job.submit_s, resolution) == 0 && std::fmod(job.duration_s, resolution) == 0;
        sound = sound && std::any_of(table.begin(), table.end(), [&](const auto& t) { return t.first == job.chips; });
        sound = sound && job.user != 0 && (job.vc != 0) == r.vcs.has_value() && job.status != TraceStatus::unknown;
        before = job.submit_s;
      }
      CHECK(sound);
      Workload sorted = w;
      sorted.sort();
      CHECK(std::equal(w.jobs.begin(), w.jobs.end(), sorted.jobs.begin(), same));
    }
  }
}

TEST_CASE("the seed decides, and nothing else") {
  const GeneratorSpec spec = like("seren", 5000);
  const Workload a = generate(spec, 42), b = generate(spec, 42), c = generate(spec, 43);
  CHECK(std::equal(a.jobs.begin(), a.jobs.end(), b.jobs.begin(), same));
  CHECK_FALSE(std::equal(a.jobs.begin(), a.jobs.end(), c.jobs.begin(), same));
}

TEST_CASE("two generators of one run draw apart") {
  GeneratorSpec a = like("seren", 100), b = a;
  a.name = std::string("a");
  b.name = std::string("b");
  const Workload wa = generate(a, 42), wb = generate(b, 42);
  CHECK(wa.jobs[0].id == "a1");
  int equal = 0;
  for (std::size_t i = 0; i < 100; ++i) equal += wa.jobs[i].duration_s == wb.jobs[i].duration_s;
  CHECK(equal < 20);
}

TEST_CASE("each attribute keeps its draws when another changes") {
  const GeneratorSpec base = like("philly", 5000);
  const Workload was = generate(base, 7);

  SECTION("arrivals change, jobs stay") {
    GeneratorSpec spec = base;
    spec.arrivals.emplace().process = ArrivalSpec::Process::batches;
    spec.arrivals->batch = 10;
    const Workload w = generate(spec, 7);
    for (std::size_t i = 0; i < w.jobs.size(); ++i) {
      REQUIRE(w.jobs[i].duration_s == was.jobs[i].duration_s);
      REQUIRE(w.jobs[i].chips == was.jobs[i].chips);
    }
  }
  SECTION("users and estimates added, the rest stays") {
    GeneratorSpec spec = base;
    spec.users.emplace().count = 100;
    spec.estimates.emplace().factor_max = 3;
    const Workload w = generate(spec, 7);
    for (std::size_t i = 0; i < w.jobs.size(); ++i) {
      REQUIRE(w.jobs[i].submit_s == was.jobs[i].submit_s);
      REQUIRE(w.jobs[i].duration_s == was.jobs[i].duration_s);
      REQUIRE(w.names[w.jobs[i].vc] == was.names[was.jobs[i].vc]);
    }
  }
  SECTION("a longer median stretches each job's own run time") {
    GeneratorSpec spec = base;
    spec.durations.emplace().components.emplace_back();
    GeneratorSpec longer = spec;
    longer.durations->components[0].median_s *= 2;
    longer.resolution_s = spec.resolution_s = 1.0 / 1024;
    const Workload a = generate(spec, 7), b = generate(longer, 7);
    for (std::size_t i = 0; i < a.jobs.size(); ++i) {
      REQUIRE(b.jobs[i].chips == a.jobs[i].chips);
      if (a.jobs[i].duration_s > 1) REQUIRE(b.jobs[i].duration_s == Approx(2 * a.jobs[i].duration_s).margin(0.01));
    }
  }
  SECTION("more jobs begin with the same ones") {
    GeneratorSpec spec = base;
    spec.jobs = 6000;
    const Workload w = generate(spec, 7);
    for (std::size_t i = 0; i < was.jobs.size(); ++i) {
      REQUIRE(w.jobs[i].duration_s == was.jobs[i].duration_s);
      REQUIRE(w.jobs[i].chips == was.jobs[i].chips);
    }
  }
}

TEST_CASE("a load is exact for the jobs drawn") {
  SECTION("jobs given: the span follows") {
    GeneratorSpec spec = like("classic", 20000);
    spec.load = 0.9;
    const Workload w = generate(spec, 3);
    const double span = chip_seconds(w) / (0.9 * 1024);
    CHECK(w.jobs.back().submit_s < span);
    CHECK(w.jobs.back().submit_s > 0.99 * span);
  }
  SECTION("horizon given: the number follows, to within one job") {
    GeneratorSpec spec;
    spec.like = "philly";
    spec.chips = 2490;
    spec.load = 0.8;
    spec.horizon_s = 30 * 86400.0;
    const Workload w = generate(spec, 3);
    const double asked = chip_seconds(w), wanted = 0.8 * 2490 * 30 * 86400;
    CHECK(asked >= wanted);
    CHECK(w.jobs.back().submit_s < *spec.horizon_s);
    double largest = 0;
    for (const Job& job : w.jobs) largest = std::max(largest, static_cast<double>(job.chips) * job.duration_s);
    CHECK(asked - wanted <= largest);
    CHECK(static_cast<double>(w.jobs.size()) == Approx(expected_jobs(spec)).epsilon(0.15));
  }
}

TEST_CASE("max_chips leaves out what the site cannot hold") {
  GeneratorSpec spec = like("kalos", 20000);
  spec.max_chips = 64;
  for (const Job& job : generate(spec, 1).jobs) REQUIRE(job.chips <= 64);
}

TEST_CASE("estimates are as short, as rounded and as binding as asked") {
  GeneratorSpec spec = like("classic", 5000);
  spec.estimates.emplace().classes_s = {600, 3600, 86400};
  spec.estimates->factor_min = 0.5;
  spec.estimates->kill = true;
  int too_short = 0;
  for (const Job& job : generate(spec, 1).jobs) {
    REQUIRE(job.kill_at_estimate);
    REQUIRE((job.estimate_s == 600 || job.estimate_s == 3600 || job.estimate_s == 86400));
    too_short += job.estimate_s < job.duration_s;
  }
  CHECK(too_short > 0);
}

TEST_CASE("shares of virtual clusters and users come out") {
  GeneratorSpec spec = like("seren", 100000);
  spec.vcs.emplace().weights = {{"a", 3}, {"b", 1}};
  spec.users.emplace().count = 3;
  spec.users->exponent = 1;
  const Workload w = generate(spec, 1);
  double a = 0, first = 0;
  for (const Job& job : w.jobs) {
    a += w.names[job.vc] == "a";
    first += w.names[job.user] == w.names[job.vc] + "-u1";
  }
  CHECK(a / 1e5 == Approx(0.75).margin(0.01));
  CHECK(first / 1e5 == Approx(6.0 / 11).margin(0.01));  // 1 / (1 + 1/2 + 1/3)
}
