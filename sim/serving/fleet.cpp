// A fleet's replicas: started, drained, failed, and played in order of time.
#include "sim/serving/fleet.hpp"

#include <algorithm>
#include <stdexcept>

namespace alight {

Fleet::Fleet(const FleetConfig& config, const RequestTrace& trace, FleetSurroundings& around)
    : config_(config),
      trace_(&trace),
      around_(&around),
      router_(config.router, config.name),
      second_router_(config.router, config.name + "/decode") {
  bool prefill = false, decode = false, whole = false;
  double every_s = 0;
  for (std::size_t i = 0; i < config_.pools.size(); ++i) {
    ServingPool& pool = config_.pools[i];
    if (pool.times == nullptr || !(pool.weight > 0))
      throw std::invalid_argument("a pool with times and a weight above 0");
    (pool.replica.role == ReplicaRole::prefill  ? prefill
     : pool.replica.role == ReplicaRole::decode ? decode
                                                : whole) = true;
    pool.replica.hash_block_tokens = trace.block_tokens;
    pools_.push_back({std::make_unique<IterationLines>(*pool.times), Autoscaler(pool.scale), pool.scale,
                      longest_request(pool.replica)});
    for (std::int64_t n = 0; n < pool.replicas; ++n) enter(add_member(i), ReplicaState::serving, 0);
    if (pool.scale.by == ScaleBy::fixed) continue;
    if (!(pool.scale.every_s > 0) || !(pool.scale.target > 0) || pool.scale.min > pool.scale.max)
      throw std::invalid_argument("an autoscaler with a period and a target above 0 and min below max");
    every_s = every_s > 0 ? std::min(every_s, pool.scale.every_s) : pool.scale.every_s;
  }
  if (prefill != decode || !(prefill || whole)) throw std::invalid_argument("prefill with decode pools, or neither");
  if (every_s > 0) next_look_ = look_every_ = ticks(every_s);
  if (config_.keep_outcomes) results_.outcomes.resize(trace.requests.size());
}

std::uint32_t Fleet::add_member(std::size_t pool) {
  const auto n = static_cast<std::uint32_t>(members_.size());
  members_.push_back(
      {.pool = pool, .engine = std::make_unique<Replica>(config_.pools[pool].replica, *pools_[pool].lines)});
  loads_.push_back({.weight = config_.pools[pool].weight});
  members_[n].engine->enter_in(directory_, n);
  due_.add();
  return n;
}

void Fleet::changed(std::uint32_t replica) {
  due_.update(replica, members_[replica].engine->next_change());
}

void Fleet::pace_by(std::uint32_t replica, IterationLines* lines, double speed, Ticks t) {
  const Member& m = members_[replica];
  m.engine->pace_by(lines ? *lines : *pools_[m.pool].lines, speed, t);
  changed(replica);
}

void Fleet::enter(std::uint32_t replica, ReplicaState state, Ticks t) {
  Member& m = members_[replica];
  if (m.state == ReplicaState::starting) m.starting += t - m.since;
  if (m.state == ReplicaState::serving || m.state == ReplicaState::draining) m.serving += t - m.since;
  auto& open = open_[second_half(m.pool)];
  const auto at = std::lower_bound(open.begin(), open.end(), replica);
  const bool was_open = at != open.end() && *at == replica;
  if (state == ReplicaState::serving && !was_open) open.insert(at, replica);
  if (state != ReplicaState::serving && was_open) open.erase(at);
  m.state = state;
  m.since = t;
}

ReplicaHours Fleet::hours(std::uint32_t replica, Ticks t) const {
  const Member& m = members_[replica];
  ReplicaHours h{m.starting, m.serving, m.engine->totals(t)};
  if (m.state == ReplicaState::starting) h.starting += t - m.since;
  if (m.state == ReplicaState::serving || m.state == ReplicaState::draining) h.serving += t - m.since;
  return h;
}

std::int64_t Fleet::count(std::size_t pool, ReplicaState state) const {
  return std::count_if(members_.begin(), members_.end(),
                       [&](const Member& m) { return m.pool == pool && m.state == state; });
}

bool Fleet::any_draining() const {
  return std::any_of(members_.begin(), members_.end(),
                     [](const Member& m) { return m.state == ReplicaState::draining; });
}

void Fleet::start(std::uint32_t replica, Ticks t) {
  Member& m = members_[replica];
  if (m.state != ReplicaState::off) return;
  m.ticket = ++tickets_;
  enter(replica, ReplicaState::starting, t);
  around_->start(replica, m.ticket, t);
}

void Fleet::started(std::uint64_t ticket, Ticks t) {
  const auto at = std::find_if(members_.begin(), members_.end(), [ticket](const Member& m) {
    return m.state == ReplicaState::starting && m.ticket == ticket;
  });
  if (at == members_.end()) return;  // no longer wanted
  const bool second = second_half(at->pool);
  enter(static_cast<std::uint32_t>(at - members_.begin()), ReplicaState::serving, t);
  std::deque<std::uint32_t> waiting;
  waiting.swap(waiting_[second]);
  for (const std::uint32_t id : waiting) {
    if (second)
      hand_over(id, t);
    else
      send(id, t);
  }
}

void Fleet::lose(std::uint32_t replica, Ticks t) {
  Member& m = members_[replica];
  if (m.state == ReplicaState::off) return;
  enter(replica, ReplicaState::off, t);
  for (const Replica::Held& held : m.engine->lose(t)) retry(held.id, held.tokens, t);
  m.engine->enter_in(directory_, replica);
  // On its way to this replica, or from it: what was sent has nowhere to go, or no longer exists.
  for (std::uint32_t id = 0; id < active_.size(); ++id)
    if (active_[id].request != kNobody && active_[id].replica == replica) retry(id, 1, t);
  changed(replica);
}

void Fleet::drained(std::uint32_t replica, Ticks t) {
  Member& m = members_[replica];
  if (m.state != ReplicaState::draining || loads_[replica].requests > 0 || !m.engine->empty()) return;
  enter(replica, ReplicaState::off, t);
  m.engine->lose(t);  // nobody, but its cache
  m.engine->enter_in(directory_, replica);
  around_->stop(replica, t);
}

void Fleet::resize(std::size_t pool, std::int64_t replicas, Ticks t) {
  std::int64_t there = serving(pool) + starting(pool);
  const auto each = [&](ReplicaState state, const auto& act) {
    for (std::uint32_t n = 0; n < members_.size(); ++n)
      if (members_[n].pool == pool && members_[n].state == state && act(n)) ++there;
  };
  // More: those that still run first, then those that are off, then new ones.
  each(ReplicaState::draining, [&](std::uint32_t n) {
    if (there >= replicas) return false;
    enter(n, ReplicaState::serving, t);
    return true;
  });
  each(ReplicaState::off, [&](std::uint32_t n) {
    if (there >= replicas) return false;
    start(n, t);
    return true;
  });
  for (; there < replicas; ++there) start(add_member(pool), t);
  // Fewer: those that do not serve yet first, then those with least to do.
  for (std::uint32_t n = 0; n < members_.size() && there > replicas; ++n) {
    if (members_[n].pool != pool || members_[n].state != ReplicaState::starting) continue;
    enter(n, ReplicaState::off, t);
    around_->stop(n, t);
    --there;
  }
  std::vector<std::uint32_t> serve;
  for (const std::uint32_t n : open_[second_half(pool)])
    if (members_[n].pool == pool) serve.push_back(n);
  std::stable_sort(serve.begin(), serve.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return loads_[a].requests < loads_[b].requests; });
  for (const std::uint32_t n : serve) {
    if (there <= replicas) break;
    enter(n, ReplicaState::draining, t);
    drained(n, t);
    --there;
  }
}

