// Failures by hand: rates, lifetimes, what interrupts a job, checkpoint intervals, crews, spares, slow chips.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "models/reliability/checkpointing.hpp"
#include "models/reliability/failures.hpp"
#include "models/reliability/interruptions.hpp"
#include "models/reliability/lifetime.hpp"
#include "models/reliability/rates.hpp"
#include "models/reliability/repair.hpp"
#include "models/reliability/repair_time.hpp"
#include "models/reliability/slow_chips.hpp"

using namespace alight;

namespace {

constexpr double kDay = 86400, kHour = 3600;

FailureCause by_chance(const char* name, double per_year, Per per = Per::chip) {
  FailureCause cause;
  cause.name = name;
  cause.per = per;
  cause.per_year = per_year;
  return cause;
}

}  // namespace

TEST_CASE("rates: an MTBF, an AFR and a count say the same") {
  CHECK(rate_from_mtbf(kSecondsPerYear) == 1);
  CHECK(rate_from_mtbf(8760 * kHour / 4) == 4);
  // Of things that fail 0.7 times a year, 1 - e^-0.7 = 50.34 % have failed after one.
  CHECK(afr_from_rate(0.7) == Approx(0.5034147));
  CHECK(rate_from_afr(afr_from_rate(0.7)) == Approx(0.7));
  // 148 of 16,384 chips in 54 days: 148 / 16384 / 54 x 365.
  CHECK(rate_from_events(148, 16384, 54 * kDay) == Approx(0.06105776).epsilon(1e-7));
}

TEST_CASE("a life by chance has a constant hazard, and its mean is one over it") {
  const Lifetime life = Lifetime::exponential(2);
  CHECK(life.ageless());
  CHECK(life.hazard_per_s(0) == Approx(2 / kSecondsPerYear));
  CHECK(life.hazard_per_s(9e7) == Approx(2 / kSecondsPerYear));
  CHECK(life.survival(kSecondsPerYear / 2) == Approx(std::exp(-1)));
  CHECK(life.mean_s() == Approx(kSecondsPerYear / 2).epsilon(1e-9));
}

TEST_CASE("a Weibull life: 63.2 % are gone at its scale, the mean is scale x Gamma(1 + 1 / shape)") {
  for (const double shape : {0.5, 0.7, 1.0, 2.0, 4.0, 30.0}) {
    const Lifetime life = Lifetime::weibull(1000, shape);
    CHECK(life.survival(1000) == Approx(std::exp(-1)));
    CHECK(life.mean_s() == Approx(1000 * std::tgamma(1 + 1 / shape)).epsilon(1e-8));
  }
  // Shape 2: h = 2 t / scale^2, at half the scale 1 / scale.
  CHECK(Lifetime::weibull(1000, 2).hazard_per_s(500) == Approx(1e-3));
}

TEST_CASE("competing risks: hazards add, and early failures and wear say what they are told to") {
  const EarlyFailures early{.share = 0.05, .within_s = 28 * kDay, .shape = 0.7};
  CHECK(Lifetime().with(early_risk(early)).survival(28 * kDay) == Approx(0.95));
  const WearOut wear{.mean_s = 6 * kSecondsPerYear, .shape = 4};
  CHECK(Lifetime().with(wear_risk(wear)).mean_s() == Approx(6 * kSecondsPerYear).epsilon(1e-8));
  Lifetime bathtub = Lifetime::exponential(0.1);
  bathtub.with(early_risk(early)).with(wear_risk(wear));
  CHECK_FALSE(bathtub.ageless());
  CHECK(bathtub.survival(28 * kDay) ==
        Approx(0.95 * std::exp(-0.1 * 28 / 365) * Lifetime().with(wear_risk(wear)).survival(28 * kDay)));
  // It falls, lies flat, rises.
  CHECK(bathtub.hazard_per_s(kDay) > bathtub.hazard_per_s(kSecondsPerYear));
  CHECK(bathtub.hazard_per_s(8 * kSecondsPerYear) > bathtub.hazard_per_s(2 * kSecondsPerYear));
  // Two risks by chance are one of both rates.
  CHECK(Lifetime::exponential(1).with({kSecondsPerYear / 3, 1}).mean_s() == Approx(kSecondsPerYear / 4).epsilon(1e-9));
}

