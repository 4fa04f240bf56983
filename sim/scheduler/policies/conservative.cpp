// conservative: every waiting job holds a reservation, and a later job starts early only where it delays none of them
// (A. Mu'alem and D. Feitelson, IEEE TPDS 12(6), 2001, section 2.2).
//
// The plan is a profile of free chips over time per pool (and of free quota per limited queue). A job that ends before
// its requested time, or servers that are delivered, bring room that was promised to nobody, so all reservations are
// then made anew in order of submission ("compression"); otherwise an arrival only adds its own. Reservations count
// chips: a job whose shape finds no room at its time keeps its place and is planned again at the next change. A mixed
// job reserves all its parts over one span of time, in the profile of each one's pool.

#include <algorithm>
#include <limits>
#include <set>

#include "sim/scheduler/policy.hpp"

namespace alight {
namespace {

/// Free amount over time: steps at ascending times, the last one lasting for ever.
class Profile {
 public:
  void reset(double now_s, std::int64_t free) { steps_.assign(1, {now_s, free}); }

  /// Adds `amount` from `from_s` on, for ever.
  void add_from(double from_s, std::int64_t amount) {
    for (std::size_t i = step_at(from_s); i < steps_.size(); ++i) steps_[i].free += amount;
  }
  /// Takes `amount` over [from_s, to_s).
  void take(double from_s, double to_s, std::int64_t amount) {
    add_from(from_s, -amount);
    if (to_s < std::numeric_limits<double>::infinity()) add_from(to_s, amount);
  }
  /// The first time at or after `from_s` from which `amount` stays free for `length_s`.
  double earliest(double from_s, double length_s, std::int64_t amount) const {
    double start_s = from_s;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const double end_s = i + 1 < steps_.size() ? steps_[i + 1].time_s : std::numeric_limits<double>::infinity();
      if (end_s <= start_s) continue;
      if (steps_[i].free < amount)
        start_s = end_s;
      else if (end_s >= start_s + length_s)
        break;
    }
    return start_s;
  }

 private:
  struct Step {
    double time_s;
    std::int64_t free;
  };
  std::size_t step_at(double time_s) {
    auto it = std::lower_bound(steps_.begin(), steps_.end(), time_s,
                               [](const Step& step, double t) { return step.time_s < t; });
    if (it != steps_.end() && it->time_s == time_s) return static_cast<std::size_t>(it - steps_.begin());
    if (it == steps_.begin()) return 0;
    it = steps_.insert(it, {time_s, std::prev(it)->free});
    return static_cast<std::size_t>(it - steps_.begin());
  }
  std::vector<Step> steps_;
};

class Conservative : public Policy {
 public:
  void add(JobIndex job, const Scheduler& s) override { fresh_.push_back({-s.job(job).priority, job}); }
  void withdraw(JobIndex job, const Scheduler& s) override {
    const Place place{-s.job(job).priority, job};
    std::erase(fresh_, place);
    if (waiting_.erase(place) > 0) stale_ = true;
  }

  void decide(Scheduler& s) override {
    // Room that was promised to nobody: a job ended, or servers were delivered.
    std::uint64_t releases = 0;
    for (PoolIndex p = 0; p < s.cluster().pools(); ++p) releases += s.cluster().releases(p);
    if (releases != releases_) stale_ = true;
    releases_ = releases;
    // A job of higher priority than one already planned goes before it: all are planned anew.
    for (const Place& place : fresh_) {
      if (!waiting_.empty() && place < *waiting_.rbegin()) stale_ = true;
      waiting_.insert(place);
    }
    if (stale_) {
      stale_ = false;
      reset(s);
      plan_.assign(waiting_.begin(), waiting_.end());
    } else {
      plan_ = fresh_;
    }
    fresh_.clear();
    for (const Place& place : plan_) {
      reserve(s, place);
      if (s.asks_again()) return;  // and the plan is stale, since jobs gave chips back
    }
  }

 private:
  using Place = std::pair<std::int32_t, JobIndex>;

  void reset(const Scheduler& s) {
    const std::size_t pools = s.cluster().pools();
    pool_profiles_.resize(pools);
    queue_profiles_.resize(s.queues().size());
    pool_awaited_.assign(pools, false);
    queue_awaited_.assign(s.queues().size(), false);
    for (PoolIndex p = 0; p < pools; ++p) {
      pool_profiles_[p].reset(s.now(), s.cluster().free_chips(p));
      for (const Running& run : s.running(p))
        if (run.chips > 0) pool_profiles_[p].add_from(std::max(s.now(), run.estimated_end_s), run.chips);
    }
    for (std::size_t q = 0; q < s.queues().size(); ++q) {
      const Queue& queue = s.queues()[q];
      if (!queue.limited()) continue;
      queue_profiles_[q].reset(s.now(), queue.quota_milli - queue.used_milli);
      for (const Running& run : s.running_of_queue(q))
        queue_profiles_[q].add_from(std::max(s.now(), run.estimated_end_s), s.milli(run.job));
    }
  }

