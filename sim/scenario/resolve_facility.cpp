#include <fmt/format.h>

#include "platforms/cooling.hpp"
#include "sim/facility/building.hpp"
#include "sim/facility/state_power.hpp"
#include "sim/scenario/hourly_input.hpp"
#include "sim/scenario/resolve.hpp"

namespace alight {
namespace {

/// What an amount per kWh is counted in, and how many of the building's units one of it is.
struct KwhUnit {
  const char* unit;
  double in_base;
  std::optional<Currency> currency;
};
constexpr KwhUnit kPrices[] = {{"USD/kWh", 1, Currency::usd},
                               {"USD/MWh", 1e-3, Currency::usd},
                               {"CNY/kWh", 1, Currency::cny},
                               {"CNY/MWh", 1e-3, Currency::cny}};
constexpr KwhUnit kIntensities[] = {{"g/kWh", 1, {}}, {"gCO2/kWh", 1, {}}, {"kg/MWh", 1, {}}};

class FacilityResolver {
 public:
  FacilityResolver(Prepared& prepared, Diagnostics& d) : prepared_(prepared), d_(d) {}

  void run() {
    const Scenario& scenario = prepared_.scenario;
    const FacilitySpec& spec = *scenario.site.facility;
    building_ = std::make_shared<Building>();
    if (scenario.start) building_->start = *scenario.start;
    if (spec.opaque_power) opaque(*spec.opaque_power);
    for (std::size_t p = 0; p < prepared_.site.pools.size(); ++p) pool(p, spec);
    if (!d_.ok()) return;
    resolve_heat(prepared_, *building_, d_);
    double rated_w = building_->network_w = prepared_.bill.total.power_w;
    for (const Hall& hall : building_->halls) rated_w += hall.rated.servers_w;
    building_->conversion = {{.name = "ups", .unit = ups(rated_w, spec.ups_efficiency)},
                             {.name = "distribution", .unit = distribution(rated_w, spec.distribution_loss)}};
    const double losses_w = convert_power(building_->conversion, rated_w).input_w - rated_w;
    const double servers_w = rated_w - building_->network_w;
    for (Hall& hall : building_->halls) {
      const double part = hall.rated.servers_w / servers_w;
      hall.rated.servers_w += building_->network_w * part;
      hall.rated.losses_w = losses_w * part;
    }
    if (spec.weather) weather(*spec.weather);
    if (spec.electricity) building_->price = per_kwh(*spec.electricity, "electricity", kPrices, &building_->currency);
    if (spec.carbon) building_->carbon = per_kwh(*spec.carbon, "carbon", kIntensities, nullptr);
    building_->control_interval_s = spec.control_interval_s;
    resolve_caps(prepared_, *building_, d_);
    if (d_.ok()) prepared_.settings.building = building_;
  }

 private:
  void opaque(const OpaquePowerSpec& spec) {
    if (spec.share) building_->opaque = PowerProfile(*spec.share);
    if (!spec.quantiles.empty()) building_->opaque = PowerProfile(spec.quantiles);
    if (!spec.profile) return;
    const auto& profiles = prepared_.catalogue.power_profiles();
    if (const PowerProfileKind* profile = profiles.find(*spec.profile))
      building_->opaque = PowerProfile(profile->quantiles);
    else
      d_.error_at("site.facility.opaque_power.profile",
                  fmt::format("no power profile named \"{}\" in the catalogue", *spec.profile),
                  did_you_mean(*spec.profile, profiles.all_names()));
  }

