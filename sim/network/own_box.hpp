// How long what a job sends takes at the least on links of a grid: with its servers in a compact box of their own.
//
// The step model takes all links of a server to work at once, as the libraries' collectives along several axes do; a
// ring in the order of ranks, which is what footprints know, would load one of them. So the same exchange is laid on
// the box that placements would like best (platforms/topology/box_sides.hpp), and what a job that lies otherwise puts
// on its links is scaled as it must be there: a job alone in such a box takes the step its model predicts, one that is
// scattered as much longer as its busiest link carries more.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "platforms/topology/grid.hpp"

namespace alight {

class OwnBox {
 public:
  /// Of servers at `places`, one each, as ranks fill them.
  OwnBox(const Grid& grid, std::span<const std::int64_t> places);

  /// Seconds that the busiest link of the box takes for so many bytes from place to place.
  double busiest_s(const std::map<std::pair<std::int64_t, std::int64_t>, double>& bytes) const;

 private:
  Grid box_;
  GridShape shape_;
  std::map<std::int64_t, std::int64_t> cell_of_place_;
};

}  // namespace alight
