// What of a training run is kept on disk, and what its ranks read of it when they start.
//
// Bytes per parameter are those of memory.hpp: 2 of a weight in the compute precision, 12 of Adam (32-bit weights and
// two moments), 8 of SGD (Rajbhandari et al., ZeRO, arXiv 1910.02054, section 3.1). BLOOM's checkpoints had the same 14
// (bigscience-workshop/bigscience, tr11-176B-ml, README). Of frozen weights with adapters only the weights are counted.
#pragma once

#include "models/training/architecture.hpp"
#include "models/training/generic.hpp"
#include "models/training/layout.hpp"

namespace alight {

/// Bytes.
struct TrainingState {
  double weights = 0;
  double optimizer = 0;  ///< master weights and moments

  double total() const { return weights + optimizer; }
};

/// Every byte once: a checkpoint, whoever writes which part of it.
TrainingState training_state(const Architecture& model, const Layout& layout);
TrainingState training_state(const GenericModel& model);

/// What all ranks together read to begin with it: each rank what it holds, so that what data-parallel replicas have
/// copies of is read by each of them, and what sharding splits over them (shard_counts() in memory.hpp) once.
TrainingState loaded_state(const Architecture& model, const Layout& layout);
TrainingState loaded_state(const GenericModel& model, std::int64_t chips);

}  // namespace alight
