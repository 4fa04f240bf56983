// A replica played in closed form and iteration by iteration; what holds however it is played.
#include <catch2/catch.hpp>
#include <map>

#include "../support/naive_replica.hpp"
#include "../support/serving.hpp"

namespace {

using namespace alight;
using namespace alight::test;
using Kind = ReplicaEvent::Kind;

/// What a look at a replica in the midst of things shows.
struct Sight {
  std::int64_t waiting, running, used, referenced, unreferenced, evicted, cached, iterations, context;
  Ticks busy;
  bool operator==(const Sight&) const = default;
};

Sight look_at(Replica& r, Ticks t, const RandomLoad& load) {
  Sight s{};
  s.used = r.used_blocks(t);
  s.waiting = r.waiting(), s.running = r.running();
  s.referenced = r.cache().referenced(), s.unreferenced = r.cache().unreferenced(), s.evicted = r.cache().evicted();
  const ReplicaRequest& asked = load.arrivals.front().request;
  s.cached = r.cached_tokens(asked.blocks, asked.prompt, t);
  const ReplicaTotals totals = r.totals(t);
  s.iterations = totals.iterations, s.context = totals.decode_context, s.busy = totals.busy;
  return s;
}

TEST_CASE("closed form and every iteration give the same events at the same ticks") {
  std::map<Kind, std::int64_t> seen;
  std::int64_t steps = 0, iterations = 0, hits = 0;
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    INFO("seed " << seed);
    const RandomLoad load = random_load(seed);
    ReplicaTotals stretched, single;
    std::vector<Sight> sights[2];
    const auto look = [&](bool exact) {
      return [&, exact](Replica& r, Ticks t) { sights[exact].push_back(look_at(r, t, load)); };
    };
    const auto events = play_alone(load, false, &stretched, look(false));
    const auto expected = play_alone(load, true, &single, look(true));
    REQUIRE(events.size() == expected.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      INFO("event " << i << " of " << events.size() << ", request " << events[i].id);
      REQUIRE(events[i] == expected[i]);
      ++seen[events[i].kind];
    }
    REQUIRE(sights[0] == sights[1]);
    CHECK(stretched.busy == single.busy);
    CHECK(stretched.swapping == single.swapping);
    CHECK(stretched.iterations == single.iterations);
    CHECK(stretched.prefill_tokens == single.prefill_tokens);
    CHECK(stretched.recomputed_tokens == single.recomputed_tokens);
    CHECK(stretched.decode_tokens == single.decode_tokens);
    CHECK(stretched.decode_context == single.decode_context);
    CHECK(stretched.hit_tokens == single.hit_tokens);
    steps += stretched.steps, iterations += single.iterations, hits += single.hit_tokens;
  }
  // The loads do what they are there for.
  CHECK(seen[Kind::finished] > 50000);
  CHECK(seen[Kind::preempted] > 5000);
  CHECK(seen[Kind::timed_out] > 1000);
  CHECK(hits > 100000);
  CHECK(steps < iterations);
}

TEST_CASE("a replica does what a plain loop over iterations and sequences does") {
  std::int64_t compared = 0, preempted = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    INFO("seed " << seed);
    RandomLoad load = random_load(seed);
    load.config.prefix_caching = PrefixCaching::off;
    // No arrival meets the end of an iteration to the last digit: the plain loop's sums round.
    Stream s = stream(seed, "jitter");
    double later = 0;
    for (Arrival& a : load.arrivals) {
      later += static_cast<double>(s() >> 11) * 0x1p-53 * 1e-5;
      a.at_s += later;
      if (a.request.deadline < kNever) a.request.deadline += ticks(later);
    }
    const auto events = play_alone(load, false, nullptr, [](Replica&, Ticks) {});
    const auto expected = NaiveReplica(load.config, load.times).play(load.arrivals);
    REQUIRE(events.size() == expected.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      INFO("event " << i << " of " << events.size() << ", request " << events[i].id << " at " << seconds(events[i].at));
      REQUIRE(events[i].kind == expected[i].kind);
      REQUIRE(events[i].id == expected[i].id);
      REQUIRE(events[i].tokens == expected[i].tokens);
      REQUIRE(seconds(events[i].at) == Approx(static_cast<double>(expected[i].at_s)).epsilon(1e-12).margin(1e-15));
      preempted += events[i].kind == Kind::preempted;
    }
    compared += static_cast<std::int64_t>(events.size());
  }
  CHECK(compared > 50000);
  CHECK(preempted > 1000);
}

