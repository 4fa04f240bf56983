// Time inside a serving engine: whole numbers of 2^-64 s.
//
// A stretch of a million iterations summed one by one, or at once, must end at the same instant: otherwise an arrival
// that meets an iteration's end is let in earlier in one way of playing than in the other, and all that follows
// differs. Sums of whole numbers do not depend on their order. The unit keeps what a token of context adds to an
// iteration (1e-9 s and up) to ten digits, the range is longer than the age of the universe.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace alight {

__extension__ using Ticks = __int128;

inline constexpr Ticks kNever = (Ticks{1} << 126);

/// The instant `s`, cut to whole ticks: exact from 2^-12 s on. Infinite and very large times are kNever.
inline Ticks ticks(double s) {
  return s < 0x1p61 ? static_cast<Ticks>(s * 0x1p64) : kNever;
}

/// Seconds for sums and averages, rounded to the nearest.
inline double seconds(Ticks t) {
  return static_cast<double>(t) * 0x1p-64;
}

/// Seconds for clocks: the smallest double not before `t`, so that a clock set to it finds `t` reached.
inline double clock_seconds(Ticks t) {
  if (t >= kNever) return std::numeric_limits<double>::infinity();
  const double s = seconds(t);
  return ticks(s) < t ? std::nextafter(s, std::numeric_limits<double>::infinity()) : s;
}

}  // namespace alight
