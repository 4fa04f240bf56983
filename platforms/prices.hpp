// What models/economics computes with, out of the catalogue: paths of dated prices, and lines of a bill of materials.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/economics/capital.hpp"
#include "platforms/cabling/bill.hpp"
#include "platforms/catalogue.hpp"

namespace alight {

/// What a price is per: one thing bought, an hour or a year of having it, a kWh, a kW, a cubic metre.
enum class PricePer { one, hour, year, kwh, kw, m3 };
/// Reads "30000 USD", "2.5 USD/h", "0.4 CNY/kWh", "11.7 USD/W" (in the unit of `per`: 11700 a kW); nothing where it is
/// no money, or of another kind.
std::optional<Money> money_in(std::string_view amount, PricePer per);

/// A path of dated prices in one currency, and why some were left out of it.
struct PricePath {
  DatedSeries series;
  std::vector<std::string> left_out;  ///< "2.35 USD/h (2026-03): no price to buy one", one for each
};
/// Of a chip, a server, a link ...: those in that currency and of that kind which have a date (the first it names).
PricePath price_path(const std::string& name, const std::vector<Price>& prices, Currency currency, PricePer per,
                     DatedSeries::Between between);
/// Of entries of `prices`, their typical amounts: the rents of one chip over the years.
PricePath price_path(const std::string& name, const std::vector<const Fact*>& facts, Currency currency, PricePer per,
                     DatedSeries::Between between);

/// A line, or why there is none.
struct Billed {
  std::optional<BillLine> line;
  std::string problem;
};
/// `count` of something at the newest of its prices to buy one that is not after `at`, of equally new ones the first.
Billed bill_line(const std::string& what, Asset kind, double count, const std::vector<Price>& prices,
                 const Provenance& from, Date at);
/// The cooling plant of that much IT load, at the technology's typical price per kW.
Billed cooling_plant_line(const CoolingTechnology& cooling, double it_kw, Date at);
/// A building for that much, at an entry of `prices` per W, kW or MW ("construction, US").
Billed building_line(const Fact& construction, double it_kw, Date at);
/// Cables and modules, tier by tier and medium by medium; rows without a price are named in `unknown`.
struct CablingLines {
  std::vector<BillLine> lines;
  std::vector<std::string> unknown;
};
CablingLines cabling_lines(const Bill& bill, Date at);

}  // namespace alight
