// Training jobs: what a layout makes of chips of one pool that lie so or so, and from that a job's rate, the division
// of its chips' time, and its end. Everything is worked out once per (work, pool, lie) and kept: a million jobs of a
// few templates ask the step model a few dozen times.
//
// A chip's second of a running training job is divided by the breakdown of its step (models/training/step.hpp):
//
//   useful        model FLOPs of the step / (chips held x the chip's dense peak in the job's precision)
//   exposed_comm  tensor, pipeline, data, expert and context communication that nothing hides
//   lost          waiting for checkpoints to be written
//   bubble        pipeline fill and drain
//   bucket        waiting for the slowest chip, where chips of the kind differ (KernelProfile::spread) and nobody draws
//                 how fast each of them is
//   below_peak    the rest: computing below peak, recomputation, the optimiser, the host; and all time of chips that
//                 come with whole servers beyond those the job computes on
//
// so that the parts sum to the step, and useful over all of them is the job's MFU.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/runtime/lie.hpp"
#include "sim/runtime/mixed_training.hpp"
#include "sim/runtime/runtime.hpp"
#include "sim/runtime/training_ground.hpp"
#include "sim/runtime/training_rate.hpp"
#include "workloads/training_work.hpp"

namespace alight {

class TrainingRates {
 public:
  /// Jobs alike in model, work and chips.
  using Kind = std::uint32_t;

  /// `ground` may be null where the workload holds no training job.
  TrainingRates(const Site& site, const Workload& workload, std::shared_ptr<const TrainingGround> ground);

  Kind kind_of(const Job& job);
  /// Of such a job that goes on from a checkpoint it wrote: it loads that first, whatever it loads else.
  Kind resumed(Kind kind);
  /// Of such a job, whose layout is stated, on fewer chips: with fewer data-parallel replicas, which share out the same
  /// global batch. Where they cannot do so evenly, some have a micro-batch less and wait for the others (bucket).
  Kind resized(Kind kind, std::int64_t chips);
  /// On the fewest servers, leaves and pods that can hold the job in this pool; the layout is planned for this lie.
  const TrainingRate& best(Kind kind, std::size_t pool);
  const TrainingRate& at(Kind kind, std::size_t pool, const Lie& lie);

  /// The time of one of these rates, which is fit, with its chips at a clock: its step is predicted anew, in the layout
  /// it has. In parts of its time at the full clock; the sum is by how much it is longer.
  const StateTimes& times_at_clock(const TrainingRate& rate, double clock);

  /// Of jobs that lie in several pools at once; they have no kind here.
  MixedRates& mixed() { return mixed_; }

  /// From here on until something changes; its first step begins `begin_s` after its start. Ends when all tokens are
  /// trained, or at the requested time where that comes first and binds; at once, as failed, where the rate says the
  /// job is unfit for its chips. It goes on from `kept` tokens.
  static Course course(const Job& job, const TrainingRate& rate, double begin_s, double kept = 0);
  /// Tokens trained `s` after its first step began, with those it went on from.
  static double trained(const Job& job, const TrainingRate& rate, double s, double kept = 0);

 private:
  struct KindEntry {
    const Architecture* model = nullptr;
    const GenericModel* generic = nullptr;  ///< where the model is no transformer
    std::string unknown;                    ///< why there is no model
    TrainingWork work;
    std::int64_t chips = 0;
    Shape shape = Shape::gang;
    bool uneven = false;  ///< replicas may have a micro-batch less than others
  };
  /// Of a job that lies so; infinite where nothing fails by chance.
  double mttf_s(std::size_t pool, const Lie& lie) const;
  void rate_generic(const KindEntry& kind, std::size_t pool, const Lie& lie, TrainingRate& rate) const;
  Layout plan(const KindEntry& kind, std::size_t pool, const Fabric& fabric, std::string& unfit) const;
  TrainingRate rate(Kind kind, std::size_t pool, const Lie& lie);
  TrainingRate try_rate(Kind kind, std::size_t pool, const Lie& lie);

  const Site& site_;
  const Workload& workload_;
  std::shared_ptr<const TrainingGround> ground_;
  MixedRates mixed_;
  std::vector<KindEntry> kinds_;
  std::map<std::tuple<Names::Id, Names::Id, std::int64_t, Shape>, Kind> kind_ids_;
  std::map<Kind, Kind> resumed_;
  std::map<std::pair<Kind, std::int64_t>, Kind> resized_;
  struct At {
    Lie lie;
    std::unique_ptr<TrainingRate> rate;  ///< never moves: courses point into it
  };
  std::vector<std::vector<std::vector<At>>> rates_;  ///< [kind][pool], the best lie first
  std::map<std::pair<const TrainingRate*, double>, StateTimes> at_clocks_;
};

}  // namespace alight
