// Statistics and reshaping of requests, by hand.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "workloads/requests/reshape.hpp"
#include "workloads/requests/statistics.hpp"

using namespace alight;

namespace {

/// Requests of one prompt and one output token at the given times.
RequestTrace at(const std::vector<double>& times) {
  RequestTrace trace;
  for (const double t : times) {
    Request r;
    r.arrival_s = t;
    r.prompt_tokens = r.output_tokens = 1;
    trace.requests.push_back(r);
  }
  return trace;
}

void add(RequestTrace& trace, double t, std::uint32_t prompt, const std::vector<BlockHash>& blocks,
         std::uint16_t of_answer = 0, std::uint32_t session = 0) {
  Request r;
  r.arrival_s = t;
  r.prompt_tokens = prompt;
  r.output_tokens = 1;
  r.first_block = trace.blocks.size();
  r.blocks = static_cast<std::uint32_t>(blocks.size()) - of_answer;
  r.answer_blocks = of_answer;
  r.session = session;
  for (const BlockHash b : blocks) {
    trace.blocks.push_back(b);
    trace.distinct_blocks = std::max(trace.distinct_blocks, b + 1);
  }
  trace.block_tokens = 10;
  trace.requests.push_back(r);
}

std::vector<double> times(const RequestTrace& trace) {
  std::vector<double> out;
  for (const Request& r : trace.requests) out.push_back(r.arrival_s);
  return out;
}

std::vector<BlockHash> blocks(const RequestTrace& trace, std::size_t i) {
  const auto span = blocks_after(trace, trace.requests.at(i));
  return {span.begin(), span.end()};
}

}  // namespace

TEST_CASE("gaps: mean, coefficient of variation, rate") {
  // Gaps 1, 3: mean 2, standard deviation 1.
  const auto s = statistics_of(at({5, 6, 9}));
  CHECK(s.gaps().mean_s() == 2);
  CHECK(s.gaps().cv() == 0.5);
  CHECK(s.rate_per_s() == 0.5);
  CHECK(s.first_s() == 5);
  CHECK(s.last_s() == 9);
  CHECK(statistics_of(at({1, 1, 1})).gaps().cv() == 0);
  CHECK(std::isinf(statistics_of(at({1})).rate_per_s()));
}

TEST_CASE("lengths: exact percentiles by nearest rank") {
  LengthCounter lengths;
  for (const std::uint32_t n : {5u, 1u, 4u, 2u, 3u, 5u, 5u, 5u, 5u, 100u}) lengths.add(n);
  CHECK(lengths.percentile(0) == 1);
  CHECK(lengths.percentile(0.1) == 1);
  CHECK(lengths.percentile(0.11) == 2);
  CHECK(lengths.percentile(0.5) == 5);
  CHECK(lengths.percentile(0.9) == 5);
  CHECK(lengths.percentile(0.91) == 100);
  CHECK(lengths.percentile(1) == 100);
  CHECK(lengths.mean() == 13.5);
  CHECK(LengthCounter().percentile(0.5) == 0);
}

TEST_CASE("index of dispersion of counts") {
  // Whole windows of 2 s from 10 s on: [10,12) 3, [12,14) 0, [14,16) 1; the arrival at 16 closes the third and is in
  // none. Mean 4/3, variance 10/3 - 16/9 = 14/9, index 7/6.
  CHECK(dispersion_of_counts(at({10, 10.5, 11, 14, 16}).requests, 2) == Approx(7.0 / 6).epsilon(1e-12));
  CHECK(dispersion_of_counts(at({0, 1, 2, 3, 4}).requests, 1) == 0);
  CHECK(dispersion_of_counts(at({0, 1}).requests, 1) == 0);
  CHECK(dispersion_of_counts({}, 1) == 0);
}

TEST_CASE("an infinite cache finds the longest known beginning, answers included") {
  RequestTrace t;
  add(t, 0, 25, {0, 1, 2});     // nothing known; 3 blocks, the last of 5 tokens
  add(t, 1, 25, {0, 1, 2});     // all of it: 25 tokens
  add(t, 2, 30, {0, 3, 2});     // only block 0: what comes after an unknown block is not found
  add(t, 3, 20, {4, 5, 6}, 1);  // nothing; its answer leaves block 6
  add(t, 4, 45, {4, 5, 6});     // 3 blocks = 30 of 45 tokens; 15 tokens behind fill 2 more blocks
  add(t, 5, 5, {});             // no names: never found
  const PrefixShare p = statistics_of(t).prefix();
  CHECK(p.blocks == 3 + 3 + 3 + 2 + 5 + 1);
  CHECK(p.found_blocks == 3 + 1 + 3);
  CHECK(p.tokens == 25 + 25 + 30 + 20 + 45 + 5);
  CHECK(p.found_tokens == 25 + 10 + 30);
  CHECK(p.found_requests == 3);
  CHECK(p.mean() == Approx((1 + 1.0 / 3 + 2.0 / 3) / 6).epsilon(1e-12));
  CHECK(PrefixShare().of_tokens() == 0);
}

