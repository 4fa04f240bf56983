// What holds of every run in which jobs may be preempted. The auditor sees to it that only preemptible jobs are, each
// for a job of higher priority that starts in the same instant, and that every chip-second is accounted for.
#include <algorithm>
#include <catch2/catch.hpp>

#include "sim/network/fault_plan.hpp"
#include "sim/scheduler/policy.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/random_network.hpp"
#include "tests/support/random_runs.hpp"
#include "tests/support/stored.hpp"

using namespace alight;
using namespace alight::test;

namespace {

void let_some_give_way(Dice& dice, std::vector<Row>& rows) {
  for (Row& row : rows) {
    row.preemptible = !dice.one_in(4);
    if (dice.one_in(4)) row.priority = static_cast<std::int32_t>(dice(1, 4));
  }
}

RandomRun random_setting(std::uint64_t seed, std::int64_t jobs = 50) {
  Dice dice(seed);
  RandomRun s;
  s.site = random_pools(dice);
  s.rows = random_rows(dice, s.site, jobs);
  bool stored = false;
  if (dice.one_in(2)) {
    train_some(dice, s.rows);
    stored = dice.one_in(2);
    if (!stored && dice.one_in(2)) mix_some(dice, s.site, s.rows);
  }
  static const char* words[] = {"load:weights ",          "load:checkpoint ckpt:7_steps_asynchronous ",
                                "ckpt:3_steps ",          "ckpt:2_s data:9_kB ",
                                "ckpt:1_s_asynchronous ", "load:5_GB ckpt:2_steps_50_GB_asynchronous "};
  for (Row& row : s.rows)
    if (row.tokens > 0 && row.mix.parts.empty() && !dice.one_in(4)) row.training = words[dice(0, 5)] + row.training;
  let_some_give_way(dice, s.rows);
  if (stored)
    s.site.storage = own_storage(static_cast<double>(dice(1, 40)), static_cast<double>(dice(1, 20)),
                                 static_cast<double>(dice(1, 30)), dice.one_in(2) ? 0.1 : 0);
  s.ground = stored ? stored_ground(s.site) : small_ground(s.site);
  s.settings.seed = seed;
  s.settings.preemption = JobPreemption::requeue;
  s.settings.ledger_bin_s = static_cast<double>(dice(3, 50));
  if (dice.one_in(2)) s.settings.quota_chips = {{"x", static_cast<double>(dice(1, s.site.chips))}, {"y", 0.5}};
  if (dice.one_in(4)) s.settings.horizon_s = static_cast<double>(dice(1, 200));
  if (dice.one_in(8)) s.settings.jobs_end = false;
  return s;
}

void check(const RandomRun& s, const Played& p, double& preemptions) {
  for (const Fate& f : p.jobs) {
    preemptions += f.preemptions;
    if (p.how == Engine::End::finished && s.settings.jobs_end)
      CHECK((f.status != JobStatus::running && f.status != JobStatus::waiting && f.status != JobStatus::not_submitted));
    if (f.preemptions == 0) CHECK(f.redone_s == 0);
    if (f.status == JobStatus::completed) CHECK(f.redone_s <= f.run_s * (1 + 1e-9));
  }
}

void check_settings(std::uint64_t seed, int rounds, Sharing sharing, std::int64_t jobs) {
  double preemptions = 0;
  for (int round = 0; round < rounds; ++round)
    for (const std::string& policy : requeuing_policies())
      for (const char* placement : {"pack", "spread", "random", "best-fit"}) {
        RandomRun s = random_setting(seed++, jobs);
        s.settings.policy = policy;
        s.settings.placement = placement;
        s.settings.sharing = sharing;
        if (sharing == Sharing::exact)
          for (Row& row : s.rows) row.tokens *= 0.1;
        INFO(policy << ", " << placement << ", seed " << seed - 1);
        check(s, played<Auditor>(s.site, workload(s.rows), s.settings, s.ground), preemptions);
      }
  CHECK(preemptions > 20 * rounds);
}

}  // namespace

TEST_CASE("with preemption no chip-second is lost, no chip is held twice, and every job ends once") {
  check_settings(31000, 3, Sharing::fluid, 50);
}

TEST_CASE("the same without shared links") {
  check_settings(32000, 1, Sharing::none, 50);
}

TEST_CASE("the same step by step") {
  check_settings(33000, 1, Sharing::exact, 30);
}

