#include "models/economics/project.hpp"

#include <cstddef>

namespace alight {

namespace {

double in_month(const std::vector<double>& by_month, int month) {
  return static_cast<std::size_t>(month) < by_month.size() ? by_month[static_cast<std::size_t>(month)] : 0;
}

}  // namespace

double book_value(const Project& project, int month) {
  double value = 0;
  for (const Purchase& p : project.purchases)
    if (p.month <= month) value += p.price * book_share(p.loses, (month - p.month) / 12.0);
  return value;
}

std::vector<CashMonth> project_cash(const Project& project) {
  const int last = project.months;
  std::vector<CashMonth> cash(static_cast<std::size_t>(last) + 1);
  const auto of = [&](int month) -> CashMonth& { return cash[static_cast<std::size_t>(month)]; };
  for (int m = 0; m < last; ++m) {
    of(m + 1).revenue = in_month(project.revenue, m);
    of(m + 1).running = in_month(project.running, m);
  }
  for (const Purchase& p : project.purchases) {
    if (p.month > last) continue;
    of(p.month).capital += p.price;
    const Loan loan{p.price * project.loan_share, project.loan_rate, project.loan_months};
    if (loan.principal <= 0 || loan.months <= 0) continue;
    of(p.month).borrowed += loan.principal;
    double owed = loan.principal;
    int m = p.month;
    for (const LoanMonth& paid : loan_months(loan)) {
      if (++m > last) break;
      of(m).interest += paid.interest;
      of(m).repaid += paid.repaid;
      owed = paid.owed;
    }
    of(last).repaid += owed;
  }
  if (project.sold_at_end) of(last).sold += book_value(project, last);
  return cash;
}

ProjectResult evaluate(const Project& project, double yearly_rate) {
  ProjectResult result;
  result.months = project_cash(project);
  const std::vector<double> net = net_cash(result.months);
  result.net_present_value = net_present_value(net, yearly_rate);
  result.rate_of_return = internal_rate_of_return(net);
  result.payback_months = payback_months(net);
  return result;
}

}  // namespace alight
