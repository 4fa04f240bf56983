#include "models/power/cap.hpp"

#include <algorithm>
#include <cmath>

#include "models/whole_numbers.hpp"

namespace alight {

namespace {

class Sharing {
 public:
  Sharing(std::span<const CapGroup> groups, const Cap& cap) : groups_(groups), cap_(cap), drawn_w_(groups.size()) {
    for (std::size_t i = 0; i < groups.size(); ++i) {
      state_.push_back({.clock = groups[i].highest_clock});
      priorities_.push_back(groups[i].priority);
      count(i);
    }
    std::sort(priorities_.begin(), priorities_.end());
    priorities_.erase(std::unique(priorities_.begin(), priorities_.end()), priorities_.end());
  }

  bool within() const { return power_w() <= cap_.limit_w; }

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
    result.met = result.power_w <= cap_.limit_w;
    for (std::size_t i = 0; i < groups_.size(); ++i) state_[i].power_w = drawn_w_[i];
    result.groups = std::move(state_);
    return result;
  }

 private:
  void count(std::size_t i) {
    const CapGroup& group = groups_[i];
    drawn_w_[i] =
        whole(group.units - state_[i].off) * group.unit_w(state_[i].clock) + whole(state_[i].off) * group.off_w;
  }
  double power_w() const {
    if (cap_.meter) return cap_.meter(drawn_w_);
    double sum = 0;
    for (const double w : drawn_w_) sum += w;
    return sum;
  }

  // The highest common clock within the limit for the groups chosen, none above its own clock or below its floor.
  template <class Chosen>
  void lower(const Chosen& chosen) {
    const std::vector<CappedGroup> before = state_;
    const auto set = [&](double clock) {
      for (std::size_t i = 0; i < groups_.size(); ++i) {
        if (!chosen(groups_[i])) continue;
        const double own = before[i].clock;
        state_[i].clock = std::clamp(clock, std::min(groups_[i].lowest_clock, own), own);
        count(i);
      }
    };
    const double step = cap_.clock_step > 0 ? cap_.clock_step : 1e-9;
    std::int64_t low = 0, high = ceil_steps(step);
    while (high - low > 1) {
      const std::int64_t middle = (low + high) / 2;
      set(whole(middle) * step);
      (within() ? low : high) = middle;
    }
    set(whole(low) * step);
  }
  static std::int64_t ceil_steps(double step) { return std::llround(std::ceil(1 / step - 1e-6)); }

  void switch_off(std::size_t i) {
    const CapGroup& group = groups_[i];
    const double saved_w = group.unit_w(state_[i].clock) - group.off_w;
    if (saved_w <= 0) return;
    // Where the limit is of more than the sum, a watt saved here counts for more; each round switches off one at least.
    while (!within() && state_[i].off < group.units) {
      const double beyond_w = power_w() - cap_.limit_w;
      const double needed = cap_.meter ? std::floor(beyond_w / (2 * saved_w)) : std::ceil(beyond_w / saved_w);
      state_[i].off += static_cast<std::int64_t>(std::clamp(needed, 1.0, whole(group.units - state_[i].off)));
      count(i);
    }
  }

  std::span<const CapGroup> groups_;
  const Cap& cap_;
  std::vector<double> drawn_w_;
  std::vector<CappedGroup> state_;
  std::vector<std::int64_t> priorities_;
};

}  // namespace

CapGroup capped_chips(std::int64_t units, const ChipRatings& chip, const ChipActivity& activity, double around_w) {
  return {.units = units,
          .unit_w = [=](double clock) { return around_w + chip_power_w(chip, activity, clock); },
          .highest_clock = clock_for_power(chip, activity, chip.tdp_w).clock};
}

CapResult apply_cap(std::span<const CapGroup> groups, const Cap& cap) {
  Sharing sharing(groups, cap);
  if (!sharing.within()) {
    if (cap.policy == CapPolicy::uniform) sharing.clock_down_all();
    if (cap.policy == CapPolicy::by_priority) sharing.clock_down_by_priority();
    if (cap.policy == CapPolicy::switch_off) sharing.switch_off();
  }
  return sharing.result();
}

}  // namespace alight