TEST_CASE("with preemption the same run twice, in lockstep, and from permuted rows is the same run") {
  std::uint64_t seed = 34000;
  for (const std::string& policy : requeuing_policies())
    for (int round = 0; round < 2; ++round) {
      RandomRun s = random_setting(seed++);
      s.settings.policy = policy;
      INFO(policy << ", seed " << seed - 1);
      check_same_run(s, seed);
    }
}

TEST_CASE("where nobody is preemptible, or all are equal, preemption changes nothing") {
  std::uint64_t seed = 35000;
  for (const std::string& policy : requeuing_policies()) {
    RandomRun s = random_setting(seed++);
    s.settings.policy = policy;
    const bool equal = seed % 2 == 0;
    for (Row& row : s.rows) {
      if (equal) row.priority = 1;
      row.preemptible = equal;
    }
    INFO(policy << ", seed " << seed - 1);
    const Played with = played(s.site, workload(s.rows), s.settings, s.ground);
    s.settings.preemption = JobPreemption::none;
    CHECK((with == played(s.site, workload(s.rows), s.settings, s.ground)));
  }
}

TEST_CASE("under fcfs no job waits that could take its chips from lower ones") {
  // One pool, whole chips, one queue: then counting decides.
  class Watcher : public Auditor {
   public:
    using Auditor::Auditor;
    void job_submitted(const Job& job, double now_s) override {
      Auditor::job_submitted(job, now_s);
      look(now_s);
      waiting_.insert(&job);
    }
    void job_started(const JobRecord& r) override {
      look(r.start_s);
      Auditor::job_started(r);
      waiting_.erase(&r.job);
      holding_.insert(&r.job);
    }
    void job_preempted(const JobRecord& r) override {
      look(r.finish_s);
      Auditor::job_preempted(r);
      holding_.erase(&r.job);
      waiting_.insert(&r.job);
    }
    void job_ended(const JobRecord& r) override {
      look(r.finish_s);
      Auditor::job_ended(r);
      holding_.erase(&r.job);
      waiting_.erase(&r.job);
    }

   private:
    // As the last instant left it.
    void look(double now_s) {
      if (now_s == since_s_) return;
      since_s_ = now_s;
      const Job* head = nullptr;
      for (const Job* job : waiting_)
        if (!head || job->priority > head->priority || (job->priority == head->priority && job < head)) head = job;
      if (!head) return;
      std::int64_t chips = 16;
      for (const Job* job : holding_)
        if (!job->preemptible || job->priority >= head->priority) chips -= job->chips;
      if (chips >= head->chips) throw std::runtime_error(head->id + " waits and could take chips");
    }
    std::set<const Job*> waiting_, holding_;
    double since_s_ = -1;
  };
  for (std::uint64_t seed = 36000; seed < 36020; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    std::vector<Row> rows;
    for (int j = 0; j < 60; ++j)
      rows.push_back({.id = "j" + std::to_string(j),
                      .submit_s = static_cast<double>(dice(0, 120)),
                      .duration_s = static_cast<double>(dice(1, 60)),
                      .chips = dice(1, 12),
                      .priority = static_cast<std::int32_t>(dice(0, 3)),
                      .preemptible = !dice.one_in(3)});
    RunSettings settings;
    settings.policy = "fcfs";
    settings.preemption = JobPreemption::requeue;
    const Played p = played<Watcher>(site_of({chips_pool("a", 4, 4)}), workload(rows), settings);
    for (const Fate& f : p.jobs) CHECK(f.status == JobStatus::completed);
  }
}

TEST_CASE("where links break, jobs that are preempted are let go like others") {
  double preemptions = 0;
  for (std::uint64_t seed = 37000; seed < 37016; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const Site site = random_network(dice);
    std::vector<Row> rows = random_rows(dice, site, 24);
    train_some(dice, rows);
    let_some_give_way(dice, rows);
    RunSettings settings{.seed = seed, .policy = dice.one_in(2) ? "easy" : "fcfs"};
    settings.preemption = JobPreemption::requeue;
    settings.faults = random_link_faults(dice, site);
    const auto play = [&] { return played<Auditor>(site, workload(rows), settings, small_ground(site)); };
    const Played p = play();
    CHECK((p == play()));
    for (const Fate& f : p.jobs) preemptions += f.preemptions;
  }
  CHECK(preemptions > 20);
}
