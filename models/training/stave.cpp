#include "models/training/stave.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/training/search.hpp"

namespace alight {
namespace {

constexpr double kLeastGainPct = 0.05;
constexpr std::int64_t kMostTimesChips = 64;
constexpr std::int64_t kChipsOfServer = 8;

void most(double& value, double other) {
  value = std::max(value, other);
}
// The smaller of two costs; a chip without the thing (0) has none to offer.
void least(double& value, double other) {
  value = std::min(value, other);
}

// Which scale-up fabric is better: bytes to the chips of a server.
double scale_up_gbs(const Fabric& fabric) {
  return fabric.up.gbs * static_cast<double>(std::min(fabric.up.domain, kChipsOfServer) - 1);
}

// Wiring, rates and library belong together and come as one; only the domain is taken over by itself.
void lift_scale_up(Fabric& to, const Fabric& from) {
  const std::int64_t domain = std::max(to.up.domain, from.up.domain);
  if (scale_up_gbs(from) > scale_up_gbs(to)) to.up = from.up;
  to.up.domain = domain;
}

void lift_scale_out(ScaleOut& to, const ScaleOut& from) {
  if (from.gbs <= 0) return;
  if (to.gbs <= 0) {
    to = from;
    return;
  }
  most(to.gbs, from.gbs);
  most(to.efficiency, from.efficiency);
  most(to.direct_efficiency, from.direct_efficiency);
  least(to.ll_us, from.ll_us);
  least(to.simple_us, from.simple_us);
  least(to.message_us, from.message_us);
  to.in_network = to.in_network || from.in_network;
  least(to.leaf.oversubscription, from.leaf.oversubscription);
  least(to.pod.oversubscription, from.pod.oversubscription);
}

void lift_software(ChipKind& to, const ChipKind& from) {
  KernelProfile& k = to.chip.kernels;
  const KernelProfile& f = from.chip.kernels;
  for (std::size_t i = 0; i < kPrecisions; ++i) most(k.gemm_efficiency[i], f.gemm_efficiency[i]);
  least(k.tail_elements, f.tail_elements);
  least(k.inner_half, f.inner_half);
  most(k.grouped_efficiency, f.grouped_efficiency);
  most(k.portable_attention, f.portable_attention);
  most(k.attention_forward, f.attention_forward);
  most(k.attention_backward, f.attention_backward);
  most(k.memory_efficiency, f.memory_efficiency);
  most(k.score_efficiency, f.score_efficiency);
  least(k.kernel_gap_s, f.kernel_gap_s);
  least(k.overlap_slowdown, f.overlap_slowdown);
  least(k.spread, f.spread);
  Software& s = to.chip.software;
  least(s.issue_s, from.chip.software.issue_s);
  least(s.traffic, from.chip.software.traffic);
  s.tuned_attention = s.tuned_attention || from.chip.software.tuned_attention;
  most(s.prefetch, from.chip.software.prefetch);
  most(s.tensor_hidden, from.chip.software.tensor_hidden);
  if (!from.recompute) to.recompute.reset();
}

void lift(ChipKind& to, const ChipKind& from, Stave stave) {
  switch (stave) {
    case Stave::compute:
      for (std::size_t i = 0; i < kPrecisions; ++i) most(to.chip.peak_flops[i], from.chip.peak_flops[i]);
      break;
    case Stave::memory:
      most(to.chip.memory_bytes, from.chip.memory_bytes);
      break;
    case Stave::memory_bandwidth:
      most(to.chip.memory_bytes_s, from.chip.memory_bytes_s);
      break;
    case Stave::scale_up:
      lift_scale_up(to.fabric, from.fabric);
      break;
    case Stave::scale_out:
      lift_scale_out(to.fabric.out, from.fabric.out);
      break;
    case Stave::software:
      lift_software(to, from);
      break;
  }
}

// The kind whose own chip has most of a thing: the one to buy instead. A rough order, for prices only.
double amount_of(const ChipKind& kind, Stave stave, Precision precision) {
  switch (stave) {
    case Stave::compute:
      return kind.chip.peak(precision);
    case Stave::memory:
      return kind.chip.memory_bytes;
    case Stave::memory_bandwidth:
      return kind.chip.memory_bytes_s;
    case Stave::scale_up:
      return scale_up_gbs(kind.fabric);
    case Stave::scale_out:
      return kind.fabric.out.gbs;
    case Stave::software:
      return kind.chip.kernels.gemm_efficiency[static_cast<std::size_t>(precision)];
  }
  return 0;
}

// A share of the batch that divides into micro-batches and replicas: a multiple of a sixteenth of itself or so.
std::int64_t round_batch(double share) {
  std::int64_t grain = 1;
  while (static_cast<double>(grain) * 32 <= share) grain *= 2;
  return std::max<std::int64_t>(grain, std::llround(share / static_cast<double>(grain)) * grain);
}

}  // namespace

std::string_view name_of(Stave stave) {
  static constexpr std::array<std::string_view, 6> kNames = {"compute",  "memory",    "memory bandwidth",
                                                             "scale-up", "scale-out", "software"};
  return kNames[static_cast<std::size_t>(stave)];
}

const std::vector<Stave>& all_staves() {
  static const std::vector<Stave> staves = {Stave::compute,  Stave::memory,    Stave::memory_bandwidth,
                                            Stave::scale_up, Stave::scale_out, Stave::software};
  return staves;
}

ChipKind lifted(const std::vector<ChipKind>& kinds, std::size_t kind, Stave stave) {
  ChipKind best = kinds[kind];
  for (const ChipKind& other : kinds) lift(best, other, stave);
  return best;
}

BucketEffect bucket_effect(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds,
                           const MixedPlans& plans, int threads) {
  BucketEffect effect;
  std::int64_t all = 0;
  for (const ChipKind& kind : kinds) all += kind.chips;
  double slowest = std::numeric_limits<double>::infinity();
  for (const ChipKind& kind : kinds) {
    Alone alone;
    for (std::int64_t times = 1; times <= kMostTimesChips && alone.tokens_per_s_per_chip <= 0; times *= 2) {
      SearchRequest search;
      search.common = request.common;
      search.chips = kind.chips * times;
      search.common.precision = kind.precision.value_or(request.common.precision);
      search.common.global_batch = round_batch(static_cast<double>(request.common.global_batch) *
                                               static_cast<double>(search.chips) / static_cast<double>(all));
      if (kinds.size() == 1) search.common.global_batch = request.common.global_batch;
      if (kind.recompute) search.recompute = {*kind.recompute};
      search.overlap_choices = false;
      search.keep = 1;
      search.threads = threads;
      const SearchResult result = search_layouts(model, search, kind.chip, kind.fabric);
      if (result.fitting == 0) continue;
      alone.chips = search.chips;
      alone.global_batch = search.common.global_batch;
      alone.layout = result.found.front().layout;
      alone.tokens_per_s_per_chip = static_cast<double>(search.common.global_batch * search.common.sequence) /
                                    result.found.front().seconds / static_cast<double>(search.chips);
    }
    effect.ideal_tokens_per_s += static_cast<double>(kind.chips) * alone.tokens_per_s_per_chip;
    slowest = std::min(slowest, alone.tokens_per_s_per_chip);
    effect.alone.push_back(std::move(alone));
  }
  if (effect.ideal_tokens_per_s <= 0) return effect;
  effect.eta_bucket = static_cast<double>(all) * slowest / effect.ideal_tokens_per_s;
  if (plans.naive) effect.eta_naive = plans.naive->step.tokens_per_s() / effect.ideal_tokens_per_s;
  if (plans.best) {
    effect.eta_mix = plans.best->step.tokens_per_s() / effect.ideal_tokens_per_s;
    if (effect.eta_bucket < 1) effect.recovery = (*effect.eta_mix - effect.eta_bucket) / (1 - effect.eta_bucket);
  }
  return effect;
}

bool find_staves(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds,
                 const MixedPlans& plans, BucketEffect& effect, const std::function<void(double)>& progress,
                 const std::atomic<bool>* stop) {
  if (!plans.best) return true;
  const auto total = static_cast<double>(kinds.size() * all_staves().size());
  double done = 0;
  for (std::size_t k = 0; k < kinds.size(); ++k)
    for (const Stave stave : all_staves()) {
      if (stop && stop->load(std::memory_order_relaxed)) break;
      std::vector<ChipKind> fleet = kinds;
      fleet[k] = lifted(kinds, k, stave);
      if (!interchangeable(fleet[k], kinds[k])) {
        double seconds = predict_mixed(model, plans.best->layout, fleet, request.inter).seconds;
        const MixedPlans anew = plan_mixed(model, request, fleet);
        if (anew.best) seconds = std::min(seconds, anew.best->step.seconds);
        const double gain = 100 * (plans.best->step.seconds / seconds - 1);
        if (gain > kLeastGainPct) {
          const auto better = std::max_element(kinds.begin(), kinds.end(), [&](const ChipKind& a, const ChipKind& b) {
            return amount_of(a, stave, request.common.precision) < amount_of(b, stave, request.common.precision);
          });
          effect.lifts.push_back({.kind = k,
                                  .stave = stave,
                                  .gain_pct = gain,
                                  .price_per_pct = better->price * static_cast<double>(kinds[k].chips) / gain});
        }
      }
      ++done;
      if (progress) progress(done / total);
    }
  std::stable_sort(effect.lifts.begin(), effect.lifts.end(),
                   [](const Lift& a, const Lift& b) { return a.gain_pct > b.gain_pct; });
  return done == total || !stop || !stop->load(std::memory_order_relaxed);
}

}  // namespace alight
