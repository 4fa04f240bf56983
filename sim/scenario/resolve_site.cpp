#include <fmt/format.h>

#include <set>

#include "platforms/simgrid/import_xml.hpp"
#include "platforms/topology/clos.hpp"
#include "sim/cluster/cluster.hpp"
#include "sim/scenario/resolve.hpp"

namespace alight {
namespace {

/// Seconds from the scenario's start to `date`; a problem where the scenario has no start.
std::optional<double> since_start(Date date, const Scenario& scenario, const std::string& key, Diagnostics& d) {
  if (!scenario.start) {
    d.error_at(key, "a date needs `start` of the scenario, the calendar date of the run's first second");
    return std::nullopt;
  }
  return static_cast<double>(date.unix_s - scenario.start->unix_s);
}

void resolve_phases(const PoolSpec& spec, Pool& pool, const Scenario& scenario, const std::string& path,
                    Diagnostics& d) {
  if (spec.from)
    if (const auto t = since_start(*spec.from, scenario, join_key(path, "from"), d)) pool.phases = {{*t, pool.racks()}};
  std::int64_t racks = 0;
  for (std::size_t i = 0; i < spec.phases.size(); ++i) {
    const PhaseSpec& phase = spec.phases[i];
    const std::string key = fmt::format("{}.phases[{}]", path, i);
    racks += phase.racks;
    if (phase.after_s)
      pool.phases.push_back({*phase.after_s, phase.racks});
    else if (phase.from)
      if (const auto t = since_start(*phase.from, scenario, key + ".from", d)) pool.phases.push_back({*t, phase.racks});
  }
  if (racks > pool.racks())
    d.error_at(path + ".phases", fmt::format("{} racks in phases, but the pool has {} ({} servers, {} to a rack)",
                                             racks, pool.racks(), pool.servers, pool.servers_per_rack));
}

void resolve_speeds(const PoolSpec& spec, const Pool& pool, const std::string& path, Prepared& prepared,
                    Diagnostics& d) {
  if (!spec.speeds) return;
  const ChipSpeedsSpec& of = *spec.speeds;
  if (of.range && pool.server.chips < 2)
    d.error_at(path + ".speeds.range", "is between the chips of a server, and these have one", "state a `spread`");
  prepared.settings.chip_speeds.resize(prepared.site.pools.size() + 1);
  prepared.settings.chip_speeds.back() =
      ChipSpeeds{.spread = of.range ? spread_from_range(*of.range, pool.server.chips) : of.spread.value_or(0),
                 .slowest = of.slowest,
                 .straggler_share = of.stragglers,
                 .straggler_speed = of.straggler_speed.value_or(1)};
}

void resolve_pool(const PoolSpec& spec, const std::string& path, Prepared& prepared, Diagnostics& d) {
  Pool pool;
  pool.name = spec.name;
  pool.hall = spec.hall;
  pool.row = spec.row;
  pool.stack = spec.stack;
  pool.servers = spec.count;
  pool.rails = spec.rails;
  const Server* server = prepared.catalogue.find_server(spec.server);
  if (!server) {
    d.error_at(path + ".server", fmt::format("no server named \"{}\" in the catalogue", spec.server),
               did_you_mean(spec.server, prepared.catalogue.servers().all_names()) + " (alight catalog list servers)");
    return;
  }
  pool.server = *server;
  if (const Chip* chip = prepared.catalogue.find_chip(server->chip)) pool.chip = *chip;
  if (server->chips > Cluster::kMaxChipsPerServer)
    d.error_at(path + ".server", fmt::format("{} has {} chips to a server; at most {} are supported", server->name,
                                             server->chips, Cluster::kMaxChipsPerServer));
  pool.servers_per_rack = spec.rack.servers.value_or(server->per_rack.value_or(4));
  pool.nics_per_server = server->nics.value_or(1);
  pool.nic_gbps = server->nic_gbps.value_or(pool.chip.scale_out_gbps.value_or(0));
  resolve_phases(spec, pool, prepared.scenario, path, d);
  resolve_speeds(spec, pool, path, prepared, d);
  prepared.site.pools.push_back(std::move(pool));
}

void read_platform_file(const std::string& file, Prepared& prepared, Diagnostics& d) {
  prepared.inputs.push_back(file);
  if (auto site = import_xml(file, d)) {
    prepared.site = std::move(*site);
    prepared.site.name = prepared.scenario.name;
  }
}

}  // namespace

void add_tier(const std::optional<TierSpec>& spec, const char* name, const std::string& medium,
              std::vector<Tier>& tiers) {
  if (!spec) return;
  tiers.push_back({name, spec->rate_gbps, spec->down_ports, spec->oversubscription, spec->latency_s.value_or(0),
                   spec->medium.empty() ? medium : spec->medium});
}

void resolve_site(Prepared& prepared, Diagnostics& d) {
  const SiteSpec& spec = prepared.scenario.site;
  prepared.site.name = prepared.scenario.name;
  if (spec.platform) {
    if (!spec.pools.empty()) d.error_at("site.platform", "either a platform file or `pools`, not both");
    for (const auto& [key, given] : {std::pair{"networks", !spec.networks.empty()},
                                     {"backbone", spec.backbone.has_value()},
                                     {"wan", !spec.wan.empty()},
                                     {"storage", spec.storage.has_value()}})
      if (given) d.error_at(join_key("site", key), "a site with a `platform` file has the file's network");
    read_platform_file(*spec.platform, prepared, d);
    return;
  }
  if (spec.pools.empty()) {
    d.error_at("site.pools", "a site needs at least one pool of servers, or a `platform` file");
    return;
  }
  std::set<std::string> names;
  for (std::size_t i = 0; i < spec.pools.size(); ++i) {
    const std::string path = fmt::format("site.pools[{}]", i);
    if (!names.insert(spec.pools[i].name).second)
      d.error_at(path + ".name", fmt::format("\"{}\" names another pool too", spec.pools[i].name));
    resolve_pool(spec.pools[i], path, prepared, d);
  }
  add_tier(spec.network.leaf, "leaf", spec.network.medium, prepared.site.tiers);
  add_tier(spec.network.spine, "spine", spec.network.medium, prepared.site.tiers);
  add_tier(spec.network.core, "core", spec.network.medium, prepared.site.tiers);
  if (!d.ok()) return;
  resolve_networks(prepared, d);
  if (!d.ok()) return;
  check_network(prepared.site, "site", d);
  if (!d.ok()) return;
  number(prepared.site);
  resolve_cabling(prepared, d);
  resolve_storage(prepared, d);
}

}  // namespace alight
