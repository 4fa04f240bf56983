// What holds of services in every run: requests, tokens and chip-seconds are counted once, nothing depends on how the
// run cuts a fleet's time into stretches, and the same run twice is the same run.
#include <catch2/catch.hpp>
#include <limits>
#include <memory>

#include "sim/serving/play_requests.hpp"
#include "sim/serving/service.hpp"
#include "tests/support/random_runs.hpp"
#include "tests/support/services.hpp"

using namespace alight;
using namespace alight::test;

namespace {

std::string pick(Dice& dice, const std::vector<std::string>& of) {
  return of[static_cast<std::size_t>(dice(0, std::ssize(of) - 1))];
}

enum class Around {
  beside_jobs,
  with_faults,  ///< likewise, and switches die
  tide,         ///< likewise, and jobs give way to replicas
  alone,        ///< no jobs, and chips for all replicas
  plain,        ///< likewise, and replicas are there from the first on: none wait for weights, chips or each other
};
bool has_jobs(Around s) {
  return s == Around::beside_jobs || s == Around::with_faults || s == Around::tide;
}

std::string random_replicas(Dice& dice, Around setting, const std::string& role) {
  std::string text = fmt::format("{{pool: {}, layout: {}, count: {}, startup: {} s, max_batch: {}, role: {}",
                                 dice.one_in(2) ? "h100" : "h20", pick(dice, {"tp1", "tp2", "tp4", "dp2 tp2"}),
                                 dice(1, 3), setting == Around::plain ? 0 : dice(0, 2) * 20, dice(4, 64), role);
  if (setting != Around::plain && dice.one_in(2))
    text += fmt::format(", autoscale: {{by: {}, min: {}, max: {}, every: {} s, hold: {} s}}",
                        pick(dice, {"queue", "utilisation", "slo"}), dice(0, 1), dice(1, 5), dice(5, 30), dice(0, 60));
  if (dice.one_in(3)) text += ", prefix_cache: on";
  if (dice.one_in(4)) text += ", speculation: {drafted: 2, acceptance: 0.6}";
  if (dice.one_in(4)) text += ", preemption: swap, memory_share: 0.3";
  return text + "}";
}

std::string random_service(Dice& dice, Around setting, int number) {
  std::string text = fmt::format(
      "    - {{name: s{}, model: Llama-3.1-8B, record: true, router: {}, slo: {{ttft: 1 s, tpot: 50 ms}},\n"
      "       requests: {{generate: {{rate: {} /s, prompt: {}, output: {{mean: {}}}}}, requests: {}, start: {} s}},\n",
      number, pick(dice, {"least_work", "round_robin", "power_of_two", "prefix_aware", "session", "weighted"}),
      dice(1, 20), dice(100, 4000), dice(2, 300), dice(1, 400), dice(0, 100));
  if (dice.one_in(3)) text += fmt::format("       timeout: {} s,\n", dice(1, 30));
  if (dice.one_in(4)) text += fmt::format("       queue_limit: {},\n", dice(1, 20));
  text += "       replicas: [";
  if (setting != Around::plain && dice.one_in(3)) {
    text += random_replicas(dice, setting, "prefill") + ", " + random_replicas(dice, setting, "decode");
  } else {
    text += random_replicas(dice, setting, "aggregated");
    if (dice.one_in(3)) text += ", " + random_replicas(dice, setting, "aggregated");
  }
  return text + "]}\n";
}

std::string random_scenario(std::uint64_t seed, Around setting) {
  Dice dice(seed);
  const bool alone = !has_jobs(setting);
  std::string text = fmt::format(
      "seed: {}\nsite:\n  pools:\n    - {{name: h100, server: HGX H100, count: {}, rack: 1}}\n"
      "    - {{name: h20, server: HGX H20, count: {}, rack: 1}}\n"
      "  network:\n    leaf: {{rate: 400 Gbps, down_ports: 16}}\n    spine: {{rate: 400 Gbps, down_ports: 16}}\n",
      seed, alone ? 24 : dice(3, 6), alone ? 24 : dice(3, 6));
  const bool storage = (setting != Around::plain && dice.one_in(2)) || setting == Around::tide;
  if (storage) text += "  storage: {name: store, read: 5 GB/s, write: 5 GB/s, latency: 1 ms}\n";
  if (dice.one_in(2)) {
    text += "  facility: {cooling: air, electricity: 0.1 USD/kWh";
    if (setting != Around::plain && dice.one_in(2))
      text +=
          fmt::format(", caps: [{{level: {}, share: {}, policy: {}}}], control_interval: {} s",
                      alone ? "rack" : pick(dice, {"rack", "row", "site"}),
                      0.1 * static_cast<double>(alone ? dice(4, 6) : dice(6, 11)),
                      alone ? "uniform" : pick(dice, {"uniform", "by_priority", "switch_off", "refuse"}), dice(1, 9));
    if (setting != Around::plain && dice.one_in(3))
      text += fmt::format(
          ", heat: {{shutdown: {} C, units: [{{name: crah, pools: [h100], needed: 2, lost: [{{at: {} s, "
          "lasts: {} s}}]}}]}}",
          dice(36, 60), dice(0, 200), dice(60, 900));
    text += "}\n";
  }
  text += "workload:\n  services:\n";
  const std::int64_t services = dice(1, 3);
  for (int s = 0; s < services; ++s) text += random_service(dice, setting, s);
  if (!alone) {
    text += "  jobs:\n";
    for (int j = 0; j < 6; ++j)
      text += fmt::format("    - {{id: j{}, chips: {}, duration: {} s, submit: {} s, preemptible: {}}}\n", j,
                          dice(1, 16), dice(1, 300), dice(0, 200), setting == Around::tide);
    if (setting == Around::tide)
      text += fmt::format(
          "    - {{id: t, type: training, model: Llama-3.1-8B, chips: {}, steps: 40, preemptible: true, count: 3,\n"
          "       submit: {} s, checkpoint: {{every: {} steps}}}}\n",
          8 * dice(1, 2), dice(0, 60), dice(1, 20));
    else if (dice.one_in(2))
      text += "    - {id: t, type: training, model: Llama-3.1-8B, chips: 8, steps: 20}\n";
    text += fmt::format("scheduler: {{policy: {}, preemption: {}}}\n",
                        pick(dice, {"fcfs", "sjf", "easy", "easy_bf_fast", "conservative"}),
                        setting == Around::tide ? "requeue" : "none");
    if (dice.one_in(3)) text += fmt::format("horizon: {} s\n", dice(110, 400));
  }
  if (setting != Around::plain)
    text += fmt::format("network: {}\n",
                        pick(dice, {"fluid", "fluid", "exact", setting == Around::with_faults ? "fluid" : "none"}));
  if (setting == Around::with_faults) {
    text += fmt::format("faults:\n  on_cut: {}\n  events:\n", pick(dice, {"stall", "fail"}));
    for (int f = 0; f < 4; ++f)
      text += fmt::format("    - {{at: {} s, what: switch, name: leaf {}, lasts: {} s}}\n", 50 * f + dice(1, 20),
                          dice(0, 1), dice(1, 29));
    if (storage) text += fmt::format("    - {{at: {} s, name: store_READ, lasts: {} s}}\n", dice(0, 60), dice(1, 60));
  }
  if ((setting == Around::with_faults || setting == Around::tide) && dice.one_in(2)) {
    if (setting == Around::tide) text += "faults:\n";
    if (text.find("horizon:") == std::string::npos) text = fmt::format("horizon: {} s\n", dice(300, 900)) + text;
    text += fmt::format(
        "  servers: {{failures: [own], repair: {} s, detection: {} s, drain: {} s}}\n"
        "catalogue: {{failures: {{own: {{causes: [{{cause: node, component: host, per: {}, mtbf: {} h}}, "
        "{{cause: bug, component: software, per: server, mtbf: 1 h}}]}}}}}}\n",
        dice(5, 60), dice(0, 5), dice(0, 9), pick(dice, {"chip", "server", "rack"}),
        0.1 * static_cast<double>(dice(1, 9)));
  }
  return text;
}

/// Speeds of its chips, and chips that fall, some of which are found.
void slow_some(Dice& dice, Prepared& p) {
  for (std::size_t pool = 0; pool < p.site.pools.size(); ++pool) {
    auto& speeds = p.settings.chip_speeds.emplace_back();
    if (dice.one_in(3)) continue;
    speeds = ChipSpeeds{.spread = 0.01 * static_cast<double>(dice(0, 10)),
                        .straggler_share = dice.one_in(2) ? 0.1 : 0,
                        .straggler_speed = 0.5};
  }
  auto plan = p.settings.breakdowns ? std::make_shared<BreakdownPlan>(*p.settings.breakdowns)
                                    : std::make_shared<BreakdownPlan>();
  for (std::int64_t n = dice(2, 12); n > 0; --n) {
    const Pool& pool = p.site.pools[static_cast<std::size_t>(dice(0, std::ssize(p.site.pools) - 1))];
    plan->slowings.push_back({.at_s = static_cast<double>(dice(0, 250)),
                              .cause = plan->causes.size(),
                              .server = static_cast<ServerIndex>(pool.first_server + dice(0, pool.servers - 1)),
                              .chip = static_cast<int>(dice(0, pool.server.chips - 1))});
    BreakdownPlan::Cause cause{.stream = "slow " + std::to_string(n),
                               .slows_to = 0.1 * static_cast<double>(dice(1, 9))};
    cause.of.name = cause.stream;
    cause.of.repair = RepairTime{.mean_s = static_cast<double>(dice(2, 40)), .median_s = {}};
    cause.detection_s = dice.one_in(2) ? std::numeric_limits<double>::infinity() : static_cast<double>(dice(0, 60));
    if (dice.one_in(2)) cause.when_found = WhenSlow::wait;
    plan->causes.push_back(std::move(cause));
  }
  p.settings.breakdowns = std::move(plan);
}

void check_requests(const Prepared& prepared, const ServicesPlayed& played) {
  for (std::size_t s = 0; s < played.services.size(); ++s) {
    const ServiceFate& f = played.services[s];
    const auto& requests = prepared.settings.services->at(s)->trace.requests;
    CHECK(f.arrived + f.to_come == static_cast<double>(requests.size()));
    CHECK(f.arrived == f.ended() + f.in_flight);
    double prompt = 0, output = 0, finished = 0;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const RequestOutcome& o = f.outcomes[i];
      if (o.end_s < 0 || o.end != RequestEnd::finished) continue;
      CHECK(o.first_token_s >= requests[i].arrival_s);
      CHECK(o.end_s >= o.first_token_s);
      prompt += requests[i].prompt_tokens;
      output += requests[i].output_tokens;
      ++finished;
    }
    CHECK(f.finished == finished);
    CHECK(f.prompt_tokens == prompt);
    CHECK(f.output_tokens == output);
  }
}

}  // namespace

