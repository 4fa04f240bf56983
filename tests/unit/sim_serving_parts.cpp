// The parts of serving, each for itself.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "../support/serving.hpp"
#include "sim/serving/autoscaler.hpp"
#include "sim/serving/due_heap.hpp"
#include "sim/serving/log_histogram.hpp"
#include "sim/serving/router.hpp"

namespace {

using namespace alight;
using namespace alight::test;

TEST_CASE("ticks hold seconds, and clocks are set not before them") {
  CHECK(seconds(ticks(1.5)) == 1.5);
  CHECK(ticks(std::numeric_limits<double>::infinity()) == kNever);
  CHECK(clock_seconds(kNever) == std::numeric_limits<double>::infinity());
  Stream s = stream(1, "ticks");
  for (int i = 0; i < 1000; ++i) {
    const Ticks t = (Ticks{draw(s, 0, 1'000'000)} << 64) + static_cast<Ticks>(s());
    CHECK(ticks(clock_seconds(t)) >= t);
    CHECK(clock_seconds(t) == Approx(seconds(t)).epsilon(1e-15));
    CHECK(ticks(std::nextafter(clock_seconds(t), 0.0)) < t);
  }
}

TEST_CASE("a pace carries fractions over, and sums in closed form") {
  for (const double per_iteration : {1.0, 1.25, 1.7, 2.0, 3.9}) {
    const TokenPace pace(per_iteration);
    CHECK(pace.per_iteration() == Approx(per_iteration).epsilon(1e-6));
    for (const std::int64_t from : {0, 1, 7, 1000}) {
      std::int64_t sum = 0;
      for (std::int64_t k = 0; k < 200; ++k) {
        CHECK(pace.sum(from, k) == sum);
        sum += pace.at(from + k) - pace.at(from);
      }
    }
    for (std::int64_t tokens = 0; tokens < 100; ++tokens) {
      const std::int64_t j = pace.iterations_for(tokens);
      CHECK(pace.at(j) >= tokens);
      if (j > 0) CHECK(pace.at(j - 1) < tokens);
    }
  }
}

TEST_CASE("a stretch is the sum of its iterations, and finds the one an instant lies in") {
  Stream s = stream(2, "stretch");
  for (int i = 0; i < 300; ++i) {
    const TokenPace pace(coin(s, 2) ? 1 : 1 + static_cast<double>(draw(s, 0, 99)) / 50);
    const auto ms = [&](std::int64_t most) { return static_cast<double>(draw(s, 0, most)) * 1e-3; };
    Stretch stretch{.start = ticks(ms(5000)),
                    .line = IterationLine({ms(5), ms(30), ms(20), ms(10) * 1e-3}),
                    .decodes = draw(s, 1, 50),
                    .context = draw(s, 1, 20000),
                    .before = draw(s, 0, 1000),
                    .iterations = draw(s, 1, 400)};
    stretch.at_floor = stretch.floor_iterations(pace);
    Ticks t = stretch.start;
    for (std::int64_t k = 0; k < stretch.iterations; ++k) {
      REQUIRE(stretch.after(k, pace) == t);
      if (t > stretch.start) REQUIRE(stretch.ended_before(t, pace) <= k - 1);
      REQUIRE((t == stretch.start || stretch.ended_before(t + 1, pace) >= k));
      const std::int64_t held = pace.at(stretch.before + k) - pace.at(stretch.before);
      t += stretch.line.at(stretch.context + stretch.decodes * held);
    }
  }
}

TEST_CASE("fill offsets count new blocks as sequences do one by one") {
  Stream s = stream(3, "offsets");
  for (int i = 0; i < 200; ++i) {
    const std::int64_t block = draw(s, 1, 9);
    FillOffsets fill(block);
    std::vector<std::int64_t> offsets;
    for (std::int64_t n = draw(s, 0, 20); n > 0; --n) {
      offsets.push_back(draw(s, -50, 50));
      fill.add(offsets.back());
    }
    const std::int64_t from = draw(s, 60, 70), to = from + draw(s, 0, 40);
    const auto needed = [&](std::int64_t count) {
      std::int64_t blocks = 0;
      for (const std::int64_t o : offsets) blocks += (o + count + block - 1) / block - (o + from + block - 1) / block;
      return blocks;
    };
    CHECK(fill.needed(from, to) == needed(to));
    const std::int64_t room = draw(s, 0, 60), reach = fill.reach(from, to, room);
    CHECK(needed(reach) <= room);
    CHECK((reach == to || needed(reach + 1) > room));
  }
}

TEST_CASE("a heap of dues gives the earliest, of equal ones the lowest number") {
  Stream s = stream(4, "dues");
  DueHeap heap;
  std::vector<Ticks> plain;
  for (int i = 0; i < 30; ++i) heap.add(), plain.push_back(kNever);
  for (int i = 0; i < 5000; ++i) {
    const auto n = static_cast<std::uint32_t>(draw(s, 0, 29));
    plain[n] = coin(s, 9) ? kNever : Ticks{draw(s, 0, 20)};
    heap.update(n, plain[n]);
    const auto first = std::min_element(plain.begin(), plain.end());
    REQUIRE(heap.first() == *first);
    REQUIRE(heap.top() == static_cast<std::uint32_t>(first - plain.begin()));
  }
}

TEST_CASE("a histogram's quantiles are within a fifth of a percent") {
  LogHistogram h, other;
  std::vector<double> values;
  Stream s = stream(5, "values");
  for (int i = 0; i < 20000; ++i) {
    values.push_back(std::exp(static_cast<double>(s() >> 11) * 0x1p-53 * 20 - 10));
    (i % 2 == 0 ? h : other).add(values.back());
  }
  const LogHistogram before = h;
  h.merge(other);
  const LogHistogram later = h.since(before);
  CHECK(later.count() == 10000);
  CHECK(later.mean() == Approx(other.mean()));
  for (const double share : {0.01, 0.5, 0.99}) CHECK(later.quantile(share) == other.quantile(share));
  std::sort(values.begin(), values.end());
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const double exact = values[static_cast<std::size_t>(std::ceil(share * 20000)) - 1];
    CHECK(h.quantile(share) == Approx(exact).epsilon(0.002));
  }
  CHECK(h.max() == values.back());
  CHECK(LogHistogram().quantile(0.5) == 0);
}

