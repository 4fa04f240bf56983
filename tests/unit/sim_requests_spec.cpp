// The `requests` block of a service: every key has its effect, every mistake names its key.
#include <catch2/catch.hpp>
#include <limits>
#include <sstream>
#include <string>

#include "sim/config/reference.hpp"
#include "sim/config/schema.hpp"
#include "sim/config/yaml.hpp"
#include "sim/scenario/requests_spec.hpp"
#include "tests/support/binary.hpp"

using namespace alight;
using alight::test::Folder;
using alight::test::write_file;

namespace {

constexpr double kNoEnd = std::numeric_limits<double>::infinity();

struct Read {
  RequestsSpec spec;
  std::optional<ServiceRequests> made;
  std::string problems;
};

/// Reads `text` as the block at services[0].requests and makes its requests.
Read make(const std::string& text, double horizon_s = kNoEnd) {
  Diagnostics d;
  Read out;
  const auto tree = parse_yaml(text, "s.yaml", d);
  REQUIRE(tree);
  read(out.spec, *tree, "services[0].requests", d);
  if (d.ok()) out.made = requests_of(out.spec, "chat", 1, horizon_s, "services[0].requests", d);
  std::ostringstream problems;
  d.print(problems);
  out.problems = problems.str();
  CHECK(out.made.has_value() == d.ok());
  return out;
}

RequestTrace must(const std::string& text, double horizon_s = kNoEnd) {
  Read r = make(text, horizon_s);
  INFO(r.problems);
  REQUIRE(r.made);
  return std::move(r.made->trace);
}

void refused(const std::string& text, const std::string& key, const std::string& part = {}, double horizon_s = kNoEnd) {
  const Read r = make(text, horizon_s);
  INFO(text << "\n" << r.problems);
  CHECK_FALSE(r.made);
  CHECK(r.problems.find("services[0].requests" + key) != std::string::npos);
  CHECK(r.problems.find(part) != std::string::npos);
}

class Trace {
 public:
  Trace() {
    std::string text = "arrival_s,prompt_tokens,output_tokens,kind,hash_ids\n";
    for (int i = 0; i < 10; ++i)
      text += std::to_string(10 * i) + ",600,5," + (i % 2 == 0 ? "even" : "odd") + ",0 " + std::to_string(i + 1) + "\n";
    write_file(folder_ / "t.csv", text);
  }
  std::string file(const std::string& more = {}) const { return "file: " + (folder_ / "t.csv").string() + "\n" + more; }

 private:
  Folder folder_;
};

}  // namespace

TEST_CASE("a file as it stands") {
  const Trace t;
  const Read r = make(t.file());
  REQUIRE(r.made);
  CHECK(r.made->trace.requests.size() == 10);
  CHECK(r.made->inputs.size() == 1);
  CHECK(r.made->report.taken == 10);
  CHECK(r.made->trace.block_tokens == 512);
  CHECK(must(t.file("block_tokens: 300")).block_tokens == 300);
}

TEST_CASE("the end of the run ends the requests, a start delays them") {
  const Trace t;
  CHECK(must(t.file(), 45).requests.size() == 5);
  CHECK(must(t.file(), 40).requests.size() == 4);
  const RequestTrace later = must(t.file("start: 20 s"), 45);
  CHECK(later.requests.size() == 3);
  CHECK(later.requests[0].arrival_s == 20);
}

TEST_CASE("window, kinds, rate, repetition and number, in this order") {
  const Trace t;
  const RequestTrace odd = must(t.file("kinds: [odd]\nwindow: {from: 10 s, to: 60 s}"));
  REQUIRE(odd.requests.size() == 3);
  CHECK(odd.requests[0].arrival_s == 0);
  CHECK(odd.requests[2].arrival_s == 40);
  // 10 requests every 10 s are 0.1 /s.
  CHECK(must(t.file("rate: 1 /s")).requests[3].arrival_s == Approx(3));
  CHECK(must(t.file("rate: 12 /min")).requests[3].arrival_s == Approx(15));
  CHECK(must(t.file("rate: 0.4 /s\nrescale: refill")).requests.size() == 40);
  CHECK(must(t.file("requests: 3")).requests.size() == 3);
  const RequestTrace again = must(t.file("repeat: true\nrequests: 25"));
  REQUIRE(again.requests.size() == 25);
  CHECK(again.requests[10].arrival_s == Approx(100));
  CHECK(again.distinct_blocks == 11 + 11 + 6);
  CHECK(must(t.file("repeat: true\nrequests: 25\ncopies: same")).distinct_blocks == 11);
  CHECK(must(t.file("repeat: true"), 1000).requests.size() == 100);
  // A window keeps the quiet at its ends: 3 requests every 50 s.
  const RequestTrace window = must(t.file("window: {from: 5 s, to: 55 s}\nrepeat: true\nrequests: 6"));
  CHECK(window.requests[5].arrival_s == Approx(55));
}

