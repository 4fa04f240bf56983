// What a runtime says of a job that has its chips: how they spend their time, and when and why that ends.
//
// A running job is a rate. Nothing is simulated inside it: its course holds until something changes.
#pragma once

#include <limits>
#include <string_view>

#include "sim/ledger/split.hpp"
#include "sim/record/recorder.hpp"

namespace alight {

/// A job from its start to its end, if nothing changes.
struct Course {
  double startup_s = 0;          ///< in ChipState::starting, before it gets on
  const Split* split = nullptr;  ///< of all later time; lives as long as the runtime
  double run_s = 0;              ///< from start to end, start-up included
  JobStatus end = JobStatus::completed;
  std::string_view reason = "";  ///< why it ends so; not null: it is written as it stands
};

/// A job known only by its traced duration: opaque from start to end, `slowdown` times as long as traced, killed at its
/// requested time where the trace has one that binds. It goes on from `kept` seconds as traced.
Course rigid_course(const Job& job, double slowdown, double kept = 0);

}  // namespace alight
