#include "sim/run/slow_chips.hpp"

#include <algorithm>
#include <bit>

namespace alight {

SlowChips::SlowChips(const Site& site, const Cluster& cluster, const std::vector<std::optional<ChipSpeeds>>& drawn,
                     std::uint64_t seed)
    : cluster_(cluster), own_(site.pools.size()), counts_(site.pools.size()), lost_chip_s_(site.pools.size(), 0) {
  for (std::size_t p = 0; p < drawn.size(); ++p) {
    if (!drawn[p]) continue;
    Stream of_pool = stream(seed, "speeds: " + site.pools[p].name);
    std::vector<double>& own = own_[p];
    own.reserve(static_cast<std::size_t>(site.pools[p].chips()));
    double sum = 0;
    for (std::int64_t c = 0; c < site.pools[p].chips(); ++c) sum += own.emplace_back(drawn[p]->draw(of_pool));
    counts_[p].slowest = *std::min_element(own.begin(), own.end());
    counts_[p].mean = sum / static_cast<double>(own.size());
  }
}

void SlowChips::count(PoolIndex p, double now_s) {
  Count& of = counts_[p];
  of.chip_s += static_cast<double>(of.now) * (now_s - of.since_s);
  of.since_s = now_s;
}

void SlowChips::fall(ServerIndex server, int chip, double part, double now_s) {
  const PoolIndex p = cluster_.pool_of(server);
  count(p, now_s);
  std::multiset<double>& parts = fallen_[{server, chip}];
  if (parts.empty()) ++counts_[p].now;
  ++counts_[p].became;
  parts.insert(part);
}

void SlowChips::mend(ServerIndex server, int chip, double part, double now_s) {
  const auto at = fallen_.find({server, chip});
  if (at == fallen_.end()) return;
  const auto one = at->second.find(part);
  if (one != at->second.end()) at->second.erase(one);
  if (!at->second.empty()) return;
  const PoolIndex p = cluster_.pool_of(server);
  count(p, now_s);
  --counts_[p].now;
  fallen_.erase(at);
}

double SlowChips::speed(ServerIndex server, int chip) const {
  const PoolIndex p = cluster_.pool_of(server);
  const auto& own = own_[p];
  double speed =
      own.empty()
          ? 1
          : own[static_cast<std::size_t>((server - cluster_.first_server(p)) * cluster_.chips_per_server(p) + chip)];
  if (fallen_.empty()) return speed;
  if (const auto at = fallen_.find({server, chip}); at != fallen_.end())
    for (const double part : at->second) speed *= part;
  return speed;
}

JobSpeeds SlowChips::of(std::span<const Slice> held, std::int64_t chips) const {
  JobSpeeds speeds;
  if (held.empty()) return speeds;
  if (own_[cluster_.pool_of(held.front().server)].empty() && fallen_.empty()) return speeds;
  double slowest = 0, times = 0;
  std::int64_t seen = 0;
  for (const Slice& slice : held)
    for (ServerIndex s = slice.server; s < slice.server + slice.servers && seen < chips; ++s)
      for (std::uint64_t m = slice.chips; m && seen < chips; m &= m - 1) {
        const double v = speed(s, std::countr_zero(m));
        slowest = seen++ == 0 ? v : std::min(slowest, v);
        times += 1 / v;
      }
  if (seen == 0) return speeds;
  // All alike, the mean is theirs to the last bit.
  speeds.slowest = slowest;
  speeds.own_time = std::min(times / static_cast<double>(seen), 1 / slowest);
  if (slowest == 1 && times == static_cast<double>(seen)) speeds.own_time = 1;
  return speeds;
}

std::vector<SlowChipsReport> SlowChips::reports(double end_s) const {
  std::vector<SlowChipsReport> reports;
  for (std::size_t p = 0; p < counts_.size(); ++p) {
    const Count& of = counts_[p];
    reports.push_back({.slowest = of.slowest,
                       .mean = of.mean,
                       .became_slow = of.became,
                       .slow_at_end = of.now,
                       .slow_chip_s = of.chip_s + static_cast<double>(of.now) * std::max(0.0, end_s - of.since_s),
                       .lost_chip_s = lost_chip_s_[p]});
  }
  return reports;
}

}  // namespace alight
