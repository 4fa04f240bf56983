// The built-in catalogue, loaded once per test process.
#pragma once

#include <sstream>
#include <stdexcept>

#include "sim/scenario/load.hpp"

namespace alight::test {

inline const Catalogue& built_in_catalogue() {
  static const Catalogue catalogue = [] {
    Diagnostics diagnostics;
    Catalogue loaded = load_catalogue(nullptr, diagnostics);
    if (diagnostics.ok()) return loaded;
    std::ostringstream problems;
    diagnostics.print(problems);
    throw std::runtime_error(problems.str());
  }();
  return catalogue;
}

}  // namespace alight::test
