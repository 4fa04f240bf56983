// Failures as they must be whatever the numbers: one queue for many devices is as good as a draw for each, closed forms
// agree with games played out, more is never better where it cannot be.
#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/uniform_real_distribution.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "models/random/streams.hpp"
#include "models/reliability/checkpointing.hpp"
#include "models/reliability/failures.hpp"
#include "models/reliability/interruptions.hpp"
#include "models/reliability/rates.hpp"
#include "models/reliability/repair.hpp"
#include "models/reliability/repair_time.hpp"
#include "models/reliability/slow_chips.hpp"

using namespace alight;

namespace {

struct Sample {
  std::vector<double> values;
  void add(double v) { values.push_back(v); }
  double mean() const {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  }
  double variance() const {
    const double m = mean();
    double sum = 0;
    for (const double v : values) sum += (v - m) * (v - m);
    return sum / static_cast<double>(values.size() - 1);
  }
  /// Standard error of the mean.
  double error() const { return std::sqrt(variance() / static_cast<double>(values.size())); }
};

/// The same mean within five standard errors: one run in 1.7 million is beyond by chance.
void same_mean(const Sample& a, const Sample& b) {
  INFO(a.mean() << " against " << b.mean());
  CHECK(std::abs(a.mean() - b.mean()) <= 5 * std::hypot(a.error(), b.error()) + 1e-12);
}

Lifetime bathtub() {
  return Lifetime::exponential(0.5)
      .with(early_risk({.share = 0.1, .within_s = 0.1 * kSecondsPerYear, .shape = 0.6}))
      .with(wear_risk({.mean_s = 1.5 * kSecondsPerYear, .shape = 4}));
}

double uniform(Stream& s, double from, double to) {
  return boost::random::uniform_real_distribution<double>(from, to)(s);
}

}  // namespace

TEST_CASE("one queue for all devices is as good as a draw for each of them") {
  // 40 devices, replaced at once, over three years: how many fail, in the first tenth of a year and in all.
  constexpr int kDevices = 40, kGames = 1500;
  const double horizon = 3 * kSecondsPerYear, early = 0.1 * kSecondsPerYear;
  for (const Lifetime& life : {Lifetime::exponential(0.8), Lifetime::weibull(kSecondsPerYear, 0.6),
                               Lifetime::weibull(kSecondsPerYear, 3), bathtub()}) {
    Sample queue, queue_early, each, each_early;
    for (int game = 0; game < kGames; ++game) {
      const auto seed = static_cast<std::uint64_t>(game);
      Failures fleet(life, stream(seed, "queue"));
      fleet.add(kDevices);
      double all = 0, first = 0;
      while (fleet.next_s() <= horizon) {
        const double at = fleet.next_s();
        fleet.put_back(fleet.fail(), at);
        ++all;
        first += at <= early;
      }
      queue.add(all);
      queue_early.add(first);
      Stream s = stream(seed, "each");
      all = first = 0;
      for (int device = 0; device < kDevices; ++device)
        for (double t = life.draw_s(s); t <= horizon; t += life.draw_s(s)) {
          ++all;
          first += t <= early;
        }
      each.add(all);
      each_early.add(first);
    }
    same_mean(queue, each);
    same_mean(queue_early, each_early);
    // Not only the mean: regular failures (wear) spread less than a Poisson process, early ones more.
    CHECK(queue.variance() == Approx(each.variance()).epsilon(0.2));
  }
}

TEST_CASE("every device of a cohort is as likely to be the one") {
  std::vector<int> hits(10, 0);
  Failures fleet(Lifetime::exponential(1), stream(3, "who"));
  fleet.add(10);
  for (int i = 0; i < 20000; ++i) {
    const double at = fleet.next_s();
    const auto who = fleet.fail();
    ++hits[static_cast<std::size_t>(who)];
    fleet.put_back(who, at);
  }
  for (const int n : hits) CHECK(std::abs(n - 2000) < 5 * std::sqrt(2000 * 0.9));
}

TEST_CASE("a life drawn after an age is what is left of lives that reached it") {
  const Lifetime life = bathtub();
  const double age = 0.8 * kSecondsPerYear;
  Stream s = stream(5, "age");
  Sample left, conditional;
  for (int i = 0; i < 40000; ++i) {
    const double whole = life.draw_s(s);
    if (whole > age) left.add(whole - age);
    conditional.add(life.draw_s(s, age));
  }
  same_mean(left, conditional);
  // The first of n is as the least of n draws.
  Sample least, first;
  for (int i = 0; i < 5000; ++i) {
    double low = life.draw_s(s, age);
    for (int k = 1; k < 20; ++k) low = std::min(low, life.draw_s(s, age));
    least.add(low);
    first.add(life.draw_s(s, age, 20));
  }
  same_mean(least, first);
}

