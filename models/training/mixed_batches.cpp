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

constexpr std::array kSharding = {Sharding::zero1, Sharding::zero2, Sharding::fsdp};

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

}  // namespace

std::int64_t search_batches(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds,
                            Best& best) {
  std::int64_t considered = 0;
  std::vector<std::vector<Own>> ways;
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    ways.push_back(own_ways(model, shared_part(request), kinds[k], k));
    considered += static_cast<std::int64_t>(ways.back().size());
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
  return considered;
}

}  // namespace alight::mixed
