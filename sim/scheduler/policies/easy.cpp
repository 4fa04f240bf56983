// easy: first come, first served, with backfilling that never delays the head of a queue (D. Lifka, "The ANL/IBM SP
// scheduling system", JSSPP 1995; the textbook variant with spare nodes: A. Mu'alem and D. Feitelson, IEEE TPDS 12(6),
// 2001).
//
// At every decision the waiting jobs are looked at in order. The first of a queue that cannot start gets a reservation:
// its shadow time, when by the requested times of the running jobs there will be room for it, and the spare chips that
// will be free then beside it. A later job starts now if there is room now and, for every reservation it could touch,
// its requested time ends by the shadow time or it fits into the spare chips. Running jobs are counted free in the
// order of their ends, one by one, until the head fits: of several that end at the shadow time only as many as it
// takes.
//
// A mixed head gets a reservation in each of its pools, all with one shadow time: when the last of its parts has room.
// A mixed job that is to go before a head must be harmless with every part of it.

#include <algorithm>
#include <limits>

#include "sim/scheduler/policies/lanes.hpp"
#include "sim/scheduler/policies/reservation.hpp"
#include "sim/scheduler/policy.hpp"

namespace alight {
namespace {

// Passing over jobs compares differences of times, starting them compares times: the slack keeps rounding from hiding a
// job that may start.
constexpr double kSlackS = 1e-3;

class Easy : public Policy {
 public:
  void add(JobIndex job, const Scheduler& scheduler) override { lanes_.add(job, scheduler); }
  void withdraw(JobIndex job, const Scheduler& scheduler) override { lanes_.remove(job, scheduler); }

  void decide(Scheduler& s) override {
    reservations_.clear();
    queue_blocked_.assign(s.queues().size(), false);
    auto& lanes = lanes_.all();
    cursor_.assign(lanes.size(), 0);
    for (std::size_t l = 0; l < lanes.size(); ++l) cursor_[l] = first_candidate(s, lanes[l], 0);
    for (;;) {
      std::size_t best = lanes.size();
      for (std::size_t l = 0; l < lanes.size(); ++l)
        if (cursor_[l] != Lane::kNone &&
            (best == lanes.size() || before(lanes[l], cursor_[l], lanes[best], cursor_[best])))
          best = l;
      if (best == lanes.size()) return;
      Lane& lane = lanes[best];
      const std::size_t position = cursor_[best];
      if (start_if_harmless(s, lane.job(position))) {
        lane.remove(position);
        if (s.asks_again()) return;
      } else if (!queue_blocked_[lane.queue]) {
        queue_blocked_[lane.queue] = true;
        reserve(s, lane.job(position));
      }
      cursor_[best] = first_candidate(s, lane, position + 1);
    }
  }

 private:
  static bool before(const Lane& a, std::size_t i, const Lane& b, std::size_t j) {
    return a.priority != b.priority ? a.priority > b.priority : a.job(i) < b.job(j);
  }

  // Every job of an unblocked queue is looked at; behind a blocked head only those that could pass the reservations,
  // judged by the most generous of the lane's pools.
  std::size_t first_candidate(const Scheduler& s, const Lane& lane, std::size_t from) const {
    if (lane.empty()) return Lane::kNone;
    if (!queue_blocked_[lane.queue] || s.outranks(lane.priority)) return lane.next(from, kPlenty, kForever, kPlenty);
    std::int64_t free = -1, spare = -1;
    double window_s = -kForever;
    for (const PoolIndex p : s.requests().pool_list(lane.eligible)) {
      double pool_window_s = kForever;
      std::int64_t pool_spare = kPlenty;
      for (const Reservation& r : reservations_) {
        if (r.pool != p) continue;
        pool_window_s = std::min(pool_window_s, r.shadow_s - s.now() + kSlackS);
        // Where the head's shape counts, a job on servers that the head cannot use costs it nothing, whatever its size.
        if (r.plain) pool_spare = std::min(pool_spare, r.spare_chips);
      }
      free = std::max(free, s.cluster().free_chips(p));
      window_s = std::max(window_s, pool_window_s);
      spare = std::max(spare, pool_spare);
    }
    return lane.next(from, free, window_s, spare);
  }

  bool start_if_harmless(Scheduler& s, JobIndex job) {
    if (!s.within_quota(job)) return false;
    if (reservations_.empty()) return s.try_start(job);
    return (s.request(job).mixed != 0 ? start_parts_if_harmless(s, job) : start_one_if_harmless(s, job)) ||
           (s.outranks(job) && preempt_if_harmless(s, job));
  }

  bool start_one_if_harmless(Scheduler& s, JobIndex job) {
    for (const PoolIndex p : s.pools(job)) {
      const PoolIndex only[] = {p};
      if (!s.fits(job, only)) continue;
      const double end_s = s.now() + s.estimate_on(job, p);
      const bool plain = std::all_of(reservations_.begin(), reservations_.end(),
                                     [&](const Reservation& r) { return r.pool != p || r.plain; });
      if (plain && !harmless(s, job, {p, chips_taken(s, job), {}}, end_s)) continue;
      if (!s.find(job, only, found_)) continue;
      const Piece piece{p, chips_taken(s, job), found_};
      if (!plain && !harmless(s, job, piece, end_s)) continue;
      for (Reservation& r : reservations_) {
        if (end_s <= r.shadow_s) continue;
        charge(s, r, piece);
        charge_quota(s, r, job);
      }
      s.start(job, found_);
      return true;
    }
    return false;
  }

