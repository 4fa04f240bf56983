#include "sim/network/exact_users.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace alight {
namespace {

/// Steps, or checkpoints, left below this part are rounding.
constexpr double kNothingLeft = 1e-9;
/// Above the names of phases, which count from 1: 2^30 phases of a job are more than anyone plays.
constexpr int kTransferShift = 62;

std::uint32_t play_of(std::uint64_t transfer) {
  return static_cast<std::uint32_t>(transfer >> 32) & 0x3FFFFFFFU;
}

}  // namespace

ExactUsers::ExactUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks)
    : LinkUsers(std::move(routes), engine, std::move(callbacks)),
      traffic_(this->routes().links().size(), this->callbacks().carries),
      tasks_(
          engine, "exchange",
          [this](std::uint64_t id, SharedTasks::Outcome) {
            traffic_.end(id, 0);
            settle_soon();
            const auto job = static_cast<JobIndex>(id);
            if (id >> kTransferShift != 0) {
              if (!of_another_play(id)) transfer_over(job, static_cast<What>(id >> kTransferShift));
              return;
            }
            if (late(id)) return;
            sending(job, What::phase).state = Sending::State::no;
            side_over(job);
          },
          [this](double now_s) { look(now_s); }) {}

void ExactUsers::look(double now_s) {
  traffic_.look(now_s, [this](std::uint64_t id) { return tasks_.left(id); });
}

void ExactUsers::settle() {
  look(engine().now());
}

// What comes late of an earlier play has other names.
ExactUsers::Playing& ExactUsers::play_anew(JobIndex job) {
  Playing& playing = playing_[job];
  playing = {};
  if (const auto past = past_.find(job); past != past_.end()) {
    playing.times = past->second.times + 1;  // it may load while a step of then is still posted
    playing.play = past->second.play + 1;
  }
  return playing;
}

void ExactUsers::stop_playing(JobIndex job) {
  const auto at = playing_.find(job);
  past_[job] = {at->second.times, at->second.play};
  playing_.erase(at);
}

void ExactUsers::load_begun(JobIndex job) {
  play_anew(job);
  begin_transfer(job, What::load);
}

void ExactUsers::load_gone(JobIndex job) {
  hold_up(job, What::load);
  stop_playing(job);
}

void ExactUsers::begun(JobIndex job, const LinkUse& use) {
  Playing& playing = play_anew(job);
  playing.tokens = use.tokens_left;
  next_step(job);
}

// What it was sending is dropped.
void ExactUsers::gone(JobIndex job) {
  for (const What what : kAll) hold_up(job, what);
  stop_playing(job);
}

const SharedExchange* ExactUsers::exchange_of(JobIndex job, What what) const {
  if (what == What::load) return &transfer(job).exchanges.front();
  if (what == What::checkpoint) return &use(job).checkpoint.exchanges.front();
  const auto is_it = [&](const SharedExchange& shared) {
    if (what == What::dataset) return shared.exchange.kind == ExchangeKind::dataset;
    const Playing& playing = playing_.at(job);
    const std::int32_t exchange = playing.phases[playing.phase].exchange;
    return shared.number == playing.numbers[static_cast<std::size_t>(exchange)];
  };
  const auto& all = use(job).footprint.exchanges;
  const auto found = std::find_if(all.begin(), all.end(), is_it);
  return found == all.end() ? nullptr : &*found;
}

// `many` of an exchange.
void ExactUsers::send(JobIndex job, What what, double many) {
  sending(job, what) = {.state = Sending::State::held_up, .many = many, .left = 1};
  send_on(job, what);
}

std::optional<double> ExactUsers::drop(std::uint64_t id) {
  const std::optional<double> left = tasks_.drop(id);
  if (!left) return left;
  traffic_.end(id, *left);
  settle_soon();
  return left;
}

void ExactUsers::open(std::uint64_t id, const SharedExchange& shared, double many) {
  TaskDemand demand{.latency_s = 0, .alone_s = shared.exchange.network_s * many, .loads = {}};
  std::vector<LinkTraffic::Use> uses;
  for (const LinkBytes& load : shared.loads) {
    const double bytes = load.bytes * many, busy_s = bytes / carries_now(load.link);
    demand.loads.push_back({load.link, busy_s});
    uses.push_back({load.link, bytes, busy_s});
  }
  tasks_.open(id, demand, std::numeric_limits<double>::infinity());
  traffic_.begin(id, std::move(uses));
  settle_soon();
}