TEST_CASE("no risk: it lives for ever") {
  Stream stream = alight::stream(1, "none");
  CHECK(Lifetime().draw_s(stream) == std::numeric_limits<double>::infinity());
  CHECK(std::isinf(Lifetime().mean_s()));
  CHECK(Lifetime::exponential(0).ageless());
  CHECK(std::isinf(Lifetime::exponential(0).draw_s(stream)));
  CHECK(early_risk({}).scale_s == 0);
  Failures none(Lifetime(), alight::stream(1, "none"));
  none.add(5);
  CHECK(std::isinf(none.next_s()));
  CHECK_THROWS_AS(none.fail(), std::logic_error);
}

TEST_CASE("who is out neither fails nor ages") {
  Failures fleet(Lifetime::weibull(1e6, 3), stream(7, "fleet"));
  CHECK(fleet.add(3, 0, 100) == 0);
  CHECK(fleet.add(2, 50) == 3);
  CHECK(fleet.at_risk() == 5);
  CHECK(fleet.age_s(0, 60) == 160);
  CHECK(fleet.age_s(4, 60) == 10);
  fleet.take_out(1, 200);
  fleet.take_out(1, 300);  // is out already
  CHECK(fleet.at_risk() == 4);
  CHECK(fleet.age_s(1, 1000) == 300);
  fleet.put_back(1, 1000, Failures::Repaired::as_old);
  CHECK(fleet.age_s(1, 1001) == 301);
  fleet.put_back(1, 5000);  // is not out
  CHECK(fleet.age_s(1, 5001) == 4301);
  const double at = fleet.next_s();
  const auto who = fleet.fail();
  CHECK(fleet.out(who));
  CHECK(fleet.next_s() >= at);
  fleet.put_back(who, at + 10);
  CHECK(fleet.age_s(who, at + 15) == Approx(5));
  for (int i = 0; i < 5; ++i) fleet.fail();
  CHECK(fleet.at_risk() == 0);
  CHECK(std::isinf(fleet.next_s()));
}

TEST_CASE("MTTF of a job: rates of all causes times the chips and servers it has") {
  // 20 chips are in 3 servers of 8: 20 x 0.1 + 3 x 2 = 8 a year.
  const std::vector<FailureCause> causes = {by_chance("chip", 0.1), by_chance("host", 2, Per::server),
                                            by_chance("leak", 9, Per::rack)};
  const Extent extent = extent_of(20, 8);
  CHECK(extent.servers == 3);
  CHECK(failures_per_year(causes, extent) == Approx(8));
  CHECK(mttf_s(causes, extent) == Approx(kSecondsPerYear / 8));
  const auto expected = expected_failures(causes, extent, kSecondsPerYear / 2);
  CHECK(expected == std::vector<double>{1, 3, 0});
  CHECK(std::isinf(mttf_s(std::vector<FailureCause>{}, extent)));
  CHECK(draw_interruptions(std::vector<FailureCause>{}, extent, 1e9, 0, 1).empty());
}

TEST_CASE("checkpoint intervals: Daly's published examples") {
  // Daly, FGCS 22 (2006), figures 3 to 5: stall 5 min, restart 10 min; MTTF 24 h, 6 h and 15 min give 117, 57, 9.1 min.
  const auto minutes = [](double mttf_min) {
    return daly_interval_s({.mttf_s = mttf_min * 60, .stall_s = 300, .restart_s = 600}) / 60;
  };
  CHECK(std::round(minutes(24 * 60)) == 117);
  CHECK(std::round(minutes(6 * 60)) == 57);
  CHECK(minutes(15) == Approx(9.1).margin(0.05));
  // By hand: Young, sqrt(2 x 5 x 1440) = 120 min; first order, sqrt(2 x 5 x 1450) - 5 = 115.416 min.
  const CheckpointCosts day{.mttf_s = 86400, .stall_s = 300, .restart_s = 600};
  CHECK(young_interval_s(day) == Approx(7200));
  CHECK(daly_first_order_interval_s(day) / 60 == Approx(115.4159));
  // Beyond twice the MTTF to write: the MTTF.
  CHECK(daly_interval_s({.mttf_s = 100, .stall_s = 200}) == 100);
}

