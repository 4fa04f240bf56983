// The building of a site as a scenario states it: how it is cooled, what the weather is, what electricity costs and
// emits. Resolved into sim/facility/building.hpp by resolve_facility().
#pragma once

#include <optional>
#include <string>

#include "models/describe/description.hpp"

namespace alight {

struct WeatherSpec {
  std::optional<std::string> file;
  std::optional<double> dry_bulb_c, humidity;
  static const Description& description();
};

/// A price or a carbon intensity, the same at all times or hour by hour.
struct HourlySpec {
  std::optional<std::string> value;  ///< with its unit
  std::optional<std::string> file;
  std::string column, unit;
  double utc_offset_h = 0;
  static const Description& description();
};

struct FacilitySpec {
  std::string cooling;
  std::optional<WeatherSpec> weather;
  std::optional<HourlySpec> electricity, carbon;
  double ups_efficiency = 0, distribution_loss = 0;  ///< at full load
  double opaque_power = 0.5;
  FacilitySpec();
  static const Description& description();
};

/// File names become absolute.
void make_absolute(FacilitySpec& spec, const std::string& key, const Diagnostics& diagnostics);

}  // namespace alight