TEST_CASE("a priority for all") {
  const Trace t;
  for (const Request& r : must(t.file("priority: 7")).requests) CHECK(r.priority == 7);
}

TEST_CASE("generators: shorthands, laws, the run's end") {
  const RequestTrace fixed = must("generate: {rate: 5 /s, prompt: 512, output: 100}", 100);
  CHECK(fixed.requests.size() == Approx(500).epsilon(0.2));
  CHECK(fixed.requests[0].prompt_tokens == 512);
  CHECK(must("generate: {requests: 70, horizon: 10 s, prompt: {mean: 5}, output: {min: 1, max: 9}}").requests.size() ==
        70);
  CHECK(must("generate: {rate: 5 /s, prompt: 1, output: 1}\nrequests: 30").requests.size() == 30);
  const RequestTrace talk = must(
      "generate:\n  rate: 5 /s\n  requests: 100\n  prompt: {median: 50, sigma: 1}\n  output: {weights: {10: 1, 20: "
      "2}}\n"
      "  system_prompt: 640\n  sessions: {turns: 3, think: 1 s}\n");
  CHECK(talk.block_tokens == 64);
  CHECK(talk.requests[0].prompt_tokens > 640);
  CHECK(talk.requests.back().session > 1);
  const Trace t;
  const std::string like = t.file();
  CHECK(must("generate: {rate: 5 /s, requests: 10, lengths_from: " + like.substr(6, like.size() - 7) + "}")
            .requests[4]
            .prompt_tokens == 600);
}