  void pool(std::size_t p, const FacilitySpec& spec) {
    const Pool& pool = prepared_.site.pools[p];
    const auto& own = p < prepared_.scenario.site.pools.size() ? prepared_.scenario.site.pools[p].cooling
                                                               : std::optional<std::string>();
    const std::string key = own ? fmt::format("site.pools[{}].cooling", p) : "site.facility.cooling";
    const CoolingTechnology* technology = prepared_.catalogue.find_cooling(own.value_or(spec.cooling));
    if (!technology)
      return d_.error_at(key, fmt::format("no cooling named \"{}\" in the catalogue", own.value_or(spec.cooling)),
                         did_you_mean(own.value_or(spec.cooling), prepared_.catalogue.cooling().all_names()));
    const auto chip = chip_ratings(pool.chip);
    const auto server = server_facts(pool.server, &pool.chip, technology);
    if (!chip || !server)
      return d_.error_at("site.facility", fmt::format("the power of {} is not known", pool.chip.name),
                         "state its `tdp` under `catalogue`");
    building_->power.push_back(state_power(*chip, *server, building_->opaque.mean()));
    building_->density.push_back(density_limits(*technology));
    const double server_w = building_->provisioned_w.emplace_back(provisioned_w(*server));
    building_->carried_per_rack.push_back(carried(pool, server_w, building_->density.back(), key));
    HallCooling cooling = hall_cooling(*technology);
    add_pool_heat(prepared_, *building_, *technology, *chip, cooling);
    building_->halls.push_back(
        {.cooling = cooling, .rated = {.servers_w = server_w * static_cast<double>(pool.servers)}});
  }

  std::int64_t carried(const Pool& pool, double server_w, const DensityLimits& limits, const std::string& key) {
    const std::int64_t servers = std::min(pool.servers, pool.servers_per_rack);
    if (prepared_.scenario.site.facility->dense_racks == DenseRacks::carried) return pool.servers_per_rack;
    const std::int64_t carried = servers_carried(server_w * 1e-3, servers, limits);
    if (carried == 0)
      d_.error_at(key,
                  fmt::format("a server of pool {} is provided with {:.4g} kW; {} carries {:.4g} kW a rack: none could "
                              "be powered",
                              pool.name, server_w * 1e-3, limits.technology, limits.high_kw),
                  "another cooling (`alight catalog list cooling`), or `dense_racks: carried`");
    return carried == servers ? pool.servers_per_rack : carried;
  }

  void weather(const WeatherSpec& spec) {
    building_->outside = {.dry_bulb_c = spec.dry_bulb_c.value_or(20), .relative_humidity = spec.humidity.value_or(0.5)};
    if (!spec.file) return;
    building_->weather = HourlyInput(prepared_, d_).weather(*spec.file, "site.facility.weather.file");
  }

  std::optional<PerKwh> per_kwh(const HourlySpec& spec, const std::string& what, std::span<const KwhUnit> units,
                                Currency* currency) {
    const std::string key = "site.facility." + what;
    const std::optional<Amount> amount = spec.value ? parse_amount(*spec.value) : std::nullopt;
    const std::string unit = spec.value ? (amount ? amount->unit : *spec.value) : spec.unit;
    std::vector<std::string> known;
    for (const KwhUnit& each : units) {
      known.emplace_back(each.unit);
      if (each.unit != unit) continue;
      if (currency) *currency = *each.currency;
      if (!currency && amount && amount->value < 0) break;
      if (spec.value) return PerKwh{.always = amount->value * each.in_base, .series = {}};
      return hourly(spec, what, each.in_base);
    }
    std::string list;
    for (const std::string& each : known) list += (list.empty() ? "" : ", ") + each;
    d_.error_at(join_key(key, spec.value ? "value" : "unit"),
                fmt::format("\"{}\" is not {} in one of {}", spec.value.value_or(spec.unit),
                            currency ? "an amount" : "an amount, 0 or more,", list),
                did_you_mean(unit, known));
    return std::nullopt;
  }

  std::optional<PerKwh> hourly(const HourlySpec& spec, const std::string& what, double in_base) {
    const std::string key = "site.facility." + what + ".file";
    auto series = HourlyInput(prepared_, d_).series(*spec.file, spec.column, spec.utc_offset_h, key);
    if (!series) return std::nullopt;
    return PerKwh{.series = std::move(*series), .scale = in_base};
  }

  Prepared& prepared_;
  Diagnostics& d_;
  std::shared_ptr<Building> building_;
};

}  // namespace

void resolve_facility(Prepared& prepared, Diagnostics& d) {
  if (prepared.scenario.site.facility) FacilityResolver(prepared, d).run();
}

}  // namespace alight
