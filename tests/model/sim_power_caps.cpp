// Power caps, by hand: on the servers of one kind, chips known only by their jobs' durations draw all of their limit,
// so a job of n chips draws n W(f) and takes 1/f times as long, at the highest f = k/94 that the limit allows. The
// controller looks when the run has begun, and 3 s after something changed.
#include "models/power/cap.hpp"
#include "platforms/cooling.hpp"
#include "sim/facility/state_power.hpp"
#include "sim/serving/play_requests.hpp"
#include "tests/support/capped.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::string capped(const std::string& facility, const std::string& jobs, const std::string& more = "",
                   int servers = 2) {
  return fmt::format(
      "site:\n  pools:\n    - {{name: h100, server: HGX H100, count: {}, rack: {{servers: 1}}}}\n"
      "  facility: {{cooling: cold plate, opaque_power: 1, {}}}\nworkload:\n  jobs:\n{}{}",
      servers, facility, jobs, more);
}

/// W of a chip, with its part of the server: idle, and under such a job at k/94 of its clock.
struct ChipWatts {
  explicit ChipWatts(const Prepared& p, std::size_t pool = 0) : power(p.settings.building->power[pool]) {}
  double idle() const { return power.watts[static_cast<std::size_t>(ChipState::idle)]; }
  double at(int k) const { return k == 94 ? full() : power.clocked_w(ChipState::opaque, k / 94.0); }
  double full() const { return power.watts[static_cast<std::size_t>(ChipState::opaque)]; }
  StatePower power;
};

constexpr double kIntervalS = 3;

}  // namespace

TEST_CASE("a rigid job under a cap takes 1/f times as long, and what is longer is throttled") {
  const std::string jobs = "    - {id: a, chips: 16, duration: 1000 s, submit: 10 s}\n";
  Prepared p = prepared_services(capped("caps: [{level: site, limit: 1 MW}]", jobs));
  const ChipWatts chip(p);
  // Between what 16 chips draw at 60/94 and at 61/94.
  const double limit_w = 16 * (chip.at(60) + chip.at(61)) / 2;
  p = prepared_services(capped(fmt::format("caps: [{{level: site, limit: {:.17g} W}}]", limit_w), jobs));
  const ChipWatts now(p);
  const double f = 60.0 / 94, end_s = 10 + kIntervalS + (1000 - kIntervalS) / f;
  const CappedPlay played = play_capped(p);
  CHECK(played.end_s == Approx(end_s));
  CHECK(played.jobs.at(0).finish_s == Approx(end_s));
  CHECK(played.chip_seconds(ChipState::throttled) == Approx(16 * (end_s - 1010)));
  CHECK(played.chip_seconds(ChipState::opaque) == Approx(16 * 1000.0));
  const double joules = 16 * (kIntervalS * now.full() + (end_s - 10 - kIntervalS) * now.at(60));
  CHECK(played.jobs[0].joules == Approx(joules));
  CHECK(played.joules_in(ChipState::throttled) == Approx(16 * (end_s - 1010) * now.at(60)));
  CHECK(played.caps.at(0).capped_s == Approx(end_s - 10 - kIntervalS));
  CHECK(played.caps[0].lowest_clock == Approx(f));
  CHECK(played.caps[0].not_met_s == 0);
}

