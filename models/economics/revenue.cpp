#include "models/economics/revenue.hpp"

#include <algorithm>

#include "models/economics/calendar.hpp"

namespace alight {

Looked rent_revenue(const Rent& rent, const std::vector<Let>& lets) {
  double sum = 0;
  for (const Let& let : lets) {
    if (let.to <= let.from || let.chips == 0) continue;
    const Looked price = rent.price.mean(let.from, let.to);
    if (!price.value) return price;
    const double chip_hour = rent.per == Rent::Per::chip_hour
                                 ? *price.value
                                 : per_chip_hour(*price.value, let.pflops_per_chip, rent.overstated);
    sum += chip_hour * let.chips * hours_between(let.from, let.to);
  }
  return {sum, {}};
}

double per_chip_hour(double per_pflops_month, double pflops_per_chip, double overstated) {
  return per_pflops_month * pflops_per_chip * overstated / kBilledHoursPerMonth;
}

double token_revenue(const TokenPrice& price, const Tokens& tokens) {
  return (price.input * tokens.input + price.cached_input * tokens.cached_input + price.output * tokens.output) / 1e6;
}

std::vector<PaidBy> paid_with(const Voucher& voucher, const std::vector<double>& bills) {
  std::vector<PaidBy> paid;
  double left = voucher.budget;
  for (const double bill : bills) {
    const double helped = std::clamp(bill * voucher.share, 0.0, std::max(0.0, left));
    left -= helped;
    paid.push_back({bill - helped, helped});
  }
  return paid;
}

}  // namespace alight
