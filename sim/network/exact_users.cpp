#include "sim/network/exact_users.hpp"

#include <algorithm>
#include <limits>

namespace alight {
namespace {

/// Steps, or checkpoints, left below this part are rounding.
constexpr double kNothing = 1e-9;
/// Above the names of phases, which count from 1: 2^30 phases of a job are more than anyone plays.
constexpr int kTransferShift = 62;

}  // namespace

ExactUsers::ExactUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks)
    : LinkUsers(std::move(routes), engine, std::move(callbacks)),
      traffic_(this->routes().links().size(), this->callbacks().carries),
      tasks_(
          engine, "exchange",
          [this](std::uint64_t id, SharedTasks::Outcome) {
            traffic_.end(id, 0);
            settle_soon();
            if (const auto transfer = static_cast<Transfer>(id >> kTransferShift); id >> kTransferShift != 0)
              return transfer_over(static_cast<JobIndex>(id), transfer);
            if (late(id)) return;
            playing_.at(static_cast<JobIndex>(id)).sending = Playing::Sending::no;
            side_over(static_cast<JobIndex>(id));
          },
          [this](double now_s) { look(now_s); }) {}

void ExactUsers::look(double now_s) {
  traffic_.look(now_s, [this](std::uint64_t id) { return tasks_.left(id); });
}

void ExactUsers::settle() {
  look(engine().now());
}

void ExactUsers::load_begun(JobIndex job, const Footprint& transfer) {
  playing_[job].transfer = transfer;
  begin_transfer(job, Transfer::load);
}

void ExactUsers::load_gone(JobIndex job) {
  drop(name_of(job, Transfer::load));
  playing_.erase(job);
}

void ExactUsers::begun(JobIndex job, const LinkUse& use) {
  Playing& playing = playing_[job];
  playing.tokens = use.tokens_left;
  for (std::size_t x = 0; x < use.footprint.exchanges.size(); ++x)
    if (use.footprint.exchanges[x].exchange.kind == ExchangeKind::dataset)
      playing.dataset = static_cast<std::int32_t>(x);
  next_step(job);
}

// What it was sending is dropped.
void ExactUsers::gone(JobIndex job) {
  if (playing_.at(job).sending == Playing::Sending::yes) drop(ticket(job));
  drop(name_of(job, Transfer::dataset));
  drop(name_of(job, Transfer::checkpoint));
  playing_.erase(job);
}

std::optional<double> ExactUsers::drop(std::uint64_t id) {
  const std::optional<double> left = tasks_.drop(id);
  if (!left) return left;
  traffic_.end(id, *left);
  settle_soon();
  return left;
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
  const std::optional<double> left = drop(ticket(job));
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
  open(ticket(job), loads, phase.network_s * part, phase.repeats * part);
}

void ExactUsers::carries_otherwise(LinkIndex link) {
  look(engine().now());
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
  if (playing.dataset >= 0) begin_transfer(job, Transfer::dataset);
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

void ExactUsers::open(std::uint64_t id, const std::vector<LinkBytes>& loads, double network_s, double bytes_of) {
  TaskDemand demand{.latency_s = 0, .alone_s = network_s, .loads = {}};
  std::vector<LinkTraffic::Use> uses;
  for (const LinkBytes& load : loads) {
    const double bytes = load.bytes * bytes_of, busy_s = bytes / carries_now(load.link);
    demand.loads.push_back({load.link, busy_s});
    uses.push_back({load.link, bytes, busy_s});
  }
  tasks_.open(id, demand, std::numeric_limits<double>::infinity());
  traffic_.begin(id, std::move(uses));
  settle_soon();
}

void ExactUsers::side_over(JobIndex job) {
  Playing& playing = playing_.at(job);
  if (--playing.open > 0) return;
  if (++playing.phase == playing.phases.size()) {
    if (!playing.fetching) step_over(job);
    return;
  }
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
    mine.played(now, step_s);
  }
  mine.tokens_left = done ? 0 : left;
  if (done) {
    mine.split = before;  // how its chips stand until they are given back
    return callbacks().ended(job);
  }
  if (mine.halted) return;
  callbacks().changed(job, before, mine, std::nullopt);
  if (mine.checkpoint.empty()) return next_step(job);
  playing.due += mine.rate->storage.checkpoints;
  if (playing.due < 1 - kNothing) return next_step(job);
  playing.due -= 1;
  if (playing.writing) return stand(job);  // for the one before
  begin_transfer(job, Transfer::checkpoint);
  if (mine.rate->storage.checkpoint->room_s > 0) return next_step(job);
  stand(job);
}

std::uint64_t ExactUsers::name_of(JobIndex job, Transfer transfer) {
  return static_cast<std::uint64_t>(transfer) << kTransferShift | job;
}

const SharedExchange& ExactUsers::what(JobIndex job, Transfer transfer) const {
  const Playing& playing = playing_.at(job);
  if (transfer == Transfer::load) return playing.transfer.exchanges.front();
  if (transfer == Transfer::checkpoint) return find(job)->checkpoint.exchanges.front();
  return find(job)->footprint.exchanges[static_cast<std::size_t>(playing.dataset)];
}

// At most one of a kind at a time.
void ExactUsers::begin_transfer(JobIndex job, Transfer transfer) {
  Playing& playing = playing_.at(job);
  (transfer == Transfer::dataset ? playing.fetching : playing.writing) = true;
  const Exchange& exchange = what(job, transfer).exchange;
  engine().at(engine().now() + std::max(0.0, exchange.seconds - exchange.network_s), Turn::runtime,
              Action::to<&ExactUsers::transfers>(this, name_of(job, transfer)));
}

void ExactUsers::transfers(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  const auto at = playing_.find(job);
  if (at == playing_.end()) return;
  const auto transfer = static_cast<Transfer>(which >> kTransferShift);
  const SharedExchange& shared = what(job, transfer);
  const double part = transfer == Transfer::dataset ? at->second.part : 1;
  open(which, shared.loads, shared.exchange.network_s * part, part);
}

void ExactUsers::transfer_over(JobIndex job, Transfer transfer) {
  const auto at = playing_.find(job);
  if (at == playing_.end()) return;
  Playing& playing = at->second;
  switch (transfer) {
    case Transfer::load:
      playing_.erase(at);
      return loaded(job);
    case Transfer::dataset:
      playing.fetching = false;
      if (playing.phase == playing.phases.size()) step_over(job);
      return;
    case Transfer::checkpoint:
      playing.writing = false;
      if (playing.standing) stand_over(job);
      return;
  }
}

// From now on it stands still until the checkpoint is written.
void ExactUsers::stand(JobIndex job) {
  Playing& playing = playing_.at(job);
  playing.standing = true;
  playing.stands_since_s = engine().now();
  stand_still(job);
}

void ExactUsers::stand_over(JobIndex job) {
  Playing& playing = playing_.at(job);
  playing.standing = false;
  LinkUse& mine = use(job);
  const Split before = mine.split;
  const double now = engine().now();
  mine.count(now);
  const Exchange& exchange = *mine.rate->storage.checkpoint;
  mine.lost_s += std::max(0.0, now - playing.stands_since_s - std::max(0.0, exchange.seconds - exchange.room_s));
  mine.played(now, mine.alone_s);
  callbacks().changed(job, before, mine, std::nullopt);
  if (exchange.room_s > 0) begin_transfer(job, Transfer::checkpoint);  // the next, which was due
  next_step(job);
}

}  // namespace alight
