#include "sim/record/caps.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace alight {

std::vector<std::pair<std::string, std::string>> cap_lines(const std::vector<PowerCap>& caps,
                                                           const std::vector<CapReport>& reports, double end_s) {
  std::vector<std::pair<std::string, std::string>> lines;
  const auto percent = [&](double s) { return end_s > 0 ? 100 * s / end_s : 0; };
  for (std::size_t c = 0; c < reports.size(); ++c) {
    const CapReport& r = reports[c];
    std::string what = fmt::format("{}, {}   ", caps[c].name, name_of(caps[c].policy));
    if (caps[c].policy == AtCap::refuse)
      what += "starts refused";
    else
      what += fmt::format("held back {:.1f} % of the time", percent(r.capped_s));
    if (r.lowest_clock < 1) what += fmt::format("   lowest clock {:.3f}", r.lowest_clock);
    if (r.servers_off > 0) what += fmt::format("   {} servers off at most", r.servers_off);
    if (r.jobs_cut > 0) what += fmt::format("   {} jobs lost their chips", r.jobs_cut);
    if (r.not_met_s > 0) what += fmt::format("   not met {:.3g} % of the time", percent(r.not_met_s));
    lines.emplace_back(c == 0 ? "caps" : "", what);
  }
  return lines;
}

nlohmann::ordered_json caps_json(const std::vector<PowerCap>& caps, const std::vector<CapReport>& reports) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (std::size_t c = 0; c < reports.size(); ++c) {
    const CapReport& r = reports[c];
    all.push_back({{"cap", caps[c].name},
                   {"policy", std::string(name_of(caps[c].policy))},
                   {"held_back_s", r.capped_s},
                   {"not_met_s", r.not_met_s},
                   {"lowest_clock", r.lowest_clock},
                   {"servers_off", r.servers_off},
                   {"jobs_cut", r.jobs_cut}});
  }
  return all;
}

}  // namespace alight
