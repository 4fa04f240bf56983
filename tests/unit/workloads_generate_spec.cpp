// Reading generators: what each mistake is told, and what presets fill in.
#include <algorithm>
#include <catch2/catch.hpp>

#include "workloads/generate/generator.hpp"
#include "workloads/generate/presets.hpp"

using namespace alight;

namespace {

using Members = std::vector<std::pair<std::string, Node>>;

Node text(const std::string& s) {
  return Node::scalar(s);
}
Node map(const Members& members) {
  Node n = Node::mapping();
  for (const auto& [key, value] : members) n.add(key, value);
  return n;
}
Node list(const std::vector<std::string>& items) {
  Node n = Node::sequence();
  for (const auto& item : items) n.items.push_back(text(item));
  return n;
}
Node components(const Members& component) {
  return map({{"components", Node::sequence({map(component)})}});
}

struct Read {
  GeneratorSpec spec;
  Diagnostics diagnostics;
  bool says(const std::string& key, const std::string& what) const {
    return std::any_of(diagnostics.problems().begin(), diagnostics.problems().end(), [&](const Problem& p) {
      return p.key == key && (p.message + " " + p.hint).find(what) != std::string::npos;
    });
  }
};
Read read_generator(const Members& members) {
  Read r;
  read(r.spec, map(members), "generate", r.diagnostics);
  return r;
}

Members sound() {
  return {{"jobs", text("1000")},
          {"horizon", text("1 d")},
          {"sizes", map({{"weights", map({{"1", text("3")}, {"8", text("1")}})}})},
          {"durations", components({{"median", text("10 min")}, {"sigma", text("1")}})}};
}
Members with(Members members, const std::string& key, Node value) {
  for (auto& [k, v] : members)
    if (k == key) {
      v = std::move(value);
      return members;
    }
  members.emplace_back(key, std::move(value));
  return members;
}
Members without(Members members, const std::string& key) {
  std::erase_if(members, [&](const auto& m) { return m.first == key; });
  return members;
}

}  // namespace

TEST_CASE("a sound generator reads, and the order of its keys does not matter") {
  Members members = with(sound(), "users", text("5"));
  Read a = read_generator(members);
  REQUIRE(a.diagnostics.ok());
  CHECK(*a.spec.users->count == 5);
  std::reverse(members.begin(), members.end());
  Read b = read_generator(members);
  REQUIRE(b.diagnostics.ok());
  const Workload wa = generate(a.spec, 1), wb = generate(b.spec, 1);
  REQUIRE(wa.jobs.size() == 1000);
  for (std::size_t i = 0; i < 1000; ++i) {
    REQUIRE(wa.jobs[i].submit_s == wb.jobs[i].submit_s);
    REQUIRE(wa.jobs[i].duration_s == wb.jobs[i].duration_s);
    REQUIRE(wa.jobs[i].chips == wb.jobs[i].chips);
    REQUIRE(wa.names[wa.jobs[i].user] == wb.names[wb.jobs[i].user]);
  }
}

TEST_CASE("a resolved generator written and read again makes the same jobs") {
  for (const std::string& name : preset_names()) {
    CAPTURE(name);
    GeneratorSpec spec;
    spec.like = name;
    spec.jobs = 500;
    spec.chips = 1024;
    GeneratorSpec again;
    Diagnostics diagnostics;
    read(again, write(resolve(spec)), "generate", diagnostics);
    REQUIRE(diagnostics.ok());
    const Workload a = generate(spec, 9), b = generate(again, 9);
    REQUIRE(a.jobs.size() == b.jobs.size());
    bool equal = true;
    for (std::size_t i = 0; i < a.jobs.size(); ++i)
      equal = equal && a.jobs[i].submit_s == b.jobs[i].submit_s && a.jobs[i].duration_s == b.jobs[i].duration_s &&
              a.jobs[i].estimate_s == b.jobs[i].estimate_s && a.jobs[i].chips == b.jobs[i].chips;
    CHECK(equal);
  }
}

TEST_CASE("a preset gives what is left out") {
  Read all = read_generator({{"like", text("philly")}});
  REQUIRE(all.diagnostics.ok());
  CHECK(expected_jobs(all.spec) == 112956);
  CHECK(*resolve(all.spec).horizon_s == 75 * 86400);

  Read fewer = read_generator({{"like", text("philly")}, {"jobs", text("56478")}});
  CHECK(*resolve(fewer.spec).horizon_s == Approx(37.5 * 86400));
  Read shorter = read_generator({{"like", text("philly")}, {"horizon", text("7.5 d")}});
  CHECK(expected_jobs(shorter.spec) == Approx(11295.6));
  Read loaded = read_generator({{"like", text("philly")}, {"load", text("0.9")}, {"chips", text("100")}});
  REQUIRE(loaded.diagnostics.ok());
  CHECK(*resolve(loaded.spec).jobs == 112956);
  CHECK_FALSE(resolve(loaded.spec).horizon_s);
  Read faster = read_generator({{"like", text("kalos")}, {"rate", text("10 /h")}, {"horizon", text("10 h")}});
  CHECK(expected_jobs(faster.spec) == Approx(100));
}

