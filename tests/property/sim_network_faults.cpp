// Random faults on random sites under random jobs: what must hold of every run.
#include <catch2/catch.hpp>
#include <cmath>

#include "platforms/topology/parts.hpp"
#include "sim/network/link_faults.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/random_network.hpp"
#include "tests/support/random_runs.hpp"
#include "tests/support/stored.hpp"

using namespace alight;
using namespace alight::test;

namespace {

/// Often: each cable and each switch some times in a run; and some of a trace.
std::shared_ptr<const FaultPlan> random_faults(Dice& dice, const Site& site) {
  const Faulty names(site);
  FaultPlan plan{.on_cut = dice.one_in(2) ? OnCut::stall : OnCut::fail};
  std::map<std::string, std::int64_t> cables;
  const std::vector<LinkIndex>& things = names.breakables().links();
  for (const LinkIndex l : things) cables[names.breakables().tier(l)] += names.breakables().cables(l);
  constexpr double kYear = 365 * 86400;
  RandomFaults random{.repair_s = static_cast<double>(dice(1, 60)),
                      .switch_repair_s = static_cast<double>(dice(1, 30)),
                      .flap_share = 0.3,
                      .flap_s = 2};
  for (const auto& [tier, count] : cables)
    random.classes.push_back({tier, "m", static_cast<double>(count) * kYear / static_cast<double>(dice(100, 1000))});
  if (names.breakables().switches() > 0)
    random.classes.push_back({"", "", names.breakables().switches() * kYear / static_cast<double>(dice(200, 2000))});
  if (!dice.one_in(4)) plan.random = random;
  double at_s = 0;
  std::map<LinkIndex, double> parts;
  for (std::int64_t i = dice(0, 12); i > 0; --i) {
    at_s += static_cast<double>(dice(0, 20));
    // Those of the storage come last.
    const std::int64_t last = std::ssize(things) - 1;
    const LinkIndex link =
        things[static_cast<std::size_t>(site.storage && dice.one_in(3) ? last - dice(0, 1) : dice(0, last))];
    double& part = parts.try_emplace(link, 1).first->second;
    part = part < 1 ? 1 : dice.one_in(2) ? 0 : 0.25;
    plan.events.push_back({at_s, {.kind = FaultTarget::Kind::link, .index = link}, part});
  }
  for (auto& [link, part] : parts)
    if (part < 1) plan.events.push_back({at_s + 100, {.kind = FaultTarget::Kind::link, .index = link}, 1});
  return std::make_shared<FaultPlan>(plan);
}

/// The auditor's books, and that no link carries more than is left of it.
class FaultAuditor : public Auditor {
 public:
  using Auditor::Auditor;
  void links_there(const std::vector<SharedLink>& links) override {
    links_ = links;
    part_.assign(links.size(), 1);
  }
  void link_broke(const LinkPart& p) override {
    part_[p.link] = p.part;
    if (links_[p.link].tier != "storage") part_[p.link + 1] = p.part;
  }
  void link_changed(const LinkState& s) override {
    const double most = part_.at(s.link) * links_[s.link].gbps * 1e9 / 8;
    if (!std::isfinite(s.bytes_per_s) || s.bytes_per_s > most * (1 + 1e-6))
      throw std::runtime_error(links_[s.link].name + " carries more than it can");
  }
  void job_ended(const JobRecord& r) override {
    if (r.lost_to_faults_s < 0 || r.lost_to_faults_s > r.network_lost_s * (1 + 1e-9) + 1e-6)
      throw std::runtime_error(r.job.id + " lost more to faults than to the network");
    if (r.pool && r.network_lost_s > (r.finish_s - r.start_s) * (1 + 1e-9))
      throw std::runtime_error(r.job.id + " lost more time than it had");
    Auditor::job_ended(r);
  }

