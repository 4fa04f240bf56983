// Replicas of services on chips that are slow and not dead, by hand: what requests wait longer, and what the chips do.
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/run/busy_time.hpp"
#include "sim/serving/play_requests.hpp"
#include "tests/support/capped.hpp"
#include "tests/support/services.hpp"
#include "tests/support/serving.hpp"

using namespace alight;
using namespace alight::test;

namespace {

/// A service of Llama-3.1-8B on HGX H100, with what is written of its pool, its replicas, its requests, and after.
std::string chat(const std::string& pool, const std::string& replicas, const std::string& requests,
                 const std::string& more = "") {
  return "site:\n  pools:\n    - {name: h100, server: HGX H100" + pool +
         "}\nworkload:\n  services:\n    - {name: chat, model: Llama-3.1-8B, record: true, requests: {" + requests +
         "}, replicas: [" + replicas + "]}\n" + more;
}
/// Prompts of 1,000 tokens, a hundred seconds apart on average, with answers of one token: an iteration each.
std::string prompts(int count) {
  return fmt::format("generate: {{rate: 0.01 /s, prompt: 1000, output: 1}}, requests: {}, start: 100 s", count);
}
const std::string kOne = "{pool: h100, layout: tp4, startup: 0 s}";

IterationParts prompt_parts(const ReplicaModel& model) {
  return model.iteration_parts({.prefill_tokens = 1000, .prefill_sequences = 1, .prefill_pairs = 1000 * 1001 / 2.0}, 0);
}
double first_token_s(const Prepared& p, const ServicesPlayed& played, std::size_t request) {
  return played.services.at(0).outcomes.at(request).first_token_s -
         p.settings.services->at(0)->trace.requests.at(request).arrival_s;
}
double arrival_s(const Prepared& p, std::size_t request) {
  return p.settings.services->at(0)->trace.requests.at(request).arrival_s;
}

/// What the run says of slow chips: seconds of each holder of chips in the order they give them back, and of the pool.
struct SlowedPlay {
  std::vector<double> slowed_s;
  double lost_chip_s = 0;
};
SlowedPlay play_slowed(const Prepared& prepared) {
  struct Slowed : Recorder {
    void job_ended(const JobRecord& r) override {
      if (r.pool) all.push_back(r.slowed_s);
    }
    std::vector<double> all;
  };
  std::vector<double> numbers = in_child([&] {
    Slowed slowed;
    Run run(prepared.site, prepared.workload, prepared.settings, prepared.same_kind(), {&slowed},
            prepared.training_ground());
    const std::atomic<bool> interrupt{false};
    const RunEnd end = run.play(interrupt);
    if (!end.violation.empty()) throw std::runtime_error(end.violation);
    slowed.all.push_back(end.slow_chips.at(0).lost_chip_s);
    return slowed.all;
  });
  SlowedPlay played{.lost_chip_s = numbers.back()};
  numbers.pop_back();
  played.slowed_s = numbers;
  return played;
}

}  // namespace

TEST_CASE("an engine's iterations take longer on slow chips by what they compute, from the next one on") {
  // 1/2 s, half of it without computing, and 1/64 s for each prompt token, 1/8 s for each decoding sequence.
  LinearTimes times;
  times.rest = 0.5, times.apart = 0.25, times.per_prompt = 1.0 / 64, times.per_decode = 0.125;
  ReplicaConfig config;
  config.max_batch = 8, config.max_batched_tokens = 1024, config.block_tokens = 4, config.blocks = 1000;
  for (const bool exact : {false, true}) {
    config.exact = exact;
    IterationLines lines(times);
    Replica replica(config, lines);
    replica.submit({.id = 0, .prompt = 128, .output = 100}, 0);
    // The prompt takes 1/2 + 2; the first decode ends at 3.125. The chips halve their speed within it.
    replica.catch_up(ticks(3));
    replica.pace_by(lines, 0.5, ticks(3));
    // Decodes of 1/4 + (1/4 + 1/8) 2 = 1 s until they are as fast as they were, within one.
    replica.catch_up(ticks(6.5));
    replica.pace_by(lines, 1, ticks(6.5));
    replica.play(kNever - 1);
    // 3.125, then four slow ones to 7.125, then 94 of 5/8.
    CHECK(replica.events().back().kind == ReplicaEvent::Kind::finished);
    CHECK(seconds(replica.events().back().at) == 7.125 + 94 * 0.625);
    // Lost, it has the speed it had.
    replica.pace_by(lines, 0.5, ticks(100));
    replica.lose(ticks(100));
    replica.submit({.id = 1, .prompt = 128, .output = 1}, ticks(100));
    replica.play(kNever - 1);
    CHECK(seconds(replica.events().back().at) == 100 + 0.25 + (0.25 + 2) * 2);
  }
}

