// Power caps of a facility: which racks each is of, its limits at all times, and whether it can be kept at all.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "platforms/cabling/floor.hpp"
#include "sim/facility/building.hpp"
#include "sim/scenario/hourly_input.hpp"
#include "sim/scenario/resolve.hpp"

namespace alight {
namespace {

struct WattUnit {
  const char* name;
  double watts;
};
constexpr WattUnit kWattUnits[] = {{"W", 1}, {"kW", 1e3}, {"MW", 1e6}};

class CapResolver {
 public:
  CapResolver(Prepared& prepared, Building& building, Diagnostics& d)
      : prepared_(prepared), building_(building), d_(d) {}

  void run() {
    const std::vector<CapSpec>& specs = prepared_.scenario.site.facility->caps;
    for (std::size_t c = 0; c < specs.size(); ++c) cap(specs[c], fmt::format("site.facility.caps[{}]", c));
    std::stable_sort(building_.caps.begin(), building_.caps.end(),
                     [](const PowerCap& a, const PowerCap& b) { return a.level < b.level; });
  }

 private:
  void cap(const CapSpec& spec, const std::string& key) {
    PowerCap cap{.name = fmt::format("{} cap", name_of(spec.level)), .level = spec.level, .policy = spec.policy};
    if (!spec.where.empty()) cap.name += fmt::format(" of {}", spec.where);
    domains(spec, cap, key);
    if (cap.domains.empty()) return;
    if (!limit(spec, cap, key)) return;
    can_be_kept(cap, spec, key);
    building_.caps.push_back(std::move(cap));
  }

  // -- What it is of
  void domains(const CapSpec& spec, PowerCap& cap, const std::string& key) {
    const Site& site = prepared_.site;
    cap.domain_of_rack.assign(static_cast<std::size_t>(site.racks), -1);
    std::vector<std::int64_t> rows;
    if (spec.level == CapLevel::row) {
      const auto& floor = prepared_.scenario.site.floor;
      rows = FloorPlan(site, floor ? static_cast<const Floor&>(*floor) : Floor{}, {}, 0).rows_of_racks();
    }
    std::map<std::string, std::int32_t> known;
    std::vector<std::string> names;
    for (const Pool& pool : site.pools) {
      names.push_back(spec.level == CapLevel::rack ? pool.name : spec.level == CapLevel::row ? pool.row : pool.hall);
      if (!spec.where.empty() && names.back() != spec.where) continue;
      for (std::int64_t r = 0; r < pool.racks(); ++r) {
        const auto rack = static_cast<std::size_t>(pool.first_rack + r);
        std::string name;
        if (spec.level == CapLevel::rack) name = fmt::format("rack {} of pool {}", r, pool.name);
        if (spec.level == CapLevel::row) name = fmt::format("row {}", rows[rack]);
        if (spec.level == CapLevel::hall && !pool.hall.empty()) name = "hall " + pool.hall;
        const auto [at, fresh] = known.try_emplace(name, static_cast<std::int32_t>(cap.domains.size()));
        if (fresh) cap.domains.push_back({.name = name});
        cap.domain_of_rack[rack] = at->second;
        const std::int64_t servers = std::min(pool.servers_per_rack, pool.servers - r * pool.servers_per_rack);
        cap.domains[static_cast<std::size_t>(at->second)].rated_w += provisioned_w(pool, servers);
      }
    }
    if (cap.domains.empty())
      d_.error_at(join_key(key, "where"),
                  fmt::format("no {} named \"{}\"",
                              spec.level == CapLevel::rack  ? "pool"
                              : spec.level == CapLevel::row ? "row label of a pool"
                                                            : "hall label of a pool",
                              spec.where),
                  did_you_mean(spec.where, names));
    if (spec.level == CapLevel::site)
      for (PowerCap::Domain& domain : cap.domains) domain.rated_w += building_.network_w;
  }
  // Those that the cooling of a rack does not carry draw nothing, and nothing is provided for them.
  std::int64_t powered(const Pool& pool, std::int64_t servers) const {
    return std::min(servers, building_.carried_per_rack[index_of(pool)]);
  }
  double provisioned_w(const Pool& pool, std::int64_t servers) const {
    return building_.provisioned_w[index_of(pool)] * static_cast<double>(powered(pool, servers));
  }
  double idle_w(const Pool& pool, std::int64_t servers) const {
    const auto idle = static_cast<std::size_t>(ChipState::idle);
    return building_.power[index_of(pool)].watts[idle] *
           static_cast<double>(powered(pool, servers) * pool.server.chips);
  }
  std::size_t index_of(const Pool& pool) const { return static_cast<std::size_t>(&pool - prepared_.site.pools.data()); }

