#include "models/training/mixed_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

#include "models/training/search.hpp"

namespace alight {
namespace {

constexpr std::array kRecompute = {Recompute::none, Recompute::selective, Recompute::full};
constexpr std::array kSharding = {Sharding::zero1, Sharding::zero2, Sharding::fsdp};
constexpr std::array<std::int64_t, 3> kChunks = {1, 2, 4};
constexpr std::int64_t kLongestMicroBatch = 8;
constexpr std::int64_t kWidestTensor = 16;
constexpr std::size_t kPricedInFull = 96;
constexpr double kNever = std::numeric_limits<double>::infinity();

double whole(std::int64_t n) {
  return static_cast<double>(n);
}

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

// Layers over stages, as even as can be; the ends, which have embedding and head, take the short ones.
std::vector<std::int64_t> even_split(std::int64_t layers, std::int64_t stages) {
  std::vector<std::int64_t> split(static_cast<std::size_t>(stages), layers / stages);
  const std::int64_t more = layers % stages, skip = (stages - more + 1) / 2;
  for (std::int64_t i = 0; i < more; ++i) ++split[static_cast<std::size_t>(std::min(skip + i, stages - 1))];
  return split;
}

// The fastest so far, of layouts priced in full.
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

// --- Data parallelism across kinds -----------------------------------------------------------------------------------

// How one kind could work alone: seconds = fixed + each * micro-batches, on each of its replicas.
struct Own {
  MixedPipeline pipeline;
  double fixed, each;

