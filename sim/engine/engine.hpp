// The clock of a run: one deterministic queue of events, advanced by one SimGrid timer.
//
// Events are ordered by (time, turn, order of posting). SimGrid is asked to move only where something shared needs its
// clock: without open activities the queue is drained inside one timer, because a timer per event costs more than the
// event (see docs/design.md). `lockstep` moves SimGrid to every instant; both give the same run.
//
// One process holds one Engine (SimGrid keeps global state). Not thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/engine/simgrid_clock.hpp"

namespace alight {

/// What happens within one instant, in this order.
enum class Turn : std::uint8_t {
  condition,  ///< chips are delivered, fail, lose power
  runtime,    ///< jobs finish or are re-dated
  arrival,    ///< jobs are submitted
  decision,   ///< the policy starts jobs
  sharing,    ///< those who share links go at new rates
  record,     ///< recorders look
};

/// A call with one argument, cheap to store: no allocation per event.
class Action {
 public:
  Action() = default;
  /// Calls `(object->*Method)(argument)`.
  template <auto Method, class T>
  static Action to(T* object, std::uint64_t argument = 0) {
    return Action{[](void* o, std::uint64_t a) { (static_cast<T*>(o)->*Method)(a); }, object, argument};
  }
  void operator()() const { call_(object_, argument_); }

 private:
  Action(void (*call)(void*, std::uint64_t), void* object, std::uint64_t argument)
      : call_(call), object_(object), argument_(argument) {}
  void (*call_)(void*, std::uint64_t) = nullptr;
  void* object_ = nullptr;
  std::uint64_t argument_ = 0;
};

/// Work that SimGrid advances between the instants of the queue (shared_tasks.hpp).
class Paced {
 public:
  virtual ~Paced() = default;
  /// SimGrid's clock stands at `now_s`: posts, for this very instant, what it has reached, in an order of its own.
  virtual void reached(double now_s) = 0;
  /// When it next wants to be asked, besides at each instant of the queue; infinite: not before SimGrid calls.
  virtual double next_s() const = 0;
  virtual bool any_open() const = 0;
  /// The run is over: drops what is open.
  virtual void close_all() = 0;
};

class Engine {
 public:
  enum class End { finished, horizon, interrupted };

  explicit Engine(bool lockstep = false, const PopulateSimgrid& populate = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  double now() const { return now_; }

  /// Posts `action` for `time_s` (not before now; a past or non-finite time is our own bug).
  void at(double time_s, Turn turn, Action action);

  /// Runs until no event is left, `horizon_s` is reached (events at the horizon itself still happen), or `interrupt`
  /// becomes true between two instants. Exceptions thrown by actions leave through here.
  End run(double horizon_s, const std::atomic<bool>& interrupt);

  /// Asks `paced`, which outlives all runs, at every instant; moves SimGrid to each from now on.
  void follow(Paced* paced);
  /// Plays the instant SimGrid's clock stands at; may be called from SimGrid's signals.
  void wake();

  /// Called between instants every 65,536 instants; for progress on a terminal. Must not post events.
  void on_progress(std::function<void(double now_s)> report) { progress_ = std::move(report); }

  std::uint64_t events() const { return processed_; }

 private:
  struct Event {
    double time;
    std::uint64_t rank;  ///< turn in the top byte, order of posting below: one comparison breaks ties
    Action action;
  };
  static bool later(const Event& a, const Event& b) { return a.time != b.time ? a.time > b.time : a.rank > b.rank; }
  void drain();
  void play_instant();
  void wait_or_stop(double next);
  void stop(End how);
  double next_instant_s() const;
  bool any_open() const;

  std::unique_ptr<SimgridClock> simgrid_;
  bool lockstep_;
  std::vector<Paced*> paced_;
  std::vector<Event> heap_;
  double now_ = 0;
  double horizon_ = 0;
  std::uint64_t posted_ = 0;
  std::uint64_t processed_ = 0;
  std::uint64_t instants_ = 0;
  End end_ = End::finished;
  const std::atomic<bool>* interrupt_ = nullptr;
  std::function<void(double)> progress_;
};

}  // namespace alight
