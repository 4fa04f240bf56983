// What came of power caps, in the summary.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sim/facility/power_cap.hpp"
#include "sim/run/run.hpp"

namespace alight {

/// Lines of the summary, label and text: one for each cap; `reports` beside them.
std::vector<std::pair<std::string, std::string>> cap_lines(const std::vector<PowerCap>& caps,
                                                           const std::vector<CapReport>& reports, double end_s);
nlohmann::ordered_json caps_json(const std::vector<PowerCap>& caps, const std::vector<CapReport>& reports);

}  // namespace alight
