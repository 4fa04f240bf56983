// spread: chips are dealt to the servers with most free, as evenly as can be.

#include <algorithm>

#include "sim/scheduler/placement.hpp"
#include "sim/scheduler/placements/common.hpp"

namespace alight {
namespace {

class Spread : public Placement {
 public:
  bool place(const ChipRequest& request, std::span<const PoolIndex> pools, const Cluster& cluster,
             Allocation& out) override {
    for (const PoolIndex p : pools) {
      if (!cluster.fits(request, p)) continue;
      collect(request, p, cluster);
      if (request.on_one_server())
        out.push_back(take_from(request, cluster, room_.front().server, request.chips));
      else
        deal(request, cluster, out);
      return true;
    }
    return false;
  }

 private:
  struct Room {
    std::int64_t free_milli;
    std::int64_t usable;
    ServerIndex server;
    std::int64_t dealt = 0;
  };

  // Servers with room, most free first.
  void collect(const ChipRequest& request, PoolIndex p, const Cluster& cluster) {
    room_.clear();
    for (ServerIndex s = cluster.first_server(p); s < cluster.end_server(p); ++s) {
      const std::int64_t usable = cluster.usable(request, s);
      if (usable == 0) continue;
      room_.push_back({free_milli(cluster, s), usable, s});
    }
    std::sort(room_.begin(), room_.end(), [](const Room& a, const Room& b) {
      return a.free_milli != b.free_milli ? a.free_milli > b.free_milli : a.server < b.server;
    });
  }

  // One chip to each server in turn until all are dealt; whole servers go as they are.
  void deal(const ChipRequest& request, const Cluster& cluster, Allocation& out) {
    std::int64_t left = request.chips;
    if (request.shape == Shape::whole_servers) {
      for (Room& r : room_) {
        if (left <= 0) break;
        r.dealt = r.usable;
        left -= r.usable;
      }
    }
    while (left > 0)
      for (Room& r : room_) {
        if (r.dealt == r.usable) continue;
        ++r.dealt;
        if (--left == 0) break;
      }
    for (const Room& r : room_)
      if (r.dealt > 0) out.push_back(take_from(request, cluster, r.server, r.dealt));
  }

  std::vector<Room> room_;
};

}  // namespace

PlacementEntry spread_placement() {
  return {"spread", "Evenly over the servers with most free chips.",
          [](const Site&, Stream) { return std::make_unique<Spread>(); }};
}

}  // namespace alight
