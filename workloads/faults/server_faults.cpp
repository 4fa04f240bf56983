#include "workloads/faults/server_faults.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace alight {

DownStatistics down_statistics(const ServerFaults& faults) {
  DownStatistics s;
  std::vector<std::pair<double, int>> steps;
  double down_s = 0;
  for (const ServerFault& f : faults.faults) {
    const double to_s = std::min(f.to_s, faults.end_s);
    down_s += to_s - f.from_s;
    steps.emplace_back(f.from_s, 1);
    if (std::isfinite(f.to_s)) steps.emplace_back(f.to_s, -1);
  }
  if (faults.end_s > 0) s.mean_down = down_s / faults.end_s;
  // Of one instant repairs come first: what begins as another ends was never down beside it.
  std::sort(steps.begin(), steps.end());
  std::int64_t down = 0;
  for (const auto& [time_s, step] : steps) {
    down += step;
    if (down > s.worst) s.worst = down, s.worst_at_s = time_s;
  }
  return s;
}

}  // namespace alight
