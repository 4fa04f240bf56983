// Looking for the highest rate a service keeps its promises at.
#include <catch2/catch.hpp>

#include "sim/serving/rate_search.hpp"

using namespace alight;

namespace {

// Good up to `most` requests a second; counts what was played.
struct Service {
  double most = 10;
  int played = 0;
  std::optional<RatePoint> operator()(double rate) {
    ++played;
    return RatePoint{.rate_per_s = rate, .good_share = rate <= most ? 1.0 : 0.5};
  }
};

}  // namespace

TEST_CASE("the highest rate is enclosed as closely as asked for") {
  Service service;
  const auto points = search_rates({2, 4, 16}, {.least = 0.9, .within = 0.02}, std::ref(service));
  const RateLimits limits = limits_of(points, 0.9);
  REQUIRE(limits.kept);
  REQUIRE(limits.failed);
  CHECK(*limits.kept <= 10);
  CHECK(*limits.failed > 10);
  CHECK(*limits.failed <= *limits.kept * 1.02);
  // A factor of 4 is halved in its logarithm until 2 %: log2(ln 4 / ln 1.02) = 6.13, so seven runs more.
  CHECK(service.played == 3 + 7);
  for (std::size_t i = 1; i < points.size(); ++i) CHECK(points[i - 1].rate_per_s < points[i].rate_per_s);
}

TEST_CASE("rates are doubled or halved until one is kept and one is not") {
  Service high{.most = 100};
  CHECK(*limits_of(search_rates({1}, {.within = 0.5}, std::ref(high)), 0.9).kept > 64);
  Service low{.most = 0.1};
  CHECK(*limits_of(search_rates({1}, {.within = 0.5}, std::ref(low)), 0.9).kept <= 0.1);
  Service never{.most = 0};
  const auto points = search_rates({1}, {.most_doublings = 3}, std::ref(never));
  CHECK(points.size() == 4);
  CHECK_FALSE(limits_of(points, 0.9).kept);
  Service always{.most = 1e9};
  CHECK_FALSE(limits_of(search_rates({1}, {.most_doublings = 3}, std::ref(always)), 0.9).failed);
}

TEST_CASE("what is kept above a rate that fails does not count") {
  const RateLimits limits = limits_of({{1, 1}, {2, 0.5}, {3, 0.95}, {4, 0.1}}, 0.9);
  CHECK(*limits.kept == 1);
  CHECK(*limits.failed == 2);
}

TEST_CASE("a run that breaks ends the search") {
  int played = 0;
  const auto points = search_rates({1, 2, 3}, {}, [&](double rate) -> std::optional<RatePoint> {
    if (++played == 2) return std::nullopt;
    return RatePoint{rate, 1};
  });
  CHECK(played == 2);
  CHECK(points.size() == 1);
}
