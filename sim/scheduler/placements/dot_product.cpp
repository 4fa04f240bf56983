// dot-product: the server whose free processor and chips have the smallest product with what is asked: large jobs go to
// where little is left. The publication takes it from Grandl et al., "Multi-resource Packing for Cluster Schedulers",
// SIGCOMM 2014, with the sign turned round.

#include "sim/scheduler/placements/common.hpp"
#include "sim/scheduler/placements/scored.hpp"

namespace alight {
namespace {

// 100 (1 - (cpu free * cpu asked + chips free * chips asked) / 2), each over the largest server's.
class DotProduct : public ScoredPlacement {
 public:
  using ScoredPlacement::ScoredPlacement;

 protected:
  std::int64_t score(const Cluster& cluster, ServerIndex s, const Ask& ask) const override {
    const auto largest_cpu = static_cast<double>(largest_cpu_milli());
    const auto largest_chips = static_cast<double>(largest_chips_milli());
    const std::int64_t cpu = counts_cpu(cluster, s) ? cluster.cpu_free_milli(s) : 0;
    const double product =
        static_cast<double>(cpu) / largest_cpu * static_cast<double>(ask.cpu_milli) / largest_cpu +
        static_cast<double>(free_milli(cluster, s)) / largest_chips * static_cast<double>(ask.milli()) / largest_chips;
    return static_cast<std::int64_t>(100 * (1 - product / 2));
  }
};

}  // namespace

PlacementEntry dot_product_placement() {
  return {"dot-product", "The server whose free processor and chips have the smallest dot product with the request.",
          [](const Site& site, Stream stream) { return std::make_unique<DotProduct>(site, std::move(stream)); }};
}

}  // namespace alight
