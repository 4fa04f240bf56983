// Random traces through writing, reading, cutting, repeating and rescaling: what must stay, stays.
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "workloads/requests/formats.hpp"
#include "workloads/requests/generator.hpp"
#include "workloads/requests/reshape.hpp"
#include "workloads/requests/statistics.hpp"
#include "workloads/requests/write_csv.hpp"

using namespace alight;

namespace {

constexpr int kCases = 60;

RequestTrace random_trace(std::uint64_t seed) {
  Stream s = stream(seed, "case");
  const auto one_of = [&](int least, int most) { return boost::random::uniform_int_distribution<int>(least, most)(s); };
  RequestGeneratorSpec spec;
  spec.rate_per_s = 0.05 * one_of(1, 100);
  spec.requests = one_of(2, 800);
  spec.arrivals.process = one_of(0, 1) == 0 ? ArrivalSpec::Process::gamma : ArrivalSpec::Process::batches;
  spec.arrivals.cv = 0.5 * one_of(1, 8);
  spec.arrivals.batch = one_of(1, 5);
  LengthSpec length;
  length.median = one_of(1, 2000);
  length.sigma = 0.5 * one_of(0, 4);
  length.max = 100000;
  spec.prompt = spec.output = length;
  spec.block_tokens = one_of(1, 300);
  spec.system_prompt = {one_of(0, 500), one_of(1, 4), 0.5};
  if (one_of(0, 2) > 0) {
    spec.sessions = SessionSpec{};
    spec.sessions->turns.min = 1;
    spec.sessions->turns.max = one_of(1, 6);
    spec.sessions->think_s = one_of(0, 100);
    spec.sessions->longest_prompt = one_of(500, 50000);
  }
  return generate_requests(spec, "trace", seed);
}

void check_whole(const RequestTrace& t) {
  std::set<BlockHash> names;
  double last = 0;
  for (const Request& r : t.requests) {
    REQUIRE(r.arrival_s >= last);
    last = r.arrival_s;
    REQUIRE(r.prompt_tokens >= 1);
    REQUIRE(r.output_tokens >= 1);
    REQUIRE(r.first_block + r.blocks + r.answer_blocks <= t.blocks.size());
    if (r.blocks + r.answer_blocks > 0) REQUIRE(t.block_tokens > 0);
    const auto size = static_cast<std::uint64_t>(std::max(t.block_tokens, 1));
    if (r.blocks > 0) REQUIRE(r.blocks <= (r.prompt_tokens + size - 1) / size);
    for (const BlockHash b : blocks_after(t, r)) names.insert(b);
  }
  // Names are 0, 1, 2 ... without gaps.
  CHECK(names.size() == t.distinct_blocks);
  if (!names.empty()) CHECK(*names.rbegin() + 1 == t.distinct_blocks);
}

/// The same requests, whatever their blocks are called: the pattern of which is met again is what counts.
void check_same(const RequestTrace& a, const RequestTrace& b) {
  REQUIRE(a.requests.size() == b.requests.size());
  std::vector<std::int64_t> name(a.distinct_blocks, -1);
  for (std::size_t i = 0; i < a.requests.size(); ++i) {
    const Request& x = a.requests[i];
    const Request& y = b.requests[i];
    REQUIRE(x.arrival_s == y.arrival_s);
    REQUIRE(x.prompt_tokens == y.prompt_tokens);
    REQUIRE(x.output_tokens == y.output_tokens);
    REQUIRE(x.session == y.session);
    REQUIRE(x.answer_blocks == y.answer_blocks);
    const auto p = blocks_after(a, x), q = blocks_after(b, y);
    REQUIRE(p.size() == q.size());
    for (std::size_t k = 0; k < p.size(); ++k) {
      if (name[p[k]] < 0) name[p[k]] = q[k];
      REQUIRE(name[p[k]] == q[k]);
    }
  }
}

/// `scaled` with the arrivals of `t`.
RequestTrace at_times_of(RequestTrace scaled, const RequestTrace& t) {
  for (std::size_t i = 0; i < t.requests.size(); ++i) scaled.requests[i].arrival_s = t.requests[i].arrival_s;
  return scaled;
}

double dispersion(const RequestTrace& t, double mean_gaps) {
  return dispersion_of_counts(t.requests, mean_gaps * statistics_of(t).gaps().mean_s());
}

}  // namespace

TEST_CASE("generated traces hold together, and a table of them reads back the same") {
  for (int i = 0; i < kCases; ++i) {
    INFO("case " << i);
    const RequestTrace t = random_trace(static_cast<std::uint64_t>(i));
    check_whole(t);
    std::ostringstream out;
    write_request_csv(out, t);
    Diagnostics d;
    const auto again = read_requests(std::vector<Input>{{"t.csv", out.str()}}, "auto", {}, d);
    REQUIRE(again);
    RequestTrace ordered = t;
    cut_window(ordered, 0, INFINITY);  // sessions in the order of arrival, as readers number them
    check_same(ordered, again->trace);
    check_whole(again->trace);
  }
}

TEST_CASE("a conversation's prompts grow and each finds the one before") {
  for (int i = 0; i < kCases; ++i) {
    const RequestTrace t = random_trace(static_cast<std::uint64_t>(i));
    std::vector<const Request*> last(t.requests.size() + 1);
    for (const Request& r : t.requests) {
      if (r.session == 0) continue;
      if (r.session >= last.size()) last.resize(r.session + 1);
      if (const Request* before = last[r.session]) {
        REQUIRE(r.prompt_tokens > before->prompt_tokens + before->output_tokens);
        const auto known = blocks_after(t, *before), now = blocks_of(t, r);
        REQUIRE(now.size() >= known.size());
        REQUIRE(std::equal(known.begin(), known.end(), now.begin()));
      }
      last[r.session] = &r;
    }
  }
}

