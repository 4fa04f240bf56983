#include "models/economics/capital.hpp"

#include <algorithm>
#include <cmath>

namespace alight {

const std::vector<std::pair<std::string, Asset>>& assets() {
  static const std::vector<std::pair<std::string, Asset>> all = {
      {"chips", Asset::chips},       {"servers", Asset::servers}, {"network", Asset::network},
      {"storage", Asset::storage},   {"cooling", Asset::cooling}, {"power", Asset::power},
      {"building", Asset::building}, {"other", Asset::other}};
  return all;
}

std::string_view name_of(Asset asset) {
  for (const auto& [name, value] : assets())
    if (value == asset) return name;
  return "other";
}

std::map<Asset, Purse> capital_by_kind(const std::vector<BillLine>& lines) {
  std::map<Asset, Purse> sums;
  for (const BillLine& line : lines) sums[line.kind] += line.sum();
  return sums;
}

Looked capital(const std::vector<BillLine>& lines, Currency in, const ExchangeRate& exchange) {
  double sum = 0;
  for (const BillLine& line : lines) {
    const Looked converted = exchange.convert(line.sum(), in, line.date);
    if (!converted.value) return {std::nullopt, line.what + ": " + converted.problem};
    sum += *converted.value;
  }
  return {sum, {}};
}

double book_share(const Depreciation& rule, double age_years) {
  const double age = std::clamp(age_years, 0.0, rule.life_years);
  if (rule.rule == Depreciation::Rule::straight_line)
    return rule.life_years > 0 ? 1 - (1 - rule.residual_share) * age / rule.life_years : rule.residual_share;
  const double yearly =
      rule.yearly_share > 0 ? rule.yearly_share : 1 - std::pow(rule.residual_share, 1 / rule.life_years);
  return std::max(rule.residual_share, std::pow(1 - yearly, age));
}

double written_off(const Depreciation& rule, double from_years, double to_years) {
  return book_share(rule, from_years) - book_share(rule, to_years);
}

double monthly_payment(const Loan& loan) {
  if (loan.months <= 0) return 0;
  const double i = loan.yearly_rate / 12;
  if (i == 0) return loan.principal / loan.months;
  return loan.principal * i / -std::expm1(-loan.months * std::log1p(i));
}

std::vector<LoanMonth> loan_months(const Loan& loan) {
  const double payment = monthly_payment(loan);
  std::vector<LoanMonth> months;
  double owed = loan.principal;
  for (int m = 1; m <= loan.months; ++m) {
    const double interest = owed * loan.yearly_rate / 12;
    // The last payment settles what rounding left.
    const double repaid = m == loan.months ? owed : payment - interest;
    owed -= repaid;
    months.push_back({interest, repaid, owed});
  }
  return months;
}

double yearly_capital_cost(double price, double residual, double yearly_rate, double life_years) {
  if (yearly_rate == 0) return (price - residual) / life_years;
  const double discount = std::exp(-life_years * std::log1p(yearly_rate));
  return (price - residual * discount) * yearly_rate / (1 - discount);
}

}  // namespace alight
