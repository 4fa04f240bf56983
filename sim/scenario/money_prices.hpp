// Reads prices as a scenario states them: an amount with its unit, or a name of the catalogue's prices.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "models/describe/diagnostics.hpp"
#include "platforms/catalogue.hpp"
#include "sim/money/money_plan.hpp"
#include "sim/scenario/money_spec.hpp"

namespace alight {

/// A unit a price may have, and how many of the one we count in it is.
struct PriceUnit {
  const char* unit;
  double in_base;
  Currency currency;
};
std::span<const PriceUnit> units_of_one();          ///< of one thing
std::span<const PriceUnit> units_of_building();     ///< per kW
std::span<const PriceUnit> units_of_floor();        ///< per m2
std::span<const PriceUnit> units_of_wage();         ///< per year
std::span<const PriceUnit> units_of_water();        ///< per m3
std::span<const PriceUnit> units_of_demand();       ///< per kW and month
std::span<const PriceUnit> units_of_tokens();       ///< per million
std::span<const PriceUnit> units_of_chip_rent();    ///< per chip-hour
std::span<const PriceUnit> units_of_pflops_rent();  ///< per PFLOPS and month
std::span<const PriceUnit> units_of_exchange();     ///< CNY for one USD

class PriceReader {
 public:
  /// Prices that are stated without a date are of `bought`, the date of conversion too.
  PriceReader(const Catalogue& catalogue, Currency currency, Date bought, Diagnostics& diagnostics)
      : catalogue_(catalogue), currency_(currency), bought_(bought), d_(diagnostics) {}

  /// What the rate between the currencies is from here on.
  void set_exchange(ExchangeRate exchange) { exchange_ = std::move(exchange); }

  /// `name`: what it is of, where it is no entry of the catalogue. A mistake is reported at `key`.
  std::optional<PlanPrice> read(const PriceSpec& spec, const std::string& key, const std::string& name,
                                std::span<const PriceUnit> units) const;
  /// In the plan's currency; a mistake at `key` where the rate of the date is not known.
  double converted(Money money, const std::string& key) const;
  /// Whether `text`, an amount or an entry's, is in one of these units.
  bool is_in(const std::string& text, std::span<const PriceUnit> units) const;

  Currency currency() const { return currency_; }
  Date bought() const { return bought_; }

 private:
  const Catalogue& catalogue_;
  Currency currency_;
  Date bought_;
  Diagnostics& d_;
  ExchangeRate exchange_{DatedSeries{}};
};

/// A path of prices in one unit, and each of them for the record. Nothing after a mistake.
struct ReadPath {
  DatedSeries series;
  Currency currency = Currency::usd;
  std::vector<PlanPrice> prices;
};
std::optional<ReadPath> read_price_path(const PriceReader& reader, const std::string& price,
                                        const std::vector<PriceSpec>& path, DatedSeries::Between between,
                                        const std::string& key, const std::string& name,
                                        std::span<const PriceUnit> units, Diagnostics& diagnostics);

}  // namespace alight
