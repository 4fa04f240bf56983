// A limit on what a part of the site may draw: on each rack, each row, each hall, on the servers and the network of the
// site, or on what its meter reads; always, from dates on, by the hour of the day, or hour by hour from a file. And
// what becomes of those who would pass it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/describe/date.hpp"
#include "workloads/hourly/hours.hpp"

namespace alight {

enum class CapLevel : std::uint8_t { rack, row, hall, site, utility };
std::string_view name_of(CapLevel level);

enum class AtCap : std::uint8_t {
  uniform,      ///< all jobs that can be clocked down go at one clock
  by_priority,  ///< the lowest priority to its lowest clock first, then the next
  switch_off,   ///< servers nobody uses go off, then those of jobs of the lowest priority; no start that would pass it
  refuse,       ///< no start that would pass it
};
std::string_view name_of(AtCap policy);

/// A limit at every moment.
struct CapLimit {
  /// Watts, or a share of what the domain is provided with.
  struct Value {
    double value = std::numeric_limits<double>::infinity();
    bool share = false;
    double watts(double rated_w) const { return share ? value * rated_w : value; }
  };
  struct From {
    double from_s = 0;  ///< of the run
    Value limit;
  };
  Value always;
  std::vector<From> dated;                    ///< by ascending time; each holds until the next
  std::vector<std::optional<Value>> of_hour;  ///< [hour of the day]; where there is none the others hold; or empty
  std::optional<HourlySeries> series;         ///< of a year at least: it alone counts
  double scale = 1;                           ///< of its values, W

  /// At a second of the run, whose first is `start`. Hours of the day are those of `start`'s calendar.
  Value at(double run_s, Date start) const;
  /// The first later moment at which it may be another; infinite: none.
  double next_change_s(double run_s, Date start) const;
  /// Until it comes round: 0 where it ends to change.
  double period_s() const;
};

/// After which hourly files have come round.
inline constexpr double kYearOfHoursS = 366 * 86400.0;

/// The next full hour of the calendar after a second of the run.
double next_hour_s(double run_s, Date start);

struct PowerCap {
  std::string name;  ///< "rack cap of pool a100"
  CapLevel level = CapLevel::site;
  AtCap policy = AtCap::uniform;
  CapLimit limit;
  /// What is capped by itself, with what it is provided with: the second rack of the pool, say. At level utility that
  /// is not known, since it depends on the weather.
  struct Domain {
    std::string name;
    double rated_w = 0;
  };
  std::vector<Domain> domains;
  std::vector<std::int32_t> domain_of_rack;  ///< [rack of the site] of these; below 0: not under this cap
  bool may_refuse() const { return policy == AtCap::switch_off || policy == AtCap::refuse; }
};

}  // namespace alight
