#include "sim/run/breakdowns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace alight {

Breakdowns::Breakdowns(const BreakdownPlan& plan, const Site& site, std::uint64_t seed, Engine& engine,
                       const Cluster& cluster, const Scheduler& scheduler, ServersOut& out, BreakableRun& run,
                       std::vector<Recorder*> recorders)
    : plan_(plan),
      engine_(engine),
      cluster_(cluster),
      scheduler_(scheduler),
      out_(out),
      run_(run),
      recorders_(std::move(recorders)),
      devices_(plan, site, seed),
      crews_(plan.crews) {
  for (const BreakdownPlan::Cause& cause : plan.causes) repairs_.push_back(stream(seed, "repairs: " + cause.stream));
  for (PoolIndex p = 0; p < cluster.pools(); ++p)
    for (ServerIndex s = cluster.first_server(p); s < cluster.end_server(p);) {
      ServerIndex end = s;
      while (end < cluster.end_server(p) && cluster.up(end)) ++end;
      if (end > s) delivered(s, end);
      s = end + 1;
    }
  for (std::size_t i = 0; i < plan.outages.size(); ++i)
    engine.at(plan.outages[i].at_s, Turn::condition, Action::to<&Breakdowns::begin_outage>(this, i));
  for (std::size_t i = 0; i < plan.slowings.size(); ++i)
    engine.at(plan.slowings[i].at_s, Turn::condition, Action::to<&Breakdowns::slow_down>(this, i));
}

void Breakdowns::delivered(ServerIndex first, ServerIndex end) {
  devices_.add(first, end, engine_.now());
  for (ServerIndex s = first; s < end; ++s)
    if (out_.out(s)) devices_.take_out(s, engine_.now());
  keep_spares(cluster_.pool_of(first));
  post_next();
}

// What has changed may have another date: one posted before finds nothing then.
void Breakdowns::post_next() {
  const double next = devices_.next_s();
  if (!std::isfinite(next) || next == posted_s_) return;
  posted_s_ = next;
  engine_.at(next, Turn::condition, Action::to<&Breakdowns::break_next>(this));
}

void Breakdowns::break_next(std::uint64_t) {
  if (devices_.next_s() > engine_.now() || !run_.concerns_anyone()) return;
  const FailingDevices::Failure failure = devices_.fail();
  const BreakdownPlan::Cause& cause = plan_.causes[failure.cause];
  Incident incident{.first = failure.out_first,
                    .end = failure.out_end,
                    .struck_first = failure.first,
                    .struck_end = failure.end,
                    .takes_servers = cause.takes_server,
                    .what = cause.of.name,
                    .by_crew = true};
  if (cause.takes_server && cause.of.repair)
    incident.repair_s = cause.of.repair->draw_s(repairs_[failure.cause]);
  else if (!cause.takes_server)
    devices_.put_back(failure, engine_.now());
  incident.device = failure;
  incident.chip = failure.chip;
  if (cause.slows_to)
    begin_slow(std::move(incident), cause);
  else
    begin(std::move(incident), cause.detection_s);
  post_next();
}

void Breakdowns::begin_outage(std::uint64_t number) {
  if (!run_.concerns_anyone()) return;
  const BreakdownPlan::Outage& outage = plan_.outages[number];
  Incident incident{.first = outage.first,
                    .end = outage.end,
                    .struck_first = outage.struck_first,
                    .struck_end = outage.struck_end,
                    .why = outage.why,
                    .what = outage.what,
                    .repair_s = outage.lasts_s,
                    .dated = outage.until_s.has_value()};
  if (outage.until_s && std::isfinite(*outage.until_s))
    engine_.at(*outage.until_s, Turn::condition, Action::to<&Breakdowns::back>(this, next_id_));
  begin(std::move(incident), outage.detection_s.value_or(plan_.detection_s));
  post_next();
}

void Breakdowns::begin(Incident incident, double detection_s) {
  if (incident.struck_first == incident.struck_end) {
    incident.struck_first = incident.first;
    incident.struck_end = incident.end;
  }
  const std::uint64_t id = next_id_++;
  if (incident.takes_servers)
    for (ServerIndex s = incident.first; s < incident.end; ++s) down(s, incident.why);
  if (incident.why == OutFor::failure) {
    for (const JobIndex job : holders(incident.struck_first, incident.struck_end, incident.chip)) {
      if (run_.done(job)) continue;
      if (run_.serves(job)) {
        run_.interrupt(job, cause_of(incident));
      } else {
        incident.victims.emplace_back(job, run_.starts(job));
        if (detection_s > 0) run_.hang(job);
      }
    }
  }
  tell(incident, Breakdown::What::broken, static_cast<std::int64_t>(incident.victims.size()));
  const bool found_at_once = detection_s <= 0 || incident.why != OutFor::failure;
  incidents_.emplace(id, std::move(incident));
  if (found_at_once) return found(id);
  engine_.at(engine_.now() + detection_s, Turn::condition, Action::to<&Breakdowns::found>(this, id));
}

