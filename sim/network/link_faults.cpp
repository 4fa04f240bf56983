#include "sim/network/link_faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>

namespace alight {
namespace {

using Kind = FaultTarget::Kind;

double seconds_to_next(const FaultClass& of, Stream& stream) {
  constexpr double kYear = 365.0 * 86400;
  return boost::random::exponential_distribution<double>(of.per_year / kYear)(stream);
}

}  // namespace

LinkFaults::LinkFaults(const FaultPlan& plan, const Breakables& breakables, const Routes& routes, std::uint64_t seed)
    : plan_(plan), breakables_(breakables), routes_(routes), part_(routes.links().size(), 1.0) {
  if (!plan.random) return;
  for (const FaultClass& of : plan.random->classes) {
    if (!(of.per_year > 0)) continue;
    Class& made = classes_.emplace_back();
    made.of = &of;
    made.stream =
        stream(seed, of.tier.empty() ? "link faults: switches" : "link faults: " + of.tier + ", " + of.medium);
    made.next_s = seconds_to_next(of, made.stream);
    std::int64_t sum = 0;
    for (const LinkIndex l : breakables.links())
      if (!of.tier.empty() && breakables.tier(l) == of.tier) made.cables.emplace_back(l, sum += breakables.cables(l));
    if (!of.tier.empty() && sum == 0) classes_.pop_back();
  }
}

double LinkFaults::next_s() const {
  double next =
      next_event_ < plan_.events.size() ? plan_.events[next_event_].time_s : std::numeric_limits<double>::infinity();
  if (!repairs_.empty()) next = std::min(next, repairs_.top().time_s);
  for (const Class& of : classes_) next = std::min(next, of.next_s);
  return next;
}

double LinkFaults::does(const FaultTarget& target) const {
  if (chance_.contains(target)) return 0;
  const auto found = traced_.find(target);
  return found == traced_.end() ? 1 : found->second;
}

const std::vector<LinkFaults::Change>& LinkFaults::advance(double now_s) {
  changes_.clear();
  moved_.clear();
  for (; next_event_ < plan_.events.size() && plan_.events[next_event_].time_s <= now_s; ++next_event_) {
    const FaultEvent& event = plan_.events[next_event_];
    const double before = does(event.target);
    traced_.erase(event.target);
    if (event.part < 1) traced_.emplace(event.target, event.part);
    change(event.target, before);
  }
  for (; !repairs_.empty() && repairs_.top().time_s <= now_s; repairs_.pop()) {
    const FaultTarget target = repairs_.top().target;
    const double before = does(target);
    chance_.erase(target);
    change(target, before);
  }
  for (Class& of : classes_)
    while (of.next_s <= now_s) fail(of);
  std::sort(moved_.begin(), moved_.end());
  moved_.erase(std::unique(moved_.begin(), moved_.end()), moved_.end());
  return changes_;
}

void LinkFaults::fail(Class& of) {
  const RandomFaults& random = *plan_.random;
  const double now_s = of.next_s;
  of.next_s += seconds_to_next(*of.of, of.stream);
  const auto draw = [&](std::int64_t many) {
    return boost::random::uniform_int_distribution<std::int64_t>(0, many - 1)(of.stream);
  };
  FaultTarget target;
  double repair_s = random.repair_s;
  if (of.of->tier.empty()) {
    target = {.kind = Kind::switch_, .index = static_cast<std::uint32_t>(draw(breakables_.switches()))};
    repair_s = random.switch_repair_s;
  } else {
    const std::int64_t cable = draw(of.cables.back().second);
    const auto link = std::upper_bound(of.cables.begin(), of.cables.end(), cable,
                                       [](std::int64_t c, const auto& upto) { return c < upto.second; });
    target = {
        .kind = Kind::cable, .index = link->first, .cable = cable - link->second + breakables_.cables(link->first)};
    if (random.flap_share > 0 && boost::random::uniform_01<double>()(of.stream) < random.flap_share)
      repair_s = random.flap_s;
  }
  const double before = does(target);
  if (before == 0) return;
  chance_.emplace(target, true);
  repairs_.push({now_s + repair_s, repairs_posted_++, target});
  change(target, before);
}

void LinkFaults::change(const FaultTarget& target, double before) {
  const double part = does(target);
  if (part == before) return;
  changes_.push_back({target, part});
  if (target.kind != Kind::switch_) return measure(target.index, target);
  for (const LinkIndex link : breakables_.links_of(static_cast<SwitchIndex>(target.index))) measure(link, target);
}

void LinkFaults::measure(LinkIndex link, const FaultTarget& by) {
  const std::int64_t cables = breakables_.cables(link);
  double sum = 0;
  for (std::int64_t k = 0; k < cables; ++k) {
    const Breakables::Ends ends = breakables_.ends(link, k);
    sum += std::min(
        {does({.kind = Kind::cable, .index = link, .cable = k}), switch_does(ends.below), switch_does(ends.above)});
  }
  const double of_cables = cables > 0 ? sum / static_cast<double>(cables) : 1;
  const double part = does({.kind = Kind::link, .index = link}) * of_cables;
  if (part == part_[link]) return;
  if (part < part_[link]) blame_[link] = by;
  part_[link] = part;
  moved_.push_back(link);
}

std::string LinkFaults::name_of(const FaultTarget& target) const {
  if (target.kind == Kind::switch_) return breakables_.switch_name(static_cast<SwitchIndex>(target.index));
  const std::string link(Breakables::common_name(routes_.links()[target.index]));
  return target.kind == Kind::link ? link : fmt::format("{} #{}", link, target.cable + 1);
}

std::string LinkFaults::blame(LinkIndex link) const {
  const auto found = blame_.find(routes_.ways_of(link).first);
  return found == blame_.end() ? std::string() : name_of(found->second);
}

}  // namespace alight
