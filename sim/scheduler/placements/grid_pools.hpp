// Which wholly free servers of a pool cabled as grids a job takes, and in which order its ranks fill them.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/cluster/cluster.hpp"
#include "sim/scheduler/placements/grid_boxes.hpp"

namespace alight {

class GridPool {
 public:
  explicit GridPool(const GridLie& lie) : first_(lie.first), boxes_(lie) {}

  /// So many servers (there are as many): a box in one grid, the grid with fewest free servers that has one; else those
  /// nearest to each other in one grid; else in as few grids as can be.
  const std::vector<ServerIndex>& choose(std::int64_t servers, PoolIndex p, const Cluster& cluster);

 private:
  struct Map {
    std::int64_t grid = 0, servers = 0;  ///< free
    GridBoxes::Free free;
  };
  void look(PoolIndex p, const Cluster& cluster);
  bool box_in(const Map& map, std::int64_t servers);
  void nearest_in(const Map& map, std::int64_t servers);
  void add(const Map& map);

  std::int64_t first_;
  GridBoxes boxes_;
  std::vector<Map> maps_;
  std::vector<std::int64_t> cells_;
  ServerIndex pool_first_ = 0;
  std::vector<ServerIndex> chosen_;
};

}  // namespace alight
