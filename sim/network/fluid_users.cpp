#include "sim/network/fluid_users.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/engine/simgrid_shares.hpp"

namespace alight {
namespace {

/// Parts of a step below this are rounding.
constexpr double kNothing = 1e-9;

/// The whole steps after which checkpoint `number` is due, where so many are written in a step.
double steps_until(std::uint64_t number, double in_a_step) {
  return std::ceil(static_cast<double>(number) / in_a_step - kNothing);
}

/// The last checkpoint that is due before the last of `steps` is over.
std::uint64_t last_within(double steps, double in_a_step) {
  const double before_the_last = std::ceil(steps - kNothing) - 1;
  return static_cast<std::uint64_t>(std::max(0.0, std::floor((before_the_last + kNothing) * in_a_step + kNothing)));
}

}  // namespace

FluidUsers::FluidUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks)
    : LinkUsers(std::move(routes), engine, std::move(callbacks)),
      network_(capacities(), std::make_unique<SimgridShares>(engine, capacities())) {}

void FluidUsers::begun(JobIndex job, const LinkUse& fresh) {
  if (fresh.rate->storage.dataset_bytes > 0) data_[job].tokens = fresh.tokens_left;
  open_steps(job);
  if (apart(job)) use(job).go_on(engine().now(), first_pace(job), kNoLink);
  if (!fresh.checkpoint.empty()) {
    checkpoints_[job] = {.tokens = fresh.tokens_left};
    expect(job);
    date_next(job);
  }
  date_step(job);
}

void FluidUsers::gone(JobIndex job) {
  close_steps(job);
  if (transfers_.contains(job)) drop_transfer(job);
  checkpoints_.erase(job);
  close_data(job);
  data_.erase(job);
}

// Who crosses no link for a while, because what it crosses is whole again, is no member.
void FluidUsers::open_steps(JobIndex job) {
  if (const auto at = data_.find(job); at != data_.end() && !at->second.apart) {
    const SharedExchange* exchange = data_in(use(job).footprint);
    if (exchange && barred(*exchange)) set_apart(job, at->second);
  }
  if (const Footprint& steps = way_of_steps(job); !steps.empty()) network_.open(steps_of(job), steps);
}

void FluidUsers::close_steps(JobIndex job) {
  if (!network_.is_open(steps_of(job))) return;
  if (const auto at = data_.find(job); at != data_.end() && !at->second.apart) {
    const Footprint& steps = use(job).footprint;
    if (const SharedExchange* exchange = data_in(steps); exchange && std::isfinite(network_.step_s(steps_of(job)))) {
      at->second.step_s = network_.step_s(steps_of(job));
      at->second.was = network_.apart(steps_of(job), static_cast<std::size_t>(exchange - steps.exchanges.data()));
    }
  }
  network_.close(steps_of(job));
}

void FluidUsers::to_relay(JobIndex job) {
  if (const auto at = transfers_.find(job); at != transfers_.end()) {
    count(at->second);
    network_.close(transfer_of(job));
  }
  if (loading(job)) return;
  close_steps(job);
  close_data(job);
}

void FluidUsers::relaid(JobIndex job) {
  if (const auto at = transfers_.find(job); at != transfers_.end()) {
    at->second.step_s = way_of_transfer(job).step_s;
    network_.open(transfer_of(job), way_of_transfer(job));
    date(job, at->second);
  }
  if (loading(job)) return;
  if (apart(job)) lay_apart(job, data_.at(job));
  if (use(job).halted) return;
  if (stands(job)) return stand_still(job, losing(job));
  if (waits_for_data(job)) return;
  open_steps(job);
  pace(job, first_pace(job), kNoLink);
}

void FluidUsers::halted(JobIndex job) {
  if (const auto at = checkpoints_.find(job); at != checkpoints_.end()) at->second.dated = ++dates_;
  if (const auto at = data_.find(job); at != data_.end()) at->second.dated = ++dates_;
  close_steps(job);
}