TEST_CASE("a replica all of whose chips have a speed serves every request as one of a slower model does") {
  const std::string requests = "generate: {rate: 8 /s, prompt: 800, output: {mean: 150}}, requests: 200, start: 5 s";
  const std::string replicas = "{pool: h100, layout: tp4, count: 2, startup: 0 s}";
  const double v = 0.8;
  const Prepared slow =
      prepared_services(chat(", count: 1, speeds: {stragglers: 100 %, straggler_speed: 80 %}", replicas, requests));
  const Prepared free = prepared_services(chat(", count: 1", replicas, requests));
  const ServicesPlayed served = play_services(slow), unhurried = play_services(free);

  const Service& service = *slow.settings.services->at(0);
  const ReplicaModel& model = *service.replicas.at(0).model;
  const SlowTimes times(model, v);
  FleetConfig fleet = service.fleet;
  fleet.pools.at(0).times = &times;
  fleet.pools[0].replicas = 2;
  const PlayedRequests alone = play_requests(service.trace, fleet);
  CHECK((served.services.at(0).outcomes == alone.results.outcomes));

  // That is: products, experts, attention and small kernels by 1/v, not the exchanges and the host.
  struct ByParts : IterationTimes {
    explicit ByParts(const ReplicaModel& m) : model(m) {}
    IterationTime iteration_time(const IterationWork& work) const override {
      const IterationParts none = model.iteration_parts(work, 0), far = model.iteration_parts(work, 1e6);
      const double kernels = none.products_s + none.experts_s + none.prompts_s + none.launch_s;
      return {.rest_s = kernels / 0.8 + none.exchange_s + none.host_s,
              .base_s = none.cache_s / 0.8,
              .per_token_s = (far.cache_s - none.cache_s) / 1e6 / 0.8};
    }
    const ReplicaModel& model;
  };
  const ByParts parts(model);
  fleet.pools[0].times = &parts;
  const PlayedRequests by_parts = play_requests(service.trace, fleet);
  for (std::size_t i = 0; i < by_parts.results.outcomes.size(); ++i)
    CHECK(served.services[0].outcomes[i].end_s == Approx(by_parts.results.outcomes[i].end_s).epsilon(1e-9));

  // All are alike and wait for nobody; they make the same tokens, and work longer for them.
  CHECK(served.chip_seconds(0, ChipState::bucket) == 0);
  CHECK(served.chip_seconds(0, ChipState::useful) == Approx(unhurried.chip_seconds(0, ChipState::useful)));
  CHECK(served.chip_seconds(0, ChipState::useful) + served.chip_seconds(0, ChipState::below_peak) +
            served.chip_seconds(0, ChipState::exposed_comm) ==
        Approx(served.services[0].busy_chip_s).epsilon(1e-9));
  CHECK(served.services[0].busy_chip_s > 1.02 * unhurried.services[0].busy_chip_s);
}

