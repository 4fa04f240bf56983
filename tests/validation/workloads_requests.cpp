// The published traces of requests, against what is known of them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "models/random/streams.hpp"
#include "tests/support/reference.hpp"
#include "workloads/requests/formats.hpp"
#include "workloads/requests/reshape.hpp"
#include "workloads/requests/statistics.hpp"

using namespace alight;

namespace {

RequestTrace must_read(const std::filesystem::path& file) {
  Diagnostics d;
  auto read = read_requests(std::vector<std::filesystem::path>{file}, "auto", {}, d);
  d.print(std::cout);
  REQUIRE(read);
  CHECK(read->report.skipped == 0);
  return std::move(read->trace);
}

void print_row(const char* name, const RequestTrace& t) {
  const auto s = statistics_of(t);
  const double gap = s.gaps().mean_s();
  std::printf("%-34s %7zu %8.4f %8.3f %8.2f %8.2f\n", name, t.requests.size(), s.rate_per_s(), s.gaps().cv(),
              dispersion_of_counts(t.requests, 10 * gap), dispersion_of_counts(t.requests, 100 * gap));
}

void print_head() {
  std::printf("%-34s %7s %8s %8s %8s %8s\n", "", "number", "rate /s", "CV gaps", "disp 10", "disp 100");
}

}  // namespace

TEST_CASE("Azure 2023: every request, and the medians published of the two services") {
  // Patel et al. (Splitwise, ISCA 2024), section III: median prompts 1500 (coding) and 1020 (conversation), outputs 13
  // and 129 tokens.
  ALIGHT_REFERENCE_OR_SKIP(code, "traces/azure_llm_2023/AzureLLMInferenceTrace_code.csv.gz");
  ALIGHT_REFERENCE_OR_SKIP(conversation, "traces/azure_llm_2023/AzureLLMInferenceTrace_conv.csv.gz");
  const RequestTrace a = must_read(code), b = must_read(conversation);
  CHECK(a.requests.size() == 8819);
  CHECK(b.requests.size() == 19366);
  const auto s = statistics_of(a), t = statistics_of(b);
  std::printf("median tokens, measured (published): code %u (1500) in, %u (13) out; conversation %u (1020), %u (129)\n",
              s.prompts().percentile(0.5), s.outputs().percentile(0.5), t.prompts().percentile(0.5),
              t.outputs().percentile(0.5));
  CHECK(s.prompts().percentile(0.5) == Approx(1500).epsilon(0.03));
  CHECK(s.outputs().percentile(0.5) == 13);
  CHECK(t.prompts().percentile(0.5) == 1020);
  CHECK(t.outputs().percentile(0.5) == 129);
  // The first and the last row, as written in the files.
  CHECK(a.requests.front().prompt_tokens == 4808);
  CHECK(a.requests.back().output_tokens == 173);
  // 18:17:03.97996 to 19:14:19.928016.
  CHECK(s.last_s() - s.first_s() == Approx(3435.948056).epsilon(1e-12));
}

TEST_CASE("Mooncake: prefix shares with an infinite cache, by definition") {
  struct Row {
    const char* file;
    std::size_t requests;
    double tokens, mean;  ///< share of prompt tokens; mean of the requests' own shares
  };
  // The bounds stated for these traces: 37 to 41 % and 43 to 65 %. They are the ends of two definitions.
  for (const Row& row : {Row{"traces/mooncake_fast25/conversation_trace.jsonl.xz", 12031, 0.37, 0.41},
                         Row{"traces/mooncake_fast25/synthetic_trace.jsonl.xz", 3993, 0.65, 0.43}}) {
    ALIGHT_REFERENCE_OR_SKIP(file, row.file);
    const RequestTrace t = must_read(file);
    CHECK(t.requests.size() == row.requests);
    CHECK(t.block_tokens == 512);
    const PrefixShare p = statistics_of(t).prefix();
    std::printf(
        "%s: found of tokens %.2f %% (stated %.0f), of a prompt on average %.2f %% (stated %.0f), of blocks "
        "%.2f %%, requests with something found %.2f %%\n",
        row.file, 100 * p.of_tokens(), 100 * row.tokens, 100 * p.mean(), 100 * row.mean, 100 * p.of_blocks(),
        100 * p.of_requests());
    CHECK(p.of_tokens() == Approx(row.tokens).margin(0.005));
    CHECK(p.mean() == Approx(row.mean).margin(0.005));
    for (const Request& r : t.requests) REQUIRE(r.blocks == (r.prompt_tokens + 511) / 512);
  }
}

TEST_CASE("rescaled, a bursty trace stays bursty, thinned, it would not") {
  ALIGHT_REFERENCE_OR_SKIP(file, "traces/azure_llm_2023/AzureLLMInferenceTrace_code.csv.gz");
  const RequestTrace t = must_read(file);
  const auto s = statistics_of(t);
  const double rate = s.rate_per_s(), cv = s.gaps().cv();
  const double ten = dispersion_of_counts(t.requests, 10 * s.gaps().mean_s());
  print_head();
  print_row("as it is", t);
  for (const double factor : {0.1, 10.0}) {
    RequestTrace stretched = t, filled = t;
    stretch_to_rate(stretched, rate * factor);
    refill_to_rate(filled, rate * factor, CopiedBlocks::fresh);
    print_row(factor < 1 ? "stretched to a tenth" : "stretched to ten times", stretched);
    print_row(factor < 1 ? "refilled to a tenth" : "refilled to ten times", filled);
    CHECK(*mean_rate_per_s(stretched) == Approx(rate * factor).epsilon(1e-9));
    CHECK(statistics_of(stretched).gaps().cv() == Approx(cv).epsilon(1e-9));
    CHECK(dispersion_of_counts(stretched.requests, 10 / (rate * factor)) == Approx(ten).epsilon(0.01));
    CHECK(*mean_rate_per_s(filled) == Approx(rate * factor).epsilon(0.02));
    if (factor > 1) CHECK(statistics_of(filled).gaps().cv() == Approx(cv).epsilon(0.02));
  }
  // For comparison only: every tenth request kept by lot, and ten copies laid over each other, each begun elsewhere.
  RequestTrace thinned = t, laid = t;
  Stream lot = stream(1, "thinning");
  std::erase_if(thinned.requests, [&](const Request&) { return lot() % 10 != 0; });
  laid.requests.clear();
  const double period = period_of(t);
  for (int copy = 0; copy < 10; ++copy) {
    const double shift = copy * period / 10;
    for (Request r : t.requests) {
      r.arrival_s += shift - (r.arrival_s + shift >= period ? period : 0);
      laid.requests.push_back(r);
    }
  }
  std::sort(laid.requests.begin(), laid.requests.end(),
            [](const Request& x, const Request& y) { return x.arrival_s < y.arrival_s; });
  print_row("thinned to a tenth (not offered)", thinned);
  print_row("ten copies overlaid (not offered)", laid);
  CHECK(statistics_of(thinned).gaps().cv() < 0.7 * cv);
  CHECK(statistics_of(laid).gaps().cv() < 0.7 * cv);
}
