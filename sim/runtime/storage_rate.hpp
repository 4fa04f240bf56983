// What a training job and the storage system of the site do to each other while nobody else is there: how long it
// loads, what its steps grow by. Chips are taken as spread evenly over what they lie on, as predictions do.
//
//   seconds of a transfer = latency + bytes / what is narrowest: the storage itself, its connection, the NICs of the
//                           job's servers (of a part of a server's chips: that part of them), and on a shared fabric
//                           the links of its leaves, its pods, the backbone and the WAN
//
// A blocking checkpoint stops the job for that long. An asynchronous one is an exchange beside the steps until the next
// one is due; data of a step is fetched during the step before: both cost what is longer than that.
//
// Where checkpoints are to be written as often as is best, the time between two follows from how long the job stands
// still for one and its mean time to failure (models/reliability/checkpointing.hpp); asynchronous ones, for which it
// does not, follow one upon the other.
#pragma once

#include <optional>

#include "models/training/exchanges.hpp"
#include "models/training/state.hpp"
#include "sim/runtime/lie.hpp"
#include "sim/runtime/storage_way.hpp"
#include "workloads/storage_work.hpp"

namespace alight {

struct TrainingRate;

/// What a job exchanges with the storage, alone.
struct StorageRate {
  std::optional<Exchange> load;        ///< before the first step
  double load_s = 0;                   ///< of it
  double load_bytes = 0;               ///< of all ranks
  std::optional<Exchange> checkpoint;  ///< one; `room_s` is the time to the next where it is asynchronous, else 0
  double checkpoint_bytes = 0;         ///< of one
  double checkpoints = 0;              ///< in a step
  double checkpoint_s = 0;             ///< that a step grows by
  double dataset_bytes = 0;            ///< in a step
  double dataset_s = 0;                ///< that a step grows by
  /// Between two checkpoints, of training in steps of `step_s`.
  double checkpoint_every_s(double step_s) const { return (step_s + dataset_s) / checkpoints; }
  double blocked_s() const { return checkpoint_s + dataset_s; }
};

/// Sets rate.storage, and adds the data that steps fetch to rate.exchanges. Layout and step of the rate are
/// there; `once` and `loaded` are the state of its model; `mttf_s` of the job, infinite where nothing fails: then none
/// is best.
void add_storage(const StorageWork& work, const TrainingState& once, const TrainingState& loaded, const StorageWay& way,
                 const Lie& lie, double mttf_s, TrainingRate& rate);

/// Sets rate.storage.load: so many bytes over all ranks of rate.layout.
void add_load(double bytes, const StorageWay& way, const Lie& lie, TrainingRate& rate);

}  // namespace alight
