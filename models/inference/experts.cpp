#include "models/inference/experts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "models/training/accelerator.hpp"

namespace alight {

double distinct_experts(double count, double active, double tokens) {
  if (count <= 0 || tokens <= 0) return 0;
  return count * (1 - std::pow(1 - std::min(1.0, active / count), tokens));
}

double busiest_rank(double ranks, double copies) {
  if (ranks <= 1 || copies <= 0) return 1;
  const double deviation = std::sqrt((ranks - 1) / copies);
  return std::min(ranks, slowest_of(static_cast<std::int64_t>(ranks), deviation));
}

}  // namespace alight
