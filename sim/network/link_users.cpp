#include "sim/network/link_users.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "models/describe/units.hpp"
#include "sim/network/exact_users.hpp"
#include "sim/network/fluid_users.hpp"
#include "sim/runtime/clocked.hpp"

namespace alight {
namespace {

/// Seconds of a step alone, without checkpoints.
double training_s(const TrainingRate& rate) {
  return rate.step_s() - rate.storage.checkpoint_s;
}

}  // namespace

LinkUsers::LinkUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks)
    : engine_(engine), routes_(std::move(routes)), callbacks_(std::move(callbacks)) {
  capacities_.reserve(routes_->links().size());
  for (const SharedLink& link : routes_->links()) capacities_.push_back(link.gbps * kBytesPerGbit);
}

bool LinkUsers::load(JobIndex job, const TrainingRate& rate, std::span<const Slice> held) {
  if (!rate.storage.load) return false;
  Load& load = loads_[job];
  load.rate = &rate;
  if (detours_) load.held.assign(held.begin(), held.end());
  relay(load, held);
  load_begun(job);
  settle_soon();
  return true;
}

std::optional<LinkUsers::JobIndex> LinkUsers::send(Send what) {
  Load load;
  load.send = std::move(what);
  relay(load, {});
  if (load.transfer.empty()) return std::nullopt;
  JobIndex name = next_send_;
  if (free_sends_.empty()) {
    ++next_send_;
  } else {
    name = free_sends_.back();
    free_sends_.pop_back();
  }
  loads_.emplace(name, std::move(load));
  load_begun(name);
  settle_soon();
  return name;
}

void LinkUsers::loaded(JobIndex job) {
  loads_.erase(job);
  settle_soon();
  if (job < kFirstSend) return callbacks_.loaded(job);
  free_sends_.push_back(job);
  callbacks_.sent(job);
}

OwnLinks LinkUsers::own_links(std::span<const Slice> held, std::int64_t ranks) const {
  OwnLinks own{.servers = servers_of_ranks(held, ranks), .count = {}};
  const auto broken = [this](std::int64_t server) {
    return !whole(routes_->nic_up(server)) || !whole(routes_->port_up(server));
  };
  if (std::any_of(own.servers.begin(), own.servers.end(), broken))
    own.count = [this](LinkIndex link) { return !whole(link); };
  return own;
}

std::pair<Footprint, bool> LinkUsers::lay(const TrainingRate& rate, double step_s, std::span<const Exchange> exchanges,
                                          std::span<const Slice> held) const {
  const std::int64_t ranks = rate.layout.chips();
  if (!detours_) return {footprint_of(step_s, exchanges, held, ranks, *routes_), false};
  const std::uint64_t before = detours_->deviations();
  const OwnLinks own = own_links(held, ranks);
  Footprint footprint = footprint_of(step_s, exchanges, held, ranks, *routes_, own);
  return {std::move(footprint), own.count || detours_->deviations() != before};
}

void LinkUsers::relay(LinkUse& use, std::span<const Slice> held) const {
  const TrainingRate& rate = *use.rate;
  std::tie(use.footprint, use.deviates) = lay(rate, training_s(rate), rate.exchanges, held);
  const auto& checkpoint = rate.storage.checkpoint;
  if (!checkpoint) return;
  bool deviates = false;
  std::tie(use.checkpoint, deviates) = lay(rate, checkpoint->seconds, {&*checkpoint, 1}, held);
  use.deviates = use.deviates || deviates;
}

void LinkUsers::relay(Load& load, std::span<const Slice> held) const {
  if (!load.rate) {
    const std::uint64_t before = detours_ ? detours_->deviations() : 0;
    load.transfer = footprint_of(load.send, *routes_, capacities_);
    load.deviates = detours_ && detours_->deviations() != before;
    return;
  }
  const StorageRate& storage = load.rate->storage;
  std::tie(load.transfer, load.deviates) = lay(*load.rate, storage.load_s, {&*storage.load, 1}, held);
}

bool LinkUsers::barred(const SharedExchange& shared) const {
  return std::any_of(shared.loads.begin(), shared.loads.end(),
                     [this](const LinkBytes& load) { return carries_now(load.link) <= 0; });
}

void LinkUsers::waits(JobIndex job) {
  if (detours_ && callbacks_.waits) callbacks_.waits(job);
}

bool LinkUsers::begin(JobIndex job, const TrainingRate& rate, std::span<const Slice> held, double tokens) {
  LinkUse use;
  use.rate = &rate;
  if (detours_) use.held.assign(held.begin(), held.end());
  relay(use, held);
  if (use.footprint.empty() && use.checkpoint.empty()) return false;
  set_alone(use, held);
  use.split = use.training;
  use.step_s = use.footprint.step_s;
  use.since_s = engine_.now();
  use.tokens_left = tokens;
  const LinkUse& kept = uses_[job] = std::move(use);
  begun(job, kept);
  if (rate.storage.checkpoint) say(job, rate.split);  // it writes none in its first step
  settle_soon();
  return true;
}

void LinkUsers::set_alone(LinkUse& use, std::span<const Slice> held) const {
  const TrainingRate& rate = *use.rate;
  use.training = rate.storage.checkpoint ? between_checkpoints(rate.split) : rate.split;
  use.alone_s = alone_s(use.footprint, capacities_);
  if (use.deviates)
    use.alone_s = alone_s(footprint_of(training_s(rate), rate.exchanges, held, rate.layout.chips(), detours_->whole()),
                          capacities_);
}

