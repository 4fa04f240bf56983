// The published traces themselves: every row is taken or has a stated reason, and sums agree with the files' own.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "tests/support/reference.hpp"
#include "workloads/traces/formats.hpp"
#include "workloads/traces/write_csv.hpp"

using namespace alight;

namespace {

Workload read_as(const char* format, const std::filesystem::path& path) {
  const auto input = read_input(path);
  if (!input) FAIL(input.problem().message);
  const auto found = detect(*input);
  REQUIRE(found);
  CHECK((*found)->name == format);
  auto read = read_workload({path});
  if (!read) FAIL(read.problem().message);
  return std::move(*read);
}

std::map<std::string, std::int64_t> reasons(const Workload& w) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& reason : w.report.reasons) counts[reason.why] = reason.rows;
  return counts;
}

using Reasons = std::map<std::string, std::int64_t>;

double chip_seconds(const Workload& w) {
  double sum = 0;
  for (const Job& job : w.jobs) sum += static_cast<double>(job.chips) * job.duration_s;
  return sum;
}

void check_equal_schedules(const Workload& a, const Workload& b) {
  REQUIRE(a.jobs.size() == b.jobs.size());
  for (std::size_t i = 0; i < a.jobs.size(); ++i) {
    const Job& x = a.jobs[i];
    const Job& y = b.jobs[i];
    REQUIRE((x.id == y.id && x.submit_s == y.submit_s && x.duration_s == y.duration_s && x.estimate_s == y.estimate_s &&
             x.chips == y.chips && x.kill_at_estimate == y.kill_at_estimate));
  }
}

}  // namespace

TEST_CASE("Philly, reduced table") {
  ALIGHT_REFERENCE_OR_SKIP(path, "traces/philly_pollux/philly.csv.gz");
  const Workload w = read_as("philly", path);
  CHECK(w.report.taken == 82247);
  CHECK(w.report.skipped == 0);
  CHECK(format_date(*w.epoch) == "2017-09-04 10:30:41");
  // The file's own column gpu_time sums to this.
  CHECK(chip_seconds(w) == 3521082502.0);
  std::set<Names::Id> clusters;
  for (const Job& job : w.jobs) clusters.insert(job.vc);
  CHECK(clusters.size() == 15);
}

TEST_CASE("SWF logs") {
  ALIGHT_REFERENCE_OR_SKIP(nasa, "traces/swf/NASA-iPSC-1993-3.1-cln.swf.gz");
  ALIGHT_REFERENCE_OR_SKIP(hpc2n, "traces/swf/hpc2n.swf.gz");
  ALIGHT_REFERENCE_OR_SKIP(wagap, "traces/swf/wagap-2013.swf.xz");
  const Workload n = read_as("swf", nasa);
  CHECK(n.report.taken == 18239);
  CHECK(n.report.skipped == 0);
  CHECK(std::none_of(n.jobs.begin(), n.jobs.end(), [](const Job& j) { return j.kill_at_estimate; }));
  const Workload h = read_as("swf", hpc2n);
  CHECK(h.report.taken == 3145);
  CHECK(reasons(h) == Reasons{{"run time unknown (-1)", 25}});
  CHECK(h.epoch->unix_s == 1027839845);
  const Workload w = read_as("swf", wagap);
  CHECK(w.report.taken == 17898);
  CHECK(reasons(w) == Reasons{{"negative run time", 2}});
  CHECK(w.epoch->unix_s == 1356996147);
  CHECK(w.jobs.front().submit_s == 0);
}

TEST_CASE("the same jobs from SWF and from Batsim JSON") {
  for (const std::string name : {"nt_1k", "nt_10k", "rigid_1k_kill"}) {
    ALIGHT_REFERENCE_OR_SKIP(swf, "peers/" + name + ".swf.zst");
    ALIGHT_REFERENCE_OR_SKIP(json, "peers/" + name + ".json.zst");
    const Workload a = read_as("swf", swf);
    const Workload b = read_as("batsim", json);
    CHECK(a.report.taken == (name == "nt_10k" ? 10000 : 1000));
    CHECK(a.report.skipped == 0);
    CHECK(b.report.skipped == 0);
    check_equal_schedules(a, b);
    const auto too_long = std::count_if(a.jobs.begin(), a.jobs.end(),
                                        [](const Job& j) { return j.kill_at_estimate && j.duration_s > j.estimate_s; });
    CHECK(too_long == (name == "rigid_1k_kill" ? 57 : 0));
  }
}

