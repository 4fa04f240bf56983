#include "platforms/topology/grid.hpp"

#include <algorithm>
#include <functional>

namespace alight {

namespace {

/// Blocks along each axis for `blocks` of them: the least longest side, then the least second, and so on; longer sides
/// along later axes. An axis that is not `open` gets one. Empty where there is none.
std::vector<std::int64_t> nearest_cube(std::int64_t blocks, const std::vector<bool>& open) {
  std::vector<std::int64_t> best, best_sides, sides(open.size(), 1);
  const std::function<void(std::size_t, std::int64_t)> extend = [&](std::size_t axis, std::int64_t left) {
    if (axis == open.size()) {
      if (left != 1) return;
      std::vector<std::int64_t> sorted = sides;
      std::sort(sorted.rbegin(), sorted.rend());
      if (best.empty() || sorted < best_sides) best = sides, best_sides = std::move(sorted);
      return;
    }
    for (std::int64_t side = 1; side <= (open[axis] ? left : 1); ++side) {
      if (left % side != 0) continue;
      sides[axis] = side;
      extend(axis + 1, left / side);
    }
    sides[axis] = 1;
  };
  extend(0, blocks);
  return best;
}

}  // namespace

GridShape::GridShape(const Grid& grid)
    : wiring_(grid.wiring),
      wrap_(grid.wrap),
      slices_(grid.slices),
      dims_(grid.dims),
      block_(grid.block),
      stride_(grid.dims.size(), 1) {
  wrap_.resize(dims_.size(), false);
  for (std::size_t axis = 1; axis < dims_.size(); ++axis) stride_[axis] = stride_[axis - 1] * dims_[axis - 1];
  const std::int64_t servers = grid.servers();
  cell_of_.resize(static_cast<std::size_t>(servers));
  server_at_.resize(static_cast<std::size_t>(servers));
  const std::int64_t per_block = grid.block_servers();
  for (std::int64_t s = 0; s < servers; ++s) {
    std::int64_t inside = s % per_block, block = s / per_block, cell = 0;
    for (std::size_t axis = 0; axis < dims_.size(); ++axis) {
      const std::int64_t blocks = dims_[axis] / grid.block[axis];
      cell += (block % blocks * grid.block[axis] + inside % grid.block[axis]) * stride_[axis];
      block /= blocks;
      inside /= grid.block[axis];
    }
    cell_of_[static_cast<std::size_t>(s)] = static_cast<std::int32_t>(cell);
    server_at_[static_cast<std::size_t>(cell)] = static_cast<std::int32_t>(s);
  }
}

std::int64_t GridShape::links_up(std::int64_t cell, std::size_t axis) const {
  const std::int64_t n = dims_[axis], at = coordinate(cell, axis);
  if (wiring_ == Grid::Wiring::full_mesh) return n - 1 - at;
  if (at + 1 < n) return 1;
  return wrap_[axis] && n > 1 ? 1 : 0;
}

std::int64_t GridShape::end_of(std::int64_t cell, std::size_t axis, std::int64_t link) const {
  return moved(cell, axis, (coordinate(cell, axis) + 1 + link) % dims_[axis]);
}

int GridShape::diameter() const {
  std::int64_t sum = 0;
  for (std::size_t axis = 0; axis < dims_.size(); ++axis) {
    const std::int64_t n = dims_[axis];
    sum += n == 1 ? 0 : wiring_ == Grid::Wiring::full_mesh ? 1 : wrap_[axis] ? n / 2 : n - 1;
  }
  return static_cast<int>(sum);
}

char letter_of(std::size_t axis) {
  return "xyzuvw"[axis % 6];
}

std::string grid_tier(const std::string& network, const Grid& grid, std::size_t axis, bool switched) {
  return network + (grid.wiring == Grid::Wiring::torus ? " torus " : " mesh ") + letter_of(axis) +
         (switched ? " optical" : "");
}

std::vector<std::int64_t> slice_dims(const Grid& grid, std::int64_t blocks) {
  std::vector<bool> open;
  for (const std::int64_t n : grid.dims) open.push_back(n > 1);
  std::vector<std::int64_t> dims = nearest_cube(blocks, open);
  for (std::size_t axis = 0; axis < dims.size(); ++axis) dims[axis] *= grid.block[axis];
  return dims;
}

}  // namespace alight
