// Servers that heat switches off, and what is told and reported of it.
#include <fmt/format.h>

#include <algorithm>

#include "sim/run/run_heat.hpp"

namespace alight {

void RunHeat::switch_off(std::size_t l) {
  Loop& loop = loops_[l];
  loop.off = true;
  const std::string subject = fmt::format("{}: supply at {:.1f} C", plan(l).name, loop.supply.temperature_c());
  const std::vector<JobIndex> jobs(loop.jobs.begin(), loop.jobs.end());
  for (const JobIndex job : jobs) {
    if (!jobs_.contains(job)) continue;
    const PoolIndex pool = jobs_.at(job).front().pool;
    if (run_.lose_power(job, "switched off for heat: " + subject)) ++reports_[pool].jobs_cut;
  }
  switch_servers(l, false, subject);
}

void RunHeat::switch_on(std::size_t l) {
  Loop& loop = loops_[l];
  loop.off = false;
  switch_servers(l, true, fmt::format("{}: supply at {:.1f} C", plan(l).name, loop.supply.temperature_c()));
  run_.power_came();
}

void RunHeat::switch_servers(std::size_t l, bool on, const std::string& subject) {
  for (const std::size_t p : plan(l).pools) {
    std::int64_t servers = 0;
    for (ServerIndex s = cluster_.first_server(static_cast<PoolIndex>(p));
         s < cluster_.end_server(static_cast<PoolIndex>(p)); ++s) {
      if (cluster_.condition(s) != Condition::undelivered && !out_.out(s, OutFor::no_power)) ++servers;
      if (on)
        out_.give_back(s, OutFor::too_hot);
      else
        out_.take(s, OutFor::too_hot);
      hooks_.switched(s, on);
    }
    tell(p, on ? "cool again" : "switched off for heat", servers, subject);
  }
}

// What holds from now on, until time passes.
void RunHeat::note(std::size_t l) {
  Loop& loop = loops_[l];
  const double c = loop.supply.temperature_c();
  for (auto& [pool, watts] : loop.hottest_w) watts = 0;
  std::map<std::size_t, Flags> flags;
  for (const JobIndex job : loop.jobs)
    for (const Part& part : jobs_.at(job)) {
      if (loop_of_[part.pool] != l) continue;
      double& hottest_w = loop.hottest_w[part.pool];
      hottest_w = std::max(hottest_w, part.die_w);
      if (loop.clocked.contains(job)) flags[part.pool].throttled = true;
      if (c > loop.safe_c && above(l, job, part)) flags[part.pool].above = true;
    }
  for (const std::size_t p : plan(l).pools) {
    const Flags now = flags[p];
    if (now.throttled != flags_[p].throttled)
      tell(p, now.throttled ? "throttled by heat" : "no longer throttled by heat", 0,
           fmt::format("{}: supply at {:.1f} C", plan(l).name, c));
    flags_[p] = now;
  }
  if (loop.supply.held() != loop.told_held) {
    loop.told_held = loop.supply.held();
    tell(SiteEvent::kNoPool, loop.told_held ? "supply held again" : "supply not held", 0,
         fmt::format("{}: {:.1f} C, {} of {} units", plan(l).name, c, loop.running, plan(l).all_units()));
  }
}

void RunHeat::tell(std::size_t pool, std::string_view kind, std::int64_t servers, const std::string& subject) {
  for (Recorder* r : recorders_) r->site_event({engine_.now(), kind, pool, servers, subject});
}

// The arc since the last change belongs to the bin up to its end, and goes on from there in the next.
void RunHeat::bin_ends(double end_s) {
  for (std::size_t l = 0; l < loops_.size(); ++l) {
    Loop& loop = loops_[l];
    const double at_end_c = loop.supply.after_c(end_s - loop.settled_s);
    const double high_c = std::max({loop.bin_high_c, loop.supply.temperature_c(), at_end_c});
    for (const std::size_t p : plan(l).pools)
      for (Recorder* r : recorders_) r->supply_in_bin(p, high_c);
    loop.bin_high_c = at_end_c;
  }
}

std::vector<HeatReport> RunHeat::reports(double end_s) {
  for (std::size_t l = 0; l < loops_.size(); ++l)
    if (end_s > loops_[l].settled_s) settle(l, end_s);
  return reports_;
}

}  // namespace alight
