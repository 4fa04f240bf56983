#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "platforms/topology/parts.hpp"
#include "sim/scenario/network_cables.hpp"
#include "sim/scenario/resolve.hpp"

namespace alight {
namespace {

constexpr const char* kNetwork = "site.network";
constexpr std::array<const char*, 3> kTierNames = {"leaf", "spine", "core"};

/// A network of tiers as stated and as resolved: the site's own, or one of `networks`.
struct TieredNetwork {
  std::int64_t number = -1;  ///< in Site::networks; -1: the site's own
  std::string path;          ///< "site.network"
  std::string prefix;        ///< of its tiers' names on the bill
  std::array<const std::optional<TierSpec>*, 3> specs;
};

std::vector<TieredNetwork> tiered_networks(const Prepared& prepared) {
  const SiteSpec& site = prepared.scenario.site;
  std::vector<TieredNetwork> all = {{-1, kNetwork, "", {&site.network.leaf, &site.network.spine, &site.network.core}}};
  for (std::size_t n = 0; n < site.networks.size(); ++n) {
    const SiteNetworkSpec& spec = site.networks[n];
    if (spec.leaf)
      all.push_back({static_cast<std::int64_t>(n),
                     fmt::format("site.networks[{}]", n),
                     spec.name + " ",
                     {&spec.leaf, &spec.spine, &spec.core}});
  }
  return all;
}

std::vector<Tier>& tiers_of(Site& site, const TieredNetwork& network) {
  return network.number < 0 ? site.tiers : site.networks[static_cast<std::size_t>(network.number)].tiers;
}

/// Where the medium of a tier was asked for.
std::string medium_key(const Prepared& prepared, const TieredNetwork& network, std::size_t t) {
  const auto& spec = *network.specs[t];
  if (spec && !spec->medium.empty()) return fmt::format("{}.{}.medium", network.path, kTierNames[t]);
  const bool own =
      network.number >= 0 && !prepared.scenario.site.networks[static_cast<std::size_t>(network.number)].medium.empty();
  return fmt::format("{}.medium", own ? network.path : kNetwork);
}

void check_names(const Prepared& prepared, Diagnostics& d) {
  const NetworkSpec& own = prepared.scenario.site.network;
  const Media media(prepared.catalogue);
  const auto check_medium = [&](const std::string& key, const std::string& asked) {
    if (asked.empty()) return;
    if (const auto [why, hint] = media.problem_of(asked); !why.empty()) d.error_at(key, why, hint);
  };
  check_medium(fmt::format("{}.medium", kNetwork), own.medium);
  check_medium(fmt::format("{}.scale_up_medium", kNetwork), own.scale_up_medium);
  for (const TieredNetwork& network : tiered_networks(prepared))
    for (std::size_t t = 0; t < kTierNames.size(); ++t) {
      const auto& spec = *network.specs[t];
      if (!spec) continue;
      check_medium(fmt::format("{}.{}.medium", network.path, kTierNames[t]), spec->medium);
      if (spec->switch_name.empty()) continue;
      const std::string key = fmt::format("{}.{}.switch", network.path, kTierNames[t]);
      const Switch* found = prepared.catalogue.find_switch(spec->switch_name);
      if (!found)
        d.error_at(key, fmt::format("no switch named {} in the catalogue", in_quotes(spec->switch_name)),
                   did_you_mean(spec->switch_name, prepared.catalogue.switches().all_names()) +
                       " (alight catalog list switches)");
      else if (!found->latency_ns && !spec->latency_s)
        d.error_at(key, fmt::format("the catalogue does not know the latency of {}; give `latency`", found->name));
    }
}

/// Half of a switch's latency: each of the two links by which a way passes it bears one.
double half_switch_s(const Prepared& prepared, const TieredNetwork& network, std::size_t t) {
  const auto& spec = *network.specs[t];
  if (!spec || spec->latency_s || spec->switch_name.empty()) return 0;
  return prepared.catalogue.find_switch(spec->switch_name)->latency_ns.value_or(0) / 2 * 1e-9;
}

/// Tiers without a `latency`: half of the switch at each end of a link and what the link itself adds.
void set_latencies(Prepared& prepared, Diagnostics& d) {
  for (const TieredNetwork& network : tiered_networks(prepared)) {
    std::vector<Tier>& tiers = tiers_of(prepared.site, network);
    for (std::size_t t = 0; t < tiers.size(); ++t) {
      if ((*network.specs[t])->latency_s) continue;
      Tier& tier = tiers[t];
      tier.latency_s = half_switch_s(prepared, network, t) + (t > 0 ? half_switch_s(prepared, network, t - 1) : 0);
      for (const BillTier& billed : prepared.bill.tiers) {
        if (billed.name != network.prefix + tier.name) continue;
        if (!billed.latency_unknown.empty())
          d.error_at(
              medium_key(prepared, network, t),
              fmt::format("the catalogue does not know the latency of {}; give `latency`", billed.latency_unknown));
        tier.latency_s += billed.mean_latency_s;
      }
    }
  }
}

bool has_cables(const Site& site) {
  const auto named = [](const std::vector<Tier>& tiers) {
    return std::any_of(tiers.begin(), tiers.end(), [](const Tier& tier) { return !tier.medium.empty(); });
  };
  return named(site.tiers) ||
         std::any_of(site.networks.begin(), site.networks.end(), [&](const Network& n) { return named(n.tiers); }) ||
         std::any_of(site.pools.begin(), site.pools.end(),
                     [](const Pool& pool) { return pool.server.scale_up_wiring.has_value(); });
}

/// The networks of tiers, and where their leaves and other switches stand.
struct Standing {
  std::vector<StandingClos> clos;
  std::vector<std::int64_t> network;  ///< [clos] in Site::networks; -1: the site's own tiers
  std::vector<std::int64_t> leaf_racks;
  std::int64_t switches = 0;
};

Standing standing_of(const Site& site) {
  Standing all;
  for (Part& part : parts_of(site)) {
    if (part.site.tiers.empty()) continue;
    StandingClos one{.site = std::move(part.site), .clos = {}, .server = std::move(part.server)};
    one.clos = clos_of(one.site);
    one.first_leaf = std::ssize(all.leaf_racks);
    one.first_switch = all.switches;
    const auto racks = leaf_racks(site, one);
    all.leaf_racks.insert(all.leaf_racks.end(), racks.begin(), racks.end());
    all.switches += network_switches(one.clos);
    all.network.push_back(part.network);
    all.clos.push_back(std::move(one));
  }
  return all;
}

void lay_tiers(const Prepared& prepared, const Standing& standing, const FloorPlan& plan, Cabling& cabling) {
  const std::vector<TieredNetwork> networks = tiered_networks(prepared);
  for (std::size_t c = 0; c < standing.clos.size(); ++c) {
    const TieredNetwork& network =
        *std::find_if(networks.begin(), networks.end(),
                      [number = standing.network[c]](const TieredNetwork& n) { return n.number == number; });
    for (std::size_t t = 0; t < standing.clos[c].site.tiers.size(); ++t) {
      const Tier& tier = standing.clos[c].site.tiers[t];
      if (tier.medium.empty()) continue;
      const std::int32_t number =
          cabling.add({network.prefix + tier.name, tier.medium, medium_key(prepared, network, t)});
      add_clos_runs(standing.clos[c], plan, t, number, cabling.runs);
    }
  }
}

/// Scale-up links that the server's entry has as cables, of pools that no scale-up network joins.
void lay_scale_up(const Prepared& prepared, const FloorPlan& plan, Cabling& cabling) {
  const NetworkSpec& network = prepared.scenario.site.network;
  for (std::size_t p = 0; p < prepared.site.pools.size(); ++p) {
    const Pool& pool = prepared.site.pools[p];
    if (!pool.server.scale_up_wiring || scale_up_of(prepared.site, static_cast<std::int64_t>(p)) >= 0) continue;
    const bool own = network.scale_up_medium.empty();
    const std::int32_t tier =
        cabling.add({.name = "scale-up " + pool.name,
                     .medium = own ? pool.server.scale_up_wiring->medium : network.scale_up_medium,
                     .key = own ? fmt::format("site.pools[{}].server", p) : "site.network.scale_up_medium",
                     .built_in = scale_up_in_rack(pool)});
    add_scale_up_runs(prepared.site, p, plan, tier, cabling.runs);
  }
}

}  // namespace

void resolve_cabling(Prepared& prepared, Diagnostics& d) {
  NetworkCables networks(prepared);
  check_names(prepared, d);
  networks.check_names(d);
  if (!d.ok()) return;
  const Site& site = prepared.site;
  if (!has_cables(site) && !networks.any()) return set_latencies(prepared, d);
  Standing standing = standing_of(site);
  networks.stand(standing.leaf_racks, standing.switches);
  const FloorPlan plan(site, prepared.scenario.site.floor.value_or(FloorSpec{}), standing.leaf_racks,
                       standing.switches);
  Cabling cabling;
  lay_tiers(prepared, standing, plan, cabling);
  lay_scale_up(prepared, plan, cabling);
  networks.lay(plan, cabling);
  prepared.bill = bill_of(cabling.tiers, cabling.runs, plan, prepared.catalogue, d);
  prepared.bill.optical_switches = networks.optical_switches();
  if (!d.ok()) return;
  set_latencies(prepared, d);
  NetworkCables::set_latencies(prepared, d);
}

}  // namespace alight
