// best-fit: the server left with least, processor and chips weighing the same.

#include "sim/scheduler/placements/common.hpp"
#include "sim/scheduler/placements/scored.hpp"

namespace alight {
namespace {

// 100 (1 - (cpu left after / largest cpu + chips left after / largest chips) / 2).
class BestFit : public ScoredPlacement {
 public:
  using ScoredPlacement::ScoredPlacement;

 protected:
  std::int64_t score(const Cluster& cluster, ServerIndex s, const Ask& ask) const override {
    const std::int64_t cpu = counts_cpu(cluster, s) ? cluster.cpu_free_milli(s) - ask.cpu_milli : 0;
    const std::int64_t chips = free_milli(cluster, s) - ask.milli();
    const double left = 0.5 * static_cast<double>(cpu) / static_cast<double>(largest_cpu_milli()) +
                        0.5 * static_cast<double>(chips) / static_cast<double>(largest_chips_milli());
    return static_cast<std::int64_t>((1 - left) * 100);
  }
};

}  // namespace

PlacementEntry best_fit_placement() {
  return {"best-fit", "The server left with least free processor and chips; ties by lot.",
          [](const Site& site, Stream stream) { return std::make_unique<BestFit>(site, std::move(stream)); }};
}

}  // namespace alight