// LinkUsers::resume() has those who share its links settled once this is done.
void FluidUsers::resumed(JobIndex job) {
  LinkUse& mine = use(job);
  if (stands(job)) return mine.stand_still(engine().now(), losing(job));
  if (waits_for_data(job)) {
    mine.go_on(engine().now(), std::numeric_limits<double>::infinity(), kNoLink);
  } else {
    open_steps(job);
    mine.go_on(engine().now(), first_pace(job), kNoLink);
    if (checkpoints_.contains(job)) date_next(job);
  }
  date_step(job);
}

LinkUsers::StorageNeed FluidUsers::need(JobIndex job) const {
  const bool standing = stands(job);
  return {.read = waits_for_data(job) && use(job).fetching, .write = standing};
}

std::optional<double> FluidUsers::left_at_checkpoint(JobIndex job) const {
  const auto at = checkpoints_.find(job);
  if (at == checkpoints_.end()) return std::nullopt;
  const Checkpoints& checkpoints = at->second;
  const TrainingRate& rate = *use(job).rate;
  // One may be on its way; one that is due waits for it where steps do not.
  std::uint64_t open = transfers_.contains(job) ? 1 : 0;
  if (checkpoints.standing && rate.storage.checkpoint->room_s > 0) ++open;
  const std::uint64_t written = checkpoints.next - 1 - open;
  if (written == 0) return std::nullopt;
  return checkpoints.tokens - steps_until(written, rate.storage.checkpoints) * rate.step.tokens;
}

void FluidUsers::pace(JobIndex job, double step_s, LinkIndex worst) {
  go_on(job, step_s, worst);
  if (checkpoints_.contains(job)) date_next(job);
  date_step(job);
}

const Footprint& FluidUsers::way_of_transfer(JobIndex job) const {
  return loading(job) ? transfer(job) : use(job).checkpoint;
}

void FluidUsers::begin_transfer(JobIndex job) {
  const Footprint& way = way_of_transfer(job);
  Transfer& begun = transfers_[job];
  begun = {.left = 1, .since_s = engine().now(), .step_s = way.step_s};
  network_.open(transfer_of(job), way);
  date(job, begun);
}

void FluidUsers::drop_transfer(JobIndex job) {
  transfers_.erase(job);
  network_.close(transfer_of(job));
}

void FluidUsers::count(Transfer& transfer) {
  transfer.left = std::max(0.0, transfer.left - (engine().now() - transfer.since_s) / transfer.step_s);
  transfer.since_s = engine().now();
}

void FluidUsers::date(JobIndex job, Transfer& transfer) {
  const double end_s = transfer.since_s + transfer.left * transfer.step_s;
  transfer.dated = ++dates_;
  if (std::isfinite(end_s))
    engine().at(std::max(end_s, engine().now()), Turn::runtime,
                Action::to<&FluidUsers::transfer_over>(this, ticket(transfer.dated, job)));
}

void FluidUsers::transfer_over(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  const auto at = transfers_.find(job);
  if (at == transfers_.end() || at->second.dated != which >> 32) return;
  drop_transfer(job);
  if (find(job))
    written(job);
  else
    loaded(job);
}

void FluidUsers::expect(JobIndex job) {
  LinkUse& mine = use(job);
  const StorageRate& storage = mine.rate->storage;
  Checkpoints& checkpoints = checkpoints_.at(job);
  const std::uint64_t last = last_within(checkpoints.tokens / mine.rate->step.tokens, storage.checkpoints);
  checkpoints.to_come = last + 1 - std::min(last + 1, checkpoints.next);
  mine.to_stand_s = static_cast<double>(checkpoints.to_come) * storage.checkpoint->exposed_s();
}

