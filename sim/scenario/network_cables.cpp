#include "sim/scenario/network_cables.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace alight {
namespace {

constexpr std::array<const char*, 3> kFlyClasses = {"server", "local", "global"};

std::string path_of(std::size_t n) {
  return fmt::format("site.networks[{}]", n);
}
const char* grid_key(const SiteNetworkSpec& spec) {
  return spec.torus ? "torus" : "full_mesh";
}
const std::vector<std::string>& media_of(const SiteNetworkSpec& spec) {
  return spec.torus ? spec.torus->media : spec.full_mesh->media;
}
std::array<const std::string*, 3> media_of(const DragonflySpec& spec) {
  return {&spec.server_medium, &spec.local_medium, &spec.global_medium};
}
bool has_links(const Grid& grid, std::size_t axis, bool switched) {
  if (grid.dims[axis] < 2) return false;
  if (!grid.slices) return !switched;
  return switched ? grid.wrap[axis] || grid.dims[axis] > grid.block[axis] : grid.block[axis] > 1;
}

/// Links and summed latency of the tiers of the bill whose names `wanted` says yes to.
template <class Wanted>
std::optional<double> mean_latency(const Bill& bill, const std::string& key, const Wanted& wanted, Diagnostics& d) {
  double links = 0, latency_s = 0;
  for (const BillTier& tier : bill.tiers) {
    if (!wanted(tier.name)) continue;
    if (!tier.latency_unknown.empty())
      d.error_at(key,
                 fmt::format("the catalogue does not know the latency of {}; give `latency`", tier.latency_unknown));
    double of_tier = 0;
    for (const BillRow& row : bill.rows)
      if (row.tier == tier.name) of_tier += static_cast<double>(row.sum.links);
    links += of_tier;
    latency_s += of_tier * tier.mean_latency_s;
  }
  if (links == 0) return std::nullopt;
  return latency_s / links;
}

}  // namespace

NetworkCables::Asked NetworkCables::of_axis(std::size_t n, std::size_t axis) const {
  const SiteSpec& site = prepared_.scenario.site;
  const SiteNetworkSpec& spec = site.networks[n];
  if (const auto& media = media_of(spec); axis < media.size() && !media[axis].empty())
    return {media[axis], fmt::format("{}.{}.media[{}]", path_of(n), grid_key(spec), axis), true};
  if (!spec.medium.empty()) return {spec.medium, path_of(n) + ".medium", true};
  return {site.network.scale_up_medium, "site.network.scale_up_medium"};
}

NetworkCables::Asked NetworkCables::of_fly(std::size_t n, std::size_t link_class) const {
  const SiteSpec& site = prepared_.scenario.site;
  const SiteNetworkSpec& spec = site.networks[n];
  if (const std::string& own = *media_of(*spec.dragonfly)[link_class]; !own.empty())
    return {own, fmt::format("{}.dragonfly.{}_medium", path_of(n), kFlyClasses[link_class]), true};
  if (!spec.medium.empty()) return {spec.medium, path_of(n) + ".medium", true};
  return {site.network.medium, "site.network.medium"};
}

NetworkCables::Asked NetworkCables::of_supernode(std::size_t n, std::int64_t pool) const {
  const SiteSpec& site = prepared_.scenario.site;
  if (!site.networks[n].medium.empty()) return {site.networks[n].medium, path_of(n) + ".medium", true};
  if (!site.network.scale_up_medium.empty()) return {site.network.scale_up_medium, "site.network.scale_up_medium"};
  const auto& wiring = prepared_.site.pools[static_cast<std::size_t>(pool)].server.scale_up_wiring;
  return {wiring ? wiring->medium : std::string(), fmt::format("site.pools[{}].server", pool)};
}

CircuitSwitches NetworkCables::circuit_switches_of(std::size_t n) const {
  const Network& network = prepared_.site.networks[n];
  const auto& torus = prepared_.scenario.site.networks[n].torus;
  if (!network.grid || !network.grid->slices || of_axis(n, 0).medium.empty()) return {};
  const Switch* found = prepared_.catalogue.find_switch(torus->optical_switch);
  return found ? circuit_switches(*network.grid, found->ports.value_or(2)) : CircuitSwitches{};
}