void ExactUsers::hold_up(JobIndex job, What what) {
  Sending& mine = sending(job, what);
  if (mine.state != Sending::State::yes) return;
  const std::optional<double> left = drop(name_of(job, what));
  if (!left) return;
  mine.left *= *left;
  mine.state = Sending::State::held_up;
}

void ExactUsers::send_on(JobIndex job, What what) {
  Sending& mine = sending(job, what);
  if (mine.state != Sending::State::held_up) return;
  const SharedExchange* shared = exchange_of(job, what);
  if ((what == What::phase && use(job).halted) || (shared && barred(*shared))) return;
  const double many = mine.many * mine.left;
  if (!shared) {  // of a phase, whose way has no shared link any more
    const Playing& playing = playing_.at(job);
    const StepPhase& phase = playing.phases[playing.phase];
    mine.state = Sending::State::no;
    engine().at(engine().now() + phase.network_s / phase.repeats * many, Turn::runtime,
                Action::to<&ExactUsers::computed>(this, ticket(job)));
    return;
  }
  mine.state = Sending::State::yes;
  open(name_of(job, what), *shared, many);
}

void ExactUsers::carries_otherwise(LinkIndex link) {
  look(engine().now());  // before anyone hears that the link is another
  std::vector<std::pair<JobIndex, What>> concerned;
  for (const auto& [job, playing] : playing_)
    for (const What what : kAll) {
      if (playing.sends[static_cast<std::size_t>(what)].state == Sending::State::no) continue;
      const SharedExchange* shared = exchange_of(job, what);
      if (shared && std::any_of(shared->loads.begin(), shared->loads.end(),
                                [link](const LinkBytes& load) { return load.link == link; }))
        concerned.emplace_back(job, what);
    }
  std::sort(concerned.begin(), concerned.end());
  for (const auto& [job, what] : concerned) {
    hold_up(job, what);
    send_on(job, what);
  }
}

void ExactUsers::to_relay(JobIndex job) {
  for (const What what : kAll) hold_up(job, what);
}

void ExactUsers::relaid(JobIndex job) {
  for (const What what : kAll) send_on(job, what);
}

void ExactUsers::halted(JobIndex job) {
  hold_up(job, What::phase);
  Playing& playing = playing_.at(job);
  playing.halted_s = engine().now();
  playing.step_s = playing.standing ? use(job).alone_s : use(job).step_s;
}

// LinkUsers::resume() has the others settled once this is done; nothing in here may do so before.
void ExactUsers::resumed(JobIndex job) {
  Playing& playing = playing_.at(job);
  LinkUse& mine = use(job);
  const double now = engine().now();
  playing.begun_s += now - playing.halted_s;
  playing.stands_since_s += now - playing.halted_s;
  if (playing.standing) return mine.stand_still(now);
  mine.played(now, playing.step_s);
  send_on(job, What::phase);
  if (playing.next != Playing::Next::nothing)
    engine().at(now, Turn::runtime, Action::to<&ExactUsers::goes_on>(this, job));
}

void ExactUsers::goes_on(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  const auto at = playing_.find(job);
  if (at == playing_.end() || use(job).halted) return;
  switch (std::exchange(at->second.next, Playing::Next::nothing)) {
    case Playing::Next::nothing:
      return;
    case Playing::Next::phase:
      return next_phase(job);
    case Playing::Next::after_step:
      return after_step(job);
    case Playing::Next::step:
      return next_step(job);
  }
}

LinkUsers::StorageNeed ExactUsers::need(JobIndex job) const {
  const Playing& playing = playing_.at(job);
  return {.read = playing.fetching && playing.phase == playing.phases.size(), .write = playing.standing};
}

std::optional<double> ExactUsers::left_at_checkpoint(JobIndex job) const {
  const auto at = playing_.find(job);
  return at == playing_.end() ? std::nullopt : at->second.written;
}

std::uint64_t ExactUsers::ticket(JobIndex job) const {
  return static_cast<std::uint64_t>(playing_.at(job).times) << 32 | job;
}

bool ExactUsers::late(std::uint64_t which) const {
  const auto at = playing_.find(static_cast<JobIndex>(which));
  return at == playing_.end() || at->second.times != which >> 32;
}

