// Serving by hand. An iteration takes 1/2 s, 1/64 s for each prompt token, 1/8 s for each decoding sequence, and what a
// case adds; all are whole numbers of ticks, so times are compared exactly.
#include <catch2/catch.hpp>

#include "../support/serving.hpp"
#include "sim/serving/play_requests.hpp"

namespace {

using namespace alight;
using namespace alight::test;
using Kind = ReplicaEvent::Kind;

LinearTimes by_hand() {
  LinearTimes t;
  t.rest = 0.5, t.per_prompt = 1.0 / 64, t.per_decode = 0.125;
  return t;
}

ReplicaConfig roomy() {
  ReplicaConfig c;
  c.max_batch = 8, c.max_batched_tokens = 1024;
  c.block_tokens = 4, c.blocks = 1000, c.watermark = 0;
  return c;
}

struct Told {
  Kind kind;
  std::uint32_t id;
  double at_s;
  bool operator==(const Told&) const = default;
};

struct Scene {
  LinearTimes times = by_hand();
  ReplicaConfig config = roomy();
  std::vector<Arrival> arrivals;
  ReplicaTotals totals{};

  void add(double at_s, std::uint32_t prompt, std::uint32_t output) {
    const auto id = static_cast<std::uint32_t>(arrivals.size());
    arrivals.push_back({at_s, {.id = id, .prompt = prompt, .output = output}});
  }
  std::vector<Told> play(bool exact = false) {
    RandomLoad load;
    load.config = config;
    load.times = times;
    load.arrivals = arrivals;
    std::vector<Told> told;
    for (const ReplicaEvent& e : play_alone(load, exact, &totals, [](Replica&, Ticks) {}))
      told.push_back({e.kind, e.id, seconds(e.at)});
    return told;
  }
};

std::string text(const std::vector<Told>& told) {
  std::string all;
  for (const Told& t : told)
    all += std::to_string(static_cast<int>(t.kind)) + ":" + std::to_string(t.id) + "@" + std::to_string(t.at_s) + " ";
  return all;
}

void check(Scene& scene, const std::vector<Told>& expected) {
  for (const bool exact : {false, true}) {
    const auto told = scene.play(exact);
    INFO(text(told));
    CHECK(told == expected);
  }
}

TEST_CASE("a request that comes during an iteration takes part in the next") {
  Scene s;
  s.add(0, 128, 3);
  s.add(1, 64, 2);
  // 0: prompt of 128, 1/2 + 2. 2.5: prompt of 64 beside one decode, 1/2 + 1 + 1/8. 4.125: two decodes, 1/2 + 2/8.
  check(s, {{Kind::first_token, 0, 2.5},
            {Kind::first_token, 1, 4.125},
            {Kind::finished, 0, 4.875},
            {Kind::finished, 1, 4.875}});
  CHECK(s.totals.iterations == 3);
  CHECK(seconds(s.totals.busy) == 4.875);
}

TEST_CASE("each token of context adds to an iteration once it is past the floor") {
  Scene s;
  s.times.per_token = 1.0 / 1024, s.times.floor = 0.125 + 66.0 / 1024;
  s.add(0, 64, 5);
  // Decodes hold 65, 66, 67, 68 tokens: two at the floor of 66, then 67 and 68.
  const double decodes = 4 * (0.5 + 0.125) + (66 + 66 + 67 + 68) / 1024.0;
  const double prompt = 0.5 + 1 + s.times.floor;
  check(s, {{Kind::first_token, 0, prompt}, {Kind::finished, 0, prompt + decodes}});
  CHECK(s.totals.decode_context == 65 + 66 + 67 + 68);
}

TEST_CASE("a long prompt is computed in chunks, and each token still attends to all before it") {
  Scene s;
  s.config.max_batched_tokens = 32;
  s.times.per_pair = 1.0 / 4096;
  s.add(0, 80, 1);
  // Chunks of 32, 32, 16; pairs 80 x 81 / 2.
  check(s, {{Kind::first_token, 0, 3 * 0.5 + 80.0 / 64 + 3240.0 / 4096},
            {Kind::finished, 0, 3 * 0.5 + 80.0 / 64 + 3240.0 / 4096}});
  CHECK(s.totals.iterations == 3);
}

TEST_CASE("decoding sequences come before chunks in the tokens of an iteration") {
  Scene s;
  s.config.max_batched_tokens = 33;
  s.add(0, 32, 4);
  s.add(0.5, 64, 1);
  // 0: the first prompt. 1: a decode and 32 tokens of the second. 2.125: the same, which ends the second. 3.25: the
  // third decode alone.
  check(
      s,
      {{Kind::first_token, 0, 1}, {Kind::first_token, 1, 3.25}, {Kind::finished, 1, 3.25}, {Kind::finished, 0, 3.875}});
}

TEST_CASE("without mixing, prompts go first and decodes wait") {
  Scene s;
  s.config.mixed = false;
  s.add(0, 64, 3);
  s.add(1, 64, 2);
  // 0: first prompt, 1.5. Then the second alone, 1.5. Then two decodes of both, and one more of the first.
  check(
      s,
      {{Kind::first_token, 0, 1.5}, {Kind::first_token, 1, 3}, {Kind::finished, 1, 3.75}, {Kind::finished, 0, 4.375}});
}

TEST_CASE("an uncut prompt waits until the tokens of an iteration hold it whole") {
  Scene s;
  s.config.chunked = false;
  s.config.max_batched_tokens = 64;
  s.add(0, 32, 2);
  s.add(0, 64, 1);
  // 32 and 64 do not fit together; beside a decode 64 do not fit either.
  check(s, {{Kind::first_token, 0, 1},
            {Kind::finished, 0, 1.625},
            {Kind::first_token, 1, 3.125},
            {Kind::finished, 1, 3.125}});
}

// Five blocks of four tokens; each prompt of 7 takes two with its first answer token. At contexts of 9 both need a
// third, and only one is left: the younger goes.
Scene crowded() {
  Scene s;
  s.config.blocks = 5;
  s.add(0, 7, 6);
  s.add(0, 7, 3);
  return s;
}

TEST_CASE("when blocks run out the youngest is preempted, and computed again when there is room") {
  Scene s = crowded();
  const double first = 0.5 + 14.0 / 64, out = first + 0.75, done = out + 4 * 0.625;
  // It comes back with 7 + 2 tokens, which give its third.
  check(s, {{Kind::first_token, 0, first},
            {Kind::first_token, 1, first},
            {Kind::preempted, 1, out},
            {Kind::finished, 0, done},
            {Kind::finished, 1, done + 0.5 + 9.0 / 64}});
  CHECK(s.totals.recomputed_tokens == 8);
  CHECK(s.totals.preemptions == 1);
}

TEST_CASE("swapping moves the blocks there and back instead") {
  Scene s = crowded();
  s.config.preemption = Preemption::swap;
  s.config.block_bytes = 1, s.config.swap_bytes_s = 4;  // a quarter of a second a block
  // Two blocks leave in the iteration that needed them, three come back.
  const double first = 0.5 + 14.0 / 64, out = first + 0.75, done = out + 2 * 0.25 + 4 * 0.625;
  check(s, {{Kind::first_token, 0, first},
            {Kind::first_token, 1, first},
            {Kind::preempted, 1, out},
            {Kind::finished, 0, done},
            {Kind::finished, 1, done + 3 * 0.25 + 0.625}});
  CHECK(s.totals.recomputed_tokens == 0);
  CHECK(seconds(s.totals.swapping) == 1.25);
}

TEST_CASE("the lower priority is preempted, however old") {
  Scene s = crowded();
  s.arrivals[1].request.priority = 1;
  const auto told = s.play();
  CHECK(told[2] == Told{Kind::preempted, 0, 0.5 + 14.0 / 64 + 0.75});
}

TEST_CASE("a request waits until its blocks are free, and one that could never fit is told so") {
  Scene s;
  s.config.blocks = 4;
  s.add(0, 8, 3);
  s.add(0, 8, 1);
  IterationLines lines(s.times);
  CHECK(Replica(s.config, lines).fits(8, 8));
  CHECK_FALSE(Replica(s.config, lines).fits(8, 9));
  // The first takes three blocks of four; the second needs three.
  const double first = 0.5 + 8.0 / 64, done = first + 2 * 0.625;
  check(s, {{Kind::first_token, 0, first},
            {Kind::finished, 0, done},
            {Kind::first_token, 1, done + first},
            {Kind::finished, 1, done + first}});
}

TEST_CASE("what a cache holds of a prompt is not computed, but for the last token") {
  const std::vector<BlockHash> names{0, 1};
  Scene s;
  s.config.prefix_caching = PrefixCaching::on;
  s.config.hash_block_tokens = 8;
  s.add(0, 20, 1);
  s.add(10, 20, 1);
  s.add(20, 16, 1);
  for (Arrival& a : s.arrivals) a.request.blocks = names;
  // Of the second prompt 16 tokens are there; of the third, all 16, of which its last block is computed for its end.
  const double whole = 0.5 + 20.0 / 64, second = 10 + 0.5 + 4.0 / 64, third = 20 + 0.5 + 8.0 / 64;
  check(s, {{Kind::first_token, 0, whole},
            {Kind::finished, 0, whole},
            {Kind::first_token, 1, second},
            {Kind::finished, 1, second},
            {Kind::first_token, 2, third},
            {Kind::finished, 2, third}});
  CHECK(s.totals.hit_tokens == 24);
  CHECK(s.totals.asked_tokens == 56);
}

TEST_CASE("accepted drafts carry their fractions over") {
  Scene s;
  s.config.tokens_per_iteration = 1.5, s.config.decode_tokens = 2;
  s.add(0, 64, 8);
  // Seven tokens at 1, 3, 4, 6, 7 after one to five iterations.
  check(s, {{Kind::first_token, 0, 1.5}, {Kind::finished, 0, 1.5 + 5 * 0.625}});
  CHECK(s.totals.decode_tokens == 7);
}

TEST_CASE("a request whose time is over leaves at the end of the iteration") {
  Scene s;
  s.add(0, 64, 100);
  s.arrivals[0].request.deadline = ticks(4);
  // 1.5, then decodes of 5/8: 4 lies in the fourth.
  check(s, {{Kind::first_token, 0, 1.5}, {Kind::timed_out, 0, 4}});
  s.arrivals[0].request.deadline = ticks(4.01);
  check(s, {{Kind::first_token, 0, 1.5}, {Kind::timed_out, 0, 4.625}});
}

TEST_CASE("split pools: the first token from one, the others from the other, keys and values between them") {
  RequestTrace trace;
  trace.requests = {{.arrival_s = 0, .prompt_tokens = 64, .output_tokens = 3},
                    {.arrival_s = 0, .prompt_tokens = 64, .output_tokens = 3}};
  const LinearTimes times = by_hand();
  FleetConfig fleet;
  fleet.keep_outcomes = true;
  for (const ReplicaRole role : {ReplicaRole::prefill, ReplicaRole::decode}) {
    ServingPool pool;
    pool.times = &times;
    pool.replica = roomy();
    pool.replica.role = role;
    pool.replica.max_batched_tokens = 64;
    pool.kv_bytes_per_token = 1;
    fleet.pools.push_back(pool);
  }
  // Prompts end at 1.5 and 3; a transfer takes 64 B / 64 B/s. The first decodes from 2.5, 5/8 s an iteration, and ends
  // at 3.75; the second from 4 to 5.25.
  const PlayedRequests played = play_requests(trace, fleet, {.transfer_bytes_s = 64, .transfer_latency_s = 0});
  CHECK(played.results.outcomes[0].first_token_s == 1.5);
  CHECK(played.results.outcomes[0].end_s == 3.75);
  CHECK(played.results.outcomes[1].first_token_s == 3);
  CHECK(played.results.outcomes[1].end_s == 5.25);
  CHECK(played.results.outcomes[1].replica == 1);
  CHECK(played.results.transferred_bytes == 128);
  CHECK(seconds(played.hours[0].totals.busy) == 3);
  CHECK(seconds(played.hours[1].totals.busy) == 2.5);
}

TEST_CASE("a replica that fails loses its work; its requests start anew elsewhere, or are lost") {
  RequestTrace trace;
  trace.requests = {{.arrival_s = 0, .prompt_tokens = 64, .output_tokens = 5}};
  const LinearTimes times = by_hand();
  FleetConfig fleet;
  fleet.keep_outcomes = true;
  ServingPool pool;
  pool.times = &times;
  pool.replica = roomy();
  pool.replicas = 2;
  fleet.pools.push_back(pool);
  PlaySettings settings{.start_s = 10};
  settings.losses = {{.at_s = 2.5, .back_s = 3, .replica = 0}};
  PlayedRequests played = play_requests(trace, fleet, settings);
  // First token at 1.5 and a second at 2.125 are thrown away; from 2.5 on 1.5 + 4 x 5/8 again.
  CHECK(played.results.outcomes[0].first_token_s == 4);
  CHECK(played.results.outcomes[0].end_s == 6.5);
  CHECK(played.results.outcomes[0].retries == 1);
  CHECK(played.results.wasted_tokens == 2);
  CHECK(seconds(played.hours[0].totals.busy) == 2.5);
  CHECK(seconds(played.hours[0].starting) == 3.5);
  fleet.retries = 0;
  played = play_requests(trace, fleet, settings);
  CHECK(played.results.outcomes[0].end == RequestEnd::lost);
  CHECK(played.results.outcomes[0].end_s == 2.5);
}

TEST_CASE("a pool that is scaled up serves who waited when its replica has started") {
  RequestTrace trace;
  trace.requests = {{.arrival_s = 1, .prompt_tokens = 64, .output_tokens = 1}};
  const LinearTimes times = by_hand();
  FleetConfig fleet;
  fleet.keep_outcomes = true;
  ServingPool pool;
  pool.times = &times;
  pool.replica = roomy();
  pool.replicas = 0;
  pool.scale = {.by = ScaleBy::queue, .min = 0, .max = 2, .target = 4, .every_s = 2, .hold_s = 4};
  fleet.pools.push_back(pool);
  // The look at 2 finds one request and no replica; one is there at 12.
  const PlayedRequests played = play_requests(trace, fleet, {.start_s = 10});
  CHECK(played.results.outcomes[0].end_s == 13.5);
  CHECK(seconds(played.hours[0].starting) == 10);
  CHECK(played.results.outcomes[0].end == RequestEnd::finished);
}

}  // namespace
