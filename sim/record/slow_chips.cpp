#include "sim/record/slow_chips.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/record/summary.hpp"

namespace alight {

std::vector<std::pair<std::string, std::string>> slow_chip_lines(const Site& site,
                                                                 const std::vector<SlowChipsReport>& pools,
                                                                 double end_s) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (std::size_t p = 0; p < pools.size(); ++p) {
    const SlowChipsReport& of = pools[p];
    if (of.slowest == 1 && of.mean == 1 && of.became_slow == 0) continue;
    lines.emplace_back(
        lines.empty() ? "slow chips" : "",
        fmt::format("{}: {} chip-hours longer for them   {} times a chip became slow, {:.4g} slow on average   at the "
                    "start slowest {:.3g}, mean {:.4g}",
                    site.pools[p].name, with_commas(std::llround(of.lost_chip_s / 3600)), with_commas(of.became_slow),
                    end_s > 0 ? of.slow_chip_s / end_s : 0, of.slowest, of.mean));
  }
  return lines;
}

nlohmann::ordered_json slow_chips_json(const Site& site, const std::vector<SlowChipsReport>& pools, double end_s) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (std::size_t p = 0; p < pools.size(); ++p) {
    const SlowChipsReport& of = pools[p];
    out.push_back({{"pool", site.pools[p].name},
                   {"slowest_at_start", of.slowest},
                   {"mean_at_start", of.mean},
                   {"became_slow", of.became_slow},
                   {"slow_mean", end_s > 0 ? of.slow_chip_s / end_s : 0},
                   {"slow_at_end", of.slow_at_end},
                   {"lost_chip_s", of.lost_chip_s}});
  }
  return out;
}

}  // namespace alight
