#include "models/reliability/repair_time.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <boost/random/uniform_01.hpp>
#include <cmath>

namespace alight {

namespace {

double sigma_of(const RepairTime& time) {
  return std::sqrt(std::max(0.0, 2 * std::log(time.mean_s / *time.median_s)));
}

}  // namespace

double RepairTime::cdf(double t_s) const {
  if (t_s <= 0) return 0;
  if (!median_s) return -std::expm1(-t_s / mean_s);
  const double sigma = sigma_of(*this);
  const double z = std::log(t_s / *median_s);
  if (sigma == 0) return z >= 0 ? 1 : 0;
  return std::erfc(-z / sigma / std::sqrt(2.0)) / 2;
}

double RepairTime::draw_s(Stream& stream) const {
  const double u = boost::random::uniform_01<double>()(stream);
  if (!median_s) return -mean_s * std::log1p(-u);
  // Of u = 0 nothing is lost: a repair takes its time.
  const double z = -std::sqrt(2.0) * boost::math::erfc_inv(2 * std::max(u, 1e-300));
  return *median_s * std::exp(sigma_of(*this) * z);
}

}  // namespace alight
