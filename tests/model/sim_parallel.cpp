// Parallel jobs against hand computation. Hosts of 1 GFLOP/s with links of 2 GB/s around a backbone of 1 GB/s unless
// said otherwise; "each F B" on n hosts: F operations of each, B bytes from each to each other, so n (n - 1) B over the
// backbone and (n - 1) B out of and into each host.
#include <catch2/catch.hpp>

#include "tests/support/runs.hpp"
#include "tests/support/star_site.hpp"

using namespace alight;
using namespace alight::test;

namespace {

Row job(std::string id, double submit_s, std::int64_t chips, std::string task) {
  return {.id = std::move(id), .submit_s = submit_s, .chips = chips, .estimate_s = 1e6, .task = std::move(task)};
}

std::vector<double> ends(const Site& site, const std::vector<Row>& rows, RunSettings settings = {.policy = "fcfs"}) {
  std::vector<double> out;
  for (const Fate& fate : played(site, workload(rows), settings).jobs) out.push_back(fate.finish_s);
  return out;
}

void check_ends(const std::vector<double>& got, const std::vector<double>& wanted) {
  REQUIRE(got.size() == wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO("job " << i);
    CHECK(got[i] == Approx(wanted[i]).epsilon(1e-10));
  }
}

Site star() {
  return star_site(8, "2GBps", "1GBps");
}

}  // namespace

TEST_CASE("a job alone ends with its slowest part") {
  // 3e9 operations: 3 s. Two hosts, 2 x 2 GB over the backbone: 4 s; out of each 2 GB over 2 GB/s: 1 s.
  check_ends(ends(star(), {job("computes", 0, 1, "each 3e9 5e9")}), {3});
  check_ends(ends(star(), {job("sends", 0, 2, "each 3e9 2e9")}), {4});
  check_ends(ends(star(), {job("nothing", 5, 2, "each 0 0")}), {5});
  // With a backbone of 100 GB/s the hosts' links bind: 4 hosts, 3 x 2 GB out of each: 3 s.
  check_ends(ends(star_site(4, "2GBps", "100GBps"), {job("own", 0, 4, "each 1e9 2e9")}), {3});
}

TEST_CASE("two jobs share the backbone, then one has it alone") {
  // a: 2 GB over the backbone, b: 1 GB. Each has 0.5 GB/s; b ends at 2 s, a has 1 GB left and ends at 3 s.
  check_ends(ends(star(), {job("a", 0, 2, "each 1e9 1e9"), job("b", 0, 2, "each 1e9 0.5e9")}), {3, 2});
  // b comes at 1 s: a has 1 GB left. Both have 1 GB and share: both end at 3 s.
  check_ends(ends(star(), {job("a", 0, 2, "each 1e9 1e9"), job("b", 1, 2, "each 1e9 0.5e9")}), {3, 3});
  // Three of 2 GB each, one second apart: a is alone for 1 s (1 GB left), shares for 1 s (0.5 left); from 2 s on each
  // has 1/3 GB/s: a ends at 3.5; b then has 1 GB left and c 1.5, sharing: b ends at 5.5; c has 0.5 left: 6.
  check_ends(ends(star(), {job("a", 0, 2, "each 0 1e9"), job("b", 1, 2, "each 0 1e9"), job("c", 2, 2, "each 0 1e9")}),
             {3.5, 5.5, 6});
}

TEST_CASE("what a job's computing leaves of a link is another's") {
  // a computes 10 s and sends 1 GB meanwhile: 0.1 GB/s. b has the other 0.9 GB/s: 2 GB in 2.2222 s.
  check_ends(ends(star(), {job("a", 0, 2, "each 10e9 0.5e9"), job("b", 0, 2, "each 0 1e9")}), {10, 2 / 0.9});
}

TEST_CASE("a job that shares no link with another is left alone") {
  check_ends(ends(star(), {job("a", 0, 2, "each 0 1e9"), job("b", 0, 1, "each 7e9 9e9")}), {2, 7});
}

TEST_CASE("the longest latency of a job's routes comes first, and nothing moves in it") {
  // Three links of 1 ms. a moves from 0.003 s on and has 1 of its 2 GB left at 1.003 s, when b's 1 GB begins to move.
  const Site site = star_site(8, "2GBps", "1GBps", "1ms");
  check_ends(ends(site, {job("alone", 0, 2, "each 0 1e9")}), {2.003});
  check_ends(ends(site, {job("a", 0, 2, "each 0 1e9"), job("b", 1, 2, "each 0 0.5e9")}), {3.003, 3.003});
  check_ends(ends(site, {job("one host", 0, 1, "each 1e9 1e9")}), {1});
}

TEST_CASE("no pair moves more than SimGrid's window in two latencies") {
  // 3 x 10 ms there, 4,194,304 B in 2 x 30 ms: 69.9 MB/s for the pair, though its links give 1 GB/s.
  const Site site = star_site(2, "2GBps", "1GBps", "10ms");
  check_ends(ends(site, {job("a", 0, 2, "ranks 2 flops 0 0 bytes 0 1e9 0 0")}), {0.03 + 1e9 / 4194304 * 0.06});
}