TEST_CASE("one slow chip of four: it works longer, and three wait for it") {
  const Prepared p = prepared_services(chat(
      ", count: 1", kOne, prompts(3), "faults: {servers: {slowdowns: [{at: 1 s, pools: [h100], speed: 50 %}]}}\n"));
  const Prepared free = prepared_services(chat(", count: 1", kOne, prompts(3)));
  const ServicesPlayed served = play_services(p), unhurried = play_services(free);
  const IterationParts parts = prompt_parts(*p.settings.services->at(0)->replicas.at(0).model);
  REQUIRE(parts.exchange_s > 0);
  REQUIRE(parts.host_s > 0);
  // Three prompts, none of which waits for another: each computes c longer, on all four chips.
  const double c = parts.seconds() - parts.exchange_s - parts.host_s;
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(first_token_s(free, unhurried, i) == Approx(parts.seconds()).epsilon(1e-9));
    CHECK(first_token_s(p, served, i) == Approx(parts.seconds() + c).epsilon(1e-9));
  }
  CHECK(served.chip_seconds(0, ChipState::bucket) == Approx(3 * 3 * c).epsilon(1e-9));
  CHECK(served.chip_seconds(0, ChipState::below_peak) ==
        Approx(unhurried.chip_seconds(0, ChipState::below_peak) + 3 * c).epsilon(1e-9));
  CHECK(served.chip_seconds(0, ChipState::useful) ==
        Approx(unhurried.chip_seconds(0, ChipState::useful)).epsilon(1e-9));
  CHECK(served.chip_seconds(0, ChipState::exposed_comm) ==
        Approx(unhurried.chip_seconds(0, ChipState::exposed_comm)).epsilon(1e-9));
  CHECK(served.chip_seconds(0, ChipState::throttled) == 0);
  const SlowedPlay slowed = play_slowed(p);
  REQUIRE(slowed.slowed_s.size() == 1);
  CHECK(slowed.slowed_s[0] == Approx(3 * c).epsilon(1e-9));
  CHECK(slowed.lost_chip_s == Approx(4 * 3 * c).epsilon(1e-9));
  // A chip of the server that the replica does not compute on slows nobody.
  const Prepared other =
      prepared_services(chat(", count: 1", kOne, prompts(3),
                             "faults: {servers: {slowdowns: [{at: 1 s, pools: [h100], chip: 4, speed: 50 %}]}}\n"));
  CHECK((play_services(other).services == unhurried.services));
}

TEST_CASE("a chip falls while its replica serves, is found, and as new once its server is mended") {
  // One server: the replica loses its chips when the slow one is found, and has the same again, mended.
  const Prepared free = prepared_services(chat(", count: 1", kOne, prompts(12)));
  const double fall_s = (arrival_s(free, 2) + arrival_s(free, 3)) / 2,
               found_s = (arrival_s(free, 7) + arrival_s(free, 8)) / 2;
  const Prepared p = prepared_services(chat(
      ", count: 1", kOne, prompts(12),
      fmt::format("faults: {{servers: {{slowdowns: [{{at: {:.17g} s, pools: [h100], speed: 40 %, detection: {:.17g} "
                  "s, repair: 1 s, repair_median: 1 s}}]}}}}\n",
                  fall_s, found_s - fall_s)));
  REQUIRE(arrival_s(free, 8) > found_s + 1);
  const ServicesPlayed served = play_services(p);
  const IterationParts parts = prompt_parts(*p.settings.services->at(0)->replicas.at(0).model);
  for (std::size_t i = 0; i < 12; ++i) {
    INFO(i);
    const double longer = i > 2 && i < 8 ? parts.computing_s() * 1.5 : 0;
    CHECK(first_token_s(p, served, i) == Approx(parts.seconds() + longer).epsilon(1e-9));
  }
  CHECK(served.chip_seconds(0, ChipState::bucket) == Approx(5 * 3 * 1.5 * parts.computing_s()).epsilon(1e-9));
  const SlowedPlay slowed = play_slowed(p);
  REQUIRE(slowed.slowed_s.size() == 2);  // it held chips twice
  CHECK(slowed.slowed_s[0] == Approx(5 * 1.5 * parts.computing_s()).epsilon(1e-9));
  CHECK(slowed.slowed_s[1] == 0);
}

