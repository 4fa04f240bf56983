#include "sim/serving/autoscaler.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

std::int64_t Autoscaler::proposal(const PoolSight& sight) const {
  const auto in_flight = static_cast<double>(sight.in_flight);
  const auto replicas = static_cast<double>(sight.replicas);
  if (config_.by == ScaleBy::slo) {
    const auto share = sight.first_tokens > 0
                           ? static_cast<double>(sight.in_time) / static_cast<double>(sight.first_tokens)
                           : (sight.in_flight > 0 ? 0.0 : 1.0);
    if (share < config_.target) return sight.replicas + 1;
    const bool room = in_flight < 0.5 * static_cast<double>(sight.places) * (replicas - 1);
    return room || sight.in_flight == 0 ? sight.replicas - 1 : sight.replicas;
  }
  const double of_one =
      config_.by == ScaleBy::queue ? config_.target : config_.target * static_cast<double>(sight.places);
  const double ratio = replicas > 0 ? in_flight / (of_one * replicas) : 0;
  if (std::abs(ratio - 1) <= config_.tolerance) return sight.replicas;
  return static_cast<std::int64_t>(std::ceil(in_flight / of_one));
}

std::int64_t Autoscaler::wanted(const PoolSight& sight, Ticks t) {
  if (config_.by == ScaleBy::fixed) return sight.replicas;
  const std::int64_t now = std::clamp(proposal(sight), config_.min, config_.max);
  if (now >= sight.replicas) {
    fewer_since_.reset();
    return now;
  }
  if (!fewer_since_) {
    fewer_since_ = t;
    most_wanted_ = now;
  }
  most_wanted_ = std::max(most_wanted_, now);
  if (t - *fewer_since_ < ticks(config_.hold_s)) return sight.replicas;
  fewer_since_.reset();
  return std::min(most_wanted_, sight.replicas);
}

}  // namespace alight