TEST_CASE("requests and chip-seconds of services beside jobs are counted once, and twice the same") {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    INFO("seed " << seed << "\n" << random_scenario(seed, Around::beside_jobs));
    const Prepared prepared = prepared_services(random_scenario(seed, Around::beside_jobs));
    const ServicesPlayed played = play_services(prepared);
    check_requests(prepared, played);
    CHECK((played == play_services(prepared)));
  }
}

TEST_CASE("where jobs give way to replicas, requests and chip-seconds are counted once, and twice the same") {
  double lost = 0;
  for (std::uint64_t seed = 400; seed < 416; ++seed) {
    INFO("seed " << seed << "\n" << random_scenario(seed, Around::tide));
    const Prepared prepared = prepared_services(random_scenario(seed, Around::tide));
    const ServicesPlayed played = play_services(prepared);
    check_requests(prepared, played);
    CHECK((played == play_services(prepared)));
    lost += played.chip_seconds(0, ChipState::lost) + played.chip_seconds(1, ChipState::lost);
  }
  CHECK(lost > 0);
}

TEST_CASE("chips that serve are busy or without requests, and starting before") {
  double throttled = 0;
  for (std::uint64_t seed = 100; seed < 112; ++seed) {
    INFO("seed " << seed << "\n" << random_scenario(seed, Around::alone));
    const ServicesPlayed played = play_services(prepared_services(random_scenario(seed, Around::alone)));
    double busy = 0, serving = 0, starting = 0;
    for (const ServiceFate& f : played.services)
      busy += f.busy_chip_s, serving += f.serving_chip_s, starting += f.starting_chip_s;
    const auto of = [&](ChipState state) { return played.chip_seconds(0, state) + played.chip_seconds(1, state); };
    CHECK(of(ChipState::useful) + of(ChipState::below_peak) + of(ChipState::exposed_comm) + of(ChipState::throttled) ==
          Approx(busy).epsilon(1e-9).margin(1e-6));
    throttled += of(ChipState::throttled);
    CHECK(of(ChipState::no_requests) == Approx(serving - busy).epsilon(1e-9).margin(1e-6));
    CHECK(of(ChipState::starting) == Approx(starting).epsilon(1e-9).margin(1e-6));
  }
  CHECK(throttled > 0);
}

