// The replicas of one service: who is there, which request is with whom, and what becomes of it.
//
// A request is routed when it arrives; a replica takes it into its line. Where no replica serves it waits for one to
// start. With split pools a prefill replica makes its first token; its keys and values are then sent to a decode
// replica, whose line it joins when they are there (they wait in the host's memory, not in blocks), while the prefill
// replica's blocks are held until they have left. If its replica fails, it is sent anew from its prompt, as often as
// allowed. Each request ends in exactly one way (service_results.hpp).
//
// Like a replica, a fleet is driven by somebody's clock: `play(t)` plays all up to and at t in order of time, then of
// replica; arrivals at t are told before `play(t)`, after `catch_up(t)`. What it knows of its replicas for routing and
// scaling are whole requests, so both ways of playing them route alike.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "sim/serving/due_heap.hpp"
#include "sim/serving/fleet_config.hpp"
#include "sim/serving/replica.hpp"
#include "workloads/requests/request.hpp"

namespace alight {

enum class ReplicaState : std::uint8_t { off, starting, serving, draining };

/// How a replica has spent its time, for the ledger. Between starts it is nobody's.
struct ReplicaHours {
  Ticks starting = 0, serving = 0;  ///< draining is serving
  ReplicaTotals totals;             ///< busy and what was computed; serving - busy is time without requests
};

class Fleet {
 public:
  /// `trace` and `around` outlive it. Throws std::invalid_argument for pools that cannot work together.
  Fleet(const FleetConfig& config, const RequestTrace& trace, FleetSurroundings& around);

  void arrive(std::uint32_t request, Ticks t);
  void started(std::uint64_t ticket, Ticks t);
  void transferred(std::uint64_t ticket, Ticks t);
  /// A replica has failed; it is off until `start`.
  void lose(std::uint32_t replica, Ticks t);
  void start(std::uint32_t replica, Ticks t);
  /// The iterations of one take the time of `lines`, which outlive the fleet, from now on (null: of its pool's own), on
  /// chips the slowest of which has `speed`. What routes and scales knows of neither.
  void pace_by(std::uint32_t replica, IterationLines* lines, double speed, Ticks t);
  /// Brings the replicas that serve or start to `replicas`: starts those that are off, drains those with least to do.
  /// What lends a pool's chips, and takes them back, calls this; an autoscaler may call for more again.
  void resize(std::size_t pool, std::int64_t replicas, Ticks t);
  /// The bounds of the pool's autoscaler from its next look on.
  void set_bounds(std::size_t pool, std::int64_t min, std::int64_t max);

  void catch_up(Ticks t) {
    while (next_change() < t) play_next();
  }
  void play(Ticks t) {
    while (next_change() <= t) play_next();
  }
  Ticks next_change() const { return std::min(due_.first(), next_look_); }
  /// When an autoscaler next looks.
  Ticks next_look() const { return next_look_; }
  /// Nobody looked before `t`: what looks of then would have done does not happen.
  void skip_looks(Ticks t) {
    if (next_look_ < t) next_look_ += (t - next_look_ + look_every_ - 1) / look_every_ * look_every_;
  }
  bool any_draining() const;
  bool any_due() const { return due_.first() < kNever; }  ///< any replica
  /// No more arrivals and nothing in flight: requests that still wait for a replica end here.
  void close(Ticks t);

  std::size_t replicas() const { return members_.size(); }
  std::size_t pool_of(std::uint32_t replica) const { return members_[replica].pool; }
  ReplicaState state(std::uint32_t replica) const { return members_[replica].state; }
  const ReplicaLoad& load(std::uint32_t replica) const { return loads_[replica]; }
  Replica& engine(std::uint32_t replica) { return *members_[replica].engine; }
  ReplicaHours hours(std::uint32_t replica, Ticks t) const;
  std::int64_t serving(std::size_t pool) const { return count(pool, ReplicaState::serving); }
  std::int64_t starting(std::size_t pool) const { return count(pool, ReplicaState::starting); }
  std::int64_t in_flight() const { return in_flight_; }
  const ServiceResults& results() const { return results_; }
  ServiceResults take_results() { return std::move(results_); }

 private:
  struct Member {
    std::size_t pool = 0;
    std::unique_ptr<Replica> engine;
    ReplicaState state = ReplicaState::off;
    std::uint64_t ticket = 0;  ///< of the start under way
    Ticks since = 0;           ///< of the state
    Ticks starting = 0, serving = 0;
  };
  struct PoolState {
    std::unique_ptr<IterationLines> lines;
    Autoscaler scaler;
    Autoscale scale;
    std::int64_t longest = 0;  ///< request that fits
    std::int64_t first_tokens = 0, in_time = 0;
  };
  /// A request on its way.
  struct Active {
    std::uint32_t request = 0, replica = kNobody, source = kNobody;
    std::uint16_t retries = 0;
    bool held_back = false;    ///< prefilled, and no decode replica serves
    std::uint64_t ticket = 0;  ///< of the transfer under way
    Ticks first = kNever;
    double tokens = 0;
    double outside_s = 0;  ///< spent outside of iterations before its first token is seen
  };
  static constexpr std::uint32_t kNobody = 0xffffffff;

  void play_next();
  void look(Ticks t);
  void changed(std::uint32_t replica);

  // Requests (fleet_requests.cpp).
  void send(std::uint32_t id, Ticks t);
  void hand_over(std::uint32_t id, Ticks t);
  void receive(std::uint32_t id, Ticks t);
  void hear(std::uint32_t replica);
  void assign(std::uint32_t id, std::uint32_t replica);
  void unassign(Active& a);
  void end(std::uint32_t id, RequestEnd how, std::uint32_t tokens, Ticks t);
  void finish(const Active& a, const Request& request, double end_s);
  void retry(std::uint32_t id, std::uint32_t tokens, Ticks t);
  std::uint32_t pick(bool second_half, const Active& a, Ticks t);
  bool fits(std::size_t pool, const Request& request) const;
  ReplicaRequest ask_of(std::uint32_t id) const;
  Ticks deadline_of(const Request& request) const;

  // Replicas (fleet.cpp).
  std::uint32_t add_member(std::size_t pool);
  void enter(std::uint32_t replica, ReplicaState state, Ticks t);
  void drained(std::uint32_t replica, Ticks t);
  std::int64_t count(std::size_t pool, ReplicaState state) const;
  bool second_half(std::size_t pool) const { return config_.pools[pool].replica.role == ReplicaRole::decode; }

  FleetConfig config_;
  const RequestTrace* trace_;
  FleetSurroundings* around_;
  Router router_, second_router_;
  PrefixDirectory directory_;
  std::vector<PoolState> pools_;
  std::vector<Member> members_;
  std::vector<ReplicaLoad> loads_;
  std::vector<std::uint32_t> open_[2];  ///< that serve: first half or all of a request; second half
  std::vector<std::uint32_t> fitting_;  ///< of these, for one request
  DueHeap due_;
  std::vector<Active> active_;
  std::vector<std::uint32_t> free_;
  std::deque<std::uint32_t> waiting_[2];  ///< for a replica to serve
  std::int64_t in_flight_ = 0;
  std::uint64_t tickets_ = 0;
  Ticks look_every_ = 0, next_look_ = kNever;
  ServiceResults results_;
};

}  // namespace alight