TEST_CASE("the same seed gives the same failures, and causes do not shift one another") {
  FailureCause a, b;
  a.name = "a";
  a.per_year = 3;
  b.name = "b";
  b.per_year = 50;
  b.wear = wear_risk({.mean_s = 1e7, .shape = 3});
  const std::vector<FailureCause> one = {a}, both = {b, a};
  const auto alone = draw_interruptions(one, {10, 2}, kSecondsPerYear, 0, 11);
  const auto again = draw_interruptions(one, {10, 2}, kSecondsPerYear, 0, 11);
  const auto beside = draw_interruptions(both, {10, 2}, kSecondsPerYear, 0, 11);
  REQUIRE(alone.size() > 10);
  REQUIRE(alone.size() == again.size());
  std::vector<Interruption> of_a;
  for (const Interruption& i : beside)
    if (i.cause == 1) of_a.push_back(i);
  REQUIRE(of_a.size() == alone.size());
  for (std::size_t i = 0; i < alone.size(); ++i) {
    CHECK(alone[i].time_s == again[i].time_s);
    CHECK(alone[i].time_s == of_a[i].time_s);
    CHECK(alone[i].device == of_a[i].device);
  }
  CHECK(std::is_sorted(beside.begin(), beside.end(), [](const auto& x, const auto& y) { return x.time_s < y.time_s; }));
}

TEST_CASE("the sweep of intervals has its best where Daly says") {
  for (const double mttf : {900.0, 3600.0, 21600.0, 86400.0})
    for (const double stall : {0.5, 10.0, 60.0, 300.0})
      for (const double restart : {0.0, 600.0}) {
        const CheckpointCosts costs{.mttf_s = mttf, .stall_s = stall, .restart_s = restart};
        double best = 0, at = 0;
        for (double interval = 1; interval < 4 * mttf; interval *= 1.001) {
          const double useful = time_shares(costs, interval).useful;
          if (useful > best) best = useful, at = interval;
        }
        INFO("MTTF " << mttf << " stall " << stall << " restart " << restart);
        CHECK(at == Approx(best_interval_s(costs)).epsilon(0.002));
        CHECK(at == Approx(daly_interval_s(costs)).epsilon(0.01));
        // What the approximations cost against the best: nothing, and up to a tenth of a job that can hardly live.
        CHECK(time_shares(costs, daly_interval_s(costs)).useful > best - 1e-5);
        CHECK(time_shares(costs, young_interval_s(costs)).useful > best - 0.03);
        // The best does not depend on what a restart takes.
        CHECK(best_interval_s(costs) == best_interval_s({.mttf_s = mttf, .stall_s = stall}));
      }
}

TEST_CASE("the closed form of a job's time is what a job played out gets") {
  Stream s = stream(1, "jobs");
  boost::random::exponential_distribution<double> life;
  for (int game = 0; game < 12; ++game) {
    CheckpointCosts costs;
    costs.mttf_s = uniform(s, 2000, 40000);
    costs.stall_s = uniform(s, 1, 300);
    costs.restart_s = uniform(s, 0, 1500);
    const double interval = uniform(s, 300, 9000);
    if (game % 2) costs.behind_s = uniform(s, 0, interval + costs.stall_s);
    Sample kept, lasted;
    double useful = 0, time = 0, checkpoint = 0;
    for (int failure = 0; failure < 60000; ++failure) {
      // A restart that fails begins anew.
      double restart = life(s) * costs.mttf_s;
      while (restart < costs.restart_s) {
        time += restart;
        restart = life(s) * costs.mttf_s;
      }
      time += costs.restart_s;
      const double ran = life(s) * costs.mttf_s;
      time += ran;
      const double count = std::max(0.0, std::floor((ran - costs.behind_s) / (interval + costs.stall_s)));
      useful += count * interval;
      checkpoint += count * costs.stall_s;
    }
    const TimeShares shares = time_shares(costs, interval);
    CHECK(useful / time == Approx(shares.useful).margin(0.012));
    CHECK(checkpoint / time == Approx(shares.checkpoint).margin(0.005));
    CHECK(shares.useful + shares.checkpoint + shares.lost + shares.restart == Approx(1).epsilon(1e-12));
    CHECK(shares.lost >= 0);
  }
}

