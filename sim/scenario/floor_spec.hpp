// Where racks and switches stand, as a scenario states it; the lengths of cables follow from it
// (platforms/cabling/floor.hpp).
#pragma once

#include "models/describe/description.hpp"
#include "platforms/cabling/floor.hpp"

namespace alight {

/// The floor of a scenario: a Floor that can be read.
struct FloorSpec : Floor {
  static const Description& description();
};

}  // namespace alight
