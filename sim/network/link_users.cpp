#include "sim/network/link_users.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/network/exact_users.hpp"
#include "sim/network/fluid_users.hpp"

namespace alight {
namespace {

constexpr double kBytesPerGbit = 1e9 / 8;

/// What a step was divided into alone, with what it has grown by as waiting for the network.
Split stretched(const Split& alone, double step_alone_s, double step_s) {
  if (!(step_s > step_alone_s)) return alone;
  if (std::isinf(step_s)) return Split(ChipState::exposed_comm);
  std::array<double, kChipStates> time{};
  for (std::size_t s = 0; s < kChipStates; ++s) time[s] = alone.share(static_cast<ChipState>(s)) * step_alone_s;
  time[static_cast<std::size_t>(ChipState::exposed_comm)] += step_s - step_alone_s;
  return Split::in_proportion(time);
}

Split without_checkpoints(const TrainingRate& rate) {
  if (!rate.storage.checkpoint) return rate.split;
  std::array<double, kChipStates> time{};
  for (std::size_t s = 0; s < kChipStates; ++s) time[s] = rate.split.share(static_cast<ChipState>(s));
  time[static_cast<std::size_t>(ChipState::lost)] = 0;
  return Split::in_proportion(time);
}

Footprint steps_of(const TrainingRate& rate, std::span<const Slice> held, const Routes& routes, const OwnLinks& own) {
  return footprint_of(rate.step_s() - rate.storage.checkpoint_s, rate.exchanges, held, rate.layout.chips(), routes,
                      own);
}

Footprint transfer_of(const Exchange& exchange, const TrainingRate& rate, std::span<const Slice> held,
                      const Routes& routes, const OwnLinks& own) {
  return footprint_of(exchange.seconds, {&exchange, 1}, held, rate.layout.chips(), routes, own);
}

}  // namespace

double LinkUse::tokens_left_at(double now_s) const {
  return std::max(0.0, tokens_left - (now_s - since_s) * tokens_per_s());
}

LinkIndex LinkUse::most_lost_on(double now_s) const {
  LinkIndex most = kNoLink;
  double lost = 0;
  for (const auto& [link, s] : lost_on_s) {
    const double all = s + (link == worst ? lost_at(now_s) - lost_s : 0);
    if (all > lost) {
      lost = all;
      most = link;
    }
  }
  return most == kNoLink && lost_at(now_s) > 0 ? worst : most;
}

Course LinkUse::course(const Job& job, double start_s) const {
  Course course{.startup_s = 0, .split = &split, .run_s = end_s() - start_s};
  if (job.kill_at_estimate && job.estimate_s < course.run_s) {
    course.run_s = job.estimate_s;
    course.end = JobStatus::killed;
    course.reason = "requested time is over";
  }
  return course;
}

void LinkUse::count(double now_s) {
  const double lost = lost_at(now_s) - lost_s;
  lost_to_faults_s = lost_to_faults_at(now_s);
  if (lost > 0) lost_on_s[worst] += lost;
  lost_s += lost;
  written_s = written_at(now_s);
  tokens_left = tokens_left_at(now_s);
  since_s = now_s;
}

void LinkUse::go_on(double now_s, double new_step_s, LinkIndex new_worst, bool new_worst_whole) {
  count(now_s);
  step_s = new_step_s;
  losing = std::max(0.0, 1 - alone_s / step_s);
  worst = new_worst;
  worst_whole = new_worst_whole;
  split = stretched(training, footprint.step_s, step_s);
  writing = 0;
}

void LinkUse::played(double now_s, double played_s) {
  step_s = played_s;
  losing = std::max(0.0, 1 - alone_s / step_s);
  writing = 0;
  worst = kNoLink;
  count(now_s);
  worst_whole = true;
  split = stretched(training, footprint.step_s, step_s);
}

void LinkUse::stand_still(double now_s, double new_losing, LinkIndex new_worst) {
  count(now_s);
  step_s = std::numeric_limits<double>::infinity();
  losing = new_losing;
  worst = new_worst;
  writing = 1;
  split = Split(ChipState::lost);
}

LinkUsers::LinkUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks)
    : engine_(engine), routes_(std::move(routes)), callbacks_(std::move(callbacks)) {
  capacities_.reserve(routes_->links().size());
  for (const SharedLink& link : routes_->links()) capacities_.push_back(link.gbps * kBytesPerGbit);
}