TEST_CASE("a training job is longer by its computation") {
  const std::string jobs =
      "    - {id: t, type: training, model: Llama-3.1-8B, chips: 16, steps: 2000, layout: tp2 zero1 full}\n";
  Prepared p = prepared_services(capped("caps: [{level: site, limit: 1 MW}]", jobs));
  const CappedPlay full = play_capped(p);
  const double all = full.end_s * 16;
  const double computes = (full.chip_seconds(ChipState::useful) + full.chip_seconds(ChipState::below_peak)) / all;
  // 12 kW of 16 chips: the clock is read off the run, all else follows from it.
  p = prepared_services(capped("caps: [{level: site, limit: 12 kW}]", jobs));
  const CappedPlay played = play_capped(p);
  const double f = played.caps.at(0).lowest_clock;
  CHECK(f < 1);
  // What the slowest chip costs is longer as the step is; exchanges may hide beside more, and there is no pipeline.
  const double stretch = played.end_s / full.end_s;
  const auto longer = [&](ChipState state) { return played.chip_seconds(state) - full.chip_seconds(state); };
  CHECK(played.chip_seconds(ChipState::bucket) == Approx(full.chip_seconds(ChipState::bucket) * stretch).epsilon(1e-4));
  CHECK(longer(ChipState::throttled) + longer(ChipState::bucket) + longer(ChipState::exposed_comm) ==
        Approx(all * (stretch - 1)).epsilon(1e-4));
  CHECK(longer(ChipState::exposed_comm) <= 1e-6 * all);
  const double of_computing = 1 + played.chip_seconds(ChipState::throttled) / all / computes;
  // Between work that is all streaming and all computing; Llama's matrix products are most of it.
  CHECK(of_computing < 1 / f + 1e-9);
  CHECK(of_computing > 1 + 0.5 * (1 / f - 1));
  for (const ChipState state : {ChipState::useful, ChipState::below_peak})
    CHECK(played.chip_seconds(state) == Approx(full.chip_seconds(state)));
  CHECK(played.jobs.at(0).tokens == full.jobs.at(0).tokens);
  // At the meter of the cap: within it, and not much below, since a step of the clock is about 1 %.
  const double watts = played.jobs[0].joules / played.end_s;
  CHECK(watts <= 12000 * (1 + 1e-9));
  CHECK(watts > 12000 * 0.97);
}

TEST_CASE("a dated limit counts from its moment on, and hours of the day every day") {
  const std::string jobs = "    - {id: a, chips: 16, duration: 1000 s}\n";
  const ChipWatts chip(prepared_services(capped("caps: [{level: site, limit: 1 MW}]", jobs)));
  const double low_w = 16 * chip.at(47) + 1;
  Prepared p = prepared_services(
      capped(fmt::format("caps: [{{level: site, limit: 1 MW, dated: [{{after: 500 s, limit: {0:.17g} W}}, "
                         "{{after: 700 s, limit: 1 MW}}]}}]",
                         low_w),
             jobs));
  // From 500 s to 700 s at half the clock: 100 s are lost, and nothing is passed, since the controller knows the date.
  CHECK(play_capped(p).end_s == Approx(1100));
  CHECK(play_capped(p).chip_seconds(ChipState::throttled) == Approx(16 * 100.0));
  // The run begins at 23:55; from midnight to one o'clock half the clock.
  p = prepared_services(
      capped(fmt::format("caps: [{{level: site, hours: [{{from: 0, to: 1, limit: {0:.17g} W}}]}}]", low_w),
             "    - {id: a, chips: 16, duration: 3 h}\n") +
      "start: 2023-01-01\n");
  // The first hour of the run is that of midnight.
  const CappedPlay played = play_capped(p);
  CHECK(played.chip_seconds(ChipState::throttled) == Approx(16 * 3600 / 2.0));
  CHECK(played.end_s == Approx(3 * 3600 + 1800));
}

TEST_CASE("by priority the lowest go down first") {
  const std::string jobs =
      "    - {id: high, chips: 8, duration: 1000 s, priority: 2}\n    - {id: low, chips: 8, duration: 1000 s}\n";
  const ChipWatts chip(prepared_services(capped("caps: [{level: site, limit: 1 MW}]", jobs)));
  const Prepared p =
      prepared_services(capped(fmt::format("caps: [{{level: site, policy: by_priority, limit: {:.17g} W}}]",
                                           8 * (chip.full() + chip.at(47)) + 1),
                               jobs));
  const CappedPlay played = play_capped(p);
  REQUIRE(played.jobs.size() == 2);
  CHECK(played.jobs[0].finish_s == Approx(1000));
  // At half the clock until 1000 s, and 3 s more: then it goes at full clock, for the chips of the other are idle.
  const double done_s = (1000 + kIntervalS) / 2;
  CHECK(played.jobs[1].finish_s == Approx(1000 + kIntervalS + 1000 - done_s));
}