TEST_CASE("of split pools each replica has chips and a speed of its own") {
  const std::string two = ", count: 1%}\n    - {name: other, server: HGX H100, count: 1";
  const auto site = [&](const std::string& speeds) { return std::string(two).replace(two.find('%'), 1, speeds); };
  const std::string replicas =
      "{pool: h100, layout: tp4, startup: 0 s, role: prefill}, {pool: other, layout: tp4, startup: 0 s, role: decode}";
  const std::string requests = "generate: {rate: 0.01 /s, prompt: 1000, output: 50}, requests: 3, start: 100 s";
  const Prepared free = prepared_services(chat(site(""), replicas, requests));
  const Prepared p =
      prepared_services(chat(site(", speeds: {stragglers: 100 %, straggler_speed: 50 %}"), replicas, requests));
  const ServicesPlayed served = play_services(p), unhurried = play_services(free);
  const IterationParts parts = prompt_parts(*p.settings.services->at(0)->replicas.at(0).model);
  for (std::size_t i = 0; i < 3; ++i) {
    const RequestOutcome &slow = served.services.at(0).outcomes.at(i), &full = unhurried.services.at(0).outcomes.at(i);
    CHECK(slow.first_token_s - full.first_token_s == Approx(parts.computing_s()).epsilon(1e-6));
    CHECK(slow.end_s - slow.first_token_s == Approx(full.end_s - full.first_token_s).epsilon(1e-9));
  }
}

TEST_CASE("a clock and slow chips compose in a replica, whichever came first") {
  const auto text = [](double cap_w, double cap_s, double slow_s) {
    return chat(
        ", count: 1, rack: {servers: 1}}\n  facility: {cooling: cold plate, caps: [{level: site, limit: 1 MW, dated: "
        "[{after: " +
            fmt::format("{} s, limit: {:.17g} W", cap_s, cap_w) + "}]}]",
        kOne, prompts(10),
        fmt::format("faults: {{servers: {{slowdowns: [{{at: {} s, pools: [h100], speed: 50 %}}]}}}}\n", slow_s));
  };
  const Prepared free = prepared_services(text(1e6, 1, 1e6));
  const StatePower& power = free.settings.building->power.at(0);
  const double f = 70.0 / 94;
  const double most_w = 4 * power.computing_w({.compute = 0, .memory = 1}, f) +
                        4 * power.watts[static_cast<std::size_t>(ChipState::idle)] + 1;
  const ReplicaModel& model = *free.settings.services->at(0)->replicas.at(0).model;
  const IterationParts full = prompt_parts(model), at_clock = prompt_parts(model.at_clock(f));
  const double both_s = std::max(arrival_s(free, 3), arrival_s(free, 1)) + 10;
  for (const auto& [cap_s, slow_s] : {std::pair{1.0, 2.0}, {2.0, 1.0}, {1.0, both_s}, {both_s, 1.0}}) {
    INFO(cap_s << " " << slow_s);
    const Prepared p = prepared_services(text(most_w, cap_s, slow_s));
    const ServicesPlayed served = play_services(p);
    double throttled = 0, bucket = 0;
    for (std::size_t i = 0; i < 10; ++i) {
      const bool capped = arrival_s(p, i) > cap_s, slow = arrival_s(p, i) > slow_s;
      const IterationParts& clocked = capped ? at_clock : full;
      const double longer = slow ? clocked.computing_s() : 0;
      CHECK(first_token_s(p, served, i) == Approx(clocked.seconds() + longer).epsilon(1e-9));
      throttled += 4 * (clocked.seconds() - full.seconds());
      bucket += 3 * longer;
    }
    CHECK(served.chip_seconds(0, ChipState::throttled) == Approx(throttled).epsilon(1e-9));
    CHECK(served.chip_seconds(0, ChipState::bucket) == Approx(bucket).epsilon(1e-9));
    CHECK(play_capped(p).caps.at(0).lowest_clock == Approx(f));
  }
}

