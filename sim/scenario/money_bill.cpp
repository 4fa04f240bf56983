#include "sim/scenario/money_bill.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "platforms/cooling.hpp"
#include "platforms/prices.hpp"
#include "platforms/topology/graph.hpp"
#include "sim/facility/state_power.hpp"

namespace alight {
namespace {

/// How a pool is cooled, by name; empty where the scenario does not say.
std::string cooling_of(const Scenario& scenario, std::size_t pool) {
  if (pool < scenario.site.pools.size() && scenario.site.pools[pool].cooling) return *scenario.site.pools[pool].cooling;
  return scenario.site.facility ? scenario.site.facility->cooling : std::string();
}

class BillDeriver {
 public:
  BillDeriver(const Prepared& prepared, const std::vector<PoolPlan>& pools, const PriceReader& reader)
      : prepared_(prepared), spec_(*prepared.scenario.money), pools_(pools), reader_(reader) {}

  std::vector<DerivedLine> derive() && {
    for (std::size_t p = 0; p < pools_.size(); ++p) servers(p);
    network();
    for (std::size_t p = 0; p < pools_.size(); ++p) cooling_plant(p);
    building();
    if (spec_.floor) floor();
    if (const auto& storage = prepared_.site.storage)
      unpriced("storage " + storage->name, Asset::storage, 1, "the catalogue has no price of it");
    return std::move(lines_);
  }

 private:
  void unpriced(std::string what, Asset kind, double count, std::string why, std::optional<std::size_t> pool = {}) {
    lines_.push_back({.what = std::move(what), .kind = kind, .count = count, .pool = pool, .why_not = std::move(why)});
  }

  /// A price of the catalogue to buy one: in the plan's currency if there is any, else in the other; or why not.
  std::optional<PlanPrice> to_buy(const std::string& of, const std::vector<Price>& prices, const Provenance& from,
                                  std::string& why_not) const {
    std::vector<Price> own;
    for (const Price& price : prices)
      if (const auto money = money_in(price.amount, PricePer::one); money && money->currency == reader_.currency())
        own.push_back(price);
    Billed billed = bill_line(of, Asset::other, 1, own, from, reader_.bought());
    if (!billed.line) billed = bill_line(of, Asset::other, 1, prices, from, reader_.bought());
    if (!billed.line) {
      why_not = billed.problem;
      return std::nullopt;
    }
    return priced(of, *billed.line);
  }
  PlanPrice priced(const std::string& of, const BillLine& line) const {
    PlanPrice price{.name = of, .stated = line.unit_price};
    price.amount = reader_.converted(line.unit_price, "money.exchange");
    price.date = line.date;
    price.source = line.source;
    price.confidence = line.confidence;
    return price;
  }
  static PlanPrice times(PlanPrice price, double factor, const std::string& note) {
    price.stated.amount *= factor;
    price.amount *= factor;
    price.source += "; " + note;
    return price;
  }

  /// A rack or supernode that is sold as one has the price of all its servers, the links between them included.
  double servers_to_an_assembly(const Server& server) const {
    if (!server.assembly || !server.assembly->chips || server.chips <= 0) return 1;
    return std::max(1.0, static_cast<double>(*server.assembly->chips) / static_cast<double>(server.chips));
  }

