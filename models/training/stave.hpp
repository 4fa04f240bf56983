// What a mixed pool gives, what it could give, and which of its staves is the shortest: for every kind of chip and
// every property of it, what lifting that one thing to the fleet's best would bring.
//
// For n_i chips of kind i that give r_i tokens/s a chip alone, under their own best layout and with their share of the
// batch:
//
//   eta_bucket = (sum n_i) min r_i / sum n_i r_i          every chip at the slowest kind's pace
//   eta_mix    = throughput / sum n_i r_i                 what a layout reaches; more than 1 only where chips with much
//                                                         memory spare others recomputation (H2, arXiv 2505.17548)
//   recovery   = (eta_mix - eta_bucket) / (1 - eta_bucket)
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/training/mixed_plan.hpp"

namespace alight {

/// What one kind gives alone.
struct Alone {
  double tokens_per_s_per_chip = 0;  ///< 0: it cannot train this model on its own
  std::int64_t chips = 0;            ///< that took; more than the pool has where the model needs more memory
  std::int64_t global_batch = 0;     ///< its share, rounded to what divides well
  Layout layout;
};

enum class Stave : std::uint8_t { compute, memory, memory_bandwidth, scale_up, scale_out, software };
std::string_view name_of(Stave stave);
/// All, in the order above.
const std::vector<Stave>& all_staves();

/// The kind with one thing lifted to the best of the fleet: peaks; memory; its bandwidth; the scale-up fabric; the
/// scale-out network (the path between kinds where that is narrower is not touched); efficiencies of kernels and host,
/// and freedom to choose the recomputation.
ChipKind lifted(const std::vector<ChipKind>& kinds, std::size_t kind, Stave stave);

struct Lift {
  std::size_t kind = 0;
  Stave stave = Stave::compute;
  double gain_pct = 0;  ///< throughput of the job, planned anew, over what the best layout gives now
  /// What chips that have it would cost in place of all of this kind, per percent gained; 0 = no price or no gain.
  double price_per_pct = 0;
};

struct BucketEffect {
  std::vector<Alone> alone;  ///< as the kinds
  double ideal_tokens_per_s = 0;
  double eta_bucket = 0;
  std::optional<double> eta_mix, eta_naive;
  double recovery = 0;
  std::vector<Lift> lifts;  ///< most gained first; only what gains more than 0.05 %
};

/// r_i and the etas; a kind that cannot train the model alone, at up to 64 times its chips, counts with r_i = 0.
BucketEffect bucket_effect(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds,
                           const MixedPlans& plans, int threads = 1);

/// Lifts everything, one thing at a time, and plans anew, as a buyer would: the layout may change with the chips. The
/// plan in hand is a candidate, and a lift that does not help is not made, so nothing is lost by one. `progress` is
/// given the share done; false where `stop`, if given, ended it early.
bool find_staves(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds,
                 const MixedPlans& plans, BucketEffect& effect, const std::function<void(double)>& progress = {},
                 const std::atomic<bool>* stop = nullptr);

}  // namespace alight