TEST_CASE("refused, a job waits until there is power for it") {
  const std::string jobs = "    - {id: a, chips: 8, duration: 1000 s}\n    - {id: b, chips: 8, duration: 500 s}\n";
  const ChipWatts chip(prepared_services(capped("caps: [{level: site, limit: 1 MW}]", jobs)));
  const double one_w = 8 * (chip.full() + chip.idle());
  Prepared p = prepared_services(
      capped(fmt::format("caps: [{{level: site, policy: refuse, limit: {:.17g} W}}]", one_w + 1), jobs));
  CappedPlay played = play_capped(p);
  REQUIRE(played.jobs.size() == 2);
  CHECK(played.jobs[1].start_s == Approx(1000));
  CHECK(played.end_s == Approx(1500));
  CHECK(played.chip_seconds(ChipState::throttled) == 0);
  // From 200 s on there is power for both.
  p = prepared_services(capped(
      fmt::format("caps: [{{level: site, policy: refuse, limit: {:.17g} W, dated: [{{after: 200 s, limit: 1 MW}}]}}]",
                  one_w + 1),
      jobs));
  played = play_capped(p);
  CHECK(played.jobs[0].start_s == Approx(200));
  CHECK(played.end_s == Approx(1000));
  // One that never may start waits to the end, and the run says so without an end of its own.
  p = prepared_services(capped(fmt::format("caps: [{{level: site, policy: refuse, limit: {:.17g} W}}]", one_w + 1),
                               jobs + "    - {id: c, chips: 16, duration: 5 s}\n"));
  played = play_capped(p);
  CHECK(played.end_s == Approx(1500));
  CHECK(played.jobs[2].status == static_cast<double>(JobStatus::waiting));
}

TEST_CASE("servers nobody uses go off first, and make room for a start; then jobs lose their chips") {
  const std::string jobs =
      "    - {id: a, chips: 8, duration: 1000 s, priority: 1}\n"
      "    - {id: b, chips: 8, duration: 1000 s, submit: 100 s, preemptible: true}\n";
  const ChipWatts chip(prepared_services(capped("caps: [{level: site, limit: 1 MW}]", jobs, "", 3)));
  // Power for two servers under load, and none for a third that is idle; from 400 s on for one.
  const double two_w = 16 * chip.full() + 1, one_w = 8 * chip.full() + 1;
  const Prepared p = prepared_services(
      capped(fmt::format("caps: [{{level: site, policy: switch_off, limit: {0:.17g} W, dated: [{{after: 400 s, limit: "
                         "{1:.17g} W}}, {{after: 600 s, limit: {0:.17g} W}}]}}]",
                         two_w, one_w),
             jobs, "", 3));
  const CappedPlay played = play_capped(p);
  // a runs through. b begins at 100 s: 3 s later the third server goes off. At 400 s b loses its chips, and begins
  // anew at 600 s.
  REQUIRE(played.jobs.size() == 2);
  CHECK(played.jobs[0].finish_s == Approx(1000));
  CHECK(played.jobs[1].start_s == Approx(600));
  CHECK(played.jobs[1].finish_s == Approx(1600));
  CHECK(played.jobs[1].preemptions == 1);
  CHECK(played.caps.at(0).jobs_cut == 1);
  CHECK(played.caps[0].servers_off == 2);
  // The third server: from 103 s until a has ended and the controller has looked, but for 3 s from 600 s on: until b
  // begins there is power for it. The second from 400 s to 600 s.
  CHECK(played.chip_seconds(ChipState::unpowered) == Approx(8 * (1000 + kIntervalS - 103 - kIntervalS) + 8 * 200.0));
  CHECK(played.caps[0].not_met_s == 0);
}