void Breakdowns::slow_down(std::uint64_t number) {
  if (!run_.concerns_anyone()) return;
  const BreakdownPlan::Slowing& slowing = plan_.slowings[number];
  const BreakdownPlan::Cause& cause = plan_.causes[slowing.cause];
  Incident incident{.first = slowing.server, .end = slowing.server + 1, .what = cause.of.name, .by_crew = true};
  if (cause.of.repair) incident.repair_s = cause.of.repair->draw_s(repairs_[slowing.cause]);
  incident.chip = slowing.chip;
  begin_slow(std::move(incident), cause);
}

void Breakdowns::begin_slow(Incident incident, const BreakdownPlan::Cause& cause) {
  const std::uint64_t id = next_id_++;
  const double detection_s = cause.detection_s;
  incident.part = cause.slows_to;
  incident.stops = cause.when_found == WhenSlow::stop;
  set_speed(incident, true);
  tell(incident, Breakdown::What::broken, 0);
  incidents_.emplace(id, std::move(incident));
  if (detection_s <= 0) return found_slow(id);
  if (std::isfinite(detection_s))
    engine_.at(engine_.now() + detection_s, Turn::condition, Action::to<&Breakdowns::found_slow>(this, id));
}

void Breakdowns::found_slow(std::uint64_t id) {
  const auto at = incidents_.find(id);
  if (at == incidents_.end()) return;  // the chip was replaced for another reason
  at->second.is_found = true;
  const Incident incident = at->second;
  down(incident.first, incident.why);
  release_spares(cluster_.pool_of(incident.first));
  std::int64_t stopped = 0;
  if (incident.stops)
    for (const JobIndex job : holders(incident.first, incident.end, incident.chip)) {
      if (run_.done(job)) continue;
      ++stopped;
      run_.interrupt(job, cause_of(incident));
    }
  tell(incident, Breakdown::What::found, stopped);
  take_out(id, incident);
  post_next();
}

void Breakdowns::set_speed(const Incident& incident, bool falls) {
  if (falls)
    run_.fall(incident.first, incident.chip, *incident.part);
  else
    run_.mend(incident.first, incident.chip, *incident.part);
  for (const JobIndex job : holders(incident.first, incident.end, incident.chip)) run_.speeds_changed(job);
}

void Breakdowns::found(std::uint64_t id) {
  const auto at = incidents_.find(id);
  if (at == incidents_.end()) return found_late(id);
  at->second.is_found = true;
  // By number: who is interrupted here may be told of again.
  const Incident incident = at->second;
  if (incident.takes_servers) release_spares(cluster_.pool_of(incident.first));  // an elastic job may take them
  tell(incident, Breakdown::What::found, interrupt_victims(incident));
  if (!incident.takes_servers) {
    incidents_.erase(id);
    return;
  }
  take_out(id, incident);
}

// The servers are back already, but what ran on them is gone.
void Breakdowns::found_late(std::uint64_t id) {
  const auto over = over_unnoticed_.extract(id);
  if (!over.empty()) tell(over.mapped(), Breakdown::What::found, interrupt_victims(over.mapped()));
}

std::int64_t Breakdowns::interrupt_victims(const Incident& incident) {
  std::int64_t stopped = 0;
  for (const auto& [job, start] : incident.victims) {
    if (!run_.running(job) || run_.starts(job) != start) continue;
    ++stopped;
    run_.interrupt(job, cause_of(incident));
  }
  return stopped;
}

void Breakdowns::take_out(std::uint64_t id, const Incident& incident) {
  keep_spares(cluster_.pool_of(incident.first));
  if (!incident.stops) {
    // Its jobs run on until they are done.
  } else if (plan_.drain_s > 0 && !holders(incident.first, incident.end, -1).empty())
    engine_.at(engine_.now() + plan_.drain_s, Turn::condition, Action::to<&Breakdowns::drained>(this, id));
  else
    drained(id);
  if (incidents_.contains(id)) {
    to_be_empty_.insert(id);
    try_repair(id);
  }
}

void Breakdowns::drained(std::uint64_t id) {
  const auto at = incidents_.find(id);
  if (at == incidents_.end()) return;
  const Incident incident = at->second;
  for (const JobIndex job : holders(incident.first, incident.end, -1))
    if (!run_.done(job)) run_.interrupt(job, cause_of(incident));
}

void Breakdowns::freed() {
  const std::set<std::uint64_t> waiting = to_be_empty_;
  for (const std::uint64_t id : waiting) try_repair(id);
}

void Breakdowns::try_repair(std::uint64_t id) {
  if (!to_be_empty_.contains(id)) return;
  const Incident& incident = incidents_.at(id);
  for (ServerIndex s = incident.first; s < incident.end; ++s)
    if (!out_.empty(s)) return;
  to_be_empty_.erase(id);
  if (incident.dated) return;
  const double now = engine_.now();
  const double back_s =
      incident.by_crew ? crews_.take(now, incident.repair_s).back_s + plan_.test_s : now + incident.repair_s;
  engine_.at(back_s, Turn::condition, Action::to<&Breakdowns::back>(this, id));
}

