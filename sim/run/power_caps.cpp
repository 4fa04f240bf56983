#include "sim/run/power_caps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "models/power/cap.hpp"

namespace alight {
namespace {

/// Clocks are found by what a job draws alone; where others on its links change that, they are found again, so much
/// further down.
constexpr int kMostClockings = 6;
constexpr double kMargin = 1e-9;

}  // namespace

PowerCaps::PowerCaps(const Building& building, const Site& site, const Workload& workload, Engine& engine,
                     const Cluster& cluster, ServersOut& out, CappedRun& run, JobClocks& clocks,
                     std::vector<Recorder*> recorders)
    : building_(building),
      workload_(workload),
      engine_(engine),
      cluster_(cluster),
      out_(out),
      run_(run),
      clocks_(clocks),
      recorders_(std::move(recorders)),
      draws_(building, site, engine, cluster,
             {.most_w = [this](JobIndex job, const Allocation& on) { return run_.most_w(job, on); },
              .changed = [this](std::size_t d) { changed(d); }}),
      held_(draws_.domains().size()),
      servers_(held_.size()),
      curves_([this](JobIndex job, PoolIndex pool, double clock) { return run_.chip_w(job, pool, clock); }),
      counts_(building.caps.size()),
      reports_(building.caps.size()) {
  for (const PowerCap& cap : building.caps) refuses_ = refuses_ || cap.may_refuse();
  for (ServerIndex s = 0; s < static_cast<ServerIndex>(site.servers); ++s) {
    draws_.for_domains(s, [&](std::size_t d) {
      if (cap_of(d).policy == AtCap::switch_off) servers_[d].push_back(s);
    });
    if (cluster.condition(s) != Condition::undelivered) delivered(s, s + 1);
  }
  post_limits();
}

void PowerCaps::delivered(ServerIndex first, ServerIndex end) {
  for (ServerIndex s = first; s < end; ++s) switched(s, true);
}

void PowerCaps::switched(ServerIndex s, bool on) {
  draws_.power(s, on && !out_.out(s, OutFor::no_power) && !out_.out(s, OutFor::too_hot));
}

// A job that starts after the limits were thought to come round in vain may have others after it.
void PowerCaps::draws(JobIndex job, const HeldParts& held, const Allocation& on, std::span<const double> chip_w) {
  if (tried_in_vain_) post_limits();
  draws_.draws(job, held, on, chip_w);
}

void PowerCaps::gone(JobIndex job) {
  for (const JobClocks::Asker asker : clocks_.askers(job))
    if (asker < held_.size()) held_[asker].clocked.erase(job);
  draws_.gone(job);
}

void PowerCaps::post_limits() {
  tried_in_vain_ = false;
  limits_posted_ = true;
  engine_.at(engine_.now(), Turn::record, Action::to<&PowerCaps::limits_change>(this));
}

// -- The controller

void PowerCaps::changed(std::size_t d) {
  if (!posted_ && !looking_ && held_[d].met && !held_[d].held_back && !held_[d].any() && draws_.surely_within(d))
    return;
  touched_.insert(d);
  if (posted_ || looking_) return;
  posted_ = true;
  engine_.at(engine_.now() + building_.control_interval_s, Turn::record, Action::to<&PowerCaps::look>(this));
}

void PowerCaps::look(std::uint64_t) {
  posted_ = false;
  if (run_.goes_on()) look_now();
}

void PowerCaps::limits_change(std::uint64_t) {
  limits_posted_ = false;
  if (!run_.goes_on()) return;
  draws_.hour_begins();
  for (std::size_t d = 0; d < held_.size(); ++d) touched_.insert(d);
  look_now();
  if (refuses_) run_.power_came();
  const double now = engine_.now();
  double next = std::numeric_limits<double>::infinity(), period = 0;
  for (const PowerCap& cap : building_.caps) {
    const bool weather = cap.level == CapLevel::utility && building_.weather;
    next = std::min(
        {next, cap.limit.next_change_s(now, building_.start), weather ? next_hour_s(now, building_.start) : next});
    period = std::max({period, cap.limit.period_s(), weather ? kYearOfHoursS : 0});
  }
  // What waits after all limits have come round will wait for ever.
  if (!run_.only_waits())
    only_waits_since_s_ = -1;
  else if (only_waits_since_s_ < 0)
    only_waits_since_s_ = now;
  else if (period > 0 && now - only_waits_since_s_ > period)
    tried_in_vain_ = true;
  if (tried_in_vain_) return;
  limits_posted_ = std::isfinite(next);
  if (limits_posted_) engine_.at(next, Turn::record, Action::to<&PowerCaps::limits_change>(this));
}

// First what concerns each domain by itself, from racks outwards; then, where one's jobs were raised into another's
// limit, only downwards.
void PowerCaps::look_now() {
  run_.touch();
  looking_ = true;
  std::set<std::size_t> todo;
  todo.swap(touched_);
  for (const std::size_t d : todo) {
    const AtCap policy = cap_of(d).policy;
    const bool kept = draws_.within(d);
    if (policy == AtCap::switch_off && !kept) switch_off(d);
    if (policy == AtCap::switch_off && kept) switch_on(d);
    if ((policy == AtCap::uniform || policy == AtCap::by_priority) && (!kept || !held_[d].clocked.empty()))
      clock_down(d, Again::anew);
  }
  for (bool again = true; again;) {
    again = false;
    todo.merge(touched_);
    touched_.clear();
    for (const std::size_t d : todo) {
      if (draws_.within(d)) continue;
      const AtCap policy = cap_of(d).policy;
      if (policy == AtCap::switch_off) switch_off(d);
      if (policy == AtCap::uniform || policy == AtCap::by_priority) clock_down(d, Again::only_lower);
    }
    for (const std::size_t d : touched_) again = again || !todo.contains(d);
  }
  touched_.clear();
  for (const std::size_t d : todo) note(d);
  looking_ = false;
}

void PowerCaps::clock_down(std::size_t d, Again again) {
  const PowerDraws::Domain& domain = draws_.domains()[d];
  const PowerCap& cap = cap_of(d);
  PoolDraws fixed = domain.draw;
  std::vector<CapGroup> groups;
  std::vector<PoolIndex> pool_of;
  std::vector<std::pair<JobIndex, std::size_t>> group_of;  // of one of its pools: all go at one clock
  std::map<std::tuple<const DrawCurves::Curve*, double, std::int32_t>, std::size_t> alike;
  for (const auto& [of, milli] : domain.jobs) {
    const auto [job, pool] = of;
    if (!run_.can_be_clocked(job)) continue;
    const double top = again == Again::only_lower ? clocks_.now(job) : clocks_.lowest_but(job, d);
    DrawCurves::Curve& curve = curves_.of(run_.alike(job, pool));
    const std::int32_t priority = cap.policy == AtCap::by_priority ? workload_.jobs[job].priority : 0;
    const auto [at, fresh] = alike.try_emplace({&curve, top, priority}, groups.size());
    if (fresh) {
      pool_of.push_back(pool);
      groups.push_back({.unit_w = [this, &curve, job = job,
                                   pool = pool](double clock) { return 1e-3 * curves_.at(curve, job, pool, clock); },
                        .priority = priority,
                        .highest_clock = top});
    }
    groups[at->second].units += milli;
    fixed[pool] -= draws_.draw_of(job, pool) * milli;
    if (group_of.empty() || group_of.back().first != job) group_of.emplace_back(job, at->second);
  }
  std::vector<double> fixed_w, pool_w;
  for (const PowerDraws::Nanowatts nw : fixed) fixed_w.push_back(PowerDraws::watts(nw));
  const double limit = draws_.limit_w(d);
  Cap asked{.limit_w = limit,
            .policy = cap.policy == AtCap::by_priority ? CapPolicy::by_priority : CapPolicy::uniform,
            .meter =
                [&](std::span<const double> group_w) {
                  pool_w = fixed_w;
                  for (std::size_t g = 0; g < group_w.size(); ++g) pool_w[pool_of[g]] += group_w[g];
                  return draws_.metered_w(d, pool_w);
                },
            .clock_step = kClockStep};
  for (int round = 0; round < kMostClockings; ++round) {
    const CapResult result = apply_cap(groups, asked);
    for (const auto& [job, group] : group_of) {
      if (!draws_.has(job)) continue;  // a service that ended gave all its replicas back
      const double clock = result.groups[group].clock, top = groups[group].highest_clock;
      if (clock < top || again == Again::anew) ask(job, d, clock < top ? clock : 1);
    }
    if (draws_.within(d)) return;
    // Down from what was thought to be drawn, which a job between two checkpoints may pass by more than the limit does.
    asked.limit_w = std::min(asked.limit_w, result.power_w) - (draws_.drawn_w(d) - limit + kMargin * limit);
  }
}

void PowerCaps::ask(JobIndex job, std::size_t d, double clock) {
  if (clock < 1)
    held_[d].clocked.insert(job);
  else
    held_[d].clocked.erase(job);
  const auto now = clocks_.ask(job, d, clock);
  double& least = reports_[draws_.domains()[d].cap].lowest_clock;
  if (now) least = std::min(least, *now);
}

// Until what is left keeps the limit whatever its jobs do: one that waits for its checkpoint now computes soon.
void PowerCaps::switch_off(std::size_t d) {
  const PowerDraws::Domain& domain = draws_.domains()[d];
  std::set<JobIndex> done;
  while (!draws_.within(d, domain.promised)) {
    if (switch_off_unused(d)) continue;
    std::optional<JobIndex> next;
    const auto before = [&](JobIndex a, JobIndex b) {
      const std::int32_t pa = workload_.jobs[a].priority, pb = workload_.jobs[b].priority;
      return std::tuple(pa, -run_.started_s(a), b) < std::tuple(pb, -run_.started_s(b), a);
    };
    for (const auto& [of, milli] : domain.jobs)
      if (const JobIndex job = of.first; !done.contains(job) && (!next || before(job, *next))) next = job;
    if (!next) return;
    if (run_.lose_power(*next, fmt::format("switched off by the {}", cap_of(d).name)))
      ++reports_[domain.cap].jobs_cut;
    else
      done.insert(*next);
  }
}

// From the last on, as few as do.
bool PowerCaps::switch_off_unused(std::size_t d) {
  std::vector<ServerIndex> unused;
  for (auto s = servers_[d].rbegin(); s != servers_[d].rend(); ++s)
    if (draws_.powered(*s) && !draws_.used(*s) && draws_.idle(*s) > 0) unused.push_back(*s);
  if (unused.empty()) return false;
  const auto kept_without = [&](std::size_t number) {
    PoolDraws then = draws_.domains()[d].promised;
    for (std::size_t i = 0; i < number; ++i) then[cluster_.pool_of(unused[i])] -= draws_.idle(unused[i]);
    return draws_.within(d, then);
  };
  std::size_t low = 0, high = unused.size();  // `low` do not do
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    (kept_without(middle) ? high : low) = middle;
  }
  unused.resize(high);
  for (const ServerIndex s : unused) {
    draws_.power(s, false);
    out_.take(s, OutFor::no_power);
    off_[s] = d;
    ++held_[d].off;
  }
  tell_switched(d, "switched off", unused);
  const std::size_t cap = draws_.domains()[d].cap;
  std::int64_t off = 0;
  for (std::size_t each = 0; each < held_.size(); ++each)
    if (draws_.domains()[each].cap == cap) off += held_[each].off;
  reports_[cap].servers_off = std::max(reports_[cap].servers_off, off);
  return true;
}

