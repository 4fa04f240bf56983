#include "sim/network/fluid_users.hpp"

#include <algorithm>
#include <cmath>

#include "sim/engine/simgrid_shares.hpp"

namespace alight {

namespace {

/// A link that carries this part of its capacity is full.
constexpr double kFull = 1 - 1e-9;
/// Checkpoints closer to the next than this are rounding.
constexpr double kNothing = 1e-9;

/// What is left to train when it next has to wait for a checkpoint, of which none is written from `now_s` on. An
/// asynchronous one that is on its way by then is waited for when the next is due, else the one after that.
double tokens_left_when_due(const LinkUse& use, double now_s) {
  const StorageRate& storage = use.rate->storage;
  const double a_step = use.rate->step.tokens;
  const double so_far = (use.tokens - use.tokens_left_at(now_s)) / a_step * storage.checkpoints;
  const double written = std::floor(so_far + kNothing), since = so_far - written;
  double next = written + 1 - storage.checkpoint_s / use.rate->step_s();
  for (const Exchange& exchange : use.rate->exchanges) {
    if (exchange.kind != ExchangeKind::checkpoint || exchange.room_s == 0) continue;
    const bool on_its_way = written >= 1 && since * std::max(exchange.room_s, exchange.seconds) < exchange.seconds;
    if (!on_its_way) next += 1;
  }
  return use.tokens - next / storage.checkpoints * a_step;
}

}  // namespace

FluidUsers::FluidUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks)
    : LinkUsers(std::move(routes), engine, std::move(callbacks)),
      network_(capacities(), std::make_unique<SimgridShares>(engine, capacities())) {}

void FluidUsers::load_begun(JobIndex job) {
  loading_[job] = {.left = 1, .since_s = engine().now()};
  relaid(job);
}

void FluidUsers::load_gone(JobIndex job) {
  loading_.erase(job);
  network_.close(job);
}

void FluidUsers::count(Loading& loading) {
  loading.left = std::max(0.0, loading.left - (engine().now() - loading.since_s) / loading.step_s);
  loading.since_s = engine().now();
}

void FluidUsers::date(JobIndex job, Loading& loading) {
  const double end_s = loading.since_s + loading.left * loading.step_s;
  ++loading.dated;
  if (std::isfinite(end_s))
    engine().at(std::max(end_s, engine().now()), Turn::runtime,
                Action::to<&FluidUsers::load_over>(this, static_cast<std::uint64_t>(loading.dated) << 32 | job));
}

void FluidUsers::load_over(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  const auto at = loading_.find(job);
  if (at == loading_.end() || at->second.dated != which >> 32) return;
  load_gone(job);
  loaded(job);
}

void FluidUsers::begun(JobIndex job, const LinkUse& use) {
  if (!use.footprint.empty()) network_.open(job, use.footprint);
  date_due(job);
}

void FluidUsers::gone(JobIndex job) {
  if (!use(job).halted) leave(job);
  due_.erase(job);
}

// Who crosses no link for a while, because what it crosses is whole again, is no member.
void FluidUsers::leave(JobIndex job) {
  if (!use(job).footprint.empty()) network_.close(job);
}

void FluidUsers::join(JobIndex job) {
  const LinkUse& mine = use(job);
  if (!mine.footprint.empty()) network_.open(job, mine.footprint);
}

void FluidUsers::to_relay(JobIndex job) {
  const auto at = loading_.find(job);
  if (at == loading_.end()) return leave(job);
  count(at->second);
  network_.close(job);
}

void FluidUsers::relaid(JobIndex job) {
  const auto at = loading_.find(job);
  if (at == loading_.end()) {
    join(job);
    go_on(job, use(job).footprint.step_s, kNoLink);
    return date_due(job);
  }
  at->second.step_s = transfer(job).step_s;
  network_.open(job, transfer(job));
  date(job, at->second);
}

void FluidUsers::resumed(JobIndex job) {
  join(job);
  use(job).go_on(engine().now(), use(job).footprint.step_s, kNoLink);
  date_due(job);
}

LinkUsers::StorageNeed FluidUsers::need(JobIndex job) const {
  const auto at = due_.find(job);
  return {.read = use(job).rate->storage.dataset_bytes > 0, .write = at != due_.end() && at->second.waits};
}

// Others on dead links stand still by themselves (FluidNetwork).
void FluidUsers::withhold(LinkUse& use) const {
  use.withheld = std::erase_if(use.footprint.exchanges, [this](const SharedExchange& shared) {
                   return shared.exchange.kind == ExchangeKind::checkpoint && barred(shared);
                 }) > 0;
}

void FluidUsers::date_due(JobIndex job) {
  const LinkUse& mine = use(job);
  if (!mine.withheld) {
    due_.erase(job);
    return;
  }
  const double now_s = engine().now();
  const auto [at, fresh] = due_.try_emplace(job);
  Due& due = at->second;
  if (fresh) due.tokens_left = tokens_left_when_due(mine, now_s);
  due.dated = ++dated_;
  const double in_s = (mine.tokens_left_at(now_s) - due.tokens_left) / mine.tokens_per_s();
  if (due.tokens_left >= 0 && std::isfinite(in_s))
    engine().at(now_s + std::max(0.0, in_s), Turn::runtime,
                Action::to<&FluidUsers::due_now>(this, static_cast<std::uint64_t>(due.dated) << 32 | job));
}

void FluidUsers::due_now(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  const auto at = due_.find(job);
  if (at == due_.end() || at->second.dated != which >> 32 || use(job).halted) return;
  at->second.waits = true;
  waits(job);
}

// The part of what a step is longer than alone that its checkpoints are.
double FluidUsers::waits_for_checkpoints(JobIndex job) const {
  const LinkUse& mine = *find(job);
  if (mine.rate->storage.checkpoints == 0) return 0;
  const auto& exchanges = mine.footprint.exchanges;
  double all = 0, own = 0;
  for (std::size_t x = 0; x < exchanges.size(); ++x) {
    const double by = exchanges[x].exchange.lengthening_s(network_.stretch(job, x));
    all += by;
    if (exchanges[x].exchange.kind == ExchangeKind::checkpoint) own += by;
  }
  if (all > 0) return own / all;
  // Hidden, but for the links that are full: its checkpoints hold it up where they are on one.
  for (const SharedExchange& shared : exchanges)
    if (shared.exchange.kind == ExchangeKind::checkpoint)
      for (const LinkBytes& load : shared.loads)
        if (network_.load(load.link) >= kFull * network_.capacity(load.link)) return 1;
  return 0;
}

void FluidUsers::settle() {
  for (const JobIndex job : network_.settle()) {
    if (const auto at = loading_.find(job); at != loading_.end()) {
      Loading& loading = at->second;
      count(loading);
      loading.step_s = network_.step_s(job);
      date(job, loading);
      continue;
    }
    go_on(job, network_.step_s(job), network_.worst_link(job), waits_for_checkpoints(job));
    if (use(job).withheld) date_due(job);
  }
  for (const LinkIndex link : network_.touched())
    callbacks().carries({engine().now(), link, network_.load(link), network_.crowded(link)});
}

}  // namespace alight
