// easy_bf_fast: the cheap variant of EASY that Batsim's scheduler Batsched has under this name
// (src/algo/easy_bf_fast.cpp of Batsched; not its code). Beside `easy`:
//
// - The first job that finds no room becomes the head and is promised a time once: when, by the requested times of the
//   running jobs, enough of them will have ended. The promise is kept as it was made, however early jobs end.
// - Every requested time counts 5 s more, Batsched's default for what the resource manager takes to end a job.
// - A later job starts before the head only if it will have ended by the promised time. Chips that would be spare then
//   do not count.
// - Waiting jobs are looked at only when some job has ended: where the head starts then, in order up to the next that
//   finds no room, the new head; then those behind that its promise allows. Jobs that just arrived are tried after
//   them.
//
// Said there for one queue. Here each queue has a head of its own; a job that is no head must end by the promises of
// all heads that wait for a pool it may run in.

#include <algorithm>
#include <deque>
#include <limits>
#include <optional>

#include "sim/scheduler/policies/lanes.hpp"
#include "sim/scheduler/policies/reservation.hpp"
#include "sim/scheduler/policy.hpp"

namespace alight {
namespace {

/// Batsched's --rjms_delay, s.
constexpr double kManagerS = 5.0;

class EasyBfFast : public Policy {
 public:
  // In order of submission: one that waits again may be older than what just arrived.
  void add(JobIndex job, const Scheduler&) override {
    arrived_.insert(std::upper_bound(arrived_.begin(), arrived_.end(), job), job);
  }
  void withdraw(JobIndex job, const Scheduler& s) override {
    if (std::erase(arrived_, job) > 0) return;
    std::optional<Head>& head = heads_[s.job(job).queue];
    if (!head || head->job != job) return lanes_.remove(job, s);
    *head = {.gone = true};
    releases_ = kNeverCounted;
  }

  void decide(Scheduler& s) override {
    heads_.resize(s.queues().size());
    if (room_came(s))
      for (std::size_t q = 0; q < heads_.size() && !s.asks_again(); ++q) serve(s, q);
    while (!arrived_.empty() && !s.asks_again()) {
      const JobIndex job = arrived_.front();
      arrived_.pop_front();
      if (start(s, job)) continue;
      std::optional<Head>& head = heads_[s.job(job).queue];
      if (head)
        lanes_.add(job, s);
      else
        head = promise(s, job);
    }
  }

 private:
  struct Head {
    JobIndex job = 0;
    double by_s = kForever;  ///< what must not hinder it has ended by then
    bool gone = false;       ///< it waits no longer, and those behind it are to be looked at
  };

  // Chips or quota that were not there at the last decision.
  bool room_came(const Scheduler& s) {
    std::uint64_t releases = 0;
    for (PoolIndex p = 0; p < s.cluster().pools(); ++p) releases += s.cluster().releases(p);
    return std::exchange(releases_, releases) != releases;
  }

  void serve(Scheduler& s, std::size_t q) {
    std::optional<Head>& head = heads_[q];
    if (!head) return;
    if (head->gone || s.try_start(head->job)) head.reset();
    for (std::optional<Position> at = first(s, q); at && !s.asks_again(); at = next(s, q, *at)) {
      const JobIndex job = at->lane->job(at->position);
      if (start(s, job)) {
        at->lane->remove(at->position);
      } else if (!head) {
        at->lane->remove(at->position);
        head = promise(s, job);
      }
    }
    // A preemption ended the decision before all were looked at: the next one goes on with those.
    if (!head && first(s, q)) {
      head = Head{.gone = true};
      releases_ = kNeverCounted;
    }
  }

  bool start(Scheduler& s, JobIndex job) {
    if (!s.within_quota(job)) return false;
    for (const PoolIndex p : s.pools(job))
      if (s.now() + s.estimate_on(job, p) + kManagerS <= promised_s(s, p) && s.request(job).mixed == 0) {
        const PoolIndex only[] = {p};
        if (s.try_start(job, only)) return true;
      }
    if (s.request(job).mixed == 0) return preempt(s, job);
    const double end_s = s.now() + s.estimate_on(job, s.pools(job).front()) + kManagerS;
    const auto parts = s.parts(job);
    return std::all_of(parts.begin(), parts.end(),
                       [&](const RequestPart& part) { return end_s <= promised_s(s, part.pool); }) &&
           s.try_start(job);
  }
  // In the pools where it will have ended by the promises made.
  bool preempt(Scheduler& s, JobIndex job) {
    if (!s.outranks(job)) return false;
    std::vector<PoolIndex> pools;
    for (const PoolIndex p : s.pools(job))
      if (s.now() + s.estimate_on(job, p) + kManagerS <= promised_s(s, p)) pools.push_back(p);
    return !pools.empty() && s.start_by_preempting(job, pools);
  }

