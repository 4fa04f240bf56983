// The books, by hand: integrals, bins, and what must not happen.
#include <catch2/catch.hpp>
#include <stdexcept>
#include <vector>

#include "sim/facility/state_power.hpp"
#include "sim/ledger/ledger.hpp"
#include "sim/record/statistics.hpp"
#include "tests/support/runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

double of(const StateTimes& times, ChipState state) {
  return times[static_cast<std::size_t>(state)];
}

}  // namespace

TEST_CASE("chip-seconds are integrated by state and cut into bins") {
  // 4 chips; at 3 two of them start work, at 12 one stops and half of another chip is taken for 3 s.
  const Site site = site_of({chips_pool("p", 4)});
  std::vector<LedgerBin> bins;
  Ledger ledger(site, 10, [&](const LedgerBin& bin) { bins.push_back(bin); });
  ledger.move(0, ChipState::idle, ChipState::opaque, 2000, 3);
  ledger.move(0, ChipState::opaque, ChipState::idle, 1000, 12);
  ledger.move(0, ChipState::idle, ChipState::opaque, 500, 12);
  ledger.move(0, ChipState::opaque, ChipState::idle, 500, 15);
  CHECK(ledger.milli(0, ChipState::opaque) == 1000);
  CHECK(ledger.close(25).empty());
  REQUIRE(bins.size() == 3);
  CHECK(bins[0].t_end_s == 10);
  CHECK(of(bins[0].chip_s[0], ChipState::opaque) == 14);  // 2 chips in [3, 10)
  CHECK(of(bins[0].chip_s[0], ChipState::idle) == 26);
  CHECK(of(bins[1].chip_s[0], ChipState::opaque) == Approx(2 * 2 + 1.5 * 3 + 1 * 5));
  CHECK(bins[2].t_start_s == 20);
  CHECK(bins[2].t_end_s == 25);
  CHECK(of(bins[2].chip_s[0], ChipState::opaque) == 5);
  CHECK(ledger.installed_chip_s() == 100);
  CHECK(of(ledger.totals()[0], ChipState::opaque) == Approx(14 + 13.5 + 5));
  CHECK(of(ledger.totals()[0], ChipState::idle) == Approx(100 - 32.5));
}

TEST_CASE("time counted anew leaves its state, within the bin, before the bin is closed") {
  const Site site = site_of({chips_pool("p", 4)});
  std::vector<LedgerBin> bins;
  Ledger ledger(site, 10, [&](const LedgerBin& bin) { bins.push_back(bin); });
  const auto anew = [](double useful, double below_peak) {
    StateTimes chip_s{};
    chip_s[static_cast<std::size_t>(ChipState::useful)] = useful;
    chip_s[static_cast<std::size_t>(ChipState::below_peak)] = below_peak;
    return chip_s;
  };
  std::vector<double> ends;
  ledger.before_close([&](double end_s) {
    ends.push_back(end_s);
    if (end_s == 10) ledger.recount(0, ChipState::no_requests, anew(3, 4), {}, 1, end_s);
  });
  ledger.move(0, ChipState::idle, ChipState::no_requests, 2000, 0);
  ledger.recount(0, ChipState::no_requests, anew(1, 0), {}, 1, 4);
  ledger.advance(12);
  CHECK_THROWS_AS(ledger.recount(0, ChipState::no_requests, anew(5, 0), {}, 1, 12),
                  std::logic_error);  // 4 chip-s are there
  CHECK(ledger.close(20).empty());
  CHECK(ends == std::vector<double>{10, 20, 20});
  REQUIRE(bins.size() == 2);
  CHECK(of(bins[0].chip_s[0], ChipState::useful) == Approx(1 + 3));
  CHECK(of(bins[0].chip_s[0], ChipState::below_peak) == Approx(4));
  CHECK(of(bins[0].chip_s[0], ChipState::no_requests) == Approx(20 - 8));
  CHECK(of(bins[1].chip_s[0], ChipState::no_requests) == Approx(20));
  CHECK(of(bins[1].chip_s[0], ChipState::useful) == 0);
}

TEST_CASE("a long silence closes every bin it passes; a run that ends at a bin's end leaves no empty one") {
  const Site site = site_of({chips_pool("p", 1), chips_pool("q", 2)});
  std::size_t bins = 0;
  Ledger ledger(site, 0.1, [&](const LedgerBin& bin) {
    ++bins;
    CHECK(of(bin.chip_s[1], ChipState::idle) == Approx(2 * (bin.t_end_s - bin.t_start_s)));
  });
  CHECK(ledger.close(100 * 0.1).empty());
  CHECK(bins == 100);
}

TEST_CASE("thousandths moved to and fro for a million times do not drift") {
  const Site site = site_of({chips_pool("p", 3)});
  Ledger ledger(site, 3600, [](const LedgerBin&) {});
  double now_s = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    ledger.move(0, ChipState::idle, ChipState::opaque, 333, now_s += 0.1);
    ledger.move(0, ChipState::opaque, ChipState::idle, 333, now_s += 0.2);
  }
  CHECK(ledger.close(now_s).empty());
  CHECK(of(ledger.totals()[0], ChipState::opaque) == Approx(0.333 * 0.2 * 1e6).epsilon(1e-9));
}