TEST_CASE("a window begins at 0 and keeps only what it uses") {
  RequestTrace t;
  add(t, 1, 20, {0, 1}, 0, 1);
  add(t, 5, 20, {0, 2}, 0, 2);
  add(t, 7, 20, {3, 2}, 0, 3);
  add(t, 9, 20, {4, 5}, 0, 2);
  t.start_s = 1000;
  cut_window(t, 5, 9);
  CHECK(times(t) == std::vector<double>{0, 2});
  CHECK(t.start_s == 1005);
  CHECK(t.distinct_blocks == 3);
  CHECK(blocks(t, 0) == std::vector<BlockHash>{0, 1});
  CHECK(blocks(t, 1) == std::vector<BlockHash>{2, 1});
  CHECK(t.requests[1].session == 2);
  CHECK(t.blocks.size() == 4);
}

TEST_CASE("stretching scales every gap alike") {
  RequestTrace t = at({2, 4, 10});  // rate 2 / 8 s
  CHECK(*mean_rate_per_s(t) == 0.25);
  stretch_to_rate(t, 0.5);
  CHECK(times(t) == std::vector<double>{1, 2, 5});
  CHECK_FALSE(mean_rate_per_s(at({3, 3})));
  CHECK_FALSE(mean_rate_per_s(at({3})));
}

TEST_CASE("copies follow one another by a period, with sessions and blocks of their own") {
  RequestTrace t;
  add(t, 0, 20, {0, 1}, 0, 1);
  add(t, 3, 20, {0, 2}, 1, 2);
  CHECK(period_of(t) == 6);
  RequestTrace fresh = t;
  repeat(fresh, 6, 5, 1e9, CopiedBlocks::fresh);
  CHECK(times(fresh) == std::vector<double>{0, 3, 6, 9, 12});
  CHECK(blocks(fresh, 2) == std::vector<BlockHash>{3, 4});
  CHECK(blocks(fresh, 3) == std::vector<BlockHash>{3, 5});
  CHECK(fresh.requests[3].answer_blocks == 1);
  CHECK(fresh.requests[2].session == 3);
  CHECK(fresh.requests[4].session == 5);
  // The third copy is there in half: its last block is not.
  CHECK(fresh.distinct_blocks == 8);

  RequestTrace same = t;
  repeat(same, 6, 1000, 9.5, CopiedBlocks::same);
  CHECK(times(same) == std::vector<double>{0, 3, 6, 9});
  CHECK(same.distinct_blocks == 3);
  CHECK(blocks(same, 3) == std::vector<BlockHash>{0, 2});
  CHECK(statistics_of(same).prefix().found_blocks == 0 + 1 + 2 + 1);

  // Fewer than there are is a cut.
  repeat(t, 6, 1, 1e9, CopiedBlocks::fresh);
  CHECK(times(t) == std::vector<double>{0});
  CHECK(t.distinct_blocks == 2);
}

TEST_CASE("refilling keeps the hours' shares and the span") {
  // Three hours: 4, 0 and 2 requests. Twice the rate: 8, 0 and 4, each hour's gaps halved.
  const std::vector<double> once{0, 900, 1800, 2700, 7200, 9000};
  RequestTrace t = at(once);
  const double rate = *mean_rate_per_s(t);  // 5 / 9000 s: the period is 10800 s, three hours
  RequestTrace more = t;
  refill_to_rate(more, 2 * rate, CopiedBlocks::fresh);
  CHECK(more.requests.size() == 12);
  CHECK(requests_by_hour(more.requests) == std::vector<std::uint64_t>{8, 0, 4});
  CHECK(more.requests[1].arrival_s == Approx(450));
  CHECK(more.requests[8].arrival_s == Approx(7200));
  CHECK(more.requests[9].arrival_s == Approx(8100));

  // Half the rate: the first three requests, over the whole span.
  refill_to_rate(t, rate / 2, CopiedBlocks::fresh);
  CHECK(t.requests.size() == 3);
  CHECK(requests_by_hour(t.requests) == std::vector<std::uint64_t>{2, 0, 1});
}

TEST_CASE("kinds are picked by name") {
  RequestTrace t = at({1, 2, 3});
  t.kinds = {"", "a", "b"};
  t.requests[0].kind = 1;
  t.requests[2].kind = 2;
  keep_kinds(t, {"b", "a"});
  CHECK(times(t) == std::vector<double>{1, 3});
}
