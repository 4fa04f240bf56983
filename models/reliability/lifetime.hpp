// How long a device lives: risks that compete for it, the first to strike decides.
//
// Each risk is a Weibull law (W. Weibull, "A statistical distribution function of wide applicability", J. Appl. Mech.
// 18, 1951) with cumulative hazard H(t) = (t / scale)^shape: falling hazard below shape 1 (what was bad from the
// start), constant at 1 (chance), rising above (wear). Hazards of competing risks add, so three of them make the
// bathtub curve.
#pragma once

#include <vector>

#include "models/random/streams.hpp"

namespace alight {

struct Risk {
  double scale_s = 0;  ///< 63.2 % of devices have met it by then
  double shape = 1;
};

/// Devices that are bad from the start: of all, `share` has failed by `within_s`, most of them early.
struct EarlyFailures {
  double share = 0;
  double within_s = 0;
  double shape = 0.7;  ///< below 1
};

/// Wear: what is left by then has lived `mean_s` on average, were it the only risk.
struct WearOut {
  double mean_s = 0;
  double shape = 4;  ///< above 1; the larger, the more alike they wear
};

Risk early_risk(const EarlyFailures& of);
Risk wear_risk(const WearOut& of);

class Lifetime {
 public:
  /// No risk: it lives for ever.
  Lifetime() = default;
  /// By chance only.
  static Lifetime exponential(double per_year);
  static Lifetime weibull(double scale_s, double shape);

  /// One more risk. A scale of 0 or infinity is none.
  Lifetime& with(Risk risk);

  /// Failures a second of a device that has lived to `age_s`.
  double hazard_per_s(double age_s) const;
  /// The integral of the hazard: a device lives beyond the age with probability exp(-H).
  double cumulative_hazard(double age_s) const;
  double survival(double age_s) const;
  /// Mean life of a new device, by quadrature of its survival; infinite where there is no risk.
  double mean_s() const;
  /// Whether age makes no difference.
  bool ageless() const;

  /// Time until the first of `devices` alike ones fails, all of `age_s` and working now; infinite where there is no
  /// risk. One draw for each risk however many devices: n devices have n times the hazard, so with E exponential
  /// H(age + t) - H(age) = E / n, which each risk inverts in closed form.
  double draw_s(Stream& stream, double age_s = 0, double devices = 1) const;

 private:
  std::vector<Risk> risks_;
};

}  // namespace alight