TEST_CASE("taking more than is there is our own bug") {
  const Site site = site_of({chips_pool("p", 1)});
  Ledger ledger(site, 10, [](const LedgerBin&) {});
  CHECK_THROWS_AS(ledger.move(0, ChipState::idle, ChipState::opaque, 1001, 1), std::logic_error);
  Ledger other(site, 10, [](const LedgerBin&) {});
  CHECK_THROWS_AS(other.move(0, ChipState::failed, ChipState::idle, 1, 1), std::logic_error);
}

TEST_CASE("statistics: percentiles at rank ceil(p n), mean, maximum") {
  std::vector<double> ten = {7, 1, 10, 3, 2, 9, 8, 4, 6, 5};
  const Distribution d = distribution(ten);
  CHECK(d.count == 10);
  CHECK(d.mean == 5.5);
  CHECK(d.p50 == 5);
  CHECK(d.p90 == 9);
  CHECK(d.p99 == 10);
  CHECK(d.max == 10);
  std::vector<double> one = {4}, none, hundred;
  CHECK(distribution(one).p99 == 4);
  CHECK(distribution(none).count == 0);
  for (int i = 100; i > 0; --i) hundred.push_back(i);
  const Distribution h = distribution(hundred);
  CHECK(h.p50 == 50);
  CHECK(h.p90 == 90);
  CHECK(h.p99 == 99);
  CHECK(h.max == 100);
}

TEST_CASE("statistics: bounded slowdown") {
  CHECK(bounded_slowdown(0, 100) == 1);
  CHECK(bounded_slowdown(100, 100) == 2);
  CHECK(bounded_slowdown(19, 1) == 2);  // a run of 1 s counts as 10
  CHECK(bounded_slowdown(0, 0) == 1);   // and never less than 1
  CHECK(bounded_slowdown(3600, 0) == 360);
}

TEST_CASE("a split is whole parts that sum to one, in proportion") {
  std::array<double, kChipStates> weights{};
  const auto at = [](ChipState s) { return static_cast<std::size_t>(s); };
  weights[at(ChipState::useful)] = 1;
  weights[at(ChipState::bubble)] = 1;
  weights[at(ChipState::exposed_comm)] = 1;
  const Split thirds = Split::in_proportion(weights);
  CHECK(thirds.parts(ChipState::useful) + thirds.parts(ChipState::bubble) + thirds.parts(ChipState::exposed_comm) ==
        Split::kWhole);
  CHECK(thirds.parts(ChipState::exposed_comm) == 3'333'334);  // of equals the first takes what is left
  CHECK(thirds.parts(ChipState::useful) == 3'333'333);
  CHECK(Split(ChipState::opaque).parts(ChipState::opaque) == Split::kWhole);
  weights[at(ChipState::useful)] = -1;
  CHECK_THROWS_AS(Split::in_proportion(weights), std::logic_error);
  CHECK_THROWS_AS(Split::in_proportion({}), std::logic_error);
}

TEST_CASE("chips move into a split and out of it without a remainder") {
  const Site site = site_of({chips_pool("p", 7)});
  Ledger ledger(site, 1e9, [](const LedgerBin&) {});
  std::array<double, kChipStates> weights{};
  weights[static_cast<std::size_t>(ChipState::useful)] = 0.3;
  weights[static_cast<std::size_t>(ChipState::below_peak)] = 0.6;
  weights[static_cast<std::size_t>(ChipState::bubble)] = 0.1;
  const Split split = Split::in_proportion(weights);
  double now_s = 0;
  for (int i = 0; i < 1000; ++i) {
    ledger.move(0, ChipState::idle, split, 7000, now_s);
    now_s += 0.7;
    ledger.move(0, split, ChipState::idle, 7000, now_s);
    REQUIRE(ledger.milli(0, ChipState::idle) == 7000);
    REQUIRE(ledger.milli(0, ChipState::useful) == 0);
  }
  CHECK(ledger.close(now_s).empty());
  CHECK(of(ledger.totals()[0], ChipState::useful) == Approx(0.3 * 7 * now_s).epsilon(1e-9));
  CHECK(of(ledger.totals()[0], ChipState::bubble) == Approx(0.1 * 7 * now_s).epsilon(1e-9));
  CHECK(of(ledger.totals()[0], ChipState::idle) == 0);
  CHECK_THROWS_AS(ledger.move(0, split, ChipState::idle, 1, now_s), std::logic_error);
}

TEST_CASE("work done again draws what it drew at first, at any clock") {
  const StatePower power = state_power({100, 500}, {.chips = 8, .chip_tdp_w = 500}, 0.5);
  std::array<double, kChipStates> time{};
  const auto of = [&](ChipState state) -> double& { return time[static_cast<std::size_t>(state)]; };
  of(ChipState::useful) = 0.4;
  of(ChipState::below_peak) = 0.2;
  of(ChipState::exposed_comm) = 0.25;
  of(ChipState::bubble) = 0.1;
  of(ChipState::lost) = 0.05;
  const Split full = Split::in_proportion(time, {.compute = 0.7, .memory = 0.2});
  for (const Split& first : {full, full.clocked(0.6, 1.3), Split(ChipState::opaque).drawing(0.3)}) {
    const Split again = first.redone();
    CHECK(power.draw_w(again) == Approx(power.draw_w(first)).epsilon(1e-12));
    CHECK(again.parts(ChipState::throttled) == first.parts(ChipState::throttled));
    CHECK(again.parts(ChipState::lost) == Split::kWhole - first.parts(ChipState::throttled));
    CHECK(again.parts(ChipState::useful) == 0);
    CHECK(again.first_done() == first);
  }
}
