// The bill of links as people and programs read it: lines of a summary, a part of summary.json, cables.csv.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "platforms/cabling/bill.hpp"
#include "platforms/site.hpp"

namespace alight {

/// Totals, then a line per tier and medium, then what the tiers' links add to a way. Empty where there is no bill.
std::vector<std::string> bill_lines(const Bill& bill, const Site& site);

/// `cabling` of summary.json (docs/formats/outputs.md).
nlohmann::ordered_json bill_json(const Bill& bill, const Site& site);

/// cables.csv: a row per tier, medium, rate and length bin. Returns its SHA-256.
std::string write_cables(const std::filesystem::path& file, const Bill& bill);

/// Media of low confidence that the bill rests on, in words.
std::vector<std::string> low_confidence_media(const Bill& bill);

}  // namespace alight
