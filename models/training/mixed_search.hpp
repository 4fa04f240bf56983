// What the searches for mixed layouts share (mixed_plan.cpp): the degrees looked at, and the fastest layout so far.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "models/training/mixed_plan.hpp"

namespace alight::mixed {

inline constexpr std::array kRecompute = {Recompute::none, Recompute::selective, Recompute::full};
inline constexpr std::int64_t kLongestMicroBatch = 8;

inline double whole(std::int64_t n) {
  return static_cast<double>(n);
}

/// What all candidates share: the request with sequence parallelism, which costs nothing a tensor-parallel layout does
/// not pay anyway, overlap as far as each kind's software can, and ZeRO-1.
Layout shared_part(const MixedRequest& request);
bool allowed(const ChipKind& kind, Recompute recompute);
std::vector<std::int64_t> tensor_degrees(const Architecture& model, const ChipKind& kind);
std::vector<std::int64_t> micro_batches(std::int64_t batch);
/// Layers over stages, as even as can be; the ends, which have embedding and head, take the short ones.
std::vector<std::int64_t> even_split(std::int64_t layers, std::int64_t stages);

/// The fastest so far, of layouts priced in full.
class Best {
 public:
  Best(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds)
      : model_(model), request_(request), kinds_(kinds) {}

  /// True where it can run and fits.
  bool offer(const MixedLayout& layout, MixedFamily family) {
    if (!why_impossible(model_, layout, kinds_).empty()) return false;
    MixedStep step = predict_mixed(model_, layout, kinds_, request_.inter);
    if (!step.fits) return false;
    if (!plan || step.seconds < plan->step.seconds) plan = MixedPlan{layout, std::move(step), family};
    return true;
  }

  std::optional<MixedPlan> plan;

 private:
  const Architecture& model_;
  const MixedRequest& request_;
  const std::vector<ChipKind>& kinds_;
};

/// The families of mixed_plan.hpp, each offering its layouts. The first two return how many combinations of degrees
/// they looked at.
std::int64_t search_batches(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds,
                            Best& best);
std::int64_t search_layers(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds,
                           Best& best);
void offer_naive(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds,
                 Best& best);

}  // namespace alight::mixed