struct Routed {
  std::vector<ReplicaLoad> loads;
  std::vector<std::uint32_t> open;
  std::map<std::uint32_t, std::int64_t> cached;
  std::uint32_t one(Router& r, RoutedRequest request = {.tokens = 10}) {
    std::vector<std::uint32_t> holders;
    for (const auto& entry : cached) holders.push_back(entry.first);
    return r.choose(open, loads, request, holders, [&](std::uint32_t n) { return cached[n]; });
  }
};

TEST_CASE("routers choose as they say") {
  Routed view{.loads = {{1, 100}, {2, 150}, {1, 80}, {4, 500}}, .open = {0, 1, 3}};
  SECTION("in turn, passing over who is not open") {
    Router r({RequestRouting::round_robin}, "s");
    CHECK(std::vector{view.one(r), view.one(r), view.one(r), view.one(r)} == std::vector<std::uint32_t>{0, 1, 3, 0});
  }
  SECTION("by least work for its speed: 100, 75, 125") {
    Router r({RequestRouting::least_work}, "s");
    CHECK(view.one(r) == 1);
  }
  SECTION("of two at random the one with less, so never the one with most") {
    Router r({.routing = RequestRouting::power_of_two, .seed = 3}, "s"),
        again({.routing = RequestRouting::power_of_two, .seed = 3}, "s");
    for (int i = 0; i < 100; ++i) {
      const std::uint32_t n = view.one(r);
      CHECK(n != 3);
      CHECK(n == view.one(again));
    }
  }
  SECTION("by cached prefix, unless overloaded") {
    Router r({.routing = RequestRouting::prefix_aware, .overload = 1.1}, "s");
    CHECK(view.one(r) == 1);
    view.cached = {{0, 64}, {3, 128}};
    CHECK(view.one(r) == 0);  // 125 is above 1.1 times the mean of 100 and a request of 10 / 4
    view.loads[3].tokens = 400;
    CHECK(view.one(r) == 3);
  }
  SECTION("a session stays, whoever else comes or goes") {
    Router r({RequestRouting::session}, "s");
    std::map<std::uint32_t, std::uint32_t> home;
    std::set<std::uint32_t> used;
    for (std::uint32_t session = 1; session <= 200; ++session)
      used.insert(home[session] = view.one(r, {.tokens = 10, .session = session}));
    CHECK(used.size() == 3);
    view.open = {0, 3};
    for (std::uint32_t session = 1; session <= 200; ++session)
      if (home[session] != 1) CHECK(view.one(r, {.tokens = 10, .session = session}) == home[session]);
    CHECK(view.one(r) == 0);  // of no session
  }
  SECTION("as often as its speed is of all") {
    Router r({RequestRouting::weighted}, "s");
    std::map<std::uint32_t, int> times;
    for (int i = 0; i < 70; ++i) ++times[view.one(r)];
    CHECK(times == std::map<std::uint32_t, int>{{0, 10}, {1, 20}, {3, 40}});
  }
}

