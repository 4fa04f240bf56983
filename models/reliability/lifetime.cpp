#include "models/reliability/lifetime.hpp"

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <cmath>
#include <limits>

#include "models/reliability/rates.hpp"

namespace alight {

namespace {

constexpr double kLivesForEver = std::numeric_limits<double>::infinity();

double hazard_to(const Risk& risk, double age_s) {
  return risk.shape == 1 ? age_s / risk.scale_s : std::pow(age_s / risk.scale_s, risk.shape);
}

}  // namespace

Risk early_risk(const EarlyFailures& of) {
  if (of.share <= 0) return {};
  return {of.within_s / std::pow(rate_from_afr(of.share), 1 / of.shape), of.shape};
}

Risk wear_risk(const WearOut& of) {
  return {of.mean_s / std::tgamma(1 + 1 / of.shape), of.shape};
}

Lifetime Lifetime::exponential(double per_year) {
  return Lifetime().with({kSecondsPerYear / per_year, 1});
}

Lifetime Lifetime::weibull(double scale_s, double shape) {
  return Lifetime().with({scale_s, shape});
}

Lifetime& Lifetime::with(Risk risk) {
  if (risk.scale_s > 0 && std::isfinite(risk.scale_s)) risks_.push_back(risk);
  return *this;
}

double Lifetime::hazard_per_s(double age_s) const {
  double sum = 0;
  for (const Risk& r : risks_) sum += r.shape / r.scale_s * std::pow(age_s / r.scale_s, r.shape - 1);
  return sum;
}

double Lifetime::cumulative_hazard(double age_s) const {
  double sum = 0;
  for (const Risk& r : risks_) sum += hazard_to(r, age_s);
  return sum;
}

double Lifetime::survival(double age_s) const {
  return std::exp(-cumulative_hazard(age_s));
}

double Lifetime::mean_s() const {
  if (risks_.empty()) return kLivesForEver;
  // Over u = H(t): the mean is the integral of t(u) exp(-u), which is smooth where the density of t is not. Bounds:
  // exp(-45) is below rounding. t(u) has no closed form for several risks: it is bracketed by the single ones.
  const auto age_at = [&](double u) {
    double high = kLivesForEver;
    for (const Risk& r : risks_) high = std::min(high, r.scale_s * std::pow(u, 1 / r.shape));
    double low = 0;
    if (risks_.size() == 1) return high;
    for (int i = 0; i < 100 && high - low > 1e-14 * high; ++i) {
      const double middle = (low + high) / 2;
      (cumulative_hazard(middle) < u ? low : high) = middle;
    }
    return (low + high) / 2;
  };
  // u = e^x: t(u) may be steep at 0 (falling hazard), never in ln u. Trapezoids of a smooth function that vanishes at
  // both ends.
  constexpr int kSteps = 2000;
  constexpr double kFrom = -50, kTo = 4;
  double sum = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double u = std::exp(kFrom + (kTo - kFrom) * i / kSteps);
    sum += age_at(u) * std::exp(-u) * u;
  }
  return sum * (kTo - kFrom) / kSteps;
}

bool Lifetime::ageless() const {
  return std::all_of(risks_.begin(), risks_.end(), [](const Risk& r) { return r.shape == 1; });
}

double Lifetime::draw_s(Stream& stream, double age_s, double devices) const {
  double first = kLivesForEver;
  for (const Risk& r : risks_) {
    const double e = boost::random::exponential_distribution<double>()(stream) / devices;
    const double t = r.shape == 1 ? r.scale_s * e : r.scale_s * std::pow(hazard_to(r, age_s) + e, 1 / r.shape) - age_s;
    first = std::min(first, std::max(0.0, t));
  }
  return first;
}

}  // namespace alight
