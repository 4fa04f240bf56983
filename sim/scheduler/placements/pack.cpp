// pack: fewest servers, close together in the network they lie in, then the tightest fit. How close is measured is the
// network's affair: leaves and pods, groups, supernodes (near_leaves.hpp), boxes of grids (grid_pools.hpp).

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "sim/scheduler/placement.hpp"
#include "sim/scheduler/placements/common.hpp"
#include "sim/scheduler/placements/grid_pools.hpp"
#include "sim/scheduler/placements/near_leaves.hpp"

namespace alight {
namespace {

class Pack : public Placement {
 public:
  explicit Pack(const Site& site) : localities_(localities(site)) {
    for (const PoolLocality& locality : localities_) {
      auto& grid = grids_.emplace_back();
      if (locality.grid) grid.emplace(*locality.grid);
    }
  }

  bool place(const ChipRequest& request, std::span<const PoolIndex> pools, const Cluster& cluster,
             Allocation& out) override {
    for (const PoolIndex p : pools) {
      if (!cluster.fits(request, p)) continue;
      if (request.on_one_server())
        one_server(request, p, cluster, out);
      else if (request.cpu_milli > 0 || request.host_memory_mib > 0)
        most_usable_first(request, p, cluster, out);
      else
        gang(request, p, cluster, out);
      return true;
    }
    return false;
  }
  bool orders_ranks() const override { return true; }

 private:
  // The server left with the fewest free chips, then with the least free processor; a share goes to the fullest chip.
  static void one_server(const ChipRequest& request, PoolIndex p, const Cluster& cluster, Allocation& out) {
    if (request.chips > 0 && !request.fractional() && request.cpu_milli == 0 && request.host_memory_mib == 0) {
      for (int free = static_cast<int>(request.chips); free <= cluster.chips_per_server(p); ++free)
        if (cluster.count_with_free(p, free) > 0) {
          out.push_back(
              take_from(request, cluster, cluster.next_with_free(p, free, cluster.first_server(p)), request.chips));
          return;
        }
    }
    ServerIndex best = cluster.end_server(p);
    std::array<std::int64_t, 3> best_key{};
    for (ServerIndex s = cluster.first_server(p); s < cluster.end_server(p); ++s) {
      if (cluster.usable(request, s) == 0) continue;
      std::int64_t tightest = 0;
      if (request.fractional()) tightest = cluster.chip_free_milli(s, tightest_chip(cluster, s, request.chip_milli));
      const std::array<std::int64_t, 3> key = {tightest, cluster.free_count(s), cluster.cpu_free_milli(s)};
      if (best == cluster.end_server(p) || key < best_key) {
        best = s;
        best_key = key;
      }
    }
    out.push_back(take_from(request, cluster, best, request.chips));
  }

  // Servers that can hold the most of it first.
  void most_usable_first(const ChipRequest& request, PoolIndex p, const Cluster& cluster, Allocation& out) {
    candidates_.clear();
    for (ServerIndex s = cluster.first_server(p); s < cluster.end_server(p); ++s)
      if (const auto n = cluster.usable(request, s); n > 0) candidates_.push_back({-n, s});
    std::sort(candidates_.begin(), candidates_.end());
    std::int64_t left = request.chips;
    for (const auto& [n, s] : candidates_) {
      const bool whole = request.shape == Shape::whole_servers;
      out.push_back(take_from(request, cluster, s, whole ? -n : std::min(left, -n)));
      if ((left += n) <= 0) break;
    }
    by_number(out);
  }

  void gang(const ChipRequest& request, PoolIndex p, const Cluster& cluster, Allocation& out) {
    const int per_server = cluster.chips_per_server(p);
    const bool whole = request.shape == Shape::whole_servers;
    std::int64_t full = request.chips / per_server;
    std::int64_t rest = request.chips % per_server;
    if (whole && rest > 0) ++full, rest = 0;
    if (cluster.count_with_free(p, per_server) >= full) {
      take_full_servers(p, full, cluster, out);
      if (rest > 0) take_rest(p, rest, cluster, out);
      if (grids_[p]) return;  // ranks follow the box
    } else if ((rest = take_fullest(p, request.chips, cluster, out)) > 0) {
      take_rest(p, rest, cluster, out);
    }
    by_number(out);
  }

  static void take(ServerIndex s, std::int64_t chips, const Cluster& cluster, Allocation& out,
                   ServerIndex servers = 1) {
    out.push_back({s, 1000, lowest(cluster.free_mask(s), chips), servers});
  }
  static bool taken(ServerIndex s, const Allocation& out) {
    return std::any_of(out.begin(), out.end(),
                       [s](const Slice& slice) { return slice.server <= s && s < slice.server + slice.servers; });
  }

  void take_full_servers(PoolIndex p, std::int64_t count, const Cluster& cluster, Allocation& out) {
    const int per_server = cluster.chips_per_server(p);
    if (grids_[p] && count > 1) {
      for (const ServerIndex s : grids_[p]->choose(count, p, cluster)) {
        if (!out.empty() && out.back().server + out.back().servers == s)
          ++out.back().servers;
        else
          take(s, per_server, cluster, out);
      }
      return;
    }
    for (const auto& [leaf, servers] : near_.share_out(count, p, cluster, localities_[p])) {
      ServerIndex s = cluster.first_server_of_leaf(p, leaf);
      for (std::int64_t left = servers; left > 0;) {
        s = cluster.next_with_free(p, per_server, s);
        const auto limit = std::min<std::int64_t>(left, cluster.end_server_of_leaf(p, leaf) - s);
        const ServerIndex row = cluster.row_with_free(p, per_server, s, static_cast<ServerIndex>(limit));
        take(s, per_server, cluster, out, row);
        s += row;
        left -= row;
      }
    }
  }

