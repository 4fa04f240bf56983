// What the chips of jobs draw at each step of their clock, kept for all jobs whose chips draw alike.
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "sim/runtime/clocked.hpp"
#include "sim/scheduler/scheduler.hpp"

namespace alight {

/// Jobs that have the same in all of this draw the same in a pool at each clock.
struct AlikeDraw {
  PoolIndex pool = 0;
  const Split* course = nullptr;  ///< at the full clock, were all their chips alike; for its address
  bool redoes = false;            ///< work that was lost
  double unseen_share = -1;       ///< of the span from idle to the limit; below 0: as the pool says
  PartSpeeds speeds = {};
  auto operator<=>(const AlikeDraw&) const = default;
};

class DrawCurves {
 public:
  using Curve = std::vector<double>;  ///< [step of the clock] below 0: nobody asked yet
  /// W of a chip of the job in the pool at a clock.
  using Draw = std::function<double(JobIndex job, PoolIndex pool, double clock)>;
  explicit DrawCurves(Draw draw) : draw_(std::move(draw)) {}

  /// Stays where it is.
  Curve& of(const AlikeDraw& jobs);
  /// On a curve that the job's chips are alike in.
  double at(Curve& curve, JobIndex job, PoolIndex pool, double clock) const;

 private:
  Draw draw_;
  std::map<AlikeDraw, Curve> curves_;
};

}  // namespace alight