void Breakdowns::back(std::uint64_t id) {
  const auto at = incidents_.find(id);
  if (at == incidents_.end()) return;
  if (!run_.concerns_anyone()) return;  // it is back after the end
  const Incident incident = std::move(at->second);
  incidents_.erase(at);
  to_be_empty_.erase(id);
  for (ServerIndex s = incident.first; s < incident.end; ++s) up(s, incident.why);
  if (incident.part) {
    set_speed(incident, false);
    if (incident.device) devices_.put_back(*incident.device, engine_.now(), in_service(incident.first));
  } else if (incident.device) {
    devices_.put_back(*incident.device, engine_.now());
    if (incident.chip >= 0) replaced(incident.first, incident.chip);
  }
  keep_spares(cluster_.pool_of(incident.first));
  tell(incident, Breakdown::What::back, 0);
  if (!incident.is_found && !incident.victims.empty()) over_unnoticed_.emplace(id, incident);
  post_next();
}

// A new chip is not slow, whether or not anybody knew that the old one was.
void Breakdowns::replaced(ServerIndex server, int chip) {
  for (auto at = incidents_.begin(); at != incidents_.end();) {
    const Incident& slow = at->second;
    if (!slow.part || slow.is_found || slow.first != server || slow.chip != chip) {
      ++at;
      continue;
    }
    set_speed(slow, false);
    if (slow.device) devices_.put_back(*slow.device, engine_.now(), in_service(server));
    at = incidents_.erase(at);
  }
}

bool Breakdowns::in_service(ServerIndex s) const {
  return !out_.out(s, OutFor::failure) && !out_.out(s, OutFor::maintenance);
}

std::string Breakdowns::cause_of(const Incident& incident) const {
  return fmt::format("{}: {}", incident.why == OutFor::failure ? "failure" : "maintenance", incident.what);
}

std::vector<JobIndex> Breakdowns::holders(ServerIndex first, ServerIndex end, int chip) const {
  std::vector<JobIndex> jobs;
  const std::uint64_t chips = chip < 0 ? ~std::uint64_t{0} : std::uint64_t{1} << chip;
  for (const Running& running : scheduler_.running(cluster_.pool_of(first))) {
    const Allocation& held = run_.held(running.job);
    if (std::any_of(held.begin(), held.end(), [&](const Slice& slice) {
          return slice.server < end && slice.server + slice.servers > first && (chip < 0 || (slice.chips & chips) != 0);
        }))
      jobs.push_back(running.job);
  }
  std::sort(jobs.begin(), jobs.end());
  return jobs;
}

void Breakdowns::down(ServerIndex s, OutFor why) {
  if (down_[{s, why}]++ > 0) return;
  devices_.take_out(s, engine_.now());
  out_.take(s, why);
  auto& spares = spares_[cluster_.pool_of(s)];
  if (spares.erase(s) > 0) out_.give_back(s, OutFor::spare);
}

void Breakdowns::up(ServerIndex s, OutFor why) {
  if (--down_.at({s, why}) > 0) return;
  down_.erase({s, why});
  out_.give_back(s, why);
  if (in_service(s)) devices_.put_back(s, engine_.now());
}

std::int64_t Breakdowns::spares_wanted(PoolIndex pool) const {
  const auto asked = plan_.spares.find(pool);
  if (asked == plan_.spares.end()) return 0;
  std::set<ServerIndex> gone;
  for (auto at = down_.lower_bound({cluster_.first_server(pool), OutFor{}});
       at != down_.end() && at->first.first < cluster_.end_server(pool); ++at)
    gone.insert(at->first.first);
  return std::max<std::int64_t>(0, asked->second - static_cast<std::int64_t>(gone.size()));
}

void Breakdowns::release_spares(PoolIndex pool) {
  if (!plan_.spares.contains(pool)) return;
  auto& spares = spares_[pool];
  const std::int64_t want = spares_wanted(pool);
  while (static_cast<std::int64_t>(spares.size()) > want) {
    out_.give_back(*spares.begin(), OutFor::spare);
    spares.erase(spares.begin());
  }
}

// As many as were asked for, less those that stand in for servers that are down.
void Breakdowns::keep_spares(PoolIndex pool) {
  release_spares(pool);
  if (!plan_.spares.contains(pool)) return;
  auto& spares = spares_[pool];
  const std::int64_t want = spares_wanted(pool);
  for (ServerIndex s = cluster_.end_server(pool);
       s-- > cluster_.first_server(pool) && static_cast<std::int64_t>(spares.size()) < want;) {
    if (!out_.idle(s)) continue;
    out_.take(s, OutFor::spare);
    spares.insert(s);
  }
}

void Breakdowns::tell(const Incident& incident, Breakdown::What what, std::int64_t jobs) {
  const Breakdown told{
      .time_s = engine_.now(),
      .what = what,
      .name = incident.what,
      .pool = cluster_.pool_of(incident.first),
      .first_server = incident.first,
      .servers = incident.takes_servers && (!incident.part || incident.is_found) ? incident.end - incident.first : 0,
      .maintenance = incident.why == OutFor::maintenance,
      .slow = incident.part.has_value(),
      .jobs = jobs};
  for (Recorder* r : recorders_) r->broke(told);
}

}  // namespace alight
