// Generated requests: laws by their exact means, sessions by hand, streams apart.
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "workloads/requests/generator.hpp"
#include "workloads/requests/statistics.hpp"

using namespace alight;

namespace {

double drawn_mean(const LengthLaw& law, int draws) {
  Stream s = stream(5, "lengths");
  double sum = 0;
  for (int i = 0; i < draws; ++i) sum += law.draw(s);
  return sum / draws;
}

LengthSpec lognormal(double median, double sigma) {
  LengthSpec spec;
  spec.median = median;
  spec.sigma = sigma;
  return spec;
}

RequestGeneratorSpec plain() {
  RequestGeneratorSpec spec;
  spec.rate_per_s = 10;
  spec.requests = 2000;
  spec.prompt = LengthSpec::fixed(100);
  spec.output = LengthSpec::fixed(20);
  return spec;
}

/// Every turn 100 new tokens and 20 of answer, 4 turns, half a minute apart, behind a system prompt of 130 tokens.
RequestGeneratorSpec talking() {
  RequestGeneratorSpec spec = plain();
  spec.block_tokens = 50;
  spec.system_prompt.tokens = 130;
  spec.sessions = SessionSpec{};
  spec.sessions->turns = LengthSpec::fixed(4);
  spec.sessions->think_s = 30;
  spec.sessions->think_sigma = 0;
  spec.sessions->token_s = 0.5;
  return spec;
}

}  // namespace

TEST_CASE("laws of lengths have the means they say") {
  const auto agrees = [](const LengthSpec& spec, double exact) {
    const LengthLaw law(spec);
    CHECK(law.mean() == Approx(exact).epsilon(1e-9));
    CHECK(drawn_mean(law, 200000) == Approx(exact).epsilon(0.02));
  };
  agrees(LengthSpec::fixed(7), 7);
  LengthSpec uniform;
  uniform.min = 3;
  uniform.max = 8;
  agrees(uniform, 5.5);
  LengthSpec geometric;
  geometric.mean = 4;
  agrees(geometric, 4);
  geometric.max = 2;  // P(1) = 1/4, else 2
  agrees(geometric, 1.75);
  LengthSpec weights;
  weights.weights = {{"10", 3}, {"50", 1}};
  agrees(weights, 20);
  // Mean of a lognormal: median * exp(sigma^2 / 2); rounding is fair, bounds are far.
  CHECK(LengthLaw(lognormal(1000, 0.5)).mean() == Approx(1000 * std::exp(0.125)).epsilon(1e-6));
  CHECK(drawn_mean(LengthLaw(lognormal(1000, 0.5)), 200000) == Approx(1000 * std::exp(0.125)).epsilon(0.01));
  LengthSpec held = lognormal(100, 2);
  held.max = 150;
  CHECK(drawn_mean(LengthLaw(held), 200000) == Approx(LengthLaw(held).mean()).epsilon(0.01));
}

TEST_CASE("requests that stand alone name only the blocks of the system prompt") {
  RequestGeneratorSpec spec = plain();
  spec.system_prompt.tokens = 130;
  spec.block_tokens = 50;
  const RequestTrace t = generate_requests(spec, "s", 1);
  REQUIRE(t.requests.size() == 2000);
  CHECK(t.distinct_blocks == 2);
  CHECK(t.blocks.size() == 2);
  CHECK(t.requests[7].prompt_tokens == 230);
  CHECK(blocks_of(t, t.requests[7]).size() == 2);
  // All but the first find 100 of 230 tokens.
  CHECK(statistics_of(t).prefix().of_tokens() == Approx(1999.0 / 2000 * 100 / 230));
  CHECK(generate_requests(plain(), "s", 1).block_tokens == 0);
}

TEST_CASE("a conversation grows by what was said, and so do its blocks") {
  const RequestTrace t = generate_requests(talking(), "s", 1);
  REQUIRE(t.requests.size() == 2000);
  std::vector<Request> first;
  for (const Request& r : t.requests)
    if (r.session == 1) first.push_back(r);
  REQUIRE(first.size() == 4);
  // Prompts 130 + 100, then + 20 + 100 each; the next turn comes 20 * 0.5 + 30 = 40 s later.
  const std::vector<std::uint32_t> prompts{230, 350, 470, 590};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(first[i].prompt_tokens == prompts[i]);
    CHECK(first[i].blocks == prompts[i] / 50);
    CHECK(first[i].blocks + first[i].answer_blocks == (prompts[i] + 20) / 50);
    CHECK(first[i].arrival_s == Approx(first[0].arrival_s + 40.0 * static_cast<double>(i)));
    CHECK(first[i].first_block == first[0].first_block);
  }
  // Two blocks are everybody's; the third mixes the system prompt with the user's own words.
  const auto last = blocks_of(t, first[3]);
  CHECK(last[0] == 0);
  CHECK(last[1] == 1);
  CHECK(last[2] >= 2);
  for (const Request& r : t.requests)
    if (r.session == 2) CHECK(blocks_of(t, r)[2] != last[2]);
}