TEST_CASE("busy time is divided to the last second, as slow, or fast, as the chips are") {
  // Ten seconds at the full clock: 6 of products, 1 of small kernels, 2 of exchange, 1 of the host.
  const IterationParts mean{.products_s = 6, .exchange_s = 2, .launch_s = 1, .host_s = 1};
  const IterationParts clocked{.products_s = 9, .exchange_s = 2, .launch_s = 1, .host_s = 1};
  const auto sum = [](const BusyTime& t) {
    return t.useful_s + t.exchange_s + t.below_peak_s + t.throttled_s + t.bucket_s;
  };
  // One of four at half the speed: 13 + 10, of which the slow one computes 10 longer, the others wait.
  BusyTime t = divide_busy_time(23, 4, mean, clocked, {.slowest = 0.5, .own_time = 1.25});
  CHECK(t.useful_s == Approx(4));
  CHECK(t.exchange_s == Approx(2));
  CHECK(t.below_peak_s == Approx(4 + 10 * 0.25));
  CHECK(t.throttled_s == Approx(3));
  CHECK(t.bucket_s == Approx(10 * 0.75));
  CHECK(t.slowed_s == Approx(10));
  CHECK(sum(t) == Approx(23).epsilon(1e-12));
  // All as their kind: nothing of it is for the chips.
  t = divide_busy_time(10, 4, mean, mean, {});
  CHECK(t.below_peak_s == 4);
  CHECK(t.bucket_s == 0);
  CHECK(t.throttled_s == 0);
  CHECK(t.slowed_s == 0);
  // All a quarter faster: 3 + 7 / 1.25 s, and nearer to the peak of the kind, or above it for what is left.
  const double fast_s = 3 + 7 / 1.25;
  t = divide_busy_time(fast_s, 4, mean, mean, {.slowest = 1.25, .own_time = 0.8});
  CHECK(t.slowed_s == Approx(fast_s - 10));
  CHECK(t.below_peak_s == Approx(4 - 1.4));
  CHECK(t.bucket_s == Approx(0).margin(1e-12));
  CHECK(sum(t) == Approx(fast_s).epsilon(1e-12));
  t = divide_busy_time(fast_s, 7.5, mean, mean, {.slowest = 1.25, .own_time = 0.8});
  CHECK(t.below_peak_s == 0);
  CHECK(t.useful_s == Approx(fast_s - 2));
  CHECK(sum(t) == Approx(fast_s).epsilon(1e-12));
  // Of an iteration of which nothing has ended nothing is known.
  t = divide_busy_time(5, 0, {}, {}, {.slowest = 0.5, .own_time = 1.25});
  CHECK(t.exchange_s == 5);
  CHECK(sum(t) == 5);
}

TEST_CASE("bins that end within an engine's first iteration, at a lower clock, are numbers") {
  // A prompt of many seconds, in bins of one.
  const Prepared p = prepared_services(
      "horizon: 60 s\nsite:\n  pools: [{name: h100, server: HGX H100, count: 1, rack: {servers: 1}}]\n"
      "  facility: {cooling: cold plate, caps: [{level: site, limit: 4000 W}]}\nworkload:\n  services:\n"
      "    - name: chat\n      model: Llama-3.1-70B\n"
      "      replicas: [{pool: h100, layout: tp8, startup: 0 s, batched_tokens: 100000}]\n"
      "      requests: {generate: {rate: 0.2 /s, prompt: 60000, output: 1}, requests: 10, start: 1 s}\n"
      "output: {ledger_bin: 1 s}\n");
  const CappedPlay played = play_capped(p);
  CHECK(played.chip_seconds(ChipState::throttled) > 0);
  for (const double w : played.bins_w) CHECK(w > 0);
}
