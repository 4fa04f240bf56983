#include "models/power/power_profile.hpp"

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <cmath>

namespace alight {

double PowerProfile::mean() const {
  if (even()) return quantiles_.front();
  double sum = 0;
  for (std::size_t i = 1; i < quantiles_.size(); ++i) sum += (quantiles_[i - 1] + quantiles_[i]) / 2;
  return sum / static_cast<double>(quantiles_.size() - 1);
}

double PowerProfile::at(double below) const {
  if (even()) return quantiles_.front();
  const double place = std::clamp(below, 0.0, 1.0) * static_cast<double>(quantiles_.size() - 1);
  const std::size_t i = std::min(static_cast<std::size_t>(place), quantiles_.size() - 2);
  return quantiles_[i] + (quantiles_[i + 1] - quantiles_[i]) * (place - static_cast<double>(i));
}

std::vector<double> drawn_shares(const PowerProfile& profile, std::size_t jobs, Stream dice) {
  std::vector<double> shares(jobs);
  for (double& share : shares) share = std::round(100 * profile.at(boost::random::uniform_01<double>()(dice))) / 100;
  return shares;
}

}  // namespace alight
