#include "sim/scenario/money_prices.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/economics/calendar.hpp"

namespace alight {
namespace {

constexpr Currency kUsd = Currency::usd, kCny = Currency::cny;

std::string list_of(std::span<const PriceUnit> units) {
  std::string list;
  for (const PriceUnit& each : units) list += (list.empty() ? "" : ", ") + std::string(each.unit);
  return list;
}

/// The amount in the unit that is counted in; nothing where its unit is another.
std::optional<Money> amount_of(const std::string& text, std::span<const PriceUnit> units) {
  const std::optional<Amount> amount = parse_amount(text);
  if (!amount) return std::nullopt;
  const auto unit =
      std::find_if(units.begin(), units.end(), [&](const PriceUnit& u) { return amount->unit == u.unit; });
  if (unit == units.end()) return std::nullopt;
  return Money{amount->value * unit->in_base, unit->currency};
}

}  // namespace

std::span<const PriceUnit> units_of_one() {
  static constexpr PriceUnit all[] = {{"USD", 1, kUsd}, {"CNY", 1, kCny}};
  return all;
}
std::span<const PriceUnit> units_of_building() {
  static constexpr PriceUnit all[] = {{"USD/W", 1e3, kUsd}, {"USD/kW", 1, kUsd}, {"USD/MW", 1e-3, kUsd},
                                      {"CNY/W", 1e3, kCny}, {"CNY/kW", 1, kCny}, {"CNY/MW", 1e-3, kCny}};
  return all;
}
std::span<const PriceUnit> units_of_floor() {
  static constexpr PriceUnit all[] = {{"USD/m2", 1, kUsd}, {"CNY/m2", 1, kCny}};
  return all;
}
std::span<const PriceUnit> units_of_wage() {
  static constexpr PriceUnit all[] = {
      {"USD/year", 1, kUsd}, {"USD/month", 12, kUsd}, {"CNY/year", 1, kCny}, {"CNY/month", 12, kCny}};
  return all;
}
std::span<const PriceUnit> units_of_water() {
  static constexpr PriceUnit all[] = {{"USD/m3", 1, kUsd}, {"CNY/m3", 1, kCny}};
  return all;
}
std::span<const PriceUnit> units_of_demand() {
  static constexpr PriceUnit all[] = {{"USD/kW/month", 1, kUsd}, {"CNY/kW/month", 1, kCny}};
  return all;
}
std::span<const PriceUnit> units_of_tokens() {
  static constexpr PriceUnit all[] = {{"USD/Mtoken", 1, kUsd}, {"CNY/Mtoken", 1, kCny}};
  return all;
}
std::span<const PriceUnit> units_of_chip_rent() {
  static constexpr PriceUnit all[] = {
      {"USD/h", 1, kUsd}, {"USD/month", 1 / kBilledHoursPerMonth, kUsd}, {"USD/year", 1 / kBilledHoursPerYear, kUsd},
      {"CNY/h", 1, kCny}, {"CNY/month", 1 / kBilledHoursPerMonth, kCny}, {"CNY/year", 1 / kBilledHoursPerYear, kCny}};
  return all;
}
std::span<const PriceUnit> units_of_pflops_rent() {
  static constexpr PriceUnit all[] = {{"USD/PFLOPS/month", 1, kUsd},
                                      {"USD/PFLOPS/year", 1.0 / 12, kUsd},
                                      {"CNY/PFLOPS/month", 1, kCny},
                                      {"CNY/PFLOPS/year", 1.0 / 12, kCny},
                                      {"x10^4 CNY/PFLOPS/year", 1e4 / 12, kCny}};
  return all;
}
std::span<const PriceUnit> units_of_exchange() {
  static constexpr PriceUnit all[] = {{"CNY/USD", 1, kCny}, {"CNY", 1, kCny}};
  return all;
}

bool PriceReader::is_in(const std::string& text, std::span<const PriceUnit> units) const {
  const Fact* entry = catalogue_.prices().find(text);
  return amount_of(entry ? entry->typical : text, units).has_value();
}

std::optional<PlanPrice> PriceReader::read(const PriceSpec& spec, const std::string& key, const std::string& name,
                                           std::span<const PriceUnit> units) const {
  const std::string at = join_key(key, "price");
  const Fact* entry = catalogue_.prices().find(spec.price);
  const auto money = amount_of(entry ? entry->typical : spec.price, units);
  if (!money) {
    if (entry && entry->typical.empty())
      d_.error_at(at, fmt::format("{} of the catalogue has no typical amount, only a low and a high one",
                                  in_quotes(entry->name)));
    else if (entry)
      d_.error_at(at, fmt::format("{} of the catalogue is {}; what is wanted is in one of {}", in_quotes(entry->name),
                                  entry->typical, list_of(units)));
    else
      d_.error_at(at,
                  fmt::format("{} is neither an amount in one of {} nor a name of the catalogue's prices",
                              in_quotes(spec.price), list_of(units)),
                  did_you_mean(spec.price, catalogue_.prices().all_names()));
    return std::nullopt;
  }
  if (money->amount < 0) {
    d_.error_at(at, fmt::format("{} is below nothing", in_quotes(spec.price)));
    return std::nullopt;
  }
  PlanPrice price{.name = entry ? entry->name : name, .stated = *money};
  price.amount = converted(*money, at);
  const auto of_entry = entry ? first_date(entry->date) : std::optional<Date>();
  price.date = spec.date.value_or(of_entry.value_or(bought_));
  price.source = !spec.source.empty() ? spec.source : entry ? entry->provenance.source : "scenario, " + key;
  price.confidence = entry ? entry->provenance.confidence : "";
  return price;
}

double PriceReader::converted(Money money, const std::string& key) const {
  const Looked looked = exchange_.convert(money, currency_, bought_);
  if (!looked.value) d_.error_at(key, looked.problem);
  return looked.value.value_or(0);
}

std::optional<ReadPath> read_price_path(const PriceReader& reader, const std::string& price,
                                        const std::vector<PriceSpec>& path, DatedSeries::Between between,
                                        const std::string& key, const std::string& name,
                                        std::span<const PriceUnit> units, Diagnostics& d) {
  ReadPath out;
  if (path.empty()) {
    const auto one = reader.read({.price = price, .date = {}, .source = {}}, key, name, units);
    if (!one) return std::nullopt;
    out.series = DatedSeries::always(name, one->stated.amount);
    out.currency = one->stated.currency;
    out.prices = {*one};
    return out;
  }
  std::vector<DatedValue> values;
  bool good = true;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::string at = fmt::format("{}.path[{}]", key, i);
    const auto one = reader.read(path[i], at, name, units);
    if (!one) {
      good = false;
      continue;
    }
    const auto complain = [&](const char* of, std::string what) {
      d.error_at(join_key(at, of), std::move(what));
      good = false;
    };
    // An amount has the date of the money where it states none: within a path that says nothing.
    if (!path[i].date && one->name == name) complain("date", "is missing: from when on this price is");
    if (!values.empty() && one->stated.currency != out.currency)
      complain("price", fmt::format("is in {}, those before it are in {}", name_of(one->stated.currency),
                                    name_of(out.currency)));
    if (std::any_of(values.begin(), values.end(), [&](const DatedValue& v) { return v.date == one->date; }))
      complain("date", fmt::format("there is a price of {} before it", format_date(one->date)));
    if (between == DatedSeries::Between::geometric && !(one->stated.amount > 0))
      complain("price", "must be above 0 on a geometric path");
    out.currency = one->stated.currency;
    values.push_back({one->date, one->stated.amount});
    out.prices.push_back(*one);
  }
  if (!good) return std::nullopt;
  out.series = DatedSeries(name, std::move(values), between);
  return out;
}

}  // namespace alight
