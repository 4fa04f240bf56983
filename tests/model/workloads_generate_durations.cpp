// Laws of durations against integrals done by hand.
#include <catch2/catch.hpp>
#include <cmath>

#include "workloads/generate/durations.hpp"

using namespace alight;

namespace {

DurationSpec one(DurationComponent component) {
  DurationSpec spec;
  spec.minimum_s = 0;
  spec.components = {component};
  return spec;
}

}  // namespace

TEST_CASE("a lognormal without limits has the textbook mean") {
  DurationComponent c;
  c.median_s = 600;
  c.sigma = 1.5;
  const DurationLaw law(one(c), "completed", 1);
  // median * exp(sigma^2 / 2) = 600 * exp(1.125) = 600 * 3.0802168489
  CHECK(law.mean() == Approx(1848.13010935).epsilon(1e-9));
  CHECK(law.cdf(600) == Approx(0.5));
  // One standard deviation above the median in the logarithm: Phi(1).
  CHECK(law.cdf(600 * std::exp(1.5)) == Approx(0.8413447460685429));
}

TEST_CASE("a cap collects what lies above it") {
  DurationComponent c;
  c.median_s = 100;
  c.sigma = 1;
  DurationSpec spec = one(c);
  spec.cap_s = 100;
  const DurationLaw law(spec, "completed", 1);
  // 100 e^(1/2) Phi(-1) below the cap and 100 / 2 at it: 164.872127 * 0.158655254 + 50 = 76.157829
  CHECK(law.mean() == Approx(76.1578292).epsilon(1e-8));
  CHECK(law.cdf(99.999) < 0.5);
  CHECK(law.cdf(100) == 1);
  CHECK(law.draw(0.5, 3) == 100);
}

TEST_CASE("a Pareto law starts at its minimum and has index / (index - 1) times it as mean") {
  DurationComponent c;
  c.kind = DurationComponent::Kind::pareto;
  c.index = 2;
  c.median_s = 100 * std::sqrt(2.0);  // minimum 100
  const DurationLaw law(one(c), "completed", 1);
  CHECK(law.mean() == Approx(200));
  CHECK(law.cdf(100) == Approx(0).margin(1e-12));
  CHECK(law.cdf(200) == Approx(0.75));
  CHECK(law.draw(0, 0) == Approx(100 * std::sqrt(2.0)));

  SECTION("capped at ten times the minimum: 200 - the integral of 1e4/x^2 beyond 1000 = 190") {
    DurationSpec spec = one(c);
    spec.cap_s = 1000;
    CHECK(DurationLaw(spec, "completed", 1).mean() == Approx(190));
  }
  SECTION("an index of 1 has a mean when capped: 100 (1 + ln 10)") {
    c.index = 1;
    c.median_s = 200;
    DurationSpec spec = one(c);
    spec.cap_s = 1000;
    CHECK(DurationLaw(spec, "completed", 1).mean() == Approx(100 * (1 + std::log(10.0))));
  }
}

TEST_CASE("a law without spread is its median between the limits") {
  DurationComponent c;
  c.median_s = 50;
  c.sigma = 0;
  DurationSpec spec = one(c);
  CHECK(DurationLaw(spec, "completed", 1).mean() == Approx(50));
  spec.minimum_s = 60;
  CHECK(DurationLaw(spec, "completed", 1).mean() == Approx(60));
}

TEST_CASE("components apply by status and size, and grow with size") {
  DurationComponent brief, lasting;
  brief.median_s = 10;
  brief.sigma = 0;
  lasting.median_s = 1000;
  lasting.sigma = 0;
  lasting.median_growth = 1;
  lasting.weight_growth = 1;
  lasting.from_chips = 2;
  lasting.statuses = {"failed", "cancelled"};
  DurationSpec spec;
  spec.components = {brief, lasting};
  CHECK(DurationLaw(spec, "completed", 8).mean() == Approx(10));
  CHECK(DurationLaw(spec, "failed", 1).mean() == Approx(10));
  // Weights 1 and 8, durations 10 and 8000.
  CHECK(DurationLaw(spec, "failed", 8).mean() == Approx((10 + 8 * 8000) / 9.0));
  CHECK(DurationLaw(spec, "failed", 8).draw(1.0 / 9 - 1e-9, 0) == Approx(10));
  CHECK(DurationLaw(spec, "failed", 8).draw(1.0 / 9 + 1e-9, 0) == Approx(8000));
}
