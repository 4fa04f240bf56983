#include "models/describe/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "models/describe/diagnostics.hpp"

namespace alight {

namespace {

using D = Dimension;

constexpr double kKi = 1024.0;
constexpr double kMi = kKi * kKi;
constexpr double kGi = kMi * kKi;
constexpr double kTi = kGi * kKi;

// The first of each dimension is the customary one. A symbol stands for one dimension only.
constexpr Unit kUnits[] = {
    {"s", D::time, 1e9},
    {"ms", D::time, 1e6},
    {"us", D::time, 1e3},
    {"ns", D::time, 1},
    {"min", D::time, 60e9},
    {"h", D::time, 3600e9},
    {"d", D::time, 86400e9},
    {"week", D::time, 7 * 86400e9},
    {"year", D::time, 365 * 86400e9},
    {"GB", D::data, 1e9},
    {"B", D::data, 1},
    {"KB", D::data, 1e3},
    {"kB", D::data, 1e3},
    {"MB", D::data, 1e6},
    {"TB", D::data, 1e12},
    {"PB", D::data, 1e15},
    {"KiB", D::data, kKi},
    {"MiB", D::data, kMi},
    {"GiB", D::data, kGi},
    {"TiB", D::data, kTi},
    {"Gbps", D::data_rate, 1e9},
    {"bps", D::data_rate, 1},
    {"Kbps", D::data_rate, 1e3},
    {"Mbps", D::data_rate, 1e6},
    {"Tbps", D::data_rate, 1e12},
    {"B/s", D::data_rate, 8},
    {"KB/s", D::data_rate, 8e3},
    {"MB/s", D::data_rate, 8e6},
    {"GB/s", D::data_rate, 8e9},
    {"TB/s", D::data_rate, 8e12},
    {"PB/s", D::data_rate, 8e15},
    {"MiB/s", D::data_rate, 8 * kMi},
    {"GiB/s", D::data_rate, 8 * kGi},
    {"TFLOP", D::compute, 1e12},
    {"FLOP", D::compute, 1},
    {"GFLOP", D::compute, 1e9},
    {"PFLOP", D::compute, 1e15},
    {"EFLOP", D::compute, 1e18},
    {"ZFLOP", D::compute, 1e21},
    {"TFLOPS", D::compute_rate, 1e12},
    {"FLOPS", D::compute_rate, 1},
    {"MFLOPS", D::compute_rate, 1e6},
    {"GFLOPS", D::compute_rate, 1e9},
    {"PFLOPS", D::compute_rate, 1e15},
    {"EFLOPS", D::compute_rate, 1e18},
    {"ZFLOPS", D::compute_rate, 1e21},
    {"OPS", D::compute_rate, 1},
    {"GOPS", D::compute_rate, 1e9},
    {"TOPS", D::compute_rate, 1e12},
    {"POPS", D::compute_rate, 1e15},
    {"kW", D::power, 1e3},
    {"W", D::power, 1},
    {"MW", D::power, 1e6},
    {"GW", D::power, 1e9},
    {"kW/rack", D::power_density, 1e3},
    {"W/rack", D::power_density, 1},
    {"kWh", D::energy, 3.6e6},
    {"J", D::energy, 1},
    {"kJ", D::energy, 1e3},
    {"MJ", D::energy, 1e6},
    {"GJ", D::energy, 1e9},
    {"Wh", D::energy, 3600},
    {"MWh", D::energy, 3.6e9},
    {"GWh", D::energy, 3.6e12},
    {"pJ/bit", D::energy_per_data, 1},
    {"m", D::length, 1e9},
    {"nm", D::length, 1},
    {"um", D::length, 1e3},
    {"mm", D::length, 1e6},
    {"cm", D::length, 1e7},
    {"km", D::length, 1e12},
    {"ns/m", D::delay_per_length, 1},
    {"us/km", D::delay_per_length, 1},
    {"mm2", D::area, 1},
    {"cm2", D::area, 1e2},
    {"m2", D::area, 1e6},
    {"C", D::temperature, 1, 273.15},
    {"K", D::temperature, 1},
    {"F", D::temperature, 5.0 / 9.0, 273.15 - 32.0 * 5.0 / 9.0},
    {"K/min", D::temperature_rate, 60},
    {"K/s", D::temperature_rate, 3600},
    {"K/h", D::temperature_rate, 1},
    {"C/min", D::temperature_rate, 60},
    {"C/h", D::temperature_rate, 1},
    {"K/W", D::thermal_resistance, 1},
    {"C/W", D::thermal_resistance, 1},
    {"1", D::ratio, 1e6},
    {"%", D::ratio, 1e4},
    {"ppm", D::ratio, 1},
    {"/s", D::rate, 365 * 86400.0},
    {"/min", D::rate, 365 * 1440.0},
    {"/h", D::rate, 365 * 24.0},
    {"/d", D::rate, 365},
    {"/year", D::rate, 1},
    {"cores", D::cores, 1},
    {"core", D::cores, 1},
    {"USD", D::cost_usd, 1},
    {"kUSD", D::cost_usd, 1e3},
    {"MUSD", D::cost_usd, 1e6},
    {"CNY", D::cost_cny, 1},
    {"kCNY", D::cost_cny, 1e3},
    {"MCNY", D::cost_cny, 1e6},
    {"USD/kWh", D::energy_price_usd, 1e3},
    {"USD/MWh", D::energy_price_usd, 1},
    {"CNY/kWh", D::energy_price_cny, 1e3},
    {"CNY/MWh", D::energy_price_cny, 1},
    {"USD/kW", D::power_price_usd, 1e3},
    {"USD/MW", D::power_price_usd, 1},
    {"USD/W", D::power_price_usd, 1e6},
    {"CNY/kW", D::power_price_cny, 1e3},
    {"CNY/MW", D::power_price_cny, 1},
    {"CNY/W", D::power_price_cny, 1e6},
    {"USD/h", D::chip_hour_price_usd, 8760},
    {"USD/d", D::chip_hour_price_usd, 365},
    {"USD/year", D::chip_hour_price_usd, 1},
    {"CNY/h", D::chip_hour_price_cny, 8760},
    {"CNY/d", D::chip_hour_price_cny, 365},
    {"CNY/year", D::chip_hour_price_cny, 1},
    {"gCO2/kWh", D::mass_intensity, 1},
    {"kgCO2/kWh", D::mass_intensity, 1e3},
    {"L/kWh", D::water_intensity, 1},
    {"m3/MWh", D::water_intensity, 1},
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

enum class NumberError { none, not_a_number, not_finite };

/// Takes the longest number off the front of `text`.
NumberError take_number(std::string_view& text, double& value) {
  std::string_view body = text;
  const bool negative = !body.empty() && body.front() == '-';
  if (!body.empty() && (body.front() == '-' || body.front() == '+')) body.remove_prefix(1);
  const bool numeric = !body.empty() && ((body.front() >= '0' && body.front() <= '9') || body.front() == '.');
  if (!numeric) {
    // "nan" and "inf" in any case, YAML's ".nan" and ".inf" too, are numbers that no field takes.
    std::string word;
    for (const char c : body.substr(0, 8)) word += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    const std::string first = word.substr(0, word.find(' '));
    return first == "nan" || first == "inf" || first == "infinity" ? NumberError::not_finite
                                                                   : NumberError::not_a_number;
  }
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), value);
  if (error == std::errc::result_out_of_range) return NumberError::not_finite;
  if (error != std::errc{}) {
    if (body.size() >= 4) {
      const std::string_view word = body.substr(1, 3);
      if (word == "nan" || word == "NaN" || word == "NAN" || word == "inf" || word == "Inf" || word == "INF")
        return NumberError::not_finite;
    }
    return NumberError::not_a_number;
  }
  if (negative) value = -value;
  text = body.substr(static_cast<std::size_t>(end - body.data()));
  return NumberError::none;
}

/// "a data rate", "an energy".
std::string with_article(Dimension dimension) {
  const std::string_view name = name_of(dimension);
  return (name.starts_with('e') || name.starts_with('a') ? "an " : "a ") + std::string(name);
}

/// ", e.g. 400 Gbps": how it is written, with the user's own number where there is one.
std::string example(Unit to, std::string_view number) {
  if (to.symbol == "1") return ", e.g. 0.5, 50 % or 2:1";
  return ", e.g. " + std::string(number.empty() ? "10" : number) + ' ' + std::string(to.symbol);
}

std::string wanted(Unit to, std::string_view number) {
  return "expected " + with_article(to.dimension) + example(to, number);
}

Parsed problem(std::string message, std::string hint = {}) {
  return {std::nullopt, std::move(message), std::move(hint)};
}

/// Suggests the unit of `to`'s dimension that was most likely meant, then one of any dimension.
std::string suggest(std::string_view symbol, Unit to) {
  std::vector<std::string> same, all;
  for (const Unit& u : kUnits) {
    if (u.symbol == "1") continue;
    if (u.dimension == to.dimension) same.emplace_back(u.symbol);
    all.emplace_back(u.symbol);
  }
  std::string hint = did_you_mean(symbol, same);
  return hint.empty() ? did_you_mean(symbol, all) : hint;
}

}  // namespace

