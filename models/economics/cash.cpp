#include "models/economics/cash.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace alight {

std::vector<double> net_cash(const std::vector<CashMonth>& months) {
  std::vector<double> cash;
  for (const CashMonth& m : months) cash.push_back(m.net());
  return cash;
}

std::vector<double> cumulative(const std::vector<double>& cash) {
  std::vector<double> sums;
  double sum = 0;
  for (const double c : cash) sums.push_back(sum += c);
  return sums;
}

double net_present_value(const std::vector<double>& cash, double yearly_rate) {
  const double month = std::log1p(yearly_rate) / 12;
  double value = 0;
  for (std::size_t m = 0; m < cash.size(); ++m) value += cash[m] * std::exp(-month * static_cast<double>(m));
  return value;
}

std::optional<double> internal_rate_of_return(const std::vector<double>& cash) {
  int changes = 0;
  double before = 0, first = 0;
  for (const double c : cash) {
    if (c == 0) continue;
    if (first == 0) first = c;
    changes += before != 0 && (c > 0) != (before > 0);
    before = c;
  }
  if (changes != 1) return std::nullopt;
  // Of one change of sign the value falls (or rises) through 0 once. Over ln(1 + rate): below -20 a rate is -1 to half
  // the digits of a double.
  double low = -20, high = 80;
  const auto sign_of = [&](double log_rate) {
    // Scaled by the largest term, so that extreme rates do not overflow.
    double largest = -INFINITY;
    for (std::size_t m = 0; m < cash.size(); ++m)
      if (cash[m] != 0)
        largest = std::max(largest, std::log(std::abs(cash[m])) - log_rate * static_cast<double>(m) / 12);
    double sum = 0;
    for (std::size_t m = 0; m < cash.size(); ++m)
      if (cash[m] != 0)
        sum += std::copysign(std::exp(std::log(std::abs(cash[m])) - log_rate * static_cast<double>(m) / 12 - largest),
                             cash[m]);
    return sum;
  };
  // At high rates the first cash decides, at low ones the last.
  if ((sign_of(high) > 0) != (first > 0) || (sign_of(low) > 0) == (first > 0)) return std::nullopt;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    ((sign_of(middle) > 0) == (first > 0) ? high : low) = middle;
  }
  return std::expm1((low + high) / 2);
}

std::optional<double> payback_months(const std::vector<double>& cash) {
  const std::vector<double> sums = cumulative(cash);
  if (sums.empty()) return 0;
  if (sums.back() < 0) return std::nullopt;
  std::size_t last = sums.size();  // the last month that ends below
  while (last > 0 && sums[last - 1] >= 0) --last;
  if (last == 0) return 0;
  return static_cast<double>(last - 1) - sums[last - 1] / cash[last];
}

}  // namespace alight
