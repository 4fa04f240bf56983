#include "sim/runtime/training_ground.hpp"

#include <algorithm>

#include "platforms/accelerator.hpp"
#include "platforms/fabric.hpp"
#include "platforms/topology/clos.hpp"
#include "platforms/topology/parts.hpp"
#include "platforms/topology/pool_network.hpp"

namespace alight {

namespace {

/// Servers hold at most this many chips of one scale-up domain; a larger domain spans servers.
constexpr std::int64_t kLargestServer = 16;

std::int64_t domain_of(const Pool& pool) {
  const std::int64_t domain = pool.server.scale_up_domain.value_or(pool.chip.scale_up_domain.value_or(1));
  return domain > kLargestServer ? domain : std::min(std::max(domain, std::int64_t{1}), pool.server.chips);
}

FabricOverrides network_of(const Pool& pool, const PoolNetwork& network) {
  FabricOverrides known;
  if (network.server_gbps > 0) known.scale_out_gbps = network.server_gbps / static_cast<double>(pool.server.chips);
  known.domain = network.domain.value_or(domain_of(pool));
  if (network.scale_up_gbps) known.scale_up_gbs = *network.scale_up_gbps * 2 / 8;
  known.leaf.oversubscription = network.leaf_oversubscription;
  known.pod.oversubscription = network.pod_oversubscription;
  if (network.leaf_latency_s > 0) known.leaf.latency_us = network.leaf_latency_s * 1e6;
  if (network.pod_latency_s > 0) known.pod.latency_us = network.pod_latency_s * 1e6;
  return known;
}

FabricOverrides network_of(const Site& site, std::size_t p, const Clos* clos) {
  const Pool& pool = site.pools[p];
  FabricOverrides known;
  const double server = server_gbps(site, static_cast<std::int64_t>(p));
  if (server > 0) known.scale_out_gbps = server / static_cast<double>(pool.server.chips);
  known.domain = domain_of(pool);
  if (!clos) return known;
  const LeafGroup& group = clos->groups[static_cast<std::size_t>(clos->group_of_server(pool.first_server))];
  if (group.up_gbps > 0) known.leaf.oversubscription = std::max(1.0, group.down_gbps / group.up_gbps);
  const Pod& pod = clos->pods[static_cast<std::size_t>(group.pod)];
  if (pod.up_gbps > 0) {
    double in_gbps = 0;
    for (std::int64_t g = pod.first_group; g < pod.first_group + pod.groups; ++g)
      in_gbps += clos->groups[static_cast<std::size_t>(g)].up_gbps;
    known.pod.oversubscription = std::max(1.0, in_gbps / pod.up_gbps);
  }
  if (clos->spine_latency_s > 0) known.leaf.latency_us = clos->spine_latency_s * 1e6;
  if (clos->core_latency_s > 0) known.pod.latency_us = clos->core_latency_s * 1e6;
  return known;
}

std::string unknown_of(const Chip& chip) {
  if (!chip.bf16_tflops || *chip.bf16_tflops <= 0) return "the catalogue does not know the rate of its chips";
  if (!chip.memory_gb || *chip.memory_gb <= 0) return "the catalogue does not know the memory of its chips";
  if (!chip.memory_gbs || *chip.memory_gbs <= 0) return "the catalogue does not know the memory bandwidth of its chips";
  return {};
}

TrainingGround::PoolGround ground_of(const Site& site, std::size_t p, const Clos* clos, const Catalogue& catalogue) {
  const Pool& pool = site.pools[p];
  TrainingGround::PoolGround ground{.missing = unknown_of(pool.chip), .server_chips = pool.server.chips};
  if (!ground.missing.empty()) return ground;
  ground.chip = accelerator_of(pool.chip, catalogue);
  ground.fabric = fabric_of(pool.chip, catalogue, network_of(site, p, clos));
  if (!clos) return ground;
  ground.leaf_servers = site.servers_per_leaf(static_cast<std::int64_t>(p));
  if (clos->pods.size() > 1)
    for (std::int64_t s = 0; s < pool.servers; s += ground.leaf_servers)
      ground.pods.push_back(clos->groups[static_cast<std::size_t>(clos->group_of_server(pool.first_server + s))].pod);
  return ground;
}

// Pools of a site of several networks.
void add_pools(TrainingGround& ground, const Site& site, const Catalogue& catalogue) {
  std::vector<bool> domains;
  for (const Pool& pool : site.pools) domains.push_back(domain_of(pool) > pool.server.chips);
  const std::vector<PoolNetwork> networks = pool_networks(site, domains);
  for (std::size_t p = 0; p < site.pools.size(); ++p) {
    const Pool& pool = site.pools[p];
    TrainingGround::PoolGround& own = ground.pools.emplace_back(
        TrainingGround::PoolGround{.missing = unknown_of(pool.chip), .server_chips = pool.server.chips});
    if (!own.missing.empty()) continue;
    own.chip = accelerator_of(pool.chip, catalogue);
    own.fabric = fabric_of(pool.chip, catalogue, network_of(pool, networks[p]));
    own.leaf_servers = networks[p].leaf_servers;
    own.pods = networks[p].pods;
    const std::int64_t domain = networks[p].domain.value_or(0);
    if (domain <= pool.server.chips || own.leaf_servers <= 0) continue;
    own.domain_leaves = std::max<std::int64_t>(1, domain / pool.server.chips / own.leaf_servers);
    const std::int64_t network = scale_up_of(site, static_cast<std::int64_t>(p));
    own.domain_is_grid = network >= 0 && site.networks[static_cast<std::size_t>(network)].grid.has_value();
  }
  ground.between.resize(site.pools.size());
  for (std::size_t a = 0; a < site.pools.size(); ++a)
    for (std::size_t b = 0; b < site.pools.size(); ++b)
      ground.between[a].push_back(between(site, static_cast<std::int64_t>(a), static_cast<std::int64_t>(b)));
}

}  // namespace

TrainingGround training_ground(const Site& site, const Workload& workload, const Catalogue& catalogue, const Zoo& zoo) {
  TrainingGround ground;
  std::vector<bool> wanted(workload.names.size(), false);
  bool any = false;
  for (const Job& job : workload.jobs)
    if (job.type == JobType::training) any = wanted[job.model] = true;
  if (!any) return ground;
  for (std::size_t id = 0; id < wanted.size(); ++id) {
    const std::string& name = workload.names[static_cast<Names::Id>(id)];
    const ModelEntry* entry = wanted[id] ? zoo.find(name) : nullptr;
    if (!entry) continue;
    if (entry->generic())
      ground.generics.emplace(name, entry->generic_model());
    else
      ground.models.emplace(name, entry->architecture());
  }
  const bool tiers = !site.tiers.empty() && !site.wiring && site.networks.empty();
  const Clos clos = tiers ? clos_of(site) : Clos{};
  if (!site.networks.empty())
    add_pools(ground, site, catalogue);
  else
    for (std::size_t p = 0; p < site.pools.size(); ++p)
      ground.pools.push_back(ground_of(site, p, tiers ? &clos : nullptr, catalogue));
  ground.drive = [&site, &catalogue](std::size_t p, Layout& layout) {
    const Chip& chip = site.pools[p].chip;
    const SoftwareKind& software = default_software(chip, catalogue, layout);
    // What the job's own words switch stays switched.
    const bool gradients = layout.overlap_gradients, tensor = layout.overlap_tensor;
    set_habits(layout, *kernels_of(chip, catalogue).kind, software);
    layout.overlap_gradients = layout.overlap_gradients && gradients;
    layout.overlap_tensor = layout.overlap_tensor || tensor;
    return accelerator_of(chip, catalogue, software.name);
  };
  return ground;
}

}  // namespace alight
