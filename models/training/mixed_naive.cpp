#include <algorithm>
#include <numeric>

#include "models/training/mixed_search.hpp"
#include "models/training/search.hpp"

namespace alight::mixed {

void offer_naive(const Architecture& model, const MixedRequest& request, const std::vector<ChipKind>& kinds,
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

}  // namespace alight::mixed