// From the first on, as many as may be.
void PowerCaps::switch_on(std::size_t d) {
  if (held_[d].off == 0) return;
  std::vector<ServerIndex> servers;
  for (const auto& [server, by] : off_)
    if (by == d) servers.push_back(server);
  const auto may = [&](std::size_t number) { return draws_.may_power(std::span(servers).first(number)); };
  if (!may(1)) return;
  std::size_t low = 1, high = servers.size() + 1;
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    (may(middle) ? low : high) = middle;
  }
  servers.resize(low);
  for (const ServerIndex s : servers) {
    off_.erase(s);
    --held_[d].off;
    out_.give_back(s, OutFor::no_power);
    switched(s, true);
  }
  tell_switched(d, "switched on", servers);
}

// -- What is told

void PowerCaps::count(std::size_t cap, double now_s) {
  Count& count = counts_[cap];
  if (count.held_back > 0) reports_[cap].capped_s += now_s - count.since_s;
  if (count.not_met > 0) reports_[cap].not_met_s += now_s - count.since_s;
  count.since_s = now_s;
}

void PowerCaps::note(std::size_t d) {
  Held& held = held_[d];
  const bool held_back = held.any(), met = draws_.within(d);
  if (held_back == held.held_back && met == held.met) return;
  const std::size_t cap = draws_.domains()[d].cap;
  count(cap, engine_.now());
  counts_[cap].held_back += (held_back ? 1 : 0) - (held.held_back ? 1 : 0);
  counts_[cap].not_met += (met ? 0 : 1) - (held.met ? 0 : 1);
  if (held_back != held.held_back) tell(d, held_back ? "capped" : "no longer capped");
  if (met != held.met) tell(d, met ? "cap met again" : "cap not met");
  held.held_back = held_back;
  held.met = met;
}

void PowerCaps::tell_switched(std::size_t d, std::string_view kind, const std::vector<ServerIndex>& servers) {
  std::map<PoolIndex, std::int64_t> by_pool;
  for (const ServerIndex s : servers) ++by_pool[cluster_.pool_of(s)];
  for (const auto& [pool, number] : by_pool)
    for (Recorder* r : recorders_) r->site_event({engine_.now(), kind, pool, number, cap_of(d).name});
}

void PowerCaps::tell(std::size_t d, std::string_view kind) {
  const PowerCap& cap = cap_of(d);
  const std::string& where = cap.domains[draws_.domains()[d].number].name;
  const std::string subject = where.empty() ? cap.name : fmt::format("{}: {}", cap.name, where);
  for (Recorder* r : recorders_) r->site_event({engine_.now(), kind, SiteEvent::kNoPool, 0, subject});
}

std::vector<CapReport> PowerCaps::reports(double end_s) {
  for (std::size_t c = 0; c < counts_.size(); ++c)
    if (counts_[c].since_s < end_s) count(c, end_s);
  return reports_;
}

}  // namespace alight
