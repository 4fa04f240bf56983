#include "sim/scheduler/scheduler.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "sim/scheduler/policy.hpp"

namespace alight {

Scheduler::Scheduler(Cluster& cluster, const ChipRequests& requests, std::span<const Candidate> jobs,
                     std::vector<Queue> queues, std::vector<std::vector<double>> slowdown,
                     std::unique_ptr<Policy> policy, std::unique_ptr<Placement> placement, Started started,
                     TurnedAway turned_away)
    : cluster_(cluster),
      requests_(requests),
      jobs_(jobs),
      queues_(std::move(queues)),
      slowdown_(std::move(slowdown)),
      policy_(std::move(policy)),
      placement_(std::move(placement)),
      started_(std::move(started)),
      turned_away_(std::move(turned_away)),
      waiting_for_(cluster.pools(), 0),
      running_(cluster.pools()),
      running_of_queue_(queues_.size()),
      estimated_end_(jobs.size(), 0),
      slot_of_(jobs.size(), 0),
      in_vain_(cluster.pools(), std::vector<std::uint64_t>(requests.size(), 0)) {
  for (const auto& row : slowdown_) least_slowdown_.push_back(*std::min_element(row.begin(), row.end()));
}

Scheduler::~Scheduler() = default;

void Scheduler::count_waiting(JobIndex j, int sign) {
  waiting_ += sign;
  for (const PoolIndex p : pools(j)) waiting_for_[p] += sign;
}

void Scheduler::submit(JobIndex j) {
  count_waiting(j, +1);
  policy_->add(j, *this);
}

void Scheduler::withdraw(JobIndex j) {
  count_waiting(j, -1);
  policy_->withdraw(j, *this);
}

void Scheduler::decide(double now_s) {
  now_ = now_s;
  for (;;) {
    policy_->decide(*this);
    if (preempted_.empty()) return;
    std::sort(preempted_.begin(), preempted_.end());
    for (const JobIndex j : std::exchange(preempted_, {})) submit(j);
  }
}

void Scheduler::let_preempt(Preempting preempting) {
  preempting_ = std::move(preempting);
  started_s_.assign(jobs_.size(), 0);
}

bool Scheduler::tried_in_vain(RequestId request, PoolIndex p) const {
  return in_vain_[p][request] == cluster_.releases(p) + 1;
}

bool Scheduler::fits(RequestId id, PoolIndex p) {
  if (tried_in_vain(id, p)) return false;
  if (cluster_.fits(requests_[id], p)) return true;
  in_vain_[p][id] = cluster_.releases(p) + 1;
  return false;
}

bool Scheduler::fits(JobIndex j, std::span<const PoolIndex> pools) {
  const RequestId id = jobs_[j].request;
  const ChipRequest& want = requests_[id];
  if (want.mixed != 0) {
    const auto parts = requests_.parts(id);
    return std::all_of(parts.begin(), parts.end(), [&](const RequestPart& p) { return fits(p.request, p.pool); });
  }
  for (const PoolIndex p : pools)
    if (want.plain() ? cluster_.free_chips(p) >= want.chips : fits(id, p)) return true;
  return false;
}

bool Scheduler::find(JobIndex j, std::span<const PoolIndex> pools, Allocation& out) {
  out.clear();
  if (!fits(j, pools)) return false;
  if (!find_room(j, pools, cluster_, out))
    throw std::logic_error("Scheduler: the placement found no room where the feasibility test did");
  return !may_start_ || may_start_(j, out, {});
}

bool Scheduler::place(const ChipRequest& request, std::span<const PoolIndex> pools, const Cluster& cluster,
                      Allocation& out) {
  if (!placement_->place(request, pools, cluster, out)) return false;
  if (!placement_->orders_ranks() && out.size() > 1) by_number(out);
  return true;
}

// Parts lie in pools of their own, so that none takes room from another.
bool Scheduler::find_room(JobIndex j, std::span<const PoolIndex> pools, const Cluster& cluster, Allocation& out) {
  if (request(j).mixed == 0) return place(request(j), pools, cluster, out);
  for (const RequestPart& part : parts(j)) {
    part_.clear();
    if (!place(requests_[part.request], {&part.pool, 1}, cluster, part_)) return false;
    out.insert(out.end(), part_.begin(), part_.end());
  }
  return true;
}

std::int64_t Scheduler::milli_of_parts(JobIndex j) const {
  std::int64_t sum = 0;
  for (const RequestPart& part : parts(j)) sum += milli(part);
  return sum;
}

void Scheduler::start(JobIndex j, const Allocation& allocation) {
  const PoolIndex p = cluster_.pool_of(allocation.front().server);
  cluster_.allocate(request(j), allocation);
  count_waiting(j, -1);
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(allocations_.size()));
    allocations_.emplace_back();
  }
  slot_of_[j] = free_slots_.back();
  free_slots_.pop_back();
  allocations_[slot_of_[j]] = allocation;
  std::int64_t all_chips = 0, held = 0;
  estimated_end_[j] = now_ + estimate_on(j, p);
  for_each_pool(cluster_, allocation, [&](PoolIndex pool, std::span<const Slice> slices) {
    std::int64_t chips = 0;
    for (const Slice& slice : slices) {
      held += slice.milli();
      if (slice.chip_milli == 1000) chips += slice.chip_count();
    }
    running_[pool].insert({estimated_end_[j], j, chips});
    all_chips += chips;
  });
  Queue& queue = queues_[jobs_[j].queue];
  queue.used_milli += held;
  if (queue.limited()) running_of_queue_[jobs_[j].queue].insert({estimated_end_[j], j, all_chips});
  if (!started_s_.empty()) {
    started_s_[j] = now_;
    if (jobs_[j].preemptible) ++preemptible_running_[jobs_[j].priority];
  }
  started_(j, p, allocations_[slot_of_[j]]);
}

