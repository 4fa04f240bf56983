#include "models/training/mixed.hpp"

#include <algorithm>

#include "models/training/mixed_price.hpp"
#include "models/whole_numbers.hpp"

namespace alight {
namespace {

void add(StepBreakdown& to, const StepBreakdown& from, double share) {
  to.compute_s += share * from.compute_s;
  to.tensor_s += share * from.tensor_s;
  to.pipeline_s += share * from.pipeline_s;
  to.data_s += share * from.data_s;
  to.expert_s += share * from.expert_s;
  to.context_s += share * from.context_s;
  to.bubble_s += share * from.bubble_s;
  to.optimizer_s += share * from.optimizer_s;
  to.other_s += share * from.other_s;
}

// A step of one kind, told as one of several that do not differ.
MixedStep of_one_kind(const TrainingStep& one, const MixedLayout& layout, std::size_t kinds, double slowest) {
  MixedStep step;
  step.seconds = one.seconds;
  step.breakdown = one.breakdown;
  step.fits = one.fits;
  step.tokens = one.tokens;
  step.model_flops = one.model_flops;
  step.kinds.resize(kinds);
  for (std::size_t k = 0; k < kinds; ++k) {
    const std::int64_t chips = layout.chips_of(k);
    if (chips == 0) continue;
    step.kinds[k] = {.chips = chips,
                     .breakdown = one.breakdown,
                     .spread_s = one.seconds * (1 - 1 / slowest),
                     .memory = one.memory,
                     .fits = one.fits};
  }
  return step;
}

// Where the step's seconds go for one stage: what it does, and whom it waits for.
struct Waits {
  double own_slowest = 0;    // slowest stage of its pipeline that is no other kind
  double end_s = 0;          // until all pipelines have reduced and updated their own
  bool other_stage = false;  // the last stage of its own pipeline to do so is of another kind
};
void book(const PricedStage& s, const PricedPipeline& p, const Waits& waits, StepBreakdown& b, double& bucket) {
  const double layers = whole(s.stage->layers);
  const double m = whole(p.pipeline->sequences) / whole(p.pipeline->replicas * p.pipeline->micro_batch);
  b = s.once;
  b.compute_s += m * (s.pass.compute_s * s.stage->slow + s.cost.slowed_s * layers);
  b.tensor_s += m * s.pass.tensor_s;
  b.context_s += m * s.pass.context_s;
  b.expert_s += m * s.pass.expert_s;
  b.pipeline_s += m * s.exchange;
  b.data_s += m * s.cost.sharded_exposed_s * layers;
  b.other_s += m * s.seconds + s.tail - b.total();
  bucket = whole(p.pipeline->micro_batches()) * (p.slowest - waits.own_slowest);
  b.bubble_s += p.seconds - m * s.seconds - bucket;
  (waits.other_stage ? bucket : b.bubble_s) += p.end - p.seconds - s.tail;
  bucket += waits.end_s - p.end;
}

}  // namespace

std::optional<Layout> as_one_kind(const Architecture& model, const MixedLayout& layout,
                                  const std::vector<ChipKind>& kinds, const InterKind& inter) {
  const MixedPipeline& first = layout.pipelines.front();
  const std::vector<std::size_t> pools = pools_of(kinds, inter);
  const MixedStage& like = first.stages.front();
  const auto stages = static_cast<std::int64_t>(first.stages.size());
  std::int64_t replicas = 0;
  if (layout.activation_bytes != 2 || model.layers % stages != 0 || !kinds[like.kind].measured.empty()) return {};
  for (const MixedPipeline& p : layout.pipelines) {
    if (p.stages.size() != first.stages.size() || p.micro_batch != first.micro_batch ||
        p.virtual_stages != first.virtual_stages || p.sharding != first.sharding ||
        p.sequences % (p.replicas * p.micro_batch) != 0 || p.micro_batches() != first.micro_batches())
      return {};
    for (const MixedStage& s : p.stages)
      if (pools[s.kind] != pools[like.kind] || s.tensor != like.tensor || s.recompute != like.recompute ||
          s.slow != 1 || s.layers * stages != model.layers)
        return {};
    replicas += p.replicas;
  }
  Layout one = layout_of(layout, first, like, kinds[like.kind], replicas);
  one.uneven_stages = false;
  return one;
}

MixedStep predict_mixed(const Architecture& model, const MixedLayout& layout, const std::vector<ChipKind>& kinds,
                        const InterKind& inter) {
  if (const auto one = as_one_kind(model, layout, kinds, inter)) {
    const ChipKind& kind = kinds[layout.pipelines[0].stages[0].kind];
    return of_one_kind(predict_step(model, *one, kind.chip, kind.fabric), layout, kinds.size(),
                       slowest_of(one->chips(), kind.chip.kernels.spread));
  }
  const std::vector<std::size_t> pools = pools_of(kinds, inter);
  std::vector<double> spread(kinds.size(), 1);
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    std::int64_t chips = 0;
    for (std::size_t j = 0; j < kinds.size(); ++j)
      if (pools[j] == pools[k]) chips += layout.chips_of(j);
    spread[k] = slowest_of(chips, kinds[k].chip.kernels.spread);
  }

