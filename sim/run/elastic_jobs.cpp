#include "sim/run/elastic_jobs.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "workloads/training_work.hpp"

namespace alight {
namespace {

/// It looks so often whether the checkpoint that it waits for is written: others on its links may hold it up.
constexpr int kMostCheckpointLooks = 100;

}  // namespace

const ElasticSizes* ElasticJobs::find(JobIndex job) const {
  const auto at = admission_.elastic.find(job);
  return at == admission_.elastic.end() ? nullptr : &at->second;
}

bool ElasticJobs::fit(const ElasticSizes& of, std::int64_t replicas, PoolIndex pool) {
  return rates_.best(of.kinds[static_cast<std::size_t>(replicas - of.least)], pool).unfit.empty();
}

void ElasticJobs::ask_for(JobIndex job, const ElasticSizes& of, std::int64_t replicas) {
  admission_.candidates[job].request = request(of, replicas);
  jobs_.resize(job, replicas);
}

void ElasticJobs::all_again(JobIndex job) {
  if (const ElasticSizes* of = find(job)) ask_for(job, *of, all(*of));
}

std::int64_t ElasticJobs::most(JobIndex job, const ElasticSizes& of, std::int64_t more_than, PoolIndex pool,
                               bool runs) {
  const std::int64_t before = jobs_.replicas(job);
  std::optional<Cluster> without;
  std::int64_t own_milli = 0;
  if (runs) {
    const Allocation& held = scheduler_.allocation(job);
    without.emplace(cluster_);
    without->release(scheduler_.request(job), held);
    for (const Slice& slice : held) own_milli += slice.milli();
  }
  std::int64_t n = all(of);
  for (; n > more_than; --n) {
    if (!fit(of, n, pool)) continue;
    ask_for(job, of, n);
    if (scheduler_.find_again(job, pool, without ? *without : cluster_, own_milli, room_)) break;
  }
  ask_for(job, of, before);
  return n;
}

Allocation ElasticJobs::whole_of(const Allocation& held) const {
  Allocation whole;
  for (const Slice& slice : held)
    for (ServerIndex i = 0; i < slice.servers; ++i) {
      const ServerIndex server = slice.server + i;
      if (out_.out(server)) continue;
      if (i > 0 && !whole.empty() && whole.back().server + whole.back().servers == server) {
        ++whole.back().servers;
        continue;
      }
      whole.push_back(slice);
      whole.back().server = server;
      whole.back().servers = 1;
    }
  return whole;
}

Allocation ElasticJobs::first_of(const Allocation& held, const ElasticSizes& of, std::int64_t replicas) const {
  const bool whole_servers = admission_.requests[of.requests.back()].shape == Shape::whole_servers;
  Allocation first;
  std::int64_t left = replicas * of.replica_chips;
  for (const Slice& slice : held) {
    if (left <= 0) break;
    const std::int64_t each = std::popcount(slice.chips);
    Slice taken = slice;
    if (whole_servers || slice.chip_count() <= left) {
      const auto servers = static_cast<ServerIndex>((left + each - 1) / each);
      taken.servers = std::min(slice.servers, servers);
      first.push_back(taken);
      left -= taken.chip_count();
      continue;
    }
    taken.servers = static_cast<ServerIndex>(left / each);
    if (taken.servers > 0) first.push_back(taken);
    left -= taken.chip_count();
    if (left == 0) break;
    Slice part = slice;
    part.server = slice.server + taken.servers;
    part.servers = 1;
    while (std::popcount(part.chips) > left) part.chips &= ~(std::uint64_t{1} << (63 - std::countl_zero(part.chips)));
    first.push_back(part);
    left = 0;
  }
  return first;
}

bool ElasticJobs::goes_on(JobIndex job, const Allocation& held) {
  const ElasticSizes* of = find(job);
  if (!of || held.empty()) return false;
  const PoolIndex pool = cluster_.pool_of(held.front().server);
  const Allocation rest = whole_of(held);
  std::int64_t chips = 0;
  for (const Slice& slice : rest) chips += slice.chip_count();
  const std::int64_t left = std::min(chips / of->replica_chips, all(*of));
  const std::int64_t no_more = std::max(left, of->least - 1);
  if (const std::int64_t n = most(job, *of, no_more, pool, false); n > no_more) {
    restart(job, *of, n, Allocation(room_));
    return true;
  }
  for (std::int64_t n = left; n >= of->least; --n) {
    if (!fit(*of, n, pool)) continue;
    ask_for(job, *of, n);
    if (const Allocation on = first_of(rest, *of, n); scheduler_.may_start(job, on)) {
      restart(job, *of, n, on);
      return true;
    }
  }
  all_again(job);
  return false;
}

void ElasticJobs::restart(JobIndex job, const ElasticSizes& of, std::int64_t replicas, const Allocation& on) {
  ask_for(job, of, replicas);
  Candidate& candidate = admission_.candidates[job];
  const PoolIndex pool = cluster_.pool_of(on.front().server);
  if (!jobs_.states_estimate(job)) candidate.estimate_s = jobs_.predicted_s(job, {&pool, 1});
  scheduler_.restart(job, on, engine_.now());
}

void ElasticJobs::started(JobIndex job) {
  const ElasticSizes* of = find(job);
  if (of && jobs_.replicas(job) < all(*of)) look_later(job);
}

void ElasticJobs::look_later(JobIndex job) {
  waits_.erase(job);
  engine_.at(engine_.now() + find(job)->grow_s, Turn::record,
             Action::to<&ElasticJobs::look>(this, static_cast<std::uint64_t>(hooks_.start(job)) << 32 | job));
}

void ElasticJobs::look(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  if (!is_this(which)) return;
  const ElasticSizes& of = *find(job);
  const Allocation& held = scheduler_.allocation(job);
  const PoolIndex pool = cluster_.pool_of(held.front().server);
  if (!may_grow(job, held, pool) || most(job, of, jobs_.replicas(job), pool, true) <= jobs_.replicas(job))
    return look_later(job);
  const double next_s = jobs_.to_checkpoint_s(job, pool, engine_.now());
  if (!std::isfinite(next_s)) return look_later(job);
  waits_[job] = {.kept = jobs_.kept(job, pool, engine_.now())};
  engine_.at(engine_.now() + next_s, Turn::record, Action::to<&ElasticJobs::grow>(this, which));
}

bool ElasticJobs::may_grow(JobIndex job, const Allocation& held, PoolIndex pool) const {
  const auto out = [this](const Slice& slice) {
    for (ServerIndex i = 0; i < slice.servers; ++i)
      if (out_.out(slice.server + i)) return true;
    return false;
  };
  return hooks_.can_grow(job) && scheduler_.waiting_for(pool) == 0 && std::ranges::none_of(held, out);
}

void ElasticJobs::grow(std::uint64_t which) {
  const auto job = static_cast<JobIndex>(which);
  if (!is_this(which)) return;
  const ElasticSizes& of = *find(job);
  const Allocation& held = scheduler_.allocation(job);
  const PoolIndex pool = cluster_.pool_of(held.front().server);
  if (!may_grow(job, held, pool)) return look_later(job);
  Waits& waits = waits_[job];
  if (jobs_.kept(job, pool, engine_.now()) <= waits.kept) {
    if (++waits.looks == kMostCheckpointLooks) return look_later(job);
    engine_.at(engine_.now() + jobs_.rate(job).step_s(), Turn::record, Action::to<&ElasticJobs::grow>(this, which));
    return;
  }
  const std::int64_t replicas = most(job, of, jobs_.replicas(job), pool, true);
  if (replicas <= jobs_.replicas(job)) return look_later(job);
  waits_.erase(job);
  const Allocation on = room_;
  hooks_.give_back(job);
  restart(job, of, replicas, on);
}

bool any_elastic(const Workload& workload) {
  std::vector<bool> seen(workload.names.size(), false);
  for (const Job& job : workload.jobs) {
    if (job.type != JobType::training || seen[job.training]) continue;
    seen[job.training] = true;
    if (training_work(workload.names, job.training).elastic.least_replicas > 0) return true;
  }
  return false;
}

}  // namespace alight
