// Admission: every reason a job is turned away for, queues, and how run times scale.
#include <catch2/catch.hpp>

#include "sim/run/admission.hpp"
#include "tests/support/runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

Pool with_chip(std::string name, double tflops, double gbs, double memory_gb, std::string stack) {
  Pool p = chips_pool(std::move(name), 2, 4, std::move(stack));
  p.chip.bf16_tflops = tflops;
  p.chip.memory_gbs = gbs;
  p.chip.memory_gb = memory_gb;
  return p;
}

Admission admitted(const Site& site, const std::vector<Row>& rows, const RunSettings& settings = {}) {
  const Workload w = workload(rows);
  TrainingRates rates(site, w, nullptr);
  return admit(site, w, settings, same_name, Cluster(site), rates);
}

}  // namespace

TEST_CASE("a job that could never run is turned away with its reason") {
  const Site site = site_of({with_chip("a", 100, 1000, 40, "cuda"), with_chip("b", 50, 2000, 80, "cann")});
  RunSettings settings;
  settings.quota_chips = {{"x", 2.5}};
  const auto reason = [&](Row row) {
    row.id = "j";
    const Admission a = admitted(site, {row}, settings);
    return a.reasons.at(a.turned_away.at(0));
  };
  CHECK(reason({.chips = 8}).empty());
  CHECK(reason({.chips = 9}) == "larger than any pool it may use");
  CHECK(reason({.chips = 5, .shape = Shape::one_server}) == "larger than any pool it may use");
  CHECK(reason({.chips = 1, .kinds = "c chip"}) == "no pool has a chip of the kinds it asks for");
  CHECK(reason({.chips = 1, .kinds = "c chip|b chip"}).empty());
  CHECK(reason({.chips = 1, .stack = "musa"}) == "no pool has its software stack");
  CHECK(reason({.chips = 1, .kinds = "a chip", .stack = "cann"}) == "no pool has its software stack");
  CHECK(reason({.chips = 1, .min_chip_memory_gb = 81}) == "no chip it may use has enough memory");
  CHECK(reason({.chips = 1, .stack = "cuda", .min_chip_memory_gb = 41}) == "no chip it may use has enough memory");
  CHECK(reason({.chips = 3, .vc = "x"}) == "larger than its quota");
  CHECK(reason({.chips = 2, .vc = "x"}).empty());
  CHECK(reason({.chips = 3, .vc = "y"}).empty());
}

TEST_CASE("queues: one for each VC with a quota, the common one for all others") {
  RunSettings settings;
  settings.quota_chips = {{"x", 2}, {"z", 1}};
  const Admission a =
      admitted(site_of({chips_pool("p", 8)}),
               {{.id = "1", .vc = "z"}, {.id = "2", .vc = "x"}, {.id = "3", .vc = "y"}, {.id = "4"}}, settings);
  CHECK(a.queues.at(a.candidates[0].queue).name == "z");
  CHECK(a.queues.at(a.candidates[1].queue).quota_milli == 2000);
  CHECK(a.candidates[2].queue == 0);
  CHECK(a.candidates[3].queue == 0);
  CHECK_FALSE(a.queues[0].limited());
}

TEST_CASE("run times scale by the table, else by half the FLOPs and half the bandwidth") {
  const Site site =
      site_of({with_chip("a", 100, 1000, 40, ""), with_chip("b", 50, 2000, 80, ""), with_chip("c", 100, 500, 80, "")});
  RunSettings settings;
  settings.slowdown[{"a chip", "c chip"}] = 7;
  const Admission a = admitted(
      site, {{.id = "1"}, {.id = "2", .traced_chip = "a chip"}, {.id = "3", .traced_chip = "elsewhere"}}, settings);
  const auto row = [&](std::size_t j) { return a.slowdown.at(a.candidates[j].speed); };
  CHECK(row(0) == std::vector<double>{1, 1, 1});
  // On b: 1/2 x 100/50 + 1/2 x 1000/2000 = 1.25; on c the table's 7.
  CHECK(row(1) == std::vector<double>{1, 1.25, 7});
  CHECK(row(2) == std::vector<double>{1, 1, 1});  // a chip whose figures are not known here scales nothing
}
