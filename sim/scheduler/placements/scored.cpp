#include "sim/scheduler/placements/scored.hpp"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <numeric>

#include "sim/scheduler/placements/common.hpp"

namespace alight {

ScoredPlacement::ScoredPlacement(const Site& site, Stream stream) : rank_(static_cast<std::size_t>(site.servers)) {
  std::iota(rank_.begin(), rank_.end(), 0U);
  for (std::size_t i = rank_.size(); i > 1; --i)
    std::swap(rank_[i - 1], rank_[boost::random::uniform_int_distribution<std::size_t>(0, i - 1)(stream)]);
  for (const Pool& pool : site.pools) {
    counts_cpu_.push_back(pool.server.cpu_cores.has_value());
    largest_cpu_milli_ = std::max(largest_cpu_milli_, pool.server.cpu_cores.value_or(0) * 1000);
    largest_chips_milli_ = std::max(largest_chips_milli_, pool.server.chips * 1000);
  }
}

bool ScoredPlacement::place(const ChipRequest& request, std::span<const PoolIndex> pools, const Cluster& cluster,
                            Allocation& out) {
  if (on_one_server(request, pools, cluster, out)) return true;
  if (request.on_one_server()) return false;
  for (const PoolIndex p : pools) {
    if (!cluster.fits(request, p)) continue;
    over_servers(request, p, cluster, out);
    return true;
  }
  return false;
}

// A part of a gang takes its part of the processor, rounded up as the cluster does.
Ask ScoredPlacement::ask(const ChipRequest& request, std::int64_t chips) const {
  std::int64_t cpu_milli = request.cpu_milli;
  if (chips < request.chips) cpu_milli = (cpu_milli * chips + request.chips - 1) / request.chips;
  return {chips, request.chip_milli, cpu_milli};
}

bool ScoredPlacement::on_one_server(const ChipRequest& request, std::span<const PoolIndex> pools,
                                    const Cluster& cluster, Allocation& out) const {
  const std::int64_t need = Cluster::needed(request);
  std::int64_t best_score = 0, best_chips = 0;
  ServerIndex best = 0;
  bool found = false;
  for (const PoolIndex p : pools) {
    if (request.chips > cluster.chips_per_server(p) || request.chips * request.chip_milli > cluster.free_milli(p))
      continue;
    for (ServerIndex s = cluster.first_server(p); s < cluster.end_server(p); ++s) {
      const std::int64_t usable = cluster.usable(request, s);
      if (usable < need) continue;
      const std::int64_t chips = request.shape == Shape::whole_servers ? usable : request.chips;
      const std::int64_t here = score(cluster, s, ask(request, chips));
      if (found && (here < best_score || (here == best_score && rank_[s] > rank_[best]))) continue;
      found = true;
      best = s;
      best_score = here;
      best_chips = chips;
    }
  }
  if (found) out.push_back(take_from(request, cluster, best, best_chips));
  return found;
}

void ScoredPlacement::over_servers(const ChipRequest& request, PoolIndex p, const Cluster& cluster, Allocation& out) {
  const auto before = [&](const Part& a, const Part& b) {
    if (a.chips != b.chips) return a.chips > b.chips;
    if (a.score != b.score) return a.score > b.score;
    return rank_[a.server] < rank_[b.server];
  };
  parts_.clear();
  for (ServerIndex s = cluster.first_server(p); s < cluster.end_server(p); ++s)
    if (const std::int64_t usable = cluster.usable(request, s); usable > 0)
      parts_.push_back({usable, score(cluster, s, ask(request, usable)), s});
  std::sort(parts_.begin(), parts_.end(), before);
  std::int64_t left = request.chips;
  auto it = parts_.begin();
  for (; left > 0 && (it->chips <= left || request.shape == Shape::whole_servers); ++it) {
    out.push_back(take_from(request, cluster, it->server, it->chips));
    left -= it->chips;
  }
  if (left <= 0) return;
  const auto end = std::find_if(it, parts_.end(), [&](const Part& part) { return part.chips < left; });
  for (auto part = it; part != end; ++part)
    *part = {left, score(cluster, part->server, ask(request, left)), part->server};
  out.push_back(take_from(request, cluster, std::min_element(it, end, before)->server, left));
}

}  // namespace alight