TEST_CASE("an autoscaler wants replicas in proportion, and fewer only after a while") {
  Autoscaler a({.by = ScaleBy::queue, .min = 1, .max = 8, .target = 10, .hold_s = 60});
  CHECK(a.wanted({.replicas = 2, .in_flight = 45}, ticks(0)) == 5);
  CHECK(a.wanted({.replicas = 2, .in_flight = 500}, ticks(0)) == 8);
  CHECK(a.wanted({.replicas = 5, .in_flight = 54}, ticks(10)) == 5);  // within a tenth
  CHECK(a.wanted({.replicas = 5, .in_flight = 5}, ticks(20)) == 5);
  CHECK(a.wanted({.replicas = 5, .in_flight = 25}, ticks(50)) == 5);
  CHECK(a.wanted({.replicas = 5, .in_flight = 5}, ticks(80)) == 3);  // the most that was wanted since 20
  CHECK(a.wanted({.replicas = 3, .in_flight = 0}, ticks(90)) == 3);
}

TEST_CASE("an autoscaler by targets adds while they are missed") {
  Autoscaler a({.by = ScaleBy::slo, .min = 1, .max = 4, .target = 0.9, .hold_s = 0});
  CHECK(a.wanted({.replicas = 2, .in_flight = 50, .places = 16, .first_tokens = 100, .in_time = 80}, 0) == 3);
  CHECK(a.wanted({.replicas = 2, .in_flight = 10, .places = 16, .first_tokens = 100, .in_time = 95}, 0) == 2);
  CHECK(a.wanted({.replicas = 2, .in_flight = 7, .places = 16, .first_tokens = 100, .in_time = 95}, 0) == 1);
}

TEST_CASE("an engine that cannot work is refused") {
  const LinearTimes times = large_model();
  IterationLines lines(times);
  const ReplicaConfig good{.blocks = 100};
  CHECK_NOTHROW(Replica(good, lines));
  ReplicaConfig bad = good;
  bad.blocks = 0;
  CHECK_THROWS_AS(Replica(bad, lines), std::invalid_argument);
  bad = good, bad.tokens_per_iteration = 2;
  CHECK_THROWS_AS(Replica(bad, lines), std::invalid_argument);
  bad = good, bad.hash_block_tokens = 24;
  CHECK_THROWS_AS(Replica(bad, lines), std::invalid_argument);
  bad = good, bad.preemption = Preemption::swap;
  CHECK_THROWS_AS(Replica(bad, lines), std::invalid_argument);
}

}  // namespace