std::vector<Unit> units_of(Dimension dimension) {
  std::vector<Unit> out;
  for (const Unit& u : kUnits)
    if (u.dimension == dimension) out.push_back(u);
  return out;
}

std::string_view name_of(Dimension dimension) {
  switch (dimension) {
    case D::time:
      return "time";
    case D::data:
      return "data size";
    case D::data_rate:
      return "data rate";
    case D::compute:
      return "computing work";
    case D::compute_rate:
      return "computing rate";
    case D::power:
      return "power";
    case D::power_density:
      return "power per rack";
    case D::energy:
      return "energy";
    case D::energy_per_data:
      return "energy per bit";
    case D::length:
      return "length";
    case D::delay_per_length:
      return "delay per length";
    case D::area:
      return "area";
    case D::temperature:
      return "temperature";
    case D::temperature_rate:
      return "temperature change";
    case D::thermal_resistance:
      return "thermal resistance";
    case D::ratio:
      return "ratio";
    case D::rate:
      return "rate";
    case D::cores:
      return "processor cores";
    case D::cost_usd:
      return "cost in USD";
    case D::cost_cny:
      return "cost in CNY";
    case D::energy_price_usd:
      return "energy price in USD";
    case D::energy_price_cny:
      return "energy price in CNY";
    case D::power_price_usd:
      return "price of power in USD";
    case D::power_price_cny:
      return "price of power in CNY";
    case D::chip_hour_price_usd:
      return "price per time in USD";
    case D::chip_hour_price_cny:
      return "price per time in CNY";
    case D::mass_intensity:
      return "carbon intensity";
    case D::water_intensity:
      return "water intensity";
  }
  throw std::logic_error("units: a dimension without a name");
}