TEST_CASE("what a full run of sessions finds, by hand") {
  RequestGeneratorSpec spec = talking();
  spec.requests = 8;
  spec.rate_per_s = 4e-6;  // sessions do not overlap
  const RequestTrace t = generate_requests(spec, "s", 1);
  REQUIRE(t.requests.size() == 8);
  // Turns find what turn before left whole: (prompt + answer) / 50 blocks: 250 -> 250, 370 -> 350, 490 -> 450 tokens.
  // First turns: nothing, then the 100 tokens of the system prompt.
  const double found = 0 + 250 + 350 + 450 + 100 + 250 + 350 + 450;
  CHECK(statistics_of(t).prefix().found_tokens == found);
  CHECK(statistics_of(t).prefix().tokens == 2 * (230 + 350 + 470 + 590));
}

TEST_CASE("the longest prompt ends a conversation") {
  RequestGeneratorSpec spec = talking();
  spec.sessions->longest_prompt = 400;
  for (const Request& r : generate_requests(spec, "s", 1).requests) CHECK(r.prompt_tokens <= 350);
}

TEST_CASE("system prompts differ by session, the first the most used") {
  RequestGeneratorSpec spec = plain();
  spec.requests = 30000;
  spec.block_tokens = 50;
  spec.system_prompt = {100, 3, 1};
  const RequestTrace t = generate_requests(spec, "s", 3);
  CHECK(t.distinct_blocks == 6);
  std::vector<double> uses(6);
  for (const Request& r : t.requests) uses[blocks_of(t, r)[0]] += 1;
  // Zipf of three: 6/11, 3/11, 2/11.
  CHECK(uses[0] == Approx(30000 * 6.0 / 11).epsilon(0.03));
  CHECK(uses[2] == Approx(30000 * 3.0 / 11).epsilon(0.03));
  CHECK(uses[4] == Approx(30000 * 2.0 / 11).epsilon(0.03));
}

TEST_CASE("bursts have the coefficient of variation asked for, and the rate") {
  RequestGeneratorSpec spec = plain();
  spec.requests = 200000;
  for (const double cv : {0.5, 1.0, 3.0}) {
    spec.arrivals.process = cv == 1 ? ArrivalSpec::Process::poisson : ArrivalSpec::Process::gamma;
    spec.arrivals.cv = cv;
    const auto s = statistics_of(generate_requests(spec, "s", 11));
    CHECK(s.gaps().cv() == Approx(cv).epsilon(0.02));
    CHECK(s.rate_per_s() == Approx(10).epsilon(0.02));
  }
}

TEST_CASE("hours and days shape the arrivals") {
  RequestGeneratorSpec spec = plain();
  spec.requests.reset();
  spec.rate_per_s = 1;
  spec.horizon_s = 7 * 86400.0;
  spec.arrivals.hours.assign(24, 1);
  spec.arrivals.hours[12] = 5;
  spec.arrivals.days = {1, 1, 1, 1, 1, 0, 0};
  const auto hours = requests_by_hour(generate_requests(spec, "s", 1).requests);
  CHECK(hours.size() == 5 * 24);
  // A week of 604800 requests on 5 days of 28 shares.
  CHECK(static_cast<double>(hours[12]) == Approx(604800.0 / 5 * 5 / 28).epsilon(0.02));
  CHECK(static_cast<double>(hours[24]) == Approx(604800.0 / 5 / 28).epsilon(0.04));
}

TEST_CASE("exactly so many over a span where no rate is given") {
  RequestGeneratorSpec spec = plain();
  spec.rate_per_s.reset();
  spec.requests = 777;
  spec.horizon_s = 100;
  const RequestTrace t = generate_requests(spec, "s", 1);
  CHECK(t.requests.size() == 777);
  CHECK(t.requests.back().arrival_s < 100);
}

TEST_CASE("each attribute has a stream of its own") {
  RequestGeneratorSpec spec = talking();
  spec.prompt = lognormal(300, 1);
  spec.output = lognormal(100, 1);
  spec.sessions->think_sigma = 1;
  const RequestTrace a = generate_requests(spec, "s", 1);
  const RequestTrace same = generate_requests(spec, "s", 1);
  CHECK(a.blocks == same.blocks);
  for (std::size_t i = 0; i < a.requests.size(); ++i) CHECK(a.requests[i].arrival_s == same.requests[i].arrival_s);
  CHECK(generate_requests(spec, "s", 2).requests[0].arrival_s != a.requests[0].arrival_s);
  CHECK(generate_requests(spec, "t", 1).requests[0].arrival_s != a.requests[0].arrival_s);

  RequestGeneratorSpec alone = plain();
  const RequestTrace fixed = generate_requests(alone, "s", 1);
  alone.output = lognormal(100, 1);
  const RequestTrace other = generate_requests(alone, "s", 1);
  for (std::size_t i = 0; i < fixed.requests.size(); ++i) {
    CHECK(fixed.requests[i].arrival_s == other.requests[i].arrival_s);
    CHECK(fixed.requests[i].prompt_tokens == other.requests[i].prompt_tokens);
  }
}

TEST_CASE("lengths drawn from a trace come in its pairs") {
  RequestGeneratorSpec spec = plain();
  spec.prompt.reset();
  spec.output.reset();
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs{{10, 1}, {20, 2}, {30, 3}};
  double sum = 0;
  for (const Request& r : generate_requests(spec, "s", 1, pairs).requests) {
    CHECK(r.prompt_tokens == 10 * r.output_tokens);
    sum += r.output_tokens;
  }
  CHECK(sum / 2000 == Approx(2).epsilon(0.05));
}
