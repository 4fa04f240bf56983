// What a lower clock makes of a job: how its chips spend their time, and how much longer it takes.
//
// Of its time at the full clock the part in which its chips compute takes time_at_clock() times as long
// (models/power/clock.hpp), communication, waiting and the storage no longer. A job known only by its duration is taken
// as bound by computation: 1/f times as long.
#pragma once

#include "sim/ledger/split.hpp"
#include "sim/runtime/training_rate.hpp"

namespace alight {

struct Clocked {
  double clock = 1;
  double stretch = 1;                  ///< of all its time
  Split split{ChipState::below_peak};  ///< the longer time divided
};
Clocked at_clock(const Split& full, double clock);

/// The same without waiting for checkpoints: between two of them, which is when its chips draw most.
Split between_checkpoints(const Split& full);

/// The rate at that clock: steps are longer by their computation, and exchanges hide beside no more of it than before;
/// between two checkpoints there are as many steps.
TrainingRate at_clock(const TrainingRate& full, const Clocked& at);

}  // namespace alight
