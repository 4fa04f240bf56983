#include "sim/engine/engine.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "sim/engine/simgrid_clock.hpp"

namespace alight {

struct Engine::Simgrid : SimgridClock {};

Engine::Engine(bool lockstep) : simgrid_(std::make_unique<Simgrid>()), lockstep_(lockstep) {}

Engine::~Engine() = default;

void Engine::at(double time_s, Turn turn, Action action) {
  if (!(time_s >= now_) || !std::isfinite(time_s))
    throw std::logic_error("Engine::at: event at " + std::to_string(time_s) + " s, now " + std::to_string(now_) + " s");
  heap_.push_back({time_s, static_cast<std::uint64_t>(turn) << 56 | posted_++, action});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

Engine::End Engine::run(double horizon_s, const std::atomic<bool>& interrupt) {
  horizon_ = horizon_s;
  interrupt_ = &interrupt;
  end_ = End::finished;
  if (!heap_.empty()) {
    simgrid_->wake_at(heap_.front().time, [this] { drain(); });
    simgrid_->run();
  }
  if (end_ == End::horizon) now_ = horizon_;
  return end_;
}

void Engine::drain() {
  while (!heap_.empty()) {
    const double next = heap_.front().time;
    if (next > horizon_) {
      end_ = End::horizon;
      return;
    }
    if (interrupt_->load(std::memory_order_relaxed)) {
      end_ = End::interrupted;
      return;
    }
    if (lockstep_ && simgrid_->now() < next) {
      simgrid_->wake_at(next, [this] { drain(); });
      return;
    }
    now_ = next;
    play_instant();
    if ((++instants_ & 0xffff) == 0 && progress_) progress_(now_);
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
