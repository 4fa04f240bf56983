#include "sim/runtime/training_ground.hpp"

#include <algorithm>

#include "platforms/accelerator.hpp"
#include "platforms/catalogue/entries.hpp"
#include "platforms/fabric.hpp"
#include "platforms/topology/clos.hpp"
#include "platforms/topology/parts.hpp"
#include "platforms/topology/pool_network.hpp"

namespace alight {

namespace {

std::int64_t domain_of(const Pool& pool) {
  const std::int64_t domain = pool.server.scale_up_domain.value_or(pool.chip.scale_up_domain.value_or(1));
  return domain > kLargestServer ? domain : std::min(std::max(domain, std::int64_t{1}), pool.server.chips);
}

FabricOverrides network_of(const Pool& pool, const PoolNetwork& network) {
  FabricOverrides known;
  if (network.server_gbps > 0) known.scale_out_gbps = network.server_gbps / static_cast<double>(pool.server.chips);
  known.network = network.fabric;
  known.domain = network.domain.value_or(domain_of(pool));
  if (network.scale_up_gbps) known.scale_up_gbs = *network.scale_up_gbps * 2 / 8;
  known.leaf.oversubscription = network.leaf_oversubscription;
  known.pod.oversubscription = network.pod_oversubscription;
  if (network.leaf_latency_s > 0) known.leaf.latency_us = network.leaf_latency_s * 1e6;
  if (network.pod_latency_s > 0) known.pod.latency_us = network.pod_latency_s * 1e6;
  known.leaf.routing = known.pod.routing = network.routing;
  known.leaf.cables = network.leaf_cables;
  known.pod.cables = network.pod_cables;
  known.pod.nics = network.server_nics / static_cast<double>(pool.server.chips);
  known.leaf.nics = known.pod.nics / network.rails;
  known.leaf.rails = network.rails;
  return known;
}

std::string unknown_of(const Chip& chip) {
  if (!chip.bf16_tflops || *chip.bf16_tflops <= 0) return "the catalogue does not know the rate of its chips";
  if (!chip.memory_gb || *chip.memory_gb <= 0) return "the catalogue does not know the memory of its chips";
  if (!chip.memory_gbs || *chip.memory_gbs <= 0) return "the catalogue does not know the memory bandwidth of its chips";
  return {};
}

}  // namespace

std::vector<TrainingGround::PoolGround> pool_grounds(const Site& site, const Catalogue& catalogue) {
  std::vector<TrainingGround::PoolGround> pools;
  std::vector<bool> domains;
  for (const Pool& pool : site.pools) domains.push_back(domain_of(pool) > pool.server.chips);
  const std::vector<PoolNetwork> networks = pool_networks(site, domains);
  for (std::size_t p = 0; p < site.pools.size(); ++p) {
    const Pool& pool = site.pools[p];
    TrainingGround::PoolGround& own = pools.emplace_back(
        TrainingGround::PoolGround{.missing = unknown_of(pool.chip), .server_chips = pool.server.chips});
    if (own.missing.empty()) own.chip = accelerator_of(pool.chip, catalogue);
    own.fabric = fabric_of(pool.chip, catalogue, network_of(pool, networks[p]));
    own.leaf_servers = networks[p].leaf_servers;
    own.pods = networks[p].pods;
    const std::int64_t domain = networks[p].domain.value_or(0);
    if (domain <= pool.server.chips || own.leaf_servers <= 0) continue;
    own.domain_leaves = std::max<std::int64_t>(1, domain / pool.server.chips / own.leaf_servers);
    const std::int64_t network = scale_up_of(site, static_cast<std::int64_t>(p));
    own.domain_is_grid = network >= 0 && site.networks[static_cast<std::size_t>(network)].grid.has_value();
  }
  return pools;
}

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
  ground.pools = pool_grounds(site, catalogue);
  if (site.storage) {
    const auto routes = routes_of(site);
    for (std::size_t p = 0; p < site.pools.size(); ++p) ground.storage.push_back(storage_way(site, p, *routes));
  }
  if (!site.networks.empty()) {
    ground.between.resize(site.pools.size());
    for (std::size_t a = 0; a < site.pools.size(); ++a)
      for (std::size_t b = 0; b < site.pools.size(); ++b)
        ground.between[a].push_back(between(site, static_cast<std::int64_t>(a), static_cast<std::int64_t>(b)));
  }
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
