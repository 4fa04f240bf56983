// What a run draws, by hand: chips in states, the servers around them, the building around those, and the bill.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "models/power/chip_power.hpp"
#include "platforms/cooling.hpp"
#include "sim/facility/building.hpp"
#include "sim/facility/state_power.hpp"
#include "sim/record/power.hpp"
#include "tests/support/services.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::string housed(const std::string& facility, const std::string& workload) {
  return "site:\n  pools:\n    - {name: h100, server: HGX H100, count: 2}\n  facility: {" + facility +
         "}\nworkload:\n" + workload;
}

struct PlayedPower {
  std::vector<double> servers_j, jobs_j;  ///< by state; by job in the order they end
  BuildingUse use;
  double joules(ChipState state) const { return servers_j.at(static_cast<std::size_t>(state)); }
};

class JobJoules : public Recorder {
 public:
  void job_ended(const JobRecord& r) override {
    if (r.joules > 0) joules.push_back(r.joules);
  }
  std::vector<double> joules;
};

/// Plays it in a process of its own.
PlayedPower play_power(const Prepared& prepared) {
  const std::vector<double> numbers = in_child([&] {
    const auto file = std::filesystem::temp_directory_path() / ("alight-power-" + std::to_string(::getpid()));
    PowerRecord power(file, prepared.settings.building.get(), prepared.site);
    JobJoules jobs;
    Run run(prepared.site, prepared.workload, prepared.settings, prepared.same_kind(), {&power, &jobs},
            prepared.training_ground());
    const std::atomic<bool> interrupt{false};
    const RunEnd end = run.play(interrupt);
    power.close();
    std::filesystem::remove(file);
    if (!end.violation.empty()) throw std::runtime_error(end.violation);
    const BuildingUse& u = power.totals().use;
    std::vector<double> out = {u.seconds,  u.chips_j, u.network_j, u.losses_j,  u.cooling_j,
                               u.water_kg, u.cost,    u.carbon_kg, u.wet_bulb_c};
    out.insert(out.end(), end.joules.at(0).begin(), end.joules.at(0).end());
    out.insert(out.end(), jobs.joules.begin(), jobs.joules.end());
    return out;
  });
  PlayedPower played;
  std::size_t i = 0;
  for (double* to :
       {&played.use.seconds, &played.use.chips_j, &played.use.network_j, &played.use.losses_j, &played.use.cooling_j,
        &played.use.water_kg, &played.use.cost, &played.use.carbon_kg, &played.use.wet_bulb_c})
    *to = numbers.at(i++);
  for (std::size_t s = 0; s < kChipStates; ++s) played.servers_j.push_back(numbers.at(i++));
  played.jobs_j.assign(numbers.begin() + static_cast<std::ptrdiff_t>(i), numbers.end());
  return played;
}

}  // namespace

TEST_CASE("a chip draws by its state, and its part of the server by all of them") {
  // An HGX H100: chips of 700 W, 10.2 kW by its nameplate.
  const Prepared p = prepared_services(
      housed("cooling: air, opaque_power: 0.5", "  jobs:\n    - {id: a, chips: 8, duration: 1000 s}\n"));
  const Pool& pool = p.site.pools[0];
  const ChipRatings chip = *chip_ratings(pool.chip);
  REQUIRE(chip.tdp_w == 700);
  const PlayedPower played = play_power(p);
  const ServerFacts server = *server_facts(pool.server, &pool.chip, p.catalogue.find_cooling("air"));
  const ServerParts full = server_parts(server);
  const double opaque_w = server_power(full, 8 * (chip.idle_w + 0.5 * (chip.tdp_w - chip.idle_w)), 1).total_w();
  const double idle_w = server_power(full, 8 * chip.idle_w, 0).total_w();
  CHECK(played.joules(ChipState::opaque) == Approx(1000 * opaque_w));
  CHECK(played.joules(ChipState::idle) == Approx(1000 * idle_w));
  CHECK(played.use.chips_j == Approx(1000 * (opaque_w + idle_w)));
  CHECK(played.jobs_j.at(0) == Approx(1000 * opaque_w));
  const StatePower power = state_power(chip, server, 0.5);
  CHECK(8 * power.watts[static_cast<std::size_t>(ChipState::useful)] == Approx(full.total_w()));
  CHECK(full.total_w() < provisioned_w(server));
  CHECK(p.settings.building->provisioned_w.at(0) == Approx(10200));
  CHECK(power.watts[static_cast<std::size_t>(ChipState::undelivered)] == 0);
}