TEST_CASE("a matrix says who sends to whom") {
  // The first host sends 2 GB to the second and 1 GB to the third: 3 GB over its own 2 GB/s 1.5 s, over the backbone 3
  // s.
  check_ends(ends(star(), {job("a", 0, 3, "ranks 3 flops 1e9 2e9 0 bytes 0 2e9 1e9 0 0 0 0 0 0")}), {3});
  check_ends(
      ends(star_site(3, "2GBps", "100GBps"), {job("a", 0, 3, "ranks 3 flops 1e9 1.2e9 0 bytes 0 2e9 1e9 0 0 0 0 0 0")}),
      {1.5});
}

TEST_CASE("stages follow each other, and are repeated") {
  // 1 s of computing, 2 s of waiting, 2 s of sending, all twice.
  check_ends(ends(star(), {job("a", 0, 2, "each 1e9 0 then delay 2 then each 0 1e9 times 2")}), {10});
}

TEST_CASE("a job is killed at its requested time, and its links are free from then on") {
  // a and b share: at 1.5 s a has moved 0.75 of 2 GB and is killed. b has 1.25 GB left: 2.75 s.
  std::vector<Row> rows = {job("a", 0, 2, "each 0 1e9"), job("b", 0, 2, "each 0 1e9")};
  rows[0].estimate_s = 1.5;
  rows[0].kill = true;
  const Played p = played(star(), workload(rows), {.policy = "fcfs"});
  CHECK(p.jobs[0].status == JobStatus::killed);
  CHECK(p.jobs[0].finish_s == 1.5);
  CHECK(p.jobs[1].status == JobStatus::completed);
  CHECK(p.jobs[1].finish_s == Approx(2.75).epsilon(1e-10));
  CHECK(p.end_s == Approx(2.75).epsilon(1e-10));
  // Killed while it computes alone, while it waits, and not at all where it ends in time.
  for (const auto& [task, end_s] : {std::pair{"each 3e9 0", 1.5}, {"delay 2", 1.5}, {"each 1e9 0", 1.0}}) {
    Row row = job("a", 0, 2, task);
    row.estimate_s = 1.5;
    row.kill = true;
    check_ends(ends(star(), {row}), {end_s});
  }
}

TEST_CASE("what would run for more than 1e10 s fails then, or is turned away before") {
  RunSettings settings{.policy = "fcfs", .ledger_bin_s = 1e8};
  std::vector<Row> rows = {job("computes", 0, 1, "each 1e27 0"), job("sends", 0, 2, "each 0 1e27"),
                           job("known", 0, 1, "each 1e20 0"), job("few bytes", 0, 2, "each 1e9 1e-300")};
  rows[2].estimate_s = 0;  // by its computing alone: 1e11 s
  const Played p = played(star(), workload(rows), settings);
  for (const int j : {0, 3}) {  // by id: computes, few bytes, known, sends
    CHECK(p.jobs[static_cast<std::size_t>(j)].status == JobStatus::failed);
    CHECK(p.jobs[static_cast<std::size_t>(j)].finish_s == 1e10);
  }
  CHECK(p.jobs[1].finish_s == Approx(1));
  CHECK(p.jobs[2].status == JobStatus::rejected);
}

TEST_CASE("a horizon finds jobs open, and keeps what ended at it") {
  const std::vector<Row> rows = {job("a", 0, 2, "each 0 1e9"), job("b", 0, 2, "each 0 0.5e9")};
  for (const auto& [horizon_s, first, second] :
       {std::tuple{1.0, JobStatus::running, JobStatus::running}, {2.5, JobStatus::running, JobStatus::completed}}) {
    const Played p = played(star(), workload(rows), {.policy = "fcfs", .horizon_s = horizon_s});
    CHECK(p.how == Engine::End::horizon);
    CHECK(p.end_s == horizon_s);
    CHECK(p.jobs[0].status == first);
    CHECK(p.jobs[1].status == second);
    CHECK(p.chip_seconds(0, ChipState::opaque) == Approx(horizon_s < 2 ? 4.0 : 2 * 2.5 + 2 * 2));
  }
}

TEST_CASE("chips of one server talk without links, and share its link with the server's other jobs") {
  // Servers of 2 chips of 1 GFLOP/s behind one ideal switch, with one link of 1 GB/s.
  Pool pool = chips_pool("p", 4, 2);
  pool.chip.bf16_tflops = 1e-3;
  pool.nic_gbps = 8;
  const Site site = site_of({pool});
  check_ends(ends(site, {job("inside", 0, 2, "each 1e9 9e9")}), {1});
  // 4 chips on 2 servers: of each chip 2 x 1 GB leave the server, 4 GB over its link.
  check_ends(ends(site, {job("across", 0, 4, "each 1e9 1e9")}), {4});
  // One chip per server: a and b have a chip each of both servers; each sends 1 GB each way over the shared links.
  RunSettings spread{.policy = "fcfs", .placement = "spread"};
  pool.servers = 2;
  check_ends(ends(site_of({pool}), {job("a", 0, 2, "each 0 1e9"), job("b", 0, 2, "each 0 1e9")}, spread), {2, 2});
}
