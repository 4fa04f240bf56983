// Where the servers of a grid stand, and the ways along its axes.
//
// A cell is a point of the grid: 0 .. servers - 1, the first axis fastest. Servers are numbered block by block (first
// axis fastest among blocks and inside one), so that consecutive servers are close together.
//
// Ways go along the first axis, then the second, and so on. In a torus the shorter way round is taken; where both are
// as long, half of the traffic takes each. The static way then goes up where the end has the larger coordinate, and up
// also from beyond the middle: what SimGrid's torus does (tests compare them). In a full mesh an axis is one link.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "platforms/network.hpp"

namespace alight {

class GridShape {
 public:
  explicit GridShape(const Grid& grid);

  std::size_t axes() const { return dims_.size(); }
  const std::vector<std::int64_t>& dims() const { return dims_; }
  std::int64_t cells() const { return static_cast<std::int64_t>(cell_of_.size()); }
  std::int64_t cell_of(std::int64_t server) const { return cell_of_[static_cast<std::size_t>(server)]; }
  std::int64_t server_at(std::int64_t cell) const { return server_at_[static_cast<std::size_t>(cell)]; }
  std::int64_t coordinate(std::int64_t cell, std::size_t axis) const { return cell / stride_[axis] % dims_[axis]; }
  /// The cell with another coordinate along one axis.
  std::int64_t moved(std::int64_t cell, std::size_t axis, std::int64_t coordinate_there) const {
    return cell + (coordinate_there - coordinate(cell, axis)) * stride_[axis];
  }

  /// Ends of the links that begin at a cell going up along an axis: the next cell of a torus (around the end where it
  /// wraps), all cells further up of a full mesh. A link belongs to the cell it goes up from.
  std::int64_t links_up(std::int64_t cell, std::size_t axis) const;
  std::int64_t end_of(std::int64_t cell, std::size_t axis, std::int64_t link) const;
  /// Whether the links that go up from a cell leave its block over optical circuit switches.
  bool switched(std::int64_t cell, std::size_t axis) const {
    return slices_ && (coordinate(cell, axis) + 1) % block_[axis] == 0;
  }
  /// Links between any two cells at most.
  int diameter() const;

  struct Step {
    std::int64_t owner = 0;  ///< cell
    std::size_t axis = 0;
    std::int64_t link = 0;  ///< of those that go up from the owner along the axis
    bool down = false;      ///< towards the owner
    double share = 1;
  };
  /// Calls `step(Step)` along the way between two cells.
  template <class Call>
  void walk(std::int64_t from, std::int64_t to, bool fixed, const Call& step) const;

 private:
  template <class Call>
  void around(std::int64_t cell, std::size_t axis, std::int64_t steps, bool up, double share, const Call& step) const;

  Grid::Wiring wiring_;
  std::vector<bool> wrap_;
  bool slices_;
  std::vector<std::int64_t> dims_, block_, stride_;
  std::vector<std::int32_t> cell_of_, server_at_;
};

/// What its links along an axis are called on the bill of links: "ici torus x"; those over optical circuit switches
/// "ici torus x optical".
std::string grid_tier(const std::string& network, const Grid& grid, std::size_t axis, bool switched);
/// x, y, z, u, v, w.
char letter_of(std::size_t axis);

/// Servers along each axis of the torus that optical switches make of so many blocks of a grid with slices: the most
/// nearly a cube of blocks, longer sides along later axes. Empty where there is none.
std::vector<std::int64_t> slice_dims(const Grid& grid, std::int64_t blocks);

template <class Call>
void GridShape::around(std::int64_t cell, std::size_t axis, std::int64_t steps, bool up, double share,
                       const Call& step) const {
  const std::int64_t n = dims_[axis], stride = stride_[axis];
  std::int64_t at = coordinate(cell, axis);
  for (; steps > 0; --steps) {
    if (up) {
      step(Step{cell, axis, 0, false, share});
      cell += at + 1 == n ? stride - n * stride : stride;
      at = at + 1 == n ? 0 : at + 1;
    } else {
      cell += at == 0 ? n * stride - stride : -stride;
      at = at == 0 ? n - 1 : at - 1;
      step(Step{cell, axis, 0, true, share});
    }
  }
}

template <class Call>
void GridShape::walk(std::int64_t cell, std::int64_t to, bool fixed, const Call& step) const {
  for (std::size_t axis = 0; axis < dims_.size(); ++axis) {
    const std::int64_t n = dims_[axis];
    const std::int64_t a = coordinate(cell, axis), b = coordinate(to, axis);
    if (a == b) continue;
    if (wiring_ == Grid::Wiring::full_mesh) {
      const std::int64_t there = moved(cell, axis, b);
      if (a < b)
        step(Step{cell, axis, b - a - 1, false, 1});
      else
        step(Step{there, axis, a - b - 1, true, 1});
      cell = there;
      continue;
    }
    const std::int64_t above = b > a ? b - a : b - a + n;  // steps up
    if (!wrap_[axis]) {
      around(cell, axis, b > a ? b - a : a - b, b > a, 1, step);
    } else if (2 * above != n) {
      around(cell, axis, std::min(above, n - above), 2 * above < n, 1, step);
    } else if (fixed) {
      around(cell, axis, above, b > a || a > n / 2, 1, step);
    } else {
      around(cell, axis, above, true, 0.5, step);
      around(cell, axis, above, false, 0.5, step);
    }
    cell = moved(cell, axis, b);
  }
}

}  // namespace alight
