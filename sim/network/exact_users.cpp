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
        if (late(id)) return;
        playing_.at(static_cast<JobIndex>(id)).sending = Playing::Sending::no;
        side_over(static_cast<JobIndex>(id));
      }) {}

void ExactUsers::begun(JobIndex job, const LinkUse& use) {
  playing_[job].tokens = use.tokens_left;
  next_step(job);
}

// What it was sending ends unheard; nobody else sends under its name.
void ExactUsers::gone(JobIndex job) {
  playing_.erase(job);
}

std::vector<LinkBytes> ExactUsers::loads_now(JobIndex job) const {
  const Playing& playing = playing_.at(job);
  const StepPhase& phase = playing.phases[playing.phase];
  for (const SharedExchange& shared : find(job)->footprint.exchanges)
    if (shared.number == playing.numbers[static_cast<std::size_t>(phase.exchange)]) return shared.loads;
  return {};
}

void ExactUsers::hold_up(JobIndex job) {
  Playing& playing = playing_.at(job);
  if (playing.sending != Playing::Sending::yes) return;
  const std::optional<double> left = tasks_.drop(ticket(job));
  if (!left) return;
  playing.left *= *left;
  playing.sending = Playing::Sending::held_up;
}

void ExactUsers::send_on(JobIndex job) {
  Playing& playing = playing_.at(job);
  if (playing.sending != Playing::Sending::held_up) return;
  const std::vector<LinkBytes> loads = loads_now(job);
  const auto dead = [this](const LinkBytes& load) { return carries_now(load.link) <= 0; };
  if (use(job).halted || std::any_of(loads.begin(), loads.end(), dead)) return;
  const StepPhase& phase = playing.phases[playing.phase];
  const double part = playing.part * playing.left;
  playing.sending = loads.empty() ? Playing::Sending::no : Playing::Sending::yes;
  if (loads.empty()) {
    engine().at(engine().now() + phase.network_s * part, Turn::runtime,
                Action::to<&ExactUsers::computed>(this, ticket(job)));
    return;
  }
  TaskDemand demand{.latency_s = 0, .alone_s = phase.network_s * part, .loads = {}};
  for (const LinkBytes& load : loads)
    demand.loads.push_back({load.link, load.bytes * phase.repeats * part / carries_now(load.link)});
  tasks_.open(ticket(job), demand, std::numeric_limits<double>::infinity());
}

void ExactUsers::carries_otherwise(LinkIndex link) {
  std::vector<JobIndex> concerned;
  for (const auto& [job, playing] : playing_) {
    if (playing.sending == Playing::Sending::no) continue;
    const std::vector<LinkBytes> loads = loads_now(job);
    if (std::any_of(loads.begin(), loads.end(), [link](const LinkBytes& load) { return load.link == link; }))
      concerned.push_back(job);
  }
  std::sort(concerned.begin(), concerned.end());
  for (const JobIndex job : concerned) {
    hold_up(job);
    send_on(job);
  }
}

void ExactUsers::halted(JobIndex job) {
  hold_up(job);
  Playing& playing = playing_.at(job);
  playing.halted_s = engine().now();
  playing.step_s = use(job).step_s;
}

void ExactUsers::resumed(JobIndex job) {
  Playing& playing = playing_.at(job);
  playing.begun_s += engine().now() - playing.halted_s;
  go_on(job, playing.step_s, kNoLink);
  if (playing.waits) {
    playing.waits = false;
    return playing.phase < playing.phases.size() ? next_phase(job) : next_step(job);
  }
  send_on(job);
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
  playing.phases = phases_of(mine.footprint);
  playing.numbers.clear();
  for (const SharedExchange& shared : mine.footprint.exchanges) playing.numbers.push_back(shared.number);
  playing.part = std::min(1.0, playing.tokens / mine.rate->step.tokens);
  playing.phase = 0;
  playing.begun_s = engine().now();
  next_phase(job);
}

void ExactUsers::next_phase(JobIndex job) {
  Playing& playing = playing_.at(job);
  const StepPhase& phase = playing.phases[playing.phase];
  ++playing.times;
  playing.sending = Playing::Sending::no;
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
  Playing& playing = playing_.at(job);
  playing.left = 1;
  playing.sending = Playing::Sending::held_up;
  send_on(job);
}

void ExactUsers::side_over(JobIndex job) {
  Playing& playing = playing_.at(job);
  if (--playing.open > 0) return;
  if (++playing.phase == playing.phases.size()) return step_over(job);
  playing.waits = use(job).halted;
  if (!playing.waits) next_phase(job);
}

void ExactUsers::step_over(JobIndex job) {
  Playing& playing = playing_.at(job);
  LinkUse& mine = use(job);
  const double now = engine().now();
  const double step_s = (now - playing.begun_s) / playing.part;
  const double left = playing.tokens - playing.part * mine.rate->step.tokens;
  const Split before = mine.split;
  playing.tokens = left;
  const bool done = left <= kNothing * mine.rate->step.tokens;
  if (mine.halted) {
    mine.go_on(now, mine.step_s, mine.worst, whole(mine.worst));
    playing.step_s = step_s;
    playing.waits = true;
  } else {
    mine.step_s = step_s;  // of the step that is over: it is counted as it went
    mine.go_on(now, step_s, kNoLink);
  }
  mine.tokens_left = done ? 0 : left;
  if (done) {
    mine.split = before;  // how its chips stand until they are given back
    return callbacks().ended(job);
  }
  if (mine.halted) return;
  callbacks().changed(job, before, mine, std::nullopt);
  next_step(job);
}

}  // namespace alight
