#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

#include "models/training/mixed_search.hpp"
#include "models/training/search.hpp"

namespace alight::mixed {
namespace {

constexpr std::array<std::int64_t, 3> kChunks = {1, 2, 4};
constexpr std::size_t kPricedInFull = 96;
constexpr double kNoEnd = std::numeric_limits<double>::infinity();

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

// Layers to stages, one by one to the one that stays fastest and has room; the pipeline's time, or kNoEnd.
double spread_layers(const Architecture& model, MixedPipeline& pipeline, Prices& prices) {
  const std::size_t p = pipeline.stages.size();
  const double m = whole(pipeline.micro_batches());
  const std::int64_t chunks = pipeline.virtual_stages;
  if (chunks > 1 && (model.layers % chunks != 0 || pipeline.micro_batches() % static_cast<std::int64_t>(p) != 0))
    return kNoEnd;
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
    if (room[i] < chunks) return kNoEnd;
    each[i] = whole(chunks) * price->layer_s;
    load[i] = each[i] + (i == 0 ? price->input_s : 0) + (i + 1 == p ? price->head_s : 0);
    stage.layers = chunks;
  }
  for (std::int64_t left = model.layers - chunks * static_cast<std::int64_t>(p); left > 0; left -= chunks) {
    std::size_t to = p;
    for (std::size_t i = 0; i < p; ++i)
      if (pipeline.stages[i].layers + chunks <= room[i] && (to == p || load[i] + each[i] < load[to] + each[to])) to = i;
    if (to == p) return kNoEnd;
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

  double worst_kept() const { return candidates_.size() < 4 * kPricedInFull ? kNoEnd : worst_; }
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
  double worst_ = kNoEnd;
};

}  // namespace

std::int64_t search_layers(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds,
                           Best& best) {
  std::int64_t considered = 0;
  PipelineSearch(model, request, kinds).run(best, considered);
  return considered;
}

}  // namespace alight::mixed