bool Scheduler::find_again(JobIndex j, PoolIndex p, const Cluster& cluster, std::int64_t held_milli, Allocation& out) {
  const ChipRequest& want = request(j);
  const Queue& queue = queues_[jobs_[j].queue];
  if (cluster.most_held_milli(want, {&p, 1}) > queue.quota_milli - (queue.used_milli - held_milli)) return false;
  out.clear();
  if (!cluster.fits(want, p) || !place(want, {&p, 1}, cluster, out)) return false;
  if (held_milli == 0) return may_start(j, out);
  return !may_start_ || may_start_(j, out, {&j, 1});
}

void Scheduler::restart(JobIndex j, const Allocation& on, double now_s) {
  now_ = now_s;
  count_waiting(j, +1);  // start() takes it for one that waits
  start(j, on);
}

bool Scheduler::try_start(JobIndex j, std::span<const PoolIndex> pools) {
  if (!find(j, pools, found_)) return false;
  start(j, found_);
  return true;
}

void Scheduler::turn_away(JobIndex j) {
  count_waiting(j, -1);
  turned_away_(j);
}

bool Scheduler::start_by_preempting(JobIndex j, std::span<const PoolIndex> pools) {
  if (!outranks(j) || fits(j, pools)) return false;
  const auto victims = find_victims(*this, j, pools, preempting_.may);
  if (!victims || !may_start_without(*victims, j, pools)) return false;
  for (const JobIndex victim : *victims) {
    const Allocation held = allocation(victim);
    take_back(victim);
    preempted_.push_back(victim);
    preempting_.preempted(victim, held);
  }
  if (may_start_)
    start(j, tried_);
  else if (!try_start(j, pools))
    throw std::logic_error("Scheduler: jobs were preempted in vain");
  return true;
}

bool Scheduler::may_start_without(std::span<const JobIndex> victims, JobIndex j, std::span<const PoolIndex> pools) {
  if (!may_start_) return true;
  Cluster later = cluster_;
  for (const JobIndex victim : victims) later.release(request(victim), allocation(victim));
  tried_.clear();
  return find_room(j, pools, later, tried_) && may_start_(j, tried_, victims);
}

void Scheduler::finished(JobIndex j) {
  take_back(j);
  policy_->ended(j, *this);
}

void Scheduler::take_back(JobIndex j) {
  Allocation& held = allocations_[slot_of_[j]];
  cluster_.release(request(j), held);
  for_each_pool(cluster_, held, [&](PoolIndex p, std::span<const Slice>) {
    running_[p].erase({estimated_end_[j], j, 0});
  });
  Queue& queue = queues_[jobs_[j].queue];
  for (const Slice& slice : held) queue.used_milli -= slice.milli();
  if (queue.limited()) running_of_queue_[jobs_[j].queue].erase({estimated_end_[j], j, 0});
  held.clear();
  free_slots_.push_back(slot_of_[j]);
  if (started_s_.empty() || !jobs_[j].preemptible) return;
  const auto same = preemptible_running_.find(jobs_[j].priority);
  if (--same->second == 0) preemptible_running_.erase(same);
}

}  // namespace alight
