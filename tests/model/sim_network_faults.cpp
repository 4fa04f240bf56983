// Broken networks against what follows by hand.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "sim/network/link_faults.hpp"
#include "sim/network/link_users.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/talkers.hpp"

using namespace alight;
using test::Faulty;
using test::leaf_spine_site;
using test::played;
using test::workload;

namespace {

/// Two jobs of `steps` steps of one second, of which each sends all the time as much as the uplink of a leaf carries:
/// servers 0 and 2, and 1 and 3, of two leaves of two. Their ends; what the plan breaks is set as it says.
std::vector<double> two_that_talk(Sharing sharing, double steps, const FaultPlan& plan) {
  const Exchange ring{.groups = {.ranks = 2, .stride = 1, .bases = 2},
                      .pattern = Pattern::ring,
                      .domain_bytes = 400e9 / 8,
                      .times = 1,
                      .seconds = 1,
                      .network_s = 1};
  const auto on = [](ServerIndex a, ServerIndex b) {
    return std::vector<Slice>{{.server = a, .chips = 1}, {.server = b, .chips = 1}};
  };
  return test::ends_of(leaf_spine_site(2, 2), sharing, {{ring, on(0, 2), steps}, {ring, on(1, 3), steps}}, plan);
}

}  // namespace

TEST_CASE("two jobs share a bundle of four cables, one dies at 4 s and is back at 12 s: 10 steps end at 22 s") {
  const Site site = leaf_spine_site(2, 2);
  Faulty faulty(site);
  REQUIRE(faulty.breakables().cables(faulty.index_of("leaf0_up")) == 4);
  faulty.cable(4, "leaf0_up", 2, 0).cable(12, "leaf0_up", 2, 1);
  // Together 2 s a step: 2 steps by 4 s. With three cables 8/3 s a step: 3 more by 12 s. The last 5 take 10 s.
  for (const Sharing sharing : {Sharing::fluid, Sharing::exact}) {
    const auto ends = two_that_talk(sharing, 10, faulty.plan());
    CHECK(ends[0] == Approx(22).epsilon(1e-9));
    CHECK(ends[1] == Approx(22).epsilon(1e-9));
  }
}

TEST_CASE("what is on its way when a cable dies goes on at the new pace") {
  const Site site = leaf_spine_site(2, 2);
  Faulty faulty(site);
  faulty.cable(1, "leaf1_up", 1, 0).cable(2, "leaf1_up", 3, 0).cable(5, "leaf1_up", 1, 1);
  // 4 steps of 2 s together. By 1 s half a step; by 2 s 3/8 more (8/3 s a step); by 5 s 3/4 more (4 s a step), 13/8 in
  // all; then three cables to the end: 19/8 steps of 8/3 s, 19/3 s.
  for (const Sharing sharing : {Sharing::fluid, Sharing::exact}) {
    const auto ends = two_that_talk(sharing, 4, faulty.plan());
    CHECK(ends[0] == Approx(5 + 19.0 / 3).epsilon(1e-9));
    CHECK(ends[1] == Approx(5 + 19.0 / 3).epsilon(1e-9));
  }
}

TEST_CASE("a dead bundle stops those on it, to the end of the fault") {
  const Site site = leaf_spine_site(2, 2);
  Faulty faulty(site);
  faulty.link(3, "leaf0_up", 0).link(103, "leaf0_up", 0.5).link(104, "leaf0_up", 1);
  // 1.5 steps by 3 s, then nothing for 100 s, a quarter of one (4 s a step) in a second, 2.25 of 2 s.
  for (const Sharing sharing : {Sharing::fluid, Sharing::exact}) {
    const auto ends = two_that_talk(sharing, 4, faulty.plan());
    CHECK(ends[0] == Approx(104 + 4.5).epsilon(1e-9));
    CHECK(ends[1] == Approx(104 + 4.5).epsilon(1e-9));
  }
}