TEST_CASE("a distribution of power: each job draws its own share, and chips by chip-seconds") {
  // Two servers of eight H100, 60 to 700 W say: job a holds eight chips for 1000 s, b four for 3000 s; from then on all
  // are idle until 4000 s.
  const Prepared p = prepared_services(
      housed("cooling: air, opaque_power: {quantiles: [0, 1]}",
             "  jobs:\n    - {id: a, chips: 8, duration: 1000 s}\n    - {id: b, chips: 4, duration: 3000 s}\n"
             "horizon: 4000 s\n"));
  const Pool& pool = p.site.pools[0];
  const ChipRatings chip = *chip_ratings(pool.chip);
  const ServerFacts server = *server_facts(pool.server, &pool.chip, p.catalogue.find_cooling("air"));
  const ServerParts full = server_parts(server);
  const std::vector<double> shares = drawn_shares(PowerProfile({0, 1}), 2, stream(p.settings.seed, "opaque_power"));
  REQUIRE(shares[0] != shares[1]);
  const auto chip_w = [&](std::size_t job) { return chip.idle_w + shares[job] * (chip.tdp_w - chip.idle_w); };
  const auto server_w = [&](std::size_t job) { return server_power(full, 8 * chip_w(job), 1).total_w(); };
  const PlayedPower played = play_power(p);
  CHECK(played.jobs_j.at(0) == Approx(1000 * server_w(0)));
  CHECK(played.jobs_j.at(1) == Approx(3000 * server_w(1) / 2));
  CHECK(played.joules(ChipState::opaque) == Approx(played.jobs_j[0] + played.jobs_j[1]));

  const std::vector<double> flat = in_child([&] {
    Run run(p.site, p.workload, p.settings, p.same_kind(), {}, p.training_ground());
    const std::atomic<bool> interrupt{false};
    const RunEnd end = run.play(interrupt);
    if (!end.violation.empty()) throw std::runtime_error(end.violation);
    std::vector<double> out;
    for (const auto& [watts, chip_s] : end.chip_power.at(0).chip_s()) out.insert(out.end(), {watts, chip_s});
    return out;
  });
  std::map<double, double> expected = {{chip.idle_w, 16 * 4000.0 - 8000 - 12000}};
  expected[std::round(10 * chip_w(0)) / 10] += 8000;
  expected[std::round(10 * chip_w(1)) / 10] += 12000;
  REQUIRE(flat.size() == 2 * expected.size());
  std::size_t i = 0;
  for (const auto& [watts, chip_s] : expected) {
    CHECK(flat[i++] == Approx(watts));
    CHECK(flat[i++] == Approx(chip_s));
  }
  const ChipPower drawn({{100, 50}, {200, 30}, {400, 20}});
  CHECK(drawn.mean_w() == Approx(190));
  CHECK(drawn.quantile_w(0.5) == 100);
  CHECK(drawn.quantile_w(0.6) == 200);
  CHECK(drawn.quantile_w(0.9) == 400);
  CHECK(drawn.share_from(392) == Approx(0.2));
}

TEST_CASE("a distribution by its quantiles") {
  const PowerProfile profile({0, 0.2, 1});
  CHECK(profile.at(0) == 0);
  CHECK(profile.at(0.25) == Approx(0.1));
  CHECK(profile.at(0.75) == Approx(0.6));
  CHECK(profile.at(1) == 1);
  CHECK(profile.mean() == Approx(0.35));
  CHECK(PowerProfile(0.4).at(0.9) == 0.4);
  CHECK(PowerProfile(0.4).even());
}

TEST_CASE("what a training job draws follows its step") {
  const std::string training =
      "  jobs:\n    - {id: t, type: training, model: Llama-3.1-8B, chips: 16, steps: 20, layout: tp2 zero1 full}\n";
  const Prepared p = prepared_services(housed("cooling: air", training));
  const PlayedPower played = play_power(p);
  CHECK(played.jobs_j.size() == 1);
  double lit = 0;
  for (std::size_t s = 0; s < kChipStates; ++s)
    if (is_lit(static_cast<ChipState>(s))) lit += played.servers_j[s];
  CHECK(played.jobs_j[0] == Approx(lit));
  // Computing, its chips draw nearly their limit; in exchanges much less.
  CHECK(played.joules(ChipState::useful) > 0);
  CHECK(played.use.chips_j / played.use.seconds <
        2 * provisioned_w(*server_facts(p.site.pools[0].server, &p.site.pools[0].chip, nullptr)));
}