  std::int64_t sequences_in(double seconds) const {
    const double m = std::floor((seconds - fixed) / each + 1e-9);
    if (m < 1) return 0;
    auto count = static_cast<std::int64_t>(std::min(m, 1e9));
    if (pipeline.virtual_stages > 1) {
      const auto stages = static_cast<std::int64_t>(pipeline.stages.size());
      count -= count % stages;
    }
    return count * pipeline.replicas * pipeline.micro_batch;
  }
};

std::vector<Own> own_ways(const Architecture& model, const Layout& common, const ChipKind& kind, std::size_t index) {
  std::vector<Own> ways;
  Layout layout = common;
  layout.precision = kind.precision.value_or(common.precision);
  if (kind.chip.peak(layout.precision) <= 0) return ways;
  const auto seconds = [&](std::int64_t m) {
    layout.global_batch = m * layout.data * layout.micro_batch;
    return predict_step(model, layout, kind.chip, kind.fabric).seconds;
  };
  for (const std::int64_t tensor : tensor_degrees(model, kind))
    for (const std::int64_t stages : divisors(kind.chips / tensor)) {
      if (stages > model.layers) break;
      layout.tensor = tensor;
      layout.sequence_parallel = tensor > 1;
      layout.pipeline = stages;
      layout.data = kind.chips / tensor / stages;
      layout.uneven_stages = model.layers % stages != 0;
      if (common.expert > 1 && tensor * layout.data % common.expert != 0) continue;
      for (const std::int64_t micro_batch : micro_batches(common.global_batch))
        for (const Recompute recompute : kRecompute) {
          if (!allowed(kind, recompute)) continue;
          for (const std::int64_t chunks :
               layout.uneven_stages || stages == 1 ? std::vector<std::int64_t>{1} : divisors(model.layers / stages)) {
            layout.micro_batch = micro_batch;
            layout.recompute = recompute;
            layout.virtual_stages = chunks;
            for (const Sharding sharding : kSharding) {
              if (sharding != Sharding::zero1 && (layout.data == 1 || (sharding == Sharding::zero2 && stages > 1)))
                continue;
              layout.sharding = sharding;
              const std::int64_t m = std::max<std::int64_t>(2, stages);
              layout.global_batch = m * layout.data * micro_batch;
              if (training_memory(model, layout).total() > kind.chip.memory_bytes) continue;
              const double one = seconds(m), two = seconds(2 * m);
              Own own{.pipeline = {.replicas = layout.data,
                                   .micro_batch = micro_batch,
                                   .virtual_stages = chunks,
                                   .sharding = sharding},
                      .fixed = 2 * one - two,
                      .each = (two - one) / whole(m)};
              for (const std::int64_t layers : even_split(model.layers, stages))
                own.pipeline.stages.push_back(
                    {.kind = index, .tensor = tensor, .layers = layers, .recompute = recompute});
              ways.push_back(std::move(own));
            }
          }
        }
    }
  return ways;
}

// Hands out exactly `batch` sequences, at most `most[k]` to each, in whole micro-batches; empty where that fails.
std::vector<std::int64_t> share_out(std::int64_t batch, const std::vector<const Own*>& ways,
                                    std::vector<std::int64_t> most) {
  std::int64_t surplus = std::accumulate(most.begin(), most.end(), std::int64_t{0}) - batch;
  std::vector<std::size_t> order(ways.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return ways[a]->pipeline.micro_batch > ways[b]->pipeline.micro_batch;
  });
  for (const std::size_t k : order) {
    const std::int64_t step = ways[k]->pipeline.micro_batch;
    const std::int64_t least = ways[k]->pipeline.replicas * step;
    const std::int64_t less = std::min(surplus, std::max<std::int64_t>(most[k] - least, 0)) / step * step;
    most[k] -= less;
    surplus -= less;
  }
  return surplus == 0 ? most : std::vector<std::int64_t>{};
}

using Ways = std::vector<const Own*>;

const Own* most_in(const Ways& ways, double seconds, std::int64_t& sequences) {
  const Own* best = nullptr;
  sequences = 0;
  for (const Own* way : ways)
    if (const std::int64_t n = way->sequences_in(seconds); n > sequences) sequences = n, best = way;
  return best;
}

// The least time in which all kinds together finish the batch, their ways chosen for it; then offered.
void data_across(const MixedRequest& request, std::vector<Ways> ways, Best& best) {
  for (int attempt = 0; attempt < 24; ++attempt) {
    const auto reach = [&](double seconds) {
      std::int64_t sum = 0, n = 0;
      for (const auto& of_kind : ways) most_in(of_kind, seconds, n), sum += n;
      return sum;
    };
    if (std::any_of(ways.begin(), ways.end(), [](const auto& of_kind) { return of_kind.empty(); })) return;
    double low = 0, high = 1;
    while (reach(high) < request.common.global_batch && high < 1e9) high *= 2;
    for (int i = 0; i < 40; ++i) {
      const double middle = (low + high) / 2;
      (reach(middle) < request.common.global_batch ? low : high) = middle;
    }
    std::vector<const Own*> chosen;
    std::vector<std::int64_t> most(ways.size());
    for (std::size_t k = 0; k < ways.size(); ++k) chosen.push_back(most_in(ways[k], high, most[k]));
    if (std::find(chosen.begin(), chosen.end(), nullptr) != chosen.end()) return;
    const auto shares = share_out(request.common.global_batch, chosen, most);
    MixedLayout layout{.common = shared_part(request), .pipelines = {}};
    for (std::size_t k = 0; k < shares.size(); ++k) {
      layout.pipelines.push_back(chosen[k]->pipeline);
      layout.pipelines.back().sequences = shares[k];
    }
    if (!shares.empty() && best.offer(layout, MixedFamily::data)) return;
    // One of them is out after all: without each kind's choice in turn.
    const std::size_t k = static_cast<std::size_t>(attempt) % ways.size();
    std::erase(ways[k], chosen[k]);
  }
}

// --- Pipeline parallelism across kinds -------------------------------------------------------------------------------

struct UnitPrice {
  double layer_s, head_s, input_s;
};

class Prices {
 public:
  Prices(const Architecture& model, const Layout& common, const std::vector<ChipKind>& kinds)
      : model_(model), common_(common), kinds_(kinds) {}

  const UnitPrice& of(std::size_t kind, std::int64_t tensor, std::int64_t micro_batch, Recompute recompute) {
    const auto [at, fresh] = known_.try_emplace({kind, tensor, micro_batch, recompute});
    if (fresh) {
      const ChipKind& k = kinds_[kind];
      const Layout layout = layout_of(k, tensor, micro_batch, recompute, 1, 2 * micro_batch);
      const MicroBatchCost cost =
          micro_batch_cost(Setting{model_, layout, k.chip, k.fabric}, groups_of(layout, k.fabric));
      const double slowest = slowest_of(k.chips, k.chip.kernels.spread);
      at->second = {cost.layer_s * slowest, cost.head_s * slowest, cost.input_s * slowest};
    }
    return at->second;
  }

  double memory_bytes(std::size_t kind) const { return kinds_[kind].chip.memory_bytes; }

  /// Bytes of a stage: fixed + layers (each + in_flight kept), and the tables of the ends.
  struct Room {
    double fixed, each, kept, embedding, head;