  void servers(std::size_t p) {
    const Pool& pool = prepared_.site.pools[p];
    std::string why_server, why_chip;
    const auto count = static_cast<double>(pool.servers);
    if (auto price = to_buy(pool.server.name, pool.server.prices, pool.server.provenance, why_server)) {
      if (const double of = servers_to_an_assembly(pool.server); of > 1) {
        price = times(*price, 1 / of, fmt::format("one of {:g} of a {}", of, pool.server.assembly->level));
        // Links of another medium than its own come on top.
        if (prepared_.scenario.site.network.scale_up_medium.empty()) with_links_.push_back("scale-up " + pool.name);
      }
      lines_.push_back({.what = pool.name + " servers",
                        .kind = Asset::servers,
                        .count = count,
                        .pool = p,
                        .price = std::move(price)});
      return;
    }
    const auto chip = to_buy(pool.chip.name, pool.chip.prices, pool.chip.provenance, why_chip);
    if (!chip) {
      unpriced(pool.name + " servers", Asset::servers, count,
               why_server + (pool.chip.name.empty() ? "" : "; " + why_chip), p);
      return;
    }
    lines_.push_back(
        {.what = pool.name + " chips", .kind = Asset::chips, .count = whole_chips(pool), .pool = p, .price = chip});
    const std::string rest = pool.name + " servers beside chips";
    if (spec_.server_share)
      lines_.push_back({.what = rest,
                        .kind = Asset::servers,
                        .count = count,
                        .pool = p,
                        .price = times(*chip, static_cast<double>(pool.server.chips) * *spec_.server_share,
                                       fmt::format("x {} chips x {:g}, money.server_share", pool.server.chips,
                                                   *spec_.server_share))});
    else
      unpriced(rest, Asset::servers, count, why_server + "; state money.server_share", p);
  }
  static double whole_chips(const Pool& pool) { return static_cast<double>(pool.chips()); }

  void network() {
    if (prepared_.site.wiring) return unpriced("network", Asset::network, 1, "it is of a platform file");
    const CablingLines cabling = cabling_lines(prepared_.bill, reader_.bought());
    const auto in_price = [&](const std::string& what) {
      return std::any_of(with_links_.begin(), with_links_.end(),
                         [&](const std::string& tier) { return what.starts_with(tier + ", "); });
    };
    for (const BillLine& line : cabling.lines) {
      if (in_price(line.what)) continue;
      const std::string of = line.source.substr(line.source.find(", ") + 2);
      PlanPrice price = priced(of, line);
      if (const Link* link = prepared_.catalogue.find_link(of)) price.source = link->provenance.source;
      lines_.push_back({.what = line.what, .kind = Asset::network, .count = line.count, .price = std::move(price)});
    }
    for (const std::string& what : cabling.unknown) {
      if (in_price(what)) continue;
      const std::string name = what.substr(0, what.rfind(" ("));
      unpriced(taken(name) ? name + ", rest" : name, Asset::network, 1, "the catalogue has no price of it");
    }
    switches();
  }
  bool taken(const std::string& what) const {
    return std::any_of(lines_.begin(), lines_.end(), [&](const DerivedLine& line) { return line.what == what; });
  }

  /// The switch that the scenario names for a tier of the bill, or an empty text.
  std::string switch_of(const std::string& tier) const {
    const auto named = [&](const std::string& prefix, const auto& network) -> std::string {
      const std::pair<const char*, const std::optional<TierSpec>*> all[] = {
          {"leaf", &network.leaf}, {"spine", &network.spine}, {"core", &network.core}};
      for (const auto& [name, spec] : all)
        if (*spec && prefix + name == tier) return (*spec)->switch_name;
      return {};
    };
    const SiteSpec& site = prepared_.scenario.site;
    if (std::string name = named("", site.network); !name.empty()) return name;
    for (const SiteNetworkSpec& network : site.networks)
      if (std::string name = named(network.name + " ", network); !name.empty()) return name;
    return {};
  }

  void switches() {
    if (prepared_.site.tiers.empty() && prepared_.site.networks.empty())
      return unpriced("network", Asset::network, 1, "it is one ideal switch; state its tiers");
    for (const TierSummary& tier : Topology(prepared_.site).tiers()) {
      const bool cables = std::any_of(prepared_.bill.rows.begin(), prepared_.bill.rows.end(),
                                      [&](const BillRow& row) { return row.tier == tier.name; });
      if (!cables) unpriced(tier.name + " links", Asset::network, tier.cables_down, "no `medium` is named");
      if (tier.switches == 0) continue;
      const std::string what = tier.name + " switches";
      const auto count = static_cast<double>(tier.switches);
      const Switch* of = prepared_.catalogue.find_switch(switch_of(tier.name));
      std::string why = "no `switch` is named";
      const auto price = of ? to_buy(of->name, of->prices, of->provenance, why) : std::nullopt;
      lines_.push_back({.what = what, .kind = Asset::network, .count = count, .price = price, .why_not = why});
    }
  }

