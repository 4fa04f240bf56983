#include "platforms/topology/box_sides.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <tuple>

namespace alight {
namespace {

/// A search that fails tries them all, and what comes later is little better than scattered: plates and lines.
constexpr std::size_t kMostSides = 16;

}  // namespace

double leaving_gbps(const Grid& grid, const BoxSides& sides) {
  const double volume =
      static_cast<double>(std::accumulate(sides.begin(), sides.end(), std::int64_t{1}, std::multiplies<>()));
  double sum = 0;
  for (std::size_t axis = 0; axis < sides.size(); ++axis) {
    if (sides[axis] >= grid.dims[axis]) continue;
    const double cables = grid.wiring == Grid::Wiring::full_mesh
                              ? volume * static_cast<double>(grid.dims[axis] - sides[axis])
                              : 2 * volume / static_cast<double>(sides[axis]);
    sum += grid.gbps[axis] * cables;
  }
  return sum;
}

std::vector<BoxSides> box_sides(const Grid& grid, const BoxSides& longest, const BoxSides& unit, std::int64_t points) {
  std::vector<std::tuple<double, std::int64_t, std::int64_t, BoxSides>> all;
  BoxSides sides(longest.size(), 1);
  const auto take = [&](std::int64_t volume) {
    for (const std::int64_t side : sides)
      if (volume / side * (side - 1) >= points) return;
    BoxSides servers = sides;
    for (std::size_t axis = 0; axis < sides.size(); ++axis) servers[axis] *= unit[axis];
    all.emplace_back(leaving_gbps(grid, servers), volume,
                     std::accumulate(servers.begin(), servers.end(), std::int64_t{0}), sides);
  };
  const std::function<void(std::size_t, std::int64_t)> extend = [&](std::size_t axis, std::int64_t volume) {
    if (axis + 1 == sides.size()) {
      sides[axis] = (points + volume - 1) / volume;
      if (sides[axis] <= longest[axis]) take(volume * sides[axis]);
      return;
    }
    for (std::int64_t side = 1; side <= longest[axis]; ++side) {
      sides[axis] = side;
      extend(axis + 1, volume * side);
      if (volume * side >= points) break;
    }
  };
  if (!sides.empty()) extend(0, 1);
  std::sort(all.begin(), all.end());
  if (all.size() > kMostSides) all.resize(kMostSides);
  std::vector<BoxSides> out;
  out.reserve(all.size());
  for (auto& choice : all) out.push_back(std::move(std::get<BoxSides>(choice)));
  return out;
}

std::vector<std::size_t> axes_by_side(const BoxSides& sides) {
  std::vector<std::size_t> axes(sides.size());
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  std::stable_sort(axes.begin(), axes.end(), [&](std::size_t a, std::size_t b) { return sides[a] < sides[b]; });
  return axes;
}

}  // namespace alight