TEST_CASE("a fleet in a run serves every request as a fleet alone does") {
  for (std::uint64_t seed = 200; seed < 216; ++seed) {
    const std::string text = random_scenario(seed, Around::plain);
    INFO("seed " << seed << "\n" << text);
    const Prepared prepared = prepared_services(text);
    const ServicesPlayed played = play_services(prepared);
    for (std::size_t s = 0; s < played.services.size(); ++s) {
      const Service& service = *prepared.settings.services->at(s);
      FleetConfig fleet = service.fleet;
      for (std::size_t p = 0; p < fleet.pools.size(); ++p) fleet.pools[p].replicas = service.replicas[p].count;
      CHECK((played.services[s].outcomes == play_requests(service.trace, fleet).results.outcomes));
    }
  }
}

TEST_CASE("replicas cut off from the site are lost, start elsewhere, and no request is lost count of") {
  for (std::uint64_t seed = 300; seed < 312; ++seed) {
    INFO("seed " << seed << "\n" << random_scenario(seed, Around::with_faults));
    const Prepared prepared = prepared_services(random_scenario(seed, Around::with_faults));
    const ServicesPlayed played = play_services(prepared);
    check_requests(prepared, played);
    CHECK((played == play_services(prepared)));
  }
}

TEST_CASE("whatever chips are slow, requests and chip-seconds are counted once, and twice the same") {
  double bucket = 0, throttled = 0, finished = 0;
  for (std::uint64_t seed = 500; seed < 536; ++seed) {
    const Around around = seed % 3 == 0 ? Around::beside_jobs : seed % 3 == 1 ? Around::with_faults : Around::tide;
    INFO("seed " << seed << "\n" << random_scenario(seed, around));
    Prepared prepared = prepared_services(random_scenario(seed, around));
    Dice dice(seed);
    slow_some(dice, prepared);
    const ServicesPlayed played = play_services(prepared);
    check_requests(prepared, played);
    CHECK((played == play_services(prepared)));
    for (std::size_t p = 0; p < 2; ++p)
      bucket += played.chip_seconds(p, ChipState::bucket), throttled += played.chip_seconds(p, ChipState::throttled);
    for (const ServiceFate& f : played.services) finished += f.finished;
  }
  CHECK(bucket > 0);
  CHECK(throttled > 0);
  CHECK(finished > 0);
}

