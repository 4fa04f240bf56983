#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "models/sharing/coincidence.hpp"

using namespace alight;

TEST_CASE("a sender alone is stretched only by a link too thin for it") {
  CHECK(stretch_among(10, {}, 10) == 1);
  CHECK(stretch_among(5, {}, 10) == 1);
  CHECK(stretch_among(20, {}, 10) == 2);
  CHECK(crowding_of(std::vector<Talker>{{1, 20}}, 10) == 1);
  CHECK(crowding_of(std::vector<Talker>{{1, 10}}, 10) == 0);
}

TEST_CASE("one other that always talks halves the link, one that never does leaves it") {
  const std::vector<Talker> always = {{1, 10}}, never = {{0, 10}};
  CHECK(stretch_among(10, always, 10) == 2);
  CHECK(stretch_among(10, never, 10) == 1);
  // It asks for 4 of 10: 6 are left, more than the fair half.
  const std::vector<Talker> little = {{1, 4}};
  CHECK(stretch_among(10, little, 10) == Approx(10.0 / 6));
  CHECK(stretch_among(6, little, 10) == 1);
}

TEST_CASE("one other that talks half the time: shares 1 and 1/2, their mean 3/4 and mean inverse 3/2") {
  const std::vector<Talker> half = {{0.5, 10}};
  CHECK(stretch_among(10, half, 10) == Approx((4.0 / 3 + 1.5) / 2));
  const std::vector<Talker> two = {{0.5, 10}, {0.5, 10}};
  CHECK(crowding_of(two, 10) == Approx(0.25));
}

TEST_CASE("many others by their number agree with weighing every combination") {
  std::mt19937 draw(7);
  std::uniform_real_distribution<double> duty(0.05, 0.9);
  for (int round = 0; round < 50; ++round) {
    // As many as are weighed exactly, and the same with one that never talks, which is taken by number.
    std::vector<Talker> others;
    for (std::size_t i = 0; i < kExactTalkers; ++i) others.push_back({duty(draw), 10});
    const double exact = stretch_among(10, others, 15);
    others.push_back({0, 10});
    CHECK(stretch_among(10, others, 15) == Approx(exact).epsilon(0.04));
  }
}

TEST_CASE("who talks more is met more: the stretch grows with every duty and rate, and falls with capacity") {
  std::mt19937 draw(11);
  std::uniform_real_distribution<double> unit(0.01, 0.95);
  for (int round = 0; round < 200; ++round) {
    std::vector<Talker> others;
    const auto n = 1 + draw() % 4;
    for (std::size_t i = 0; i < n; ++i) others.push_back({unit(draw), 10 * unit(draw)});
    const double now = stretch_among(8, others, 10);
    CHECK(now >= 1);
    CHECK(stretch_among(8, others, 11) <= now + 1e-12);
    others.front().duty += 0.04;
    CHECK(stretch_among(8, others, 10) >= now - 1e-12);
    others.front().rate += 1;
    CHECK(stretch_among(8, others, 10) >= now - 1e-12);
  }
}

TEST_CASE("loads that follow from the stretch never exceed the link") {
  // n equal senders that do nothing but talk: each gets an n-th.
  for (const int n : {2, 3, 5, 9, 40}) {
    const std::vector<Talker> others(static_cast<std::size_t>(n - 1), {1, 10});
    CHECK(stretch_among(10, others, 10) == Approx(n).epsilon(1e-9));
  }
}
