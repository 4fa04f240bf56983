#include "sim/record/heat.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace alight {

std::vector<std::pair<std::string, std::string>> heat_lines(const Site& site, const std::vector<HeatReport>& reports,
                                                            double end_s) {
  std::vector<std::pair<std::string, std::string>> lines;
  const auto hours = [](double s) { return fmt::format("{:.3g} h", s / 3600); };
  for (std::size_t p = 0; p < reports.size(); ++p) {
    const HeatReport& r = reports[p];
    std::string what = fmt::format("{}   supply {:.1f} C at most, chips {:.1f} C", site.pools[p].name,
                                   r.highest_supply_c, r.highest_chip_c);
    if (r.throttled_s > 0)
      what += fmt::format("   throttled {} ({:.2g} %)   lowest clock {:.3f}", hours(r.throttled_s),
                          end_s > 0 ? 100 * r.throttled_s / end_s : 0, r.lowest_clock);
    if (r.short_s > 0) what += fmt::format("   supply not held {}", hours(r.short_s));
    if (r.off_s > 0) what += fmt::format("   switched off {}", hours(r.off_s));
    if (r.jobs_cut > 0) what += fmt::format("   {} jobs lost their chips", r.jobs_cut);
    if (r.above_s > 0) what += fmt::format("   some chips above their limit {}", hours(r.above_s));
    lines.emplace_back(p == 0 ? "heat" : "", what);
  }
  return lines;
}

nlohmann::ordered_json heat_json(const Site& site, const std::vector<HeatReport>& reports) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (std::size_t p = 0; p < reports.size(); ++p) {
    const HeatReport& r = reports[p];
    all.push_back({{"pool", site.pools[p].name},
                   {"highest_supply_c", r.highest_supply_c},
                   {"highest_chip_c", r.highest_chip_c},
                   {"throttled_s", r.throttled_s},
                   {"lowest_clock", r.lowest_clock},
                   {"supply_not_held_s", r.short_s},
                   {"off_s", r.off_s},
                   {"jobs_cut", r.jobs_cut},
                   {"above_limit_s", r.above_s}});
  }
  return all;
}

}  // namespace alight
