// What models/reliability computes with, out of the catalogue.
#pragma once

#include <optional>
#include <vector>

#include "models/reliability/interruptions.hpp"
#include "platforms/catalogue.hpp"

namespace alight {

/// The causes of a set, rates a year of one device each.
std::vector<FailureCause> failure_causes(const FailureSet& set);
/// Chips and servers the set was counted on; nothing where it does not say.
std::optional<Extent> watched(const FailureSet& set);

/// One switch, from the share that is alive after a quarter (the catalogue's fact "switch survival over three months"):
/// -4 ln(share); nothing where the catalogue does not say.
std::optional<double> switch_failures_per_year(const Catalogue& catalogue);

/// One cable of a medium with what is at its two ends, by the rate the catalogue's link has (figures_of() in
/// platforms/cabling/medium.hpp); nothing where it has none.
std::optional<double> cable_failures_per_year(const Link& link);

}  // namespace alight
