// What is close to what: how the servers of each pool lie in the site's networks. For placements that keep a job
// together, and for what a job's lie costs it. Fixed for a run; Cluster knows what is free.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "platforms/site.hpp"
#include "platforms/topology/grid.hpp"

namespace alight {

/// A pool's servers in grids cabled alike.
struct GridLie {
  Grid grid;
  std::shared_ptr<const GridShape> shape;
  /// Of the pool's first server, counted through all grids of the network: the pool may begin inside one.
  std::int64_t first = 0;
};

struct PoolLocality {
  /// [leaf - Cluster::first_leaf()]: pods below a core tier, groups of a dragonfly; counted from 0 up, ascending.
  std::vector<std::uint32_t> pod_of_leaf;
  std::uint32_t pods = 1;
  std::optional<GridLie> grid;
  bool supernodes = false;  ///< a leaf is a supernode
  std::int64_t rails = 1;   ///< NICs of a server on leaves of their own: chip c hangs on rail c modulo rails

  /// The shape that its servers can take beyond leaves of one pod.
  bool flat() const { return pods <= 1 && !supernodes && !grid; }
};

/// [pool] of a numbered site. Where it was read from a platform file, every pool is one leaf.
std::vector<PoolLocality> localities(const Site& site);

}  // namespace alight
