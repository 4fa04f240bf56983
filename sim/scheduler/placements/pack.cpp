// pack: fewest servers, then fewest leaves, then the tightest fit.

#include <algorithm>

#include "sim/scheduler/placement.hpp"
#include "sim/scheduler/placements/common.hpp"

namespace alight {
namespace {

class Pack : public Placement {
 public:
  bool place(const Request& request, std::span<const PoolIndex> pools, const Cluster& cluster,
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

 private:
  // The server left with the fewest free chips, then with the least free processor; a share goes to the fullest chip.
  static void one_server(const Request& request, PoolIndex p, const Cluster& cluster, Allocation& out) {
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
  void most_usable_first(const Request& request, PoolIndex p, const Cluster& cluster, Allocation& out) {
    candidates_.clear();
    for (ServerIndex s = cluster.first_server(p); s < cluster.end_server(p); ++s)
      if (const auto n = cluster.usable(request, s); n > 0) candidates_.push_back({-n, s});
    std::sort(candidates_.begin(), candidates_.end());
    std::int64_t left = request.chips;
    for (const auto& [n, s] : candidates_) {
      const bool whole = request.shape == Shape::whole_servers;
      out.push_back(take_from(request, cluster, s, whole ? -n : std::min(left, -n)));
      if ((left += n) <= 0) return;
    }
  }

  void gang(const Request& request, PoolIndex p, const Cluster& cluster, Allocation& out) {
    const int per_server = cluster.chips_per_server(p);
    const bool whole = request.shape == Shape::whole_servers;
    std::int64_t full = request.chips / per_server;
    std::int64_t rest = request.chips % per_server;
    if (whole && rest > 0) ++full, rest = 0;
    std::int64_t left = request.chips;
    const auto take = [&](ServerIndex s, std::int64_t chips, ServerIndex servers = 1) {
      out.push_back({s, 1000, lowest(cluster.free_mask(s), chips), servers});
      left -= chips * servers;
    };
    const auto taken = [&](ServerIndex s) {
      return std::any_of(out.begin(), out.end(),
                         [&](const Slice& slice) { return slice.server <= s && s < slice.server + slice.servers; });
    };
    if (cluster.count_with_free(p, per_server) >= full) {
      take_full_servers(p, full, per_server, cluster, take);
    } else {
      // Not enough whole servers: the fullest-free first, which needs the fewest of them.
      for (int free = per_server; free > 0 && left > 0; --free)
        for (ServerIndex s = cluster.next_with_free(p, free, cluster.first_server(p));
             s < cluster.end_server(p) && left >= free; s = cluster.next_with_free(p, free, s + 1))
          take(s, free);
      rest = left;
    }
    if (rest == 0) return;
    const std::uint32_t home = out.empty() ? cluster.first_leaf(p) : cluster.leaf_of(out.back().server);
    for (int free = static_cast<int>(rest); free <= per_server; ++free) {
      ServerIndex pick = cluster.end_server(p);
      for (ServerIndex s = cluster.next_with_free(p, free, cluster.first_server(p)); s < cluster.end_server(p);
           s = cluster.next_with_free(p, free, s + 1)) {
        if (taken(s)) continue;
        if (pick == cluster.end_server(p)) pick = s;
        if (out.empty() || cluster.leaf_of(s) == home) {
          pick = s;
          break;
        }
      }
      if (pick != cluster.end_server(p)) {
        take(pick, rest);
        return;
      }
    }
    // No single server holds the rest: take it where it lies.
    for (int free = per_server; free > 0 && left > 0; --free)
      for (ServerIndex s = cluster.next_with_free(p, free, cluster.first_server(p));
           s < cluster.end_server(p) && left > 0; s = cluster.next_with_free(p, free, s + 1))
        if (!taken(s)) take(s, std::min<std::int64_t>(left, free));
  }

  // Wholly free servers: all under the leaf that just holds them, else from the leaves with most.
  template <class Take>
  void take_full_servers(PoolIndex p, std::int64_t count, int per_server, const Cluster& cluster, const Take& take) {
    if (count == 0) return;
    std::uint32_t best = cluster.end_leaf(p);
    for (std::uint32_t leaf = cluster.first_leaf(p); leaf < cluster.end_leaf(p); ++leaf)
      if (cluster.free_servers_of_leaf(leaf) >= count &&
          (best == cluster.end_leaf(p) || cluster.free_servers_of_leaf(leaf) < cluster.free_servers_of_leaf(best)))
        best = leaf;
    const auto from_leaf = [&](std::uint32_t leaf) {
      const ServerIndex end = cluster.end_server_of_leaf(p, leaf);
      for (ServerIndex s = cluster.first_server_of_leaf(p, leaf); count > 0;) {
        s = cluster.next_with_free(p, per_server, s);
        if (s >= end) break;
        const auto limit = static_cast<ServerIndex>(std::min<std::int64_t>(count, end - s));
        const ServerIndex row = cluster.row_with_free(p, per_server, s, limit);
        take(s, per_server, row);
        s += row;
        count -= row;
      }
    };
    if (best != cluster.end_leaf(p)) return from_leaf(best);
    leaves_.clear();
    for (std::uint32_t leaf = cluster.first_leaf(p); leaf < cluster.end_leaf(p); ++leaf)
      if (const auto n = cluster.free_servers_of_leaf(leaf); n > 0) leaves_.push_back({-n, leaf});
    std::sort(leaves_.begin(), leaves_.end());
    for (const auto& [n, leaf] : leaves_) {
      if (count == 0) break;
      from_leaf(leaf);
    }
  }

  std::vector<std::pair<std::int64_t, ServerIndex>> candidates_;
  std::vector<std::pair<std::int32_t, std::uint32_t>> leaves_;
};

}  // namespace

PlacementEntry pack_placement() {
  return {"pack", "Fewest servers, then fewest leaves, then the tightest fit.",
          [](const Site&, Stream) { return std::make_unique<Pack>(); }};
}

}  // namespace alight
