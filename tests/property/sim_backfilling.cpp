// Backfilling against plain implementations of the textbook, written here for one pool of one-chip servers and one
// queue and sharing nothing with the ones under test.
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <set>

#include "tests/support/random_runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// Whole seconds, so that ends and arrivals often meet; `exact` makes requested times equal run times.
std::vector<Row> gangs(std::uint64_t seed, std::int64_t count, std::int64_t chips, bool exact) {
  Dice dice(seed);
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    Row row{.id = "j" + std::to_string(i),
            .submit_s = static_cast<double>(dice(0, 8 * count)),
            .duration_s = static_cast<double>(dice(1, 60)),
            .chips = dice.one_in(3) ? dice(1, chips) : dice(1, 4)};
    // Some run longer than they asked for, some shorter.
    if (!exact) row.estimate_s = static_cast<double>(dice(1, 90));
    row.kill = !exact && dice.one_in(2);
    rows.push_back(std::move(row));
  }
  return rows;
}

struct Easy {
  std::vector<double> starts;
  std::vector<double> promises;  ///< the shadow time a job was first given as head, or never
};

Easy textbook_easy(const Workload& w, std::int64_t chips) {
  struct Run {
    double asked_end_s, end_s;
    std::size_t job;
  };
  Easy out{std::vector<double>(w.jobs.size(), -1), std::vector<double>(w.jobs.size(), kNever)};
  std::vector<Run> running;
  std::vector<std::size_t> queue;
  std::size_t next = 0;
  std::int64_t free = chips;
  while (next < w.jobs.size() || !running.empty()) {
    double now_s = next < w.jobs.size() ? w.jobs[next].submit_s : kNever;
    for (const Run& r : running) now_s = std::min(now_s, r.end_s);
    std::erase_if(running, [&](const Run& r) {
      if (r.end_s == now_s) free += w.jobs[r.job].chips;
      return r.end_s == now_s;
    });
    for (; next < w.jobs.size() && w.jobs[next].submit_s == now_s; ++next) queue.push_back(next);
    const auto start = [&](std::size_t j) {
      const Job& job = w.jobs[j];
      out.starts[j] = now_s;
      free -= job.chips;
      const double runs_s = job.kill_at_estimate ? std::min(job.duration_s, job.estimate_s) : job.duration_s;
      running.push_back({now_s + job.estimate_s, now_s + runs_s, j});
    };
    while (!queue.empty() && w.jobs[queue.front()].chips <= free) {
      start(queue.front());
      queue.erase(queue.begin());
    }
    if (queue.empty()) continue;
    std::sort(running.begin(), running.end(), [](const Run& a, const Run& b) {
      return a.asked_end_s != b.asked_end_s ? a.asked_end_s < b.asked_end_s : a.job < b.job;
    });
    const Job& head = w.jobs[queue.front()];
    std::int64_t there = free;
    double shadow_s = now_s;
    for (const Run& r : running) {
      if (there >= head.chips) break;
      there += w.jobs[r.job].chips;
      shadow_s = std::max(now_s, r.asked_end_s);
    }
    std::int64_t spare = there - head.chips;
    if (out.promises[queue.front()] == kNever) out.promises[queue.front()] = shadow_s;
    for (std::size_t i = 1; i < queue.size();) {
      const Job& job = w.jobs[queue[i]];
      const bool by_shadow = now_s + job.estimate_s <= shadow_s;
      if (job.chips > free || (!by_shadow && job.chips > spare)) {
        ++i;
        continue;
      }
      if (!by_shadow) spare -= job.chips;
      start(queue[i]);
      queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  return out;
}

// With exact estimates plans never change: every job gets the first hole that those before it leave.
std::vector<double> first_plan(const Workload& w, std::int64_t chips) {
  struct Block {
    double from_s, to_s;
    std::int64_t chips;
  };
  std::vector<Block> blocks;
  std::vector<double> starts;
  for (const Job& job : w.jobs) {
    const auto fits = [&](double at_s) {
      std::set<double> moments = {at_s};
      for (const Block& b : blocks)
        if (b.from_s > at_s && b.from_s < at_s + job.duration_s) moments.insert(b.from_s);
      return std::all_of(moments.begin(), moments.end(), [&](double t) {
        std::int64_t held = 0;
        for (const Block& b : blocks)
          if (b.from_s <= t && t < b.to_s) held += b.chips;
        return held + job.chips <= chips;
      });
    };
    std::set<double> candidates = {job.submit_s};
    for (const Block& b : blocks)
      if (b.to_s > job.submit_s) candidates.insert(b.to_s);
    const double at_s = *std::find_if(candidates.begin(), candidates.end(), fits);
    blocks.push_back({at_s, at_s + job.duration_s, job.chips});
    starts.push_back(at_s);
  }
  return starts;
}

}  // namespace

TEST_CASE("easy starts every job when the textbook does") {
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    const std::int64_t chips = 8 + static_cast<std::int64_t>(seed % 5) * 7;
    const Workload w = workload(gangs(seed, 150, chips, seed % 3 == 0));
    INFO("seed " << seed);
    const Played p = played(site_of({chips_pool("p", chips)}), w, {.policy = "easy"});
    CHECK(p.starts() == textbook_easy(w, chips).starts);
  }
}

TEST_CASE("easy never starts a head later than it was first promised, when estimates are exact") {
  int heads = 0;
  for (std::uint64_t seed = 100; seed < 110; ++seed) {
    const Workload w = workload(gangs(seed, 150, 16, true));
    INFO("seed " << seed);
    const Played p = played(site_of({chips_pool("p", 16)}), w, {.policy = "easy"});
    const Easy easy = textbook_easy(w, 16);
    for (std::size_t j = 0; j < w.jobs.size(); ++j)
      if (easy.promises[j] != kNever) {
        ++heads;
        CHECK(p.jobs[j].start_s <= easy.promises[j]);
      }
  }
  CHECK(heads > 100);
}

TEST_CASE("conservative with exact estimates keeps every job's first plan") {
  for (std::uint64_t seed = 200; seed < 212; ++seed) {
    const std::int64_t chips = 8 + static_cast<std::int64_t>(seed % 3) * 8;
    const Workload w = workload(gangs(seed, 120, chips, true));
    INFO("seed " << seed);
    CHECK(played(site_of({chips_pool("p", chips)}), w, {.policy = "conservative"}).starts() == first_plan(w, chips));
  }
}
