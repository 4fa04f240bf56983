// How often things fail and how long repairs take, set by set as studies found it. platforms/reliability.hpp turns a
// set into what models/reliability computes with. What single cables lose is with the links, not here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/entries/provenance.hpp"
#include "models/reliability/interruptions.hpp"

namespace alight {

/// One cause of failures of a set. One of `failures_per_year`, `mtbf_h`, `afr` and `events` says how often.
struct FailureCauseKind {
  std::string cause;
  Component component = Component::other;
  Per per = Per::chip;
  std::optional<double> failures_per_year;                  ///< of one
  std::optional<double> mtbf_h;                             ///< of one
  std::optional<double> afr;                                ///< share of them a year
  std::optional<double> events;                             ///< counted among the set's chips or servers in its period
  std::optional<double> early_share, early_d, early_shape;  ///< EarlyFailures in models/reliability/lifetime.hpp
  std::optional<double> life_years, wear_shape;             ///< WearOut there
  std::optional<double> repair_h, repair_median_h, detection_min;
  static const Description& description();
};

/// Causes that were counted together, or that a user wants together.
struct FailureSet {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  std::string date;                   ///< as Price::date
  std::optional<std::int64_t> chips;  ///< what was watched
  std::int64_t chips_per_server = 8;
  std::optional<double> period_d;                 ///< for how long
  std::optional<double> repair_h, detection_min;  ///< of causes that state none
  std::vector<FailureCauseKind> causes;
  Provenance provenance;
  static const Description& description();
};

}  // namespace alight
