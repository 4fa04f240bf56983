#include "models/training/mixed_plan.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include "models/training/mixed_search.hpp"
#include "models/training/search.hpp"

namespace alight::mixed {

namespace {

constexpr std::int64_t kWidestTensor = 16;

}  // namespace

Layout shared_part(const MixedRequest& request) {
  Layout common = request.common;
  common.sharding = Sharding::zero1;
  common.sequence_parallel = true;  // it costs nothing a tensor-parallel layout does not pay anyway
  common.overlap_tensor = true;     // as far as the kind's software can
  return common;
}

bool allowed(const ChipKind& kind, Recompute recompute) {
  return !kind.recompute || *kind.recompute == recompute;
}

std::vector<std::int64_t> tensor_degrees(const Architecture& model, const ChipKind& kind) {
  std::vector<std::int64_t> degrees;
  const std::int64_t widest = std::min(kWidestTensor, std::max<std::int64_t>(kind.fabric.up.domain, 1));
  for (const std::int64_t t : divisors(kind.chips))
    if (t <= widest && model.heads % t == 0) degrees.push_back(t);
  return degrees;
}

std::vector<std::int64_t> micro_batches(std::int64_t batch) {
  std::vector<std::int64_t> sizes;
  for (const std::int64_t b : divisors(batch))
    if (b <= kLongestMicroBatch) sizes.push_back(b);
  return sizes;
}

std::vector<std::int64_t> even_split(std::int64_t layers, std::int64_t stages) {
  std::vector<std::int64_t> split(static_cast<std::size_t>(stages), layers / stages);
  const std::int64_t more = layers % stages, skip = (stages - more + 1) / 2;
  for (std::int64_t i = 0; i < more; ++i) ++split[static_cast<std::size_t>(std::min(skip + i, stages - 1))];
  return split;
}

}  // namespace alight::mixed

namespace alight {
namespace {

// Kinds in an order of their own, so that the order they were given in changes nothing: most memory first.
std::vector<std::size_t> canonical(const std::vector<ChipKind>& kinds) {
  std::vector<std::size_t> order(kinds.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&](std::size_t k) {
    const ChipKind& kind = kinds[k];
    return std::tuple(-kind.chip.memory_bytes, -kind.chip.memory_bytes_s, kind.chips, kind.chip.peak_flops,
                      kind.fabric.up.gbs, kind.fabric.out.gbs, kind.name);
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  return order;
}

void rename(std::optional<MixedPlan>& plan, const std::vector<std::size_t>& names) {
  if (!plan) return;
  for (MixedPipeline& pipeline : plan->layout.pipelines)
    for (MixedStage& stage : pipeline.stages) stage.kind = names[stage.kind];
  std::vector<KindStep> kinds(plan->step.kinds.size());
  for (std::size_t k = 0; k < kinds.size(); ++k) kinds[names[k]] = std::move(plan->step.kinds[k]);
  plan->step.kinds = std::move(kinds);
  plan->step.pace = names[plan->step.pace];
}

MixedPlans plan_sorted(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds) {
  MixedPlans plans;
  mixed::Best best(model, request, kinds);
  plans.considered = mixed::search_batches(model, request, kinds, best);
  if (kinds.size() > 1) plans.considered += mixed::search_layers(model, request, kinds, best);
  mixed::Best naive(model, request, kinds);
  mixed::offer_naive(model, request, kinds, naive);
  plans.naive = std::move(naive.plan);
  if (plans.naive) best.offer(plans.naive->layout, plans.naive->family);  // kinds that hardly differ
  plans.best = std::move(best.plan);
  if (!plans.best) plans.why_none = "no layout has the memory";
  if (!plans.naive) plans.why_no_naive = "no layout with equal shares fits every kind";
  return plans;
}

}  // namespace

MixedPlans plan_mixed(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds) {
  const std::vector<std::size_t> order = canonical(kinds);
  std::vector<ChipKind> sorted;
  for (const std::size_t k : order) sorted.push_back(kinds[k]);
  MixedPlans plans = plan_sorted(model, request, sorted);
  rename(plans.best, order);
  rename(plans.naive, order);
  return plans;
}

std::vector<std::string> describe_mixed(const MixedLayout& layout, const std::vector<ChipKind>& kinds) {
  static constexpr std::array<const char*, 3> kNames = {"", ", attention recomputed", ", all recomputed"};
  std::vector<std::string> lines;
  for (const MixedPipeline& pipeline : layout.pipelines) {
    std::string line = std::to_string(pipeline.replicas) + " x ";
    for (std::size_t i = 0; i < pipeline.stages.size();) {
      const MixedStage& first = pipeline.stages[i];
      std::string layers;
      std::size_t end = i;
      for (; end < pipeline.stages.size();) {
        const MixedStage& next = pipeline.stages[end];
        if (next.kind != first.kind || next.tensor != first.tensor || next.recompute != first.recompute) break;
        std::size_t same = end;
        while (same < pipeline.stages.size() && pipeline.stages[same] == next) ++same;
        layers += (layers.empty() ? "" : ", ") +
                  (same - end > 1 ? std::to_string(same - end) + " stages of " : std::string()) +
                  std::to_string(next.layers);
        end = same;
      }
      line += (i > 0 ? " + " : "") + kinds[first.kind].name + " tp" + std::to_string(first.tensor) + " (" + layers +
              (end - i == 1 && first.layers == 1 ? " layer" : " layers") +
              kNames[static_cast<std::size_t>(first.recompute)] + ")";
      i = end;
    }
    if (pipeline.virtual_stages > 1) line += ", vpp" + std::to_string(pipeline.virtual_stages);
    line += ", " + std::to_string(pipeline.micro_batches()) + " micro-batches of " +
            std::to_string(pipeline.micro_batch) + ", " + std::to_string(pipeline.sequences) + " sequences";
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace alight