TEST_CASE("a job that waits for its checkpoint is switched off for what it draws after it") {
  // The limit falls while t writes, to between what it draws then with one idle server and with two.
  const auto text = [](double limit_w) {
    std::string all = capped(
        fmt::format("caps: [{{level: site, policy: switch_off, limit: 1 MW, dated: [{{after: 75 s, limit: {:.17g} W}}, "
                    "{{after: 200 s, limit: 1 MW}}]}}]",
                    limit_w),
        "    - {id: t, type: training, model: Llama-3.1-8B, chips: 16, steps: 100, layout: tp8 zero1 full,\n"
        "       checkpoint: {every: 60 s, size: 40 GB}, preemptible: true}\n",
        "output: {ledger_bin: 1 s}\n", 4);
    return all.replace(all.find("site:\n"), 6, "site:\n  storage: {read: 40 GB/s, write: 1 GB/s}\n");
  };
  const ChipWatts chip(prepared_services(text(1e6)));
  const double waits_w = chip.power.watts[static_cast<std::size_t>(ChipState::lost)];
  const double limit_w = 16 * waits_w + 12 * chip.idle();
  const CappedPlay played = play_capped(prepared_services(text(limit_w)));
  REQUIRE(played.jobs.size() == 1);
  CHECK(played.caps.at(0).jobs_cut == 1);
  CHECK(played.jobs[0].start_s == Approx(200));
  REQUIRE(played.bins_w.size() > 200);
  CHECK(played.bins_w[74] == Approx(16 * waits_w + 16 * chip.idle()));
  for (std::size_t bin = 75; bin < 200; ++bin) CHECK(played.bins_w[bin] <= limit_w);
}

TEST_CASE("a job with its own share of power is clocked by what it draws") {
  const std::string jobs = "    - {id: a, chips: 16, duration: 1000 s, submit: 10 s}\n";
  const auto with = [&](const std::string& opaque, double limit_w) {
    std::string text = capped(fmt::format("caps: [{{level: site, limit: {:.17g} W}}]", limit_w), jobs);
    const std::string all = "opaque_power: 1";
    return prepared_services(text.replace(text.find(all), all.size(), "opaque_power: " + opaque));
  };
  const ChipWatts chip(with("0.4", 1e6));
  const double limit_w = 16 * (chip.at(70) + chip.at(71)) / 2;
  const CappedPlay all = play_capped(with("0.4", limit_w)), own = play_capped(with("{quantiles: [0.4, 0.4]}", limit_w));
  CHECK(all.jobs.at(0).finish_s > 1100);
  CHECK(own.jobs.at(0).finish_s == Approx(all.jobs[0].finish_s));
  CHECK(own.jobs[0].joules == Approx(all.jobs[0].joules));
  CHECK(own.joules_in(ChipState::throttled) == Approx(all.joules_in(ChipState::throttled)));
  // One that draws less is not held back by it.
  CHECK(play_capped(with("{quantiles: [0.1, 0.1]}", limit_w)).jobs.at(0).finish_s == Approx(1010));
}

TEST_CASE("each rack has its own limit, and a job goes at the lowest clock of its racks") {
  const std::string jobs =
      "    - {id: wide, chips: 16, duration: 1000 s}\n    - {id: alone, chips: 8, duration: 1000 s}\n";
  const ChipWatts chip(prepared_services(capped("caps: [{level: rack, limit: 1 MW}]", jobs, "", 3)));
  const Prepared p = prepared_services(
      capped(fmt::format("caps: [{{level: rack, limit: {:.17g} W}}]", 8 * chip.at(47) + 1), jobs, "", 3));
  CappedPlay played = play_capped(p);
  const double end_s = 2000;
  for (const CappedPlay::JobEnd& job : played.jobs) CHECK(job.finish_s == Approx(end_s));
  // A share of what a rack is provided with; all of it: nobody is held back.
  played = play_capped(prepared_services(capped("caps: [{level: rack, share: 1}]", jobs, "", 3)));
  CHECK(played.end_s == Approx(1000));
}

