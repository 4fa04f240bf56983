#include "sim/run/power_draws.hpp"

#include <algorithm>
#include <cmath>

namespace alight {
namespace {

/// Of the sums that are compared with a limit: draws are rounded to nanowatts of a thousandth of a chip.
constexpr double kRoundingOfDraws = 1e-9;

}  // namespace

PowerDraws::PowerDraws(const Building& building, const Site& site, const Engine& engine, const Cluster& cluster,
                       Hooks hooks)
    : building_(building),
      site_(site),
      engine_(engine),
      cluster_(cluster),
      hooks_(std::move(hooks)),
      powered_(static_cast<std::size_t>(site.servers), false),
      used_(static_cast<std::size_t>(site.servers), 0),
      outside_(building.outside_at(0)) {
  const PoolDraws none(site.pools.size(), 0);
  for (const StatePower& of_pool : building.power)
    idle_.push_back(nanowatts(of_pool.watts[static_cast<std::size_t>(ChipState::idle)]));
  for (std::size_t c = 0; c < building.caps.size(); ++c) {
    const PowerCap& cap = building.caps[c];
    first_domain_.push_back(domains_.size());
    for (std::size_t d = 0; d < cap.domains.size(); ++d)
      domains_.push_back(
          {.cap = c, .number = d, .draw = none, .promised = none, .unused = none, .jobs = {}, .kept = {}});
    for (std::int64_t server = 0; server < site.servers; ++server)
      domain_of_.push_back(cap.domain_of_rack[static_cast<std::size_t>(site.rack_of_server(server))]);
  }
}

PowerDraws::Nanowatts PowerDraws::idle(ServerIndex server) const {
  const PoolIndex p = cluster_.pool_of(server);
  return idle_[p] * cluster_.chips_per_server(p) * 1000;
}

void PowerDraws::power(ServerIndex server, bool on) {
  if (powered_[server] == on) return;
  powered_[server] = on;
  const PoolIndex p = cluster_.pool_of(server);
  const Nanowatts more = on ? idle(server) : -idle(server);
  for_domains(server, [&](std::size_t d) {
    Domain& domain = domains_[d];
    domain.draw[p] += more;
    domain.promised[p] += more;
    if (used_[server] == 0) domain.unused[p] += more;
    hooks_.changed(d);
  });
}

void PowerDraws::use(ServerIndex server, std::int64_t milli) {
  const bool before = used_[server] > 0;
  used_[server] += milli;
  if (before == (used_[server] > 0) || !powered_[server]) return;
  const PoolIndex p = cluster_.pool_of(server);
  const Nanowatts unused = idle(server);
  for_domains(server, [&](std::size_t d) { domains_[d].unused[p] += before ? unused : -unused; });
}

PowerDraws::Drawing& PowerDraws::add(JobIndex job, const Allocation& on) {
  Drawing& drawing = jobs_[job];
  std::map<std::pair<std::size_t, PoolIndex>, std::int64_t> shares;
  drawing.servers.reserve(on.size());
  for (const Slice& slice : on)
    for (ServerIndex s = slice.server; s < slice.server + slice.servers; ++s) {
      const std::int64_t milli = slice.milli() / slice.servers;
      // A job of the host's processors alone uses it too.
      drawing.servers.emplace_back(s, std::max<std::int64_t>(1, milli));
      use(s, drawing.servers.back().second);
      for_domains(s, [&](std::size_t d) { shares[{d, cluster_.pool_of(s)}] += milli; });
    }
  for (const auto& [where, milli] : shares) {
    drawing.shares.push_back({where.first, where.second, milli});
    domains_[where.first].jobs[{job, where.second}] += milli;
  }
  for (const auto& [pool, most_w] : hooks_.most_w(job, on))
    drawing.parts.push_back({.pool = pool, .now = idle_[pool], .most = nanowatts(most_w)});
  for (const Share& share : drawing.shares)
    for (const PartDraw& part : drawing.parts)
      if (part.pool == share.pool)
        domains_[share.domain].promised[part.pool] += (part.most - idle_[part.pool]) * share.milli;
  return drawing;
}

void PowerDraws::draws(JobIndex job, const HeldParts& held, const Allocation& on, std::span<const double> chip_w) {
  const auto known = jobs_.find(job);
  Drawing& drawing = known == jobs_.end() ? add(job, on) : known->second;
  for (PartDraw& part : drawing.parts) {
    Nanowatts now = part.now;
    for (std::size_t i = 0; i < held.parts().size(); ++i)
      if (held.parts()[i].pool == part.pool) now = nanowatts(chip_w[i]);
    for (const Share& share : drawing.shares)
      if (share.pool == part.pool) domains_[share.domain].draw[part.pool] += (now - part.now) * share.milli;
    part.now = now;
  }
  for (const Share& share : drawing.shares) hooks_.changed(share.domain);
}

void PowerDraws::gone(JobIndex job) {
  const auto at = jobs_.find(job);
  if (at == jobs_.end()) return;
  const Drawing drawing = std::move(at->second);
  jobs_.erase(at);
  for (const auto& [server, milli] : drawing.servers) use(server, -milli);
  for (const Share& share : drawing.shares) {
    Domain& domain = domains_[share.domain];
    domain.jobs.erase({job, share.pool});
    for (const PartDraw& part : drawing.parts) {
      if (part.pool != share.pool) continue;
      domain.draw[part.pool] += (idle_[part.pool] - part.now) * share.milli;
      domain.promised[part.pool] += (idle_[part.pool] - part.most) * share.milli;
    }
  }
  for (const Share& share : drawing.shares) hooks_.changed(share.domain);
}

double PowerDraws::metered_w(std::size_t d, std::span<const double> pool_w) const {
  const CapLevel level = cap_of(d).level;
  if (level == CapLevel::utility) return building_.meter_w(pool_w, outside_);
  double sum = level == CapLevel::site ? building_.network_w : 0;
  for (const double w : pool_w) sum += w;
  return sum;
}

double PowerDraws::metered_w(std::size_t d, const PoolDraws& draw) const {
  const bool meter = cap_of(d).level == CapLevel::utility;
  if (meter && draw == metered_.draw) return metered_.watts;
  std::vector<double> pool_w;
  for (const Nanowatts nw : draw) pool_w.push_back(watts(nw));
  const double sum = metered_w(d, pool_w);
  if (meter) metered_ = {.draw = draw, .watts = sum};
  return sum;
}

double PowerDraws::limit_w(std::size_t d) const {
  const PowerCap& cap = cap_of(d);
  return cap.limit.at(engine_.now(), building_.start).watts(cap.domains[domains_[d].number].rated_w);
}

bool PowerDraws::within(std::size_t d, const PoolDraws& draw) const {
  return metered_w(d, draw) <= limit_w(d) * (1 + kRoundingOfDraws);
}

bool PowerDraws::surely_within(std::size_t d) {
  Domain& domain = domains_[d];
  if (cap_of(d).level != CapLevel::utility) return within(d);
  bool no_more = !domain.kept.empty();
  for (std::size_t p = 0; p < domain.kept.size(); ++p) no_more = no_more && domain.draw[p] <= domain.kept[p];
  if (no_more) return true;
  if (!within(d)) return false;
  domain.kept = domain.draw;
  return true;
}

void PowerDraws::hour_begins() {
  outside_ = building_.outside_at(engine_.now());
  outside_.wet_bulb_c = wet_bulb_c(outside_);
  metered_ = {};
  for (Domain& domain : domains_) domain.kept.clear();
}

PowerDraws::Nanowatts PowerDraws::draw_of(JobIndex job, PoolIndex pool) const {
  return std::ranges::find(jobs_.at(job).parts, pool, &PartDraw::pool)->now;
}

bool PowerDraws::may_start(JobIndex job, const Allocation& on, std::span<const JobIndex> freed) const {
  const std::map<PoolIndex, double> most = hooks_.most_w(job, on);
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
      const Nanowatts unused = others_off ? idle(slice.server) : 0;
      for (ServerIndex s = slice.server; s < slice.server + slice.servers; ++s)
        if (const std::int32_t d = domain_of_[c * powered_.size() + s]; d >= 0)
          in(first_domain_[c] + static_cast<std::size_t>(d))[p] += beyond + (used_[s] == 0 && powered_[s] ? unused : 0);
    }
  }
  for (const JobIndex victim : freed)
    if (const auto at = jobs_.find(victim); at != jobs_.end())
      for (const Share& share : at->second.shares)
        for (const PartDraw& part : at->second.parts)
          if (part.pool == share.pool) in(share.domain)[part.pool] += (idle_[part.pool] - part.most) * share.milli;
  for (auto& [d, draw] : more) {
    const Domain& domain = domains_[d];
    if (!cap_of(d).may_refuse()) continue;
    for (std::size_t p = 0; p < draw.size(); ++p)
      draw[p] += domain.promised[p] - (cap_of(d).policy == AtCap::switch_off ? domain.unused[p] : 0);
    if (!within(d, draw)) return false;
  }
  return true;
}

bool PowerDraws::may_power(std::span<const ServerIndex> servers) const {
  std::map<std::size_t, PoolDraws> then;
  for (const ServerIndex s : servers)
    for_domains(s, [&](std::size_t d) {
      if (cap_of(d).may_refuse())
        then.try_emplace(d, domains_[d].promised).first->second[cluster_.pool_of(s)] += idle(s);
    });
  return std::ranges::all_of(then, [&](const auto& of) { return within(of.first, of.second); });
}

}  // namespace alight
