// Public traces of requests played from end to end. The engine's times are hand-made here, so what is compared with
// published figures is what does not depend on them: shares of prompts found in a prefix cache.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <iostream>

#include "../support/reference.hpp"
#include "../support/request_loads.hpp"
#include "workloads/requests/formats.hpp"

namespace {

using namespace alight;
using namespace alight::test;

RequestTrace read(const std::filesystem::path& file) {
  Diagnostics diagnostics;
  auto found = read_requests(std::vector{file}, "auto", {}, diagnostics);
  REQUIRE(found);
  return std::move(found->trace);
}

/// Block hits over blocks of prompts, the cache filled in order of arrival and never emptied: what the trace itself
/// holds, with no engine at all.
double distinct_share(const RequestTrace& trace) {
  std::vector<bool> seen(trace.distinct_blocks, false);
  std::int64_t hits = 0, asked = 0;
  for (const Request& r : trace.requests) {
    bool hit = true;
    for (const BlockHash b : blocks_of(trace, r)) {
      hit = hit && seen[b];
      hits += hit, ++asked;
      seen[b] = true;
    }
  }
  return static_cast<double>(hits) / static_cast<double>(asked);
}

struct Row {
  double hit = 0, hit_blocks = 0, finished = 0, ttft_p50 = 0, ttft_p99 = 0, tpot_p50 = 0, tpot_p99 = 0;
};

Row play(const char* name, const RequestTrace& trace, FleetConfig fleet) {
  const PlayedRequests played = play_requests(trace, fleet);
  const ServiceResults& r = played.results;
  CHECK(r.all_ended() == static_cast<std::int64_t>(trace.requests.size()));
  std::int64_t hit = 0, asked = 0;
  for (const ReplicaHours& h : played.hours) hit += h.totals.hit_tokens, asked += h.totals.asked_tokens;
  std::int64_t blocks = 0;
  for (const Request& request : trace.requests) blocks += request.blocks;
  Row row{static_cast<double>(hit) / static_cast<double>(std::max<std::int64_t>(1, asked)),
          static_cast<double>(hit) / static_cast<double>(std::max<std::int64_t>(1, blocks * trace.block_tokens)),
          static_cast<double>(r.ended[0]) / static_cast<double>(r.arrived),
          r.ttft_s.quantile(0.5),
          r.ttft_s.quantile(0.99),
          r.tpot_s.quantile(0.5),
          r.tpot_s.quantile(0.99)};
  std::cout << fmt::format(
      "{:<26} {:>6} requests {:>7.2f} % finished  hit {:5.1f} % of tokens, {:5.1f} % of blocks  ttft p50 {:7.3f} s p99 "
      "{:7.3f} s  tpot p50 {:5.1f} ms p99 {:6.1f} ms\n",
      name, trace.requests.size(), 100 * row.finished, 100 * row.hit, 100 * row.hit_blocks, row.ttft_p50, row.ttft_p99,
      1e3 * row.tpot_p50, 1e3 * row.tpot_p99);
  return row;
}

TEST_CASE("Azure's traces play to their ends, both ways alike") {
  for (const char* name : {"code", "conv"}) {
    const std::string file = std::string("traces/azure_llm_2023/AzureLLMInferenceTrace_") + name + ".csv.gz";
    ALIGHT_REFERENCE_OR_SKIP(path, file);
    const RequestTrace trace = read(path);
    CHECK(trace.requests.size() == (name == std::string("code") ? 8819 : 19366));
    const LinearTimes times = large_model();
    FleetConfig fleet = one_pool(times, 4);
    fleet.keep_outcomes = true;
    const Row row = play(name, trace, fleet);
    CHECK(row.finished == 1);
    const PlayedRequests stretched = play_requests(trace, fleet);
    for (ServingPool& pool : fleet.pools) pool.replica.exact = true;
    CHECK(play_requests(trace, fleet).results.outcomes == stretched.results.outcomes);
  }
}

// A hit is a whole block a request finds in the cache when it is admitted, and all before it; the share is of the
// blocks of all prompts, the last and shorter one of each counted. Expected are 37 to 41 % and 43 to 65 % with a cache
// that never empties. Shares of tokens are a little higher, since last blocks never hit.
TEST_CASE("Mooncake's traces find in an unbounded cache what they hold") {
  struct Case {
    const char* name;
    std::size_t requests;
    double least, most;
  };
  for (const Case& c : {Case{"conversation", 12031, 0.37, 0.41}, Case{"synthetic", 3993, 0.43, 0.65}}) {
    const std::string file = std::string("traces/mooncake_fast25/") + c.name + "_trace.jsonl.xz";
    ALIGHT_REFERENCE_OR_SKIP(path, file);
    const RequestTrace trace = read(path);
    CHECK(trace.requests.size() == c.requests);
    LinearTimes times = large_model();
    FleetConfig fleet = one_pool(times, 16);
    fleet.pools.front().replica.blocks = 2'000'000 / 16;
    fleet.pools.front().replica.max_batched_tokens = 8192;
    std::cout << fmt::format("{:<26} blocks seen before / blocks of prompts {:.1f} %\n", c.name,
                             100 * distinct_share(trace));
    play((std::string(c.name) + ", no cache").c_str(), trace, fleet);
    fleet.router.routing = RequestRouting::prefix_aware;
    fleet.pools.front().replica.prefix_caching = PrefixCaching::on;
    const Row held = play((std::string(c.name) + ", in free blocks").c_str(), trace, fleet);
    // One engine with the memory of all: one cache for all.
    fleet.pools.front().replicas = 1;
    fleet.pools.front().replica.prefix_caching = PrefixCaching::unbounded;
    fleet.pools.front().replica.blocks = 32'000'000 / 16;
    fleet.pools.front().replica.max_batch = 4096;
    fleet.pools.front().replica.max_batched_tokens = 131072;
    times.rest /= 16, times.per_prompt /= 16, times.per_pair /= 16, times.floor /= 16, times.per_decode /= 16,
        times.per_token /= 16;
    const Row endless = play((std::string(c.name) + ", unbounded").c_str(), trace, fleet);
    CHECK(100 * endless.hit_blocks == Approx(100 * distinct_share(trace)).margin(1));
    CHECK(endless.hit > c.least);
    CHECK(endless.hit_blocks < c.most);
    CHECK(held.hit <= endless.hit + 0.01);
  }
}

}  // namespace
