// How fast chips of a pool are beside each other, as a scenario states it. Resolved into ChipSpeeds
// (models/reliability/slow_chips.hpp) by resolve_site().
#pragma once

#include <optional>

#include "models/describe/description.hpp"
#include "models/reliability/slow_chips.hpp"

namespace alight {

struct ChipSpeedsSpec {
  std::optional<double> spread, range;
  double slowest = ChipSpeeds{}.slowest;
  double stragglers = 0;
  std::optional<double> straggler_speed;
  static const Description& description();
};

}  // namespace alight
