// random: servers in random order.

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>

#include "sim/scheduler/placement.hpp"
#include "sim/scheduler/placements/common.hpp"

namespace alight {
namespace {

class Random : public Placement {
 public:
  explicit Random(Stream stream) : stream_(std::move(stream)) {}

  bool place(const ChipRequest& request, std::span<const PoolIndex> pools, const Cluster& cluster,
             Allocation& out) override {
    room_.clear();
    if (request.on_one_server()) {
      for (const PoolIndex p : pools) collect(request, p, cluster);
      if (room_.empty()) return false;
      out.push_back(take(request, cluster, draw(), request.chips));
      return true;
    }
    for (const PoolIndex p : pools) {
      if (!cluster.fits(request, p)) continue;
      collect(request, p, cluster);
      for (std::int64_t left = request.chips; left > 0;) {
        const ServerIndex s = draw();
        const std::int64_t usable = cluster.usable(request, s);
        const std::int64_t n = request.shape == Shape::whole_servers ? usable : std::min(left, usable);
        out.push_back(take(request, cluster, s, n));
        left -= n;
      }
      return true;
    }
    return false;
  }

 private:
  void collect(const ChipRequest& request, PoolIndex p, const Cluster& cluster) {
    if (request.chips > 0 && cluster.free_milli(p) == 0) return;
    for (ServerIndex s = cluster.first_server(p); s < cluster.end_server(p); ++s)
      if (cluster.usable(request, s) > 0) room_.push_back(s);
  }

  ServerIndex draw() {
    const std::size_t i = boost::random::uniform_int_distribution<std::size_t>(0, room_.size() - 1)(stream_);
    const ServerIndex s = room_[i];
    room_[i] = room_.back();
    room_.pop_back();
    return s;
  }

  // A share goes to a random chip with room; whole chips of one server are all alike.
  Slice take(const ChipRequest& request, const Cluster& cluster, ServerIndex s, std::int64_t chips) {
    if (!request.fractional()) return take_from(request, cluster, s, chips);
    std::uint64_t fitting = 0;
    for (std::uint64_t m = cluster.free_mask(s) | cluster.shared_mask(s); m; m &= m - 1)
      if (cluster.chip_free_milli(s, std::countr_zero(m)) >= request.chip_milli) fitting |= m & -m;
    int skip = boost::random::uniform_int_distribution<int>(0, std::popcount(fitting) - 1)(stream_);
    for (; skip > 0; --skip) fitting &= fitting - 1;
    return {s, request.chip_milli, fitting & -fitting};
  }

  Stream stream_;
  std::vector<ServerIndex> room_;
};

}  // namespace

PlacementEntry random_placement() {
  return {"random", "Servers in random order, drawn from the run's stream \"placement\".",
          [](const Site&, Stream stream) { return std::make_unique<Random>(std::move(stream)); }};
}

}  // namespace alight
