// gpu-packing: chips already shared first, then free chips of servers in use, then idle servers. The publication takes
// the idea from Weng et al., "MLaaS in the Wild", NSDI 2022.

#include <algorithm>

#include "sim/scheduler/placements/common.hpp"
#include "sim/scheduler/placements/scored.hpp"

namespace alight {
namespace {

// 50 to 100: a share on a chip already shared, the fuller the better. 33 to 50: free chips of a server in use, the
// fewer asked the better. 0 to 33: a server of which nothing is in use, the smaller the better.
class GpuPacking : public ScoredPlacement {
 public:
  using ScoredPlacement::ScoredPlacement;

 protected:
  std::int64_t score(const Cluster& cluster, ServerIndex s, const Ask& ask) const override {
    if (ask.chips == 0) return 0;
    const int size = cluster.chips_per_server(cluster.pool_of(s));
    if (cluster.free_count(s) == size) return std::max(33 - size, 0);
    if (ask.fractional()) {
      const int chip = tightest_chip(cluster, s, ask.chip_milli);
      if (const std::int32_t free = cluster.chip_free_milli(s, chip); free < 1000) return 100 - free / 100;
    }
    return std::max<std::int64_t>(50 - ask.chips, 33);
  }
};

}  // namespace

PlacementEntry gpu_packing_placement() {
  return {"gpu-packing", "Shared chips first, then free chips of servers in use, then idle servers; ties by lot.",
          [](const Site& site, Stream stream) { return std::make_unique<GpuPacking>(site, std::move(stream)); }};
}

}  // namespace alight