TEST_CASE("a job below one leaf uses no shared link, but is slowed by a NIC that does a quarter, and no longer after") {
  const auto seen = test::in_child([]() -> std::vector<double> {
    const Site site = leaf_spine_site(2, 2);
    TrainingRate rate;
    rate.layout.data = 2;
    rate.step.seconds = rate.step.tokens = 1;
    rate.exchanges.push_back({.groups = {.ranks = 2, .stride = 1, .bases = 2},
                              .pattern = Pattern::ring,
                              .domain_bytes = 100e9 / 8,
                              .times = 1,
                              .seconds = 1,
                              .network_s = 1});
    Engine engine;
    struct World {
      Engine& engine;
      std::unique_ptr<LinkUsers> links;
      std::vector<double> seen;
      void repair(std::uint64_t) {
        seen.push_back(links->find(0)->step_s);
        seen.push_back(links->find(0)->tokens_left_at(engine.now()));
        links->set_part(links->routes().nic_up(1), 1);
        links->lay_anew(0);
      }
    } world{.engine = engine};
    world.links = make_link_users(site, Sharing::fluid, engine,
                                  {.changed = [](std::uint32_t, const Split&, const LinkUse&, std::optional<double>) {},
                                   .ended = [](std::uint32_t) {},
                                   .carries = [](const LinkState&) {}});
    world.links->let_break();
    const Slice held[] = {{.server = 0, .chips = 1, .servers = 2}};
    world.seen.push_back(world.links->begin(0, rate, held, 10));
    world.links->set_part(world.links->routes().nic_down(1), 0.25);
    world.seen.push_back(world.links->begin(0, rate, held, 10));
    engine.at(8, Turn::condition, Action::to<&World::repair>(&world));
    const std::atomic<bool> interrupt{false};
    engine.run(100, interrupt);
    const LinkUse& use = *world.links->find(0);
    world.seen.insert(world.seen.end(), {use.step_s, use.end_s(), use.lost_at(20), use.lost_to_faults_at(20)});
    return world.seen;
  });
  // 100 Gbps at 25 Gbps: 4 s a step, 2 of 10 steps by 8 s; the other 8 in 8 s. 6 of the first 8 s are lost.
  CHECK(seen == std::vector<double>{0, 1, 4, 8, 1, 16, 6, 6});
}

TEST_CASE("a dead spine takes its share of every leaf's cables; cables that hang on it are not counted twice") {
  const Site site = leaf_spine_site(3, 4, 2);
  Faulty faulty(site);
  // Cables of a leaf go to the spines in turn: #1 and #3 of leaf 0 to spine 0.
  faulty.switch_(1, "spine 0", 0).cable(2, "leaf0_up", 1, 0).cable(3, "leaf0_up", 2, 0);
  faulty.switch_(4, "spine 0", 1);
  LinkFaults faults(faulty.plan(), faulty.breakables(), faulty.routes(), 1);
  const auto part = [&](int leaf) { return faults.part(faulty.index_of("leaf" + std::to_string(leaf) + "_up")); };
  faults.advance(1);
  CHECK(faults.moved().size() == 3);
  for (const int leaf : {0, 1, 2}) CHECK(part(leaf) == 0.5);
  faults.advance(2);
  CHECK(part(0) == 0.5);
  faults.advance(3);
  CHECK(part(0) == 0.25);
  CHECK(faults.blame(faulty.index_of("leaf0_up")) == "leaf0_up #2");
  faults.advance(4);
  CHECK(part(0) == 0.5);
  CHECK(part(1) == 1);
}

TEST_CASE("a dead core takes its share of every pod; a dead leaf the NICs on it and the way up") {
  Site site = leaf_spine_site(4, 2, 2);
  site.tiers[1].down_ports = 2;  // two leaves to a pod
  site.tiers.push_back({.name = "core", .rate_gbps = 100, .down_ports = 4});
  number(site);
  Faulty faulty(site);
  const std::int64_t cables = faulty.breakables().cables(faulty.index_of("pod1_up"));
  REQUIRE(cables == 8);
  faulty.switch_(1, "core 0", 0).switch_(2, "leaf 3", 0);
  LinkFaults faults(faulty.plan(), faulty.breakables(), faulty.routes(), 1);
  faults.advance(1);
  const Clos clos = clos_of(site);
  for (const char* pod : {"pod0_up", "pod1_up"})
    CHECK(faults.part(faulty.index_of(pod)) == Approx(1 - 1.0 / static_cast<double>(clos.cores)));
  faults.advance(2);
  CHECK(faults.part(faulty.index_of("leaf3_up")) == 0);
  CHECK(faults.part(faulty.routes().nic_up(6)) == 0);
  CHECK(faults.part(faulty.routes().nic_up(5)) == 1);
}

