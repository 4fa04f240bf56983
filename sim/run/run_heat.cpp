#include "sim/run/run_heat.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/power/cap.hpp"

namespace alight {
namespace {

/// So far below what needs a lower clock a supply has cooled before the higher one comes back: else a loop whose units
/// can just not carry the heat would change clocks without end in one instant. An assumption.
constexpr double kBack_k = 1;
/// A chip just at its limit is not above it.
constexpr double kRounding_k = 1e-9;
constexpr int kFullStep = 94, kLowestStep = 14;  // of kClockStep
constexpr unsigned kLoopBits = 20;

double clock_of_step(int step) {
  return step == kFullStep ? 1 : std::max(kLowestClock, step * kClockStep);
}

}  // namespace

RunHeat::RunHeat(const Building& building, const Site& site, std::uint64_t seed, Engine& engine, const Cluster& cluster,
                 ServersOut& out, CappedRun& run, JobClocks& clocks, Hooks hooks, std::vector<Recorder*> recorders)
    : building_(building),
      site_(site),
      engine_(engine),
      cluster_(cluster),
      out_(out),
      run_(run),
      clocks_(clocks),
      hooks_(std::move(hooks)),
      recorders_(std::move(recorders)),
      loop_of_(site.pools.size(), 0),
      drawn_(site.pools.size(), 0),
      curves_([this](JobIndex job, PoolIndex pool, double clock) { return run_.alone_w(job, pool, clock); }),
      flags_(site.pools.size()),
      reports_(site.pools.size()),
      units_(*building.heat, seed, engine,
             {.goes_on = [this] { return run_.goes_on() && (run_.touch(), true); },
              .changed = [this](std::size_t l, std::int64_t running) { units_changed(l, running); }},
             recorders_) {
  for (const StatePower& of_pool : building.power)
    idle_.push_back(PowerDraws::nanowatts(of_pool.watts[static_cast<std::size_t>(ChipState::idle)]));
  for (std::size_t l = 0; l < building.heat->loops.size(); ++l) {
    const CoolingLoop& loop = plan(l);
    const HallCooling& cooling = of(static_cast<PoolIndex>(loop.pools.front())).cooling;
    std::vector<double> set_c;
    if (building.weather)
      for (const Air& air : building.weather->air) set_c.push_back(held_supply_c(cooling, air));
    const bool same = std::ranges::all_of(set_c, [&](double c) { return c == set_c.front(); });
    if (same) set_c.assign(1, set_c.empty() ? held_supply_c(cooling, building.outside) : double{set_c.front()});
    varies_ = varies_ || !same;
    double safe_c = std::numeric_limits<double>::infinity();
    for (const std::size_t p : loop.pools) {
      loop_of_[p] = l;
      safe_c = std::min(safe_c, of(static_cast<PoolIndex>(p)).throttles_above_c());
    }
    const Supply supply(loop.units, set_c.front(), loop.all_units());
    loops_.push_back({.supply = supply,
                      .running = loop.all_units(),
                      .safe_c = safe_c,
                      .jobs = {},
                      .clocked = {},
                      .hottest_w = {},
                      .set_c = std::move(set_c)});
    loops_.back().supply.set_point(set_now_c(loops_.back()));
  }
  for (ServerIndex s = 0; s < static_cast<ServerIndex>(site.servers); ++s) {
    const PoolIndex p = cluster.pool_of(s);
    if (cluster.condition(s) != Condition::undelivered && !out_.out(s, OutFor::no_power))
      drawn_[p] += idle_[p] * cluster.chips_per_server(p) * 1000;
  }
  for (std::size_t l = 0; l < loops_.size(); ++l) {
    loops_[l].posted = true;
    engine_.at(0, Turn::record, Action::to<&RunHeat::look>(this, l));
  }
  if (varies_) post_hours();
}

double RunHeat::set_now_c(const Loop& loop) const {
  return set_at_c(loop, engine_.now());
}

double RunHeat::set_at_c(const Loop& loop, double now_s) const {
  if (loop.set_c.size() == 1) return loop.set_c.front();
  const auto hour = building_.weather->hours.of(static_cast<double>(building_.start.unix_s) + now_s);
  return hour ? loop.set_c[*hour] : loop.set_c.front();
}

// -- What it is told

void RunHeat::powered(PoolIndex p, std::int64_t milli) {
  drawn_[p] += idle_[p] * milli;
  changed(loop_of_[p]);
}

void RunHeat::draws(JobIndex job, const HeldParts& held, std::span<const double> chip_w,
                    std::span<const double> die_w) {
  if (varies_ && !hours_posted_) {
    hours_posted_ = true;
    engine_.at(engine_.now(), Turn::record, Action::to<&RunHeat::hour>(this));
  }
  std::vector<Part>& parts = jobs_[job];
  if (parts.empty())
    for (const PoolPart& part : held.parts()) {
      const auto p = static_cast<PoolIndex>(part.pool);
      parts.push_back({.pool = p, .milli = part.held_milli, .now = idle_[p]});
      loops_[loop_of_[p]].jobs.insert(job);
    }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Part& part = parts[i];
    const Nanowatts now = PowerDraws::nanowatts(chip_w[i]);
    drawn_[part.pool] += (now - part.now) * part.milli;
    part.now = now;
    part.die_w = die_w[i];
    Loop& loop = loops_[loop_of_[part.pool]];
    double& hottest_w = loop.hottest_w[part.pool];
    hottest_w = std::max(hottest_w, quiet(loop_of_[part.pool]) ? part.die_w : 0);
  }
  for (const Part& part : parts) changed(loop_of_[part.pool]);
}