TEST_CASE("what a job drew before it lost its chips stays its own, also while it waits") {
  const Prepared p = prepared_services(housed("cooling: air",
                                              "  jobs:\n    - {id: low, chips: 16, duration: 1 h, preemptible: true}\n"
                                              "    - {id: high, chips: 16, duration: 1 h, submit: 600 s, priority: 5}\n"
                                              "scheduler: {preemption: requeue}\nhorizon: 1000 s\n"));
  const PlayedPower played = play_power(p);
  REQUIRE(played.jobs_j.size() == 2);
  const double watts = played.joules(ChipState::opaque) / 1000;
  // `low` waits when the run ends; they are told in the order of submission.
  CHECK(played.jobs_j[0] == Approx(600 * watts));
  CHECK(played.jobs_j[1] == Approx(400 * watts));
}

TEST_CASE("the building adds conversion and cooling, and the bill follows the meter") {
  const Prepared p = prepared_services(housed(
      "cooling: cold plate, weather: {dry_bulb: 30 C, humidity: 0.4}, electricity: 0.1 USD/kWh, carbon: 500 g/kWh",
      "  jobs:\n    - {id: a, chips: 16, duration: 2 h}\n"));
  const Building& b = *p.settings.building;
  const PlayedPower played = play_power(p);
  const BuildingUse& use = played.use;
  const double it_w = use.chips_j / use.seconds;
  const double losses_w = convert_power(b.conversion, it_w).input_w - it_w;
  CHECK(use.losses_j == Approx(losses_w * use.seconds));
  const HallLoad load{.servers_w = it_w, .losses_w = losses_w};
  const CoolingUse cooling = cool(b.halls[0].cooling, load, b.halls[0].rated, {30, 0.4});
  CHECK(use.cooling_j == Approx(cooling.power_w() * use.seconds));
  CHECK(use.water_kg == Approx(cooling.water_kg_s() * use.seconds));
  CHECK(use.cost == Approx(0.1 * use.site_j() / 3.6e6));
  CHECK(use.carbon_kg == Approx(0.5 * use.site_j() / 3.6e6));
  CHECK(use.pue() > 1);
}

TEST_CASE("a service draws by what its replicas compute") {
  const std::string service =
      "  services:\n    - {name: s, model: Llama-3.1-8B, requests: {generate: {rate: 50 /s, prompt: PROMPT, output: "
      "OUTPUT}, requests: 2000}, replicas: [{pool: h100, layout: tp1, count: 2, startup: 10 s}]}\n";
  const auto busy_w = [&](const std::string& prompt, const std::string& output) {
    std::string text = service;
    text.replace(text.find("PROMPT"), 6, prompt);
    text.replace(text.find("OUTPUT"), 6, output);
    const Prepared p = prepared_services(housed("cooling: air", text));
    const PlayedPower played = play_power(p);
    double lit = 0, jobs = 0;
    for (std::size_t s = 0; s < kChipStates; ++s)
      if (is_lit(static_cast<ChipState>(s))) lit += played.servers_j[s];
    for (const double j : played.jobs_j) jobs += j;
    CHECK(jobs == Approx(lit));
    // The last bin ends with the service, not an hour after the start.
    double all = 0;
    for (const double j : played.servers_j) all += j;
    CHECK(played.use.chips_j == Approx(all).epsilon(1e-9));
    return lit / played.use.seconds;
  };
  // Prompts keep the matrix units busy, answers the memory.
  CHECK(busy_w("4000", "2") > busy_w("10", "200"));
}

TEST_CASE("what is bound to a place in time has it: prices by the hour") {
  Building b;
  b.power.resize(1);
  b.halls.resize(1);
  b.halls[0].rated.servers_w = 1000;
  b.start = *parse_date("2023-06-01 00:30");
  HourlySeries series;
  series.hours = {.start_s = parse_date("2023-01-01")->unix_s, .offset_s = 0, .count = 8760};
  for (int h = 0; h < 8760; ++h) series.values.push_back(h % 24);
  b.price = PerKwh{.series = series, .scale = 0.01};
  LedgerBin bin{.t_start_s = 0, .t_end_s = 7200, .chip_s = {StateTimes{}}, .joules = {StateTimes{}}};
  bin.joules[0][static_cast<std::size_t>(ChipState::useful)] = 1000.0 * 7200;
  const BuildingUse use = b.use(bin);
  // Half an hour at 0, an hour at 1, half an hour at 2 hundredths: 0.01 a kWh on average.
  CHECK(use.cost == Approx(0.01 * use.site_j() / 3.6e6));
}