  // The first promise made to a head that waits for the pool.
  double promised_s(const Scheduler& s, PoolIndex p) const {
    double by_s = kForever;
    for (const auto& head : heads_)
      if (head && std::ranges::find(s.pools(head->job), p) != s.pools(head->job).end())
        by_s = std::min(by_s, head->by_s);
    return by_s;
  }

  static Head promise(const Scheduler& s, JobIndex job) {
    const double from_s = when_quota_is_free(s, job);
    double at_s = kForever;
    if (s.request(job).mixed != 0) {
      at_s = from_s;
      for (const RequestPart& part : s.parts(job))
        at_s = std::max(at_s, when_it_fits(s, s.requests()[part.request], part.pool, from_s).shadow_s);
    } else {
      for (const PoolIndex p : s.pools(job)) at_s = std::min(at_s, when_room(s, job, p, from_s).shadow_s);
    }
    return {.job = job, .by_s = at_s + kManagerS};
  }

  // -- The waiting jobs of a queue in order, over all its lanes.
  struct Position {
    Lane* lane;
    std::size_t position;
  };
  std::optional<Position> first(const Scheduler& s, std::size_t q) {
    cursor_.assign(lanes_.all().size(), Lane::kNone);
    for (std::size_t l = 0; l < cursor_.size(); ++l)
      if (lanes_.all()[l].queue == q) advance(s, l, 0);
    return best();
  }
  std::optional<Position> next(const Scheduler& s, std::size_t q, const Position& at) {
    const auto l = static_cast<std::size_t>(at.lane - lanes_.all().data());
    advance(s, l, at.position + 1);
    if (heads_[q])  // others may have been passed over to before there was a promise
      for (std::size_t other = 0; other < cursor_.size(); ++other)
        if (other != l && cursor_[other] != Lane::kNone) advance(s, other, cursor_[other]);
    return best();
  }
  // Behind a head only what could end by its promise, in the most generous of the lane's pools.
  void advance(const Scheduler& s, std::size_t l, std::size_t from) {
    const Lane& lane = lanes_.all()[l];
    if (lane.empty()) {
      cursor_[l] = Lane::kNone;
    } else if (!heads_[lane.queue] || s.outranks(lane.priority)) {
      cursor_[l] = lane.next(from, kPlenty, kForever, kPlenty);
    } else {
      std::int64_t free = -1;
      double window_s = -kForever;
      for (const PoolIndex p : s.requests().pool_list(lane.eligible)) {
        free = std::max(free, s.cluster().free_chips(p));
        window_s = std::max(window_s, promised_s(s, p) - s.now() - kManagerS + kRoundingS);
      }
      cursor_[l] = lane.next(from, free, window_s, -1);
    }
  }
  std::optional<Position> best() {
    auto& lanes = lanes_.all();
    std::size_t best = lanes.size();
    for (std::size_t l = 0; l < lanes.size(); ++l)
      if (cursor_[l] != Lane::kNone && (best == lanes.size() || before(l, best))) best = l;
    if (best == lanes.size()) return std::nullopt;
    return Position{&lanes[best], cursor_[best]};
  }
  bool before(std::size_t a, std::size_t b) {
    const Lane &x = lanes_.all()[a], &y = lanes_.all()[b];
    return x.priority != y.priority ? x.priority > y.priority : x.job(cursor_[a]) < y.job(cursor_[b]);
  }

  // Passing over jobs compares differences of times, starting them compares times: the slack keeps rounding from hiding
  // a job that may start.
  static constexpr double kRoundingS = 1e-3;

  Lanes lanes_;
  std::vector<std::size_t> cursor_;
  std::deque<JobIndex> arrived_;
  std::vector<std::optional<Head>> heads_;  ///< [queue]
  static constexpr std::uint64_t kNeverCounted = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t releases_ = 0;
};

}  // namespace

PolicyEntry easy_bf_fast_policy() {
  return {
      "easy_bf_fast",
      "Batsched's cheap EASY: the head is promised a time once, requested times count 5 s more, a later job must end "
      "by that time.",
      [] { return std::make_unique<EasyBfFast>(); }};
}

}  // namespace alight