TEST_CASE("what is left of a job's time: Daly's complete model, by hand") {
  // M = 1440, interval 117, stall 5, restart 10 min: e^(10/1440) = 1.006969, e^(122/1440) - 1 = 0.088416;
  // T / useful = 1440 / 117 x 1.006969 x 0.088416 = 1.095764.
  const CheckpointCosts costs{.mttf_s = 86400, .stall_s = 300, .restart_s = 600};
  const TimeShares shares = time_shares(costs, 117 * 60);
  CHECK(1 / shares.useful == Approx(1.095764).epsilon(1e-5));
  CHECK(shares.checkpoint == Approx(shares.useful * 5 / 117));
  CHECK(shares.restart == Approx(1 - std::exp(-10.0 / 1440)));
  CHECK(shares.useful + shares.checkpoint + shares.lost + shares.restart == Approx(1).epsilon(1e-14));
  // Never a failure: only checkpoints cost.
  const double never = std::numeric_limits<double>::infinity();
  CHECK(time_shares({.mttf_s = never, .stall_s = 1}, 9).useful == Approx(0.9));
  // Written behind the job's back it counts 20 min later: e^(-20/1440) less is kept, and no stall's worth is lost.
  CheckpointCosts behind = costs;
  behind.behind_s = 1200;
  CHECK(time_shares(behind, 117 * 60).useful == Approx(shares.useful * std::exp(-20.0 / 1440)));
  // 125 min to write cannot repeat every 122.
  behind.behind_s = 125 * 60;
  CHECK_THROWS_AS(time_shares(behind, 117 * 60), std::logic_error);
  CHECK(best_interval_s(behind) == Approx(120 * 60));
  CHECK(time_shares(behind, best_interval_s(behind)).useful > 0);
}

TEST_CASE("ETTR in closed form, by hand") {
  // MTTF 3 h, interval 20 min, restart 5 min, stall 10 s: (1 - (5 + 10) / 180) / (1 + 10 / 1200) = 0.916667 / 1.008333.
  const CheckpointCosts costs{.mttf_s = 3 * kHour, .stall_s = 10, .restart_s = 300};
  CHECK(ettr(costs, 1200) == Approx(0.9090909));
  // Ten minutes in the queue after each: of 190 minutes 180 are left.
  CHECK(ettr(costs, 1200, 600) == Approx(0.9090909 * 180 / 190));
  CHECK(ettr({.mttf_s = 100, .stall_s = 1, .restart_s = 200}, 50) == 0);
  CHECK(mean_restart_s(0.9, 300, 3600) == Approx(630));
}

TEST_CASE("crews mend one after the other, first come, first served") {
  RepairCrews two(2);
  CHECK(two.take(0, 10).back_s == 10);
  CHECK(two.take(1, 3).back_s == 4);
  const auto third = two.take(2, 5);  // the second crew is free at 4
  CHECK(third.begins_s == 4);
  CHECK(third.back_s == 9);
  CHECK(two.take(20, 1).begins_s == 20);
  RepairCrews many(0);
  CHECK(many.take(0, 10).back_s == 10);
  CHECK(many.take(0, 10).back_s == 10);
  RepairCrews one(1);
  const RepairSteps steps{.detection_s = 5, .drain_s = 10, .repair_s = 100, .return_s = 7};
  CHECK(back_in_service_s(one, steps, 0) == 122);
  CHECK(back_in_service_s(one, steps, 20) == 222);  // the crew is busy until 115
}

