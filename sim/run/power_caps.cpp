#include "sim/run/power_caps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/power/cap.hpp"
#include "sim/runtime/clocked.hpp"

namespace alight {
namespace {

/// Of the sums that are compared with a limit: draws are rounded to nanowatts of a thousandth of a chip.
constexpr double kRoundingOfDraws = 1e-9;
/// Clocks are found by what a job draws alone; where others on its links change that, they are found again.
constexpr int kMostClockings = 6;

std::int64_t nanowatts(double chip_w) {
  return std::llround(chip_w * 1e6);
}

double watts(std::int64_t nanowatts) {
  return static_cast<double>(nanowatts) * 1e-9;
}

}  // namespace

PowerCaps::PowerCaps(const Building& building, const Site& site, const Workload& workload, Engine& engine,
                     const Cluster& cluster, ServersOut& out, CappedRun& run, std::vector<Recorder*> recorders)
    : building_(building),
      site_(site),
      workload_(workload),
      engine_(engine),
      cluster_(cluster),
      out_(out),
      run_(run),
      recorders_(std::move(recorders)),
      powered_(static_cast<std::size_t>(site.servers), false),
      used_(static_cast<std::size_t>(site.servers), 0),
      counts_(building.caps.size()),
      reports_(building.caps.size()) {
  const PoolDraws none(site.pools.size(), 0);
  for (const StatePower& power : building.power)
    idle_.push_back(nanowatts(power.watts[static_cast<std::size_t>(ChipState::idle)]));
  for (std::size_t c = 0; c < building.caps.size(); ++c) {
    first_domain_.push_back(domains_.size());
    refuses_ = refuses_ || building.caps[c].may_refuse();
    for (std::size_t d = 0; d < building.caps[c].domains.size(); ++d)
      domains_.push_back({.cap = c, .number = d, .draw = none, .promised = none, .unused = none});
  }
  servers_.resize(domains_.size());
  for (const PowerCap& cap : building.caps)
    for (std::int64_t server = 0; server < site.servers; ++server)
      domain_of_.push_back(cap.domain_of_rack[static_cast<std::size_t>(site.rack_of_server(server))]);
  outside_ = building.outside_at(0);
  for (ServerIndex s = 0; s < static_cast<ServerIndex>(site.servers); ++s) {
    for_domains(s, [&](std::size_t d) {
      if (cap_of(domains_[d]).policy == AtCap::switch_off) servers_[d].push_back(s);
    });
    if (cluster.condition(s) != Condition::undelivered && !out.out(s, OutFor::no_power)) power(s, true);
  }
  engine_.at(0, Turn::record, Action::to<&PowerCaps::limits_change>(this));
}

template <class Call>
void PowerCaps::for_domains(ServerIndex server, const Call& call) const {
  for (std::size_t c = 0; c < building_.caps.size(); ++c)
    if (const std::int32_t d = domain_of_[c * powered_.size() + server]; d >= 0)
      call(first_domain_[c] + static_cast<std::size_t>(d));
}

// -- What is drawn

void PowerCaps::power(ServerIndex server, bool on) {
  if (powered_[server] == on) return;
  powered_[server] = on;
  const PoolIndex p = cluster_.pool_of(server);
  const Nanowatts idle = (on ? 1 : -1) * idle_[p] * cluster_.chips_per_server(p) * 1000;
  for_domains(server, [&](std::size_t d) {
    Domain& domain = domains_[d];
    domain.draw[p] += idle;
    domain.promised[p] += idle;
    if (used_[server] == 0) domain.unused[p] += idle;
    changed(d);
  });
}

void PowerCaps::use(ServerIndex server, std::int64_t milli) {
  const bool before = used_[server] > 0;
  used_[server] += milli;
  if (before == (used_[server] > 0) || !powered_[server]) return;
  const PoolIndex p = cluster_.pool_of(server);
  const Nanowatts idle = idle_[p] * cluster_.chips_per_server(p) * 1000;
  for_domains(server, [&](std::size_t d) { domains_[d].unused[p] += before ? idle : -idle; });
}

void PowerCaps::delivered(PoolIndex, ServerIndex first, ServerIndex end) {
  for (ServerIndex s = first; s < end; ++s)
    if (!out_.out(s, OutFor::no_power)) power(s, true);
}

PowerCaps::Drawing& PowerCaps::add(JobIndex job, const Allocation& on) {
  Drawing& drawing = drawing_[job];
  if (!limits_posted_) engine_.at(engine_.now(), Turn::record, Action::to<&PowerCaps::limits_change>(this));
  limits_posted_ = true;
  std::map<std::pair<std::size_t, PoolIndex>, std::int64_t> shares;
  drawing.servers.reserve(on.size());
  for (const Slice& slice : on)
    for (ServerIndex s = slice.server; s < slice.server + slice.servers; ++s) {
      const std::int64_t milli = slice.milli() / slice.servers;
      drawing.servers.emplace_back(s, milli);
      use(s, milli);
      for_domains(s, [&](std::size_t d) { shares[{d, cluster_.pool_of(s)}] += milli; });
    }
  for (const auto& [where, milli] : shares) {
    drawing.shares.push_back({where.first, where.second, milli});
    domains_[where.first].jobs[job] += milli;
  }
  for (const auto& [pool, most_w] : run_.most_w(job, on))
    drawing.parts.push_back({.pool = pool, .now = idle_[pool], .most = nanowatts(most_w)});
  for (const Share& share : drawing.shares)
    for (const PartDraw& part : drawing.parts)
      if (part.pool == share.pool)
        domains_[share.domain].promised[part.pool] += (part.most - idle_[part.pool]) * share.milli;
  return drawing;
}

void PowerCaps::draws(JobIndex job, const HeldParts& held, const Allocation& on, std::span<const double> chip_w) {
  const auto known = drawing_.find(job);
  Drawing& drawing = known == drawing_.end() ? add(job, on) : known->second;
  const JobType type = workload_.jobs[job].type;
  const bool at_most = type == JobType::service || type == JobType::parallel;
  for (PartDraw& part : drawing.parts) {
    Nanowatts now = part.most;
    for (std::size_t i = 0; i < held.parts().size() && !at_most; ++i)
      if (held.parts()[i].pool == part.pool) now = nanowatts(chip_w[i]);
    for (const Share& share : drawing.shares)
      if (share.pool == part.pool) domains_[share.domain].draw[part.pool] += (now - part.now) * share.milli;
    part.now = now;
  }
  for (const Share& share : drawing.shares) changed(share.domain);
}

void PowerCaps::gone(JobIndex job) {
  const auto at = drawing_.find(job);
  if (at == drawing_.end()) return;
  const Drawing drawing = std::move(at->second);
  drawing_.erase(at);
  for (const auto& [server, milli] : drawing.servers) use(server, -milli);
  for (const Share& share : drawing.shares) {
    Domain& domain = domains_[share.domain];
    domain.jobs.erase(job);
    domain.clocked.erase(job);
    for (const PartDraw& part : drawing.parts) {
      if (part.pool != share.pool) continue;
      domain.draw[part.pool] += (idle_[part.pool] - part.now) * share.milli;
      domain.promised[part.pool] += (idle_[part.pool] - part.most) * share.milli;
    }
  }
  for (const Share& share : drawing.shares) changed(share.domain);
}

double PowerCaps::metered_w(const Domain& domain, std::span<const double> pool_w) const {
  const CapLevel level = cap_of(domain).level;
  if (level == CapLevel::utility) return building_.meter_w(pool_w, outside_);
  double sum = level == CapLevel::site ? building_.network_w : 0;
  for (const double w : pool_w) sum += w;
  return sum;
}

double PowerCaps::metered_w(const Domain& domain, const PoolDraws& draw) const {
  const bool meter = cap_of(domain).level == CapLevel::utility;
  if (meter && draw == metered_.draw) return metered_.watts;
  std::vector<double> pool_w;
  for (const Nanowatts nw : draw) pool_w.push_back(watts(nw));
  const double sum = metered_w(domain, pool_w);
  if (meter) metered_ = {.draw = draw, .watts = sum};
  return sum;
}

double PowerCaps::limit_w(const Domain& domain) const {
  const PowerCap& cap = cap_of(domain);
  return cap.limit.at(engine_.now(), building_.start).watts(cap.domains[domain.number].rated_w);
}

bool PowerCaps::within(const Domain& domain) const {
  return metered_w(domain, domain.draw) <= limit_w(domain) * (1 + kRoundingOfDraws);
}

bool PowerCaps::may_start(JobIndex job, const Allocation& on, std::span<const JobIndex> freed) const {
  const std::map<PoolIndex, double> most = run_.most_w(job, on);
  std::map<std::size_t, PoolDraws> more;
  std::pair<std::size_t, PoolDraws*> last = {0, nullptr};
  const auto in = [&](std::size_t d) -> PoolDraws& {
    if (last.second && last.first == d) return *last.second;
    PoolDraws& draws = more[d];
    if (draws.empty()) draws.assign(site_.pools.size(), 0);
    last = {d, &draws};
    return draws;
  };
  for (std::size_t c = 0; c < building_.caps.size(); ++c) {
    if (!building_.caps[c].may_refuse()) continue;
    // The others that nobody uses may go off to make room.
    const bool others_off = building_.caps[c].policy == AtCap::switch_off;
    for (const Slice& slice : on) {
      const PoolIndex p = cluster_.pool_of(slice.server);
      const Nanowatts beyond = (nanowatts(most.at(p)) - idle_[p]) * (slice.milli() / slice.servers);
      const Nanowatts idle = others_off ? idle_[p] * cluster_.chips_per_server(p) * 1000 : 0;
      for (ServerIndex s = slice.server; s < slice.server + slice.servers; ++s)
        if (const std::int32_t d = domain_of_[c * powered_.size() + s]; d >= 0)
          in(first_domain_[c] + static_cast<std::size_t>(d))[p] += beyond + (used_[s] == 0 && powered_[s] ? idle : 0);
    }
  }
  for (const JobIndex victim : freed)
    if (const auto at = drawing_.find(victim); at != drawing_.end())
      for (const Share& share : at->second.shares)
        for (const PartDraw& part : at->second.parts)
          if (part.pool == share.pool) in(share.domain)[part.pool] += (idle_[part.pool] - part.most) * share.milli;
  for (auto& [d, draw] : more) {
    const Domain& domain = domains_[d];
    if (!cap_of(domain).may_refuse()) continue;
    for (std::size_t p = 0; p < draw.size(); ++p)
      draw[p] += domain.promised[p] - (cap_of(domain).policy == AtCap::switch_off ? domain.unused[p] : 0);
    if (metered_w(domain, draw) > limit_w(domain) * (1 + kRoundingOfDraws)) return false;
  }
  return true;
}

// -- The controller

// What draws no more in any pool than what was kept needs no meter.
bool PowerCaps::surely_within(Domain& domain) {
  if (cap_of(domain).level != CapLevel::utility) return within(domain);
  const auto no_more = [&] {
    for (std::size_t p = 0; p < domain.kept.size(); ++p)
      if (domain.draw[p] > domain.kept[p]) return false;
    return !domain.kept.empty();
  };
  if (no_more()) return true;
  if (!within(domain)) return false;
  domain.kept = domain.draw;
  return true;
}

void PowerCaps::changed(std::size_t d) {
  Domain& domain = domains_[d];
  if (!posted_ && !looking_ && domain.met && !holds_back(domain) && surely_within(domain)) return;
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
  outside_ = building_.outside_at(engine_.now());
  outside_.wet_bulb_c = wet_bulb_c(outside_);
  metered_ = {};
  for (Domain& domain : domains_) domain.kept.clear();
  for (std::size_t d = 0; d < domains_.size(); ++d) touched_.insert(d);
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
    return;
  limits_posted_ = true;
  if (std::isfinite(next)) engine_.at(next, Turn::record, Action::to<&PowerCaps::limits_change>(this));
}

// First what concerns each domain by itself, from racks outwards; then, where one's jobs were raised into another's
// limit, only downwards.
void PowerCaps::look_now() {
  run_.touch();
  looking_ = true;
  std::set<std::size_t> todo;
  todo.swap(touched_);
  for (const std::size_t d : todo) {
    const AtCap policy = cap_of(domains_[d]).policy;
    const bool kept = within(domains_[d]);
    if (policy == AtCap::switch_off && !kept) switch_off(d);
    if (policy == AtCap::switch_off && kept) switch_on(d);
    if ((policy == AtCap::uniform || policy == AtCap::by_priority) && (!kept || !domains_[d].clocked.empty()))
      clock_down(d, Again::anew);
  }
  for (bool again = true; again;) {
    again = false;
    todo.merge(touched_);
    touched_.clear();
    for (const std::size_t d : todo) {
      if (within(domains_[d])) continue;
      const AtCap policy = cap_of(domains_[d]).policy;
      if (policy == AtCap::switch_off) switch_off(d);
      if (policy == AtCap::uniform || policy == AtCap::by_priority) clock_down(d, Again::only_lower);
    }
    for (const std::size_t d : touched_) again = again || !todo.contains(d);
  }
  touched_.clear();
  for (const std::size_t d : todo) note(d);
  looking_ = false;
}

PowerCaps::Curve& PowerCaps::curve(JobIndex job, PoolIndex pool) {
  Curve& curve = curves_[{pool, run_.at_full_clock(job), run_.redoes(job)}];
  if (curve.empty()) curve.resize(static_cast<std::size_t>(std::llround(1 / kClockStep)) + 1, -1);
  return curve;
}

double PowerCaps::curve_w(Curve& known, JobIndex job, PoolIndex pool, double clock) const {
  double& w = known[static_cast<std::size_t>(std::llround(clock / kClockStep))];
  if (w >= 0) return w;
  const Split& full = *run_.at_full_clock(job);
  const Split at = clock < 1 ? at_clock(full, clock).split : full;
  return w = building_.power[pool].draw_w(run_.redoes(job) ? at.redone() : at);
}

void PowerCaps::clock_down(std::size_t d, Again again) {
  Domain& domain = domains_[d];
  const PowerCap& cap = cap_of(domain);
  PoolDraws fixed = domain.draw;
  std::vector<CapGroup> groups;
  std::vector<PoolIndex> pool_of;
  std::vector<std::pair<JobIndex, std::size_t>> group_of;
  std::map<std::tuple<PoolIndex, const Curve*, double, std::int32_t>, std::size_t> alike;
  for (const auto& [job, milli] : domain.jobs) {
    if (!run_.at_full_clock(job)) continue;
    const Drawing& drawing = drawing_.at(job);
    const PartDraw& part = drawing.parts.front();
    double top = drawing.clock;
    if (again == Again::anew) {
      top = 1;
      for (const auto& [other, clock] : drawing.bounds)
        if (other != d) top = std::min(top, clock);
    }
    Curve& known = curve(job, part.pool);
    const std::int32_t priority = cap.policy == AtCap::by_priority ? workload_.jobs[job].priority : 0;
    const auto [at, fresh] = alike.try_emplace({part.pool, &known, top, priority}, groups.size());
    if (fresh) {
      pool_of.push_back(part.pool);
      groups.push_back({.unit_w = [this, &known, job = job,
                                   pool = part.pool](double clock) { return 1e-3 * curve_w(known, job, pool, clock); },
                        .priority = priority,
                        .highest_clock = top});
    }
    groups[at->second].units += milli;
    fixed[part.pool] -= part.now * milli;
    group_of.emplace_back(job, at->second);
  }
  std::vector<double> fixed_w, pool_w;
  for (const Nanowatts nw : fixed) fixed_w.push_back(watts(nw));
  const double limit = limit_w(domain);
  Cap asked{.limit_w = limit,
            .policy = cap.policy == AtCap::by_priority ? CapPolicy::by_priority : CapPolicy::uniform,
            .meter =
                [&](std::span<const double> group_w) {
                  pool_w = fixed_w;
                  for (std::size_t g = 0; g < group_w.size(); ++g) pool_w[pool_of[g]] += group_w[g];
                  return metered_w(domain, pool_w);
                },
            .clock_step = kClockStep};
  for (int round = 0; round < kMostClockings; ++round) {
    const CapResult result = apply_cap(groups, asked);
    for (const auto& [job, group] : group_of) {
      const double clock = result.groups[group].clock, top = groups[group].highest_clock;
      if (clock < top || again == Again::anew) bound(job, d, clock < top ? clock : 1);
    }
    if (within(domain)) return;
    asked.limit_w -= metered_w(domain, domain.draw) - limit + kRoundingOfDraws * limit;
  }
}

void PowerCaps::bound(JobIndex job, std::size_t d, double clock) {
  Drawing& drawing = drawing_.at(job);
  if (clock < 1) {
    drawing.bounds[d] = clock;
    domains_[d].clocked.insert(job);
  } else {
    drawing.bounds.erase(d);
    domains_[d].clocked.erase(job);
  }
  double lowest = 1;
  for (const auto& [of, asked] : drawing.bounds) lowest = std::min(lowest, asked);
  if (lowest == drawing.clock) return;
  if (!run_.clock(job, lowest)) return;
  drawing.clock = lowest;
  double& least = reports_[domains_[d].cap].lowest_clock;
  least = std::min(least, lowest);
}

void PowerCaps::switch_off(std::size_t d) {
  Domain& domain = domains_[d];
  std::set<JobIndex> done;
  while (!within(domain)) {
    if (switch_off_unused(d)) continue;
    std::optional<JobIndex> next;
    const auto before = [&](JobIndex a, JobIndex b) {
      const std::int32_t pa = workload_.jobs[a].priority, pb = workload_.jobs[b].priority;
      return std::tuple(pa, -run_.started_s(a), b) < std::tuple(pb, -run_.started_s(b), a);
    };
    for (const auto& [job, milli] : domain.jobs)
      if (!done.contains(job) && (!next || before(job, *next))) next = job;
    if (!next) return;
    if (run_.lose_power(*next, fmt::format("switched off by the {}", cap_of(domain).name)))
      ++reports_[domain.cap].jobs_cut;
    else
      done.insert(*next);
  }
}

// From the last on, as few as do.
bool PowerCaps::switch_off_unused(std::size_t d) {
  Domain& domain = domains_[d];
  std::vector<ServerIndex> unused;
  for (auto s = servers_[d].rbegin(); s != servers_[d].rend(); ++s)
    if (powered_[*s] && used_[*s] == 0 && idle_[cluster_.pool_of(*s)] > 0) unused.push_back(*s);
  if (unused.empty()) return false;
  const auto kept_without = [&](std::size_t count) {
    PoolDraws then = domain.draw;
    for (std::size_t i = 0; i < count; ++i) {
      const PoolIndex p = cluster_.pool_of(unused[i]);
      then[p] -= idle_[p] * cluster_.chips_per_server(p) * 1000;
    }
    return metered_w(domain, then) <= limit_w(domain) * (1 + kRoundingOfDraws);
  };
  std::size_t low = 0, high = unused.size();  // `low` do not do
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    (kept_without(middle) ? high : low) = middle;
  }
  unused.resize(high);
  for (const ServerIndex s : unused) {
    power(s, false);
    out_.take(s, OutFor::no_power);
    off_[s] = d;
    ++domain.off;
  }
  tell_switched(domain, "switched off", unused);
  std::int64_t off = 0;
  for (const Domain& each : domains_)
    if (each.cap == domain.cap) off += each.off;
  std::int64_t& most = reports_[domain.cap].servers_off;
  most = std::max(most, off);
  return true;
}

