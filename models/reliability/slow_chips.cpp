#include "models/reliability/slow_chips.hpp"

#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/uniform_01.hpp>
#include <cmath>

#include "models/whole_numbers.hpp"

namespace alight {

namespace {

double normal_cdf(double z) {
  return std::erfc(-z / std::sqrt(2.0)) / 2;
}

/// By trapezoids: what is integrated here is smooth and flat at both ends, or falls in one step that ends it.
template <class F>
double by_trapezoids(F f, double from, double to, int steps = 20000) {
  const double h = (to - from) / steps;
  double sum = (f(from) + f(to)) / 2;
  for (int i = 1; i < steps; ++i) sum += f(from + h * i);
  return sum * h;
}

double body_cdf(const ChipSpeeds& s, double v) {
  if (v < s.slowest) return 0;
  return s.spread > 0 ? normal_cdf((v - 1) / s.spread) : (v >= 1 ? 1.0 : 0.0);
}

/// Where the body surely ends.
double fastest_speed(const ChipSpeeds& s) {
  return 1 + 9 * s.spread;
}

}  // namespace

double ChipSpeeds::cdf(double v) const {
  return straggler_share * (v >= straggler_speed ? 1.0 : 0.0) + (1 - straggler_share) * body_cdf(*this, v);
}

double ChipSpeeds::mean() const {
  return slowest_of(*this, 1);
}

double ChipSpeeds::draw(Stream& stream) const {
  // Two draws whatever the outcome, so that a share of stragglers does not shift the others.
  const bool straggler = boost::random::uniform_01<double>()(stream) < straggler_share;
  const double z = boost::random::normal_distribution<double>()(stream);
  return straggler ? straggler_speed : std::max(slowest, 1 + spread * z);
}

double spread_from_range(double range, std::int64_t n) {
  if (n < 2) return 0;
  // Expected range of n standard normal draws: the integral of 1 - F^n - (1 - F)^n (L. H. C. Tippett, Biometrika 17,
  // 1925).
  const double expected = by_trapezoids(
      [&](double z) {
        const double f = normal_cdf(z), tail = normal_cdf(-z);
        return 1 - std::pow(f, whole(n)) - std::pow(tail, whole(n));
      },
      -9, 9);
  return range / expected;
}

double slowest_of(const ChipSpeeds& speeds, std::int64_t n) {
  const auto all_faster = [&](double v) { return std::pow(1 - speeds.cdf(v), whole(n)); };
  // Piece by piece between the speeds at which the law jumps.
  const double low = std::min(speeds.slowest, speeds.straggler_share > 0 ? speeds.straggler_speed : speeds.slowest);
  double cuts[] = {low, speeds.slowest, speeds.straggler_share > 0 ? speeds.straggler_speed : low, 1,
                   fastest_speed(speeds)};
  std::sort(std::begin(cuts), std::end(cuts));
  double sum = low;
  for (std::size_t i = 0; i + 1 < std::size(cuts); ++i) {
    const double from = cuts[i], to = cuts[i + 1];
    if (to <= from) continue;
    // Open at both ends: the value at a jump belongs to one side only.
    const double inset = (to - from) * 1e-12;
    sum += by_trapezoids(all_faster, from + inset, to - inset);
  }
  return sum;
}

double lost_to_slowest(const ChipSpeeds& speeds, std::int64_t n) {
  return 1 - slowest_of(speeds, n) / speeds.mean();
}

}  // namespace alight