TEST_CASE("every request ends once, with all its tokens, and blocks never exceed what there is") {
  for (std::uint64_t seed = 4001; seed <= 5000; ++seed) {
    INFO("seed " << seed);
    const RandomLoad load = random_load(seed);
    ReplicaTotals totals;
    const auto look = [&](Replica& r, Ticks t) {
      const std::int64_t used = r.used_blocks(t);
      CHECK(used >= 0);
      CHECK(used <= r.config().blocks);
      if (r.config().prefix_caching == PrefixCaching::on) {
        const std::int64_t weight = r.config().hash_block_tokens / r.config().block_tokens;
        CHECK(used + weight * r.cache().unreferenced() <= r.config().blocks);
      }
      if (t == kNever - 1) {
        CHECK(r.empty());
        CHECK(used == 0);
        CHECK(r.cache().referenced() == 0);
        CHECK(r.next_change() == kNever);
      }
    };
    const auto events = play_alone(load, false, &totals, look);
    std::map<std::uint32_t, int> ends, firsts;
    std::int64_t decoded = 0;
    Ticks last = 0;
    for (const ReplicaEvent& e : events) {
      CHECK(e.at >= last);
      last = e.at;
      const ReplicaRequest& r = load.arrivals[e.id].request;
      CHECK(e.at >= ticks(load.arrivals[e.id].at_s));
      if (e.kind == Kind::first_token) ++firsts[e.id];
      if (e.kind == Kind::finished) {
        CHECK(e.tokens == r.output);
        CHECK(firsts[e.id] == 1);
      }
      if (e.kind == Kind::timed_out) CHECK(e.at >= r.deadline);
      if (e.kind == Kind::finished || e.kind == Kind::timed_out) {
        ++ends[e.id];
        decoded += e.tokens;
      }
    }
    IterationLines lines(load.times);
    const Replica probe(load.config, lines);
    for (const Arrival& a : load.arrivals)
      CHECK(ends[a.request.id] == (probe.fits(a.request.prompt, a.request.output) ? 1 : 0));
    // Answer tokens: one of each prefill, all others of decoding.
    if (totals.preemptions == 0) CHECK(decoded == totals.decode_tokens + static_cast<std::int64_t>(firsts.size()));
  }
}

TEST_CASE("closed form and every iteration agree whatever speeds its chips change to, and slow ones end no earlier") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    INFO("seed " << seed);
    RandomLoad load = random_load(seed);
    load.times.apart = load.times.rest / 2;
    IterationLines lines(load.times);
    // A look is before each arrival: from then on another speed, on average at every third.
    const auto played = [&](bool exact, ReplicaTotals& totals) {
      Stream dice = stream(seed, "speeds");
      return play_alone(load, exact, &totals, [&](Replica& r, Ticks t) {
        if (coin(dice, 3)) r.pace_by(lines, static_cast<double>(draw(dice, 2, 12)) / 10, t);
      });
    };
    ReplicaTotals stretched, single;
    CHECK(played(false, stretched) == played(true, single));
    CHECK(stretched.busy == single.busy);
    CHECK(stretched.iterations == single.iterations);
    // Alone on its chips a request takes longer the slower they are.
    load.arrivals.resize(1);
    load.arrivals[0].request.deadline = kNever;
    const auto at = [&](double speed) { return [&lines, speed](Replica& r, Ticks t) { r.pace_by(lines, speed, t); }; };
    const auto slow = play_alone(load, false, nullptr, at(0.7)), full = play_alone(load, false, nullptr, at(1));
    REQUIRE(slow.size() == full.size());
    for (std::size_t i = 0; i < slow.size(); ++i) CHECK(slow[i].at > full[i].at);
  }
}

TEST_CASE("the same load played twice gives the same bytes") {
  const RandomLoad load = random_load(17), again = random_load(17);
  const auto nothing = [](Replica&, Ticks) {};
  CHECK(play_alone(load, false, nullptr, nothing) == play_alone(again, false, nullptr, nothing));
}

}  // namespace
