// Which alight this is.
#pragma once

#include <string>

namespace alight {

inline constexpr const char* kVersion = "0.1.0";
/// The SimGrid it runs on, "3.32.0".
std::string simgrid_version();

}  // namespace alight
