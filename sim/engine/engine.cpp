#include "sim/engine/engine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace alight {

Engine::Engine(bool lockstep, const PopulateSimgrid& populate)
    : simgrid_(std::make_unique<SimgridClock>(populate)), lockstep_(lockstep) {}

Engine::~Engine() = default;

void Engine::at(double time_s, Turn turn, Action action) {
  if (!(time_s >= now_) || !std::isfinite(time_s))
    throw std::logic_error("Engine::at: event at " + std::to_string(time_s) + " s, now " + std::to_string(now_) + " s");
  heap_.push_back({time_s, static_cast<std::uint64_t>(turn) << 56 | posted_++, action});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

void Engine::follow(Paced* paced) {
  paced_.push_back(paced);
  lockstep_ = true;
}

void Engine::wake() {
  simgrid_->wake_at(simgrid_->now(), [this] { drain(); });
}

bool Engine::any_open() const {
  return std::any_of(paced_.begin(), paced_.end(), [](const Paced* p) { return p->any_open(); });
}

double Engine::next_instant_s() const {
  double next = heap_.empty() ? std::numeric_limits<double>::infinity() : heap_.front().time;
  for (const Paced* p : paced_) next = std::min(next, std::max(p->next_s(), now_));
  return next;
}

void Engine::stop(End how) {
  end_ = how;
  for (Paced* p : paced_) p->close_all();
}

Engine::End Engine::run(double horizon_s, const std::atomic<bool>& interrupt) {
  horizon_ = horizon_s;
  interrupt_ = &interrupt;
  end_ = End::finished;
  if (!heap_.empty()) {
    simgrid_->wake_at(heap_.front().time, [this] { drain(); });
    simgrid_->run();
    if (any_open()) throw std::logic_error("Engine::run: SimGrid stopped with work open");
  }
  if (end_ == End::horizon) now_ = horizon_;
  return end_;
}

void Engine::drain() {
  for (;;) {
    for (Paced* p : paced_) p->reached(std::max(now_, simgrid_->now()));
    const double next = next_instant_s();
    if (next > horizon_ || !std::isfinite(next)) return wait_or_stop(next);
    if (interrupt_->load(std::memory_order_relaxed)) return stop(End::interrupted);
    if (lockstep_ && simgrid_->now() < next) {
      simgrid_->wake_at(next, [this] { drain(); });
      return;
    }
    now_ = next;
    play_instant();
    if ((++instants_ & 0xffff) == 0 && progress_) progress_(now_);
  }
}

// The queue holds nothing more before the horizon; what SimGrid advances may still come before it.
void Engine::wait_or_stop(double next) {
  if (any_open() && simgrid_->now() < horizon_) {
    if (std::isfinite(horizon_)) simgrid_->wake_at(horizon_, [this] { drain(); });
  } else {
    stop(any_open() || std::isfinite(next) ? End::horizon : end_);
  }
}

void Engine::play_instant() {
  while (!heap_.empty() && heap_.front().time == now_) {
    const Action action = heap_.front().action;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    heap_.pop_back();
    ++processed_;
    action();
  }
}

}  // namespace alight
