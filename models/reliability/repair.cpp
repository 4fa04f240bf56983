#include "models/reliability/repair.hpp"

#include <algorithm>
#include <cmath>

#include "models/reliability/rates.hpp"
#include "models/whole_numbers.hpp"

namespace alight {

RepairCrews::Visit RepairCrews::take(double at_s, double repair_s) {
  double begins = at_s;
  if (crews_ > 0 && static_cast<std::int64_t>(busy_until_.size()) == crews_) {
    begins = std::max(begins, busy_until_.top());
    busy_until_.pop();
  }
  const Visit visit{begins, begins + repair_s};
  if (crews_ > 0) busy_until_.push(visit.back_s);
  return visit;
}

double back_in_service_s(RepairCrews& crews, const RepairSteps& steps, double failed_s) {
  return crews.take(failed_s + steps.detection_s + steps.drain_s, steps.repair_s).back_s + steps.return_s;
}

std::vector<double> down_distribution(const RepairLoad& load) {
  const auto n = at(load.servers);
  // In logarithms, from none down: weights of large sites go beyond any double.
  std::vector<double> weight(n + 1, 0.0);
  const double intensity = load.failures_per_year * load.repair_s / kSecondsPerYear;
  if (intensity <= 0) {
    weight[0] = 1;
    return weight;
  }
  for (std::size_t k = 0; k < n; ++k) {
    const auto down = static_cast<std::int64_t>(k) + 1;
    const std::int64_t mending = load.crews > 0 ? std::min(down, load.crews) : down;
    weight[k + 1] =
        weight[k] + std::log(intensity * whole(load.servers - static_cast<std::int64_t>(k)) / whole(mending));
  }
  const double most = *std::max_element(weight.begin(), weight.end());
  double sum = 0;
  for (double& w : weight) sum += w = std::exp(w - most);
  for (double& w : weight) w /= sum;
  return weight;
}

double mean_down(const RepairLoad& load) {
  const auto share = down_distribution(load);
  double mean = 0;
  for (std::size_t k = 0; k < share.size(); ++k) mean += static_cast<double>(k) * share[k];
  return mean;
}

std::int64_t spares_needed(std::int64_t needed, RepairLoad load, double availability, std::int64_t most) {
  const auto enough = [&](std::int64_t spares) {
    load.servers = needed + spares;
    const auto share = down_distribution(load);
    double up = 0;
    for (std::size_t k = 0; k <= at(spares); ++k) up += share[k];
    return up >= availability;
  };
  // More spares never make it worse, so that the fewest are found by halving.
  std::int64_t high = 1;
  if (enough(0)) return 0;
  while (!enough(high)) {
    if (high >= most) return -1;
    high = std::min(most, 2 * high);
  }
  std::int64_t low = high / 2;
  while (high - low > 1) (enough((low + high) / 2) ? high : low) = (low + high) / 2;
  return high;
}

}  // namespace alight