  // Others lose their chips to it only where nobody before it waits for room.
  bool preempt_if_harmless(Scheduler& s, JobIndex job) {
    clear_.clear();
    for (const PoolIndex p : s.pools(job))
      if (std::none_of(reservations_.begin(), reservations_.end(), [&](const Reservation& r) { return r.pool == p; }))
        clear_.push_back(p);
    if (clear_.empty() || (s.request(job).mixed != 0 && clear_.size() < s.pools(job).size())) return false;
    for (const Reservation& r : reservations_)
      if (r.queue == s.job(job).queue && s.milli(job) > r.spare_quota_milli) return false;
    if (!s.start_by_preempting(job, clear_)) return false;
    for (Reservation& r : reservations_) charge_quota(s, r, job);
    return true;
  }

  // The same for a job that lies in several pools: each part of it is measured in its own.
  bool start_parts_if_harmless(Scheduler& s, JobIndex job) {
    if (!s.find(job, s.pools(job), found_)) return false;
    const double end_s = s.now() + s.estimate_on(job, s.pools(job).front());
    pieces_.clear();
    for_each_pool(s.cluster(), found_, [&](PoolIndex p, Slices slices) {
      std::int64_t chips = 0;
      for (const Slice& slice : slices) chips += slice.chip_count();
      pieces_.push_back({p, chips, slices});
    });
    for (const Piece& piece : pieces_)
      if (!harmless(s, job, piece, end_s)) return false;
    for (Reservation& r : reservations_) {
      if (end_s <= r.shadow_s) continue;
      for (const Piece& piece : pieces_) charge(s, r, piece);
      charge_quota(s, r, job);
    }
    s.start(job, found_);
    return true;
  }

  // What a job takes of one pool.
  struct Piece {
    PoolIndex pool;
    std::int64_t chips;
    Slices slices;
  };
  static std::int64_t chips_taken(const Scheduler& s, JobIndex job) {
    return s.request(job).fractional() ? 1 : s.milli(job) / 1000;
  }

  bool harmless(const Scheduler& s, JobIndex job, const Piece& piece, double end_s) const {
    for (const Reservation& r : reservations_) {
      if (end_s <= r.shadow_s) continue;
      if (r.pool == piece.pool && cost(s, r, piece) > r.spare_chips) return false;
      if (r.queue == s.job(job).queue && s.milli(job) > r.spare_quota_milli) return false;
    }
    return true;
  }

  // Units of the reserved request that the job would take away at the shadow time.
  static std::int64_t cost(const Scheduler& s, const Reservation& r, const Piece& piece) {
    if (r.plain) return piece.chips;
    std::int64_t units = 0;
    for_each_server(piece.slices,
                    [&](ServerIndex server) { units += r.units[server - s.cluster().first_server(r.pool)]; });
    return units;
  }

  static void charge(const Scheduler& s, Reservation& r, const Piece& piece) {
    if (r.pool != piece.pool) return;
    r.spare_chips -= cost(s, r, piece);
    // A server charged once counts as lost to the head, whatever part of it the job takes: on the safe side.
    if (!r.plain)
      for_each_server(piece.slices,
                      [&](ServerIndex server) { r.units[server - s.cluster().first_server(r.pool)] = 0; });
  }
  static void charge_quota(const Scheduler& s, Reservation& r, JobIndex job) {
    if (r.queue == s.job(job).queue && r.spare_quota_milli != kPlenty) r.spare_quota_milli -= s.milli(job);
  }

  void reserve(const Scheduler& s, JobIndex job) {
    Reservation best;
    const double from_s = when_quota_is_free(s, job);
    if (s.request(job).mixed != 0) return reserve_parts(s, job, from_s);
    for (const PoolIndex p : s.pools(job)) {
      Reservation r = when_room(s, job, p, from_s);
      if (r.shadow_s < best.shadow_s) best = std::move(r);
    }
    promise(s, job, std::move(best));
  }

  void reserve_parts(const Scheduler& s, JobIndex job, double from_s) {
    double shadow_s = from_s;
    for (const RequestPart& part : s.parts(job))
      shadow_s = std::max(shadow_s, when_it_fits(s, s.requests()[part.request], part.pool, from_s).shadow_s);
    // What is free beside the head is counted when its last part has room.
    for (const RequestPart& part : s.parts(job))
      promise(s, job, when_it_fits(s, s.requests()[part.request], part.pool, shadow_s));
  }

  void promise(const Scheduler& s, JobIndex job, Reservation r) {
    r.queue = s.job(job).queue;
    if (s.queues()[r.queue].limited()) wait_for_quota(s, job, r);
    reservations_.push_back(std::move(r));
  }

  static void wait_for_quota(const Scheduler& s, JobIndex job, Reservation& r) {
    const Queue& queue = s.queues()[r.queue];
    const std::int64_t need = s.milli(job);
    std::int64_t left = queue.quota_milli - queue.used_milli;
    double shadow_s = s.now();
    for (const Running& run : s.running_of_queue(r.queue)) {
      if (left >= need && run.estimated_end_s > std::max(shadow_s, r.shadow_s)) break;
      if (left < need) shadow_s = std::max(s.now(), run.estimated_end_s);
      left += s.milli(run.job);
    }
    r.shadow_s = std::max(r.shadow_s, shadow_s);
    r.spare_quota_milli = left - need;
  }

  Lanes lanes_;
  std::vector<std::size_t> cursor_;
  std::vector<Reservation> reservations_;
  std::vector<char> queue_blocked_;
  Allocation found_;
  std::vector<Piece> pieces_;     ///< of found_
  std::vector<PoolIndex> clear_;  ///< that nobody has a reservation in
};

}  // namespace

PolicyEntry easy_policy() {
  return {"easy", "First come, first served; later jobs are started early where they do not delay the head of a queue.",
          [] { return std::make_unique<Easy>(); }};
}

}  // namespace alight
