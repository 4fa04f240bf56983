#include "models/training/mixed_price.hpp"

#include <algorithm>

#include "models/whole_numbers.hpp"

namespace alight {
namespace {

// GB/s of copies to and from a host where nothing is said: PCIe 3.0 x16 as NCCL counts it (src/graph/topo.h).
constexpr double kHostGbs = 12;
constexpr double kBytesInGb = 1e9, kSecondsInUs = 1e-6;

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
                    const PricedStage& from, const PricedStage& to, const InterKind& inter) {
  const double bytes = mixed.activation_bytes * whole(pipeline.micro_batch * mixed.common.sequence) /
                       whole(mixed.common.context) * whole(model.hidden);
  // As in a step of one kind (step.cpp): interleaved stages hide one direction of two.
  const double exchanges = (pipeline.virtual_stages > 1 ? 1 : 2) * whole(pipeline.virtual_stages);
  if (from.pool == to.pool) {
    const Group& pair = from.groups.pipeline;
    const double part = bytes / whole(std::min(from.stage->tensor, to.stage->tensor));
    return exchanges * estimate(Collective::send_recv, part, pair, from.kind->fabric).seconds;
  }
  // Each end sends or takes its ranks' parts; without staging they do so at once, with it one after the other.
  const double here = outward_seconds(bytes / whole(from.stage->tensor), *from.kind, inter);
  const double there = outward_seconds(bytes / whole(to.stage->tensor), *to.kind, inter);
  return exchanges * ((inter.staged ? here + there : std::max(here, there)) + inter.latency_us * kSecondsInUs);
}

// Gradients and parameters of a stage that stay exposed, once a step. Beside the last backward pass there is room while
// it computes and while it waits for a slower stage.
struct Traffic {
  StateTraffic state;
  double forward = 0, backward = 0, waits = 0, last_bucket = 0;
};
void lay_traffic(const Traffic& t, const PricedStage& s, double between, StepBreakdown& once) {
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

}  // namespace

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

PricedPipeline price_pipeline(const Architecture& model, const MixedLayout& mixed, const MixedPipeline& pipeline,
                              const std::vector<ChipKind>& kinds, const std::vector<std::size_t>& pools,
                              std::int64_t twins, const InterKind& inter) {
  PricedPipeline priced{.pipeline = &pipeline, .stages = {}, .twins = twins};
  const std::size_t p = pipeline.stages.size();
  priced.stages.reserve(p);
  for (std::size_t i = 0; i < p; ++i) {
    const MixedStage& stage = pipeline.stages[i];
    const ChipKind& kind = kinds[stage.kind];
    PricedStage s{.stage = &stage,
                  .kind = &kind,
                  .pool = pools[stage.kind],
                  .layout = {},
                  .groups = {},
                  .cost = {},
                  .pass = {},
                  .once = {},
                  .memory = {}};
    const PricedStage* like = nullptr;
    for (const PricedStage& other : priced.stages)
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

bool are_twins(const MixedPipeline& a, const MixedPipeline& b, const std::vector<std::size_t>& pools) {
  return a.stages.size() == b.stages.size() &&
         std::equal(a.stages.begin(), a.stages.end(), b.stages.begin(), [&](const MixedStage& x, const MixedStage& y) {
           return pools[x.kind] == pools[y.kind] && x.tensor == y.tensor && x.layers == y.layers;
         });
}

double between_kinds_seconds(const std::vector<PricedPipeline>& pipelines, std::int64_t groups,
                             const InterKind& inter) {
  if (groups <= 1) return 0;
  const double n = whole(groups);
  double slowest = 0;
  for (const PricedPipeline& p : pipelines)
    for (const PricedStage& s : p.stages) {
      const double ranks = whole(p.twins * s.layout.context);
      const double bytes = s.memory.gradients * shard_counts(s.layout, ranks).gradients / ranks;
      double seconds = outward_seconds(bytes, *s.kind, inter);
      if (inter.staged) seconds += bytes / ((inter.host_gbs > 0 ? inter.host_gbs : kHostGbs) * kBytesInGb);
      slowest = std::max(slowest, seconds);
    }
  return 2 * (n - 1) / n * slowest + 2 * (n - 1) * inter.latency_us * kSecondsInUs;
}

double price_tail(const Architecture& model, PricedStage& s, const PricedPipeline& p, double between) {
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
    const Group pair{.ranks = 2, .per_domain = s.groups.pipeline.per_domain};
    s.once.data_s += estimate(Collective::all_reduce, bytes, pair, s.kind->fabric).seconds;
  }
  if (!layout.low_rank_adapters) {
    const double replicas = whole(layout.data * layout.context);
    const double of_one_expert = std::max(1.0, replicas * whole(layout.tensor) / whole(layout.expert));
    const double updated = local.dense / shard_counts(layout, replicas).optimizer +
                           local.experts / shard_counts(layout, layout.expert > 1 ? of_one_expert : replicas).optimizer;
    s.once.optimizer_s = optimizer_seconds(chip, updated);
  }
  s.tail = s.once.total();
  return added;
}

}  // namespace alight
