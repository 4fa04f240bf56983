#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "platforms/topology/parts.hpp"
#include "sim/scenario/resolve.hpp"

namespace alight {
namespace {

constexpr const char* kNetwork = "site.network";

std::array<const std::optional<TierSpec>*, 3> tiers_of(const NetworkSpec& network) {
  return {&network.leaf, &network.spine, &network.core};
}

/// Where the medium of a tier was asked for.
std::string medium_key(const NetworkSpec& network, std::size_t t, const std::string& tier) {
  const auto& spec = *tiers_of(network)[t];
  return spec && !spec->medium.empty() ? fmt::format("{}.{}.medium", kNetwork, tier)
                                       : fmt::format("{}.medium", kNetwork);
}

void check_names(const Prepared& prepared, Diagnostics& d) {
  const NetworkSpec& network = prepared.scenario.site.network;
  const Media media(prepared.catalogue);
  const auto check_medium = [&](const std::string& key, const std::string& asked) {
    if (asked.empty()) return;
    if (const auto [why, hint] = media.problem_of(asked); !why.empty()) d.error_at(key, why, hint);
  };
  check_medium(fmt::format("{}.medium", kNetwork), network.medium);
  check_medium(fmt::format("{}.scale_up_medium", kNetwork), network.scale_up_medium);
  static constexpr std::array<const char*, 3> kNames = {"leaf", "spine", "core"};
  for (std::size_t t = 0; t < kNames.size(); ++t) {
    const auto& spec = *tiers_of(network)[t];
    if (!spec) continue;
    check_medium(fmt::format("{}.{}.medium", kNetwork, kNames[t]), spec->medium);
    if (spec->switch_name.empty()) continue;
    const std::string key = fmt::format("{}.{}.switch", kNetwork, kNames[t]);
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
double half_switch_s(const Prepared& prepared, std::size_t t) {
  const auto& spec = *tiers_of(prepared.scenario.site.network)[t];
  if (!spec || spec->latency_s || spec->switch_name.empty()) return 0;
  return prepared.catalogue.find_switch(spec->switch_name)->latency_ns.value_or(0) / 2 * 1e-9;
}

/// Tiers without a `latency`: half of the switch at each end of a link and what the link itself adds.
void set_latencies(Prepared& prepared, Diagnostics& d) {
  const NetworkSpec& network = prepared.scenario.site.network;
  for (std::size_t t = 0; t < prepared.site.tiers.size(); ++t) {
    if ((*tiers_of(network)[t])->latency_s) continue;
    Tier& tier = prepared.site.tiers[t];
    tier.latency_s = half_switch_s(prepared, t) + (t > 0 ? half_switch_s(prepared, t - 1) : 0);
    for (const BillTier& billed : prepared.bill.tiers) {
      if (billed.name != tier.name) continue;
      if (!billed.latency_unknown.empty())
        d.error_at(
            medium_key(network, t, tier.name),
            fmt::format("the catalogue does not know the latency of {}; give `latency`", billed.latency_unknown));
      tier.latency_s += billed.mean_latency_s;
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

/// What the bill is made from.
struct Cabling {
  std::vector<CableTier> tiers;
  std::vector<CableRun> runs;
  std::int32_t last() const { return static_cast<std::int32_t>(tiers.size()) - 1; }
};

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
  const NetworkSpec& network = prepared.scenario.site.network;
  for (std::size_t c = 0; c < standing.clos.size(); ++c)
    for (std::size_t t = 0; t < standing.clos[c].site.tiers.size(); ++t) {
      const Tier& tier = standing.clos[c].site.tiers[t];
      const std::int64_t n = standing.network[c];
      if (tier.medium.empty()) continue;
      if (n < 0)
        cabling.tiers.push_back({tier.name, tier.medium, medium_key(network, t, tier.name)});
      else
        cabling.tiers.push_back({prepared.site.networks[static_cast<std::size_t>(n)].name + " " + tier.name,
                                 tier.medium, fmt::format("site.networks[{}].{}.medium", n, tier.name)});
      add_clos_runs(standing.clos[c], plan, t, cabling.last(), cabling.runs);
    }
}

void lay_scale_up(const Prepared& prepared, const FloorPlan& plan, Cabling& cabling) {
  const NetworkSpec& network = prepared.scenario.site.network;
  for (std::size_t p = 0; p < prepared.site.pools.size(); ++p) {
    const Pool& pool = prepared.site.pools[p];
    if (!pool.server.scale_up_wiring) continue;
    const bool own = network.scale_up_medium.empty();
    cabling.tiers.push_back({.name = "scale-up " + pool.name,
                             .medium = own ? pool.server.scale_up_wiring->medium : network.scale_up_medium,
                             .key = own ? fmt::format("site.pools[{}].server", p) : "site.network.scale_up_medium",
                             .built_in = scale_up_in_rack(pool)});
    add_scale_up_runs(prepared.site, p, plan, cabling.last(), cabling.runs);
  }
}

}  // namespace

void resolve_cabling(Prepared& prepared, Diagnostics& d) {
  check_names(prepared, d);
  if (!d.ok()) return;
  const Site& site = prepared.site;
  if (!has_cables(site)) return set_latencies(prepared, d);
  const Standing standing = standing_of(site);
  const FloorPlan plan(site, prepared.scenario.site.floor.value_or(FloorSpec{}), standing.leaf_racks,
                       standing.switches);
  Cabling cabling;
  lay_tiers(prepared, standing, plan, cabling);
  lay_scale_up(prepared, plan, cabling);
  prepared.bill = bill_of(cabling.tiers, cabling.runs, plan, prepared.catalogue, d);
  if (d.ok()) set_latencies(prepared, d);
}

}  // namespace alight
