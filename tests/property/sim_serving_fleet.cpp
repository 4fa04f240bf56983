// Whole fleets at random: routed, scaled, split, failing; what holds however they are played.
#include <catch2/catch.hpp>
#include <map>

#include "../support/serving.hpp"
#include "sim/serving/play_requests.hpp"

namespace {

using namespace alight;
using namespace alight::test;

struct RandomFleet {
  RequestTrace trace;
  FleetConfig config;
  PlaySettings settings;
  LinearTimes fast, slow;
};

ServingPool random_pool(Stream& s, const RandomLoad& load, ReplicaRole role, const IterationTimes& times) {
  ServingPool pool;
  pool.replica = load.config;
  pool.replica.role = role;
  pool.times = &times;
  pool.replicas = draw(s, 1, 4);
  pool.weight = static_cast<double>(draw(s, 1, 4)) / 2;
  pool.kv_bytes_per_token = 1000;
  if (coin(s, 3)) pool.request_s = 1e-3;
  if (!coin(s, 3)) return pool;
  pool.scale.by = static_cast<ScaleBy>(draw(s, 1, 3));
  pool.scale.min = draw(s, 0, 1), pool.scale.max = draw(s, 2, 6);
  pool.scale.target = pool.scale.by == ScaleBy::queue ? static_cast<double>(draw(s, 2, 20)) : 0.7;
  pool.scale.every_s = 0.1, pool.scale.hold_s = 0.3;
  return pool;
}

/// Rebuilds the load's requests as a trace, and pools around its replica.
void fill(RandomFleet& f, std::uint64_t seed) {
  Stream s = stream(seed, "fleet");
  const RandomLoad load = random_load(seed);
  f.trace.block_tokens = static_cast<int>(load.config.hash_block_tokens);
  f.trace.blocks = load.names;
  for (const Arrival& a : load.arrivals) {
    const std::uint32_t whole = a.request.prompt / static_cast<std::uint32_t>(f.trace.block_tokens);
    const auto all = static_cast<std::uint32_t>(a.request.blocks.size());
    Request r{.arrival_s = a.at_s,
              .prompt_tokens = a.request.prompt,
              .output_tokens = a.request.output,
              .priority = a.request.priority};
    r.first_block = static_cast<std::uint64_t>(a.request.blocks.data() - load.names.data());
    r.blocks = whole, r.answer_blocks = static_cast<std::uint16_t>(all - whole);
    r.session = static_cast<std::uint32_t>(draw(s, 0, 9));
    f.trace.requests.push_back(r);
  }
  f.fast = f.slow = load.times;
  f.slow.rest *= 2, f.slow.per_prompt *= 2, f.slow.floor *= 1.5;
  f.config.name = "service";
  f.config.router.routing = static_cast<RequestRouting>(draw(s, 0, 5));
  f.config.router.seed = seed;
  f.config.keep_outcomes = true;
  f.config.retries = static_cast<int>(draw(s, 0, 2));
  f.config.targets = {.ttft_s = 0.5, .tpot_s = 0.05};
  if (coin(s, 4)) f.config.queue_limit = draw(s, 1, 10);
  if (coin(s, 4)) f.config.timeout_s = static_cast<double>(draw(s, 100, 5000)) * 1e-3;
  const bool split = coin(s, 2);
  f.config.pools.push_back(random_pool(s, load, split ? ReplicaRole::prefill : ReplicaRole::aggregated, f.fast));
  if (split) f.config.pools.push_back(random_pool(s, load, ReplicaRole::decode, f.slow));
  if (coin(s, 2)) {
    f.config.pools.push_back(random_pool(s, load, ReplicaRole::aggregated, f.slow));
    f.config.pools.back().replica.blocks = std::max<std::int64_t>(1, f.config.pools.back().replica.blocks / 2);
  }
  f.settings.start_s = static_cast<double>(draw(s, 1, 1000)) * 1e-3;
  f.settings.transfer_bytes_s = 1e7;
  for (std::int64_t i = draw(s, 0, 6); i > 3; --i) {
    const double at = static_cast<double>(draw(s, 0, 3000)) * 1e-3;
    f.settings.losses.push_back({at, at + 0.2, static_cast<std::uint32_t>(draw(s, 0, 5))});
  }
}

PlayedRequests play(RandomFleet& f, bool exact) {
  for (ServingPool& pool : f.config.pools) pool.replica.exact = exact;
  return play_requests(f.trace, f.config, f.settings);
}

TEST_CASE("fleets played in closed form and by every iteration agree on every request") {
  std::array<std::int64_t, kRequestEnds> ended{};
  std::int64_t retried = 0, most = 0, hits = 0;
  double transferred = 0;
  for (std::uint64_t seed = 1; seed <= 2500; ++seed) {
    INFO("seed " << seed);
    RandomFleet f;
    fill(f, seed);
    const PlayedRequests a = play(f, false), b = play(f, true);
    REQUIRE(a.results.outcomes.size() == b.results.outcomes.size());
    for (std::size_t i = 0; i < a.results.outcomes.size(); ++i) {
      INFO("request " << i << " ended " << a.results.outcomes[i].end_s << " and " << b.results.outcomes[i].end_s);
      REQUIRE(a.results.outcomes[i] == b.results.outcomes[i]);
    }
    CHECK(a.results.good == b.results.good);
    CHECK(a.results.wasted_tokens == b.results.wasted_tokens);
    CHECK(a.results.transferred_bytes == b.results.transferred_bytes);
    CHECK(a.results.ttft_s.quantile(0.9) == b.results.ttft_s.quantile(0.9));
    REQUIRE(a.hours.size() == b.hours.size());
    for (std::size_t i = 0; i < a.hours.size(); ++i) {
      CHECK(a.hours[i].serving == b.hours[i].serving);
      CHECK(a.hours[i].starting == b.hours[i].starting);
      CHECK(a.hours[i].totals.busy == b.hours[i].totals.busy);
      CHECK(a.hours[i].totals.decode_context == b.hours[i].totals.decode_context);
      hits += a.hours[i].totals.hit_tokens;
    }
    for (std::size_t i = 0; i < kRequestEnds; ++i) ended[i] += a.results.ended[i];
    retried += a.results.retried;
    transferred += a.results.transferred_bytes;
    most = std::max(most, a.most_replicas);
  }
  // The fleets do what they are there for.
  CHECK(*std::min_element(ended.begin(), ended.end()) > 500);
  CHECK(retried > 1000);
  CHECK(transferred > 1e6);
  CHECK(hits > 10000);
  CHECK(most > 6);
}

TEST_CASE("every request of a fleet ends in one way, and time is spent once") {
  int clean = 0;
  for (std::uint64_t seed = 3001; seed <= 3600; ++seed) {
    INFO("seed " << seed);
    RandomFleet f;
    fill(f, seed);
    const PlayedRequests p = play(f, false);
    const ServiceResults& r = p.results;
    CHECK(r.arrived == static_cast<std::int64_t>(f.trace.requests.size()));
    CHECK(r.all_ended() == r.arrived);
    std::int64_t prompts = 0, outputs = 0, finished = 0;
    for (std::size_t i = 0; i < r.outcomes.size(); ++i) {
      const RequestOutcome& o = r.outcomes[i];
      const Request& asked = f.trace.requests[i];
      CHECK(o.end_s >= asked.arrival_s);
      if (o.end != RequestEnd::finished) continue;
      ++finished;
      prompts += asked.prompt_tokens, outputs += asked.output_tokens;
      CHECK(o.first_token_s >= asked.arrival_s);
      CHECK(o.end_s >= o.first_token_s);
      CHECK(o.replica >= 0);
    }
    CHECK(finished == r.ended[0]);
    CHECK(prompts == r.prompt_tokens);
    CHECK(outputs == r.output_tokens);
    CHECK(r.ttft_s.count() == finished);
    CHECK(r.good <= finished);
    std::int64_t decoded = 0, preempted = 0;
    for (const ReplicaHours& h : p.hours) {
      CHECK(h.totals.busy <= h.serving);
      CHECK(h.totals.swapping <= h.totals.busy);
      decoded += h.totals.decode_tokens;
      preempted += h.totals.preemptions;
    }
    // Where nothing was cut short or made again, one token of each answer is its prefill's and all others are decoded.
    if (r.retried == 0 && preempted == 0 && r.wasted_tokens == 0 && r.ended[2] == 0 && r.ended[3] == 0) {
      CHECK(decoded == outputs - finished);
      ++clean;
    }
  }
  CHECK(clean > 50);
}

TEST_CASE("the same fleet played twice gives the same outcomes") {
  RandomFleet a, b;
  fill(a, 99), fill(b, 99);
  CHECK(play(a, false).results.outcomes == play(b, false).results.outcomes);
}

}  // namespace
