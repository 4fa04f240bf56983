// Training jobs that lie in several pools at once: the best layout that knows the pools' chips apart
// (models/training/mixed_plan.hpp), planned for the chips as they lie, and from it the job's rate and how the chips of
// each pool spend their time. Worked out once per (work, mix, lie) and kept.
//
// A chip's second in a pool is divided as the step of its kind is (KindStep):
//
//   useful        model FLOPs its pool's chips compute / (chips held there x their dense peak in the job's precision)
//   exposed_comm  communication that nothing hides, that between the pools with it
//   bubble        pipeline fill and drain, and waiting for stages of the own pool
//   bucket        waiting for slower chips: of other pools (KindStep::bucket_s) and of the own (spread_s)
//   below_peak    the rest, and all time of chips held that the layout leaves unused
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "models/training/mixed_plan.hpp"
#include "sim/runtime/clocked.hpp"
#include "sim/runtime/lie.hpp"
#include "sim/runtime/training_rate.hpp"
#include "workloads/training_mix.hpp"
#include "workloads/training_work.hpp"

namespace alight {

/// A mixed job with its chips: all that its plan was made of, for those who ask what else the chips could have given
/// (models/training/stave.hpp). Kinds are named after their pools.
struct MixedCase {
  std::shared_ptr<const TrainingGround> ground;  ///< keeps `model`
  const Architecture* model = nullptr;
  MixedRequest request;
  std::vector<ChipKind> kinds;  ///< [part]
  MixedPlans plans;
};

/// How the chips of a part, and all of them on average, spend their time at a clock, on chips of some speeds.
struct ClockedMix {
  Clocked all;
  std::vector<Split> splits;  ///< [part]
};

/// What a mixed job's work comes to on chips that lie in one way.
struct MixedRate {
  TrainingRate all;                       ///< of the whole job; its split and MFU are means over the chips held
  std::vector<Split> splits;              ///< [part]
  std::vector<std::size_t> pools;         ///< [part]
  std::vector<std::int64_t> held;         ///< [part] chips
  std::shared_ptr<const MixedCase> made;  ///< null where the job is unfit
};

class MixedRates {
 public:
  /// Jobs alike in model, work and mix.
  using Kind = std::uint32_t;
  struct Part {
    std::size_t pool = 0;
    std::int64_t chips = 0;
  };

  MixedRates(const Site& site, const Workload& workload, std::shared_ptr<const TrainingGround> ground);

  /// Of a job whose `mix` is not 0.
  Kind kind_of(const Job& job);
  /// By ascending pool; empty where unreadable(kind) says why.
  std::span<const Part> parts(Kind kind) const { return kinds_[kind].parts; }
  /// Why the job cannot be told apart into parts: a pool that is not there, or named twice, a single one. Empty.
  const std::string& unreadable(Kind kind) const { return kinds_[kind].unreadable; }
  /// On the fewest servers, leaves and pods that can hold each part.
  const MixedRate& best(Kind kind);
  /// `lies`: of each part.
  const MixedRate& at(Kind kind, const std::vector<Lie>& lies);
  /// One of these, which is fit, at a clock and on chips of some speeds (clocked_mix.hpp).
  const ClockedMix& at_clock(const MixedRate& rate, double clock, const PartSpeeds& speeds);

 private:
  struct KindEntry {
    const Architecture* model = nullptr;
    std::string unknown;  ///< why there is no model
    std::string unreadable;
    TrainingWork work;
    std::vector<Part> parts;
    InterKind path;
    bool path_stated = false;
    std::map<std::vector<Lie>, MixedRate> rates;
  };
  void read_parts(const TrainingMix& mix, KindEntry& kind) const;
  InterKind path(const KindEntry& kind, const std::vector<Lie>& lies) const;
  std::string why_unfit(const KindEntry& kind) const;
  MixedRate rate(const KindEntry& kind, const std::vector<Lie>& lies) const;

  const Site& site_;
  const Workload& workload_;
  std::shared_ptr<const TrainingGround> ground_;
  std::vector<KindEntry> kinds_;
  std::map<std::tuple<Names::Id, Names::Id, Names::Id>, Kind> kind_ids_;
  std::map<std::tuple<const MixedRate*, double, PartSpeeds>, ClockedMix> clocked_;
};

}  // namespace alight