TEST_CASE("a leaf dead for 20 s: a job across it stands still, one beside it and one on one server do not") {
  const Site site = leaf_spine_site(2, 4);
  Faulty faulty(site);
  faulty.switch_(30, "leaf 1", 0).switch_(50, "leaf 1", 1);
  // a: servers 0 to 5; b: server 6 alone; server 7 is idle.
  const auto w = workload({{.id = "a", .duration_s = 100, .chips = 6},
                           {.id = "b", .submit_s = 1, .duration_s = 100},
                           {.id = "c", .submit_s = 35, .duration_s = 10}});
  const auto run = played(site, w, faulty.settings({.policy = "fcfs"}));
  CHECK(run.jobs[0].finish_s == 120);
  CHECK(run.jobs[0].status == JobStatus::completed);
  CHECK(run.jobs[1].finish_s == 101);
  // Only server 7 is free, and it is out until 50 s.
  CHECK(run.jobs[2].start_s == 50);
  CHECK(run.end_s == 120);
  CHECK(run.chip_seconds(0, ChipState::failed) == 20);
  CHECK(run.chip_seconds(0, ChipState::exposed_comm) == 6 * 20);
  CHECK(run.chip_seconds(0, ChipState::opaque) == 6 * 100 + 100 + 10);

  SECTION("by the other policy it fails, and its servers on that leaf are out until then") {
    faulty.fail();
    const auto failed = played(site, w, faulty.settings({.policy = "fcfs"}));
    CHECK(failed.jobs[0].status == JobStatus::failed);
    CHECK(failed.jobs[0].finish_s == 30);
    CHECK(failed.jobs[2].start_s == 35);  // on a server of leaf 0
    CHECK(failed.chip_seconds(0, ChipState::failed) == 3 * 20);
    CHECK(failed.chip_seconds(0, ChipState::exposed_comm) == 0);
  }
  SECTION("killed at its requested time, it stands still until then") {
    const auto killed =
        played(site, workload({{.id = "a", .duration_s = 100, .chips = 6, .estimate_s = 110, .kill = true}}),
               faulty.settings());
    CHECK(killed.jobs[0].status == JobStatus::killed);
    CHECK(killed.jobs[0].finish_s == 110);
  }
  SECTION("a job below the leaf stands still too, in the instant of the fault") {
    const auto below = played(site,
                              workload({{.id = "x", .duration_s = 200, .chips = 4},
                                        {.id = "y", .submit_s = 1, .duration_s = 100, .chips = 4}}),
                              faulty.settings({.policy = "fcfs"}));
    CHECK(below.jobs[0].finish_s == 200);
    CHECK(below.jobs[1].finish_s == 121);
  }
  SECTION("a job that is done in that very instant is done") {
    const auto done = played(site, workload({{.id = "z", .duration_s = 30, .chips = 8}}), faulty.settings());
    CHECK(done.jobs[0].finish_s == 30);
    CHECK(done.end_s == 30);
  }
  SECTION("what is never repaired is waited for without end, and said so") {
    Faulty lasting(site);
    lasting.switch_(30, "leaf 1", 0);
    const auto still = played(site, w, lasting.settings({.policy = "fcfs"}));
    CHECK(still.jobs[0].status == JobStatus::running);
    CHECK(still.jobs[1].finish_s == 101);
    CHECK(still.jobs[2].status == JobStatus::waiting);
  }
}

TEST_CASE("a share of a chip and a processor job on a server that is cut off: what is free of it is out") {
  Site site = leaf_spine_site(2, 1);
  site.pools[0].server.cpu_cores = 8;
  number(site);
  Faulty faulty(site);
  faulty.switch_(10, "leaf 0", 0).switch_(110, "leaf 0", 1);
  // Of equal parts that of server 0 counts as the network: server 1 is out. Half of it is held until 60 s.
  const auto w = workload({{.id = "a", .duration_s = 200},
                           {.id = "b", .submit_s = 1, .duration_s = 59, .chip_milli = 500},
                           {.id = "c", .submit_s = 20, .duration_s = 5, .chip_milli = 500}});
  const auto run = played(site, w, faulty.settings({.policy = "fcfs"}));
  CHECK(run.jobs[1].finish_s == 60);
  CHECK(run.jobs[2].start_s == 110);
  CHECK(run.chip_seconds(0, ChipState::failed) == 0.5 * 50 + 50);
}