TEST_CASE("the closed form of ETTR agrees with the exact model where failures are few") {
  Stream s = stream(2, "ettr");
  for (int game = 0; game < 200; ++game) {
    CheckpointCosts costs;
    costs.mttf_s = uniform(s, 3600, 1e6);
    costs.stall_s = uniform(s, 1, 60);
    costs.restart_s = uniform(s, 0, 0.02 * costs.mttf_s);
    const double best = best_interval_s(costs);
    const double exact = time_shares(costs, best).useful;
    // The paper states 5 % against its own Monte Carlo.
    if (exact > 0.85) CHECK(ettr(costs, best) == Approx(exact).epsilon(0.01));
    // Less often failing, quicker to write, quicker to restart: never worse.
    for (double CheckpointCosts::*better : {&CheckpointCosts::stall_s, &CheckpointCosts::restart_s}) {
      CheckpointCosts less = costs;
      less.*better /= 2;
      CHECK(time_shares(less, best_interval_s(less)).useful >= exact - 1e-12);
    }
    CheckpointCosts rarer = costs;
    rarer.mttf_s *= 2;
    CHECK(time_shares(rarer, best_interval_s(rarer)).useful >= exact);
  }
}

TEST_CASE("crews played out have the queue's law") {
  // 30 servers, exponential failures and repairs, three crews: mean number down and the share of time all are up.
  const RepairLoad load{.servers = 30, .failures_per_year = 4, .repair_s = 0.02 * kSecondsPerYear, .crews = 3};
  Failures fleet(Lifetime::exponential(load.failures_per_year), stream(4, "fail"));
  fleet.add(load.servers);
  Stream s = stream(4, "mend");
  boost::random::exponential_distribution<double> work;
  RepairCrews crews(load.crews);
  std::vector<std::pair<double, Failures::Device>> mending;
  double now = 0, down_time = 0, all_up = 0;
  const double horizon = 4000 * kSecondsPerYear;
  while (now < horizon) {
    const auto back = std::min_element(mending.begin(), mending.end());
    const double next = std::min(fleet.next_s(), back == mending.end() ? INFINITY : back->first);
    down_time += (next - now) * static_cast<double>(mending.size());
    if (mending.empty()) all_up += next - now;
    now = next;
    if (back != mending.end() && back->first <= fleet.next_s()) {
      fleet.put_back(back->second, now);
      mending.erase(back);
    } else {
      const auto who = fleet.fail();
      mending.emplace_back(crews.take(now, work(s) * load.repair_s).back_s, who);
    }
  }
  CHECK(down_time / now == Approx(mean_down(load)).epsilon(0.02));
  CHECK(all_up / now == Approx(down_distribution(load)[0]).epsilon(0.03));
}

TEST_CASE("repair times are drawn by their law") {
  Stream s = stream(9, "repairs");
  for (const RepairTime& time : {RepairTime{100, {}}, RepairTime{100, 60}, RepairTime{100, 100}}) {
    Sample drawn, below;
    for (int i = 0; i < 40000; ++i) {
      const double t = time.draw_s(s);
      drawn.add(t);
      below.add(t <= 50);
    }
    CHECK(std::abs(drawn.mean() - 100) <= 5 * drawn.error() + 1e-9);
    CHECK(std::abs(below.mean() - time.cdf(50)) <= 5 * below.error() + 1e-9);
  }
}

TEST_CASE("spares: enough and not one too many; more crews never need more of them") {
  Stream s = stream(6, "spares");
  for (int game = 0; game < 40; ++game) {
    RepairLoad load{.failures_per_year = uniform(s, 0.5, 20), .repair_s = uniform(s, 3600, 10 * 86400.0)};
    const auto needed = static_cast<std::int64_t>(uniform(s, 1, 500));
    const double target = uniform(s, 0.5, 0.9999);
    const std::int64_t spares = spares_needed(needed, load, target);
    const auto up = [&](std::int64_t k) {
      load.servers = needed + k;
      const auto share = down_distribution(load);
      return std::accumulate(share.begin(), share.begin() + k + 1, 0.0);
    };
    CHECK(up(spares) >= target);
    if (spares > 0) CHECK(up(spares - 1) < target);
    RepairLoad few = load;
    few.crews = 30;
    const std::int64_t with_few = spares_needed(needed, few, target, 4000);
    CHECK((with_few == -1 || with_few >= spares));
    const auto share = down_distribution(load);
    CHECK(std::accumulate(share.begin(), share.end(), 0.0) == Approx(1).epsilon(1e-12));
  }
}

TEST_CASE("the slowest of n is what draws say, and more chips are never faster") {
  const ChipSpeeds speeds{.spread = 0.03, .slowest = 0.8, .straggler_share = 0.002, .straggler_speed = 0.7};
  Stream s = stream(8, "speeds");
  double before = 2;
  for (const std::int64_t n : {1, 2, 8, 64, 512}) {
    Sample least;
    for (int game = 0; game < 4000; ++game) {
      double low = 9;
      for (std::int64_t i = 0; i < n; ++i) low = std::min(low, speeds.draw(s));
      least.add(low);
    }
    const double expected = slowest_of(speeds, n);
    CHECK(std::abs(least.mean() - expected) < 5 * least.error() + 1e-6);
    CHECK(expected < before);
    before = expected;
  }
  CHECK(slowest_of(speeds, 1000000) == Approx(0.7).epsilon(1e-6));
}