    std::int64_t most_layers(double bytes, double in_flight, bool first, bool last) const {
      const double left = bytes - fixed - (first ? embedding : 0) - (last ? head : 0);
      return left <= 0 ? 0 : static_cast<std::int64_t>(std::min(1e6, std::floor(left / (each + in_flight * kept))));
    }
  };
  const Room& room(const MixedStage& stage, std::int64_t micro_batch, std::int64_t replicas) {
    const auto [at, fresh] = rooms_.try_emplace({stage.kind, stage.tensor, micro_batch, stage.recompute, replicas});
    if (fresh) {
      const Layout layout =
          layout_of(kinds_[stage.kind], stage.tensor, micro_batch, stage.recompute, replicas, common_.global_batch);
      const auto bytes = [&](double layers, double in_flight, bool embedding, bool head) {
        return training_memory(
                   model_, layout,
                   StagePlace{.layers = layers, .in_flight = in_flight, .embedding = embedding, .head = head})
            .total();
      };
      const double one = bytes(1, 1, false, false);
      Room& r = at->second;
      r.kept = bytes(1, 2, false, false) - one;
      r.each = bytes(2, 1, false, false) - one - r.kept;
      r.fixed = one - r.each - r.kept;
      r.embedding = bytes(1, 1, true, false) - one;
      r.head = bytes(1, 1, false, true) - one;
    }
    return at->second;
  }

 private:
  Layout layout_of(const ChipKind& kind, std::int64_t tensor, std::int64_t micro_batch, Recompute recompute,
                   std::int64_t data, std::int64_t batch) const {
    Layout layout = common_;
    layout.tensor = tensor;
    layout.sequence_parallel = tensor > 1;
    layout.micro_batch = micro_batch;
    layout.recompute = recompute;
    layout.precision = kind.precision.value_or(common_.precision);
    layout.data = data;
    layout.global_batch = batch;
    return layout;
  }

  const Architecture& model_;
  const Layout& common_;
  const std::vector<ChipKind>& kinds_;
  std::map<std::tuple<std::size_t, std::int64_t, std::int64_t, Recompute>, UnitPrice> known_;
  std::map<std::tuple<std::size_t, std::int64_t, std::int64_t, Recompute, std::int64_t>, Room> rooms_;
};

struct Candidate {
  double seconds;
  MixedLayout layout;
};

// Layers to stages, one by one to the one that stays fastest and has room; the pipeline's time, or kNever.
double spread_layers(const Architecture& model, MixedPipeline& pipeline, Prices& prices) {
  const std::size_t p = pipeline.stages.size();
  const double m = whole(pipeline.micro_batches());
  const std::int64_t chunks = pipeline.virtual_stages;
  if (chunks > 1 && (model.layers % chunks != 0 || pipeline.micro_batches() % static_cast<std::int64_t>(p) != 0))
    return kNever;
  std::vector<double> load(p), each(p);
  std::vector<std::int64_t> room(p);
  const UnitPrice* price = nullptr;
  const Prices::Room* memory = nullptr;
  for (std::size_t i = 0; i < p; ++i) {
    MixedStage& stage = pipeline.stages[i];
    if (i == 0 || stage.kind != pipeline.stages[i - 1].kind) {
      price = &prices.of(stage.kind, stage.tensor, pipeline.micro_batch, stage.recompute);
      memory = &prices.room(stage, pipeline.micro_batch, pipeline.replicas);
    }
    double in_flight = std::min(whole(static_cast<std::int64_t>(p - i)), m);
    if (chunks > 1)
      in_flight *= 1 + whole(static_cast<std::int64_t>(p) - 1) / whole(static_cast<std::int64_t>(p) * chunks);
    room[i] = memory->most_layers(prices.memory_bytes(stage.kind), in_flight, i == 0, i + 1 == p);
    if (room[i] < chunks) return kNever;
    each[i] = whole(chunks) * price->layer_s;
    load[i] = each[i] + (i == 0 ? price->input_s : 0) + (i + 1 == p ? price->head_s : 0);
    stage.layers = chunks;
  }
  for (std::int64_t left = model.layers - chunks * static_cast<std::int64_t>(p); left > 0; left -= chunks) {
    std::size_t to = p;
    for (std::size_t i = 0; i < p; ++i)
      if (pipeline.stages[i].layers + chunks <= room[i] && (to == p || load[i] + each[i] < load[to] + each[to])) to = i;
    if (to == p) return kNever;
    load[to] += each[to];
    pipeline.stages[to].layers += chunks;
  }
  const double slowest = *std::max_element(load.begin(), load.end());
  return m * slowest + (std::accumulate(load.begin(), load.end(), 0.0) - slowest) / whole(chunks);
}

class PipelineSearch {
 public:
  PipelineSearch(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds)
      : model_(model),
        kinds_(kinds),
        common_(shared_part(request)),
        prices_(model, common_, kinds),
        order_(kinds.size()),
        tensor_(kinds.size()),
        recompute_(kinds.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }

