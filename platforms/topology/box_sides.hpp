// Side lengths of boxes that hold a number of servers of a grid, the most compact first.
#pragma once

#include <cstdint>
#include <vector>

#include "platforms/network.hpp"

namespace alight {

using BoxSides = std::vector<std::int64_t>;

/// Rate of the links that leave a box of so many servers along each axis, Gbps each direction.
double leaving_gbps(const Grid& grid, const BoxSides& sides);

/// Boxes of points, each `unit` servers along each axis, no side above `longest`, that hold `points` and would not,
/// were any side one shorter: by the rate that leaves them, then by their size and the sum of their sides. At most 16;
/// empty where `longest` is too short.
std::vector<BoxSides> box_sides(const Grid& grid, const BoxSides& longest, const BoxSides& unit, std::int64_t points);

/// Axes by ascending side: the order in which ranks go through a box.
std::vector<std::size_t> axes_by_side(const BoxSides& sides);

}  // namespace alight
