// How often things fail, as sources write it, in one unit: failures a year of one thing that is in use, a year being
// 365 days (units.hpp).
#pragma once

#include <cmath>

namespace alight {

inline constexpr double kSecondsPerYear = 365 * 86400.0;

/// From a mean time between failures.
constexpr double rate_from_mtbf(double mtbf_s) {
  return kSecondsPerYear / mtbf_s;
}

/// From an annualised failure rate as a share: of things that work at the start of a year, those that have failed at
/// its end. Below a few per cent the two are nearly equal; a share of 1 or more has no rate.
inline double rate_from_afr(double share) {
  return -std::log1p(-share);
}
inline double afr_from_rate(double per_year) {
  return -std::expm1(-per_year);
}

/// From a count: `events` among `devices` in `time_s`.
constexpr double rate_from_events(double events, double devices, double time_s) {
  return events / devices / time_s * kSecondsPerYear;
}

}  // namespace alight