void NetworkCables::check_names(Diagnostics& d) const {
  const Media media(prepared_.catalogue);
  const auto check = [&](const std::string& key, const std::string& asked) {
    if (asked.empty()) return;
    if (const auto [why, hint] = media.problem_of(asked); !why.empty()) d.error_at(key, why, hint);
  };
  const auto& specs = prepared_.scenario.site.networks;
  for (std::size_t n = 0; n < specs.size(); ++n) {
    const SiteNetworkSpec& spec = specs[n];
    check(path_of(n) + ".medium", spec.medium);
    if (spec.torus || spec.full_mesh)
      for (std::size_t axis = 0; axis < media_of(spec).size(); ++axis)
        check(fmt::format("{}.{}.media[{}]", path_of(n), grid_key(spec), axis), media_of(spec)[axis]);
    if (spec.dragonfly)
      for (std::size_t c = 0; c < kFlyClasses.size(); ++c)
        check(fmt::format("{}.dragonfly.{}_medium", path_of(n), kFlyClasses[c]), *media_of(*spec.dragonfly)[c]);
    if (!spec.torus || !spec.torus->slices) continue;
    const std::string key = path_of(n) + ".torus.optical_switch";
    const Switch* found = prepared_.catalogue.find_switch(spec.torus->optical_switch);
    if (!found)
      d.error_at(key, fmt::format("no switch named {} in the catalogue", in_quotes(spec.torus->optical_switch)),
                 did_you_mean(spec.torus->optical_switch, prepared_.catalogue.switches().all_names()) +
                     " (alight catalog list switches)");
    else if (found->type != "optical circuit switch")
      d.error_at(key, fmt::format("{} is no optical circuit switch", found->name), "(alight catalog list switches)");
    else if (found->ports.value_or(0) < 2)
      d.error_at(key, fmt::format("the catalogue does not know how many ports {} has", found->name));
  }
}

bool NetworkCables::any() const {
  for (std::size_t n = 0; n < prepared_.site.networks.size(); ++n) {
    const Network& network = prepared_.site.networks[n];
    if (network.grid)
      for (std::size_t axis = 0; axis < network.grid->dims.size(); ++axis)
        if (!of_axis(n, axis).medium.empty()) return true;
    if (network.dragonfly)
      for (std::size_t c = 0; c < kFlyClasses.size(); ++c)
        if (!of_fly(n, c).medium.empty()) return true;
    if (network.supernode)
      for (const std::int64_t p : network.pools)
        if (!of_supernode(n, p).medium.empty()) return true;
  }
  return false;
}

void NetworkCables::stand(std::vector<std::int64_t>& leaf_racks, std::int64_t& switches) {
  const Site& site = prepared_.site;
  first_.assign(site.networks.size(), 0);
  for (const Part& part : parts_of(site)) {
    if (part.network < 0) continue;
    const auto n = static_cast<std::size_t>(part.network);
    if (!site.networks[n].dragonfly) continue;
    first_[n] = std::ssize(leaf_racks);
    const auto racks = router_racks(site, part, *site.networks[n].dragonfly);
    leaf_racks.insert(leaf_racks.end(), racks.begin(), racks.end());
  }
  for (std::size_t n = 0; n < site.networks.size(); ++n)
    if (const CircuitSwitches own = circuit_switches_of(n); own.count > 0) {
      first_[n] = switches;
      switches += own.count;
    }
}

void NetworkCables::lay(const FloorPlan& plan, Cabling& cabling) const {
  for (std::size_t n = 0; n < prepared_.site.networks.size(); ++n) {
    const Network& network = prepared_.site.networks[n];
    if (network.grid) lay_grid(n, plan, cabling);
    if (network.dragonfly) lay_dragonfly(n, plan, cabling);
    if (network.supernode) lay_supernodes(n, plan, cabling);
  }
}

void NetworkCables::lay_grid(std::size_t n, const FloorPlan& plan, Cabling& cabling) const {
  const Network& network = prepared_.site.networks[n];
  const Grid& grid = *network.grid;
  GridTiers of{.tiers = {}, .switched = {}, .first_switch = first_[n], .switches = circuit_switches_of(n)};
  for (std::size_t axis = 0; axis < grid.dims.size(); ++axis) {
    const Asked asked = of_axis(n, axis);
    const auto tier = [&](bool switched) {
      if (asked.medium.empty() || !has_links(grid, axis, switched)) return -1;
      return cabling.add({.name = grid_tier(network.name, grid, axis, switched),
                          .medium = asked.medium,
                          .key = asked.key,
                          .fibre = switched});
    };
    of.tiers.push_back(tier(false));
    of.switched.push_back(tier(true));
  }
  add_grid_runs(prepared_.site, network, plan, of, cabling.runs);
}

