// What heat did, in the summary.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sim/run/run.hpp"

namespace alight {

/// Lines of the summary, label and text: one for each pool; `reports` beside the site's pools.
std::vector<std::pair<std::string, std::string>> heat_lines(const Site& site, const std::vector<HeatReport>& reports,
                                                            double end_s);
nlohmann::ordered_json heat_json(const Site& site, const std::vector<HeatReport>& reports);

}  // namespace alight
