// `alight goodput` as a user runs it.
#include "tests/support/bad_input.hpp"
#include "tests/support/csv_rows.hpp"

using namespace alight::test;

namespace {

constexpr const char* kSmallService = R"(name: small
site:
  pools:
    - {name: h100, server: HGX H100, count: 1}
workload:
  services:
    - name: chat
      model: Llama-3.1-8B
      requests: {generate: {rate: 10 /s, prompt: 500, output: 100}, requests: 400}
      replicas:
        - {pool: h100, layout: tp1, precision: fp8, startup: 0 s}
      slo: {ttft: 200 ms, tpot: 15 ms}
)";

Outcome goodput(const Folder& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"goodput", "s.yaml"});
  return run_binary(ALIGHT_BINARY, arguments, folder.path());
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("goodput rises with the rate until the service is full, and the highest good rate is enclosed") {
  const Folder folder;
  write_file(folder / "s.yaml", kSmallService);
  const Outcome o = goodput(folder, {"--rates", "4,16", "--out", "points.csv", "--within", "0.1"});
  INFO(o.text());
  REQUIRE(o.code == 0);
  CHECK(says(o.out, "chat of small; good: first token within 200 ms, tokens 15 ms apart"));
  CHECK(says(o.out, "90 % are good up to "));
  const auto rows = csv_rows(folder / "points.csv");
  REQUIRE(rows.size() >= 4);
  double kept = 0, failed = 1e9, before = 0;
  for (const CsvRow& row : rows) {
    const double rate = std::stod(row.at("rate_per_s")), share = std::stod(row.at("good_share"));
    CHECK(rate > before);
    before = rate;
    CHECK(std::stod(row.at("arrived_per_s")) == Approx(rate).epsilon(0.15));
    CHECK(std::stoi(row.at("arrived")) == 400);
    CHECK(std::stod(row.at("goodput_per_s")) == Approx(std::stod(row.at("arrived_per_s")) * share).epsilon(1e-4));
    if (share >= 0.9) kept = std::max(kept, rate);
    if (share < 0.9) failed = std::min(failed, rate);
  }
  CHECK(rows.front().at("good_share") == "1");
  CHECK(kept > 16);
  CHECK(failed <= kept * 1.1);
  // The same again, byte for byte.
  const Outcome again = goodput(folder, {"--rates", "4,16", "--within", "0.1"});
  CHECK(again.out == o.out);
}

TEST_CASE("what goodput cannot do is said") {
  const Folder folder;
  write_file(folder / "s.yaml", kSmallService);
  const auto fails = [&](std::vector<std::string> arguments, const std::string& message) {
    const Outcome o = goodput(folder, std::move(arguments));
    INFO(o.text());
    CHECK(o.code == 2);
    CHECK(says(o.err, message));
  };
  fails({"--service", "chatt"}, "no service \"chatt\", did you mean \"chat\"?");
  fails({"--least", "2"}, "--least: expected a share");
  fails({"--rates", "0"}, "--rates: expected requests a second");
  fails({"--set", "workload.services[0].slo={}"}, "promises nothing");
  fails({"--set", "workload.services[0].model=nothing"}, "nothing");
}
