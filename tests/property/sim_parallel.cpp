// Tasks as demands on shared links against SimGrid's own parallel tasks, which get the whole matrix; and what must hold
// in every run of parallel jobs.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "platforms/simgrid/builder.hpp"
#include "platforms/simgrid/compat.hpp"
#include "sim/engine/shared_tasks.hpp"
#include "tests/support/random_runs.hpp"
#include "tests/support/sites.hpp"
#include "tests/support/star_site.hpp"

using namespace alight;
using namespace alight::test;

namespace {

struct Timed {
  double start_s = 0;
  std::vector<TaskRank> ranks;
  ParallelTask task;
};

ParallelTask random_task(Dice& dice, std::size_t ranks) {
  ParallelTask task;
  if (dice.one_in(2)) {
    task.flops_each = 1e8 * static_cast<double>(dice(0, 60));
    task.bytes_each = dice.one_in(5) ? 0 : 1e7 * static_cast<double>(dice(1, 60));
    return task;
  }
  for (std::size_t i = 0; i < ranks; ++i) task.flops.push_back(1e8 * static_cast<double>(dice(0, 60)));
  for (std::size_t i = 0; i < ranks; ++i)
    for (std::size_t j = 0; j < ranks; ++j)
      task.bytes.push_back(i == j || dice.one_in(2) ? 0 : 1e7 * static_cast<double>(dice(1, 90)));
  return task;
}

/// Tasks on hosts of their own, in random order of the hosts, starting one after another.
std::vector<Timed> random_tasks(Dice& dice, const Site& site) {
  std::vector<std::int64_t> servers;
  for (std::int64_t s = 0; s < site.servers; ++s) servers.push_back(s);
  for (std::size_t i = servers.size(); i > 1; --i)
    std::swap(servers[i - 1], servers[static_cast<std::size_t>(dice(0, static_cast<std::int64_t>(i) - 1))]);
  std::vector<Timed> tasks;
  for (std::size_t at = 0; at < servers.size();) {
    const auto n = std::min<std::size_t>(static_cast<std::size_t>(dice(1, 6)), servers.size() - at);
    Timed& timed = tasks.emplace_back();
    timed.start_s = 0.37 * static_cast<double>(dice(0, 12));
    std::sort(servers.begin() + static_cast<std::ptrdiff_t>(at), servers.begin() + static_cast<std::ptrdiff_t>(at + n));
    for (std::size_t i = 0; i < n; ++i) timed.ranks.push_back({servers[at + i], true});
    timed.task = random_task(dice, n);
    at += n;
  }
  return tasks;
}

/// What SimGrid makes of the tasks, with all their bytes, in all its detail.
std::vector<double> of_simgrid(const Site& site, const std::vector<Timed>& tasks) {
  return test::in_child([&] {
    namespace sg = simgrid_compat;
    using simgrid::s4u::Exec;
    sg::silence();
    int argc = 1;
    char name[] = "test";
    char* arguments[] = {name, nullptr};
    char** argv = arguments;
    simgrid::s4u::Engine engine(&argc, argv);
    simgrid::s4u::Engine::set_config("host/model:ptask_L07");
    const BuiltPlatform built = build_platform(site, engine);
    std::vector<double> ends(tasks.size(), -1);
    std::vector<simgrid::s4u::ExecPtr> held(tasks.size());
    sg::on_completion<Exec>([&](const Exec& exec) {
      for (std::size_t t = 0; t < held.size(); ++t)
        if (held[t].get() == &exec) ends[t] = simgrid::s4u::Engine::get_clock();
    });
    for (std::size_t t = 0; t < tasks.size(); ++t)
      simgrid::kernel::timer::Timer::set(tasks[t].start_s, [&, t] {
        const Timed& timed = tasks[t];
        std::vector<simgrid::s4u::Host*> hosts;
        std::vector<double> flops, bytes;
        const std::size_t n = timed.ranks.size();
        for (std::size_t i = 0; i < n; ++i) {
          hosts.push_back(built.hosts[static_cast<std::size_t>(timed.ranks[i].server)]);
          flops.push_back(timed.task.flops_of(i));
          for (std::size_t j = 0; j < n; ++j)
            bytes.push_back(i == j ? 0 : timed.task.alike() ? timed.task.bytes_each : timed.task.bytes[i * n + j]);
        }
        held[t] = Exec::init();
        held[t]->set_flops_amounts(flops);
        held[t]->set_bytes_amounts(bytes);
        held[t]->set_hosts(hosts);
        held[t]->start();
      });
    engine.run();
    return ends;
  });
}

/// Ours: the same tasks as demands.
class Ours {
 public:
  Ours(const Site& site, const std::vector<Timed>& tasks)
      : tasks_(tasks),
        engine_(false, [&](auto& simgrid) { routes_ = std::make_unique<TaskRoutes>(site, simgrid); }),
        shared_(engine_, "test", [this](std::uint64_t t, SharedTasks::Outcome) { ends_[t] = engine_.now(); }),
        demands_(tasks.size()),
        ends_(tasks.size(), -1) {
    for (std::size_t t = 0; t < tasks.size(); ++t)
      engine_.at(tasks[t].start_s, Turn::runtime, Action::to<&Ours::start>(this, t));
  }
  std::vector<double> play() {
    const std::atomic<bool> interrupt{false};
    engine_.run(1e9, interrupt);
    return ends_;
  }