  // -- Its limits
  template <class Spec>
  static CapLimit::Value value(const Spec& spec) {
    return spec.limit_w ? CapLimit::Value{.value = *spec.limit_w}
                        : CapLimit::Value{.value = *spec.share, .share = true};
  }
  template <class Spec>
  void no_share(const Spec& spec, const PowerCap& cap, const std::string& key) {
    if (spec.share && cap.level == CapLevel::utility)
      d_.error_at(join_key(key, "share"), "what the meter reads is another by the weather: give a `limit` in watts");
  }
  bool limit(const CapSpec& spec, PowerCap& cap, const std::string& key) {
    if (spec.file) return by_file(spec, cap, key);
    if (spec.limit_w || spec.share) cap.limit.always = value(spec);
    no_share(spec, cap, key);
    for (std::size_t i = 0; i < spec.dated.size(); ++i) {
      const CapFromSpec& each = spec.dated[i];
      const std::string at = fmt::format("{}.dated[{}]", key, i);
      no_share(each, cap, at);
      if (each.from && !prepared_.scenario.start)
        d_.error_at(join_key(at, "from"),
                    "a date needs `start` of the scenario, the calendar date of the run's first second");
      const double from_s = each.after_s ? *each.after_s
                            : prepared_.scenario.start
                                ? static_cast<double>(each.from->unix_s - prepared_.scenario.start->unix_s)
                                : 0;
      if (!cap.limit.dated.empty() && from_s <= cap.limit.dated.back().from_s)
        d_.error_at(at, "is not later than the one before; dated limits stand in the order of time");
      cap.limit.dated.push_back({.from_s = from_s, .limit = value(each)});
    }
    if (!spec.hours.empty()) cap.limit.of_hour.resize(24);
    for (std::size_t i = 0; i < spec.hours.size(); ++i) {
      const CapHoursSpec& each = spec.hours[i];
      const std::string at = fmt::format("{}.hours[{}]", key, i);
      no_share(each, cap, at);
      bool twice = false;
      const std::int64_t length = each.to > each.from ? each.to - each.from : 24 - each.from + each.to;
      for (std::int64_t h = 0; h < length; ++h) {
        auto& of_hour = cap.limit.of_hour[static_cast<std::size_t>((each.from + h) % 24)];
        twice = twice || of_hour.has_value();
        of_hour = value(each);
      }
      if (twice) d_.error_at(at, "some of its hours have a limit already");
    }
    return d_.ok();
  }
  bool by_file(const CapSpec& spec, PowerCap& cap, const std::string& key) {
    std::vector<std::string> units;
    for (const WattUnit& unit : kWattUnits) {
      units.emplace_back(unit.name);
      if (spec.unit == unit.name) cap.limit.scale = unit.watts;
    }
    if (std::ranges::find(units, spec.unit) == units.end()) {
      d_.error_at(join_key(key, "unit"), fmt::format("\"{}\" is not one of W, kW, MW", spec.unit),
                  did_you_mean(spec.unit, units));
      return false;
    }
    auto series = HourlyInput(prepared_, d_).series(*spec.file, spec.column, spec.utc_offset_h, join_key(key, "file"));
    if (!series) return false;
    if (std::ranges::any_of(series->values, [](double w) { return !(w > 0); })) {
      d_.error_at(join_key(key, "file"), "has limits that are not more than 0");
      return false;
    }
    cap.limit.series = std::move(*series);
    return d_.ok();
  }

  // -- Whether what cannot be switched off or clocked down draws less
  void can_be_kept(const PowerCap& cap, const CapSpec& spec, const std::string& key) {
    std::vector<double> least_w(cap.domains.size(), 0);
    if (cap.policy != AtCap::switch_off)
      for (const Pool& pool : prepared_.site.pools)
        for (std::int64_t r = 0; r < pool.racks(); ++r) {
          const std::int32_t d = cap.domain_of_rack[static_cast<std::size_t>(pool.first_rack + r)];
          const std::int64_t servers = std::min(pool.servers_per_rack, pool.servers - r * pool.servers_per_rack);
          if (d >= 0) least_w[static_cast<std::size_t>(d)] += idle_w(pool, servers);
        }
    for (std::size_t d = 0; d < cap.domains.size(); ++d) {
      if (cap.level >= CapLevel::site) least_w[d] += building_.network_w;
      // Cooling comes on top, by the weather.
      if (cap.level == CapLevel::utility) least_w[d] = convert_power(building_.conversion, least_w[d]).input_w;
      const double lowest_w = lowest(cap, cap.domains[d].rated_w);
      if (lowest_w >= least_w[d]) continue;
      const std::string of = cap.domains[d].name.empty() ? "the site" : cap.domains[d].name;
      return d_.error_at(
          spec.file ? join_key(key, "file") : key,
          fmt::format("{:.6g} kW cannot be kept: {} draws {:.6g} kW with all servers {}", lowest_w * 1e-3, of,
                      least_w[d] * 1e-3, cap.policy == AtCap::switch_off ? "off" : "idle"),
          cap.policy == AtCap::switch_off ? "" : "a higher limit, or `policy: switch_off`");
    }
  }
  static double lowest(const PowerCap& cap, double rated_w) {
    const CapLimit& limit = cap.limit;
    if (limit.series) return std::ranges::min(limit.series->values) * limit.scale;
    double least = limit.always.watts(rated_w);
    for (const CapLimit::From& from : limit.dated) least = std::min(least, from.limit.watts(rated_w));
    for (const auto& of_hour : limit.of_hour)
      if (of_hour) least = std::min(least, of_hour->watts(rated_w));
    return least;
  }

  Prepared& prepared_;
  Building& building_;
  Diagnostics& d_;
};

}  // namespace

void resolve_caps(Prepared& prepared, Building& building, Diagnostics& d) {
  CapResolver(prepared, building, d).run();
}

}  // namespace alight
