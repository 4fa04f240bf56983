// Requests like those of public traces, and fleets to serve them, for tests and benchmarks of serving.
#pragma once

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/lognormal_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <cstdint>

#include "models/random/streams.hpp"
#include "serving.hpp"
#include "sim/serving/play_requests.hpp"

namespace alight::test {

/// Poisson arrivals; log-normal lengths with the means of Azure's conversations of 2023 (1,155 in, 211 out; Patel et
/// al., Splitwise, ISCA 2024). With `turns` above 1, sessions whose prompts are all that was said before and some more,
/// in blocks of 16 tokens.
inline RequestTrace lengths_like_azure(std::int64_t count, double per_s, int turns = 1, std::uint64_t seed = 1) {
  Stream s = stream(seed, "requests");
  boost::random::exponential_distribution<> gap(per_s);
  boost::random::lognormal_distribution<> prompt(6.55, 1.0), output(5.1, 0.7), said(4.5, 0.8);
  RequestTrace trace;
  trace.requests.reserve(static_cast<std::size_t>(count));
  constexpr std::uint32_t kBlock = 16;
  if (turns > 1) trace.block_tokens = kBlock;
  struct Session {
    std::uint32_t tokens = 0, number = 0;
    int left = 0;
  };
  // Each request is the next turn of a session that is open: on average 30 s after the one before.
  std::vector<Session> open(turns > 1 ? static_cast<std::size_t>(std::ceil(30 * per_s)) : 1);
  boost::random::uniform_int_distribution<std::size_t> any(0, open.size() - 1);
  double at = 0;
  std::uint32_t sessions = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    at += gap(s);
    const auto tokens = [&](auto& length, double most) {
      return static_cast<std::uint32_t>(std::clamp(length(s), 1.0, most));
    };
    Request r{.arrival_s = at, .prompt_tokens = tokens(prompt, 8000), .output_tokens = tokens(output, 1500)};
    if (turns > 1) {
      Session& talk = open[any(s)];
      if (talk.left == 0)
        talk = {.tokens = r.prompt_tokens, .number = ++sessions, .left = turns};
      else
        talk.tokens += tokens(said, 2000);
      --talk.left;
      r.prompt_tokens = talk.tokens;
      r.session = talk.number;
      const std::uint32_t whole = r.prompt_tokens / kBlock;
      const std::uint32_t after = (r.prompt_tokens + r.output_tokens) / kBlock;
      r.first_block = std::uint64_t{talk.number - 1} << 10;
      while (trace.blocks.size() < r.first_block + 1024)
        trace.blocks.push_back(static_cast<BlockHash>(trace.blocks.size()));
      r.blocks = whole;
      r.answer_blocks = static_cast<std::uint16_t>(after - whole);
      talk.tokens += r.output_tokens;
      if (talk.tokens > 12000) talk.left = 0;
    }
    trace.requests.push_back(r);
  }
  trace.distinct_blocks = sessions << 10;
  return trace;
}

/// One pool of replicas with the keys and values of 500,000 tokens each.
inline FleetConfig one_pool(const IterationTimes& times, std::int64_t replicas) {
  FleetConfig fleet;
  fleet.name = "service";
  ServingPool pool;
  pool.name = "pool";
  pool.times = &times;
  pool.replicas = replicas;
  pool.replica.max_batched_tokens = 2048;
  pool.replica.blocks = 500'000 / 16;
  fleet.pools.push_back(pool);
  return fleet;
}

}  // namespace alight::test