  void cooling_plant(std::size_t p) {
    const std::string what = pools_[p].name + " cooling plant";
    const CoolingTechnology* of = prepared_.catalogue.find_cooling(cooling_of(prepared_.scenario, p));
    if (!of) return unpriced(what, Asset::cooling, pools_[p].it_kw, "no `site.facility` says how it is cooled", p);
    if (!(pools_[p].it_kw > 0)) return unpriced(what, Asset::cooling, 0, "the power of its servers is not known", p);
    const Billed billed = cooling_plant_line(*of, pools_[p].it_kw, reader_.bought());
    if (!billed.line) return unpriced(what, Asset::cooling, pools_[p].it_kw, billed.problem, p);
    lines_.push_back({.what = what,
                      .kind = Asset::cooling,
                      .count = pools_[p].it_kw,
                      .pool = p,
                      .price = priced(billed.line->what, *billed.line)});
    plants_ = true;
  }

  void building() {
    double kw = 0;
    std::string unknown;
    for (const PoolPlan& pool : pools_) {
      kw += pool.it_kw;
      if (!(pool.it_kw > 0)) unknown += (unknown.empty() ? "" : ", ") + pool.name;
    }
    if (!unknown.empty())
      return unpriced("building", Asset::building, kw, "the power of the servers of " + unknown + " is not known");
    if (!spec_.building) return unpriced("building", Asset::building, kw, "state money.building");
    auto price = reader_.read(*spec_.building, "money.building", "building", units_of_building());
    if (!price) return;
    if (plants_ && spec_.mechanical_share > 0)
      price = times(*price, building_without_cooling(1, spec_.mechanical_share),
                    fmt::format("less {:g} % for the cooling plant", 100 * spec_.mechanical_share));
    lines_.push_back({.what = "building", .kind = Asset::building, .count = kw, .price = std::move(price)});
  }

  void floor() {
    const auto price = reader_.read(*spec_.floor, "money.floor", "floor", units_of_floor());
    if (!price) return;
    const Floor floor = prepared_.scenario.site.floor.value_or(FloorSpec{});
    for (std::size_t p = 0; p < pools_.size(); ++p)
      lines_.push_back(
          {.what = pools_[p].name + " floor",
           .kind = Asset::building,
           .count = static_cast<double>(prepared_.site.pools[p].racks()) * floor.rack_pitch_m * floor.row_pitch_m,
           .pool = p,
           .price = price});
  }

  const Prepared& prepared_;
  const MoneySpec& spec_;
  const std::vector<PoolPlan>& pools_;
  const PriceReader& reader_;
  std::vector<DerivedLine> lines_;
  std::vector<std::string> with_links_;  ///< tiers of scale-up links that are in the price of a rack
  bool plants_ = false;
};

}  // namespace

double provisioned_kw(const Prepared& prepared, std::size_t p) {
  const Pool& pool = prepared.site.pools[p];
  const CoolingTechnology* cooling = prepared.catalogue.find_cooling(cooling_of(prepared.scenario, p));
  const auto server = server_facts(pool.server, pool.server.chips > 0 ? &pool.chip : nullptr, cooling);
  return server ? provisioned_w(*server) * static_cast<double>(pool.servers) * 1e-3 : 0;
}

std::vector<DerivedLine> derive_bill(const Prepared& prepared, const std::vector<PoolPlan>& pools,
                                     const PriceReader& reader) {
  return BillDeriver(prepared, pools, reader).derive();
}

}  // namespace alight