TEST_CASE("chips that serve are busy or without requests, and starting before, however slow they are") {
  double bucket = 0;
  for (std::uint64_t seed = 600; seed < 612; ++seed) {
    INFO("seed " << seed << "\n" << random_scenario(seed, Around::alone));
    Prepared prepared = prepared_services(random_scenario(seed, Around::alone));
    Dice dice(seed);
    slow_some(dice, prepared);
    const ServicesPlayed played = play_services(prepared);
    double busy = 0, serving = 0, starting = 0;
    for (const ServiceFate& f : played.services)
      busy += f.busy_chip_s, serving += f.serving_chip_s, starting += f.starting_chip_s;
    const auto of = [&](ChipState state) { return played.chip_seconds(0, state) + played.chip_seconds(1, state); };
    CHECK(of(ChipState::useful) + of(ChipState::below_peak) + of(ChipState::exposed_comm) + of(ChipState::throttled) +
              of(ChipState::bucket) ==
          Approx(busy).epsilon(1e-9).margin(1e-6));
    CHECK(of(ChipState::no_requests) == Approx(serving - busy).epsilon(1e-9).margin(1e-6));
    CHECK(of(ChipState::starting) == Approx(starting).epsilon(1e-9).margin(1e-6));
    bucket += of(ChipState::bucket);
  }
  CHECK(bucket > 0);
}

TEST_CASE("a fleet on chips that are all slow serves as a slow fleet does; speeds that are all 1 change nothing") {
  for (std::uint64_t seed = 700; seed < 716; ++seed) {
    const std::string text = random_scenario(seed, Around::plain);
    INFO("seed " << seed << "\n" << text);
    Prepared prepared = prepared_services(text);
    const ServicesPlayed without = play_services(prepared);
    prepared.settings.chip_speeds.assign(prepared.site.pools.size(), ChipSpeeds{});
    CHECK((play_services(prepared) == without));
    const double v = 0.3 + 0.05 * static_cast<double>(seed - 700);  // slow, and fast
    prepared.settings.chip_speeds.assign(prepared.site.pools.size(),
                                         ChipSpeeds{.straggler_share = 1, .straggler_speed = v});
    const ServicesPlayed played = play_services(prepared);
    CHECK(played.chip_seconds(0, ChipState::bucket) + played.chip_seconds(1, ChipState::bucket) ==
          Approx(0).margin(1e-6));
    for (std::size_t s = 0; s < played.services.size(); ++s) {
      const Service& service = *prepared.settings.services->at(s);
      FleetConfig fleet = service.fleet;
      std::vector<std::unique_ptr<SlowTimes>> times;
      for (std::size_t p = 0; p < fleet.pools.size(); ++p) {
        fleet.pools[p].replicas = service.replicas[p].count;
        fleet.pools[p].times = times.emplace_back(std::make_unique<SlowTimes>(*service.replicas[p].model, v)).get();
      }
      CHECK((played.services[s].outcomes == play_requests(service.trace, fleet).results.outcomes));
    }
  }
}