  // Not enough whole servers: the fullest-free first, which needs the fewest of them. What is left fills none of those
  // not taken.
  std::int64_t take_fullest(PoolIndex p, std::int64_t left, const Cluster& cluster, Allocation& out) const {
    for (int free = cluster.chips_per_server(p); free > 0 && left > 0; --free) {
      if (left < free) continue;
      each_with_free(p, free, cluster, out, [&](ServerIndex s) {
        take(s, free, cluster, out);
        left -= free;
        return left >= free;
      });
    }
    return left;
  }

  // Calls `call(server)` for servers that have `free` chips free until it says false: by number; where there are rails
  // those first on whose rails the job already is, then those of which there are most on the same.
  template <class Call>
  void each_with_free(PoolIndex p, int free, const Cluster& cluster, const Allocation& out, const Call& call) const {
    const std::int64_t rails = localities_[p].rails;
    const ServerIndex end = cluster.end_server(p);
    const auto next = [&](ServerIndex from) { return cluster.next_with_free(p, free, from); };
    if (rails == 1) {
      for (ServerIndex s = next(cluster.first_server(p)); s < end && call(s); s = next(s + 1)) {
      }
      return;
    }
    const std::uint64_t used = out.empty() ? 0 : rails_of(out.back().chips, rails);
    std::map<std::uint64_t, std::vector<ServerIndex>> by_rails;
    for (ServerIndex s = next(cluster.first_server(p)); s < end; s = next(s + 1))
      by_rails[rails_of(cluster.free_mask(s), rails)].push_back(s);
    std::vector<std::tuple<int, std::int64_t, std::uint64_t>> order;
    for (const auto& [on, servers] : by_rails) order.emplace_back(-std::popcount(on & used), -std::ssize(servers), on);
    std::sort(order.begin(), order.end());
    for (const auto& choice : order)
      for (const ServerIndex s : by_rails[std::get<2>(choice)])
        if (!call(s)) return;
  }

  // A part of a server, on the chips whose rails the job's other parts are on where there are such.
  void take_part(PoolIndex p, ServerIndex s, std::int64_t chips, const Cluster& cluster, Allocation& out) const {
    const std::int64_t rails = localities_[p].rails;
    std::uint64_t mask = 0;
    if (rails > 1 && !out.empty()) {
      const std::uint64_t used = rails_of(out.back().chips, rails);
      for (std::uint64_t m = cluster.free_mask(s); m; m &= m - 1)
        if (used >> (std::countr_zero(m) % rails) & 1) mask |= m & -m;
    }
    mask = lowest(mask, chips);
    out.push_back({s, 1000, mask | lowest(cluster.free_mask(s) & ~mask, chips - std::popcount(mask))});
  }

  // In one server, the tightest, below the leaf of the job's last if that can be; else where it lies.
  void take_rest(PoolIndex p, std::int64_t rest, const Cluster& cluster, Allocation& out) const {
    const int per_server = cluster.chips_per_server(p);
    const std::uint32_t home = out.empty() ? cluster.first_leaf(p) : cluster.leaf_of(out.back().server);
    for (int free = static_cast<int>(rest); free <= per_server; ++free) {
      ServerIndex pick = cluster.end_server(p);
      for (ServerIndex s = cluster.next_with_free(p, free, cluster.first_server(p)); s < cluster.end_server(p);
           s = cluster.next_with_free(p, free, s + 1)) {
        if (taken(s, out)) continue;
        if (pick == cluster.end_server(p)) pick = s;
        if (out.empty() || cluster.leaf_of(s) == home) {
          pick = s;
          break;
        }
      }
      if (pick != cluster.end_server(p)) return take_part(p, pick, rest, cluster, out);
    }
    for (int free = per_server; free > 0 && rest > 0; --free)
      each_with_free(p, free, cluster, out, [&](ServerIndex s) {
        if (taken(s, out)) return true;
        const std::int64_t here = std::min<std::int64_t>(rest, free);
        take_part(p, s, here, cluster, out);
        rest -= here;
        return rest > 0;
      });
  }

  static std::uint64_t rails_of(std::uint64_t chips, std::int64_t rails) {
    std::uint64_t on = 0;
    for (; chips; chips &= chips - 1) on |= 1ULL << (std::countr_zero(chips) % rails);
    return on;
  }

  std::vector<PoolLocality> localities_;
  std::vector<std::optional<GridPool>> grids_;  ///< [pool]
  NearLeaves near_;
  std::vector<std::pair<std::int64_t, ServerIndex>> candidates_;
};

}  // namespace

PlacementEntry pack_placement() {
  return {"pack",
          "Fewest servers, close together (supernodes, pods or groups, leaves; boxes of grids), then the tightest fit.",
          [](const Site& site, Stream) { return std::make_unique<Pack>(site); }};
}

}  // namespace alight
