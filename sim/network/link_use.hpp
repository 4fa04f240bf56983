// One training job that uses shared links: how far it is, what its steps take now, and what the others cost it.
#pragma once

#include <map>
#include <vector>

#include "sim/ledger/split.hpp"
#include "sim/network/footprint.hpp"
#include "sim/runtime/runtime.hpp"
#include "sim/runtime/training_rate.hpp"

namespace alight {

/// Figures hold as of `since_s`; steps are without checkpoints, for which a job stands still, or which are written
/// beside them.
struct LinkUse {
  const TrainingRate* rate = nullptr;     ///< alone
  Footprint footprint;                    ///< of a step
  Footprint checkpoint;                   ///< of one; empty where none is written
  Split training{ChipState::below_peak};  ///< of its chips' time alone
  Split split{ChipState::below_peak};     ///< of its chips' time
  double alone_s = 0;                     ///< of a step without the others
  double step_s = 0;                      ///< now
  double since_s = 0;
  double tokens_left = 0;
  double to_stand_s = 0;                  ///< waiting for checkpoints that are still to come, as if alone
  LinkIndex worst = kNoLink;              ///< the link that lengthens its steps most
  double losing = 0;                      ///< share of its time lost to the others, now
  double lost_s = 0;                      ///< to them, before
  std::map<LinkIndex, double> lost_on_s;  ///< of it, by the worst link at the time
  double writing = 0;                     ///< share of its time in which it waits for checkpoints, now
  double written_s = 0;                   ///< it waited for them, before
  double lost_to_faults_s = 0;            ///< of it, on links that were not whole
  bool worst_whole = true;                ///< whether `worst` is
  double slowed_s = 0;                    ///< steps took longer because its chips are slow, before
  std::vector<Slice> held = {};           ///< where links can break; else not kept
  bool deviates = false;                  ///< its ways, or links of its own, are not those of the whole network
  bool halted = false;
  bool fetching = false;  ///< data without which the step at hand is not over, whenever that comes

  double tokens_per_s() const { return rate->step.tokens / step_s; }
  /// When all tokens are trained if nothing changes; never, of one that stands still, or that has to wait for data.
  double end_s() const;
  double tokens_left_at(double now_s) const;
  double lost_at(double now_s) const { return lost_s + (now_s - since_s) * losing; }
  double written_at(double now_s) const { return written_s + (now_s - since_s) * writing; }
  /// Standing still, for a checkpoint too, it does not compute.
  double slowed_at(double now_s) const { return slowed_s + (now_s - since_s) * rate->slow_s / step_s; }
  double lost_to_faults_at(double now_s) const {
    return lost_to_faults_s + (worst_whole ? 0 : lost_at(now_s) - lost_s);
  }
  /// On which it lost most by `now_s`; kNoLink where it lost nothing.
  LinkIndex most_lost_on(double now_s) const;
  /// From its start at `start_s` on, as things stand.
  Course course(const Job& job, double start_s) const;
  /// Counts on to `now_s`, and goes on with steps of `step_s` seconds that `worst` lengthens most.
  void go_on(double now_s, double step_s, LinkIndex worst, bool worst_whole = true);
  /// The time before `now_s` was of steps that took `step_s` seconds each.
  void played(double now_s, double step_s);
  /// Counts on to `now_s`, and waits for a checkpoint, of which the others cost it `losing` of the time, most of it on
  /// `worst`.
  void stand_still(double now_s, double losing = 0, LinkIndex worst = kNoLink, bool worst_whole = true);
  /// Counts on to `now_s`, and neither gets on nor loses to others: it is halted, which others count.
  void stop(double now_s);
  /// Counts on to `now_s`.
  void count(double now_s);
  /// Its chips' time, after `training` has changed.
  void divide_anew();
};

}  // namespace alight
