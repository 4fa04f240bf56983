#include "sim/scheduler/placements/grid_pools.hpp"

#include <algorithm>

namespace alight {

// A pool may begin and end inside a grid: cells of others are never free.
void GridPool::look(PoolIndex p, const Cluster& cluster) {
  const std::int64_t in_grid = boxes_.servers();
  pool_first_ = cluster.first_server(p);
  const std::int64_t first = first_ / in_grid;
  const std::int64_t count = cluster.end_server(p) - pool_first_;
  maps_.resize(static_cast<std::size_t>((first_ + count - 1) / in_grid - first + 1));
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    maps_[i].grid = first + static_cast<std::int64_t>(i);
    maps_[i].servers = 0;
    maps_[i].free.assign(static_cast<std::size_t>(in_grid), 0);
  }
  const int all = cluster.chips_per_server(p);
  const ServerIndex end = cluster.end_server(p);
  for (ServerIndex s = cluster.next_with_free(p, all, pool_first_); s < end;) {
    const ServerIndex row = cluster.row_with_free(p, all, s, end - s);
    for (ServerIndex i = 0; i < row; ++i) {
      const std::int64_t number = first_ + (s + i - pool_first_);
      Map& map = maps_[static_cast<std::size_t>(number / in_grid - first)];
      map.free[static_cast<std::size_t>(boxes_.shape().cell_of(number % in_grid))] = 1;
      ++map.servers;
    }
    s = s + row < end ? cluster.next_with_free(p, all, s + row) : end;
  }
  std::stable_sort(maps_.begin(), maps_.end(), [](const Map& a, const Map& b) { return a.servers < b.servers; });
}

void GridPool::add(const Map& map) {
  for (const std::int64_t cell : cells_)
    chosen_.push_back(
        static_cast<ServerIndex>(pool_first_ + map.grid * boxes_.servers() + boxes_.shape().server_at(cell) - first_));
}

bool GridPool::box_in(const Map& map, std::int64_t servers) {
  cells_.clear();
  if (!boxes_.find(map.free, servers, cells_)) return false;
  add(map);
  return true;
}

void GridPool::nearest_in(const Map& map, std::int64_t servers) {
  cells_.clear();
  boxes_.nearest(map.free, servers, cells_);
  add(map);
}

const std::vector<ServerIndex>& GridPool::choose(std::int64_t servers, PoolIndex p, const Cluster& cluster) {
  chosen_.clear();
  look(p, cluster);
  // All of those with most, until one holds what is left.
  auto end = maps_.end();
  while (end[-1].servers < servers) {
    --end;
    servers -= end->servers;
    nearest_in(*end, end->servers);
  }
  const auto holds = std::find_if(maps_.begin(), end, [servers](const Map& map) { return map.servers >= servers; });
  if (!std::any_of(holds, end, [&](const Map& map) { return box_in(map, servers); })) nearest_in(*holds, servers);
  return chosen_;
}

}  // namespace alight
