// A job that goes on with fewer chips beside one that waits for all: the table of docs/failures.md, by the command
// line.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <map>
#include <optional>
#include <tuple>

#include "tests/support/binary.hpp"
#include "tests/support/csv_rows.hpp"

using namespace alight;
using namespace alight::test;

namespace {

constexpr int kServers = 128, kSeeds = 3;

/// Mean days until the job of docs/examples/elastic.yaml is done, over seeds; nothing where some run does not end.
std::optional<double> days(const std::string& repair, int spares, bool elastic) {
  const Folder folder;
  double sum_s = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    std::vector<std::string> arguments = {"run",    std::string(ALIGHT_SOURCE_DIR) + "/docs/examples/elastic.yaml",
                                          "--out",  "out",
                                          "--seed", std::to_string(seed)};
    const auto set = [&](const std::string& what) { arguments.insert(arguments.end(), {"--set", what}); };
    set("horizon=400 d");
    set("faults.servers.repair=" + repair);
    set("site.pools[0].count=" + std::to_string(kServers + spares));
    if (spares > 0) set("faults.servers.spares={h100: " + std::to_string(spares) + "}");
    if (!elastic) set("workload.jobs[0].elastic=null");
    const Outcome o = run_binary(ALIGHT_BINARY, arguments, folder.path(), 60);
    INFO(o.text());
    REQUIRE(o.code == 0);
    const auto job = csv_rows(folder / "out/jobs.csv").front();
    if (job.at("status") != "completed") return std::nullopt;
    sum_s += std::stod(job.at("finish_s"));
  }
  return sum_s / kSeeds / 86400;
}

}  // namespace

TEST_CASE("elastic or waiting: days and server-days until a job of 1,024 chips is done") {
  std::map<std::tuple<std::string, int, bool>, std::optional<double>> all;
  for (const char* repair : {"6 h", "3 d"})
    for (const int spares : {0, 4, 16})
      for (const bool elastic : {true, false}) {
        const auto d = all[{repair, spares, elastic}] = days(repair, spares, elastic);
        std::printf("repairs of %s, %d servers, %s: %s days, %s server-days\n", repair, kServers + spares,
                    elastic ? "elastic" : "waits", d ? fmt::format("{:.2f}", *d).c_str() : "no",
                    d ? fmt::format("{:.0f}", *d * (kServers + spares)).c_str() : "no");
      }
  for (const char* repair : {"6 h", "3 d"})
    for (const int spares : {0, 4, 16}) {
      INFO(repair << ", " << spares << " spares");
      const auto elastic = all[{repair, spares, true}], waits = all[{repair, spares, false}];
      REQUIRE(elastic);
      // Never later, but for chance: other instants of restarts meet other failures.
      CHECK((!waits || *elastic < *waits * 1.01));
      CHECK(*elastic < 25);
    }
  // Where repairs take days, no number of servers makes up for elasticity.
  CHECK_FALSE(all[{"3 d", 0, false}]);
  const double best = *all[{"3 d", 16, false}] * (kServers + 16);
  CHECK(*all[{"3 d", 0, true}] * kServers < best);
}