TEST_CASE("repairs: exponential by their mean, lognormal by mean and median") {
  // Half of exponential ones take ln 2 of the mean.
  CHECK(RepairTime{100, {}}.cdf(100 * std::log(2)) == Approx(0.5));
  // Mean 6.5 days, median 0.7: sigma = sqrt(2 ln 9.286) = 2.111. One in six takes longer than a sigma above the median.
  const RepairTime wide{6.5, 0.7};
  CHECK(wide.cdf(0.7) == Approx(0.5));
  CHECK(wide.cdf(0.7 * std::exp(std::sqrt(2 * std::log(6.5 / 0.7)))) == Approx(0.8413447));
  CHECK(wide.cdf(0) == 0);
  const RepairTime fixed{5, 5};
  CHECK(fixed.cdf(4.99) == 0);
  CHECK(fixed.cdf(5) == 1);
  Stream s = stream(1, "repair");
  CHECK(fixed.draw_s(s) == Approx(5));
}

TEST_CASE("servers down in the long run, by hand") {
  // One a year fails, mended in half a year: rate x repair = 1/2. Two servers, one crew: weights 1, 1/2 x 2, 1/2 x 1
  // of that, so 1, 1, 1/2.
  const RepairLoad one{.servers = 2, .failures_per_year = 1, .repair_s = kSecondsPerYear / 2, .crews = 1};
  const auto share = down_distribution(one);
  REQUIRE(share.size() == 3);
  CHECK(share[0] == Approx(0.4));
  CHECK(share[1] == Approx(0.4));
  CHECK(share[2] == Approx(0.2));
  CHECK(mean_down(one) == Approx(0.8));
  // A crew for each: every server is down for (1/2) / (1 + 1/2) of its time.
  RepairLoad many = one;
  many.crews = 0;
  many.servers = 300;
  CHECK(mean_down(many) == Approx(100));
  CHECK(down_distribution({.servers = 3})[0] == 1);
  // With one server needed and p = 1/3 down each: 2/3, then 8/9, then 26/27.
  many.servers = 0;
  CHECK(spares_needed(1, many, 0.66) == 0);
  CHECK(spares_needed(1, many, 0.88) == 1);
  CHECK(spares_needed(1, many, 0.9) == 2);
  // One crew that mends two a year never keeps 100 servers up that fail once a year each.
  CHECK(spares_needed(100, one, 0.5, 1000) == -1);
}

TEST_CASE("the slowest of n chips") {
  // Two normal draws: 1 - spread / sqrt(pi).
  CHECK(slowest_of({.spread = 0.05, .slowest = 0}, 2) == Approx(1 - 0.05 / std::sqrt(3.14159265358979)).epsilon(1e-7));
  CHECK(slowest_of({.spread = 0.05, .slowest = 0}, 1) == Approx(1).epsilon(1e-8));
  // Expected extremes of 10, 100 and 1,000 normal draws: 1.53875, 2.50759, 3.24144 (Tippett 1925).
  CHECK(slowest_of({.spread = 0.01, .slowest = 0}, 10) == Approx(1 - 0.0153875).epsilon(1e-6));
  CHECK(slowest_of({.spread = 0.01, .slowest = 0}, 100) == Approx(1 - 0.0250759).epsilon(1e-6));
  CHECK(slowest_of({.spread = 0.01, .slowest = 0}, 1000) == Approx(1 - 0.0324144).epsilon(1e-6));
  // All alike: nothing is lost. Of 8, each a straggler of half the speed with 10 %: 1 - 0.5 (1 - 0.9^8).
  CHECK(lost_to_slowest({}, 1000) == Approx(0).margin(1e-9));
  const ChipSpeeds some{.straggler_share = 0.1, .straggler_speed = 0.5};
  CHECK(some.mean() == Approx(0.95).epsilon(1e-9));
  CHECK(slowest_of(some, 8) == Approx(1 - 0.5 * (1 - std::pow(0.9, 8))).epsilon(1e-9));
  // Eight normal draws range over 2.8472 standard deviations (Tippett 1925).
  CHECK(spread_from_range(0.05, 8) == Approx(0.05 / 2.8472).epsilon(1e-5));
  CHECK(spread_from_range(0.05, 1) == 0);
}