std::optional<Unit> find_unit(std::string_view symbol) {
  if (symbol.empty()) symbol = "1";
  for (const Unit& u : kUnits)
    if (u.symbol == symbol) return u;
  return std::nullopt;
}

Unit unit(std::string_view symbol) {
  if (const auto found = find_unit(symbol)) return *found;
  throw std::logic_error("units: no unit \"" + std::string(symbol) + "\"");
}

double convert(double value, Unit from, Unit to) {
  if (from.dimension != to.dimension) throw std::logic_error("units: conversion between dimensions");
  if (from.factor == to.factor && from.offset == to.offset) return value;
  if (from.offset != 0.0 || to.offset != 0.0) return (value * from.factor + (from.offset - to.offset)) / to.factor;
  // Whichever ratio is a whole number is exact, and using it leaves one rounding.
  if (std::fmod(from.factor, to.factor) == 0.0) return value * (from.factor / to.factor);
  if (std::fmod(to.factor, from.factor) == 0.0) return value / (to.factor / from.factor);
  return value * from.factor / to.factor;
}

Parsed parse_quantity(std::string_view text, Unit to) {
  const std::string_view whole = trimmed(text);
  if (whole.empty()) return problem("has no value; " + wanted(to, {}));
  std::string_view rest = whole;
  double value = 0;
  switch (take_number(rest, value)) {
    case NumberError::none:
      break;
    case NumberError::not_finite:
      return problem(in_quotes(whole) + " is not a finite number; " + wanted(to, {}));
    case NumberError::not_a_number:
      return problem(in_quotes(whole) + " is not a quantity; " + wanted(to, {}));
  }
  const std::string_view number = trimmed(whole.substr(0, whole.size() - rest.size()));
  rest = trimmed(rest);
  Unit from = unit("1");
  if (rest.starts_with(':')) {
    double parts = 0;
    std::string_view after = trimmed(rest.substr(1));
    if (take_number(after, parts) != NumberError::none || !after.empty() || parts == 0)
      return problem(in_quotes(whole) + " is not a ratio; write it as 2:1");
    value /= parts;
  } else if (rest.empty()) {
    if (to.symbol != "1")
      return problem(in_quotes(whole) + " needs a unit of " + std::string(name_of(to.dimension)) + example(to, number));
  } else {
    const auto found = find_unit(rest);
    if (!found || rest == "1") {
      if (rest.starts_with(',') || rest.starts_with('_') || rest.starts_with('\''))
        return problem(in_quotes(whole) + " is not a quantity; write the number without separators", wanted(to, {}));
      return problem(in_quotes(whole) + ": no unit is called " + in_quotes(rest) + "; " + wanted(to, number),
                     suggest(rest, to));
    }
    from = *found;
  }
  if (from.dimension != to.dimension) {
    return problem(in_quotes(whole) + " is " + with_article(from.dimension) + "; " + wanted(to, number));
  }
  const double converted = convert(value, from, to);
  if (!std::isfinite(converted)) return problem(in_quotes(whole) + " is too large");
  return {converted, {}, {}};
}

std::optional<double> parse_number(std::string_view text) {
  std::string_view rest = trimmed(text);
  double value = 0;
  if (take_number(rest, value) != NumberError::none || !rest.empty()) return std::nullopt;
  return value;
}

std::string format_number(double value) {
  std::array<char, 40> out{};
  const auto [end, error] = std::to_chars(out.data(), out.data() + out.size(), value);
  if (error != std::errc{}) throw std::logic_error("units: a number longer than its buffer");
  return {out.data(), end};
}

std::string format_quantity(double value, Unit in) {
  std::string out = format_number(value);
  if (in.symbol == "1") return out;
  return out + ' ' + std::string(in.symbol);
}

}  // namespace alight
