#include "sim/money/money_plan.hpp"

#include <algorithm>
#include <numeric>

namespace alight {
namespace {

/// What the exchange rate does to a price stated in the other currency: one USD buys `factor` times as many CNY.
double factor_of_exchange(const MoneyPlan& plan, Currency stated, double factor) {
  if (stated == plan.currency) return 1;
  return plan.currency == Currency::cny ? factor : 1 / factor;
}

template <class Plan, class Visit>
void each_plan_price(Plan& plan, const Visit& visit) {
  for (auto& line : plan.lines) visit(line.price);
  for (auto* price : {&plan.electricity, &plan.wage, &plan.water, &plan.demand})
    if (*price) visit(**price);
}

}  // namespace

double MoneyPlan::it_kw() const {
  return std::accumulate(pools.begin(), pools.end(), 0.0,
                         [](double sum, const PoolPlan& pool) { return sum + pool.it_kw; });
}

std::vector<std::pair<Asset, double>> capital_by_kind(const MoneyPlan& plan) {
  std::vector<std::pair<Asset, double>> sums;
  for (const auto& [name, kind] : assets()) {
    double sum = 0;
    bool any = false;
    for (const MoneyLine& line : plan.lines)
      if (line.kind == kind) sum += line.sum(), any = true;
    if (any) sums.emplace_back(kind, sum);
  }
  return sums;
}

MoneyPlan with_price(const MoneyPlan& plan, const std::string& name, double factor) {
  MoneyPlan lifted = plan;
  const bool exchange = plan.exchange_price && plan.exchange_price->name == name;
  each_plan_price(lifted, [&](PlanPrice& price) {
    if (exchange)
      price.amount *= factor_of_exchange(plan, price.stated.currency, factor);
    else if (price.name == name)
      price.amount *= factor;
  });
  return lifted;
}

std::vector<std::string> price_names(const MoneyPlan& plan) {
  std::vector<std::string> names;
  bool converted = false;
  each_plan_price(plan, [&](const PlanPrice& price) {
    converted = converted || price.stated.currency != plan.currency;
    if (price.amount != 0 && std::find(names.begin(), names.end(), price.name) == names.end())
      names.push_back(price.name);
  });
  if (converted && plan.exchange_price) names.push_back(plan.exchange_price->name);
  return names;
}

}  // namespace alight
