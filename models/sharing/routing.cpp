#include "models/sharing/routing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>

namespace alight {

namespace {

constexpr double kAdaptive = 0.95;
constexpr std::array<std::string_view, 4> kNames = {"even", "ecmp", "rails", "adaptive"};

/// Probability that no two of n balls in m bins meet: m! / ((m - n)! m^n).
double all_apart(double n, double m) {
  if (n > m) return 0;
  return std::exp(std::lgamma(m + 1) - std::lgamma(m - n + 1) - n * std::log(m));
}

/// The Poisson distribution of one bin, a number of balls at a time.
struct Bin {
  double mean, of_k = 0;  ///< its probability of k balls
  double upto = 0, upto_less = 0, upto_less_2 = 0;

  Bin(double mean_, double first)
      : mean(mean_), of_k(std::exp(first * std::log(mean_) - mean_ - std::lgamma(first + 1))) {
    upto = of_k;
  }
  void next(double k) {
    of_k *= mean / k;
    upto_less_2 = upto_less;
    upto_less = upto;
    upto += of_k;
  }
};

/// Probability that no bin has more than what `bin` is at.
double none_above(const Bin& bin, double n, double m) {
  const double mean = bin.mean * bin.upto_less / bin.upto;
  const double variance = m * (bin.mean * bin.mean * bin.upto_less_2 / bin.upto + mean - mean * mean);
  if (!(variance > 0)) return 0;
  const double off = n - m * mean;
  const double log_all = -std::log(2 * std::numbers::pi * n) / 2;  // of bins of any load: the same error, which cancels
  const double log_sum = -off * off / (2 * variance) - std::log(2 * std::numbers::pi * variance) / 2;
  return std::min(1.0, std::exp(m * std::log(bin.upto) + log_sum - log_all));
}

double fullest(double balls, double bins, double times) {
  constexpr double kSure = 1 - 1e-6, kFew = 64;
  if (balls <= 1) return 1;
  if (bins <= 1) return balls;
  if (const double whole = std::floor(balls); whole < balls && balls < kFew) {
    const double part = balls - whole;
    return (1 - part) * fullest(whole, bins, times) + part * fullest(whole + 1, bins, times);
  }
  const double mean = balls / bins;
  // The sum over k of the chance that it has more than k, which below `first` is certain.
  const double first = std::max(0.0, std::floor(mean - 12 * std::sqrt(mean)));
  double expected = first;
  Bin bin(mean, first);
  for (double k = first; k < balls; bin.next(++k)) {
    double none = 0;
    if (k == 1)
      none = all_apart(balls, bins);
    else if (k * bins >= balls && k > 1)
      none = none_above(bin, balls, bins);
    none = std::pow(none, times);
    expected += 1 - none;
    if (none > kSure) break;
  }
  return std::min(balls, std::max(expected, std::max(1.0, mean)));
}

}  // namespace

std::string_view name_of(FlowRouting routing) {
  return kNames[static_cast<std::size_t>(routing)];
}

double busiest_of(double balls, double bins, double times) {
  // A search over layouts asks for few different ones, millions of times.
  struct Known {
    double balls = 0, bins = 0, times = 0, load = 1;
  };
  constexpr std::size_t kKnown = 64;
  thread_local std::array<Known, kKnown> known;
  const std::size_t at = (std::hash<double>{}(balls) ^ std::hash<double>{}(bins)*31 ^ std::hash<double>{}(times)*97);
  Known& here = known[(at ^ at >> 29 ^ at >> 47) % kKnown];
  if (here.balls != balls || here.bins != bins || here.times != times)
    here = {balls, bins, times, fullest(balls, bins, times)};
  return here.load;
}

double routing_efficiency(const RoutingRule& rule, double nics, double cables, double switches) {
  if (!(nics > 0) || !(cables > 0)) return 1;
  switch (rule.kind) {
    case FlowRouting::even:
      return 1;
    case FlowRouting::adaptive:
      return kAdaptive;
    case FlowRouting::rails:
      return nics / cables / std::max(1.0, std::ceil(nics / cables * (1 - 1e-12)));
    case FlowRouting::ecmp:
      break;
  }
  const double flows = nics * rule.flows_per_nic;
  return std::min(1.0, flows / cables / busiest_of(flows, cables, switches));
}

}  // namespace alight
