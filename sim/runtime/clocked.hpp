// What a lower clock, and chips that are slower or faster than their kind, make of a job: how its chips spend their
// time, and how much longer it takes.
//
// The step of a job that trains is predicted anew with its chips at the clock (TrainingRates::times_at_clock()): what
// it computes takes longer, its pipelines' bubbles with it, and more of its exchanges hide beside that. A job known
// only by its duration is taken as bound by computation: 1/f times as long.
//
// A chip of speed v needs 1/v as long for that, at any clock, and a synchronous job goes at the pace of its slowest: it
// computes 1/slowest as long. Chip i computes for 1/v_i of it and waits for the rest. What a slow chip computes longer
// is work like the other: below peak, or opaque where nobody can see inside; what the others wait is `bucket`. So for a
// job of computing time c, which the clock makes c T(f):
//
//   throttled = c (T(f) - 1),  bucket = c T(f) (1/slowest - mean 1/v_i),  below_peak: c T(f) (mean 1/v_i - 1) more
//
// which is the same whichever of the two came first. Of slow chips bubbles are no longer: where one stage of a pipeline
// is slow, all of a step's micro-batches pass it at its pace, which is the job's computing time, and it is filled and
// drained once.
#pragma once

#include <compare>
#include <vector>

#include "sim/ledger/split.hpp"
#include "sim/runtime/training_rate.hpp"

namespace alight {

/// Of the chips that a job computes on, 1 being the speed of their kind.
struct JobSpeeds {
  double slowest = 1;
  double own_time = 1;  ///< what each needs for the same work: the mean of 1/speed; at most 1/slowest
  auto operator<=>(const JobSpeeds&) const = default;
  bool uniform() const { return slowest == 1 && own_time == 1; }
};
/// [part] of a job, one for each pool it lies in; empty: all are as their kinds.
using PartSpeeds = std::vector<JobSpeeds>;

struct Clocked {
  double clock = 1;
  double stretch = 1;                  ///< of all its time
  Split split{ChipState::below_peak};  ///< the longer time divided
  double slow = 0;                     ///< of `stretch`, because of its chips' speeds
  bool changes = false;                ///< its time is not what it is at the full clock on chips of their kind's speed
};
/// Of a job whose time at the clock, on chips of their kind's speed, is `times`, in parts of that at the full clock.
Clocked clocked(const Split& full, double clock, const StateTimes& times, const JobSpeeds& speeds);
/// Of one whose step nobody predicts anew: by what its chips do.
Clocked at_clock(const Split& full, double clock, const JobSpeeds& speeds = {});

/// The time in which its chips compute alone, or in which nobody can see what they do.
Split only_computing(const Split& full);

/// The same without waiting for checkpoints, at its clock: between two of them, which is when its chips draw most.
Split between_checkpoints(const Split& full);

/// The rate at that clock, for those who share links: steps are as much longer, and exchanges have as much more
/// computation beside them; between two checkpoints there are as many steps.
TrainingRate at_clock(const TrainingRate& full, const Clocked& at);

}  // namespace alight