  void run(Best& best, std::int64_t& considered) {
    std::int64_t common = 0;
    for (const ChipKind& kind : kinds_) {
      common = std::gcd(common, kind.chips);
      if (kind.chip.peak(kind.precision.value_or(common_.precision)) <= 0) return;
    }
    for (const std::int64_t replicas : divisors(common)) {
      if (common_.global_batch % replicas != 0) continue;
      replicas_ = replicas;
      degrees(0);
    }
    considered += considered_;
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [](const Candidate& a, const Candidate& b) { return a.seconds < b.seconds; });
    for (std::size_t i = 0; i < std::min(candidates_.size(), kPricedInFull); ++i)
      best.offer(candidates_[i].layout, MixedFamily::pipeline);
  }

 private:
  void degrees(std::size_t k) {
    if (k < kinds_.size()) {
      for (const std::int64_t tensor : tensor_degrees(model_, kinds_[k])) {
        if (kinds_[k].chips % (replicas_ * tensor) != 0) continue;
        tensor_[k] = tensor;
        degrees(k + 1);
      }
      return;
    }
    std::int64_t stages = 0;
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
      stages += kinds_[i].chips / (replicas_ * tensor_[i]);
      if (common_.expert > 1 && tensor_[i] * replicas_ % common_.expert != 0) return;
    }
    if (stages > model_.layers) return;
    for (const std::int64_t micro_batch : micro_batches(common_.global_batch / replicas_)) {
      micro_batch_ = micro_batch;
      recomputation(0);
    }
  }

  void recomputation(std::size_t k) {
    if (k < kinds_.size()) {
      for (const Recompute recompute : kRecompute) {
        if (!allowed(kinds_[k], recompute)) continue;
        recompute_[k] = recompute;
        recomputation(k + 1);
      }
      return;
    }
    // Not even layers that could be split at will would make it one of the fastest.
    double layers_s = 0;
    for (std::size_t i = 0; i < kinds_.size(); ++i)
      layers_s += whole(kinds_[i].chips / (replicas_ * tensor_[i])) /
                  prices_.of(i, tensor_[i], micro_batch_, recompute_[i]).layer_s;
    if (whole(common_.global_batch / (replicas_ * micro_batch_)) * whole(model_.layers) / layers_s >= worst_kept()) {
      ++considered_;
      return;
    }
    std::vector<std::size_t> order = order_;
    do {
      for (const std::int64_t chunks : kChunks) {
        ++considered_;
        MixedPipeline pipeline{.replicas = replicas_,
                               .micro_batch = micro_batch_,
                               .sequences = common_.global_batch,
                               .virtual_stages = chunks};
        for (const std::size_t i : order)
          for (std::int64_t s = kinds_[i].chips / (replicas_ * tensor_[i]); s > 0; --s)
            pipeline.stages.push_back({.kind = i, .tensor = tensor_[i], .recompute = recompute_[i]});
        const double seconds = spread_layers(model_, pipeline, prices_);
        if (seconds < worst_kept()) keep({seconds, {.common = common_, .pipelines = {std::move(pipeline)}}});
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }

  double worst_kept() const { return candidates_.size() < 4 * kPricedInFull ? kNever : worst_; }
  void keep(Candidate candidate) {
    candidates_.push_back(std::move(candidate));
    if (candidates_.size() < 8 * kPricedInFull) return;
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [](const Candidate& a, const Candidate& b) { return a.seconds < b.seconds; });
    candidates_.resize(4 * kPricedInFull);
    worst_ = candidates_.back().seconds;
  }

  const Architecture& model_;
  const std::vector<ChipKind>& kinds_;
  Layout common_;
  Prices prices_;
  std::vector<std::size_t> order_;
  std::vector<std::int64_t> tensor_;
  std::vector<Recompute> recompute_;
  std::int64_t replicas_ = 1, micro_batch_ = 1, considered_ = 0;
  std::vector<Candidate> candidates_;
  double worst_ = kNever;
};

