// Which chips: a placement finds servers for one request, or says there is no room.
//
// Adding one is one file in placements/: write a class, give it a name at the bottom. A placement must find room
// whenever the pool has it (Cluster::fits); which room is its own affair. Equal calls give equal answers; randomness
// comes from the stream the run hands over.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/random/streams.hpp"
#include "sim/cluster/cluster.hpp"

namespace alight {

class Placement {
 public:
  virtual ~Placement() = default;
  /// Finds chips for `request` in one of `pools` (in the site's order) and puts them into `out`, which comes empty;
  /// false, and `out` untouched, when none of the pools has room.
  virtual bool place(const ChipRequest& request, std::span<const PoolIndex> pools, const Cluster& cluster,
                     Allocation& out) = 0;
  /// Whether `out` is in the order in which the ranks of a training job should fill its servers. Else they fill them by
  /// number.
  virtual bool orders_ranks() const { return false; }
};

struct PlacementEntry {
  std::string name;
  std::string doc;
  std::function<std::unique_ptr<Placement>(const Site& site, Stream stream)> make;
};

/// Servers in the order of their numbers.
inline void by_number(Allocation& held) {
  std::sort(held.begin(), held.end(), [](const Slice& a, const Slice& b) { return a.server < b.server; });
}

/// All placements by name, in alphabetical order.
const std::vector<PlacementEntry>& placements();
std::vector<std::string> placement_names();
/// Null when there is none of that name.
std::unique_ptr<Placement> make_placement(const std::string& name, const Site& site, Stream stream);

}  // namespace alight