 private:
  std::vector<SharedLink> links_;
  std::vector<double> part_;
};

/// A storage network of its own, or one that hangs on the network between the servers.
void add_storage(Dice& dice, Site& site) {
  site.storage = own_storage(static_cast<double>(dice(5, 40)), static_cast<double>(dice(5, 20)),
                             static_cast<double>(dice(1, 30)), dice.one_in(2) ? 0.1 : 0);
  if (dice.one_in(3)) return;
  if (site.networks.empty()) site.place = "main";
  site.storage->place = "main";
  site.storage->server_gbps = 0;
}

void store_some(Dice& dice, std::vector<Row>& rows) {
  static const char* words[] = {"load:weights ",           "load:checkpoint ckpt:7_steps_asynchronous ",
                                "load:20_GB data:2000_B ", "ckpt:3_steps ",
                                "ckpt:20_s data:9_kB ",    "load:5_GB ckpt:2_steps_50_GB_asynchronous "};
  for (Row& row : rows)
    if (row.tokens > 0 && !dice.one_in(4)) row.training = words[dice(0, 5)] + row.training;
}

void check_runs(std::uint64_t first, std::uint64_t last, Sharing sharing, bool stored = false) {
  int ended_by_faults = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    Site site = random_network(dice);
    if (stored) add_storage(dice, site);
    std::vector<Row> rows = random_rows(dice, site, sharing == Sharing::exact ? 6 : 24);
    train_some(dice, rows);
    if (stored) store_some(dice, rows);
    const Workload w = workload(rows);
    RunSettings settings{.seed = seed, .policy = dice.one_in(2) ? "easy" : "fcfs", .sharing = sharing};
    settings.faults = random_faults(dice, site);
    const auto play = [&] {
      return played<FaultAuditor>(site, w, settings, stored ? stored_ground(site) : small_ground(site));
    };
    const Played once = play();
    CHECK(once == play());
    for (const Fate& fate : once.jobs) {
      // All that broke was repaired: every job ended, or never could.
      CHECK(fate.status != JobStatus::waiting);
      CHECK(fate.status != JobStatus::running);
      CHECK(fate.status != JobStatus::not_submitted);
      ended_by_faults += fate.status == JobStatus::failed;
    }
  }
  CHECK(ended_by_faults > 0);
}

}  // namespace

TEST_CASE("whatever breaks: books balance, no link above what is left of it, every job ends, the same each time") {
  check_runs(1, 60, Sharing::fluid);
}

TEST_CASE("the same step by step") {
  check_runs(101, 130, Sharing::exact);
}

TEST_CASE("whatever breaks of a storage, or on the way to it, beside the rest") {
  check_runs(201, 280, Sharing::fluid, true);
  check_runs(1205, 1214, Sharing::fluid, true);  // 1207: a job whose own exchanges overfill a link
}

TEST_CASE("that step by step") {
  check_runs(301, 320, Sharing::exact, true);
}

TEST_CASE("faults of one class do not shift those of another") {
  const Site site = leaf_spine_site(4, 2);
  const Faulty names(site);
  FaultPlan plan;
  plan.random = RandomFaults{.classes = {{"leaf", "x", 3e6}}, .repair_s = 1, .switch_repair_s = 1};
  FaultPlan more = plan;
  more.random->classes.push_back({"", "", 3e6});
  LinkFaults one(plan, names.breakables(), names.routes(), 7), two(more, names.breakables(), names.routes(), 7);
  std::vector<std::string> of_one, of_two;
  for (int i = 0; i < 200; ++i) {
    const double now = one.next_s();
    for (const auto& change : one.advance(now)) of_one.push_back(std::to_string(now) + one.name_of(change.target));
    while (two.next_s() <= now) {
      const double then = two.next_s();
      for (const auto& change : two.advance(then))
        if (change.target.kind == FaultTarget::Kind::cable)
          of_two.push_back(std::to_string(then) + two.name_of(change.target));
    }
  }
  CHECK(of_one == of_two);
}

TEST_CASE("as many random failures as their rate says") {
  const Site site = leaf_spine_site(8, 4);
  const Faulty names(site);
  FaultPlan plan;
  plan.random = RandomFaults{.classes = {{"spine", "x", 1000}}, .repair_s = 1, .switch_repair_s = 1};
  LinkFaults faults(plan, names.breakables(), names.routes(), 3);
  int failures = 0;
  while (faults.next_s() < 365.0 * 86400)
    for (const auto& change : faults.advance(faults.next_s())) failures += change.part == 0;
  // 1000 a year, Poisson: within four standard deviations.
  CHECK(std::abs(failures - 1000) < 4 * std::sqrt(1000.0));
}
