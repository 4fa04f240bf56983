#include "sim/scheduler/placements/grid_boxes.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <tuple>

#include "models/whole_numbers.hpp"

namespace alight {
namespace {

std::int64_t product(const std::vector<std::int64_t>& sides) {
  return std::accumulate(sides.begin(), sides.end(), std::int64_t{1}, std::multiplies<>());
}

/// out[i] &= in[i], eight at once.
void meet(std::uint8_t* out, const std::uint8_t* in, std::int64_t n) {
  std::int64_t i = 0;
  for (std::uint64_t a = 0, b = 0; i + 8 <= n; i += 8) {
    std::memcpy(&a, out + i, 8);
    std::memcpy(&b, in + i, 8);
    a &= b;
    std::memcpy(out + i, &a, 8);
  }
  for (; i < n; ++i) out[i] &= in[i];
}

}  // namespace

GridBoxes::GridBoxes(const GridLie& lie)
    : grid_(lie.grid), shape_(lie.shape), per_block_(grid_.block_servers()), blocks_(grid_.servers() / per_block_) {
  const Sides ones(grid_.dims.size(), 1);
  cells_ = {grid_.dims, ones};
  inside_ = {grid_.dims, ones};
  whole_blocks_ = {grid_.dims, grid_.block};
  for (std::size_t axis = 0; axis < ones.size(); ++axis) whole_blocks_.dims[axis] /= grid_.block[axis];
  block_of_.resize(at(shape_->cells()));
  for (std::int64_t s = 0; s < shape_->cells(); ++s)
    block_of_[at(shape_->cell_of(s))] = static_cast<std::int32_t>(s / per_block_);
}

bool GridBoxes::goes_round(std::size_t axis) const {
  return grid_.wiring == Grid::Wiring::full_mesh || (axis < grid_.wrap.size() && grid_.wrap[axis]);
}

const std::vector<GridBoxes::Sides>& GridBoxes::sides_of(Lattice& lattice, const Sides& longest, std::int64_t points) {
  const auto [found, fresh] = lattice.known.try_emplace(points);
  if (fresh) found->second = box_sides(grid_, longest, lattice.unit, points);
  return found->second;
}

// Along each axis in turn: begins a free range of 1, of 2, of 4 ... of the whole side here?
void GridBoxes::corners(const Lattice& lattice, const Free& free, const Sides& sides, Free& out) {
  out = free;
  const auto points = static_cast<std::int64_t>(free.size());
  std::int64_t stride = 1;
  for (std::size_t axis = 0; axis < sides.size(); ++axis) {
    const std::int64_t n = lattice.dims[axis], row = stride * n;
    const bool round = goes_round(axis);
    for (std::int64_t length = 1; length < sides[axis];) {
      const std::int64_t by = std::min(length, sides[axis] - length);
      shifted_ = out;
      for (std::int64_t from = 0; from < points; from += row) {
        const std::int64_t stays = (n - by) * stride;
        meet(&out[at(from)], &shifted_[at(from)] + by * stride, stays);
        if (round)
          meet(&out[at(from)] + stays, &shifted_[at(from)], by * stride);
        else
          std::fill_n(out.begin() + from + stays, by * stride, std::uint8_t{0});
      }
      length += by;
    }
    stride = row;
    if (sides[axis] > 1 && !std::memchr(out.data(), 1, out.size())) return;
  }
}

void GridBoxes::count_blocks(const Free& free) {
  free_of_block_.assign(at(blocks_), 0);
  for (std::size_t cell = 0; cell < free.size(); ++cell) free_of_block_[at(block_of_[cell])] += free[cell];
  free_blocks_.resize(at(blocks_));
  for (std::size_t b = 0; b < free_blocks_.size(); ++b) free_blocks_[b] = free_of_block_[b] == per_block_ ? 1 : 0;
}

void GridBoxes::fill(std::int64_t corner, const Sides& sides, std::int64_t servers,
                     std::vector<std::int64_t>& cells) const {
  const std::vector<std::size_t> axes = axes_by_side(sides);
  Sides step(sides.size(), 0);
  for (; servers > 0; --servers) {
    std::int64_t cell = corner;
    for (std::size_t axis = 0; axis < sides.size(); ++axis)
      cell = shape_->moved(cell, axis, (shape_->coordinate(corner, axis) + step[axis]) % shape_->dims()[axis]);
    cells.push_back(cell);
    for (const std::size_t axis : axes) {
      if (++step[axis] < sides[axis]) break;
      step[axis] = 0;
    }
  }
}

bool GridBoxes::in_a_block(const Free& free, std::int64_t servers, std::vector<std::int64_t>& cells) {
  if (*std::max_element(free_of_block_.begin(), free_of_block_.end()) < servers) return false;
  for (const Sides& sides : sides_of(inside_, grid_.block, servers)) {
    corners(cells_, free, sides, corners_);
    // Corners at which such a box stays inside the first block; the same in every other.
    std::vector<std::int64_t> offsets;
    for (std::int64_t s = 0; s < per_block_; ++s) {
      bool stays = true;
      for (std::size_t axis = 0; axis < sides.size(); ++axis)
        stays = stays && shape_->coordinate(shape_->cell_of(s), axis) + sides[axis] <= grid_.block[axis];
      if (stays) offsets.push_back(shape_->cell_of(s));
    }
    std::int64_t best = -1, least = per_block_ + 1;
    for (std::int64_t b = 0; b < blocks_; ++b) {
      if (free_of_block_[at(b)] < servers || free_of_block_[at(b)] >= least) continue;
      for (const std::int64_t offset : offsets)
        if (const std::int64_t corner = corner_of_block(b) + offset; corners_[at(corner)]) {
          best = corner;
          least = free_of_block_[at(b)];
          break;
        }
    }
    if (best < 0) continue;
    fill(best, sides, servers, cells);
    return true;
  }
  return false;
}

bool GridBoxes::of_blocks(std::int64_t blocks, std::vector<std::int64_t>& cells) {
  for (const Sides& sides : sides_of(whole_blocks_, whole_blocks_.dims, blocks)) {
    if (product(sides) != blocks) continue;
    corners(whole_blocks_, free_blocks_, sides, corners_);
    const auto corner = std::find(corners_.begin(), corners_.end(), 1) - corners_.begin();
    if (corner == std::ssize(corners_)) continue;
    Sides servers = sides;
    for (std::size_t axis = 0; axis < sides.size(); ++axis) servers[axis] *= grid_.block[axis];
    fill(corner_of_block(corner), servers, blocks * per_block_, cells);
    return true;
  }
  return false;
}

// Blocks by number, in which the optical switches join them (platforms/topology/grid_links.hpp).
bool GridBoxes::slice(std::int64_t blocks, std::vector<std::int64_t>& cells) {
  std::vector<std::int64_t> chosen;
  for (std::int64_t b = 0; b < blocks_ && std::ssize(chosen) < blocks; ++b)
    if (free_blocks_[at(b)]) chosen.push_back(b);
  if (std::ssize(chosen) < blocks) return false;
  Grid own = grid_;
  own.dims = slice_dims(grid_, blocks);
  if (own.dims.empty()) return false;
  const GridShape torus(own);
  const std::vector<std::size_t> axes = axes_by_side(own.dims);
  Sides step(own.dims.size(), 0);
  for (std::int64_t left = torus.cells(); left > 0; --left) {
    std::int64_t cell = 0;
    for (std::size_t axis = 0; axis < step.size(); ++axis) cell = torus.moved(cell, axis, step[axis]);
    const std::int64_t server = torus.server_at(cell);
    cells.push_back(shape_->cell_of(chosen[at(server / per_block_)] * per_block_ + server % per_block_));
    for (const std::size_t axis : axes) {
      if (++step[axis] < own.dims[axis]) break;
      step[axis] = 0;
    }
  }
  return true;
}

bool GridBoxes::anywhere(const Free& free, std::int64_t servers, std::vector<std::int64_t>& cells) {
  for (const Sides& sides : sides_of(cells_, cells_.dims, servers)) {
    corners(cells_, free, sides, corners_);
    std::int64_t corner = -1;
    for (std::int64_t b = 0; b < blocks_ && corner < 0; ++b)
      if (corners_[at(corner_of_block(b))]) corner = corner_of_block(b);
    if (corner < 0) {
      const auto found = std::find(corners_.begin(), corners_.end(), 1);
      if (found == corners_.end()) continue;
      corner = found - corners_.begin();
    }
    fill(corner, sides, servers, cells);
    return true;
  }
  return false;
}

bool GridBoxes::find(const Free& free, std::int64_t servers, std::vector<std::int64_t>& cells) {
  count_blocks(free);
  if (servers <= per_block_ && in_a_block(free, servers, cells)) return true;
  if (servers % per_block_ == 0 && per_block_ > 1) {
    const std::int64_t blocks = servers / per_block_;
    if (grid_.slices ? slice(blocks, cells) : of_blocks(blocks, cells)) return true;
  } else if (grid_.slices && per_block_ == 1 && slice(servers, cells)) {
    return true;
  }
  return anywhere(free, servers, cells);
}

std::int64_t GridBoxes::distance(std::int64_t a, std::int64_t b) const {
  std::int64_t sum = 0;
  for (std::size_t axis = 0; axis < whole_blocks_.dims.size(); ++axis) {
    const std::int64_t n = whole_blocks_.dims[axis];
    const std::int64_t apart = std::abs(a % n - b % n);
    if (grid_.wiring == Grid::Wiring::full_mesh)
      sum += apart > 0 ? 1 : 0;
    else
      sum += goes_round(axis) ? std::min(apart, n - apart) : apart;
    a /= n;
    b /= n;
  }
  return sum;
}

void GridBoxes::nearest(const Free& free, std::int64_t servers, std::vector<std::int64_t>& cells) {
  count_blocks(free);
  const std::int64_t home = std::max_element(free_of_block_.begin(), free_of_block_.end()) - free_of_block_.begin();
  std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>> order;
  for (std::int64_t b = 0; b < blocks_; ++b)
    if (free_of_block_[at(b)] > 0) order.emplace_back(distance(home, b), -free_of_block_[at(b)], b);
  std::sort(order.begin(), order.end());
  for (const auto& choice : order)
    for (std::int64_t s = 0, block = std::get<2>(choice); s < per_block_ && servers > 0; ++s)
      if (const std::int64_t cell = shape_->cell_of(block * per_block_ + s); free[at(cell)]) {
        cells.push_back(cell);
        --servers;
      }
}

}  // namespace alight