void RunHeat::gone(JobIndex job) {
  const auto at = jobs_.find(job);
  if (at == jobs_.end()) return;
  const std::vector<Part> parts = std::move(at->second);
  jobs_.erase(at);
  for (const Part& part : parts) {
    drawn_[part.pool] += (idle_[part.pool] - part.now) * part.milli;
    Loop& loop = loops_[loop_of_[part.pool]];
    loop.jobs.erase(job);
    loop.clocked.erase(job);
  }
  for (const Part& part : parts) changed(loop_of_[part.pool]);
}

void RunHeat::units_changed(std::size_t l, std::int64_t running) {
  settle(l, engine_.now());
  loops_[l].supply.heat(heat_w(l));
  loops_[l].supply.run(running);
  loops_[l].running = running;
  changed(l);
}

double RunHeat::heat_w(std::size_t l) const {
  double watts = 0;
  for (const std::size_t p : plan(l).pools) watts += PowerDraws::watts(drawn_[p]) * building_.pool_heat[p].carried;
  return watts;
}

// -- Looks

// Held by units that are enough whatever is drawn, and so cool that no chip is too hot.
bool RunHeat::quiet(std::size_t l) const {
  const Loop& loop = loops_[l];
  return loop.supply.held() && loop.running >= plan(l).units.needed && loop.clocked.empty() && !loop.off &&
         loop.supply.temperature_c() <= std::min(loop.safe_c, plan(l).shutdown_c - kRounding_k);
}

void RunHeat::changed(std::size_t l) {
  Loop& loop = loops_[l];
  if (l == acting_ || loop.posted || quiet(l)) return;
  loop.posted = true;
  engine_.at(engine_.now(), Turn::record, Action::to<&RunHeat::look>(this, l));
}

void RunHeat::look(std::uint64_t l) {
  loops_[l].posted = false;
  if (!run_.goes_on()) return;
  settle(l, engine_.now());
  act(l);
}

void RunHeat::reached(std::uint64_t which) {
  const std::size_t l = which & ((std::uint64_t{1} << kLoopBits) - 1);
  if (loops_[l].ticket != which >> kLoopBits || !run_.goes_on()) return;
  settle(l, engine_.now(), loops_[l].limit_c);
  act(l);
}

