// Backfilling of jobs over several pools against plain implementations of the textbook, written here for pools of
// one-chip servers and one queue and sharing nothing with the ones under test. Times are exact: rigid jobs run as long
// as they ask for, mixed ones are never done and are killed at their requested time.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <limits>
#include <set>

#include "tests/support/random_runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::size_t kPools = 3;
using Chips = std::array<std::int64_t, kPools>;

struct Gang {
  double submit_s, length_s;
  Chips wants{};
  bool within(const Chips& free) const {
    for (std::size_t p = 0; p < kPools; ++p)
      if (wants[p] > free[p]) return false;
    return true;
  }
};

Chips plus(Chips a, const Chips& b, std::int64_t sign = 1) {
  for (std::size_t p = 0; p < kPools; ++p) a[p] += sign * b[p];
  return a;
}

struct Gangs {
  std::vector<Row> rows;
  std::vector<Gang> gangs;  ///< in the order of submission
};

// Submitted at different whole seconds, so that the order is the rows'.
Gangs random_gangs(std::uint64_t seed, std::int64_t count, const Chips& sizes) {
  Dice dice(seed);
  Gangs out;
  double submit_s = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    submit_s += static_cast<double>(dice(1, 9));
    Gang gang{submit_s, static_cast<double>(dice(1, 60))};
    Row row{.id = "j" + std::to_string(i), .submit_s = gang.submit_s, .estimate_s = gang.length_s, .kill = true};
    if (dice.one_in(3)) {
      const auto without = static_cast<std::size_t>(dice(0, 5));
      row.model = "small";
      row.training = "plan gb32 seq512";
      row.tokens = 1e15;
      for (std::size_t p = 0; p < kPools; ++p) {
        if (p == without) continue;
        gang.wants[p] = dice.one_in(2) ? sizes[p] : 2;
        row.mix.parts.push_back({"p" + std::to_string(p), gang.wants[p]});
      }
    } else {
      const auto p = static_cast<std::size_t>(dice(0, kPools - 1));
      row.duration_s = gang.length_s;
      row.chips = gang.wants[p] = dice.one_in(3) ? dice(1, sizes[p]) : dice(1, 2);
      row.kinds = "p" + std::to_string(p) + " chip";
    }
    out.rows.push_back(std::move(row));
    out.gangs.push_back(gang);
  }
  return out;
}