TEST_CASE("stretching keeps the coefficient of variation and the dispersion, whatever the rate") {
  for (int i = 0; i < kCases; ++i) {
    INFO("case " << i);
    const RequestTrace t = random_trace(static_cast<std::uint64_t>(i));
    if (!mean_rate_per_s(t)) continue;
    const double cv = statistics_of(t).gaps().cv();
    // A window's edge may fall upon an arrival and round to either side of it: windows of an odd length avoid that.
    const double of_counts = dispersion(t, 7.3);
    for (const double factor : {0.01, 0.5, 2.0, 64.0}) {
      RequestTrace scaled = t;
      const double rate = *mean_rate_per_s(t) * factor;
      stretch_to_rate(scaled, rate);
      check_whole(scaled);
      CHECK(*mean_rate_per_s(scaled) == Approx(rate).epsilon(1e-9));
      CHECK(statistics_of(scaled).gaps().cv() == Approx(cv).epsilon(1e-6));
      CHECK(dispersion(scaled, 7.3) == Approx(of_counts).epsilon(1e-6).margin(0.02));
      check_same(at_times_of(scaled, t), t);  // nothing but the times has changed
    }
  }
}

TEST_CASE("repeating, cutting and picking a window keep a trace whole") {
  for (int i = 0; i < kCases; ++i) {
    INFO("case " << i);
    const RequestTrace t = random_trace(static_cast<std::uint64_t>(i));
    if (!mean_rate_per_s(t)) continue;
    for (const CopiedBlocks blocks : {CopiedBlocks::fresh, CopiedBlocks::same}) {
      RequestTrace more = t;
      repeat(more, period_of(t), 3 * t.requests.size() + 1, 1e12, blocks);
      CHECK(more.requests.size() == 3 * t.requests.size() + 1);
      check_whole(more);
      CHECK(*mean_rate_per_s(more) ==
            Approx(*mean_rate_per_s(t)).epsilon(2.0 / static_cast<double>(t.requests.size())));
      // Three whole copies of their own find what one finds, three times.
      if (blocks == CopiedBlocks::fresh) {
        cut(more, 3 * t.requests.size(), 1e12);
        CHECK(statistics_of(more).prefix().found_tokens == 3 * statistics_of(t).prefix().found_tokens);
      }
      RequestTrace filled = t;
      refill_to_rate(filled, *mean_rate_per_s(t) * 2.5, blocks);
      check_whole(filled);
      CHECK(filled.requests.size() ==
            static_cast<std::size_t>(std::round(2.5 * static_cast<double>(t.requests.size()))));
    }
    RequestTrace part = t;
    const double middle = t.requests[t.requests.size() / 2].arrival_s;
    cut_window(part, middle / 2, middle);
    check_whole(part);
    for (const Request& r : part.requests) CHECK(r.arrival_s < middle - middle / 2 + 1e-9);
  }
}

TEST_CASE("a trace of one period and no rescaling refills to itself") {
  for (int i = 0; i < kCases; ++i) {
    RequestTrace t = random_trace(static_cast<std::uint64_t>(i));
    if (!mean_rate_per_s(t)) continue;
    RequestTrace same = t;
    refill_to_rate(same, *mean_rate_per_s(t), CopiedBlocks::fresh);
    REQUIRE(same.requests.size() == t.requests.size());
    for (std::size_t k = 0; k < t.requests.size(); ++k)
      CHECK(same.requests[k].arrival_s == Approx(t.requests[k].arrival_s).epsilon(1e-9).margin(1e-6));
  }
}

TEST_CASE("broken text is refused or read, and never more") {
  Stream s = stream(3, "mutations");
  const std::string good =
      "arrival_s,prompt_tokens,output_tokens,session,hash_ids\n0,600,5,a,1 2\n1.5,700,6,b,1 3\n2,5,7,a,\n";
  const std::string lines =
      "{\"timestamp\": 0, \"input_length\": 600, \"output_length\": 5, \"hash_ids\": [1, 2]}\n"
      "{\"timestamp\": 9, \"input_length\": 700, \"output_length\": 6, \"hash_ids\": [1, 3]}\n";
  const std::string marks = ",\"[]{}:\n\r\t-.e0#x \\";
  for (int i = 0; i < 4000; ++i) {
    std::string text = i % 2 == 0 ? good : lines;
    for (int k = boost::random::uniform_int_distribution<int>(1, 3)(s); k > 0 && !text.empty(); --k) {
      const auto at = boost::random::uniform_int_distribution<std::size_t>(0, text.size() - 1)(s);
      const char mark = marks[boost::random::uniform_int_distribution<std::size_t>(0, marks.size() - 1)(s)];
      if (i % 3 == 0)
        text.erase(at, 1);
      else if (i % 3 == 1)
        text.insert(at, 1, mark);
      else
        text[at] = mark;
    }
    Diagnostics d;
    const auto read = read_requests(std::vector<Input>{{"t", text}}, "auto", {}, d);
    INFO(text);
    CHECK(read.has_value() == d.ok());
    if (read) check_whole(read->trace);
  }
}
