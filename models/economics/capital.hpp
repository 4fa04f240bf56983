// What was bought: lines of a bill of materials, each with its price, date and source, and what becomes of their value.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/economics/money.hpp"

namespace alight {

/// Kinds of capital that lose value and need care each in its own way.
enum class Asset { chips, servers, network, storage, cooling, power, building, other };
const std::vector<std::pair<std::string, Asset>>& assets();
std::string_view name_of(Asset asset);

/// One line: so many of something at a price. The count may be a measure: kW of IT load that a cooling plant carries,
/// MW of a building, metres of cable.
struct BillLine {
  std::string what;
  Asset kind = Asset::other;
  double count = 0;
  Money unit_price;
  Date date;  ///< of the price, and of the purchase
  std::string source;
  std::string confidence = {};

  Money sum() const { return unit_price * count; }
};

/// Sums by kind, in the currencies the lines have.
std::map<Asset, Purse> capital_by_kind(const std::vector<BillLine>& lines);
/// All of it in one currency, each line at the rate of its own date.
Looked capital(const std::vector<BillLine>& lines, Currency in, const ExchangeRate& exchange);

/// A building's price per MW as published holds its electrical and mechanical plant too. What is left of it beside a
/// cooling plant that is billed by itself: less its `mechanical_share` (15 to 20 % of construction: the catalogue's
/// "construction, electrical share").
constexpr double building_without_cooling(double price, double mechanical_share) {
  return price * (1 - mechanical_share);
}

/// How a purchase loses its value on the books.
struct Depreciation {
  enum class Rule {
    straight_line,  ///< the same amount every year of its life
    declining,      ///< the same share of what is left every year, then nothing more once it is at its residual value
  };
  Rule rule = Rule::straight_line;
  double life_years = 5;
  double residual_share = 0;  ///< of the price, at the end of its life
  /// Of `declining`; 0: the share that ends at the residual value, 1 - residual^(1 / life) (needs a residual above 0);
  /// twice 1 / life is "double declining".
  double yearly_share = 0;
};
/// Share of the price that is left on the books at an age; never below the residual, and constant after its life.
double book_share(const Depreciation& rule, double age_years);
/// Share of the price that is written off between two ages.
double written_off(const Depreciation& rule, double from_years, double to_years);

/// A loan that is paid back in equal parts at the end of each month, interest being a twelfth of the yearly rate on
/// what is still owed (the annuity: payment = P i / (1 - (1 + i)^-n)).
struct Loan {
  double principal = 0;
  double yearly_rate = 0;
  int months = 0;
};
double monthly_payment(const Loan& loan);
struct LoanMonth {
  double interest = 0, repaid = 0, owed = 0;  ///< `owed` at its end
};
std::vector<LoanMonth> loan_months(const Loan& loan);

/// What having something costs a year, its price spread evenly over its life at a rate of return, less what it still
/// brings at the end: (price - residual / (1 + r)^n) x r / (1 - (1 + r)^-n) (capital recovery).
double yearly_capital_cost(double price, double residual, double yearly_rate, double life_years);

}  // namespace alight
