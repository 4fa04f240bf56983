#include "sim/run/network_faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace alight {

NetworkFaults::NetworkFaults(const FaultPlan& plan, const Site& site, const Workload& workload, std::uint64_t seed,
                             Engine& engine, const Cluster& cluster, ServersOut& out, LinkUsers& links,
                             BreakableRun& run, std::vector<Recorder*> recorders)
    : plan_(plan),
      workload_(workload),
      engine_(engine),
      cluster_(cluster),
      out_(out),
      links_(links),
      ways_(links.let_break()),
      breakables_(site, ways_),
      faults_(plan, breakables_, ways_, seed),
      run_(run),
      recorders_(std::move(recorders)),
      cut_off_(static_cast<std::size_t>(site.servers), false) {
  post_next();
}

void NetworkFaults::post_next() {
  const double next = faults_.next_s();
  if (std::isfinite(next)) engine_.at(next, Turn::condition, Action::to<&NetworkFaults::happen>(this));
}

void NetworkFaults::happen(std::uint64_t) {
  if (!run_.concerns_anyone()) return;
  for (const LinkFaults::Change& change : faults_.advance(engine_.now())) tell_change(change);
  for (const LinkIndex link : faults_.moved()) {
    const double part = faults_.part(link);
    other_ways_ = other_ways_ || ways_.dead(link) != (part <= 0);
    links_.set_part(link, part);
    moved_.insert(link);
    tell(&Recorder::link_broke, LinkPart{engine_.now(), link, breakables_.cables(link), part});
  }
  look_soon();
  post_next();
}

void NetworkFaults::tell_change(const LinkFaults::Change& change) {
  const std::string kind = change.part == 0   ? "down"
                           : change.part == 1 ? "up"
                                              : fmt::format("degraded to {:.6g} %", change.part * 100);
  const std::string subject = faults_.name_of(change.target);
  tell(&Recorder::site_event, SiteEvent{engine_.now(), kind, SiteEvent::kNoPool, 0, subject, true});
}

void NetworkFaults::look_soon() {
  if (looking_at_ == engine_.now()) return;
  looking_at_ = engine_.now();
  engine_.at(engine_.now(), Turn::condition, Action::to<&NetworkFaults::look>(this));
}

void NetworkFaults::look(std::uint64_t) {
  looking_at_ = -1;
  std::set<JobIndex> jobs;
  jobs.swap(fresh_);
  if (other_ways_) {
    const std::vector<bool> cut = ways_.cut_off();
    std::vector<ServerIndex> back, gone;
    for (std::size_t s = 0; s < cut.size(); ++s)
      if (cut[s] != cut_off_[s]) (cut[s] ? gone : back).push_back(static_cast<ServerIndex>(s));
    cut_off_ = cut;
    for (const ServerIndex s : back) out_.give_back(s, OutFor::cut_off);
    for (const ServerIndex s : gone) out_.take(s, OutFor::cut_off);
    for (const bool off : {true, false}) {
      std::map<PoolIndex, std::int64_t> servers;
      for (const ServerIndex s : off ? gone : back) ++servers[cluster_.pool_of(s)];
      for (const auto& [pool, count] : servers)
        tell(&Recorder::site_event, SiteEvent{engine_.now(), off ? "cut off" : "joined again", pool, count});
    }
    jobs = running_;
    std::vector<LinkIndex> died;
    for (const LinkIndex link : moved_)
      if (ways_.dead(link)) died.push_back(link);
    links_.lay_anew(died);
  }
  std::set<std::int64_t> owners;
  const auto& links = ways_.links();
  for (const LinkIndex link : moved_)
    if (links[link].tier == "server" || links[link].tier == "supernode") owners.insert(links[link].from);
  moved_.clear();
  other_ways_ = false;
  const std::set<JobIndex> now_running = running_;
  for (const JobIndex job : now_running) {
    if (!running_.contains(job)) continue;  // one that failed took it along
    if (jobs.contains(job)) look_at(job);
    if (owners.empty() || !running_.contains(job)) continue;
    for (const std::int64_t s : servers_of(job))
      if (owners.contains(s)) {
        run_.own_links_changed(job);
        break;
      }
  }
}

void NetworkFaults::look_at(JobIndex job) {
  if (run_.done(job)) return;
  const bool replica = run_.serves(job);
  const std::vector<std::int64_t> servers = servers_of(job);
  LinkIndex apart = kNoLink;
  if (replica)
    apart = ways_.among(with_reachable(servers));
  else if (!links_.loading(job))
    apart = ways_.among(servers);
  const LinkIndex by = apart != kNoLink ? apart : links_.cut_from_storage(job, servers);
  const bool halted = halted_.contains(job);
  if (by == kNoLink) {
    if (!halted) return;
    halted_.erase(job);
    tell(&Recorder::job_cut, JobCut{engine_.now(), workload_.jobs[job], JobCut::How::resumed});
    return run_.resume(job);
  }
  // A replica that failed for want of the storage would only ask again; where it cannot be reached, others may be.
  const bool fails = replica ? apart != kNoLink : plan_.on_cut == OnCut::fail;
  if (halted && !fails) return;
  const std::string cause = faults_.blame(by);
  tell(&Recorder::job_cut,
       JobCut{engine_.now(), workload_.jobs[job], fails ? JobCut::How::failed : JobCut::How::stalled, cause});
  if (fails)
    return run_.fail(job, fmt::format("{}: {} is down",
                                      apart != kNoLink ? "its servers are cut from each other"
                                                       : "it waits for the storage and cannot reach it",
                                      cause));
  halted_.emplace(job, by);
  run_.halt(job, by);
}

std::vector<std::int64_t> NetworkFaults::servers_of(JobIndex job) const {
  std::vector<std::int64_t> servers;
  for (const Slice& slice : run_.held(job))
    for (ServerIndex i = 0; i < slice.servers; ++i) servers.push_back(slice.server + i);
  return servers;
}

// Requests come from where most of the site still is: from the first server of the pool that is not cut off.
std::vector<std::int64_t> NetworkFaults::with_reachable(std::vector<std::int64_t> servers) const {
  const PoolIndex pool = cluster_.pool_of(static_cast<ServerIndex>(servers.front()));
  ServerIndex s = cluster_.first_server(pool);
  while (s < cluster_.end_server(pool) && cut_off_[s]) ++s;
  if (s < cluster_.end_server(pool)) servers.push_back(s);
  return servers;
}

void NetworkFaults::running(JobIndex job) {
  const Allocation& held = run_.held(job);
  if (held.size() == 1 && held.front().servers == 1 && !links_.with_storage(job) && !run_.serves(job)) return;
  running_.insert(job);
  waits(job);
}

void NetworkFaults::waits(JobIndex job) {
  if (ways_.dead_links() == 0) return;
  fresh_.insert(job);
  look_soon();
}

void NetworkFaults::ended(JobIndex job) {
  running_.erase(job);
  halted_.erase(job);
  fresh_.erase(job);
}

}  // namespace alight
