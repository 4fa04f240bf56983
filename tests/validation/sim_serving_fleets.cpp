// Fleets of unequal chips behind one router against MLPerf Inference 5.1: what MangoBoost's servers of MI300X and
// MI325X give together, over what each kind gives alone. Rates of one kind are those of two servers: with one, nothing
// is sent between servers, and they give 3 to 5 % more.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>

#include "tests/support/binary.hpp"
#include "tests/support/csv_rows.hpp"
#include "tests/support/reference.hpp"

using namespace alight::test;

namespace {

/// Output tokens a second of an offline run of the fleet in docs/examples/mixed-fleet.yaml, with so many chips.
double tokens_per_s(int mi300x, int mi325x, const std::string& router) {
  const Folder folder;
  const std::string service = "workload.services[0].";
  const auto set = [&](const std::string& key, const std::string& value) { return service + key + "=" + value; };
  const Outcome o =
      run_binary(ALIGHT_BINARY,
                 {"run", std::string(ALIGHT_SOURCE_DIR) + "/docs/examples/mixed-fleet.yaml", "--out", "out", "--set",
                  set("router", router), "--set", set("replicas[0].count", std::to_string(mi300x)), "--set",
                  set("replicas[1].count", std::to_string(mi325x)), "--set",
                  set("requests.requests", std::to_string(200000 * (mi300x + mi325x) / 48))},
                 folder.path(), 600);
  INFO(o.text());
  REQUIRE(o.code == 0);
  const std::string text = text_of(folder / "out" / "summary.json"), key = "\"output_tokens_per_s\": ";
  const std::size_t at = text.find(key);
  REQUIRE(at != std::string::npos);
  return std::stod(text.substr(at + key.size()));
}

}  // namespace

TEST_CASE("mixed fleets of MI300X and MI325X offline") {
  ALIGHT_REFERENCE_OR_SKIP(file, "validation/inference_grid_mlperf51.csv");
  std::map<std::string, double> measured;  // tokens/s, by accelerator and servers
  for (const CsvRow& r : csv_rows(file))
    if (r.at("submitter").find("MangoBoost") != std::string::npos && r.at("model") == "llama2-70b-99" &&
        r.at("scenario") == "Offline")
      measured[r.at("accelerator").substr(0, 21) + " " + r.at("nodes")] = std::stod(r.at("result"));
  const double of_300 = measured.at("AMD Instinct MI300X 1 2") / 16,
               of_325 = measured.at("AMD Instinct MI325X 2 2") / 16;
  const double six = measured.at("AMD Instinct MI300X 1 6"), three = measured.at("AMD Instinct MI325X 2 3");

  const auto compare = [&](const char* what, int mi300x, int mi325x, double given) {
    const double there = given / (mi300x * of_300 + mi325x * of_325);
    const double alone = tokens_per_s(mi300x, 0, "least_work") + tokens_per_s(0, mi325x, "least_work");
    std::printf("  %-26s measured %7.0f tokens/s, eta_mix %.3f\n", what, given, there);
    for (const char* router : {"weighted", "least_work", "round_robin"}) {
      const double together = tokens_per_s(mi300x, mi325x, router);
      std::printf("    %-24s predicted %6.0f tokens/s, eta_mix %.3f\n", router, together, together / alone);
      if (router != std::string("round_robin")) CHECK(std::abs(together / alone - there) < 0.03);
    }
  };
  compare("32 MI300X and 16 MI325X", 32, 16, six);
  compare("8 MI300X and 16 MI325X", 8, 16, three);
}
