#include <algorithm>

#include "sim/scheduler/placement.hpp"

namespace alight {

// Each file of this folder defines one of these.
PlacementEntry best_fit_placement();
PlacementEntry dot_product_placement();
PlacementEntry gpu_clustering_placement();
PlacementEntry gpu_packing_placement();
PlacementEntry pack_placement();
PlacementEntry random_placement();
PlacementEntry spread_placement();

const std::vector<PlacementEntry>& placements() {
  static const std::vector<PlacementEntry> all = [] {
    std::vector<PlacementEntry> list = {best_fit_placement(),    dot_product_placement(), gpu_clustering_placement(),
                                        gpu_packing_placement(), pack_placement(),        random_placement(),
                                        spread_placement()};
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return list;
  }();
  return all;
}

std::vector<std::string> placement_names() {
  std::vector<std::string> names;
  for (const auto& entry : placements()) names.push_back(entry.name);
  return names;
}

std::unique_ptr<Placement> make_placement(const std::string& name, const Site& site, Stream stream) {
  for (const auto& entry : placements())
    if (entry.name == name) return entry.make(site, std::move(stream));
  return nullptr;
}

}  // namespace alight
