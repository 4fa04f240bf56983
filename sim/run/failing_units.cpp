#include "sim/run/failing_units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace alight {
namespace {

constexpr unsigned kLoopBits = 20;

std::uint64_t of_loop(std::size_t loop, std::uint64_t which) {
  return which << kLoopBits | loop;
}
std::size_t loop_of(std::uint64_t which) {
  return which & ((std::uint64_t{1} << kLoopBits) - 1);
}

}  // namespace

FailingUnits::FailingUnits(const HeatPlan& plan, std::uint64_t seed, Engine& engine, Hooks hooks,
                           std::span<Recorder* const> tell)
    : plan_(plan), engine_(engine), hooks_(std::move(hooks)), recorders_(tell.begin(), tell.end()) {
  for (std::size_t l = 0; l < plan.loops.size(); ++l) {
    const CoolingLoop& loop = plan.loops[l];
    const Lifetime lifetime = loop.failures_per_year > 0 ? Lifetime::exponential(loop.failures_per_year) : Lifetime();
    Units& units =
        units_.emplace_back(Units{.by_chance = Failures(lifetime, stream(seed, "cooling units: " + loop.name)),
                                  .repairs = stream(seed, "repairs: cooling units: " + loop.name)});
    if (loop.failures_per_year > 0) units.by_chance.add(loop.all_units());
    for (std::size_t i = 0; i < loop.lost.size(); ++i)
      engine.at(loop.lost[i].at_s, Turn::condition, Action::to<&FailingUnits::lose>(this, of_loop(l, i)));
  }
  post_next();
}

std::int64_t FailingUnits::running(std::size_t l) const {
  return std::max<std::int64_t>(0, plan_.loops[l].all_units() - units_[l].down - units_[l].lost);
}

void FailingUnits::post_next() {
  double next = std::numeric_limits<double>::infinity();
  for (const Units& units : units_) next = std::min(next, units.by_chance.next_s());
  if (!std::isfinite(next) || next == posted_s_) return;
  posted_s_ = next;
  engine_.at(next, Turn::condition, Action::to<&FailingUnits::fail_next>(this));
}

void FailingUnits::fail_next(std::uint64_t) {
  const auto earliest = std::min_element(units_.begin(), units_.end(), [](const Units& a, const Units& b) {
    return a.by_chance.next_s() < b.by_chance.next_s();
  });
  // What has changed may have another date.
  if (earliest->by_chance.next_s() > engine_.now() || !hooks_.goes_on()) return;
  const auto l = static_cast<std::size_t>(earliest - units_.begin());
  const Failures::Device unit = earliest->by_chance.fail();
  ++earliest->down;
  engine_.at(engine_.now() + plan_.loops[l].repair.draw_s(earliest->repairs), Turn::condition,
             Action::to<&FailingUnits::repaired>(this, of_loop(l, static_cast<std::uint64_t>(unit))));
  change(l, "cooling units lost", 1);
  post_next();
}

void FailingUnits::repaired(std::uint64_t which) {
  const std::size_t l = loop_of(which);
  units_[l].by_chance.put_back(static_cast<Failures::Device>(which >> kLoopBits), engine_.now());
  --units_[l].down;
  if (!hooks_.goes_on()) return;
  change(l, "cooling units back", 1);
  post_next();
}

void FailingUnits::lose(std::uint64_t which) {
  if (!hooks_.goes_on()) return;
  const std::size_t l = loop_of(which);
  const CoolingLoop::Loss& loss = plan_.loops[l].lost[which >> kLoopBits];
  units_[l].lost += loss.units;
  if (std::isfinite(loss.until_s))
    engine_.at(loss.until_s, Turn::condition, Action::to<&FailingUnits::regain>(this, which));
  change(l, "cooling units lost", loss.units);
}

void FailingUnits::regain(std::uint64_t which) {
  const std::size_t l = loop_of(which);
  const std::int64_t units = plan_.loops[l].lost[which >> kLoopBits].units;
  units_[l].lost -= units;
  if (hooks_.goes_on()) change(l, "cooling units back", units);
}

void FailingUnits::change(std::size_t l, std::string_view kind, std::int64_t units) {
  const std::string subject =
      fmt::format("{}: {}, {} of {} run", plan_.loops[l].name, units, running(l), plan_.loops[l].all_units());
  for (Recorder* r : recorders_) r->site_event({engine_.now(), kind, SiteEvent::kNoPool, 0, subject});
  hooks_.changed(l, running(l));
}

}  // namespace alight
