#include "sim/runtime/storage_rate.hpp"

#include <algorithm>
#include <cmath>

#include "models/reliability/checkpointing.hpp"
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

double interval_of(const StorageWork& work, double write_s, double mttf_s, double step_s) {
  if (work.interval == StorageWork::Interval::stated)
    return work.every_s > 0 ? std::max(work.every_s, step_s) : work.every_steps * step_s;
  if (!std::isfinite(mttf_s)) return mttf_s;
  if (work.asynchronous) return std::max(write_s, step_s);
  const CheckpointCosts costs{.mttf_s = mttf_s, .stall_s = write_s};
  const bool young = work.interval == StorageWork::Interval::young;
  return std::max(young ? young_interval_s(costs) : daly_interval_s(costs), step_s);
}

}  // namespace

void add_load(double bytes, const StorageWay& way, const Lie& lie, TrainingRate& rate) {
  rate.storage.load_bytes = bytes;
  rate.storage.load = exchange_of(ExchangeKind::load, bytes, way, lie, rate);
  rate.storage.load_s = rate.storage.load->seconds;
}

void add_storage(const StorageWork& work, const TrainingState& once, const TrainingState& loaded, const StorageWay& way,
                 const Lie& lie, double mttf_s, TrainingRate& rate) {
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
  if (storage.load_bytes > 0) add_load(storage.load_bytes, way, lie, rate);
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
  const Exchange one = exchange_of(ExchangeKind::checkpoint, storage.checkpoint_bytes, way, lie, rate);
  const double interval_s = interval_of(work, one.seconds, mttf_s, step_s);
  if (!std::isfinite(interval_s)) return;
  storage.checkpoints = step_s / interval_s;
  storage.checkpoint = one;
  if (work.asynchronous) storage.checkpoint->room_s = interval_s;
  storage.checkpoint_s = storage.checkpoints * storage.checkpoint->exposed_s();
}

}  // namespace alight