void NetworkCables::lay_dragonfly(std::size_t n, const FloorPlan& plan, Cabling& cabling) const {
  const Network& network = prepared_.site.networks[n];
  std::array<std::int32_t, 3> tiers{};
  for (std::size_t c = 0; c < kFlyClasses.size(); ++c) {
    const Asked asked = of_fly(n, c);
    const bool links = c == 0 || (c == 1 ? network.dragonfly->routers > 1 : network.dragonfly->groups > 1);
    tiers[c] =
        asked.medium.empty() || !links
            ? -1
            : cabling.add({.name = network.name + ' ' + kFlyClasses[c], .medium = asked.medium, .key = asked.key});
  }
  for (const Part& part : parts_of(prepared_.site))
    if (part.network == static_cast<std::int64_t>(n))
      add_dragonfly_runs(part, *network.dragonfly, plan, first_[n], tiers, cabling.runs);
}

void NetworkCables::lay_supernodes(std::size_t n, const FloorPlan& plan, Cabling& cabling) const {
  const Site& site = prepared_.site;
  const bool built_in = supernodes_in_racks(site, site.networks[n]);
  for (const std::int64_t p : site.networks[n].pools) {
    const Asked asked = of_supernode(n, p);
    if (asked.medium.empty()) continue;
    const std::int32_t tier = cabling.add({.name = "scale-up " + site.pools[static_cast<std::size_t>(p)].name,
                                           .medium = asked.medium,
                                           .key = asked.key,
                                           .built_in = built_in});
    add_supernode_runs(site, site.networks[n], p, plan, tier, cabling.runs);
  }
}

std::vector<BillSwitches> NetworkCables::optical_switches() const {
  std::vector<BillSwitches> all;
  for (std::size_t n = 0; n < prepared_.site.networks.size(); ++n) {
    const CircuitSwitches own = circuit_switches_of(n);
    if (own.count == 0) continue;
    const Switch& found = *prepared_.catalogue.find_switch(prepared_.scenario.site.networks[n].torus->optical_switch);
    all.push_back(switches_on_bill(prepared_.site.networks[n].name, found, own.count, own.used_ports));
  }
  return all;
}

void NetworkCables::set_latencies(Prepared& prepared, Diagnostics& d) {
  const NetworkCables cables(prepared);
  for (std::size_t n = 0; n < prepared.site.networks.size(); ++n) {
    Network& network = prepared.site.networks[n];
    const SiteNetworkSpec& spec = prepared.scenario.site.networks[n];
    const auto set = [&](const Asked& asked, const std::optional<double>& stated, double& latency_s,
                         const auto& wanted) {
      if (stated || !asked.of_network) return;
      if (const auto mean = mean_latency(prepared.bill, asked.key, wanted, d)) latency_s = *mean;
    };
    if (network.grid) {
      const auto& stated = spec.torus ? spec.torus->latency_s : spec.full_mesh->latency_s;
      const std::string own = network.name + (spec.torus ? " torus " : " mesh ");
      set(cables.of_axis(n, 0), stated, network.grid->latency_s,
          [&own](const std::string& tier) { return tier.starts_with(own); });
    }
    if (network.dragonfly) {
      Dragonfly& fly = *network.dragonfly;
      const std::array<std::pair<const std::optional<double>*, double*>, 3> of = {
          {{&spec.dragonfly->latency_s, &fly.latency_s},
           {&spec.dragonfly->local_latency_s, &fly.local_latency_s},
           {&spec.dragonfly->global_latency_s, &fly.global_latency_s}}};
      for (std::size_t c = 0; c < of.size(); ++c)
        set(cables.of_fly(n, c), *of[c].first, *of[c].second,
            [own = network.name + ' ' + kFlyClasses[c]](const std::string& tier) { return tier == own; });
    }
    if (network.supernode)
      set(cables.of_supernode(n, network.pools.front()), spec.supernode->latency_s, network.supernode->latency_s,
          [&](const std::string& tier) {
            return std::any_of(network.pools.begin(), network.pools.end(), [&](std::int64_t p) {
              return tier == "scale-up " + prepared.site.pools[static_cast<std::size_t>(p)].name;
            });
          });
  }
}

}  // namespace alight
