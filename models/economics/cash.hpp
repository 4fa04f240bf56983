// Cash month by month, and what it says: net present value, internal rate of return, payback. Cash of month 0 is now,
// that of month m comes m months later.
#pragma once

#include <optional>
#include <vector>

namespace alight {

/// What comes and goes in one month; what goes is positive too.
struct CashMonth {
  double revenue = 0, running = 0, capital = 0, interest = 0, repaid = 0;
  double borrowed = 0, sold = 0;  ///< loans taken up; what was sold off at the end

  double net() const { return revenue + borrowed + sold - running - capital - interest - repaid; }
};
std::vector<double> net_cash(const std::vector<CashMonth>& months);
std::vector<double> cumulative(const std::vector<double>& cash);

/// Value in month 0 of cash by month, each month discounted by (1 + yearly rate)^(1/12).
double net_present_value(const std::vector<double>& cash, double yearly_rate);

/// The yearly rate at which the net present value is 0. Nothing where the cash changes its sign never or more than
/// once: then there is none, or more than one could be (Descartes' rule of signs). Nothing either where all but 2e-9
/// would be lost within a year.
std::optional<double> internal_rate_of_return(const std::vector<double>& cash);

/// Months from the first cash until the sum is back at 0 for good, a part of the last month counted by its part of the
/// cash. 0 where it is never below; nothing where it ends below.
std::optional<double> payback_months(const std::vector<double>& cash);

}  // namespace alight
