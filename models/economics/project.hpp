// A centre as a project: what is bought when, with whose money, what it earns and costs month by month, and what is
// left to sell at the end.
#pragma once

#include <optional>
#include <vector>

#include "models/economics/capital.hpp"
#include "models/economics/cash.hpp"

namespace alight {

/// Money of one currency.
struct Purchase {
  Asset kind = Asset::other;
  double price = 0;
  int month = 0;  ///< paid then
  Depreciation loses;
};

struct Project {
  int months = 60;
  std::vector<Purchase> purchases;
  double loan_share = 0;  ///< of every purchase; the rest is the owner's
  double loan_rate = 0;   ///< a year
  int loan_months = 36;   ///< from each purchase on
  /// By month, from 0; months beyond have none. Month 0 is now: what its work earns and costs comes with month 1.
  std::vector<double> revenue, running;
  /// Everything is sold at the end for what the books say, and loans that still run are paid off then.
  bool sold_at_end = true;
};

/// Month 0 to `months`: what is spent or earned in month m is paid at its end, with month m + 1; purchases at once.
std::vector<CashMonth> project_cash(const Project& project);

struct ProjectResult {
  std::vector<CashMonth> months;
  double net_present_value = 0;
  std::optional<double> rate_of_return;  ///< a year; see internal_rate_of_return()
  std::optional<double> payback_months;
};
ProjectResult evaluate(const Project& project, double yearly_rate);

/// What all purchases are worth on the books when `month` begins.
double book_value(const Project& project, int month);

}  // namespace alight