void LinkUsers::clock(JobIndex job, const TrainingRate& rate, std::span<const Slice> held) {
  LinkUse& use = uses_.at(job);
  to_relay(job);
  use.count(engine_.now());
  const bool other_speed = use.rate->slow_s != rate.slow_s;
  use.rate = &rate;
  relay(use, held);
  set_alone(use, held);
  relaid(job);
  if (!use.halted && (use.split.clock() != use.training.clock() || other_speed)) {
    const Split before = use.split;
    use.divide_anew();
    say(job, before);
  }
  settle_soon();
}

void LinkUsers::end(JobIndex job) {
  if (loads_.contains(job)) {
    load_gone(job);
    loads_.erase(job);
    if (job >= kFirstSend) free_sends_.push_back(job);
    settle_soon();
  }
  if (uses_.contains(job)) {
    gone(job);
    uses_.erase(job);
    settle_soon();
  }
}

Detours& LinkUsers::let_break() {
  if (!detours_) {
    auto detours = std::make_unique<Detours>(std::move(routes_));
    detours_ = detours.get();
    routes_ = std::move(detours);
    parts_.assign(capacities_.size(), 1.0);
  }
  return *detours_;
}

void LinkUsers::set_part(LinkIndex link, double part) {
  detours_->set_dead(link, part <= 0);
  for (auto [way, end] = routes_->ways_of(link); way < end; ++way) {
    parts_[way] = part;
    carries_otherwise(way);
    // What lengthens a step may be whole now, or no longer.
    for (auto& [job, use] : uses_)
      if (use.worst == way) {
        use.count(engine_.now());
        use.worst_whole = whole(way);
      }
  }
  settle_soon();
}

void LinkUsers::lay_anew(std::span<const LinkIndex> died) {
  std::vector<bool> dead(capacities_.size(), false);
  for (const LinkIndex link : died)
    for (auto [way, end] = routes_->ways_of(link); way < end; ++way) dead[way] = true;
  const auto crosses = [&dead](const Footprint& footprint) {
    for (const SharedExchange& shared : footprint.exchanges)
      for (const LinkBytes& load : shared.loads)
        if (dead[load.link]) return true;
    return false;
  };
  std::vector<JobIndex> concerned;
  for (const auto& [job, use] : uses_)
    if (use.deviates || crosses(use.footprint) || crosses(use.checkpoint)) concerned.push_back(job);
  for (const auto& [job, load] : loads_)
    if (load.deviates || crosses(load.transfer)) concerned.push_back(job);
  for (const JobIndex job : concerned) lay_anew(job);
}

void LinkUsers::lay_anew(JobIndex job) {
  to_relay(job);
  if (const auto load = loads_.find(job); load != loads_.end())
    relay(load->second, load->second.held);
  else
    relay(use(job), use(job).held);
  relaid(job);
  settle_soon();
}

bool LinkUsers::with_storage(JobIndex job) const {
  if (loading(job)) return true;
  const LinkUse* use = find(job);
  return use && (use->rate->storage.dataset_bytes > 0 || use->rate->storage.checkpoints > 0);
}

LinkIndex LinkUsers::cut_from_storage(JobIndex job, const std::vector<std::int64_t>& servers) const {
  if (loading(job)) return detours_->from_reading(servers);
  const StorageNeed needs = find(job) ? need(job) : StorageNeed();
  LinkIndex by = needs.read ? detours_->from_reading(servers) : kNoLink;
  if (by == kNoLink && needs.write) by = detours_->from_writing(servers);
  return by;
}

void LinkUsers::halt(JobIndex job) {
  const auto at = uses_.find(job);
  if (at == uses_.end()) return;
  at->second.halted = true;
  halted(job);
  at->second.stop(engine_.now());
  settle_soon();
}

void LinkUsers::resume(JobIndex job) {
  const auto at = uses_.find(job);
  if (at == uses_.end()) return;
  at->second.halted = false;
  at->second.count(engine_.now());
  resumed(job);
  settle_soon();
}

void LinkUsers::go_on(JobIndex job, double step_s, LinkIndex worst) {
  LinkUse& use = uses_.at(job);
  const Split before = use.split;
  use.go_on(engine_.now(), step_s, worst, whole(worst));
  say(job, before);
}

void LinkUsers::stand_still(JobIndex job, double losing, LinkIndex worst) {
  LinkUse& use = uses_.at(job);
  const Split before = use.split;
  use.stand_still(engine_.now(), losing, worst, whole(worst));
  say(job, before);
}

void LinkUsers::say(JobIndex job, const Split& before) const {
  const LinkUse& use = uses_.at(job);
  callbacks_.changed(job, before, use, dates_ends() ? std::optional(use.end_s()) : std::nullopt);
}

void LinkUsers::settle_soon() {
  if (settling_at_ == engine_.now()) return;
  settling_at_ = engine_.now();
  engine_.at(engine_.now(), Turn::sharing, Action::to<&LinkUsers::settle_now>(this));
}

void LinkUsers::settle_now(std::uint64_t) {
  settling_at_ = -1;
  settle();
}

const LinkUse* LinkUsers::find(JobIndex job) const {
  const auto at = uses_.find(job);
  return at == uses_.end() ? nullptr : &at->second;
}

std::unique_ptr<LinkUsers> make_link_users(const Site& site, Sharing sharing, Engine& engine,
                                           LinkUsers::Callbacks callbacks) {
  auto routes = routes_of(site);
  if (!routes) return nullptr;
  if (sharing == Sharing::exact) return std::make_unique<ExactUsers>(std::move(routes), engine, std::move(callbacks));
  return std::make_unique<FluidUsers>(std::move(routes), engine, std::move(callbacks));
}

}  // namespace alight