void RunHeat::hour(std::uint64_t) {
  hours_posted_ = false;
  if (!run_.goes_on()) return;
  bool off = false;
  for (std::size_t l = 0; l < loops_.size(); ++l) {
    const double c = set_now_c(loops_[l]);
    if (c != loops_[l].supply.set_c()) {
      settle(l, engine_.now());
      loops_[l].supply.set_point(c);
      act(l);
    }
    off = off || loops_[l].off;
  }
  // Weather can change nothing for what waits, but bring back servers; after a year it has not.
  if (!run_.only_waits())
    only_waits_since_s_ = -1;
  else if (!off || (only_waits_since_s_ >= 0 && engine_.now() - only_waits_since_s_ > kYearOfHoursS))
    return;
  else if (only_waits_since_s_ < 0)
    only_waits_since_s_ = engine_.now();
  post_hours();
}

// At the next hour whose weather gives some supply another set point.
void RunHeat::post_hours() {
  double next_s = engine_.now();
  const auto another = [&](const Loop& loop) { return set_at_c(loop, next_s) != loop.supply.set_c(); };
  do {
    next_s = next_hour_s(next_s, building_.start);
    if (next_s > engine_.now() + kYearOfHoursS) return;
  } while (std::ranges::none_of(loops_, another));
  hours_posted_ = true;
  engine_.at(next_s, Turn::record, Action::to<&RunHeat::hour>(this));
}

// What has been since, with what chips drew then.
void RunHeat::settle(std::size_t l, double now_s, std::optional<double> reached_c) {
  Loop& loop = loops_[l];
  hooks_.close_bins(now_s);
  const double seconds = now_s - loop.settled_s, from_c = loop.supply.temperature_c();
  const bool held = loop.supply.held();
  if (reached_c)
    loop.supply.arrive(*reached_c);
  else if (seconds > 0)
    loop.supply.pass(seconds);
  if (seconds <= 0) return;
  loop.settled_s = now_s;
  const double high_c = std::max(from_c, loop.supply.temperature_c());
  loop.bin_high_c = std::max(loop.bin_high_c, high_c);
  for (const std::size_t p : plan(l).pools) {
    HeatReport& report = reports_[p];
    const PoolHeat& heat = building_.pool_heat[p];
    const double die_w = std::max(loop.hottest_w[static_cast<PoolIndex>(p)],
                                  loop.off ? 0 : heat.die.watts[static_cast<std::size_t>(ChipState::idle)]);
    report.highest_supply_c = std::max(report.highest_supply_c, high_c);
    report.highest_chip_c = std::max(report.highest_chip_c, chip_temperature_c(heat.thermals, high_c, die_w));
    if (flags_[p].throttled) report.throttled_s += seconds;
    if (flags_[p].above) report.above_s += seconds;
    if (loop.off) report.off_s += seconds;
    if (!held) report.short_s += seconds;
  }
}

void RunHeat::act(std::size_t l) {
  Loop& loop = loops_[l];
  run_.touch();
  acting_ = l;
  loop.supply.heat(heat_w(l));
  const double c = loop.supply.temperature_c(), shutdown_c = plan(l).shutdown_c;
  if (!loop.off && c >= shutdown_c) switch_off(l);
  if (loop.off && c < shutdown_c && (plan(l).restart_c ? c <= *plan(l).restart_c : loop.supply.held())) switch_on(l);
  clock_jobs(l);
  loop.supply.heat(heat_w(l));
  acting_ = kNone;
  note(l);
  date(l);
}

// -- Clocks

double RunHeat::limit_c(JobIndex job, PoolIndex pool, int step) {
  const double w = curves_.at(curves_.of(run_.alike(job, pool)), job, pool, clock_of_step(step));
  return of(pool).thermals.throttle_c - of(pool).thermals.resistance_k_w * w;
}

int RunHeat::asked_step(JobIndex job, std::size_t l) const {
  return static_cast<int>(std::llround(clocks_.asked(job, JobClocks::heat(l)) / kClockStep));
}