 private:
  void start(std::uint64_t t) {
    demands_[t] = routes_->demand(tasks_[t].task, tasks_[t].ranks);
    const double moves_s = engine_.now() + demands_[t].latency_s;
    if (demands_[t].loads.empty())
      ends_[t] = moves_s + demands_[t].alone_s;
    else
      engine_.at(moves_s, Turn::runtime, Action::to<&Ours::open>(this, t));
  }
  void open(std::uint64_t t) { shared_.open(t, demands_[t], 1e9); }

  const std::vector<Timed>& tasks_;
  std::unique_ptr<TaskRoutes> routes_;
  Engine engine_;
  SharedTasks shared_;
  std::vector<TaskDemand> demands_;
  std::vector<double> ends_;
};

void check_against_simgrid(const Site& site, Dice& dice) {
  const std::vector<Timed> tasks = random_tasks(dice, site);
  const std::vector<double> theirs = of_simgrid(site, tasks);
  const std::vector<double> ours = test::in_child([&] { return Ours(site, tasks).play(); });
  REQUIRE(ours.size() == theirs.size());
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    INFO("task " << t << " of " << tasks[t].ranks.size() << " ranks from " << tasks[t].start_s << " s");
    CHECK(ours[t] == Approx(theirs[t]).epsilon(1e-9));
  }
}

Site one_chip_site(std::uint64_t seed) {
  Site site = random_site(seed);
  for (Pool& pool : site.pools) {
    pool.server.chips = 1;
    pool.chip.bf16_tflops = 1e-3;
    pool.nic_gbps /= 10;
  }
  for (Tier& tier : site.tiers) tier.rate_gbps /= 10;
  number(site);
  return site;
}

std::vector<Row> random_parallel_rows(Dice& dice, const Site& site, std::int64_t count) {
  std::vector<Row> rows = random_rows(dice, site, count);
  for (Row& row : rows) {
    if (row.chips == 0 || row.chip_milli != 1000 || !dice.one_in(2)) continue;
    const auto amount = [&](double scale) { return fmt::format(" {}", scale * static_cast<double>(dice(0, 40))); };
    row.task = "each" + amount(1e9) + amount(1e9);
    if (dice.one_in(3)) row.task += " then delay" + amount(0.1);
    if (dice.one_in(3)) row.task += " then each 0" + amount(1e8);
    if (dice.one_in(3)) row.task += " times 3";
    row.duration_s = 0;
    if (!row.kill) row.estimate_s = 0;
  }
  return rows;
}

}  // namespace

TEST_CASE("tasks end when SimGrid's own parallel tasks do: hosts around a backbone") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Dice dice(seed);
    INFO("seed " << seed);
    check_against_simgrid(star_site(static_cast<int>(dice(2, 40)), fmt::format("{}MBps", 100 * dice(1, 20)),
                                    fmt::format("{}MBps", 100 * dice(1, 40)), dice.one_in(3) ? "0us" : "20us"),
                          dice);
  }
}

TEST_CASE("tasks end when SimGrid's own parallel tasks do: leaves, spines and cores") {
  // SimGrid's window on latencies is for platform files; without latencies there is none.
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    Dice dice(seed);
    Site site = one_chip_site(seed);
    for (Tier& tier : site.tiers) tier.latency_s = dice.one_in(2) ? 0 : tier.latency_s;
    INFO("seed " << seed);
    check_against_simgrid(site, dice);
  }
}

TEST_CASE("tasks end when SimGrid's own parallel tasks do: zones read from a file") {
  Diagnostics d;
  const auto site = import_xml(std::string(ALIGHT_SOURCE_DIR) + "/docs/examples/compare/three-zones.xml", d);
  REQUIRE(site);
  for (std::uint64_t seed = 200; seed < 206; ++seed) {
    Dice dice(seed);
    INFO("seed " << seed);
    check_against_simgrid(*site, dice);
  }
}

TEST_CASE("runs with parallel jobs keep every chip-second, whatever the policy; twice they are the same") {
  std::uint64_t seed = 300;
  for (const char* policy : {"fcfs", "easy", "easy_bf_fast", "sjf"})
    for (const char* placement : {"pack", "spread", "random"}) {
      Dice dice(++seed);
      Site site = dice.one_in(2) ? random_pools(dice) : random_site(seed);
      for (Pool& pool : site.pools) pool.chip.bf16_tflops = 1e-3 * static_cast<double>(dice(1, 3));
      std::vector<Row> rows = random_parallel_rows(dice, site, 60);
      RunSettings settings{.seed = seed, .policy = policy, .placement = placement};
      settings.ledger_bin_s = static_cast<double>(dice(3, 50));
      if (dice.one_in(3)) settings.horizon_s = static_cast<double>(dice(1, 300));
      INFO(policy << ", " << placement << ", seed " << seed);
      const Played once = played<Auditor>(site, workload(rows), settings);
      for (const Fate& f : once.jobs)
        if (once.how == Engine::End::finished)
          CHECK((f.status != JobStatus::running && f.status != JobStatus::waiting));
      for (std::size_t i = rows.size(); i > 1; --i)
        std::swap(rows[i - 1], rows[static_cast<std::size_t>(dice(0, static_cast<std::int64_t>(i) - 1))]);
      settings.lockstep = dice.one_in(2);
      CHECK((once == played<Auditor>(site, workload(rows), settings)));
    }
}
