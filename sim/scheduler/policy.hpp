// Which waiting job next. Adding a policy is one file in policies/: write a class, give it a name at the bottom.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/scheduler/scheduler.hpp"

namespace alight {

/// A policy keeps its own order of the waiting jobs. It is asked once per instant, after all the instant's events, and
/// starts jobs through the scheduler; it neither sees nor changes anything else. Equal inputs give equal starts.
class Policy {
 public:
  virtual ~Policy() = default;
  /// A job waits. Jobs of one instant come in the order of the workload.
  virtual void add(JobIndex job, const Scheduler& scheduler) = 0;
  /// A job that waits does so no longer; it did not start.
  virtual void withdraw(JobIndex job, const Scheduler& scheduler) = 0;
  /// A running job ended, perhaps before its requested time.
  virtual void ended(JobIndex, const Scheduler&) {}
  /// Starts what may start now; returns where Scheduler::asks_again() holds, and is asked again.
  virtual void decide(Scheduler& scheduler) = 0;
};

struct PolicyEntry {
  std::string name;
  std::string doc;
  std::function<std::unique_ptr<Policy>()> make;
};

/// All policies by name, in alphabetical order.
const std::vector<PolicyEntry>& policies();
std::vector<std::string> policy_names();
/// Null when there is none of that name.
std::unique_ptr<Policy> make_policy(const std::string& name);

}  // namespace alight
