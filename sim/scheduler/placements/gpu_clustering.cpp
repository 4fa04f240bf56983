// gpu-clustering: jobs beside jobs of their own size. The publication takes the idea from Xiao et al., "Gandiva",
// OSDI 2018.

#include <algorithm>

#include "sim/scheduler/placements/common.hpp"
#include "sim/scheduler/placements/scored.hpp"

namespace alight {
namespace {

// 75 to 100: all jobs on the server's chips are of this size. 50 to 75: some are. 25 to 50: there are none. 0 to 25:
// only others. Within each, the server with fewer free chips. Sizes are chips per job; all shares are one size.
class GpuClustering : public ScoredPlacement {
 public:
  using ScoredPlacement::ScoredPlacement;

 protected:
  std::int64_t score(const Cluster& cluster, ServerIndex s, const Ask& ask) const override {
    if (ask.chips == 0) return 0;
    const auto holders = cluster.holders(s);
    const auto sizes = std::count_if(holders.begin(), holders.end(), [](auto n) { return n > 0; });
    const auto size = static_cast<std::size_t>(ask.fractional() ? 0 : ask.chips);
    const std::int64_t fullness = 25 * (largest_chips_milli() - free_milli(cluster, s)) / largest_chips_milli();
    if (holders[size] > 0) return fullness + (sizes == 1 ? 75 : 50);
    return fullness + (sizes == 0 ? 25 : 0);
  }
};

}  // namespace

PlacementEntry gpu_clustering_placement() {
  return {"gpu-clustering", "Beside jobs of the same size, on the fuller server; ties by lot.",
          [](const Site& site, Stream stream) { return std::make_unique<GpuClustering>(site, std::move(stream)); }};
}

}  // namespace alight
