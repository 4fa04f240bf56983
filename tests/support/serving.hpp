// Hand-made iteration times, random loads and a driver of one replica, for tests of serving.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "models/random/streams.hpp"
#include "sim/serving/replica.hpp"

namespace alight::test {

/// rest + tokens of prompts x per_prompt + pairs x per_pair + max(floor, decodes x per_decode + context x per_token);
/// of it the chips compute all but `apart`.
struct LinearTimes : IterationTimes {
  double rest = 0, per_prompt = 0, per_pair = 0, floor = 0, per_decode = 0, per_token = 0, apart = 0;
  IterationTime iteration_time(const IterationWork& w) const override {
    return {rest + w.prefill_tokens * per_prompt + w.prefill_pairs * per_pair, floor, w.decodes * per_decode, per_token,
            apart};
  }
};

/// A 70B-like model on eight chips: 20 ms a decode of a full batch, 6,000 prompt tokens a second.
inline LinearTimes large_model() {
  LinearTimes times;
  times.rest = 2e-3, times.per_prompt = 60e-6, times.per_pair = 2e-9;
  times.floor = 9e-3, times.per_decode = 20e-6, times.per_token = 25e-9;
  return times;
}

struct Arrival {
  double at_s = 0;
  ReplicaRequest request;
};

struct RandomLoad {
  ReplicaConfig config;
  LinearTimes times;
  std::vector<BlockHash> names;
  std::vector<Arrival> arrivals;
};

/// A whole number from `from` to `to`, both in.
inline std::int64_t draw(Stream& s, std::int64_t from, std::int64_t to) {
  return from + static_cast<std::int64_t>(s() % static_cast<std::uint64_t>(to - from + 1));
}

inline bool coin(Stream& s, int one_in) {
  return draw(s, 1, one_in) == 1;
}

/// Everything a replica can do, at random: small memory so that sequences are preempted, chunks, priorities, caches,
/// drafts, deadlines; arrivals on round times that coincide with each other and with ends of iterations.
inline RandomLoad random_load(std::uint64_t seed) {
  Stream s = stream(seed, "serving");
  RandomLoad load;
  ReplicaConfig& c = load.config;
  c.block_tokens = 1 << draw(s, 0, 4);
  c.hash_block_tokens = c.block_tokens * draw(s, 1, 3);
  c.max_batch = draw(s, 1, 24);
  c.max_batched_tokens = draw(s, 8, 200);
  if (coin(s, 3)) c.max_chunk_tokens = draw(s, 4, 60);
  c.chunked = !coin(s, 3);
  c.mixed = !coin(s, 3);
  c.watermark = coin(s, 2) ? 0 : 0.05;
  c.blocks_per_sequence = coin(s, 5) ? 1 : 0;
  if (coin(s, 3)) {
    c.preemption = Preemption::swap;
    c.swap_bytes_s = 1e9;
    c.block_bytes = 1e5;
  }
  const std::int64_t caching = draw(s, 0, 3);
  c.prefix_caching = caching == 0 ? PrefixCaching::off : caching == 3 ? PrefixCaching::unbounded : PrefixCaching::on;
  if (coin(s, 3)) {
    c.tokens_per_iteration = 1 + static_cast<double>(draw(s, 0, 200)) / 100;
    c.decode_tokens = draw(s, 3, 4);
  }
  const std::int64_t prompt = draw(s, 4, 120), output = draw(s, 1, 150), count = draw(s, 1, 120);
  c.blocks = ((prompt + output) / c.block_tokens + 6) * draw(s, 1, 8) + 8;

  LinearTimes& t = load.times;
  if (!coin(s, 4)) t.rest = 1e-3;
  t.per_prompt = 1e-4, t.per_pair = coin(s, 2) ? 1e-6 : 0;
  t.floor = static_cast<double>(draw(s, 0, 20)) * 1e-3;
  t.per_decode = 1e-3, t.per_token = coin(s, 4) ? 0 : 1e-5;
  if (t.rest == 0 && t.floor == 0) t.floor = 1e-3;

  // Chains of names: each prompt goes along one of a few, then by itself.
  constexpr std::uint32_t kChains = 4, kLong = 256;
  std::uint32_t fresh = kChains * kLong;
  std::vector<std::size_t> begins, lengths;
  const bool deadlines = coin(s, 3), priorities = coin(s, 3);
  const std::int64_t spread_ms = draw(s, 0, 60);
  std::int64_t at_ms = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    Arrival a;
    if (!coin(s, 4)) at_ms += draw(s, 0, spread_ms);
    a.at_s = static_cast<double>(at_ms) * 1e-3;
    a.request.id = static_cast<std::uint32_t>(i);
    a.request.prompt = static_cast<std::uint32_t>(draw(s, 1, prompt));
    a.request.output = static_cast<std::uint32_t>(draw(s, 1, output));
    if (priorities) a.request.priority = static_cast<std::uint8_t>(draw(s, 0, 2));
    if (deadlines) a.request.deadline = ticks(a.at_s) + ticks(static_cast<double>(draw(s, 1, 4000)) * 1e-3);
    const std::size_t whole = (a.request.prompt + a.request.output - 1) / static_cast<std::size_t>(c.hash_block_tokens);
    const auto shared = static_cast<std::size_t>(draw(s, 0, static_cast<std::int64_t>(whole)));
    const auto chain = static_cast<std::uint32_t>(draw(s, 0, kChains - 1));
    begins.push_back(load.names.size());
    lengths.push_back(whole);
    for (std::size_t b = 0; b < whole; ++b)
      load.names.push_back(b < shared ? chain * kLong + static_cast<std::uint32_t>(b) : fresh++);
    load.arrivals.push_back(a);
  }
  for (std::size_t i = 0; i < load.arrivals.size(); ++i)
    load.arrivals[i].request.blocks = {load.names.data() + begins[i], lengths[i]};
  return load;
}

/// Plays the load to its end; `look(replica, t)` is called before each arrival and at the end.
template <class Look>
std::vector<ReplicaEvent> play_alone(const RandomLoad& load, bool exact, ReplicaTotals* totals, const Look& look) {
  ReplicaConfig config = load.config;
  config.exact = exact;
  IterationLines lines(load.times);
  Replica replica(config, lines);
  for (std::size_t i = 0; i < load.arrivals.size(); ++i) {
    const Arrival& a = load.arrivals[i];
    const Ticks t = ticks(a.at_s);
    replica.catch_up(t);
    look(replica, t);
    if (replica.fits(a.request.prompt, a.request.output)) replica.submit(a.request, t);
    if (i + 1 == load.arrivals.size() || load.arrivals[i + 1].at_s > a.at_s) replica.play(t);
  }
  replica.play(kNever - 1);
  if (totals != nullptr) *totals = replica.totals(kNever - 1);
  look(replica, kNever - 1);
  return replica.events();
}

}  // namespace alight::test