TEST_CASE("rows and halls are capped by their labels") {
  const std::string pools =
      "site:\n  pools:\n    - {name: a, server: HGX H100, count: 1, hall: X, rack: {servers: 1}}\n"
      "    - {name: b, server: HGX H100, count: 1, hall: Y, rack: {servers: 1}}\n"
      "  facility: {cooling: cold plate, opaque_power: 1, caps: [";
  const std::string jobs =
      "]}\nworkload:\n  jobs:\n    - {id: a, chips: 8, duration: 1000 s, pools: [a]}\n"
      "    - {id: b, chips: 8, duration: 1000 s, pools: [b]}\n";
  const ChipWatts chip(prepared_services(pools + "{level: hall, limit: 1 MW}" + jobs));
  for (const std::string level : {"hall", "row", "rack"}) {
    const std::string where = level == "hall" ? "Y" : level == "rack" ? "b" : "";
    const Prepared p =
        prepared_services(pools +
                          fmt::format("{{level: {}, {}limit: {:.17g} W}}", level,
                                      where.empty() ? "" : "where: " + where + ", ", 8 * chip.at(47) + 1) +
                          jobs);
    const CappedPlay played = play_capped(p);
    const double slow_s = 2000;
    INFO(level);
    // Rows begin where a hall does; without `where` both are held back.
    CHECK(played.jobs[0].finish_s == Approx(where.empty() ? slow_s : 1000));
    CHECK(played.jobs[1].finish_s == Approx(slow_s));
  }
}

TEST_CASE("at the meter conversion and cooling count, at the weather of the hour") {
  const std::string jobs = "    - {id: a, chips: 16, duration: 1000 s}\n";
  const Prepared free = prepared_services(capped("caps: [{level: utility, limit: 1 MW}]", jobs));
  const ChipWatts chip(free);
  const Building& building = *free.settings.building;
  const auto meter_w = [&](int k) {
    const std::vector<double> pool_w = {16 * chip.at(k)};
    return building.meter_w(pool_w, building.outside_at(0));
  };
  CHECK(meter_w(70) > 16 * chip.at(70));
  const Prepared p = prepared_services(
      capped(fmt::format("caps: [{{level: utility, limit: {:.17g} W}}]", (meter_w(70) + meter_w(71)) / 2), jobs));
  const CappedPlay played = play_capped(p);
  CHECK(played.caps.at(0).lowest_clock == Approx(70.0 / 94));
  CHECK(played.end_s == Approx(1000.0 * 94 / 70));
}

