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

/// What a quantity measures. After each: the unit whose factor is 1. It is the smallest in common use, so that factors
/// are whole numbers and conversions round once.
enum class Dimension {
  time,                 // ns
  data,                 // B
  data_rate,            // bps
  compute,              // FLOP
  compute_rate,         // FLOPS; OPS count alike
  power,                // W
  power_density,        // W/rack
  energy,               // J
  energy_per_data,      // pJ/bit
  length,               // nm
  delay_per_length,     // ns/m
  area,                 // mm2
  temperature,          // K
  temperature_rate,     // K/h
  thermal_resistance,   // K/W
  ratio,                // ppm
  rate,                 // events: /year, a year being 365 d
  cores,                // cores
  cost_usd,             // USD
  cost_cny,             // CNY
  energy_price_usd,     // USD/MWh
  energy_price_cny,     // CNY/MWh
  power_price_usd,      // USD/MW
  power_price_cny,      // CNY/MW
  chip_hour_price_usd,  // USD/year; any price of having something for a time
  chip_hour_price_cny,  // CNY/year
  mass_intensity,       // gCO2/kWh
  water_intensity,      // L/kWh
};

/// A value type: unit("Gbps") is looked up once and kept by value.
struct Unit {
  std::string_view symbol;  ///< "Gbps"; "1" for a pure ratio
  Dimension dimension = Dimension::ratio;
  double factor = 1.0;  ///< value in the dimension's base unit = value written * factor + offset
  double offset = 0.0;  ///< only temperatures have one
};

/// Links are rated in Gbit/s and carry bytes.
inline constexpr double kBytesPerGbit = 1e9 / 8;

/// All units of a dimension, the customary one first.
std::vector<Unit> units_of(Dimension dimension);
/// The dimension's name in words, "data rate".
std::string_view name_of(Dimension dimension);
/// The unit of that exact symbol, or nothing. "" is the pure ratio, as "1" is.
std::optional<Unit> find_unit(std::string_view symbol);
/// As find_unit, for symbols in our own code: an unknown one is our bug.
Unit unit(std::string_view symbol);

/// `value`, given in `from`, in the unit `to` of the same dimension (another one is our bug). Exact up to one rounding
/// where one unit is a whole multiple of the other; unchanged where they are the same.
double convert(double value, Unit from, Unit to);

struct Parsed {
  std::optional<double> value;  ///< in the unit asked for; absent when `problem` says why
  std::string problem;          ///< e.g. `"400" needs a unit of data rate, e.g. 400 Gbps`
  std::string hint;             ///< `did you mean "Gbps"?`, or empty
};

/// Reads a quantity such as "400 Gbps" and converts it to `to`. Ratios also read "4:1" and "50 %"; a bare number is
/// accepted only where `to` is the pure ratio "1". NaN and infinities are problems.
Parsed parse_quantity(std::string_view text, Unit to);

/// Reads a plain finite number: whole text, no unit, no thousands separators.
std::optional<double> parse_number(std::string_view text);

/// Shortest text that reads back as exactly `value`, followed by the unit's symbol (none for a pure ratio).
std::string format_quantity(double value, Unit in);
/// Shortest text that reads back as exactly `value`.
std::string format_number(double value);

}  // namespace alight