bool LinkUsers::load(JobIndex job, const TrainingRate& rate, std::span<const Slice> held) {
  if (!rate.storage.load) return false;
  Footprint& transfer = loads_[job];
  transfer = transfer_of(*rate.storage.load, rate, held, *routes_, {});
  load_begun(job, transfer);
  settle_soon();
  return true;
}

void LinkUsers::loaded(JobIndex job) {
  loads_.erase(job);
  settle_soon();
  callbacks_.loaded(job);
}

OwnLinks LinkUsers::own_links(const LinkUse& use) const {
  OwnLinks own{.servers = servers_of_ranks(use.held, use.rate->layout.chips()), .count = {}};
  const auto broken = [this](std::int64_t server) {
    return !whole(routes_->nic_up(server)) || !whole(routes_->port_up(server));
  };
  if (std::any_of(own.servers.begin(), own.servers.end(), broken))
    own.count = [this](LinkIndex link) { return !whole(link); };
  return own;
}

void LinkUsers::lay(LinkUse& use, std::span<const Slice> held, const OwnLinks& own) const {
  use.footprint = steps_of(*use.rate, held, *routes_, own);
  if (use.rate->storage.checkpoint)
    use.checkpoint = transfer_of(*use.rate->storage.checkpoint, *use.rate, held, *routes_, own);
}

void LinkUsers::relay(LinkUse& use) {
  const std::uint64_t before = detours_->deviations();
  const OwnLinks own = own_links(use);
  lay(use, use.held, own);
  use.deviates = own.count || detours_->deviations() != before;
}

bool LinkUsers::begin(JobIndex job, const TrainingRate& rate, std::span<const Slice> held, double tokens) {
  LinkUse use;
  use.rate = &rate;
  if (detours_) {
    use.held.assign(held.begin(), held.end());
    relay(use);
  } else {
    lay(use, held, {});
  }
  if (use.footprint.empty() && use.checkpoint.empty()) return false;
  use.alone_s = alone_s(use.deviates ? steps_of(rate, held, detours_->whole(), {}) : use.footprint, capacities_);
  use.training = use.split = without_checkpoints(rate);
  use.step_s = use.footprint.step_s;
  use.since_s = engine_.now();
  use.tokens_left = tokens;
  const LinkUse& kept = uses_[job] = std::move(use);
  begun(job, kept);
  if (rate.storage.checkpoint) say(job, rate.split);  // it writes none in its first step
  settle_soon();
  return true;
}

void LinkUsers::end(JobIndex job) {
  if (loads_.contains(job)) {
    load_gone(job);
    loads_.erase(job);
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
  for (const LinkIndex way : {link / 2 * 2, link / 2 * 2 + 1}) {
    parts_[way] = part;
    carries_otherwise(way);
    // What lengthens a step may be whole now, or no longer.
    for (auto& [job, use] : uses_)
      if (use.worst == way && !use.halted) {
        use.count(engine_.now());
        use.worst_whole = whole(way);
      }
  }
  settle_soon();
}

void LinkUsers::lay_anew(std::span<const LinkIndex> died) {
  std::vector<bool> dead(capacities_.size() / 2, false);
  for (const LinkIndex link : died) dead[link / 2] = true;
  const auto crosses = [&dead](const LinkUse& use) {
    for (const SharedExchange& shared : use.footprint.exchanges)
      for (const LinkBytes& load : shared.loads)
        if (dead[load.link / 2]) return true;
    return false;
  };
  std::vector<JobIndex> concerned;
  for (const auto& [job, use] : uses_)
    if (use.deviates || crosses(use)) concerned.push_back(job);
  for (const JobIndex job : concerned) lay_anew(job);
}

void LinkUsers::lay_anew(JobIndex job) {
  LinkUse& use = uses_.at(job);
  if (use.halted) return relay(use);
  to_relay(job);
  relay(use);
  relaid(job);
  settle_soon();
}

void LinkUsers::halt(JobIndex job, LinkIndex link) {
  LinkUse& use = uses_.at(job);
  use.halted = true;
  halted(job);
  go_on(job, std::numeric_limits<double>::infinity(), link);
  settle_soon();
}

void LinkUsers::resume(JobIndex job) {
  uses_.at(job).halted = false;
  resumed(job);
  settle_soon();
}

void LinkUsers::go_on(JobIndex job, double step_s, LinkIndex worst) {
  LinkUse& use = uses_.at(job);
  const Split before = use.split;
  use.go_on(engine_.now(), step_s, worst, whole(worst));
  say(job, before);
}

void LinkUsers::stand_still(JobIndex job) {
  LinkUse& use = uses_.at(job);
  const Split before = use.split;
  use.stand_still(engine_.now());
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
