// The building of a site as a scenario states it: how it is cooled, what the weather is, what electricity costs and
// emits. Resolved into sim/facility/building.hpp by resolve_facility().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"
#include "sim/facility/power_cap.hpp"
#include "sim/scenario/heat_spec.hpp"

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

/// A limit from a date, or a time of the run, on.
struct CapFromSpec {
  std::optional<Date> from;
  std::optional<double> after_s;
  std::optional<double> limit_w, share;
  static const Description& description();
};

/// A limit for some hours of every day; past midnight where it ends before it begins.
struct CapHoursSpec {
  std::int64_t from = 0, to = 0;
  std::optional<double> limit_w, share;
  static const Description& description();
};

/// A power cap (sim/facility/power_cap.hpp).
struct CapSpec {
  CapLevel level = CapLevel::site;
  AtCap policy = AtCap::uniform;
  std::string where;
  std::optional<double> limit_w, share;
  std::vector<CapFromSpec> dated;
  std::vector<CapHoursSpec> hours;
  std::optional<std::string> file;
  std::string column, unit;
  double utc_offset_h = 0;
  static const Description& description();
};

/// What chips draw whose job is known only by its duration, of the span from idle to the limit: all the same share, or
/// each job its own of a distribution.
struct OpaquePowerSpec {
  std::optional<double> share;
  std::optional<std::string> profile;
  std::vector<double> quantiles;
  static const Description& description();
};

/// Servers in racks denser than their cooling carries.
enum class DenseRacks : std::uint8_t { unpowered, carried };

struct FacilitySpec {
  std::string cooling;
  std::optional<WeatherSpec> weather;
  std::optional<HourlySpec> electricity, carbon;
  double ups_efficiency = 0, distribution_loss = 0;  ///< at full load
  std::optional<OpaquePowerSpec> opaque_power;
  std::vector<CapSpec> caps;
  double control_interval_s = 3;
  DenseRacks dense_racks = DenseRacks::unpowered;
  std::optional<HeatSpec> heat;
  FacilitySpec();
  static const Description& description();
};

/// File names become absolute.
void make_absolute(FacilitySpec& spec, const std::string& key, const Diagnostics& diagnostics);

}  // namespace alight
