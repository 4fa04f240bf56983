#include "models/sharing/coincidence.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

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
  double share = 0, slowness = 0, crowded = 0;
  void add(double probability, double part, bool full) {
    share += probability * part;
    slowness += probability / part;
    if (full) crowded += probability;
  }
  Coincidence coincidence() const { return {std::max(1.0, 0.5 * (1 / share + slowness)), std::min(1.0, crowded)}; }
};

Coincidence all_combinations(double rate, std::span<const Talker> others, double capacity) {
  std::array<Talker, kExactTalkers> by_rate{};
  std::copy(others.begin(), others.end(), by_rate.begin());
  const std::size_t n = others.size();
  std::sort(by_rate.begin(), by_rate.begin() + static_cast<std::ptrdiff_t>(n),
            [](const Talker& a, const Talker& b) { return a.rate < b.rate; });
  Expected expected;
  std::array<double, kExactTalkers> rates{};
  for (std::size_t set = 0; set < (std::size_t{1} << n); ++set) {
    double probability = 1, asked = rate;
    std::size_t talking = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const bool talks = (set >> i & 1) != 0;
      probability *= talks ? by_rate[i].duty : 1 - by_rate[i].duty;
      if (!talks) continue;
      rates[talking++] = by_rate[i].rate;
      asked += by_rate[i].rate;
    }
    if (probability > 0)
      expected.add(probability, fair_share(rate, {rates.data(), talking}, capacity) / rate, asked > capacity);
  }
  return expected.coincidence();
}

double normal_below(double z) {
  return 0.5 * std::erfc(-z / std::numbers::sqrt2);
}

Coincidence by_number(double rate, std::span<const Talker> others, double capacity) {
  double mean = 0, variance = 0, load = 0;
  for (const Talker& other : others) {
    mean += other.duty;
    variance += other.duty * (1 - other.duty);
    load += other.duty * other.rate;
  }
  if (mean <= 0) return {std::max(1.0, rate / capacity), rate > capacity ? 1.0 : 0.0};
  const double each = load / mean;
  const double deviation = std::sqrt(variance);
  const auto most = static_cast<double>(others.size());
  // What lies beyond six deviations is below rounding.
  const double first = std::max(0.0, std::floor(mean - 6 * deviation));
  const double last = std::min(most, std::ceil(mean + 6 * deviation));
  Expected expected;
  double below = first > 0 && deviation > 0 ? normal_below((first - 0.5 - mean) / deviation) : 0;
  double total = 0;
  for (double k = first; k <= last; ++k) {
    const double up_to = deviation > 0 && k < most ? normal_below((k + 0.5 - mean) / deviation) : 1;
    const double probability = deviation > 0 ? up_to - below : (k == std::round(mean) ? 1.0 : 0.0);
    below = up_to;
    if (probability <= 0) continue;
    total += probability;
    const double share = std::min(rate, std::max(capacity / (k + 1), capacity - k * each));
    expected.add(probability, share / rate, rate + k * each > capacity);
  }
  expected.share /= total;
  expected.slowness /= total;
  expected.crowded /= total;
  return expected.coincidence();
}

}  // namespace

Coincidence coincide(double rate, std::span<const Talker> others, double capacity) {
  return others.size() <= kExactTalkers ? all_combinations(rate, others, capacity) : by_number(rate, others, capacity);
}

}  // namespace alight
