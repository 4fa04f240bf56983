// How unevenly chips with work draw, as a study measured it (models/power/power_profile.hpp).
#pragma once

#include <string>
#include <vector>

#include "models/describe/description.hpp"
#include "models/entries/provenance.hpp"

namespace alight {

struct PowerProfileKind {
  std::string name;
  std::string like;
  std::vector<std::string> aliases;
  std::vector<double> quantiles;  ///< of chip-time with work: shares of the span from idle to the limit, at even steps
  Provenance provenance;
  static const Description& description();
};

/// Two at least, or none at all, and none below the one before.
void check_quantiles(const std::vector<double>& quantiles, const std::string& key, Diagnostics& diagnostics);

}  // namespace alight
