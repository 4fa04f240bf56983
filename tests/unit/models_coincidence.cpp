#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "models/sharing/coincidence.hpp"

using namespace alight;

TEST_CASE("a sender alone is stretched only by a link too thin for it") {
  CHECK(coincide(10, {}, 10).stretch == 1);
  CHECK(coincide(5, {}, 10).stretch == 1);
  CHECK(coincide(20, {}, 10).stretch == 2);
  CHECK(coincide(20, {}, 10).crowded_p == 1);
}

TEST_CASE("one other that always talks halves the link, one that never does leaves it") {
  const std::vector<Talker> always = {{1, 10}}, never = {{0, 10}};
  CHECK(coincide(10, always, 10).stretch == 2);
  CHECK(coincide(10, never, 10).stretch == 1);
  // It asks for 4 of 10: 6 are left, more than the fair half.
  const std::vector<Talker> little = {{1, 4}};
  CHECK(coincide(10, little, 10).stretch == Approx(10.0 / 6));
  CHECK(coincide(6, little, 10).stretch == 1);
}

TEST_CASE("one other that talks half the time: shares 1 and 1/2, their mean 3/4 and mean inverse 3/2") {
  const std::vector<Talker> half = {{0.5, 10}};
  const Coincidence met = coincide(10, half, 10);
  CHECK(met.stretch == Approx((4.0 / 3 + 1.5) / 2));
  CHECK(met.crowded_p == Approx(0.5));
}

TEST_CASE("many others by their number agree with weighing every combination") {
  std::mt19937 draw(7);
  std::uniform_real_distribution<double> duty(0.05, 0.9);
  for (int round = 0; round < 50; ++round) {
    // As many as are weighed exactly, and the same with one that never talks, which is taken by number.
    std::vector<Talker> others;
    for (std::size_t i = 0; i < kExactTalkers; ++i) others.push_back({duty(draw), 10});
    const double exact = coincide(10, others, 15).stretch;
    others.push_back({0, 10});
    CHECK(coincide(10, others, 15).stretch == Approx(exact).epsilon(0.04));
  }
}

TEST_CASE("who talks more is met more: the stretch grows with every duty and rate, and falls with capacity") {
  std::mt19937 draw(11);
  std::uniform_real_distribution<double> unit(0.01, 0.95);
  for (int round = 0; round < 200; ++round) {
    std::vector<Talker> others;
    const auto n = 1 + draw() % 4;
    for (std::size_t i = 0; i < n; ++i) others.push_back({unit(draw), 10 * unit(draw)});
    const double now = coincide(8, others, 10).stretch;
    CHECK(now >= 1);
    CHECK(coincide(8, others, 11).stretch <= now + 1e-12);
    others.front().duty += 0.04;
    CHECK(coincide(8, others, 10).stretch >= now - 1e-12);
    others.front().rate += 1;
    CHECK(coincide(8, others, 10).stretch >= now - 1e-12);
  }
}

TEST_CASE("loads that follow from the stretch never exceed the link") {
  // n equal senders that do nothing but talk: each gets an n-th.
  for (const int n : {2, 3, 5, 9, 40}) {
    const std::vector<Talker> others(static_cast<std::size_t>(n - 1), {1, 10});
    CHECK(coincide(10, others, 10).stretch == Approx(n).epsilon(1e-9));
  }
}
