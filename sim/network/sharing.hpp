// How jobs share the links of the site's network.
#pragma once

#include <cstdint>

namespace alight {

enum class Sharing : std::uint8_t {
  fluid,  ///< as rates (fluid.hpp)
  exact,  ///< step by step, phase by phase, as SimGrid plays them (exact.hpp)
  none,   ///< every job goes as if alone
};

}  // namespace alight
