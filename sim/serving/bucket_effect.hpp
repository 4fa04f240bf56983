// The bucket effect of a fleet whose replicas are of several kinds: what is lost when a router gives each the same, and
// what was lost as it did.
//
// With r_i the requests a second that a chip of kind i serves in a replica that always has enough to do, n_i the chips
// of that kind that served on average, and x_i the requests they served:
//   eta_bucket = (sum n_i) min r_i / sum n_i r_i                          every chip at the slowest kind's pace
//   eta_mix    = sum x_i / (max_i (x_i / (n_i r_i)) sum n_i r_i)          full when the first kind is, shared out as it
//   was recovery   = (eta_mix - eta_bucket) / (1 - eta_bucket)
// Of split pools prefill and decode replicas have each their own.
#pragma once

#include <vector>

#include "sim/serving/fleet_config.hpp"

namespace alight {

/// Of the kinds that do the same work.
struct FleetBucket {
  ReplicaRole role = ReplicaRole::aggregated;
  double eta_bucket = 1, eta_mix = 1, recovery = 0;
};

/// What the replicas of one of the fleet's pools did together.
struct PoolDone {
  double serving_s = 0;  ///< of replicas
  double chips = 1;      ///< of a replica
  ReplicaTotals totals;
};

/// One for each role with several pools that served; none of a fleet that finished no request. A request counts where
/// its tokens were made; what r_i is of is the mean request of those that finished.
std::vector<FleetBucket> bucket_effects(const FleetConfig& config, const std::vector<PoolDone>& done,
                                        const ServiceResults& results);

}  // namespace alight
