// What breaks of a small site, drawn at random: causes of every kind, outages, maintenance, spares.
#pragma once

#include <memory>

#include "models/reliability/rates.hpp"
#include "sim/run/breakdown_plan.hpp"
#include "tests/support/random_runs.hpp"
#include "tests/support/stored.hpp"

namespace alight::test {

/// Jobs of every kind until a horizon, some of which write checkpoints; in a third of the sites to a storage.
inline RandomRun random_checkpointing_run(Dice& dice, std::uint64_t seed, std::int64_t jobs) {
  RandomRun s;
  s.site = random_pools(dice);
  s.rows = random_rows(dice, s.site, jobs);
  const bool stored = dice.one_in(3);
  train_some(dice, s.rows);
  if (!stored && dice.one_in(2)) mix_some(dice, s.site, s.rows);
  static const char* words[] = {"load:weights ", "load:checkpoint ckpt:7_steps_asynchronous ", "ckpt:3_steps ",
                                "ckpt:2_s data:9_kB ", "ckpt:1_s_asynchronous "};
  for (Row& row : s.rows) {
    if (row.tokens > 0 && row.mix.parts.empty() && !dice.one_in(4)) row.training = words[dice(0, 4)] + row.training;
    row.preemptible = dice.one_in(3);
    if (dice.one_in(4)) row.priority = static_cast<std::int32_t>(dice(1, 4));
  }
  if (stored)
    s.site.storage = own_storage(static_cast<double>(dice(1, 40)), static_cast<double>(dice(1, 20)),
                                 static_cast<double>(dice(1, 30)), dice.one_in(2) ? 0.1 : 0);
  s.ground = stored ? stored_ground(s.site) : small_ground(s.site);
  s.settings.seed = seed;
  if (dice.one_in(2)) s.settings.preemption = JobPreemption::requeue;
  if (dice.one_in(2)) s.settings.checkpoint_s = static_cast<double>(dice(1, 20));
  s.settings.ledger_bin_s = static_cast<double>(dice(3, 50));
  s.settings.horizon_s = static_cast<double>(dice(50, 2000));
  return s;
}

/// Makes training jobs with checkpoints of some of the rows, which may go on with fewer chips.
inline void elastic_some(Dice& dice, RandomRun& s) {
  const bool stored = s.site.storage.has_value();
  for (Row& row : s.rows) {
    if (row.chips == 0 || row.chip_milli != 1000 || !row.mix.parts.empty() || dice.one_in(3)) continue;
    const std::int64_t tensor = dice.one_in(2) ? 1 : 2, replicas = dice(2, 6);
    row.chips = tensor * replicas;
    row.model = "small";
    row.training = "ckpt:" + std::to_string(dice(1, 9)) + (dice.one_in(2) ? "_steps" : "_s") +
                   (stored && dice.one_in(3) ? "_asynchronous" : "") + " elastic:" + std::to_string(dice(1, replicas)) +
                   "_grow_" + std::to_string(dice(1, 30)) + "_s" + (dice.one_in(2) ? " start2.5" : "") +
                   (stored && dice.one_in(3) ? " load:weights" : "") + " tp" + std::to_string(tensor) + " gb" +
                   std::to_string(dice(replicas, 40) / replicas * replicas) + " seq512";
    row.tokens = static_cast<double>(dice(20, 200) * row.chips) * 2e4;
    row.duration_s = 0;
    if (!row.kill) row.estimate_s = 0;
  }
}

/// Servers that break for a while, by the way.
inline void more_outages(Dice& dice, const Site& site, BreakdownPlan& plan) {
  for (std::int64_t n = dice(2, 6); n > 0; --n) {
    const Pool& pool = site.pools[static_cast<std::size_t>(dice(0, std::ssize(site.pools) - 1))];
    const double at_s = static_cast<double>(dice(5, 200));
    const auto server = static_cast<ServerIndex>(pool.first_server + dice(0, pool.servers - 1));
    plan.outages.push_back({.at_s = at_s,
                            .first = server,
                            .end = server + 1,
                            .what = "fan",
                            .until_s = at_s + static_cast<double>(dice(5, 100))});
  }
  std::stable_sort(plan.outages.begin(), plan.outages.end(),
                   [](const auto& a, const auto& b) { return a.at_s < b.at_s; });
}

inline std::shared_ptr<const BreakdownPlan> random_breakdowns(Dice& dice, const Site& site) {
  auto plan = std::make_shared<BreakdownPlan>();
  plan->detection_s = static_cast<double>(dice(0, 4));
  plan->drain_s = static_cast<double>(dice.one_in(2) ? 0 : dice(1, 9));
  plan->test_s = static_cast<double>(dice.one_in(2) ? 0 : dice(1, 5));
  plan->crews = dice(0, 2);
  if (dice.one_in(4)) plan->on_failure = OnFailure::fail;
  for (std::int64_t c = dice(0, 3); c > 0; --c) {
    BreakdownPlan::Cause& cause = plan->causes.emplace_back();
    cause.of.name = "cause " + std::to_string(c);
    cause.of.per = static_cast<Per>(dice(0, 3));
    const double devices =
        cause.of.per == Per::chip ? static_cast<double>(site.chips) : static_cast<double>(site.servers);
    cause.of.per_year = kSecondsPerYear / static_cast<double>(dice(20, 200)) / devices;
    if (dice.one_in(3)) cause.of.wear = {.scale_s = static_cast<double>(dice(50, 500)), .shape = 3};
    cause.stream = cause.of.name;
    for (PoolIndex p = 0; p < site.pools.size(); ++p)
      if (!dice.one_in(4)) cause.pools.push_back(p);
    cause.takes_server = !dice.one_in(4);
    cause.detection_s = static_cast<double>(dice(0, 4));
    if (cause.takes_server) cause.of.repair = RepairTime{.mean_s = static_cast<double>(dice(2, 40)), .median_s = {}};
    if (cause.takes_server && dice.one_in(2)) cause.of.repair->median_s = cause.of.repair->mean_s / 2;
  }
  for (std::int64_t o = dice(0, 4); o > 0; --o) {
    BreakdownPlan::Outage& outage = plan->outages.emplace_back();
    const Pool& pool = site.pools[static_cast<std::size_t>(dice(0, std::ssize(site.pools) - 1))];
    outage.at_s = static_cast<double>(dice(0, 100));
    outage.first = static_cast<ServerIndex>(pool.first_server + dice(0, pool.servers - 1));
    outage.end = outage.first + 1;
    outage.what = "outage";
    if (dice.one_in(2)) {
      outage.until_s = outage.at_s + static_cast<double>(dice(1, 60));
    } else {
      outage.why = OutFor::maintenance;
      outage.lasts_s = static_cast<double>(dice(1, 60));
      outage.end = static_cast<ServerIndex>(pool.first_server + pool.servers);
    }
  }
  std::stable_sort(plan->outages.begin(), plan->outages.end(),
                   [](const auto& a, const auto& b) { return a.at_s < b.at_s; });
  for (PoolIndex p = 0; p < site.pools.size(); ++p)
    if (dice.one_in(3) && site.pools[p].servers > 1) plan->spares[p] = dice(1, site.pools[p].servers - 1);
  return plan;
}

}  // namespace alight::test