bool ExactUsers::of_another_play(std::uint64_t transfer) const {
  const auto at = playing_.find(static_cast<JobIndex>(transfer));
  return at == playing_.end() || at->second.play != play_of(transfer);
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
  if (mine.rate->storage.dataset_bytes > 0) begin_transfer(job, What::dataset);
  next_phase(job);
}

void ExactUsers::next_phase(JobIndex job) {
  Playing& playing = playing_.at(job);
  const StepPhase& phase = playing.phases[playing.phase];
  ++playing.times;
  sending(job, What::phase).state = Sending::State::no;
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
  send(job, What::phase, playing.phases[playing.phase].repeats * playing.part);
}

void ExactUsers::side_over(JobIndex job) {
  Playing& playing = playing_.at(job);
  if (--playing.open > 0) return;
  if (++playing.phase == playing.phases.size()) {
    if (playing.fetching) return waits(job);
    return step_over(job);
  }
  if (!use(job).halted) return next_phase(job);
  playing.next = Playing::Next::phase;
}

void ExactUsers::step_over(JobIndex job) {
  Playing& playing = playing_.at(job);
  LinkUse& mine = use(job);
  const double now = engine().now();
  const double step_s = (now - playing.begun_s) / playing.part;
  const double left = playing.tokens - playing.part * mine.rate->step.tokens;
  const Split before = mine.split;
  playing.tokens = left;
  const bool done = left <= kNothingLeft * mine.rate->step.tokens;
  if (mine.halted) {
    playing.step_s = step_s;
    playing.next = Playing::Next::after_step;
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
  after_step(job);
}

void ExactUsers::after_step(JobIndex job) {
  Playing& playing = playing_.at(job);
  const StorageRate& storage = use(job).rate->storage;
  if (!storage.checkpoint) return next_step(job);
  playing.due += storage.checkpoints;
  if (playing.due < 1 - kNothingLeft) return next_step(job);
  playing.due -= 1;
  if (playing.writing) return stand(job);  // for the one before
  begin_transfer(job, What::checkpoint);
  if (storage.checkpoint->room_s > 0) return next_step(job);
  stand(job);
}

std::uint64_t ExactUsers::name_of(JobIndex job, What what) const {
  if (what == What::phase) return ticket(job);
  const std::uint64_t play = playing_.at(job).play;
  return static_cast<std::uint64_t>(what) << kTransferShift | play << 32 | job;
}

// At most one of a kind at a time.
void ExactUsers::begin_transfer(JobIndex job, What what) {
  Playing& playing = playing_.at(job);
  (what == What::dataset ? playing.fetching : playing.writing) = true;
  if (what == What::checkpoint) playing.taken = playing.tokens;
  const Exchange& exchange = exchange_of(job, what)->exchange;
  engine().at(engine().now() + std::max(0.0, exchange.seconds - exchange.network_s), Turn::runtime,
              Action::to<&ExactUsers::transfers>(this, name_of(job, what)));
}

void ExactUsers::transfers(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  if (of_another_play(which)) return;
  const auto what = static_cast<What>(which >> kTransferShift);
  send(job, what, what == What::dataset ? playing_.at(job).part : 1);
}

void ExactUsers::transfer_over(JobIndex job, What what) {
  Playing& playing = playing_.at(job);
  sending(job, what).state = Sending::State::no;
  switch (what) {
    case What::phase:
      return;
    case What::load:
      playing_.erase(job);
      return loaded(job);
    case What::dataset:
      playing.fetching = false;
      if (playing.phase == playing.phases.size()) step_over(job);
      return;
    case What::checkpoint:
      playing.writing = false;
      playing.written = playing.taken;
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
  waits(job);
}

void ExactUsers::stand_over(JobIndex job) {
  Playing& playing = playing_.at(job);
  playing.standing = false;
  LinkUse& mine = use(job);
  const double now = engine().now();
  const double until_s = mine.halted ? playing.halted_s : now;
  mine.count(now);
  const Exchange& exchange = *mine.rate->storage.checkpoint;
  mine.lost_s += std::max(0.0, until_s - playing.stands_since_s - std::max(0.0, exchange.seconds - exchange.room_s));
  if (!mine.halted) {
    const Split before = mine.split;
    mine.played(now, mine.alone_s);
    callbacks().changed(job, before, mine, std::nullopt);
  }
  if (exchange.room_s > 0) begin_transfer(job, What::checkpoint);  // the next, which was due
  if (!mine.halted) return next_step(job);
  playing.next = Playing::Next::step;
  waits(job);  // no longer for the storage
}

}  // namespace alight
