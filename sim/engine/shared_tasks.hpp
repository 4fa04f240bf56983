// Tasks that share links, each getting on at the pace of its tightest one: SimGrid says when each is done.
//
// A task is one SimGrid parallel execution (host model ptask_L07, solver fairbottleneck: every task that is not yet
// held back gets the same rate of each link, over and over, until each is held back by something). What it shares with
// nobody is one number, the seconds it takes at least; a shared link is a host whose operations are seconds of use, so
// that no matrix of bytes is ever made. Such hosts come into being at their first use.
//
// One per engine, which then moves SimGrid to every instant.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "platforms/simgrid/task_routes.hpp"
#include "sim/engine/engine.hpp"

namespace alight {

class SharedTasks : public Paced {
 public:
  enum class Outcome : std::uint8_t { done, expired };
  /// Called with the task's id at the instant of its end, in turn `runtime`.
  using Ended = std::function<void(std::uint64_t id, Outcome outcome)>;
  /// Called at the end of the run, at `now_s`, before what is open is dropped.
  using Stopping = std::function<void(double now_s)>;

  /// The engine outlives this. `name` tells its hosts from those of others in SimGrid.
  SharedTasks(Engine& engine, const std::string& name, Ended ended, Stopping stopping = {});
  ~SharedTasks() override;
  SharedTasks(const SharedTasks&) = delete;
  SharedTasks& operator=(const SharedTasks&) = delete;

  /// Begins a task now, from an action of the engine. `id` is of no open task; `demand` has a load above zero. Without
  /// being done it ends at `deadline_s`, expired; a task done at that very instant is done. Ends of one instant are
  /// told by ascending id.
  void open(std::uint64_t id, const TaskDemand& demand, double deadline_s);
  /// Drops a task, untold: the part of it that was left. Nothing, and it stays, where it is done by now.
  std::optional<double> drop(std::uint64_t id);
  /// The part of a task that is left now; 0 where it is done by now.
  double left(std::uint64_t id) const;
  std::size_t count() const;

  // -- For the engine
  void reached(double now_s) override;
  double next_s() const override;
  bool any_open() const override { return count() > 0; }
  void close_all() override;

 private:
  void tell(std::uint64_t which);
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace alight
