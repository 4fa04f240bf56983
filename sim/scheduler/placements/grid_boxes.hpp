// Free boxes of servers in one grid: which servers of a torus or a full mesh a job should have so that it is compact
// and its traffic stays on links of its own.
//
// A box is what is cut out of the grid by a range along every axis, going on around the end where the axis wraps (in a
// full mesh along every axis: all coordinates are alike). Ways go axis by axis, so those between servers of a box stay
// inside it, but for a range longer than half of an axis that wraps without being all of it.
//
// Boxes are preferred by the rate of the links that leave them, least first (a cube in a torus, all of few axes in a
// full mesh), then by their size. One that is larger than the job is filled layer by layer along its longest side.
//
// A search looks at every corner at once, by shifting the map of free servers: some tens of microseconds for a side
// lengths' choice in a grid of 25,000.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "platforms/topology/box_sides.hpp"
#include "sim/cluster/locality.hpp"

namespace alight {

class GridBoxes {
 public:
  using Free = std::vector<std::uint8_t>;  ///< [cell] 1 or 0

  explicit GridBoxes(const GridLie& lie);

  std::int64_t servers() const { return shape_->cells(); }
  const GridShape& shape() const { return *shape_; }

  /// Appends the cells of a free box that holds so many servers, as ranks fill it: inside one block where a block can
  /// hold them, the block with the fewest free servers; of whole blocks where they are as many as whole blocks have
  /// (with `slices` any free blocks, which are then a torus of their own); else anywhere. False, and nothing appended,
  /// where there is none.
  bool find(const Free& free, std::int64_t servers, std::vector<std::int64_t>& cells);
  /// Appends the cells of so many free servers (there must be as many): the blocks nearest to the one with most.
  void nearest(const Free& free, std::int64_t servers, std::vector<std::int64_t>& cells);

 private:
  using Sides = BoxSides;
  /// The grid, or its blocks as points of a grid; the first axis is fastest.
  struct Lattice {
    Sides dims, unit;  ///< a point is so many servers along each axis
    std::map<std::int64_t, std::vector<Sides>> known = {};
  };

  const std::vector<Sides>& sides_of(Lattice& lattice, const Sides& longest, std::int64_t points);
  /// Where a box of `sides` that begins there is all free.
  void corners(const Lattice& lattice, const Free& free, const Sides& sides, Free& out);
  bool goes_round(std::size_t axis) const;

  void count_blocks(const Free& free);
  bool in_a_block(const Free& free, std::int64_t servers, std::vector<std::int64_t>& cells);
  bool of_blocks(std::int64_t blocks, std::vector<std::int64_t>& cells);
  bool slice(std::int64_t blocks, std::vector<std::int64_t>& cells);
  bool anywhere(const Free& free, std::int64_t servers, std::vector<std::int64_t>& cells);
  void fill(std::int64_t corner, const Sides& sides, std::int64_t servers, std::vector<std::int64_t>& cells) const;
  std::int64_t corner_of_block(std::int64_t block) const { return shape_->cell_of(block * per_block_); }
  std::int64_t distance(std::int64_t block_a, std::int64_t block_b) const;

  Grid grid_;
  std::shared_ptr<const GridShape> shape_;
  std::int64_t per_block_, blocks_;
  Lattice cells_, whole_blocks_, inside_;
  std::vector<std::int32_t> block_of_;       ///< [cell]
  std::vector<std::int64_t> free_of_block_;  ///< at the last call
  Free corners_, shifted_, free_blocks_;
};

}  // namespace alight