TEST_CASE("a replica under a cap serves every request as one of slower chips does") {
  const std::string service =
      "  services:\n    - name: chat\n      model: Llama-3.1-8B\n      record: true\n"
      "      replicas: [{pool: h100, layout: tp4, count: 2, startup: 0 s}]\n"
      "      requests: {generate: {rate: 8 /s, prompt: 800, output: {mean: 150}}, requests: 200, start: 5 s}\n";
  const auto with = [&](double limit_w) {
    return prepared_services(
        fmt::format("site:\n  pools:\n    - {{name: h100, server: HGX H100, count: 1, rack: {{servers: 1}}}}\n"
                    "  facility: {{cooling: cold plate, caps: [{{level: site, limit: {:.17g} W}}]}}\nworkload:\n{}",
                    limit_w, service));
  };
  const Prepared free = with(1e6);
  // Of the clock at which it computes it draws more where it streams memory.
  const StatePower& power = free.settings.building->power.at(0);
  const double f = 70.0 / 94, most_w = power.computing_w({.compute = 0, .memory = 1}, f);
  CHECK(most_w > power.computing_w({.compute = 1, .memory = 0}, f));
  const Prepared capped = with(8 * most_w + 1);

  const Service& full = *free.settings.services->at(0);
  const ReplicaModel slower = full.replicas.at(0).model->at_clock(f);
  const TimesOf<ReplicaModel> times(slower);
  FleetConfig fleet = full.fleet;
  fleet.pools.at(0).times = &times;
  fleet.pools[0].replicas = 2;
  const PlayedRequests alone = play_requests(full.trace, fleet);
  const ServicesPlayed served = play_services(capped), unhurried = play_services(free);
  CHECK((served.services.at(0).outcomes == alone.results.outcomes));

  // The work is the same; what it takes longer is throttled, and drawn at the clock.
  CHECK(served.chip_seconds(0, ChipState::useful) == Approx(unhurried.chip_seconds(0, ChipState::useful)));
  const double busy = seconds(alone.hours.at(0).totals.busy + alone.hours.at(1).totals.busy) * 4;
  const double throttled = served.chip_seconds(0, ChipState::throttled);
  CHECK(throttled > 0);
  CHECK(served.chip_seconds(0, ChipState::useful) + served.chip_seconds(0, ChipState::below_peak) +
            served.chip_seconds(0, ChipState::exposed_comm) + throttled ==
        Approx(busy));
  const CappedPlay drawn = play_capped(capped);
  CHECK(drawn.joules_in(ChipState::throttled) <= throttled * most_w);
  for (const double w : drawn.bins_w) CHECK(w <= 8 * most_w + 1);
  CHECK(drawn.caps.at(0).lowest_clock == Approx(f));
}

TEST_CASE("a job is killed at its requested time, also where a cap made it longer") {
  const std::string jobs = "    - {id: a, chips: 16, duration: 1000 s}\n";
  const ChipWatts chip(prepared_services(capped("caps: [{level: site, limit: 1 MW}]", jobs)));
  Prepared p =
      prepared_services(capped(fmt::format("caps: [{{level: site, limit: {:.17g} W}}]", 16 * chip.at(47) + 1), jobs));
  p.workload.jobs[0].estimate_s = 1200;
  p.workload.jobs[0].kill_at_estimate = true;
  const CappedPlay played = play_capped(p);
  CHECK(played.end_s == Approx(1200));
  CHECK(played.jobs.at(0).status == static_cast<double>(JobStatus::killed));
}

TEST_CASE("servers beyond what the cooling of their rack carries are without power from the start") {
  // Four servers of 10.2 kW in a rack that air cools: the catalogue's limit carries some of them.
  const std::string text =
      "site:\n  pools:\n    - {name: h100, server: HGX H100, count: 8, rack: {servers: 4}}\n"
      "  facility: {cooling: air%}\nworkload:\n  jobs:\n    - {id: a, chips: 8, duration: 1000 s}\n"
      "    - {id: all, chips: 64, duration: 1000 s}\n";
  const auto with = [&](const std::string& more) { return std::string(text).replace(text.find('%'), 1, more); };
  const Prepared p = prepared_services(with(""));
  const std::int64_t carried = p.settings.building->carried_per_rack.at(0);
  const double server_kw =
      provisioned_w(*server_facts(p.site.pools[0].server, &p.site.pools[0].chip, p.catalogue.find_cooling("air"))) *
      1e-3;
  CHECK(carried == static_cast<std::int64_t>(p.settings.building->density.at(0).high_kw / server_kw));
  REQUIRE(carried < 4);
  REQUIRE(carried > 0);
  CappedPlay played = play_capped(p);
  CHECK(played.chip_seconds(ChipState::unpowered) == Approx(2 * 8 * (4 - static_cast<double>(carried)) * 1000));
  CHECK(played.joules_in(ChipState::unpowered) == 0);
  // All chips of the pool are never there together.
  CHECK(played.jobs.at(0).status == static_cast<double>(JobStatus::rejected));
  played = play_capped(prepared_services(with(", dense_racks: carried")));
  CHECK(played.chip_seconds(ChipState::unpowered) == 0);
}
