#include "platforms/network.hpp"

#include <functional>
#include <numeric>

namespace alight {

std::int64_t Grid::servers() const {
  return std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
}
std::int64_t Grid::block_servers() const {
  return std::accumulate(block.begin(), block.end(), std::int64_t{1}, std::multiplies<>());
}

}  // namespace alight