TEST_CASE("mistakes are told with their key") {
  struct Case {
    Members members;
    std::string key, what;
  };
  const std::vector<Case> cases = {
      {{{"like", text("phily")}}, "generate.like", "philly"},
      {with(sound(), "job", text("1")), "generate.job", "jobs"},
      {with(sound(), "jobs", text("-5")), "generate.jobs", "from 1"},
      {with(sound(), "jobs", text("1e300")), "generate.jobs", ""},
      {with(sound(), "horizon", text("7")), "generate.horizon", "unit"},
      {with(sound(), "horizon", text("nan d")), "generate.horizon", ""},
      {without(sound(), "horizon"), "generate", "two of jobs, horizon and rate"},
      {with(sound(), "load", text("0.5")), "generate", "twice"},
      {with(with(without(sound(), "jobs"), "load", text("0.5")), "rate", text("1 /s")), "generate.load", "both"},
      {with(with(without(sound(), "jobs"), "rate", text("1000000 /s")), "horizon", text("1 year")), "generate.rate",
       "100,000,000"},
      {without(sound(), "sizes"), "generate.sizes", "missing"},
      {without(sound(), "durations"), "generate.durations", "missing"},
      {with(sound(), "sizes", map({{"weights", map({{"x", text("1")}})}})), "generate.sizes.weights.x", "whole number"},
      {with(sound(), "sizes", map({{"weights", map({{"0", text("1")}})}})), "generate.sizes.weights.0", "from 1"},
      {with(sound(), "sizes", map({{"weights", map({{"1", text("0")}})}})), "generate.sizes.weights", "above 0"},
      {with(sound(), "sizes", map({{"weights", map({{"1", text("-1")}})}})), "generate.sizes.weights.1", "0 or more"},
      {with(sound(), "sizes", map({{"weights", map({{"1", text("1")}})}, {"tilt", map({{"canceled", text("1")}})}})),
       "generate.sizes.tilt.canceled", "cancelled"},
      {with(sound(), "max_chips", text("0")), "generate.max_chips", "at least 1"},
      {with(with(sound(), "sizes", map({{"weights", map({{"8", text("1")}})}})), "max_chips", text("4")),
       "generate.max_chips", "no size"},
      {with(sound(), "statuses", map({{"complete", text("1")}})), "generate.statuses.complete", "completed"},
      {with(sound(), "statuses", map({{"failed", text("0")}})), "generate.statuses", "above 0"},
      {with(sound(), "durations", map({{"components", Node::sequence()}})), "generate.durations.components",
       "at least one"},
      {with(sound(), "durations", components({{"median", text("10 GB")}})), "generate.durations.components[0].median",
       "time"},
      {with(sound(), "durations", components({{"from_chips", text("2")}})), "generate.durations.components",
       "completed jobs of 1 chips"},
      {with(sound(), "durations", components({{"from_chips", text("4")}, {"to_chips", text("2")}})),
       "generate.durations.components[0].to_chips", "below"},
      {with(sound(), "durations", components({{"kind", text("pareto")}, {"index", text("0.8")}})),
       "generate.durations.components", "cap"},
      {with(sound(), "arrivals", map({{"hours", list({"1", "2"})}})), "generate.arrivals.hours", "24"},
      {with(sound(), "arrivals", map({{"days", list({"0", "0", "0", "0", "0", "0", "0"})}})), "generate.arrivals.days",
       "above 0"},
      {with(sound(), "arrivals", map({{"process", text("poison")}})), "generate.arrivals.process", "poisson"},
      {with(sound(), "vcs", map({{"exponent", text("1")}})), "generate.vcs", "either"},
      {with(sound(), "estimates", map({{"factor_min", text("3")}})), "generate.estimates.factor_max", "below"},
      {with(sound(), "estimates", map({{"classes", list({"1 h", "1 h"})}})), "generate.estimates.classes[1]", "longer"},
  };
  for (const Case& c : cases) {
    const Read r = read_generator(c.members);
    std::string seen;
    for (const Problem& p : r.diagnostics.problems()) seen += p.key + ": " + p.message + " (" + p.hint + ")\n";
    CAPTURE(c.key, c.what, seen);
    CHECK(r.says(c.key, c.what));
    CHECK(r.diagnostics.problems().size() == 1);
  }
}
