#include "sim/network/exact_users.hpp"

#include <algorithm>
#include <limits>

namespace alight {
namespace {

/// Steps left below this part are rounding.
constexpr double kNothing = 1e-9;

}  // namespace

ExactUsers::ExactUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks)
    : LinkUsers(std::move(routes), engine, std::move(callbacks)),
      tasks_(engine, "exchange", [this](std::uint64_t id, SharedTasks::Outcome) {
        if (!late(id)) side_over(static_cast<JobIndex>(id));
      }) {}

void ExactUsers::begun(JobIndex job, const LinkUse& use) {
  Playing& playing = playing_[job];
  playing.phases = phases_of(use.footprint);
  next_step(job);
}

// What it was sending ends unheard; nobody else sends under its name.
void ExactUsers::gone(JobIndex job) {
  playing_.erase(job);
}

std::uint64_t ExactUsers::ticket(JobIndex job) const {
  return static_cast<std::uint64_t>(playing_.at(job).times) << 32 | job;
}

bool ExactUsers::late(std::uint64_t which) const {
  const auto at = playing_.find(static_cast<JobIndex>(which));
  return at == playing_.end() || at->second.times != which >> 32;
}

void ExactUsers::next_step(JobIndex job) {
  Playing& playing = playing_.at(job);
  const LinkUse& mine = use(job);
  playing.part = std::min(1.0, mine.tokens_left / mine.rate->step.tokens);
  playing.phase = 0;
  playing.begun_s = engine().now();
  next_phase(job);
}

void ExactUsers::next_phase(JobIndex job) {
  Playing& playing = playing_.at(job);
  const StepPhase& phase = playing.phases[playing.phase];
  ++playing.times;
  playing.open = phase.exchange >= 0 ? 2 : 1;
  engine().at(engine().now() + phase.compute_s * playing.part, Turn::runtime,
              Action::to<&ExactUsers::computed>(this, ticket(job)));
  if (phase.exchange >= 0)
    engine().at(engine().now() + phase.before_s * playing.part, Turn::runtime,
                Action::to<&ExactUsers::sends>(this, ticket(job)));
}

void ExactUsers::computed(std::uint64_t which) {
  if (!late(which)) side_over(static_cast<JobIndex>(which));
}

void ExactUsers::sends(std::uint64_t which) {
  if (late(which)) return;
  const auto job = static_cast<JobIndex>(which);
  const Playing& playing = playing_.at(job);
  const StepPhase& phase = playing.phases[playing.phase];
  TaskDemand demand{.latency_s = 0, .alone_s = phase.network_s * playing.part, .loads = {}};
  for (const LinkBytes& load : use(job).footprint.exchanges[static_cast<std::size_t>(phase.exchange)].loads) {
    demand.loads.push_back({load.link, load.bytes * phase.repeats * playing.part / capacities()[load.link]});
  }
  tasks_.open(which, demand, std::numeric_limits<double>::infinity());
}

void ExactUsers::side_over(JobIndex job) {
  Playing& playing = playing_.at(job);
  if (--playing.open > 0) return;
  if (++playing.phase < playing.phases.size()) return next_phase(job);
  LinkUse& mine = use(job);
  const double now = engine().now();
  const double step_s = (now - playing.begun_s) / playing.part;
  const double left = mine.tokens_left - playing.part * mine.rate->step.tokens;
  const Split before = mine.split;
  mine.step_s = step_s;  // of the step that is over: it is counted as it went
  mine.go_on(now, step_s, kNoLink);
  mine.tokens_left = left;
  if (left <= kNothing * mine.rate->step.tokens) {
    mine.tokens_left = 0;
    mine.split = before;  // how its chips stand until they are given back
    return callbacks().ended(job);
  }
  callbacks().changed(job, before, mine, std::nullopt);
  next_step(job);
}

}  // namespace alight
