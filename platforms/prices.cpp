#include "platforms/prices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace alight {

namespace {

/// Unit symbols of a kind of price, USD then CNY.
std::pair<const char*, const char*> units_of_price(PricePer per) {
  switch (per) {
    case PricePer::one:
      return {"USD", "CNY"};
    case PricePer::hour:
      return {"USD/h", "CNY/h"};
    case PricePer::year:
      return {"USD/year", "CNY/year"};
    case PricePer::kwh:
      return {"USD/kWh", "CNY/kWh"};
    case PricePer::kw:
      return {"USD/kW", "CNY/kW"};
    case PricePer::m3:
      return {"USD/m3", "CNY/m3"};
  }
  return {"USD", "CNY"};
}

/// Collects dated prices, each with the reason where it does not fit.
class PathCollector {
 public:
  PathCollector(Currency currency, PricePer per) : currency_(currency), per_(per) {}

  void take(const std::string& amount, const std::string& date) {
    const auto money = money_in(amount, per_);
    const auto at = first_date(date);
    const std::string what = date.empty() ? amount : amount + " (" + date + ")";
    const auto same_date = [&](const DatedValue& v) { return v.date == *at; };
    if (!money)
      left_out_.push_back(what + ": no price per " + kNames[static_cast<std::size_t>(per_)]);
    else if (money->currency != currency_)
      left_out_.push_back(what + ": not in " + std::string(name_of(currency_)));
    else if (!at)
      left_out_.push_back(what + ": without a date");
    else if (std::any_of(values_.begin(), values_.end(), same_date))
      left_out_.push_back(what + ": there is one of that date before it");
    else
      values_.push_back({*at, money->amount});
  }

  PricePath finish(const std::string& name, DatedSeries::Between between) && {
    return {DatedSeries(name, std::move(values_), between), std::move(left_out_)};
  }

 private:
  static constexpr const char* kNames[] = {"unit bought", "hour", "year", "kWh", "kW", "m3"};
  Currency currency_;
  PricePer per_;
  std::vector<DatedValue> values_;
  std::vector<std::string> left_out_;
};

}  // namespace

std::optional<Money> money_in(std::string_view amount, PricePer per) {
  const auto [usd, cny] = units_of_price(per);
  if (per == PricePer::m3) {
    // No quantity of the configuration language is per volume.
    const auto as_written = parse_amount(amount);
    if (as_written && as_written->unit == usd) return Money{as_written->value, Currency::usd};
    if (as_written && as_written->unit == cny) return Money{as_written->value, Currency::cny};
    return std::nullopt;
  }
  if (const auto value = amount_in(amount, unit(usd))) return Money{*value, Currency::usd};
  if (const auto value = amount_in(amount, unit(cny))) return Money{*value, Currency::cny};
  return std::nullopt;
}

PricePath price_path(const std::string& name, const std::vector<Price>& prices, Currency currency, PricePer per,
                     DatedSeries::Between between) {
  PathCollector path(currency, per);
  for (const Price& price : prices) path.take(price.amount, price.date);
  return std::move(path).finish(name, between);
}

PricePath price_path(const std::string& name, const std::vector<const Fact*>& facts, Currency currency, PricePer per,
                     DatedSeries::Between between) {
  PathCollector path(currency, per);
  for (const Fact* fact : facts) path.take(fact->typical, fact->date);
  return std::move(path).finish(name, between);
}

Billed bill_line(const std::string& what, Asset kind, double count, const std::vector<Price>& prices,
                 const Provenance& from, Date at) {
  const Price* newest = nullptr;
  std::optional<Date> its_date;
  bool later = false;
  for (const Price& price : prices) {
    if (!money_in(price.amount, PricePer::one)) continue;
    const auto date = first_date(price.date);
    if (date && *date > at) later = true;
    // Of an unknown date: better than none.
    if ((date && *date > at) || (newest && (!date || (its_date && *its_date >= *date)))) continue;
    newest = &price;
    its_date = date;
  }
  if (!newest)
    return {std::nullopt,
            what + (later ? " has prices after " + format_date(at) + " only" : " has no price to buy one")};
  return {BillLine{what, kind, count, *money_in(newest->amount, PricePer::one), its_date.value_or(at), from.source,
                   newest->date.empty() ? "low" : from.confidence},
          {}};
}

Billed cooling_plant_line(const CoolingTechnology& cooling, double it_kw, Date at) {
  if (cooling.capex_usd_kw.empty()) return {std::nullopt, "the cost of " + cooling.name + " is not known"};
  // Low, typical, high.
  const double typical = cooling.capex_usd_kw[cooling.capex_usd_kw.size() / 2];
  const auto& estimates = cooling.provenance.estimates;
  const bool low = std::find(estimates.begin(), estimates.end(), "capex") != estimates.end();
  return {BillLine{"cooling plant, " + cooling.name,
                   Asset::cooling,
                   it_kw,
                   {typical, Currency::usd},
                   at,
                   cooling.provenance.source,
                   low ? "low" : cooling.provenance.confidence},
          {}};
}

Billed building_line(const Fact& construction, double it_kw, Date at) {
  const auto price = money_in(construction.typical, PricePer::kw);
  if (!price) return {std::nullopt, construction.name + " is no price per W, kW or MW: " + construction.typical};
  return {BillLine{construction.name, Asset::building, it_kw, *price, first_date(construction.date).value_or(at),
                   construction.provenance.source, construction.provenance.confidence},
          {}};
}

CablingLines cabling_lines(const Bill& bill, Date at) {
  CablingLines out;
  for (const BillRow& row : bill.rows) {
    const std::string what = row.tier + ", " + row.medium;
    const auto priced = static_cast<double>(row.sum.links - row.sum.unknown_price);
    if (row.sum.unknown_price > 0) out.unknown.push_back(fmt::format("{} ({} links)", what, row.sum.unknown_price));
    if (priced <= 0) continue;
    const Date date = first_date(row.price_date).value_or(at);
    for (const Money sum : {Money{row.sum.price_usd, Currency::usd}, Money{row.sum.price_cny, Currency::cny}})
      if (sum.amount > 0)
        out.lines.push_back(
            {what, Asset::network, priced, sum * (1 / priced), date, "catalogue, " + row.medium, row.confidence});
  }
  for (const BillSwitches& s : bill.optical_switches) {
    const std::string what = s.network + ", " + s.name;
    if (!s.price_usd) {
      out.unknown.push_back(fmt::format("{} ({} switches)", what, s.count));
      continue;
    }
    out.lines.push_back({what,
                         Asset::network,
                         static_cast<double>(s.count),
                         {*s.price_usd / static_cast<double>(s.count), Currency::usd},
                         first_date(s.price_date).value_or(at),
                         "catalogue, " + s.name});
  }
  return out;
}

}  // namespace alight