// All jobs may then draw the most they will, under every cap that switches off or refuses.
bool PowerCaps::may_switch_on(std::span<const ServerIndex> servers) const {
  std::map<std::size_t, PoolDraws> then;
  for (const ServerIndex s : servers) {
    const PoolIndex p = cluster_.pool_of(s);
    for_domains(s, [&](std::size_t d) {
      if (cap_of(domains_[d]).may_refuse())
        then.try_emplace(d, domains_[d].promised).first->second[p] += idle_[p] * cluster_.chips_per_server(p) * 1000;
    });
  }
  return std::ranges::all_of(
      then, [&](const auto& of) { return metered_w(domains_[of.first], of.second) <= limit_w(domains_[of.first]); });
}

// From the first on, as many as may be.
void PowerCaps::switch_on(std::size_t d) {
  Domain& domain = domains_[d];
  if (domain.off == 0) return;
  std::vector<ServerIndex> servers;
  for (const auto& [server, by] : off_)
    if (by == d) servers.push_back(server);
  const auto may = [&](std::size_t count) { return may_switch_on(std::span(servers).first(count)); };
  if (!may(1)) return;
  std::size_t low = 1, high = servers.size() + 1;
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    (may(middle) ? low : high) = middle;
  }
  servers.resize(low);
  for (const ServerIndex s : servers) {
    off_.erase(s);
    --domain.off;
    power(s, true);
    out_.give_back(s, OutFor::no_power);
  }
  tell_switched(domain, "switched on", servers);
}

