#include "sim/predict/case_ground.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "platforms/catalogue/entries.hpp"

namespace alight {

namespace {

constexpr std::int64_t kLargestLeaf = 1'000'000;  // chips; beyond any switch

std::int64_t over(std::int64_t n, std::int64_t d) {
  return (n + d - 1) / d;
}

/// How the case lies, and its network there. Which of a server's chips share a domain is the group's to say, so the
/// servers are taken as full.
CasePlace placed(const TrainingGround::PoolGround& ground, const CaseServers& c) {
  CasePlace out{.fabric = {}, .lie = lie_on(ground, c.chips, over(c.chips, c.per_server))};
  Lie full = out.lie;
  full.servers = over(c.chips, ground.server_chips);
  out.fabric = fabric_at(ground, full);
  return out;
}

}  // namespace

NetworkColumns::NetworkColumns(CaseTable& table, const char* per_leaf)
    : network_(table.optional_text("network")),
      nics_(table.integer_or("nics_per_node", 0, {.min = 1, .max = 1024})),
      per_leaf_(table.integer_or(per_leaf, 0, {.min = 0, .max = 1e9})),
      flows_(table.integer_or("flows_per_nic", 0, {.min = 1, .max = 65536})),
      oversubscription_(table.number_or("oversubscription", 1, {.min = 1})),
      routing_(table.choice_or("routing", {"even", "ecmp", "rails", "adaptive"}, 0)) {}

void NetworkColumns::read(CaseTable& table, CaseServers& servers) const {
  servers.network = table[network_];
  servers.nics = table[nics_];
  servers.per_leaf = table[per_leaf_];
  servers.oversubscription = table[oversubscription_];
  servers.routing.kind = static_cast<FlowRouting>(table[routing_]);
  if (const std::int64_t flows = table[flows_]; flows > 0) servers.routing.flows_per_nic = static_cast<double>(flows);
}

Site site_of(const CaseServers& c) {
  Pool pool;
  pool.name = "case";
  pool.chip = *c.chip;
  if (c.scale_up_gbs) pool.chip.scale_up_gbs = c.scale_up_gbs;
  pool.server.chip = c.chip->name;
  pool.server.chips = std::max(c.per_server, c.domain > kLargestServer ? 1 : c.domain);
  pool.server.scale_up_domain = c.domain;
  const auto chips = static_cast<double>(pool.server.chips);
  pool.nics_per_server = c.nics > 0 ? c.nics : pool.server.chips;
  pool.nic_gbps =
      c.scale_out_gbps.value_or(c.chip->scale_out_gbps.value_or(0)) * chips / static_cast<double>(pool.nics_per_server);
  pool.servers = 1;
  Site site;
  site.fabric = c.network;
  site.routing = c.routing;
  if (c.per_leaf > 0 && c.per_leaf < c.chips && pool.nic_gbps > 0) {
    pool.servers = c.per_leaf / c.per_server;
    // Chips of its servers that the case leaves idle leave their part of the uplinks to it.
    const double ratio = c.oversubscription * chips / static_cast<double>(c.per_server);
    const double up_gbps = static_cast<double>(pool.servers * pool.nics_per_server) * pool.nic_gbps / ratio;
    const double cables = std::max(1.0, std::ceil(up_gbps / pool.nic_gbps * (1 - 1e-9)));
    site.tiers.push_back({.name = "leaf",
                          .rate_gbps = pool.nic_gbps,
                          .down_ports = pool.servers * pool.nics_per_server,
                          .oversubscription = ratio,
                          .medium = {}});
    site.tiers.push_back({.name = "spine", .rate_gbps = up_gbps / cables, .medium = {}});
  }
  site.pools.push_back(std::move(pool));
  number(site);
  return site;
}

CaseGround::CaseGround(const Prepared& scenario, const std::optional<std::string>& pool, Diagnostics& diagnostics)
    : catalogue_(scenario.catalogue), site_(&scenario.site), grounds_(pool_grounds(scenario.site, scenario.catalogue)) {
  if (!pool) return;
  std::vector<std::string> names;
  for (const Pool& each : site_->pools) names.push_back(each.name);
  const auto found = std::find(names.begin(), names.end(), *pool);
  if (found == names.end())
    diagnostics.error_at("--pool", fmt::format("no pool is named \"{}\"", *pool), did_you_mean(*pool, names));
  else
    pool_ = static_cast<std::size_t>(found - names.begin());
}

std::string CaseGround::place(const CaseServers& c, CasePlace& out) const {
  if (site_) return place_on_site(c, out);
  if (!c.network.empty()) {
    const FabricKind* network = catalogue_.fabrics().find(c.network);
    if (!network || !network->out) {
      const std::string hint = did_you_mean(c.network, catalogue_.fabrics().all_names());
      return fmt::format("no network named \"{}\" in the catalogue's fabrics{}{}", c.network, hint.empty() ? "" : ", ",
                         hint);
    }
  }
  if (c.per_leaf > 0 && c.per_leaf < c.chips) {
    if (c.per_leaf % c.per_server != 0)
      return fmt::format("{} chips below a leaf are no whole nodes of {}", c.per_leaf, c.per_server);
    if (c.per_leaf > kLargestLeaf) return fmt::format("{} chips below a leaf; at most {}", c.per_leaf, kLargestLeaf);
  }
  const TrainingGround::PoolGround ground = pool_grounds(site_of(c), catalogue_).front();
  out = placed(ground, c);
  if (!c.scale_out_gbps && !c.chip->scale_out_gbps) out.fabric.out.gbs = 0;
  return {};
}

std::string CaseGround::place_on_site(const CaseServers& c, CasePlace& out) const {
  std::optional<std::size_t> at = pool_;
  for (std::size_t p = 0; p < site_->pools.size() && !at; ++p)
    if (site_->pools[p].chip.name == c.chip->name) at = p;
  if (!at) return fmt::format("no pool of the site has chips named \"{}\"", c.chip->name);
  const Pool& pool = site_->pools[*at];
  if (pool.chip.name != c.chip->name)
    return fmt::format("the chips of the pool {} are {}, not {}", pool.name, pool.chip.name, c.chip->name);
  const TrainingGround::PoolGround& ground = grounds_[*at];
  if (c.per_server > pool.server.chips)
    return fmt::format("the servers of the pool {} have {} chips, not {}", pool.name, pool.server.chips, c.per_server);
  CaseServers servers = c;
  if (servers.per_server == 0) servers.per_server = pool.server.chips;
  out = placed(ground, servers);
  if (out.lie.servers > pool.servers)
    return fmt::format("takes {} servers; the pool {} has {}", out.lie.servers, pool.name, pool.servers);
  return {};
}

}  // namespace alight