// A head is promised the first moment at which it fits everywhere. No two jobs end at one time (see distinct_ends).
std::vector<double> textbook_easy(const std::vector<Gang>& gangs, Chips free) {
  struct Run {
    double end_s;
    std::size_t job;
  };
  std::vector<double> starts(gangs.size(), -1);
  std::vector<Run> running;
  std::vector<std::size_t> queue;
  for (std::size_t next = 0; next < gangs.size() || !running.empty();) {
    double now_s = next < gangs.size() ? gangs[next].submit_s : kNever;
    for (const Run& r : running) now_s = std::min(now_s, r.end_s);
    std::erase_if(running, [&](const Run& r) {
      if (r.end_s == now_s) free = plus(free, gangs[r.job].wants);
      return r.end_s == now_s;
    });
    for (; next < gangs.size() && gangs[next].submit_s == now_s; ++next) queue.push_back(next);
    const auto start = [&](std::size_t j) {
      starts[j] = now_s;
      free = plus(free, gangs[j].wants, -1);
      running.push_back({now_s + gangs[j].length_s, j});
    };
    while (!queue.empty() && gangs[queue.front()].within(free)) {
      start(queue.front());
      queue.erase(queue.begin());
    }
    if (queue.empty()) continue;
    const Gang& head = gangs[queue.front()];
    std::sort(running.begin(), running.end(),
              [](const Run& a, const Run& b) { return a.end_s != b.end_s ? a.end_s < b.end_s : a.job < b.job; });
    double shadow_s = now_s;
    Chips there = free;
    for (const Run& r : running) {
      if (head.within(there)) break;
      there = plus(there, gangs[r.job].wants);
      shadow_s = r.end_s;
    }
    Chips spare = plus(there, head.wants, -1);
    for (std::size_t p = 0; p < kPools; ++p)
      if (head.wants[p] == 0) spare[p] = std::numeric_limits<std::int64_t>::max() / 2;  // nothing is promised there
    for (std::size_t i = 1; i < queue.size();) {
      const Gang& gang = gangs[queue[i]];
      const bool by_shadow = now_s + gang.length_s <= shadow_s;
      if (!gang.within(free) || (!by_shadow && !gang.within(spare))) {
        ++i;
        continue;
      }
      if (!by_shadow) spare = plus(spare, gang.wants, -1);
      start(queue[i]);
      queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  return starts;
}

// Every job gets the first hole that those before it leave in all its pools at once.
std::vector<double> first_plan(const std::vector<Gang>& gangs, const Chips& sizes) {
  struct Block {
    double from_s, to_s;
    Chips chips;
  };
  std::vector<Block> blocks;
  std::vector<double> starts;
  for (const Gang& gang : gangs) {
    const auto fits = [&](double at_s) {
      std::set<double> moments = {at_s};
      for (const Block& b : blocks)
        if (b.from_s > at_s && b.from_s < at_s + gang.length_s) moments.insert(b.from_s);
      return std::all_of(moments.begin(), moments.end(), [&](double t) {
        Chips free = sizes;
        for (const Block& b : blocks)
          if (b.from_s <= t && t < b.to_s) free = plus(free, b.chips, -1);
        return gang.within(free);
      });
    };
    std::set<double> candidates = {gang.submit_s};
    for (const Block& b : blocks)
      if (b.to_s > gang.submit_s) candidates.insert(b.to_s);
    const double at_s = *std::find_if(candidates.begin(), candidates.end(), fits);
    blocks.push_back({at_s, at_s + gang.length_s, gang.wants});
    starts.push_back(at_s);
  }
  return starts;
}

Site pools_of(const Chips& sizes) {
  std::vector<Pool> pools;
  for (std::size_t p = 0; p < kPools; ++p) pools.push_back(trained_pool("p" + std::to_string(p), sizes[p], 1));
  return site_of(std::move(pools));
}

// Of several jobs that end together, heads of one pool count only as many as they need, mixed ones all: the textbook
// above is about runs where that makes no difference.
bool distinct_ends(const std::vector<Gang>& gangs, const std::vector<double>& starts) {
  std::set<double> ends;
  for (std::size_t j = 0; j < gangs.size(); ++j)
    if (!ends.insert(starts[j] + gangs[j].length_s).second) return false;
  return true;
}

}  // namespace

TEST_CASE("easy starts jobs over several pools when the textbook does") {
  const Chips sizes = {6, 8, 5};
  const Site site = pools_of(sizes);
  const auto ground = small_ground(site);
  int compared = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    Gangs g = random_gangs(seed, 60, sizes);
    // Lengths apart by less than a second keep ends from meeting.
    for (std::size_t j = 0; j < g.gangs.size(); ++j) {
      g.gangs[j].length_s += static_cast<double>(j + 1) / 128;
      g.rows[j].estimate_s = g.gangs[j].length_s;
      if (g.rows[j].duration_s > 0) g.rows[j].duration_s = g.gangs[j].length_s;
    }
    const std::vector<double> starts = textbook_easy(g.gangs, sizes);
    if (!distinct_ends(g.gangs, starts)) continue;
    ++compared;
    INFO("seed " << seed);
    CHECK(played(site, workload(g.rows), {.policy = "easy"}, ground).starts() == starts);
  }
  CHECK(compared >= 20);
}

TEST_CASE("conservative keeps the first plan of jobs over several pools") {
  const Chips sizes = {6, 8, 5};
  const Site site = pools_of(sizes);
  const auto ground = small_ground(site);
  for (std::uint64_t seed = 100; seed < 115; ++seed) {
    const Gangs g = random_gangs(seed, 60, sizes);
    INFO("seed " << seed);
    CHECK(played(site, workload(g.rows), {.policy = "conservative"}, ground).starts() == first_plan(g.gangs, sizes));
  }
}