  // Finds the job's earliest place in the plan, and starts it when that is now.
  void reserve(Scheduler& s, const Place& place) {
    const JobIndex job = place.second;
    if (s.request(job).mixed != 0) return reserve_parts(s, place);
    const std::int64_t chips = s.request(job).fractional() ? 0 : s.request(job).chips;
    const std::uint16_t queue = s.job(job).queue;
    double start_s = std::numeric_limits<double>::infinity();
    PoolIndex pool = 0;
    for (const PoolIndex p : s.pools(job)) {
      const double t = earliest(s, job, p, chips, queue);
      if (t < start_s) {
        start_s = t;
        pool = p;
      }
    }
    const PoolIndex only[] = {pool};
    const bool starts = start_s <= s.now() && s.within_quota(job) && s.try_start(job, only);
    if (!starts && preempts(s, place)) return;
    if (start_s == std::numeric_limits<double>::infinity()) return;
    const double end_s = start_s + s.estimate_on(job, pool);
    if (starts) {
      waiting_.erase(place);
    } else {
      if (start_s <= s.now()) stale_ = true;
      await(s, job, only);
    }
    pool_profiles_[pool].take(start_s, end_s, chips);
    if (s.queues()[queue].limited()) queue_profiles_[queue].take(start_s, end_s, s.milli(job));
  }

  void reserve_parts(Scheduler& s, const Place& place) {
    const JobIndex job = place.second;
    const std::uint16_t queue = s.job(job).queue;
    const bool limited = s.queues()[queue].limited();
    const double length_s = s.estimate_on(job, s.pools(job).front());
    const auto chips = [&](const RequestPart& part) { return s.milli(part) / 1000; };
    double start_s = s.now();
    for (double before_s = -1; start_s != before_s;) {
      before_s = start_s;
      for (const RequestPart& part : s.parts(job))
        start_s = pool_profiles_[part.pool].earliest(start_s, length_s, chips(part));
      if (limited) start_s = queue_profiles_[queue].earliest(start_s, length_s, s.milli(job));
    }
    const bool starts = start_s <= s.now() && s.within_quota(job) && s.try_start(job, s.pools(job));
    if (!starts && preempts(s, place)) return;
    if (start_s == std::numeric_limits<double>::infinity()) return;
    if (starts) {
      waiting_.erase(place);
    } else {
      if (start_s <= s.now()) stale_ = true;
      await(s, job, s.pools(job));
    }
    for (const RequestPart& part : s.parts(job))
      pool_profiles_[part.pool].take(start_s, start_s + length_s, chips(part));
    if (limited) queue_profiles_[queue].take(start_s, start_s + length_s, s.milli(job));
  }

  // Others lose their chips to it only where nobody planned before it waits. The plan is then of jobs that run no more.
  bool preempts(Scheduler& s, const Place& place) {
    const JobIndex job = place.second;
    if (!s.outranks(job) || !s.within_quota(job)) return false;
    if (s.queues()[s.job(job).queue].limited() && queue_awaited_[s.job(job).queue]) return false;
    std::vector<PoolIndex> clear;
    for (const PoolIndex p : s.pools(job))
      if (!pool_awaited_[p]) clear.push_back(p);
    if (clear.empty() || (s.request(job).mixed != 0 && clear.size() < s.pools(job).size())) return false;
    if (!s.start_by_preempting(job, clear)) return false;
    waiting_.erase(place);
    return true;
  }
  void await(const Scheduler& s, JobIndex job, std::span<const PoolIndex> pools) {
    for (const PoolIndex p : pools) pool_awaited_[p] = true;
    queue_awaited_[s.job(job).queue] = true;
  }

  double earliest(const Scheduler& s, JobIndex job, PoolIndex p, std::int64_t chips, std::uint16_t queue) const {
    const double length_s = s.estimate_on(job, p);
    double t = s.now();
    for (;;) {
      const double by_pool = pool_profiles_[p].earliest(t, length_s, chips);
      if (!s.queues()[queue].limited() || by_pool == std::numeric_limits<double>::infinity()) return by_pool;
      t = queue_profiles_[queue].earliest(by_pool, length_s, s.milli(job));
      if (t == by_pool || t == std::numeric_limits<double>::infinity()) return t;
    }
  }

  std::vector<Place> fresh_, plan_;
  std::set<Place> waiting_;
  bool stale_ = true;
  std::vector<char> pool_awaited_, queue_awaited_;  ///< some planned job waits for it; [pool], [queue]
  std::uint64_t releases_ = 0;                      ///< of all pools, when last asked
  std::vector<Profile> pool_profiles_;              ///< [pool] chips
  std::vector<Profile> queue_profiles_;             ///< [queue] thousandths of chips, where limited
};

}  // namespace

PolicyEntry conservative_policy() {
  return {"conservative", "Every waiting job holds a reservation; later jobs start early where they delay none.",
          [] { return std::make_unique<Conservative>(); }};
}

}  // namespace alight
