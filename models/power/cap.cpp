#include "models/power/cap.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "models/whole_numbers.hpp"

namespace alight {

namespace {

// The clock a chip reaches of itself: its TDP's.
double own_clock(const CapGroup& group) {
  return clock_for_power(group.chip, group.activity, group.chip.tdp_w).clock;
}

class Sharing {
 public:
  Sharing(std::span<const CapGroup> groups, double limit_w) : groups_(groups), limit_w_(limit_w) {
    for (const CapGroup& group : groups) {
      state_.push_back({.clock = own_clock(group)});
      priorities_.push_back(group.priority);
    }
    std::sort(priorities_.begin(), priorities_.end());
    priorities_.erase(std::unique(priorities_.begin(), priorities_.end()), priorities_.end());
  }

  bool within() const { return power_w() <= limit_w_; }

  void clock_down_all() {
    lower([](const CapGroup&) { return true; });
  }
  void clock_down_by_priority() {
    for (std::size_t i = 0; i < priorities_.size() && !within(); ++i)
      lower([&](const CapGroup& group) { return group.priority == priorities_[i]; });
  }
  void switch_off() {
    for (std::size_t p = 0; p < priorities_.size() && !within(); ++p)
      for (std::size_t i = 0; i < groups_.size() && !within(); ++i)
        if (groups_[i].priority == priorities_[p] && groups_[i].may_switch_off) switch_off(i);
  }

  CapResult result() {
    CapResult result;
    result.power_w = power_w();
    result.met = result.power_w <= limit_w_;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      state_[i].power_w = group_power_w(groups_[i], state_[i].clock, state_[i].off);
      state_[i].time = time_at_clock(groups_[i].activity, state_[i].clock);
    }
    result.groups = std::move(state_);
    return result;
  }

 private:
  double power_w() const {
    double sum = 0;
    for (std::size_t i = 0; i < groups_.size(); ++i) sum += group_power_w(groups_[i], state_[i].clock, state_[i].off);
    return sum;
  }

  // The highest common clock within the limit for the groups chosen, none above its own clock or below its floor.
  void lower(const std::function<bool(const CapGroup&)>& chosen) {
    std::vector<double> own;
    for (const CappedGroup& group : state_) own.push_back(group.clock);
    const auto set = [&](double clock) {
      for (std::size_t i = 0; i < groups_.size(); ++i)
        if (chosen(groups_[i])) state_[i].clock = std::clamp(clock, std::min(groups_[i].lowest_clock, own[i]), own[i]);
    };
    double low = 0, high = 1;
    while (high - low > 1e-9) {
      const double middle = (low + high) / 2;
      set(middle);
      (within() ? low : high) = middle;
    }
    set(low);
  }

  void switch_off(std::size_t i) {
    const CapGroup& group = groups_[i];
    const double saved_w = group_power_w(group, state_[i].clock, 0) / std::max(1.0, whole(group.units)) - group.off_w;
    if (saved_w <= 0) return;
    const double needed = std::ceil((power_w() - limit_w_) / saved_w);
    state_[i].off = static_cast<std::int64_t>(std::clamp(needed, 0.0, whole(group.units)));
    // A rounding of sums may leave it one unit over.
    while (!within() && state_[i].off < group.units) ++state_[i].off;
  }

  std::span<const CapGroup> groups_;
  double limit_w_;
  std::vector<CappedGroup> state_;
  std::vector<std::int64_t> priorities_;
};

}  // namespace

double group_power_w(const CapGroup& group, double clock, std::int64_t off) {
  const double running_w = group.around_w + chip_power_w(group.chip, group.activity, clock);
  return whole(group.units - off) * running_w + whole(off) * group.off_w;
}

CapResult apply_cap(std::span<const CapGroup> groups, double limit_w, CapPolicy policy) {
  Sharing sharing(groups, limit_w);
  if (!sharing.within()) {
    if (policy == CapPolicy::uniform) sharing.clock_down_all();
    if (policy == CapPolicy::by_priority) sharing.clock_down_by_priority();
    if (policy == CapPolicy::switch_off) sharing.switch_off();
  }
  return sharing.result();
}

}  // namespace alight
