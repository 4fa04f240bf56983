#include "models/training/mixed.hpp"

#include <algorithm>
#include <limits>

#include "models/training/stage.hpp"

namespace alight {
namespace {

constexpr double kHostGbs = 12;
constexpr double kBytesInGb = 1e9, kSecondsInUs = 1e-6;
constexpr double kOperationsOfStep = 400;  // as in a step of one kind (step.cpp)

double whole(std::int64_t n) {
  return static_cast<double>(n);
}

// A stage with everything it costs. Times are of one chip.
struct Priced {
  const MixedStage* stage;
  const ChipKind* kind;
  std::size_t pool;  // of kinds that are interchangeable, the first
  Layout layout;
  Groups groups;
  MicroBatchCost cost;
  Pass pass;            // one micro-batch through all its layers, both directions
  double exchange = 0;  // with its neighbours, per micro-batch
  double seconds = 0;   // of a micro-batch, all in
  double tail = 0;      // once a step
  StepBreakdown once;   // what the tail is made of
  TrainingMemory memory;
  double chips = 0;
};

struct PricedPipeline {
  const MixedPipeline* pipeline;
  std::vector<Priced> stages;
  std::int64_t twins = 1;  // replicas of all pipelines with the same kinds and layers
  double all = 0, slowest = 0, seconds = 0;
  double end = 0;  // with what its stages do once a step
  std::size_t last_pool = 0;
};

// GB/s one chip of the kind has towards other kinds.
double outward_gbs(const ChipKind& kind, const InterKind& inter) {
  const double own = kind.fabric.out.gbs * kind.fabric.out.efficiency;
  return inter.gbs > 0 ? std::min(inter.gbs, own) : own;
}

// Seconds for `bytes` of one chip towards another kind.
double outward_seconds(double bytes, const ChipKind& kind, const InterKind& inter) {
  const double copies = inter.staged ? bytes / ((inter.host_gbs > 0 ? inter.host_gbs : kHostGbs) * kBytesInGb) : 0;
  return copies + bytes / (outward_gbs(kind, inter) * kBytesInGb);
}

bool path_is_own_network(const InterKind& inter) {
  return inter.gbs <= 0 && !inter.staged && inter.latency_us <= 0;
}

std::vector<std::size_t> pools_of(const std::vector<ChipKind>& kinds, const InterKind& inter) {
  std::vector<std::size_t> pools(kinds.size());
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    pools[k] = k;
    for (std::size_t j = 0; path_is_own_network(inter) && j < k && pools[k] == k; ++j)
      if (interchangeable(kinds[j], kinds[k])) pools[k] = j;
  }
  return pools;
}

Layout layout_of(const MixedLayout& mixed, const MixedPipeline& pipeline, const MixedStage& stage, const ChipKind& kind,
                 std::int64_t twins) {
  Layout layout = mixed.common;
  layout.tensor = stage.tensor;
  layout.sequence_parallel = mixed.common.sequence_parallel && stage.tensor > 1;
  layout.pipeline = static_cast<std::int64_t>(pipeline.stages.size());
  layout.virtual_stages = pipeline.virtual_stages;
  layout.data = twins;
  layout.micro_batch = pipeline.micro_batch;
  layout.global_batch = pipeline.micro_batches() * twins * pipeline.micro_batch;
  layout.precision = kind.precision.value_or(mixed.common.precision);
  layout.recompute = stage.recompute;
  layout.sharding = pipeline.sharding.value_or(mixed.common.sharding);
  layout.pipeline_slots = 0;
  layout.uneven_stages = true;
  return layout;
}

// Puts what was profiled in the place of what was computed.
void use_measured(const ChipKind& kind, const MixedPipeline& pipeline, const MixedStage& stage, MicroBatchCost& cost) {
  for (const MeasuredLayers& m : kind.measured) {
    if (m.tensor != stage.tensor || m.micro_batch != pipeline.micro_batch) continue;
    const auto put = [&](PartCost& part, const MeasuredPart& measured, double& seconds) {
      part = {.forward = {.compute_s = measured.forward_s}, .backward = {.compute_s = measured.backward_s}};
      if (stage.recompute == Recompute::full) part.recompute = part.forward;
      seconds = measured.forward_s + measured.backward_s + part.recompute.compute_s;
    };
    put(cost.input, m.input, cost.input_s);
    put(cost.layer, m.layer, cost.layer_s);
    put(cost.head, m.head, cost.head_s);
    cost.layer_s += cost.sharded_exposed_s + cost.slowed_s;
  }
}

// Both directions between a stage and the one behind it, per micro-batch.
double link_seconds(const Architecture& model, const MixedLayout& mixed, const MixedPipeline& pipeline,
                    const Priced& from, const Priced& to, const InterKind& inter) {
  const double bytes = mixed.activation_bytes * whole(pipeline.micro_batch * mixed.common.sequence) /
                       whole(mixed.common.context) * whole(model.hidden);
  // As in a step of one kind (step.cpp): interleaved stages hide one direction of two.
  const double exchanges = (pipeline.virtual_stages > 1 ? 1 : 2) * whole(pipeline.virtual_stages);
  if (from.pool == to.pool) {
    const Group pair{.ranks = 2, .per_domain = from.groups.pipeline_crosses_domain ? 1 : 2};
    const double part = bytes / whole(std::min(from.stage->tensor, to.stage->tensor));
    return exchanges * estimate(Collective::send_recv, part, pair, from.kind->fabric).seconds;
  }
  // Each end sends or takes its ranks' parts; without staging they do so at once, with it one after the other.
  const double here = outward_seconds(bytes / whole(from.stage->tensor), *from.kind, inter);
  const double there = outward_seconds(bytes / whole(to.stage->tensor), *to.kind, inter);
  return exchanges * ((inter.staged ? here + there : std::max(here, there)) + inter.latency_us * kSecondsInUs);
}

// Prices a pipeline's stages, exchange included.
PricedPipeline price(const Architecture& model, const MixedLayout& mixed, const MixedPipeline& pipeline,
                     const std::vector<ChipKind>& kinds, const std::vector<std::size_t>& pools, std::int64_t twins,
                     const InterKind& inter) {
  PricedPipeline priced{.pipeline = &pipeline, .stages = {}, .twins = twins};
  const std::size_t p = pipeline.stages.size();
  priced.stages.reserve(p);
  for (std::size_t i = 0; i < p; ++i) {
    const MixedStage& stage = pipeline.stages[i];
    const ChipKind& kind = kinds[stage.kind];
    Priced s{.stage = &stage,
             .kind = &kind,
             .pool = pools[stage.kind],
             .layout = {},
             .groups = {},
             .cost = {},
             .pass = {},
             .once = {},
             .memory = {}};
    const Priced* like = nullptr;
    for (const Priced& other : priced.stages)
      if (other.stage->kind == stage.kind && other.stage->tensor == stage.tensor &&
          other.stage->recompute == stage.recompute)
        like = &other;
    if (like) {
      s.layout = like->layout;
      s.groups = like->groups;
      s.cost = like->cost;
    } else {
      s.layout = layout_of(mixed, pipeline, stage, kind, twins);
      s.groups = groups_of(s.layout, kind.fabric);
      s.cost = micro_batch_cost(Setting{model, s.layout, kind.chip, kind.fabric}, s.groups);
      use_measured(kind, pipeline, stage, s.cost);
    }
    const auto add = [&](const PartCost& part, double times) {
      s.pass += (part.forward + part.backward + part.recompute) * times;
    };
    const double layers = whole(stage.layers), mtp = whole(model.mtp_layers);
    add(s.cost.layer, layers);
    s.seconds = layers * s.cost.layer_s;
    if (i == 0) add(s.cost.input, 1), s.seconds += s.cost.input_s;
    if (i + 1 == p) add(s.cost.head, 1 + mtp), add(s.cost.layer, mtp), s.seconds += s.cost.head_s;
    s.seconds += s.pass.compute_s * (stage.slow - 1);
    s.chips = whole(stage.tensor * mixed.common.context * pipeline.replicas);
    const double chunks = whole(pipeline.virtual_stages), stages = whole(static_cast<std::int64_t>(p));
    double in_flight = std::min(whole(static_cast<std::int64_t>(p - i)), whole(pipeline.micro_batches()));
    if (chunks > 1) in_flight *= 1 + (stages - 1) / (stages * chunks);
    if (mixed.common.schedule == Schedule::gpipe) in_flight = whole(pipeline.micro_batches());
    s.memory = training_memory(
        model, s.layout, StagePlace{.layers = layers, .in_flight = in_flight, .embedding = i == 0, .head = i + 1 == p});
    priced.stages.push_back(std::move(s));
  }
  for (std::size_t i = 0; i + 1 < p; ++i) {
    const double link = link_seconds(model, mixed, pipeline, priced.stages[i], priced.stages[i + 1], inter);
    priced.stages[i].exchange = std::max(priced.stages[i].exchange, link);
    priced.stages[i + 1].exchange = link;
  }
  return priced;
}

// Pipelines whose gradients are reduced inside each stage's kind: the same kinds with the same layers.
bool twins(const MixedPipeline& a, const MixedPipeline& b, const std::vector<std::size_t>& pools) {
  return a.stages.size() == b.stages.size() &&
         std::equal(a.stages.begin(), a.stages.end(), b.stages.begin(), [&](const MixedStage& x, const MixedStage& y) {
           return pools[x.kind] == pools[y.kind] && x.tensor == y.tensor && x.layers == y.layers;
         });
}

// Seconds to add up the gradients of `groups` sets of pipelines, each chip with the part it holds after its own set has
// reduced: a ring, as fast as its slowest member.
double between_kinds_seconds(const std::vector<PricedPipeline>& pipelines, std::int64_t groups,
                             const InterKind& inter) {
  if (groups <= 1) return 0;
  const double n = whole(groups);
  double slowest = 0;
  for (const PricedPipeline& p : pipelines)
    for (const Priced& s : p.stages) {
      const double ranks = whole(p.twins * s.layout.context);
      const double bytes = s.memory.gradients * shard_counts(s.layout, ranks).gradients / ranks;
      double seconds = outward_seconds(bytes, *s.kind, inter);
      if (inter.staged) seconds += bytes / ((inter.host_gbs > 0 ? inter.host_gbs : kHostGbs) * kBytesInGb);
      slowest = std::max(slowest, seconds);
    }
  return 2 * (n - 1) / n * slowest + 2 * (n - 1) * inter.latency_us * kSecondsInUs;
}

// Gradients and parameters of a stage that stay exposed, once a step. Beside the last backward pass there is room while
// it computes and while it waits for a slower stage.
struct Traffic {
  StateTraffic state;
  double forward = 0, backward = 0, waits = 0, last_bucket = 0;
};
void lay_traffic(const Traffic& t, const Priced& s, double between, StepBreakdown& once) {
  if (!s.layout.overlap_gradients) {
    once.data_s += t.state.reduce_s + between + t.state.gather_s;
    return;
  }
  const Accelerator& chip = s.kind->chip;
  const double reduce_s = t.state.reduce_s + between;
  const Overlap reduce = lay_over(reduce_s * (1 - t.last_bucket), t.backward + t.waits, chip);
  const Overlap gather = lay_over(t.state.gather_s * (1 - t.last_bucket), t.forward, chip);
  once.data_s += reduce.exposed + gather.exposed + t.last_bucket * (reduce_s + t.state.gather_s);
  once.compute_s += reduce.slowed + gather.slowed;
}

// Reduction of gradients, gathering of parameters, optimiser: once a step, as in step.cpp but for one stage. Returns
// what reducing between kinds adds.
double price_tail(const Architecture& model, Priced& s, const PricedPipeline& p, double between) {
  const Layout& layout = s.layout;
  const Accelerator& chip = s.kind->chip;
  const bool first = &s == &p.stages.front(), last = &s == &p.stages.back();
  const double layers = whole(s.stage->layers);
  const LocalParameters local =
      local_parameters(model, layout, StagePlace{.layers = layers, .in_flight = 1, .embedding = first, .head = last});
  Traffic traffic{.state = state_traffic(layout, local.dense, s.groups.data, s.kind->fabric),
                  .forward = layers * s.cost.layer.forward.seconds(chip),
                  .backward = layers * (s.cost.layer.backward + s.cost.layer.recompute).seconds(chip),
                  .waits = p.slowest - s.seconds,
                  .last_bucket = 1 / std::max(1.0, layers)};
  const StateTraffic of_experts = state_traffic(layout, local.experts, s.groups.expert_data, s.kind->fabric);
  traffic.state.reduce_s += of_experts.reduce_s + s.cost.replicate_s * layers;
  traffic.state.gather_s += of_experts.gather_s;
  StepBreakdown with_others;
  lay_traffic(traffic, s, 0, s.once);
  lay_traffic(traffic, s, between, with_others);
  const double added = with_others.total() - s.once.total();
  if (model.tied && p.stages.size() > 1 && (first || last) && !layout.low_rank_adapters) {
    const double bytes = gradient_bytes(layout) * whole(model.vocab * model.hidden) / whole(layout.tensor);
    const Group pair{.ranks = 2, .per_domain = s.groups.pipeline_crosses_domain ? 1 : 2};
    s.once.data_s += estimate(Collective::all_reduce, bytes, pair, s.kind->fabric).seconds;
  }
  if (!layout.low_rank_adapters) {
    const double replicas = whole(layout.data * layout.context);
    const double of_one_expert = std::max(1.0, replicas * whole(layout.tensor) / whole(layout.expert));
    const double updated = local.dense / shard_counts(layout, replicas).optimizer +
                           local.experts / shard_counts(layout, layout.expert > 1 ? of_one_expert : replicas).optimizer;
    s.once.optimizer_s = stream_seconds(chip, 42 * updated, 20);
  }
  s.tail = s.once.total();
  return added;
}

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
void book(const Priced& s, const PricedPipeline& p, const Waits& waits, StepBreakdown& b, double& bucket) {
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
      if (!twins(layout.pipelines[i], layout.pipelines[j], pools)) continue;
      replicas += layout.pipelines[j].replicas;
      seen = seen || j < i;
    }
    if (!seen) ++groups;
    pipelines.push_back(price(model, layout, layout.pipelines[i], kinds, pools, replicas, inter));
  }
  const double between = between_kinds_seconds(pipelines, groups, inter);

  MixedStep step;
  double longest = 0, end = 0, end_between = 0, host = 0;
  for (PricedPipeline& p : pipelines) {
    std::size_t slowest_kind = 0;
    for (Priced& s : p.stages) {
      s.seconds = (s.seconds + s.exchange) * spread[s.stage->kind];
      host = std::max(host, kOperationsOfStep * s.kind->chip.software.issue_s * spread[s.stage->kind]);
      p.all += s.seconds;
      if (s.seconds > p.slowest) p.slowest = s.seconds, slowest_kind = s.stage->kind;
    }
    p.seconds =
        whole(p.pipeline->micro_batches()) * p.slowest + (p.all - p.slowest) / whole(p.pipeline->virtual_stages);
    for (Priced& s : p.stages) {
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
    for (const Priced& s : p.stages) {
      Waits waits{.end_s = end, .other_stage = s.pool != p.last_pool};
      for (const Priced& other : p.stages)
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