void FluidUsers::date_next(JobIndex job) {
  const LinkUse& mine = use(job);
  const StorageRate& storage = mine.rate->storage;
  Checkpoints& checkpoints = checkpoints_.at(job);
  checkpoints.dated = ++dates_;
  if (checkpoints.to_come == 0 || apart(job)) return;
  const double done = checkpoints.tokens - mine.tokens_left;
  const double due_at = steps_until(checkpoints.next, storage.checkpoints) * mine.rate->step.tokens;
  const double due_s = mine.since_s + std::max(0.0, due_at - done) / mine.tokens_per_s();
  if (std::isfinite(due_s))
    engine().at(std::max(due_s, engine().now()), Turn::runtime,
                Action::to<&FluidUsers::due>(this, ticket(checkpoints.dated, job)));
}

bool FluidUsers::is_due(JobIndex job) const {
  const auto at = checkpoints_.find(job);
  if (at == checkpoints_.end() || at->second.to_come == 0) return false;
  const LinkUse& mine = use(job);
  const double done = (at->second.tokens - mine.tokens_left) / mine.rate->step.tokens;
  return done > steps_until(at->second.next, mine.rate->storage.checkpoints) - 0.5;
}

void FluidUsers::due(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  const auto at = checkpoints_.find(job);
  if (at != checkpoints_.end() && at->second.dated == which >> 32) comes_due(job);
}

void FluidUsers::comes_due(JobIndex job) {
  Checkpoints& checkpoints = checkpoints_.at(job);
  LinkUse& mine = use(job);
  const StorageRate& storage = mine.rate->storage;
  mine.count(engine().now());
  mine.tokens_left = checkpoints.tokens - steps_until(checkpoints.next, storage.checkpoints) * mine.rate->step.tokens;
  ++checkpoints.next;
  expect(job);
  const bool beside = storage.checkpoint->room_s > 0;
  const bool free = !transfers_.contains(job);
  if (free) begin_transfer(job);
  if (free && beside) {
    date_next(job);
  } else {
    checkpoints.standing = true;
    close_steps(job);
    stand_still(job, losing(job));
    waits(job);
  }
  settle_soon();
}

void FluidUsers::written(JobIndex job) {
  Checkpoints& checkpoints = checkpoints_.at(job);
  if (checkpoints.standing) {
    checkpoints.standing = false;
    const LinkUse& mine = use(job);
    if (mine.rate->storage.checkpoint->room_s > 0) begin_transfer(job);  // the next, which was due
    if (!mine.halted) {
      open_steps(job);
      pace(job, first_pace(job), kNoLink);
    }
    waits(job);  // for the data of its steps, but for the storage to write to no longer
  }
  settle_soon();
}

bool FluidUsers::stands(JobIndex job) const {
  const auto at = checkpoints_.find(job);
  return at != checkpoints_.end() && at->second.standing;
}

// Alone an asynchronous one is written in time.
double FluidUsers::losing(JobIndex job) const {
  const Exchange& alone = *use(job).rate->storage.checkpoint;
  return alone.room_s > 0 ? 1 : std::max(0.0, 1 - alone.seconds / transfers_.at(job).step_s);
}

void FluidUsers::settle() {
  for (const FluidNetwork::Member member : network_.settle()) {
    const JobIndex job = member / 3;
    const double step_s = network_.step_s(member);
    if (member == steps_of(job)) {
      pace(job, step_s, network_.worst_link(member));
      continue;
    }
    if (member == data_of(job)) {
      data_settled(job, step_s);
      continue;
    }
    Transfer& transfer = transfers_.at(job);
    count(transfer);
    transfer.step_s = step_s;
    date(job, transfer);
    if (!stands(job) || use(job).halted) continue;
    const LinkIndex worst = network_.worst_link(member);
    use(job).stand_still(engine().now(), losing(job), worst, whole(worst));
  }
  for (const LinkIndex link : network_.touched())
    callbacks().carries({engine().now(), link, network_.load(link), network_.crowded(link)});
}

}  // namespace alight
