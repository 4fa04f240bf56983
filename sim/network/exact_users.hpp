// Users of links step by step: each plays the phases of its steps (step_phases.hpp) one after another, SimGrid carries
// what they send, and a job is done when its last step is. Slow, and for small studies: it is what the fluid network
// is checked against.
//
// A phase is over when both its computation and its exchange are. A last part of a step is played as such a part of
// every phase. Jobs that use no shared link are not played: they would only take what is predicted.
#pragma once

#include <unordered_map>
#include <vector>

#include "sim/engine/engine.hpp"
#include "sim/engine/shared_tasks.hpp"
#include "sim/network/link_users.hpp"
#include "sim/network/step_phases.hpp"

namespace alight {

class ExactUsers : public LinkUsers {
 public:
  /// The engine outlives this.
  ExactUsers(std::unique_ptr<const Routes> routes, Engine& engine, Callbacks callbacks);

 private:
  struct Playing {
    std::vector<StepPhase> phases;
    std::size_t phase = 0;
    double part = 1;  ///< of the step at hand, less than 1 for a last part
    double begun_s = 0;
    int open = 0;             ///< sides of the phase that are not over
    std::uint32_t times = 0;  ///< begun phases: what comes late is of one before
  };
  void begun(JobIndex job, const LinkUse& use) override;
  void gone(JobIndex job) override;
  void settle() override {}
  void next_step(JobIndex job);
  void next_phase(JobIndex job);
  void side_over(JobIndex job);
  void computed(std::uint64_t which);
  void sends(std::uint64_t which);
  std::uint64_t ticket(JobIndex job) const;
  bool late(std::uint64_t which) const;

  SharedTasks tasks_;
  std::unordered_map<JobIndex, Playing> playing_;
};

}  // namespace alight
