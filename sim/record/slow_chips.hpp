// What chips that are slow and not dead came to in a run, as its summary says it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "platforms/site.hpp"
#include "sim/run/slow_chips.hpp"

namespace alight {

/// As people read it: label and line. `pools`: [pool] of the site.
std::vector<std::pair<std::string, std::string>> slow_chip_lines(const Site& site,
                                                                 const std::vector<SlowChipsReport>& pools,
                                                                 double end_s);
nlohmann::ordered_json slow_chips_json(const Site& site, const std::vector<SlowChipsReport>& pools, double end_s);

}  // namespace alight
