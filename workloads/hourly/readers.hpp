// Readers of hourly files: EPW and Open-Meteo weather, tables of prices and carbon intensities.
//
// A file with a few hours missing is mended (Mended says so); one with more than a hundredth missing, or hours out of
// order, or values no weather has, is refused with its line.
#pragma once

#include <optional>
#include <string>

#include "workloads/hourly/hours.hpp"
#include "workloads/traces/input.hpp"
#include "workloads/traces/result.hpp"

namespace alight {

/// A year of weather: EnergyPlus' EPW (its Auxiliary Programs, "Weather Converter Program"; local standard time) or the
/// JSON of Open-Meteo's archive, told apart by how they begin. Without pressures that of the stated height is taken.
Result<Weather> read_weather(const Input& file);

struct HourlyColumns {
  std::string time;   ///< empty: the first of timestamp, Datetime, Datetime (UTC), time there is
  std::string value;  ///< empty: the only column of a known name, such as "Price (USD/MWh)" or avg_CI
  /// What stamps without a zone are ahead of UTC.
  double offset_h = 0;
};

/// A column of a table, an hour or a part of an hour a row; several rows of an hour are averaged.
Result<HourlySeries> read_hourly(const Input& file, const HourlyColumns& columns = {});

}  // namespace alight
