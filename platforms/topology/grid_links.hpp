// The links of one grid of servers in the numbers of the whole site, and its slices.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platforms/topology/grid.hpp"
#include "platforms/topology/routes.hpp"

namespace alight {

class GridLinks {
 public:
  /// Adds both directions of a link between two of the grid's servers (by number in the grid); says its "up" index.
  using Add = std::function<LinkIndex(const std::string& name, double gbps, std::int64_t below, std::int64_t above)>;

  /// Links are named `name` + server + axis, of a full mesh + server there: "torus.12x", "mesh.12x14".
  GridLinks(const Grid& grid, std::shared_ptr<const GridShape> shape, const std::string& name,
            const std::function<std::int64_t(std::int64_t)>& site_server, const Add& add);

  const GridShape& shape() const { return *shape_; }
  void way(std::int64_t cell_a, std::int64_t cell_b, bool fixed, std::vector<Crossing>& out) const;

  /// Ways inside whole blocks (numbers of blocks in the grid, ascending), joined into the torus that is most nearly a
  /// cube, in the order given, first axis fastest. `cell_of_place` is the cell of each of the site's places that lie in
  /// this grid, -1 for others.
  std::unique_ptr<const SliceWays> slice(const Grid& grid, const std::vector<std::int64_t>& blocks,
                                         std::function<std::int64_t(std::int64_t)> cell_of_place) const;

 private:
  class Slice;
  std::shared_ptr<const GridShape> shape_;
  std::vector<LinkIndex> first_;  ///< [cell x axes + axis]: the first of the links that go up from there
};

}  // namespace alight
