#include "sim/runtime/storage_rate.hpp"

#include <algorithm>

#include "sim/runtime/training_rate.hpp"

namespace alight {
namespace {

double seconds_of(double bytes, const StorageWay::Direction& direction, const StorageWay& way, const Lie& lie) {
  const auto times = [](double width, std::int64_t n) { return width * static_cast<double>(n); };
  return bytes / std::min({direction.all, times(direction.leaf, lie.leaves), times(direction.pod, lie.pods),
                           times(way.chip, lie.chips)});
}

Exchange exchange_of(ExchangeKind kind, double bytes, const StorageWay& way, const Lie& lie, const TrainingRate& rate) {
  const std::int64_t ranks = rate.layout.chips();
  const bool out = kind == ExchangeKind::checkpoint;
  const double network_s = seconds_of(bytes, out ? way.write : way.read, way, lie);
  return {.kind = kind,
          .groups = {ranks, 1, 1},
          .per_domain = 1,
          .pattern = out ? Pattern::store : Pattern::fetch,
          .domain_bytes = bytes / static_cast<double>(ranks),
          .times = 1,
          .seconds = way.latency_s + network_s,
          .network_s = network_s,
          .room_s = 0};
}

}  // namespace

void add_storage(const StorageWork& work, const TrainingState& once, const TrainingState& loaded, const StorageWay& way,
                 const Lie& lie, TrainingRate& rate) {
  StorageRate& storage = rate.storage;
  switch (work.load) {
    case StorageWork::Load::none:
      break;
    case StorageWork::Load::weights:
      storage.load_bytes = loaded.weights;
      break;
    case StorageWork::Load::checkpoint:
      storage.load_bytes = loaded.total();
      break;
    case StorageWork::Load::bytes:
      storage.load_bytes = work.load_bytes;
      break;
  }
  if (storage.load_bytes > 0) {
    storage.load = exchange_of(ExchangeKind::load, storage.load_bytes, way, lie, rate);
    storage.load_s = storage.load->seconds;
  }
  storage.dataset_bytes = work.token_bytes * rate.step.tokens;
  if (storage.dataset_bytes > 0) {
    Exchange data = exchange_of(ExchangeKind::dataset, storage.dataset_bytes, way, lie, rate);
    data.room_s = rate.step.seconds;
    storage.dataset_s = data.exposed_s();
    rate.exchanges.push_back(data);
  }
  if (!work.checkpoints()) return;
  storage.checkpoint_bytes = work.checkpoint_bytes > 0 ? work.checkpoint_bytes : once.total();
  // The time between two is of training: they are written every so many steps, whatever they take.
  const double step_s = rate.step.seconds + storage.dataset_s;
  const double interval_s = work.every_s > 0 ? std::max(work.every_s, step_s) : work.every_steps * step_s;
  storage.checkpoints = step_s / interval_s;
  storage.checkpoint = exchange_of(ExchangeKind::checkpoint, storage.checkpoint_bytes, way, lie, rate);
  if (work.asynchronous) storage.checkpoint->room_s = interval_s;
  storage.checkpoint_s = storage.checkpoints * storage.checkpoint->exposed_s();
}

}  // namespace alight
