#include "models/sharing/coincidence.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace alight {
namespace {

/// Max-min share of a sender that asks for `rate` beside others that ask for `rates`, ascending.
double fair_share(double rate, std::span<const double> rates, double capacity) {
  double left = capacity;
  auto senders = static_cast<double>(rates.size() + 1);
  for (const double other : rates) {
    const double equal = left / senders;
    if (other >= rate || other > equal) break;
    left -= other;
    senders -= 1;
  }
  return std::min(rate, left / senders);
}

struct Expected {
  double share = 0, slowness = 0;
  void add(double probability, double part) {
    share += probability * part;
    slowness += probability / part;
  }
  double stretch() const { return std::max(1.0, 0.5 * (1 / share + slowness)); }
};

/// Calls `each(probability, rates of those that talk)` for every combination, rates ascending.
template <class F>
void for_each_combination(std::span<const Talker> talkers, F each) {
  std::array<Talker, kExactTalkers> by_rate{};
  std::copy(talkers.begin(), talkers.end(), by_rate.begin());
  const std::size_t n = talkers.size();
  std::sort(by_rate.begin(), by_rate.begin() + static_cast<std::ptrdiff_t>(n),
            [](const Talker& a, const Talker& b) { return a.rate < b.rate; });
  std::array<double, kExactTalkers> rates{};
  for (std::size_t set = 0; set < (std::size_t{1} << n); ++set) {
    double probability = 1;
    std::size_t talking = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const bool talks = (set >> i & 1) != 0;
      probability *= talks ? by_rate[i].duty : 1 - by_rate[i].duty;
      if (talks) rates[talking++] = by_rate[i].rate;
    }
    if (probability > 0) each(probability, std::span<const double>(rates.data(), talking));
  }
}

Crowd crowd_of(std::span<const Talker> talkers) {
  Crowd crowd;
  for (const Talker& talker : talkers) crowd.add(talker);
  return crowd;
}

/// Nodes and weights of the Gauss-Hermite rule of seven points for the standard normal distribution (M. Abramowitz, I.
/// Stegun, "Handbook of Mathematical Functions", table 25.10, scaled by sqrt 2 and 1 / sqrt pi).
constexpr std::array<std::pair<double, double>, 4> kNodes = {{{0, 0.457142857142857143},
                                                              {1.15440539473996813, 0.240123178605012714},
                                                              {2.36675941073454128, 0.030757123967586497},
                                                              {3.75043971772574226, 0.000548268855972217}}};

}  // namespace

double stretch_among(double rate, std::span<const Talker> others, double capacity) {
  if (others.size() > kExactTalkers) return stretch_in(rate, crowd_of(others), capacity);
  Expected expected;
  for_each_combination(others, [&](double probability, std::span<const double> rates) {
    expected.add(probability, fair_share(rate, rates, capacity) / rate);
  });
  return expected.stretch();
}

double stretch_in(double rate, const Crowd& others, double capacity) {
  const auto most = static_cast<double>(others.of);
  const double deviation = std::sqrt(std::max(0.0, others.variance));
  const double each = others.number > 0 ? others.load / others.number : 0;
  Expected expected;
  const auto add = [&](double deviations, double weight) {
    const double k = std::clamp(others.number + deviations * deviation, 0.0, most);
    const double share = std::min(rate, std::max(capacity / (k + 1), capacity - k * each));
    expected.add(weight, share / rate);
  };
  for (const auto& [node, weight] : kNodes) {
    add(node, weight);
    if (node > 0) add(-node, weight);
  }
  return expected.stretch();
}

double crowding_of(std::span<const Talker> talkers, double capacity) {
  const double enough = capacity * (1 + 1e-9);  // a link just full is not crowded
  if (talkers.size() > kExactTalkers) {
    const Crowd crowd = crowd_of(talkers);
    const double over = crowd.load - enough;
    const double spread = std::sqrt(crowd.variance) * crowd.load / std::max(1e-300, crowd.number);
    if (!(spread > 0)) return over > 0 ? 1 : 0;
    return 0.5 * std::erfc(-over / spread / std::numbers::sqrt2);
  }
  double crowded = 0;
  for_each_combination(talkers, [&](double probability, std::span<const double> rates) {
    double asked = 0;
    for (const double rate : rates) asked += rate;
    if (asked > enough) crowded += probability;
  });
  return std::min(1.0, crowded);
}

}  // namespace alight
