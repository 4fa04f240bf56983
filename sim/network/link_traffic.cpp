#include "sim/network/link_traffic.hpp"

#include <algorithm>

namespace alight {
namespace {

/// A link in use this part of the time is full: what SimGrid's solver leaves of one is below its precision of 1e-5.
constexpr double kFull = 1 - 2e-5;

}  // namespace

void LinkTraffic::begin(std::uint64_t id, std::vector<Use> uses) {
  open_[id] = {.uses = std::move(uses)};
}

void LinkTraffic::end(std::uint64_t id, double left) {
  const auto at = open_.find(id);
  if (at == open_.end()) return;
  count(at->second, left);
  open_.erase(at);
}

void LinkTraffic::count(Task& task, double left) {
  const double part = task.left - left;
  task.left = left;
  if (part <= 0) return;
  for (const Use& use : task.uses) {
    OnLink& on = now_[use.link];
    if (!on.listed) listed_.push_back(use.link);
    on.listed = true;
    on.bytes += part * use.bytes;
    on.busy_s += part * use.busy_s;
  }
}

void LinkTraffic::look(double now_s, const Left& left) {
  const double s = now_s - since_s_;
  if (s > 0) {
    for (auto& [id, task] : open_) count(task, left(id));
    std::sort(listed_.begin(), listed_.end());
    for (const LinkIndex link : listed_) {
      OnLink& on = now_[link];
      // The last part of a task that SimGrid takes for nothing comes within no time: millionths of a short interval.
      tell_({since_s_, link, on.bytes / std::max(s, on.busy_s), on.busy_s >= kFull * s ? 1.0 : 0.0});
      on.told = on.bytes > 0;
      on.bytes = on.busy_s = 0;
    }
    since_s_ = now_s;
  }
  // What carried anything is asked again: it may carry nothing by the next look.
  std::erase_if(listed_, [this](LinkIndex link) {
    OnLink& on = now_[link];
    on.listed = on.told || on.bytes > 0;
    return !on.listed;
  });
  if (!open_.empty()) return;
  for (const LinkIndex link : listed_)
    if (now_[link].told && now_[link].bytes == 0) {
      tell_({now_s, link, 0, 0});
      now_[link].told = now_[link].listed = false;
    }
  std::erase_if(listed_, [this](LinkIndex link) { return !now_[link].listed; });
}

}  // namespace alight
