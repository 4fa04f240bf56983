// Boxes in random grids with random servers free, against looking at every corner.
#include <catch2/catch.hpp>
#include <set>

#include "sim/scheduler/placements/grid_boxes.hpp"
#include "tests/support/networks.hpp"
#include "tests/support/random_runs.hpp"

using namespace alight;
using namespace alight::test;

namespace {

Grid random_grid(Dice& dice) {
  Grid g = grid(dice.one_in(3) ? Grid::Wiring::full_mesh : Grid::Wiring::torus, {});
  for (std::int64_t axes = dice(1, 3); axes > 0; --axes) {
    g.block.push_back(dice(1, 2));
    g.dims.push_back(g.block.back() * dice(1, 3));
    g.gbps.push_back(static_cast<double>(100 * dice(1, 4)));
    g.cables.push_back(1);
    g.wrap.push_back(!dice.one_in(3));
  }
  return g;
}

bool round(const Grid& g, std::size_t axis) {
  return g.wiring == Grid::Wiring::full_mesh || g.wrap[axis];
}

/// Cells of the box, or none where it would go over an end.
std::set<std::int64_t> box_at(const Grid& g, const GridShape& shape, std::int64_t corner, const BoxSides& sides) {
  std::set<std::int64_t> cells;
  for (std::int64_t cell = 0; cell < shape.cells(); ++cell) {
    bool inside = true;
    for (std::size_t axis = 0; axis < sides.size(); ++axis) {
      const std::int64_t n = g.dims[axis], from = shape.coordinate(corner, axis);
      if (!round(g, axis) && from + sides[axis] > n) return {};
      inside = inside && (shape.coordinate(cell, axis) - from + n) % n < sides[axis];
    }
    if (inside) cells.insert(cell);
  }
  return cells;
}

}  // namespace

TEST_CASE("a box is found where one is free, and what is found lies in a box that is free") {
  int found = 0, none = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const Grid g = random_grid(dice);
    const GridLie lie{g, std::make_shared<const GridShape>(g), 0};
    const GridShape& shape = *lie.shape;
    GridBoxes boxes(lie);
    GridBoxes::Free free(static_cast<std::size_t>(shape.cells()));
    for (auto& cell : free) cell = dice.one_in(4) ? 0 : 1;
    const std::int64_t servers = dice(1, shape.cells());
    const auto is_free = [&](const std::set<std::int64_t>& cells) {
      return std::all_of(cells.begin(), cells.end(), [&](std::int64_t c) { return free[static_cast<std::size_t>(c)]; });
    };
    // Every box of a shape that is tried, and those of whole blocks and inside a block are among them or smaller.
    std::vector<std::set<std::int64_t>> all;
    const BoxSides ones(g.dims.size(), 1);
    std::vector<BoxSides> shapes = box_sides(g, g.dims, ones, servers);
    for (const BoxSides& sides : box_sides(g, g.block, ones, servers)) shapes.push_back(sides);
    if (servers % g.block_servers() == 0) {
      BoxSides blocks = g.dims;
      for (std::size_t axis = 0; axis < blocks.size(); ++axis) blocks[axis] /= g.block[axis];
      for (BoxSides sides : box_sides(g, blocks, g.block, servers / g.block_servers())) {
        for (std::size_t axis = 0; axis < sides.size(); ++axis) sides[axis] *= g.block[axis];
        shapes.push_back(sides);
      }
    }
    for (const BoxSides& sides : shapes)
      for (std::int64_t corner = 0; corner < shape.cells(); ++corner)
        if (auto cells = box_at(g, shape, corner, sides); !cells.empty() && is_free(cells)) all.push_back(cells);
    std::vector<std::int64_t> cells;
    const bool there = boxes.find(free, servers, cells);
    REQUIRE(there == !all.empty());
    (there ? found : none) += 1;
    if (!there) {
      CHECK(cells.empty());
      continue;
    }
    const std::set<std::int64_t> taken(cells.begin(), cells.end());
    REQUIRE(std::ssize(cells) == servers);
    REQUIRE(taken.size() == cells.size());
    REQUIRE(std::any_of(all.begin(), all.end(), [&](const std::set<std::int64_t>& box) {
      return std::includes(box.begin(), box.end(), taken.begin(), taken.end());
    }));
  }
  CHECK(found > 100);
  CHECK(none > 50);
}