// --- The naive way ---------------------------------------------------------------------------------------------------

void naive_layouts(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds,
                   Best& best) {
  std::int64_t all = 0, common = 0;
  for (const ChipKind& kind : kinds) all += kind.chips, common = std::gcd(common, kind.chips);
  const std::int64_t batch = request.common.global_batch;
  std::vector<std::int64_t> tensors = tensor_degrees(model, kinds.front());
  for (const ChipKind& kind : kinds) {
    const auto own = tensor_degrees(model, kind);
    std::erase_if(tensors, [&](std::int64_t t) { return std::find(own.begin(), own.end(), t) == own.end(); });
  }
  const auto stages_of = [&](std::size_t k, std::int64_t tensor, const std::vector<std::int64_t>& layers,
                             std::size_t from, std::size_t count, Recompute recompute) {
    std::vector<MixedStage> stages;
    for (std::size_t i = 0; i < count; ++i)
      stages.push_back({.kind = k,
                        .tensor = tensor,
                        .layers = layers[from + i],
                        .recompute = kinds[k].recompute.value_or(recompute)});
    return stages;
  };
  for (const std::int64_t tensor : tensors)
    for (const std::int64_t micro_batch : micro_batches(batch))
      for (const Recompute recompute : kRecompute) {
        for (const std::int64_t stages : divisors(common / std::gcd(common, tensor))) {
          if (common % tensor != 0 || stages > model.layers || common % (tensor * stages) != 0) continue;
          const std::int64_t replicas = all / (tensor * stages);
          if (batch % (replicas * micro_batch) != 0) continue;
          const auto layers = even_split(model.layers, stages);
          for (const std::int64_t chunks :
               model.layers % stages || stages == 1 ? std::vector<std::int64_t>{1} : divisors(model.layers / stages)) {
            MixedLayout layout{.common = shared_part(request), .pipelines = {}};
            for (std::size_t k = 0; k < kinds.size(); ++k) {
              const std::int64_t own = kinds[k].chips / (tensor * stages);
              layout.pipelines.push_back(
                  {.stages = stages_of(k, tensor, layers, 0, static_cast<std::size_t>(stages), recompute),
                   .replicas = own,
                   .micro_batch = micro_batch,
                   .sequences = batch / replicas * own,
                   .virtual_stages = chunks});
            }
            best.offer(layout, MixedFamily::data);
          }
        }
        for (const std::int64_t replicas : divisors(common / std::gcd(common, tensor))) {
          const std::int64_t stages = all / (tensor * replicas);
          if (common % (tensor * replicas) != 0 || stages > model.layers || batch % (replicas * micro_batch) != 0)
            continue;
          const auto layers = even_split(model.layers, stages);
          MixedLayout layout{.common = shared_part(request), .pipelines = {}};
          MixedPipeline pipeline{.replicas = replicas, .micro_batch = micro_batch, .sequences = batch};
          for (std::size_t k = 0; k < kinds.size(); ++k) {
            const auto own = stages_of(k, tensor, layers, pipeline.stages.size(),
                                       static_cast<std::size_t>(kinds[k].chips / (tensor * replicas)), recompute);
            pipeline.stages.insert(pipeline.stages.end(), own.begin(), own.end());
          }
          layout.pipelines.push_back(std::move(pipeline));
          best.offer(layout, MixedFamily::pipeline);
        }
      }
}

}  // namespace

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
  Best best(model, request, kinds);
  std::vector<std::vector<Own>> ways;
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    ways.push_back(own_ways(model, shared_part(request), kinds[k], k));
    plans.considered += static_cast<std::int64_t>(ways.back().size());
  }
  // Short micro-batches and pipelines share a batch out more finely, long ones are faster; what reduction between kinds
  // takes is known only of a whole layout: each has its turn.
  for (std::int64_t longest = 1; longest <= kLongestMicroBatch; longest *= 2)
    for (const std::size_t deepest : {1, 2, 4, 8, 1 << 20}) {
      std::vector<Ways> some(ways.size());
      for (std::size_t k = 0; k < ways.size(); ++k)
        for (const Own& own : ways[k])
          if (own.pipeline.micro_batch <= longest && own.pipeline.stages.size() <= deepest) some[k].push_back(&own);
      data_across(request, std::move(some), best);
    }
  if (kinds.size() > 1) PipelineSearch(model, request, kinds).run(best, plans.considered);
  Best naive(model, request, kinds);
  naive_layouts(model, request, kinds, naive);
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
