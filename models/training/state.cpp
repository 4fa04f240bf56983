#include "models/training/state.hpp"

#include "models/training/memory.hpp"

namespace alight {

TrainingState training_state(const Architecture& model, const Layout& layout) {
  const double all = parameters(model);
  return {kWeightBytes * all, optimizer_bytes(layout) * all};
}

TrainingState training_state(const GenericModel& model) {
  return {kWeightBytes * model.parameters, kAdamBytes * model.dense_parameters};
}

TrainingState loaded_state(const Architecture& model, const Layout& layout) {
  const double experts = static_cast<double>(expert_layers(model) * model.experts.count) * expert_parameters(model);
  const double dense = parameters(model) - experts;
  TrainingState read;
  const auto add = [&](double parameters, double copies) {
    const ShardCounts split = shard_counts(layout, copies);
    read.weights += kWeightBytes * parameters * copies / split.weights;
    read.optimizer += optimizer_bytes(layout) * parameters * copies / split.optimizer;
  };
  add(dense, dense_replicas(layout));
  add(experts, expert_replicas(layout));
  return read;
}

TrainingState loaded_state(const GenericModel& model, std::int64_t chips) {
  const TrainingState once = training_state(model);
  return {once.weights * static_cast<double>(chips), once.optimizer * static_cast<double>(chips)};
}

}  // namespace alight