TEST_CASE("mistakes name their keys") {
  const Trace t;
  refused("{}", "", "states no requests");
  refused(t.file("generate: {rate: 1 /s, prompt: 1, output: 1}"), ".generate", "stands beside `file`");
  refused("file: nowhere.csv", ".file", "nowhere.csv");
  refused(t.file("frmat: csv"), ".frmat", "did you mean \"format\"?");
  refused(t.file("format: czv"), ".format", "csv");
  refused(t.file("columns: {prompt: a}"), ".columns.prompt", "prompt_tokens");
  refused(t.file("columns: {arrival_s: \"arrival_s:GiB\"}"), ".columns.arrival_s", "cannot be in GiB");
  refused(t.file("kinds: [evn]"), ".kinds[0]", "did you mean \"even\"?");
  refused(t.file("window: {from: 50 s, to: 10 s}"), ".window.to", "not after");
  refused(t.file("window: {from: 500 s}"), ".window", "holds no request");
  refused(t.file("rate: 5"), ".rate", "needs a unit");
  refused(t.file("rate: 0 /s"), ".rate");
  refused(t.file("rescale: refill"), ".rescale", "none is given");
  refused(t.file("rate: 1 /s\nrescale: thin"), ".rescale", "stretch");
  refused(t.file("rate: 1e6 /s\nrescale: refill\nwindow: {to: 15 s}\nrepeat: true"), ".repeat", "has no end");
  refused(t.file("repeat: true"), ".repeat", "has no end");
  refused(t.file("repeat: true"), ".repeat", "at most", 1e10);
  refused(t.file("window: {to: 5 s}\nrate: 2 /s"), ".rate", "at two times");
  refused(t.file("requests: 0"), ".requests");
  refused(t.file("start: 20 s"), ".start", "not before the end", 10);
  refused(t.file("window: {from: 10 s, to: 11 s}\nstart: 5 s\npriority: 256"), ".priority");
  refused("format: csv\ngenerate: {rate: 1 /s, prompt: 1, output: 1}", ".format", "there is none");
  refused("rate: 1 /s\ngenerate: {rate: 1 /s, prompt: 1, output: 1}", ".rate", "of its own");

  const auto generator = [](const std::string& more) { return "generate: {" + more + "}"; };
  const std::string good = "rate: 1 /s, requests: 5, ";
  refused(generator(good + "prompt: 1"), ".generate.output", "is missing");
  refused(generator("prompt: 1, output: 1"), ".generate", "states no rate");
  refused(generator("requests: 5, prompt: 1, output: 1"), ".generate", "neither");
  refused(generator("rate: 1 /s, prompt: 1, output: 1"), ".generate", "has no end");
  refused(generator("rate: 1000 /s, prompt: 1, output: 1"), ".generate", "at most", 1e9);
  refused(generator(good + "prompt: {median: 5}, output: 1"), ".generate.prompt", "sigma");
  refused(generator(good + "prompt: {sigma: 5, mean: 2}, output: 1"), ".generate.prompt.sigma", "median");
  refused(generator(good + "prompt: {median: 5, sigma: 1, mean: 3}, output: 1"), ".generate.prompt.mean", "already");
  refused(generator(good + "prompt: {}, output: 1"), ".generate.prompt", "states no length");
  refused(generator(good + "prompt: {min: 5, max: 2}, output: 1"), ".generate.prompt.min", "above");
  refused(generator(good + "prompt: {value: 5, max: 2}, output: 1"), ".generate.prompt.max", "no effect");
  refused(generator(good + "prompt: {weights: {a: 1}}, output: 1"), ".generate.prompt.weights.a", "no length");
  refused(generator(good + "prompt: {weights: {5: 0}}, output: 1"), ".generate.prompt.weights", "above 0");
  refused(generator(good + "prompt: 0, output: 1"), ".generate.prompt");
  refused(generator(good + "prompt: 1, output: 1, sessions: {think: 3 s}"), ".generate.sessions.turns");
  refused(generator(good + "prompt: 1, output: 1, sessions: {turns: 20000}"), ".generate.sessions.turns", "10000");
  refused(generator(good + "prompt: 1, output: 1, sessions: {turns: 2, think: 3}"), ".generate.sessions.think", "unit");
  refused(generator(good + "prompt: 1, output: 1, system_prompt: {tokens: 1000000, variants: 10000}"),
          ".generate.system_prompt.variants", "1e9");
  refused(generator(good + "prompt: 1, output: 1, block_tokens: 0"), ".generate.block_tokens");
  refused(generator(good + "prompt: 1, output: 1, arrivals: {hours: [1, 2]}"), ".generate.arrivals.hours", "24");
  refused(generator(good + "prompt: 1, output: 1, lengths_from: x.csv"), ".generate.prompt", "already says");
  refused(generator(good + "lengths_from: nowhere.csv"), ".generate.lengths_from", "nowhere.csv");
}

TEST_CASE("what is written reads back the same") {
  const std::string text =
      "generate:\n  rate: 5 /s\n  requests: 10\n  prompt: {median: 50, sigma: 1}\n  output: {weights: {10: 1, 20: 2}}\n"
      "  system_prompt: {tokens: 640, variants: 2, skew: 1}\n  sessions: {turns: {mean: 3}, think: 1 min}\n";
  const Read once = make(text);
  REQUIRE(once.made);
  Diagnostics d;
  RequestsSpec again;
  read(again, write(once.spec), "", d);
  CHECK(d.ok());
  CHECK(emit_yaml(write(again)) == emit_yaml(write(once.spec)));
}

TEST_CASE("the block has a schema and a page, each struct under a name of its own") {
  const std::string schema = json_schema(RequestsSpec::description());
  for (const char* name : {"length_law", "request_generator", "request_sessions", "request_window", "system_prompt"}) {
    INFO(name);
    CHECK(schema.find("\"" + std::string(name) + "\": {") != std::string::npos);
  }
  CHECK(reference_markdown(RequestsSpec::description()).find("| `think` |") != std::string::npos);
}