// -- What is told

void PowerCaps::count(std::size_t cap, double now_s) {
  Count& count = counts_[cap];
  if (count.held_back > 0) reports_[cap].capped_s += now_s - count.since_s;
  if (count.not_met > 0) reports_[cap].not_met_s += now_s - count.since_s;
  count.since_s = now_s;
}

void PowerCaps::note(std::size_t d) {
  Domain& domain = domains_[d];
  const bool held_back = holds_back(domain), met = within(domain);
  if (held_back == domain.held_back && met == domain.met) return;
  count(domain.cap, engine_.now());
  counts_[domain.cap].held_back += (held_back ? 1 : 0) - (domain.held_back ? 1 : 0);
  counts_[domain.cap].not_met += (met ? 0 : 1) - (domain.met ? 0 : 1);
  if (held_back != domain.held_back) tell(domain, held_back ? "capped" : "no longer capped");
  if (met != domain.met) tell(domain, met ? "cap met again" : "cap not met");
  domain.held_back = held_back;
  domain.met = met;
}

void PowerCaps::tell_switched(const Domain& domain, std::string_view kind, const std::vector<ServerIndex>& servers) {
  std::map<PoolIndex, std::int64_t> by_pool;
  for (const ServerIndex s : servers) ++by_pool[cluster_.pool_of(s)];
  for (const auto& [pool, count] : by_pool)
    for (Recorder* r : recorders_) r->site_event({engine_.now(), kind, pool, count, cap_of(domain).name});
}

void PowerCaps::tell(const Domain& domain, std::string_view kind) {
  const PowerCap& cap = cap_of(domain);
  const std::string& where = cap.domains[domain.number].name;
  const std::string subject = where.empty() ? cap.name : fmt::format("{}: {}", cap.name, where);
  for (Recorder* r : recorders_) r->site_event({engine_.now(), kind, SiteEvent::kNoPool, 0, subject});
}

std::vector<CapReport> PowerCaps::reports(double end_s) {
  for (std::size_t c = 0; c < counts_.size(); ++c)
    if (counts_[c].since_s < end_s) count(c, end_s);
  return reports_;
}

}  // namespace alight
