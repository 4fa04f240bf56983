// What a centre costs and earns, resolved: the bill of materials with every price in one currency, the terms of
// capital, what running it is paid for by, and what chips and tokens bring. Immutable during a run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/economics/capital.hpp"
#include "models/economics/dated_series.hpp"
#include "models/economics/money.hpp"
#include "models/economics/revenue.hpp"

namespace alight {

/// A price as stated and in the plan's currency.
struct PlanPrice {
  std::string name;  ///< what it is of: "HGX H100", "construction, US", "water"
  Money stated;
  double amount = 0;  ///< in the plan's currency, at the rate of the plan's date
  Date date;
  std::string source;
  std::string confidence;
};

/// A line of the bill.
struct MoneyLine {
  std::string what;
  Asset kind = Asset::other;
  double count = 0;
  PlanPrice price;                       ///< of one
  std::optional<std::size_t> pool = {};  ///< that bears it alone; else all share it

  double sum() const { return count * price.amount; }
};

/// What becomes of one kind of capital.
struct AssetTerms {
  Depreciation loses;
  double maintenance_share = 0;  ///< of its price, a year
};

/// What a pool's chips are let for.
struct PoolRent {
  Rent rent;  ///< in `currency`
  Currency currency = Currency::usd;
  bool of_dark_too = false;
  std::vector<PlanPrice> prices;  ///< for the record, of a chip-hour or of PFLOPS and month
};

/// A part of a pool's racks, and when it comes.
struct PoolDelivery {
  double from_s = 0;
  double share = 1;
};

struct PoolPlan {
  std::string name;
  double chips = 0;
  double pflops_per_chip = 0;    ///< nominal, dense 16-bit
  double it_kw = 0;              ///< its servers are provided with, and their part of the network; 0: not known
  double idle_w = 0, lit_w = 0;  ///< of a chip and its part of the server; 0: not known
  std::vector<PoolDelivery> deliveries = {PoolDelivery{}};
  std::optional<PoolRent> rent = {};
};

/// Per million tokens.
struct ServicePrices {
  std::string service;
  std::optional<PlanPrice> input, cached_input, output;
};

struct MoneyPlan {
  Currency currency = Currency::usd;
  Date bought, start;  ///< of the purchases; of the run's first second
  ExchangeRate exchange{DatedSeries{}};
  std::optional<PlanPrice> exchange_price;  ///< where anything was or may be converted
  std::vector<MoneyLine> lines;
  std::vector<std::string> not_priced;  ///< "leaf switches: ..." what it is, and why
  std::map<Asset, AssetTerms> terms;
  double loan_share = 0, loan_rate = 0;
  int loan_months = 36;
  double owner_return = 0;
  double staff_per_mw = 0;
  std::optional<PlanPrice> wage, water, demand;
  std::optional<PlanPrice> electricity;  ///< stated: one of the building's currency; amount: the same in the plan's
  std::vector<PoolPlan> pools;
  std::vector<ServicePrices> services;
  std::optional<Voucher> voucher;  ///< budget in the plan's currency
  double years = 5;
  bool sold_at_end = true;

  double it_kw() const;
  /// What capital costs a year: borrowed money its interest, the owner's what it is to bring.
  double cost_of_capital() const { return loan_share * loan_rate + (1 - loan_share) * owner_return; }
};

/// Of a plan's lines by kind, in the order of assets(); kinds without a line are left out.
std::vector<std::pair<Asset, double>> capital_by_kind(const MoneyPlan& plan);

/// The plan with one price, by its name, times `factor`.
MoneyPlan with_price(const MoneyPlan& plan, const std::string& name, double factor);
/// Names of all its prices that cost anything, each once.
std::vector<std::string> price_names(const MoneyPlan& plan);

}  // namespace alight
