#include "sim/network/exact_users.hpp"

#include <algorithm>
#include <limits>

namespace alight {
namespace {

/// Steps, or checkpoints, left below this part are rounding.
constexpr double kNothing = 1e-9;
/// Above the names of phases, which count from 1: 2^30 phases of a job are more than anyone plays.
constexpr int kTransferShift = 62;

Split without_checkpoints(const TrainingRate& rate) {
  std::array<double, kChipStates> time{};
  for (std::size_t s = 0; s < kChipStates; ++s) time[s] = rate.split.share(static_cast<ChipState>(s));
  time[static_cast<std::size_t>(ChipState::lost)] = 0;
  return Split::in_proportion(time);
}

}  // namespace

ExactUsers::ExactUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks)
    : LinkUsers(std::move(routes), engine, std::move(callbacks)),
      tasks_(engine, "exchange", [this](std::uint64_t id, SharedTasks::Outcome) {
        if (const auto transfer = static_cast<Transfer>(id >> kTransferShift); id >> kTransferShift != 0)
          transfer_over(static_cast<JobIndex>(id), transfer);
        else if (!late(id))
          side_over(static_cast<JobIndex>(id));
      }) {}

void ExactUsers::load_begun(JobIndex job, const Footprint& transfer) {
  playing_[job].transfer = transfer;
  begin_transfer(job, Transfer::load);
}

void ExactUsers::load_gone(JobIndex job) {
  playing_.erase(job);
}

void ExactUsers::begun(JobIndex job, const LinkUse& use) {
  Playing& playing = playing_[job];
  playing.phases = phases_of(use.footprint);
  playing.training = without_checkpoints(*use.rate);
  for (std::size_t x = 0; x < use.footprint.exchanges.size(); ++x) {
    const Exchange& exchange = use.footprint.exchanges[x].exchange;
    if (exchange.kind == ExchangeKind::dataset) playing.dataset = static_cast<std::int32_t>(x);
    if (exchange.kind != ExchangeKind::checkpoint) continue;
    playing.checkpoint = static_cast<std::int32_t>(x);
    playing.room_s = exchange.room_s;
  }
  if (playing.checkpoint >= 0) {  // it writes none in its first step
    LinkUse& mine = this->use(job);
    const Split before = mine.split;
    mine.played(engine().now(), mine.training_s(), playing.training);
    callbacks().changed(job, before, mine, std::nullopt);
  }
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
  if (playing.dataset >= 0) begin_transfer(job, Transfer::dataset);
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
  open(which, use(job).footprint.exchanges[static_cast<std::size_t>(phase.exchange)], phase.network_s * playing.part,
       phase.repeats * playing.part);
}

// `bytes_of`: so many times the loads of one exchange.
void ExactUsers::open(std::uint64_t id, const SharedExchange& shared, double network_s, double bytes_of) {
  TaskDemand demand{.latency_s = 0, .alone_s = network_s, .loads = {}};
  for (const LinkBytes& load : shared.loads)
    demand.loads.push_back({load.link, load.bytes * bytes_of / capacities()[load.link]});
  tasks_.open(id, demand, std::numeric_limits<double>::infinity());
}

void ExactUsers::side_over(JobIndex job) {
  Playing& playing = playing_.at(job);
  if (--playing.open > 0) return;
  if (++playing.phase < playing.phases.size()) return next_phase(job);
  if (!playing.fetching) step_over(job);
}

void ExactUsers::step_over(JobIndex job) {
  Playing& playing = playing_.at(job);
  LinkUse& mine = use(job);
  const double now = engine().now();
  const double step_s = (now - playing.begun_s) / playing.part;
  const double left = mine.tokens_left - playing.part * mine.rate->step.tokens;
  const Split before = mine.split;
  mine.played(now, step_s, playing.training);
  mine.tokens_left = left;
  if (left <= kNothing * mine.rate->step.tokens) {
    mine.tokens_left = 0;
    mine.split = before;  // how its chips stand until they are given back
    return callbacks().ended(job);
  }
  callbacks().changed(job, before, mine, std::nullopt);
  if (playing.checkpoint < 0) return next_step(job);
  playing.due += use(job).footprint.exchanges[static_cast<std::size_t>(playing.checkpoint)].exchange.times;
  if (playing.due < 1 - kNothing) return next_step(job);
  playing.due -= 1;
  if (playing.writing) return stand(job);  // for the one before
  begin_transfer(job, Transfer::checkpoint);
  if (playing.room_s > 0) return next_step(job);
  stand(job);
}

std::uint64_t ExactUsers::name_of(JobIndex job, Transfer transfer) {
  return static_cast<std::uint64_t>(transfer) << kTransferShift | job;
}

// At most one of a kind at a time.
void ExactUsers::begin_transfer(JobIndex job, Transfer transfer) {
  Playing& playing = playing_.at(job);
  (transfer == Transfer::dataset ? playing.fetching : playing.writing) = true;
  const Exchange& exchange = transfer == Transfer::load
                                 ? playing.transfer.exchanges.front().exchange
                                 : use(job)
                                       .footprint
                                       .exchanges[static_cast<std::size_t>(
                                           transfer == Transfer::dataset ? playing.dataset : playing.checkpoint)]
                                       .exchange;
  engine().at(engine().now() + std::max(0.0, exchange.seconds - exchange.network_s), Turn::runtime,
              Action::to<&ExactUsers::transfers>(this, name_of(job, transfer)));
}

void ExactUsers::transfers(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  const auto at = playing_.find(job);
  if (at == playing_.end()) return;
  const Playing& playing = at->second;
  const auto transfer = static_cast<Transfer>(which >> kTransferShift);
  if (transfer == Transfer::load) {
    const SharedExchange& load = playing.transfer.exchanges.front();
    return open(which, load, load.exchange.network_s, 1);
  }
  const bool data = transfer == Transfer::dataset;
  const SharedExchange& shared =
      use(job).footprint.exchanges[static_cast<std::size_t>(data ? playing.dataset : playing.checkpoint)];
  const double part = data ? playing.part : 1;
  open(which, shared, shared.exchange.network_s * part, part);
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
  LinkUse& mine = use(job);
  const Split before = mine.split;
  mine.stand_still(engine().now());
  callbacks().changed(job, before, mine, std::nullopt);
}

void ExactUsers::stand_over(JobIndex job) {
  Playing& playing = playing_.at(job);
  playing.standing = false;
  LinkUse& mine = use(job);
  const Split before = mine.split;
  const double now = engine().now();
  mine.count(now);
  const Exchange& exchange = mine.footprint.exchanges[static_cast<std::size_t>(playing.checkpoint)].exchange;
  mine.lost_s += std::max(0.0, now - playing.stands_since_s - std::max(0.0, exchange.seconds - exchange.room_s));
  mine.played(now, mine.training_s(), playing.training);
  callbacks().changed(job, before, mine, std::nullopt);
  if (playing.room_s > 0) begin_transfer(job, Transfer::checkpoint);  // the next, which was due
  next_step(job);
}

}  // namespace alight
