#include "models/training/state.hpp"

#include <algorithm>

#include "models/training/memory.hpp"

namespace alight {
namespace {

constexpr double kWeight = 2;  // bytes of a parameter; see the header
constexpr double kAdam = 12;
constexpr double kSgd = 8;

double optimizer_bytes(const Layout& layout) {
  if (layout.low_rank_adapters) return 0;
  return layout.optimizer == Optimizer::adam ? kAdam : kSgd;
}

}  // namespace

TrainingState training_state(const Architecture& model, const Layout& layout) {
  const double all = parameters(model);
  return {kWeight * all, optimizer_bytes(layout) * all};
}

TrainingState training_state(const GenericModel& model) {
  return {kWeight * model.parameters, kAdam * model.dense_parameters};
}

TrainingState loaded_state(const Architecture& model, const Layout& layout) {
  const double experts = static_cast<double>(expert_layers(model) * model.experts.count) * expert_parameters(model);
  const double dense = parameters(model) - experts;
  const auto replicas = static_cast<double>(layout.data * layout.context);
  const double of_experts =
      layout.expert == 1
          ? replicas
          : std::max(1.0, replicas * static_cast<double>(layout.tensor) / static_cast<double>(layout.expert));
  TrainingState read;
  const auto add = [&](double parameters, double copies) {
    const ShardCounts split = shard_counts(layout, copies);
    read.weights += kWeight * parameters * copies / split.weights;
    read.optimizer += optimizer_bytes(layout) * parameters * copies / split.optimizer;
  };
  add(dense, replicas);
  add(experts, of_experts);
  return read;
}

TrainingState loaded_state(const GenericModel& model, std::int64_t chips) {
  const TrainingState once = training_state(model);
  return {once.weights * static_cast<double>(chips), once.optimizer * static_cast<double>(chips)};
}

}  // namespace alight
