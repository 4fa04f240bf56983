#include "sim/serving/stretch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace alight {

std::int64_t Stretch::floor_iterations(const TokenPace& pace) const {
  if (context > line.floor_context) return 0;
  constexpr std::int64_t kAlways = std::numeric_limits<std::int64_t>::max();
  if (decodes == 0 || line.floor_context == kAlways) return kAlways;
  const std::int64_t growth = (line.floor_context - context) / decodes;
  constexpr std::int64_t kLong = std::int64_t{1} << 36;
  if (growth >= kLong) return kAlways;
  return pace.iterations_for(pace.at(before) + growth + 1) - before;
}

Ticks Stretch::after(std::int64_t k, const TokenPace& pace) const {
  const std::int64_t flat = std::min(k, at_floor);
  Ticks t = start + k * line.rest + flat * line.floor;
  if (k > flat) {
    t += (k - flat) * line.base;
    t += line.per_token * (context_sum(k, pace) - (flat > 0 ? context_sum(flat, pace) : 0));
  }
  return t;
}

std::int64_t Stretch::ended_before(Ticks t, const TokenPace& pace) const {
  if (t <= start) return 0;
  // A guess in doubles, from the quadratic that the sum is but for the steps of F; then the ticks decide.
  const double flat = static_cast<double>(std::min(iterations, at_floor));
  const double rest = seconds(line.rest), per_token = seconds(line.per_token);
  double left = seconds(t - start), guess = 0;
  const double at_floor_s = flat * (rest + seconds(line.floor));
  if (left <= at_floor_s) {
    guess = flat * left / at_floor_s;
  } else {
    left -= at_floor_s;
    const double growth = per_token * static_cast<double>(decodes) * pace.per_iteration();
    const double first = rest + seconds(line.base) + per_token * static_cast<double>(context) + growth * flat;
    const double linear = first - growth / 2;
    // The root of growth/2 m^2 + linear m = left, in the form that loses no digits where growth is small.
    guess = flat + 2 * left / (linear + std::sqrt(linear * linear + 2 * growth * left));
  }
  std::int64_t k =
      std::isfinite(guess) ? static_cast<std::int64_t>(std::min(guess, static_cast<double>(iterations))) : 0;
  while (k < iterations && after(k + 1, pace) < t) ++k;
  while (k > 0 && after(k, pace) >= t) --k;
  return k;
}

}  // namespace alight
