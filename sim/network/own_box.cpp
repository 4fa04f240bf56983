#include "sim/network/own_box.hpp"

#include <algorithm>
#include <tuple>

#include "models/describe/units.hpp"
#include "platforms/topology/box_sides.hpp"

namespace alight {
namespace {

Grid box_of(const Grid& grid, std::int64_t servers) {
  Grid box = grid;
  box.count = 1;
  box.block.assign(grid.dims.size(), 1);
  box.wrap.resize(grid.dims.size(), false);
  // Whole blocks that optical switches join are a torus whatever their number.
  if (grid.slices && servers % grid.block_servers() == 0) {
    box.dims = slice_dims(grid, servers / grid.block_servers());
    if (!box.dims.empty()) return box;
  }
  const auto sides = box_sides(grid, grid.dims, BoxSides(grid.dims.size(), 1), servers);
  box.dims = sides.empty() ? grid.dims : sides.front();
  for (std::size_t axis = 0; axis < box.dims.size(); ++axis)
    box.wrap[axis] = box.wrap[axis] && box.dims[axis] == grid.dims[axis];
  return box;
}

}  // namespace

OwnBox::OwnBox(const Grid& grid, std::span<const std::int64_t> places)
    : box_(box_of(grid, std::ssize(places))), shape_(box_) {
  const std::vector<std::size_t> axes = axes_by_side(box_.dims);
  BoxSides step(box_.dims.size(), 0);
  for (const std::int64_t place : places) {
    std::int64_t cell = 0;
    for (std::size_t axis = 0; axis < step.size(); ++axis) cell = shape_.moved(cell, axis, step[axis]);
    cell_of_place_.emplace(place, cell);
    for (const std::size_t axis : axes) {
      if (++step[axis] < box_.dims[axis]) break;
      step[axis] = 0;
    }
  }
}

double OwnBox::busiest_s(const std::map<std::pair<std::int64_t, std::int64_t>, double>& bytes) const {
  std::map<std::tuple<std::int64_t, std::size_t, std::int64_t, bool>, double> seconds;
  double most = 0;
  for (const auto& [ends, sent] : bytes)
    shape_.walk(cell_of_place_.at(ends.first), cell_of_place_.at(ends.second), false,
                [&, b = sent](const GridShape::Step& step) {
                  double& s = seconds[{step.owner, step.axis, step.link, step.down}];
                  s += b * step.share / (box_.gbps[step.axis] * kBytesPerGbit);
                  most = std::max(most, s);
                });
  return most;
}

}  // namespace alight