void Fleet::set_bounds(std::size_t pool, std::int64_t min, std::int64_t max) {
  pools_[pool].scale.min = min;
  pools_[pool].scale.max = max;
  pools_[pool].scaler = Autoscaler(pools_[pool].scale);
}

void Fleet::look(Ticks t) {
  next_look_ = t + look_every_;
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    PoolState& pool = pools_[i];
    if (pool.scale.by == ScaleBy::fixed) continue;
    PoolSight sight{.replicas = serving(i) + starting(i),
                    .places = config_.pools[i].replica.max_batch,
                    .first_tokens = pool.first_tokens,
                    .in_time = pool.in_time};
    sight.in_flight = static_cast<std::int64_t>(waiting_[second_half(i)].size());
    for (std::uint32_t n = 0; n < members_.size(); ++n)
      if (members_[n].pool == i) sight.in_flight += loads_[n].requests;
    pool.first_tokens = pool.in_time = 0;
    resize(i, pool.scaler.wanted(sight, t), t);
  }
}

void Fleet::play_next() {
  if (next_look_ < due_.first()) {
    look(next_look_);
    return;
  }
  const std::uint32_t replica = due_.top();
  Replica& engine = *members_[replica].engine;
  engine.play(due_.first());
  if (!engine.events().empty()) hear(replica);
  changed(replica);
}

void Fleet::close(Ticks t) {
  for (auto& waiting : waiting_) {
    const std::deque<std::uint32_t> left = std::move(waiting);
    waiting.clear();
    for (const std::uint32_t id : left) {
      const Ticks deadline = deadline_of(trace_->requests[active_[id].request]);
      if (deadline < kNever)
        end(id, RequestEnd::timed_out, 0, deadline);
      else
        end(id, RequestEnd::rejected, 0, t);
    }
  }
}

}  // namespace alight
