// What a centre costs and earns as a scenario states it. Resolved into sim/money/money_plan.hpp by resolve_money().
//
// A price is a text: an amount with its unit ("0.5 CNY/kWh"), or the name of one of the catalogue's prices
// ("construction, US"), which brings its date and source with it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"
#include "models/economics/capital.hpp"
#include "models/economics/dated_series.hpp"
#include "models/economics/money.hpp"

namespace alight {

struct PriceSpec {
  std::string price;
  std::optional<Date> date;
  std::string source;
  static const Description& description();
};

/// A price that changes with the date: one, or a path of several.
struct PricePathSpec {
  std::string price;
  std::vector<PriceSpec> path;
  DatedSeries::Between between = DatedSeries::Between::hold;
  static const Description& description();
};

/// A line of the bill that the user knows better, or that nobody else knows.
struct BillLineSpec {
  std::string what;
  std::optional<Asset> kind;
  std::optional<double> count;
  std::string price;
  std::optional<Date> date;
  std::string source;
  std::optional<std::string> pool;
  static const Description& description();
};

struct DepreciationSpec {
  std::optional<double> life_years;
  std::optional<double> residual;
  std::optional<Depreciation::Rule> rule;
  static const Description& description();
};

struct FinancingSpec {
  double loan = 0;
  double rate = 0.09;
  std::int64_t months = 36;
  double owner_return = 0.08;
  static const Description& description();
};

struct StaffSpec {
  double per_mw = 1.5;
  std::optional<PriceSpec> wage;
  static const Description& description();
};

struct RentSpec {
  std::string price;
  std::vector<PriceSpec> path;
  DatedSeries::Between between = DatedSeries::Between::hold;
  double overstated = 1;
  bool of_dark_too = false;
  static const Description& description();
};

/// Per million tokens.
struct TokenPriceSpec {
  std::optional<PriceSpec> input, cached_input, output;
  static const Description& description();
};

struct VoucherSpec {
  double share = 0;
  std::string budget;
  static const Description& description();
};

struct ProjectSpec {
  double years = 5;
  bool sold_at_end = true;
  static const Description& description();
};

struct MoneySpec {
  Currency currency = Currency::usd;
  std::optional<Date> date;
  std::optional<PricePathSpec> exchange;
  std::optional<double> server_share;
  std::optional<PriceSpec> building, floor;
  double mechanical_share = 0.175;
  std::vector<BillLineSpec> lines;
  std::map<std::string, DepreciationSpec> depreciation;
  std::map<std::string, double> maintenance;
  FinancingSpec financing;
  StaffSpec staff;
  std::optional<PriceSpec> water, demand_charge;
  std::map<std::string, RentSpec> rent;
  std::map<std::string, TokenPriceSpec> tokens;
  std::optional<VoucherSpec> vouchers;
  ProjectSpec project;
  static const Description& description();
};

}  // namespace alight
