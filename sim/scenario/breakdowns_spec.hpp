// Chips and servers that break, or are serviced, as a scenario states it. Resolved into sim/run/breakdown_plan.hpp by
// resolve_breakdowns().
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/describe/description.hpp"
#include "sim/run/breakdown_plan.hpp"

namespace alight {

/// A set of the catalogue's `failures`, for some pools.
struct FailureSetSpec {
  std::string set;
  std::vector<std::string> pools;  ///< empty: all
  double times = 1;
  static const Description& description();
};

struct ServerTraceSpec {
  std::optional<std::string> file;
  std::vector<std::string> pools;  ///< its servers are theirs in order; empty: all
  double from_s = 0;
  static const Description& description();
};

struct MaintenanceSpec {
  double at_s = 0, lasts_s = 0;
  std::string pool;
  std::int64_t first = 0;
  std::optional<std::int64_t> servers;
  static const Description& description();
};

/// Chips that become slow.
struct SlowChipsSpec {
  std::string name = "slow chip";
  std::vector<std::string> pools;  ///< empty: all
  std::optional<double> per_year;  ///< one of the two
  std::optional<double> at_s;
  std::optional<std::int64_t> server, chip;  ///< of one at a known time
  double speed = 0;
  std::optional<double> detection_s;  ///< nothing: never
  std::optional<double> repair_s, repair_median_s;
  WhenSlow when_found = WhenSlow::stop;
  static const Description& description();
};

/// A leak at a known time.
struct DatedLeakSpec {
  double at_s = 0;
  std::int64_t rack = 0;
  static const Description& description();
};

/// Leaks of liquid cooling, by chance and at known times.
struct LeaksSpec {
  std::string pool;
  std::optional<double> per_year;
  std::int64_t loop = 1;
  double repair_s = 0;
  std::optional<double> repair_median_s;
  double detection_s = 0;
  std::vector<DatedLeakSpec> dated;
  static const Description& description();
};

struct BreakdownsSpec {
  std::vector<FailureSetSpec> failures;
  std::vector<SlowChipsSpec> slowdowns;
  std::vector<LeaksSpec> leaks;
  std::optional<ServerTraceSpec> trace;
  std::vector<MaintenanceSpec> maintenance;
  std::optional<double> repair_s, repair_median_s;
  double detection_s = 600, drain_s = 0, test_s = 0;
  std::int64_t crews = 0;
  std::map<std::string, std::int64_t> spares;
  OnFailure on_failure = OnFailure::requeue;
  static const Description& description();
};

}  // namespace alight
