#include "sim/run/draw_curves.hpp"

#include <cmath>

#include "models/power/cap.hpp"

namespace alight {

DrawCurves::Curve& DrawCurves::of(const AlikeDraw& jobs) {
  Curve& curve = curves_[jobs];
  if (curve.empty()) curve.resize(static_cast<std::size_t>(std::llround(1 / kClockStep)) + 1, -1);
  return curve;
}

double DrawCurves::at(Curve& curve, JobIndex job, PoolIndex pool, double clock) const {
  double& w = curve[static_cast<std::size_t>(std::llround(clock / kClockStep))];
  return w >= 0 ? w : w = draw_(job, pool, clock);
}

}  // namespace alight