int RunHeat::step_for(std::size_t l, JobIndex job) {
  const Supply& supply = loops_[l].supply;
  const double c = supply.temperature_c();
  // Where all its parts fit.
  const auto highest = [&](const auto& fits) {
    const auto all_fit = [&](int step) {
      return std::ranges::all_of(jobs_.at(job), [&](const Part& part) {
        return loop_of_[part.pool] != l || fits(limit_c(job, part.pool, step));
      });
    };
    if (all_fit(kFullStep)) return kFullStep;
    int low = kLowestStep, high = kFullStep;
    while (high - low > 1) {
      const int middle = (low + high) / 2;
      (all_fit(middle) ? low : high) = middle;
    }
    return low;
  };
  if (supply.held()) return highest([&](double limit_c) { return c <= limit_c + kRounding_k; });
  const int now = asked_step(job, l), down = highest([&](double limit_c) { return c < limit_c; });
  if (down < now) return down;
  return std::max(now, highest([&](double limit_c) { return c <= limit_c - kBack_k; }));
}

// Its chips are too hot, and nothing is left to be done.
bool RunHeat::above(std::size_t l, JobIndex job, const Part& part) {
  const bool clocked = run_.can_be_clocked(job);
  if (clocked && asked_step(job, l) > kLowestStep) return false;
  const Supply& supply = loops_[l].supply;
  const ChipThermals& thermals = of(part.pool).thermals;
  const double limit =
      clocked ? limit_c(job, part.pool, kLowestStep) : thermals.throttle_c - thermals.resistance_k_w * part.die_w;
  return supply.temperature_c() > limit + kRounding_k || (supply.rises() && supply.temperature_c() >= limit);
}

void RunHeat::clock_jobs(std::size_t l) {
  Loop& loop = loops_[l];
  // A supply on its way up is there when it reaches the limit, not when it has passed it.
  if (loop.clocked.empty() && loop.supply.temperature_c() < loop.safe_c) return;
  const std::vector<JobIndex> jobs(loop.jobs.begin(), loop.jobs.end());
  for (const JobIndex job : jobs) {
    // A replica that is clocked is played until now, and may end with its service.
    if (!jobs_.contains(job) || !run_.can_be_clocked(job)) continue;
    const int step = step_for(l, job);
    if (step == asked_step(job, l)) continue;
    const double clock = clock_of_step(step);
    clocks_.ask(job, JobClocks::heat(l), clock);
    if (!jobs_.contains(job)) continue;
    if (step < kFullStep)
      loop.clocked.insert(job);
    else
      loop.clocked.erase(job);
    for (const Part& part : jobs_.at(job)) {
      if (loop_of_[part.pool] != l) continue;
      reports_[part.pool].lowest_clock = std::min(reports_[part.pool].lowest_clock, clock);
    }
  }
}

// -- Dates

std::optional<double> RunHeat::next_limit_c(std::size_t l) {
  Loop& loop = loops_[l];
  const double now_c = loop.supply.temperature_c();
  const bool rises = loop.supply.rises();
  if (!rises && !loop.supply.falls()) return std::nullopt;
  std::optional<double> next;
  const auto may_be = [&](double c) {
    if (rises ? c > now_c && (!next || c < *next) : c < now_c && (!next || c > *next)) next = c;
  };
  if (!rises) may_be(loop.supply.held_from_c());
  if (!loop.off) may_be(plan(l).shutdown_c);
  if (loop.off && plan(l).restart_c) may_be(*plan(l).restart_c);
  for (const JobIndex job : loop.jobs) {
    for (const Part& part : jobs_.at(job)) {
      if (loop_of_[part.pool] != l) continue;
      if (!run_.can_be_clocked(job)) {
        may_be(of(part.pool).thermals.throttle_c - of(part.pool).thermals.resistance_k_w * part.die_w);
        continue;
      }
      const int step = asked_step(job, l);
      if (rises || step == kLowestStep) may_be(limit_c(job, part.pool, step));
      if (!rises && step < kFullStep) may_be(limit_c(job, part.pool, step + 1) - kBack_k);
    }
  }
  return next;
}

void RunHeat::date(std::size_t l) {
  Loop& loop = loops_[l];
  ++loop.ticket;
  const auto limit_c = next_limit_c(l);
  const auto seconds = limit_c ? loop.supply.seconds_until(*limit_c) : std::nullopt;
  if (!seconds) return;
  loop.limit_c = *limit_c;
  engine_.at(engine_.now() + *seconds, Turn::record, Action::to<&RunHeat::reached>(this, loop.ticket << kLoopBits | l));
}

}  // namespace alight
