// What elastic training jobs ask for when they go on with fewer chips.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/cluster/request.hpp"
#include "sim/runtime/training.hpp"
#include "workloads/training_work.hpp"

namespace alight {

/// What an elastic job asks for with `least` replicas or more, up to all it is submitted with.
struct ElasticSizes {
  std::int64_t least = 0, replica_chips = 0;
  double grow_s = 0;
  std::vector<RequestId> requests;         ///< [replicas - least]
  std::vector<TrainingRates::Kind> kinds;  ///< likewise
};

/// Of a job of this work, whose layout is stated and whose request for all its chips is `full`; nothing where it may
/// not go on with as few replicas as it has.
std::optional<ElasticSizes> elastic_sizes(const TrainingWork& work, TrainingRates::Kind kind, RequestId full,
                                          ChipRequests& requests, TrainingRates& rates);

}  // namespace alight
