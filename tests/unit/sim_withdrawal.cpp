// Waiting jobs that are needed no longer: each policy goes on as if they had never come.
#include <catch2/catch.hpp>

#include "sim/scheduler/policy.hpp"
#include "tests/support/random_runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

/// Eight chips under a policy, and what it starts. Jobs by number: chips and requested time.
class Waiting {
 public:
  explicit Waiting(const std::string& policy, std::vector<std::pair<std::int64_t, double>> jobs) {
    const std::uint32_t all = requests_.intern_pools({0});
    for (const auto& [chips, estimate_s] : jobs)
      jobs_.push_back({.request = requests_.intern({.chips = chips, .eligible = all}), .estimate_s = estimate_s});
    scheduler_ = std::make_unique<Scheduler>(
        cluster_, requests_, jobs_, std::vector<Queue>(1), std::vector<std::vector<double>>{{1.0}}, make_policy(policy),
        make_placement("pack", site_, stream(1, "placement")),
        [this](JobIndex j, PoolIndex, const Allocation&) { started.push_back(j); }, [](JobIndex) {});
  }
  Scheduler& scheduler() { return *scheduler_; }
  void submit(const std::vector<JobIndex>& jobs) {
    for (const JobIndex j : jobs) scheduler_->submit(j);
  }
  std::vector<JobIndex> decide() {
    started.clear();
    scheduler_->decide(now_s_++);
    return started;
  }

 private:
  Site site_ = site_of({chips_pool("p", 1, 8)});
  Cluster cluster_{site_};
  ChipRequests requests_;
  std::vector<Candidate> jobs_;
  std::vector<JobIndex> started;
  std::unique_ptr<Scheduler> scheduler_;
  double now_s_ = 0;
};

const std::vector<std::string> kThatWait = {"conservative", "easy", "easy_bf_fast", "fcfs", "sjf"};

using Jobs = std::vector<JobIndex>;

}  // namespace

TEST_CASE("what waited behind a head that is withdrawn starts at once") {
  for (const std::string& policy : kThatWait) {
    INFO(policy);
    Waiting w(policy, {{4, 10}, {8, 100}, {4, 1e6}});
    w.submit({0, 1, 2});
    CHECK(w.decide() == Jobs{0});
    w.scheduler().withdraw(1);
    CHECK(w.decide() == Jobs{2});
    CHECK(w.scheduler().waiting() == 0);
    CHECK(w.scheduler().waiting_for(0) == 0);
  }
}

TEST_CASE("any of those that wait may be withdrawn, before or after it was looked at") {
  for (const std::string& policy : kThatWait)
    for (const JobIndex gone : {1, 2, 3})
      for (const bool looked_at : {false, true}) {
        INFO(policy << ", job " << gone << (looked_at ? "" : " not") << " looked at");
        Waiting w(policy, {{8, 50}, {8, 60}, {8, 70}, {8, 80}});
        w.submit({0, 1, 2, 3});
        if (looked_at) CHECK(w.decide() == Jobs{0});
        w.scheduler().withdraw(gone);
        CHECK(w.decide() == (looked_at ? Jobs{} : Jobs{0}));
        JobIndex runs = 0;
        for (const JobIndex next : {1, 2, 3}) {
          if (next == gone) continue;
          w.scheduler().finished(runs);
          CHECK(w.decide() == Jobs{next});
          runs = next;
        }
        w.scheduler().finished(runs);
        CHECK(w.decide().empty());
        CHECK(w.scheduler().waiting() == 0);
      }
}

TEST_CASE("a job that was withdrawn may come again") {
  for (const std::string& policy : kThatWait) {
    INFO(policy);
    Waiting w(policy, {{8, 50}, {8, 60}, {8, 70}});
    w.submit({0, 1, 2});
    CHECK(w.decide() == Jobs{0});
    for (int times = 0; times < 3; ++times) {
      w.scheduler().withdraw(1);
      if (times == 1) CHECK(w.decide().empty());
      w.submit({1});
      CHECK(w.decide().empty());
    }
    w.scheduler().finished(0);
    const Jobs first = w.decide();
    REQUIRE(first.size() == 1);
    w.scheduler().finished(first[0]);
    const Jobs second = w.decide();
    REQUIRE(second.size() == 1);
    CHECK(first[0] + second[0] == 3);
    CHECK(w.scheduler().waiting() == 0);
  }
}

TEST_CASE("a policy that tries once forgets what is withdrawn before it is tried") {
  Waiting w("once", {{8, 50}, {8, 60}});
  w.submit({0, 1});
  w.scheduler().withdraw(0);
  CHECK(w.decide() == Jobs{1});
}
