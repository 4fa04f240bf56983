// Units as users write them: "400 Gbps", "141 GB", "700 W", "3 h", "0.42 CNY/kWh", "4:1", "50 %".
//
// A described field names the unit it is stored in; any unit of the same dimension may be written. Prefixes are
// decimal (1 GB = 1e9 B) and binary where written so (GiB).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace alight {

enum class Dimension {
  time,
  data,
  data_rate,
  compute_rate,  // FLOP/s, OP/s
  power,
  power_density,  // power per rack
  energy,
  length,
  area,
  temperature,
  temperature_rate,
  ratio,
  rate,          // events per time
  cost_usd,
  cost_cny,
  energy_price_usd,
  energy_price_cny,
  power_price_usd,  // USD per kW
  chip_hour_price_usd,
  mass_intensity,  // gCO2/kWh
  thermal_resistance,
};

struct Unit {
  std::string_view symbol;
  Dimension dimension;
  double factor;        ///< value in the dimension's base unit = value written * factor + offset
  double offset = 0.0;  ///< only temperatures have one
};

/// All units of a dimension, the customary one first.
std::vector<Unit> units_of(Dimension dimension);
/// The dimension's name in words, "data rate".
std::string_view name_of(Dimension dimension);
/// The unit of that exact symbol, or nothing.
std::optional<Unit> find_unit(std::string_view symbol);
/// As find_unit, for symbols in our own code: an unknown one is our bug.
Unit unit(std::string_view symbol);

struct Parsed {
  std::optional<double> value;  ///< in the unit asked for; absent when `problem` says why
  std::string problem;          ///< e.g. `"400" needs a unit of data rate, e.g. 400 Gbps`
};

/// Reads a quantity such as "400 Gbps" and converts it to `to`. Ratios also read "4:1" and "50 %"; a bare number is
/// accepted only where `to` is a pure ratio. NaN and infinities are problems.
Parsed parse_quantity(std::string_view text, Unit to);

/// Reads a plain finite number: whole text, no unit.
std::optional<double> parse_number(std::string_view text);

/// Shortest text that reads back as exactly `value`, followed by the unit's symbol.
std::string format_quantity(double value, Unit in);
/// Shortest text that reads back as exactly `value`.
std::string format_number(double value);

}  // namespace alight
