#include "sim/run/replica_sends.hpp"

#include <utility>

namespace alight {

void ReplicaSends::send(JobIndex from, JobIndex to, std::int64_t parts, const Send& what, Action arrived) {
  const std::uint64_t id = ids_++;
  items_.emplace(id, Item{.from = from, .to = to, .what = what, .arrived = arrived});
  Source& source = sources_[from];
  source.parts = parts;
  source.waiting.push_back(id);
  go_on(from);
}

void ReplicaSends::go_on(JobIndex from) {
  Source& source = sources_.at(from);
  while (source.sending < source.parts && !source.waiting.empty()) {
    const std::uint64_t id = source.waiting.front();
    source.waiting.pop_front();
    if (!items_.contains(id)) continue;  // dropped as it waited
    ++source.sending;
    start(id);
  }
}

void ReplicaSends::start(std::uint64_t id) {
  Item& item = items_.at(id);
  item.under_way = true;
  item.what.from = hooks_.servers(item.from);
  item.what.to = hooks_.servers(item.to);
  const bool apart = leaves_a_server(item.what);
  const double alone_s = item.what.latency_s + (apart ? item.what.apart_s : item.what.together_s);
  if (apart) item.name = hooks_.over_links(std::move(item.what));
  if (item.name)
    by_name_[*item.name] = id;
  else
    engine_.at(engine_.now() + alone_s, Turn::runtime, Action::to<&ReplicaSends::arrive>(this, id));
}

void ReplicaSends::sent(JobIndex name) {
  arrive(by_name_.extract(name).mapped());
}

void ReplicaSends::arrive(std::uint64_t id) {
  const auto found = items_.extract(id);
  if (found.empty()) return;  // dropped on its way
  --sources_.at(found.mapped().from).sending;
  go_on(found.mapped().from);
  found.mapped().arrived();
}

void ReplicaSends::lose(JobIndex replica) {
  std::vector<JobIndex> freed;
  std::erase_if(items_, [&](const auto& entry) {
    const Item& item = entry.second;
    if (item.from != replica && item.to != replica) return false;
    if (item.name) {
      hooks_.drop(*item.name);
      by_name_.erase(*item.name);
    }
    if (item.under_way) {
      --sources_.at(item.from).sending;
      freed.push_back(item.from);
    }
    return true;
  });
  for (const JobIndex source : freed) go_on(source);
}

}  // namespace alight