  std::vector<PricedPipeline> pipelines;
  pipelines.reserve(layout.pipelines.size());
  std::int64_t groups = 0;
  for (std::size_t i = 0; i < layout.pipelines.size(); ++i) {
    std::int64_t replicas = 0;
    bool seen = false;
    for (std::size_t j = 0; j < layout.pipelines.size(); ++j) {
      if (!are_twins(layout.pipelines[i], layout.pipelines[j], pools)) continue;
      replicas += layout.pipelines[j].replicas;
      seen = seen || j < i;
    }
    if (!seen) ++groups;
    pipelines.push_back(price_pipeline(model, layout, layout.pipelines[i], kinds, pools, replicas, inter));
  }
  const double between = between_kinds_seconds(pipelines, groups, inter);

  MixedStep step;
  double longest = 0, end = 0, end_between = 0, host = 0;
  for (PricedPipeline& p : pipelines) {
    std::size_t slowest_kind = 0;
    for (PricedStage& s : p.stages) {
      s.seconds = (s.seconds + s.exchange) * spread[s.stage->kind];
      host = std::max(host, kStepOperations * s.kind->chip.software.issue_s * spread[s.stage->kind]);
      p.all += s.seconds;
      if (s.seconds > p.slowest) p.slowest = s.seconds, slowest_kind = s.stage->kind;
    }
    p.seconds =
        whole(p.pipeline->micro_batches()) * p.slowest + (p.all - p.slowest) / whole(p.pipeline->virtual_stages);
    for (PricedStage& s : p.stages) {
      const double added = price_tail(model, s, p, between) * spread[s.stage->kind];
      s.tail *= spread[s.stage->kind];
      end_between = std::max(end_between, p.seconds + s.tail + added);
      if (p.seconds + s.tail > p.end) p.end = p.seconds + s.tail, p.last_pool = s.pool;
    }
    end = std::max(end, p.end);
    if (p.seconds > longest) longest = p.seconds, step.pace = slowest_kind;
  }
  // All wait for the last to have the sum over kinds.
  const double exposed_between = end_between - end;
  step.seconds = end + exposed_between + host;

  step.kinds.resize(kinds.size());
  double chips = 0;
  for (const PricedPipeline& p : pipelines)
    for (const PricedStage& s : p.stages) {
      Waits waits{.end_s = end, .other_stage = s.pool != p.last_pool};
      for (const PricedStage& other : p.stages)
        if (other.pool == s.pool && other.stage->slow == s.stage->slow)
          waits.own_slowest = std::max(waits.own_slowest, other.seconds);
      StepBreakdown b;
      double bucket = 0;
      book(s, p, waits, b, bucket);
      b.data_s += exposed_between;
      b.other_s += host;
      KindStep& kind = step.kinds[s.stage->kind];
      kind.chips += static_cast<std::int64_t>(s.chips);
      add(kind.breakdown, b, s.chips);
      kind.bucket_s += s.chips * bucket;
      const double busy_s =
          whole(p.pipeline->sequences) / whole(p.pipeline->replicas * p.pipeline->micro_batch) * s.seconds + s.tail;
      kind.spread_s += s.chips * busy_s * (1 - 1 / spread[s.stage->kind]);
      add(step.breakdown, b, s.chips);
      step.bucket_s += s.chips * bucket;
      chips += s.chips;
      if (s.memory.total() > kind.memory.total()) kind.memory = s.memory;
      if (s.memory.total() > s.kind->chip.memory_bytes) kind.fits = step.fits = false;
    }
  const auto mean = [](StepBreakdown& b, double n) {
    StepBreakdown sum = b;
    b = {};
    add(b, sum, 1 / n);
  };
  for (KindStep& kind : step.kinds) {
    if (kind.chips == 0) continue;
    mean(kind.breakdown, whole(kind.chips));
    kind.bucket_s /= whole(kind.chips);
    kind.spread_s /= whole(kind.chips);
  }
  mean(step.breakdown, chips);
  step.bucket_s /= chips;
  step.tokens = whole(layout.common.global_batch * layout.common.sequence);
  step.model_flops = step.tokens * model_flops_per_token(model, layout.common.sequence);
  return step;
}

}  // namespace alight