TEST_CASE("Batsim: the paper's workload, and parallel tasks") {
  ALIGHT_REFERENCE_OR_SKIP(paper, "traces/batsim_example/test_batsim_paper_workload_seed1.json.gz");
  ALIGHT_REFERENCE_OR_SKIP(tasks, "peers/ptask_1k_128.json.zst");
  CHECK(read_as("batsim", paper).report.taken == 800);
  const Workload t = read_as("batsim", tasks);
  CHECK(t.report.taken == 1000);
  CHECK(reasons(t).empty());
  CHECK(t.jobs.front().type == JobType::parallel);
  CHECK(t.names[t.jobs.front().task] == "each 33665438257 9739960");
}

TEST_CASE("openb: pods and nodes") {
  ALIGHT_REFERENCE_OR_SKIP(pods, "traces/alibaba_openb_2023/openb_pod_list_default.csv.gz");
  ALIGHT_REFERENCE_OR_SKIP(nodes, "traces/alibaba_openb_2023/openb_node_list_all_node.csv.gz");
  const Workload w = read_as("openb", pods);
  CHECK(w.report.taken == 8152);
  CHECK(w.report.skipped == 0);
  CHECK(std::count_if(w.jobs.begin(), w.jobs.end(), [](const Job& j) { return j.chips == 0; }) == 1088);
  CHECK(std::count_if(w.jobs.begin(), w.jobs.end(), [](const Job& j) { return j.chip_milli < 1000; }) == 3078);
  const auto input = read_input(nodes);
  REQUIRE(input);
  const auto list = read_openb_nodes(*input);
  REQUIRE(list);
  std::int64_t gpus = 0;
  std::set<std::string> kinds;
  for (const auto& node : list->machines) {
    gpus += node.chips;
    if (node.chips > 0) kinds.insert(node.chip);
  }
  CHECK(list->machines.size() == 1523);
  CHECK(gpus == 6212);
  CHECK(kinds.size() == 7);
}

TEST_CASE("PAI 2020: machines, out of their tar archive") {
  ALIGHT_REFERENCE_OR_SKIP(path, "traces/alibaba_pai_2020_machines/pai_machine_spec.tar.gz");
  const auto input = read_input(path);
  REQUIRE(input);
  const auto list = read_pai2020_machines(*input);
  REQUIRE(list);
  CHECK(list->report.skipped == 0);
  std::int64_t gpus = 0;
  for (const auto& machine : list->machines) gpus += machine.chips;
  CHECK(list->machines.size() == 1897);
  CHECK(gpus == 6742);
}

TEST_CASE("Gavel: a trace with its rates") {
  ALIGHT_REFERENCE_OR_SKIP(trace, "traces/gavel/physical_max_min_fairness.trace.gz");
  ALIGHT_REFERENCE_OR_SKIP(rates, "traces/gavel/simulation_throughputs.json.xz");
  const auto w = read_workload({trace, rates});
  REQUIRE(w);
  CHECK(w->report.taken == 96);
  CHECK(w->report.skipped == 0);
}

TEST_CASE("real traces survive the way through our own table") {
  for (const char* name : {"traces/philly_pollux/philly.csv.gz", "peers/nt_10k.swf.zst",
                           "traces/alibaba_openb_2023/openb_pod_list_gpuspec33.csv.gz"}) {
    ALIGHT_REFERENCE_OR_SKIP(path, name);
    const auto w = read_workload({path});
    REQUIRE(w);
    std::ostringstream written;
    write_csv(written, *w);
    const Input table{"jobs.csv", written.str()};
    const auto back = read_alight(Inputs(&table, 1), {});
    REQUIRE(back);
    CHECK(back->report.skipped == 0);
    check_equal_schedules(*w, *back);
    std::ostringstream again;
    write_csv(again, *back);
    REQUIRE(again.str() == written.str());
  }
}
